"""Quantiles of whole channels, exact, without sorting them.

A sorted sample tells within which values each quantile lies; one pass counts what is below and
collects what is between, and only these few are looked at closely. Sorting and partitioning are
left to numpy, which does several values at a time where the processor can.
"""

import numpy as np
from numpy.typing import NDArray

from ._njit import njit

SAMPLE = 16384  # values that bracket a quantile
SPREAD = 256  # four standard deviations of the median's rank in the sample
_BLOCK = 512  # values that stay in the cache while they are compared with every bracket


@njit(nogil=True, cache=True)
def _compare(
    block: np.ndarray, lows: np.ndarray, highs: np.ndarray, below: np.ndarray, inside: np.ndarray
) -> None:
    """Mark the values that lie in a bracket, ends included; add to the numbers below each."""
    inside[:] = 0
    for k in range(lows.size):
        low = lows[k]
        high = highs[k]
        n_below = 0
        for i in range(block.size):
            n_below += int(block[i] < low)
        for i in range(block.size):
            inside[i] |= np.uint8((block[i] >= low) & (block[i] <= high))
        below[k] += n_below


@njit(nogil=True, cache=True)
def _count_and_collect(
    signal: np.ndarray, lows: np.ndarray, highs: np.ndarray, below: np.ndarray, found: np.ndarray
) -> tuple[int, int]:
    """Fill ``below`` with the numbers below each bracket, ``found`` with those in any of them.

    Gives how many numbers there are and how many were found; ``found`` has room for one more than
    there can be.
    """
    below[:] = 0
    inside = np.empty(_BLOCK, dtype=np.uint8)
    n, n_found = 0, 0
    for begin in range(0, signal.size, _BLOCK):
        block = signal[begin : begin + _BLOCK]
        _compare(block, lows, highs, below, inside)
        for i in range(block.size):
            n += int(block[i] == block[i])  # not NaN
        for i in range(block.size):
            found[n_found] = block[i]
            n_found += int(inside[i])
    return n, n_found


def _brackets(
    signal: np.ndarray, probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest value each quantile may have, as far as values at equal distances tell."""
    sample = signal[:: -(-signal.size // SAMPLE)].astype(np.float64)
    sample = np.sort(sample[~np.isnan(sample)])
    if signal.size <= 4 * SAMPLE or sample.size < SAMPLE // 4:
        return np.full(probabilities.size, -np.inf), np.full(probabilities.size, np.inf)
    middle = (probabilities * sample.size).astype(np.int64)
    lows = sample[np.maximum(middle - SPREAD, 0)]
    return lows, sample[np.minimum(middle + SPREAD, sample.size - 1)]


def _interpolated(values: NDArray[np.float64], rank: int, fraction: float) -> float:
    """Between order statistics ``rank`` and the next, in the two forms that numpy chooses from."""
    parted = np.partition(values, rank)
    lower = parted[rank]
    upper = lower if rank + 1 == values.size else parted[rank + 1 :].min()
    with np.errstate(over="ignore", invalid="ignore"):
        step = upper - lower
        if fraction >= 0.5:
            return float(upper - step * (1.0 - fraction))
        return float(lower + step * fraction)


def quantiles(
    first: int, last: int, x: np.ndarray, probabilities: NDArray[np.float64], out: np.ndarray
) -> None:
    """Fill ``out`` (n_channels, n_probabilities); a task is a channel.

    By linear interpolation, as ``numpy.quantile`` gives them. NaN is left out, and a channel
    without any value has NaN.
    """
    found = np.empty(x.shape[1] + 1)
    below = np.empty(probabilities.size, dtype=np.int64)
    for channel in range(first, last):
        signal = x[channel]
        lows, highs = _brackets(signal, probabilities)
        n, n_found = _count_and_collect(signal, lows, highs, below, found)
        out[channel] = np.nan
        for k in range(probabilities.size if n > 0 else 0):
            position = probabilities[k] * (n - 1)
            rank = int(np.floor(position))
            values = found[:n_found]
            values = values[(values >= lows[k]) & (values <= highs[k])]
            rank_inside = rank - below[k]
            if not 0 <= rank_inside < values.size - 1:
                # the sample was not like the whole, or the quantile is an end of it
                values, rank_inside = signal[~np.isnan(signal)].astype(np.float64), rank
            out[channel, k] = _interpolated(values, rank_inside, position - rank)
