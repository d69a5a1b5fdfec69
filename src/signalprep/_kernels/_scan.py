"""Sum, least and greatest value of each channel in one pass: all that most checks need to know."""

import numpy as np
from numba import njit

_LANES = 64  # running values side by side, which the compiler turns into vector instructions


@njit(nogil=True, cache=True)
def scan(first: int, last: int, x: np.ndarray, facts: np.ndarray) -> None:
    """facts[c] = (sum, least, greatest) of channel c, for first <= c < last.

    The sum is NaN or infinite where a channel holds NaN or an infinity, or is too large for a
    double; its last digits are not those of numpy. NaN is passed over by the other two, which are
    +inf and -inf where there is no number.
    """
    n = x.shape[1]
    totals = np.empty(_LANES)
    lows = np.empty(_LANES)
    highs = np.empty(_LANES)
    for channel in range(first, last):
        totals[:] = 0.0
        lows[:] = np.inf
        highs[:] = -np.inf
        for begin in range(0, n, _LANES):
            samples = x[channel, begin : begin + _LANES]
            for k in range(samples.size):
                value = np.float64(samples[k])
                totals[k] += value
                lows[k] = value if value < lows[k] else lows[k]
                highs[k] = value if value > highs[k] else highs[k]
        facts[channel, 0] = totals.sum()
        facts[channel, 1] = lows.min()
        facts[channel, 2] = highs.max()
