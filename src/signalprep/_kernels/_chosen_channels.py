"""Run a kernel over the chosen channels only, without a copy when these are neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["chosen", "run_chosen"]


def chosen(values: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """The chosen channels, contiguous: a view when these are neighbours in order, else a copy."""
    rows = _neighbours(channels)
    return values[channels] if rows is None else values[rows]


def run_chosen(
    values: np.ndarray,
    channels: np.ndarray,
    out: np.ndarray,
    kernel: Callable[[np.ndarray, np.ndarray], None],
) -> None:
    """Call ``kernel(x, target)`` for the chosen channels and copy the others to `out`."""
    x = chosen(values, channels)
    rows = _neighbours(channels)
    if rows is None:
        target = np.empty_like(x)
        kernel(x, target)
        out[:] = values
        out[channels] = target
        return
    kernel(x, out[rows])
    out[: rows.start] = values[: rows.start]
    out[rows.stop :] = values[rows.stop :]


def _neighbours(channels: np.ndarray) -> slice | None:
    """Where the channels are when they follow each other; None when they do not."""
    numbers = channels.tolist()  # of some channels, which arrays take longer for
    first = numbers[0] if numbers else 0
    rows = slice(first, first + len(numbers))
    return rows if numbers == list(range(rows.start, rows.stop)) else None
