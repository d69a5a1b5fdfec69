"""Physical limits, and values in place of flagged samples.

``mask`` is uint8 of the shape of x, not 0 where flagged.
"""

import numpy as np
from numba import njit

KEEP = 0  # the sample itself: flag only
NAN = 1
HOLD = 2  # last good sample of the segment
CLIP = 4  # the limit; the codes are those of the Hampel filter


@njit(nogil=True, cache=True)
def limit_step(
    held: np.ndarray, sample: float, low: float, high: float, action: int
) -> tuple[float, bool]:
    """Push one sample; return (output, flagged).

    ``held`` (1,) is the state: the last good sample, NaN at first. Flagged are samples below
    ``low`` or above ``high``. HOLD gives the last good sample, the limit while there is none. A NaN
    is never flagged and stays NaN.
    """
    flagged = sample < low or sample > high
    limit = low if sample < low else high
    last_good = held[0]
    if not np.isnan(sample) and not flagged:
        held[0] = sample
    if not flagged or action == KEEP:
        return sample, flagged
    if action == NAN:
        return np.nan, flagged
    if action == HOLD and not np.isnan(last_good):
        return last_good, flagged
    return limit, flagged


@njit(nogil=True, cache=True)
def limits(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    mask: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    action: int,
) -> None:
    """Hold channel c within low[c] <= x <= high[c] (-inf, inf: no limit); fills out and mask."""
    n_segments = bounds.size - 1
    held = np.empty(1)
    for task in range(first, last):
        channel = task // n_segments
        held[0] = np.nan
        for i in range(bounds[task % n_segments], bounds[task % n_segments + 1]):
            value, flagged = limit_step(
                held, np.float64(x[channel, i]), low[channel], high[channel], action
            )
            out[channel, i] = value
            mask[channel, i] = flagged


@njit(nogil=True, cache=True)
def _fill(signal: np.ndarray, output: np.ndarray, left: int, right: int) -> None:
    """Straight line between good samples ``left`` and ``right``, or the only one of the two."""
    if left < 0 and right >= signal.size:
        output[:] = np.nan
    elif left < 0:
        output[:right] = signal[right]
    elif right >= signal.size:
        output[left + 1 :] = signal[left]
    else:
        begin = np.float64(signal[left])
        rise = np.float64(signal[right]) - begin
        for i in range(left + 1, right):
            output[i] = begin + rise * (i - left) / (right - left)


@njit(nogil=True, cache=True)
def _interpolate(signal: np.ndarray, output: np.ndarray, flags: np.ndarray) -> None:
    left = -1
    pending = False
    for i in range(signal.size):
        if flags[i] != 0:
            pending = True
        elif not np.isnan(signal[i]):
            if pending:
                _fill(signal, output, left, i)
            left = i
            pending = False
    if pending:
        _fill(signal, output, left, signal.size)
    for i in range(signal.size):
        if flags[i] == 0:
            output[i] = signal[i]


@njit(nogil=True, cache=True)
def interpolate_flagged(
    first: int, last: int, x: np.ndarray, bounds: np.ndarray, out: np.ndarray, mask: np.ndarray
) -> None:
    """Straight lines, in sample number, in place of flagged samples.

    They join the good samples on both sides. Good is what is neither flagged nor NaN. At the
    ends of a segment the nearest good sample; without any, NaN. A NaN that is not flagged stays
    NaN.
    """
    n_segments = bounds.size - 1
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        _interpolate(x[channel, begin:end], out[channel, begin:end], mask[channel, begin:end])


@njit(nogil=True, cache=True)
def longest_flagged_run(mask: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Most flagged samples in a row within a segment, for each channel: int64 (n_channels,)."""
    longest = np.zeros(mask.shape[0], dtype=np.int64)
    for channel in range(mask.shape[0]):
        for segment in range(bounds.size - 1):
            run = 0
            for i in range(bounds[segment], bounds[segment + 1]):
                run = run + 1 if mask[channel, i] != 0 else 0
                longest[channel] = max(longest[channel], run)
    return longest
