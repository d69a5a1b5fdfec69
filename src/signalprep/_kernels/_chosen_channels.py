"""Run a kernel over the chosen channels only, without a copy when these are neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["chosen", "rows_of", "run_chosen"]


def chosen(values: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """The chosen channels, contiguous: a view when these are neighbours in order, else a copy."""
    return values[rows_of(channels)]


def run_chosen(
    values: np.ndarray,
    channels: np.ndarray,
    out: np.ndarray,
    kernel: Callable[[np.ndarray, np.ndarray], None],
) -> None:
    """Call ``kernel(x, target)`` for the chosen channels and copy the others to `out`."""
    rows = rows_of(channels)
    if not isinstance(rows, slice):
        x = values[channels]
        target = np.empty_like(x)
        kernel(x, target)
        out[:] = values
        out[channels] = target
        return
    kernel(values[rows], out[rows])
    out[: rows.start] = values[: rows.start]
    out[rows.stop :] = values[rows.stop :]


def rows_of(channels: np.ndarray) -> slice | np.ndarray:
    """Where the channels are: a slice when they follow each other, else the channels."""
    numbers = channels.tolist()  # of some channels, which arrays take longer for
    first = numbers[0] if numbers else 0
    rows = slice(first, first + len(numbers))
    return rows if numbers == list(range(rows.start, rows.stop)) else channels
