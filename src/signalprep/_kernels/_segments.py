"""What several kernels ask of one segment."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def first_number(signal: np.ndarray) -> float:
    """The first sample that is not NaN; NaN when there is none.

    Filters work on the distance from this sample, so that a constant goes through them bit by bit.
    """
    for i in range(signal.size):
        if not np.isnan(signal[i]):
            return np.float64(signal[i])
    return np.nan
