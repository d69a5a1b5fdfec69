"""Scales of the windows of the Hampel filter, to learn noise floors from."""

import numpy as np

from ._hampel import (
    ABSENT,
    LOOKAHEAD,
    MAD_TO_STD,
    MISSING,
    NUMBERS,
    OMIT,
    WINDOW,
    distance_of_rank,
    exchange,
    median,
    ordered_size,
    turn,
)
from ._njit import njit


@njit(nogil=True, cache=True)
def _scale(ordered: np.ndarray, n: int) -> float:
    """S of the n numbers in the window, n > 0."""
    middle = median(ordered, n)
    deviation = distance_of_rank(ordered, n, middle, n >> 1)
    if n & 1 == 0:
        deviation = 0.5 * (distance_of_rank(ordered, n, middle, (n >> 1) - 1) + deviation)
    return MAD_TO_STD * deviation


@njit(nogil=True, cache=True)
def hampel_scales(
    first: int, last: int, x: np.ndarray, bounds: np.ndarray, out: np.ndarray, row: np.ndarray
) -> None:
    """Fill ``out`` with S of the window of each sample; NaN where the filter gives NaN.

    ``row`` holds the parameters of the filter, of which floors do not matter.
    """
    n_segments = bounds.size - 1
    window, lookahead, omit = int(row[WINDOW]), int(row[LOOKAHEAD]), row[OMIT] != 0.0
    ordered, recent = np.empty(ordered_size(window)), np.empty(window)
    counts = np.empty(3, dtype=np.int64)
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        size = bounds[task % n_segments + 1] - begin
        ordered[:], recent[:], counts[:] = np.inf, ABSENT, 0
        for i in range(size + lookahead):
            sample = np.float64(x[channel, begin + i]) if i < size else ABSENT
            leaving, entering, value = turn(recent, counts, sample, lookahead)
            exchange(ordered, leaving, entering)
            usable = value < np.inf and (omit or counts[MISSING] == 0)
            if i >= lookahead:
                scale = _scale(ordered, counts[NUMBERS]) if usable else np.nan
                out[channel, begin + i - lookahead] = scale
