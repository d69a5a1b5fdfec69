"""Physical limits, and values in place of flagged samples.

``mask`` is uint8 of the shape of x, not 0 where flagged.
"""

import numpy as np
from numba import njit

from ._actions import HOLD, KEEP, NAN

BLOCK = 256  # samples looked through at a time for one to hold


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
def _limit_rowwise(
    signal: np.ndarray, output: np.ndarray, low: float, high: float, action: int
) -> None:
    """KEEP, NAN and CLIP: no state, so that the compiler takes several samples at a time."""
    if action == KEEP:
        output[:] = signal
    elif action == NAN:
        for i in range(signal.size):
            sample = np.float64(signal[i])
            output[i] = np.nan if (sample < low) | (sample > high) else sample
    else:
        for i in range(signal.size):
            sample = np.float64(signal[i])
            raised = low if sample < low else sample
            output[i] = high if sample > high else raised


@njit(nogil=True, cache=True)
def _limit_held(signal: np.ndarray, output: np.ndarray, low: float, high: float) -> None:
    """HOLD: blocks without a flagged sample are copied, the others go through the step."""
    held = np.full(1, np.nan)
    for begin in range(0, signal.size, BLOCK):
        block = signal[begin : begin + BLOCK]
        target = output[begin : begin + BLOCK]
        n_flagged = 0
        for i in range(block.size):
            sample = np.float64(block[i])
            n_flagged += int((sample < low) | (sample > high))
        if n_flagged == 0:
            target[:] = block
            last = block.size - 1
            while last >= 0 and np.isnan(block[last]):
                last -= 1
            if last >= 0:
                held[0] = block[last]
            continue
        for i in range(block.size):
            target[i], _ = limit_step(held, np.float64(block[i]), low, high, HOLD)


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
    """Hold channel c within low[c] <= x <= high[c] (-inf, inf: no limit); fills out and mask.

    The loop over `limit_step`, with short cuts to the same result. The one of ``out`` and ``mask``
    that is not wanted may be of shape (n_channels, 0).
    """
    n_segments = bounds.size - 1
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        signal = x[channel, begin:end]
        output = out[channel, begin:end]
        flags = mask[channel, begin:end]
        if output.size and action == HOLD:
            _limit_held(signal, output, low[channel], high[channel])
        elif output.size:
            _limit_rowwise(signal, output, low[channel], high[channel], action)
        for i in range(flags.size):
            sample = np.float64(signal[i])
            flags[i] = (sample < low[channel]) | (sample > high[channel])


@njit(nogil=True, cache=True)
def regime_limits(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    mask: np.ndarray,
    regime: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    action: int,
) -> None:
    """As `limits`, with low[c, r] and high[c, r] for the rows i where regime[i] is r."""
    n_segments = bounds.size - 1
    held = np.empty(1)
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        output = out[channel, begin:end]
        flags = mask[channel, begin:end]
        held[0] = np.nan
        for i in range(end - begin):
            r = regime[begin + i]
            value, flagged = limit_step(
                held, np.float64(x[channel, begin + i]), low[channel, r], high[channel, r], action
            )
            if output.size:
                output[i] = value
            if flags.size:
                flags[i] = flagged


@njit(nogil=True, cache=True)
def replace_step(
    held: np.ndarray, sample: float, flagged: bool, instead: float, action: int
) -> float:
    """Push one sample that is judged already; return what takes its place.

    ``held`` (1,) is the state: the last good sample, NaN at first. CLIP gives ``instead``, HOLD the
    last good sample, and ``instead`` while there is none. Good is what is neither flagged nor NaN.
    """
    if not flagged:
        if not np.isnan(sample):
            held[0] = sample
        return sample
    if action == KEEP:
        return sample
    if action == NAN:
        return np.nan
    if action == HOLD and not np.isnan(held[0]):
        return held[0]
    return instead


@njit(nogil=True, cache=True)
def replace_flagged(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    mask: np.ndarray,
    instead: np.ndarray,
    action: int,
) -> None:
    """Act on samples that are flagged already, by `replace_step`; ``instead`` is shaped like x."""
    n_segments = bounds.size - 1
    held = np.empty(1)
    for task in range(first, last):
        channel = task // n_segments
        held[0] = np.nan
        for i in range(bounds[task % n_segments], bounds[task % n_segments + 1]):
            out[channel, i] = replace_step(
                held,
                np.float64(x[channel, i]),
                mask[channel, i] != 0,
                instead[channel, i],
                action,
            )


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
def _longest_run(flags: np.ndarray) -> int:
    """Most flagged samples in a row; blocks without any are passed over."""
    longest, run = 0, 0
    for begin in range(0, flags.size, BLOCK):
        block = flags[begin : begin + BLOCK]
        n_flagged = 0
        for i in range(block.size):
            n_flagged += block[i] != 0
        if n_flagged == 0:
            run = 0
            continue
        for i in range(block.size):
            run = run + 1 if block[i] != 0 else 0
            longest = max(longest, run)
    return longest


@njit(nogil=True, cache=True)
def longest_flagged_run(mask: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Most flagged samples in a row within a segment, for each channel: int64 (n_channels,)."""
    longest = np.zeros(mask.shape[0], dtype=np.int64)
    for channel in range(mask.shape[0]):
        for segment in range(bounds.size - 1):
            flags = mask[channel, bounds[segment] : bounds[segment + 1]]
            longest[channel] = max(longest[channel], _longest_run(flags))
    return longest
