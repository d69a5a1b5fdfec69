"""Whether the rows of every cycle follow one another at the sample time."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def evenly_spaced(
    bounds: np.ndarray, codes: np.ndarray, seconds: np.ndarray, sample_time: float, jitter: float
) -> bool:
    """True when no step inside a cycle is off by more than ``jitter`` (relative, below 1).

    Row i is at ``seconds[codes[i]]``; cycle k holds rows bounds[k] to bounds[k + 1] - 1. Time that
    is missing (code -1) or not finite gives False.
    """
    allowed = jitter * sample_time
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
