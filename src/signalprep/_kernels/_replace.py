"""Values in place of samples that are flagged already."""

import numpy as np

from ._actions import held_memory, held_reset, held_sizes, replacement
from ._kernel import ACTION, REFUSES, Kernel, is_refused
from ._njit import njit

_BLOCK = 256  # flags looked through at a time


@njit(nogil=True, cache=True)
def _advance(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    """``flags`` come in, and ``out`` holds what takes their place as a last resort.

    Good is what is neither flagged nor NaN.
    """
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        action = int(params[channel if params.shape[0] > 1 else 0, ACTION])
        held = numbers[channel, 0]
        for segment in range(bounds.size - 1):
            if segment > 0:
                held = np.nan
            for i in range(bounds[segment], bounds[segment + 1]):
                sample = np.float64(x[channel, i])
                if flags[channel, i] != 0:
                    instead = np.float64(out[channel, i])
                    out[channel, i] = replacement(action, sample, held, instead, instead)
                    continue
                out[channel, i] = sample
                if not np.isnan(sample):
                    held = sample
        numbers[channel, 0] = held
    return False


REPLACE = Kernel("replace", held_sizes, held_reset, _advance, None, held_memory)


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
    for begin in range(0, flags.size, _BLOCK):
        block = flags[begin : begin + _BLOCK]
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
