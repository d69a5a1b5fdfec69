"""Limits of each channel, or of each channel and regime: samples beyond them are flagged.

A NaN is never flagged and stays NaN. HOLD gives the limit while there is no good sample.
"""

import numpy as np
from numpy.typing import NDArray

from ._actions import HOLD, KEEP, NAN, held_memory, held_reset, held_sizes, replacement
from ._kernel import ACTION, REFUSES, Kernel, is_refused
from ._njit import njit

LIMITS_FROM = 2  # column of the parameters: the low limit of each regime, then the high ones

_BLOCK = 256  # samples looked through at a time for one to hold


def limit_params(
    low: NDArray[np.float64], high: NDArray[np.float64], *, action: int = KEEP, refuses: float
) -> NDArray[np.float64]:
    """Parameters of the channels, for limits (n_channels, n_regimes); infinite where open."""
    shared = np.tile([refuses, float(action)], (len(low), 1))
    return np.column_stack([shared, low, high])


@njit(nogil=True, cache=True)
def _push(
    numbers: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    regime: np.ndarray,
    output: np.ndarray,
    flags: np.ndarray,
) -> None:
    """Push samples of a segment, one by one."""
    action, n_regimes = int(row[ACTION]), (row.size - LIMITS_FROM) // 2
    held = numbers[0]
    for i in range(signal.size):
        sample = np.float64(signal[i])
        place = LIMITS_FROM + (regime[i] if regime.size else 0)
        low, high = row[place], row[place + n_regimes]
        flagged = sample < low or sample > high
        limit = low if sample < low else high
        if output.size:
            output[i] = replacement(action, sample, held, limit, limit) if flagged else sample
        if flags.size:
            flags[i] = flagged
        if not flagged and not np.isnan(sample):
            held = sample
    numbers[0] = held


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
def _limit_held(
    numbers: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    no_regime: np.ndarray,
    output: np.ndarray,
    no_flags: np.ndarray,
) -> None:
    """HOLD: blocks without a flagged sample are copied, the others go one by one."""
    low, high = row[LIMITS_FROM], row[LIMITS_FROM + 1]
    for begin in range(0, signal.size, _BLOCK):
        block = signal[begin : begin + _BLOCK]
        target = output[begin : begin + _BLOCK]
        n_flagged = 0
        for i in range(block.size):
            sample = np.float64(block[i])
            n_flagged += int((sample < low) | (sample > high))
        if n_flagged > 0:
            _push(numbers, row, block, no_regime, target, no_flags)
            continue
        target[:] = block
        last = block.size - 1
        while last >= 0 and np.isnan(block[last]):
            last -= 1
        if last >= 0:
            numbers[0] = block[last]


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
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        row = params[channel if params.shape[0] > 1 else 0]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                held_reset(numbers[channel], counts[channel])
            _push(
                numbers[channel], row, x[channel, begin:end], regime[begin:end],
                out[channel, begin:end], flags[channel, begin:end],
            )  # fmt: skip
    return False


@njit(nogil=True, cache=True)
def _fast(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    if regime.size:
        return _advance(numbers, counts, params, x, bounds, regime, out, flags)
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        row = params[channel if params.shape[0] > 1 else 0]
        low, high, action = row[LIMITS_FROM], row[LIMITS_FROM + 1], int(row[ACTION])
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            signal, output = x[channel, begin:end], out[channel, begin:end]
            if segment > 0:
                held_reset(numbers[channel], counts[channel])
            marks = flags[channel, begin:end]
            if output.size and action == HOLD:
                _limit_held(numbers[channel], row, signal, regime, output, marks[:0])
            elif output.size:
                _limit_rowwise(signal, output, low, high, action)
            for i in range(marks.size):
                sample = np.float64(signal[i])
                marks[i] = (sample < low) | (sample > high)
    return False


LIMITS = Kernel("limits", held_sizes, held_reset, _advance, _fast, held_memory)
