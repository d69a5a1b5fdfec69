"""Quantiles of whole channels, exact, without sorting them.

A sorted sample tells within which values a quantile lies; only these few are looked at closely.
"""

import numpy as np
from numba import njit

SAMPLE = 4096  # values that bracket a quantile
SPREAD = 128  # four standard deviations of the median's rank in the sample


@njit(nogil=True, cache=True)
def _between(signal: np.ndarray, low: float, high: float, found: np.ndarray) -> tuple[int, int]:
    """Collect the values in [low, high]; return how many lie below and how many are found."""
    below, n_found = 0, 0
    for i in range(signal.size):
        value = np.float64(signal[i])
        below += int(value < low)
        found[n_found] = value
        n_found += int((value >= low) & (value <= high))
    return below, n_found


@njit(nogil=True, cache=True)
def _interpolated(values: np.ndarray, rank: int, fraction: float) -> float:
    """Between order statistics ``rank`` and the next, in the two forms that numpy chooses from."""
    parted = np.partition(values, rank)
    lower = parted[rank]
    upper = lower if rank + 1 == values.size else parted[rank + 1 :].min()
    step = upper - lower
    if fraction >= 0.5:
        return upper - step * (1.0 - fraction)
    return lower + step * fraction


@njit(nogil=True, cache=True)
def _quantile(signal: np.ndarray, n: int, sample: np.ndarray, q: float, found: np.ndarray) -> float:
    """Quantile of the ``n`` values, from the few that a sorted sample of them says are close."""
    position = q * (n - 1)
    rank = int(np.floor(position))
    middle = int(q * sample.size)
    low, high = -np.inf, np.inf
    if n > 4 * SAMPLE:
        low = sample[max(middle - SPREAD, 0)]
        high = sample[min(middle + SPREAD, sample.size - 1)]
    below, n_found = _between(signal, low, high, found)
    if rank < below or rank + 1 >= below + n_found:  # the sample was not like the whole
        below, n_found = _between(signal, -np.inf, np.inf, found)
    return _interpolated(found[:n_found], rank - below, position - rank)


@njit(nogil=True, cache=True)
def _sorted_sample(signal: np.ndarray) -> np.ndarray:
    """Values at equal distances, in ascending order; (-inf, inf) where too many are missing."""
    sample = np.empty(SAMPLE)
    size = 0
    for i in range(0, signal.size, -(-signal.size // SAMPLE)):
        if not np.isnan(signal[i]):
            sample[size] = signal[i]
            size += 1
    if size < SAMPLE // 2:
        return np.array([-np.inf, np.inf])
    return np.sort(sample[:size])


@njit(nogil=True, cache=True)
def quantiles(
    first: int, last: int, x: np.ndarray, probabilities: np.ndarray, out: np.ndarray
) -> None:
    """Fill ``out`` (n_channels, n_probabilities); a task is a channel.

    By linear interpolation, as ``numpy.quantile`` gives them. NaN is left out, and a channel
    without any value has NaN.
    """
    found = np.empty(x.shape[1] + 1)
    for channel in range(first, last):
        signal = x[channel]
        n = 0
        for i in range(signal.size):
            n += int(not np.isnan(signal[i]))
        out[channel] = np.nan
        if n > 0:
            sample = _sorted_sample(signal)
            for k in range(probabilities.size):
                out[channel, k] = _quantile(signal, n, sample, probabilities[k], found)
