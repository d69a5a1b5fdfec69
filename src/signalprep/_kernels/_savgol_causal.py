"""The causal Savitzky-Golay filter: the moving polynomial at the newest sample of its window.

The window grows at the start of a segment. Time: samples * window, by ``fast`` divided by the width
of vectors.
"""

import numpy as np
from numpy.typing import NDArray

from ._kernel import REFUSES, Kernel, is_refused
from ._njit import njit
from ._savgol import (
    DERIV,
    OMIT,
    TAPS,
    WINDOW,
    add,
    filter_windows,
    fit,
    fit_missing,
    give,
    load,
    make_room,
    sum_windows,
)
from ._taps import padded, places, running_sums, sum_rows, sum_taps

# columns of the counts; the numbers are the last samples, each held twice: any window is contiguous
PLACE = 0  # of the next sample
SEEN = 1  # samples in the window


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return 2 * int(row[WINDOW]), 2


def _memory(row: NDArray[np.float64]) -> int:
    return int(row[WINDOW]) - 1


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    counts[:] = 0


@njit(nogil=True, cache=True)
def _taps(row: np.ndarray, n: int) -> np.ndarray:
    """Coefficients for a window of n samples, as ``causal_taps`` lays them out."""
    begin = TAPS + n * (n - 1) // 2
    return row[begin : begin + n]


@njit(nogil=True, cache=True)
def _remember(numbers: np.ndarray, counts: np.ndarray, sample: float) -> None:
    window, place = numbers.size // 2, counts[PLACE]
    numbers[place] = numbers[place + window] = sample
    counts[PLACE] = place + 1 if place + 1 < window else 0
    counts[SEEN] = min(counts[SEEN] + 1, window)


@njit(nogil=True, cache=True)
def _push(
    numbers: np.ndarray,
    counts: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    output: np.ndarray,
) -> None:
    """Push samples of a segment, one by one."""
    differentiates, omit = row[DERIV] > 0.0, row[OMIT] != 0.0
    for i in range(signal.size):
        newest = np.float64(signal[i])
        _remember(numbers, counts, newest)
        n, end = counts[SEEN], counts[PLACE] + numbers.size // 2
        recent = numbers[end - n : end]
        result = sum_taps(_taps(row, n), recent)
        result += newest - newest if differentiates else newest  # NaN alone gives NaN
        if omit and np.isnan(result):
            result = fit(row, recent, n - 1)
        output[i] = result + 0.0  # as in ``give``


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
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _push(
                numbers[channel], counts[channel], params[0],
                x[channel, begin:end], out[channel, begin:end],
            )  # fmt: skip
    return False


@njit(nogil=True, cache=True)
def _growing_weights(row: np.ndarray, n: int) -> np.ndarray:
    """Column i < n: running sums of the coefficients for i + 1 samples, for ``sum_rows``."""
    weights = np.zeros((max(n - 1, 0), padded(n)))
    for i in range(1, n):
        weights[:i, i] = running_sums(_taps(row, i + 1))
    return weights


@njit(nogil=True, cache=True)
def _begin(
    numbers: np.ndarray,
    counts: np.ndarray,
    row: np.ndarray,
    growing: np.ndarray,
    room: np.ndarray,
    signal: np.ndarray,
    bounds: np.ndarray,
    output: np.ndarray,
) -> None:
    """The outputs of segments before their first full window: from the samples so far."""
    block, results = room[0], room[2]
    most, smooths = int(row[WINDOW]) - 1, row[DERIV] == 0.0
    for segment in range(bounds.size - 1 if most > 0 else 0):
        begin = bounds[segment]
        n = min(most, bounds[segment + 1] - begin)
        load(signal, begin, n, block, 0)
        sum_rows(growing, block, n, results, n, 1)
        if smooths:
            add(block, 0, results, n)
        if give(results, n, output, begin) or np.isnan(block[0]):
            # a missing sample is not in the window of every output
            _reset(numbers, counts)
            _push(numbers, counts, row, signal[begin : begin + n], output[begin : begin + n])


@njit(nogil=True, cache=True)
def _go_on(
    numbers: np.ndarray,
    counts: np.ndarray,
    row: np.ndarray,
    weights: np.ndarray,
    room: np.ndarray,
    signal: np.ndarray,
    output: np.ndarray,
) -> int:
    """The outputs whose windows begin before a signal; how many of its samples are remembered."""
    before, place = weights.size, counts[PLACE]
    n = min(before, signal.size)
    if counts[SEEN] < before:
        _push(numbers, counts, row, signal[:n], output[:n])
        return n
    block, differences, results = room[0], room[1], room[2]
    load(numbers, place + 1, before, block, 0)
    load(signal, 0, n, block, before)
    sum_windows(row, weights, places(before, 1, 0), block, differences, results, n)
    if give(results, n, output, 0) and row[OMIT] != 0.0:
        fit_missing(row, room, 1, before, output[:n])
    return 0


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
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    row, window = params[0], int(params[0, WINDOW])
    weights, room = running_sums(_taps(row, window)), make_room(window)
    begun = int(counts.shape[0] > 0 and counts[0, SEEN] > 0)  # the first segment, before x
    n_begin, end = bounds.size - 1 - begun, bounds[-1]
    growing = _growing_weights(row, window - 1 if n_begin > 0 else 0)
    for channel in range(x.shape[0]):
        signal, output = x[channel], out[channel]
        state, count = numbers[channel], counts[channel]
        filter_windows(row, weights, room, signal, bounds, output)
        remembered = bounds[-2]
        if begun > 0:
            first, last = bounds[0], bounds[1]
            n = _go_on(state, count, row, weights, room, signal[first:last], output[first:last])
            remembered = max(remembered, first + n)
        _begin(state, count, row, growing, room, signal, bounds[begun:], output)
        if n_begin > 0:
            _reset(state, count)
        for i in range(max(remembered, end - window), end):
            _remember(state, count, np.float64(signal[i]))
    return False


SAVGOL = Kernel("savgol", _sizes, _reset, _advance, _fast, _memory)
