"""Run a kernel over the chosen channels only, without a copy when these are all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["chosen", "run_chosen"]


def chosen(values: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """The chosen channels, contiguous; `values` itself when these are all of them in order."""
    return values if np.array_equal(channels, np.arange(len(values))) else values[channels]


def run_chosen(
    values: np.ndarray,
    channels: np.ndarray,
    out: np.ndarray,
    kernel: Callable[[np.ndarray, np.ndarray], None],
) -> None:
    """Call ``kernel(x, target)`` for the chosen channels and copy the others to `out`."""
    x = chosen(values, channels)
    if x is values:
        kernel(x, out)
        return
    target = np.empty_like(x)
    kernel(x, target)
    out[:] = values
    out[channels] = target
