"""Whether the rows of every cycle follow one another at the sample time."""

import numpy as np

from ._njit import njit


@njit(nogil=True, cache=True)
def _is_even(seconds: np.ndarray, sample_time: float, allowed: float) -> bool:
    """Whether all stamps, one after the other, are a sample time apart."""
    wrong = 0
    for i in range(1, seconds.size):
        wrong += int(not abs(seconds[i] - seconds[i - 1] - sample_time) <= allowed)
    return wrong == 0 and (seconds.size != 1 or np.isfinite(seconds[0]))


@njit(nogil=True, cache=True)
def _count_up(bounds: np.ndarray, codes: np.ndarray) -> bool:
    """Whether the codes of every cycle are whole numbers in a row, from 0 or more."""
    for k in range(bounds.size - 1):
        stamps = codes[bounds[k] : bounds[k + 1]]
        if stamps.size == 0 or stamps[0] < 0:
            return False
        wrong = 0
        for i in range(1, stamps.size):
            wrong += int(stamps[i] - stamps[i - 1] != 1)
        if wrong > 0:
            return False
    return True


@njit(nogil=True, cache=True)
def evenly_spaced(
    bounds: np.ndarray, codes: np.ndarray, seconds: np.ndarray, sample_time: float, jitter: float
) -> bool:
    """True when no step inside a cycle is off by more than ``jitter`` (relative, below 1).

    Row i is at ``seconds[codes[i]]``; cycle k holds rows bounds[k] to bounds[k + 1] - 1. Time that
    is missing (code -1) or not finite gives False.
    """
    allowed = jitter * sample_time
    if _is_even(seconds, sample_time, allowed) and _count_up(bounds, codes):
        return True
    for k in range(bounds.size - 1):
        stamps = codes[bounds[k] : bounds[k + 1]]
        if stamps.size == 0 or stamps[0] < 0 or not np.isfinite(seconds[stamps[0]]):
            return False
        before = seconds[stamps[0]]
        wrong = 0
        for i in range(1, stamps.size):
            here = seconds[max(stamps[i], 0)]
            near = abs(here - before - sample_time) <= allowed
            wrong += int(not near or stamps[i] < 0)
            before = here
        if wrong > 0:
            return False
    return True
