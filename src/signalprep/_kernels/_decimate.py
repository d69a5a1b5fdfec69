"""Low-pass and keep every ``factor``-th sample; only kept samples are computed.

Kept are rows 0, factor, 2 * factor ... of each segment. Where fewer samples are there than taps, a
shorter filter of the same kind takes over (``decimator_edges``). A constant stays itself bit by bit
(``_taps``).

With ``omit``, a window that holds NaN is the weighted mean of the samples that are there, with the
filter's weights while these sum to at least one half, else with their absolute values.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ._kernel import NOTHING, REFUSES, Kernel, is_refused
from ._taps import (
    LANES,
    first_number,
    places,
    rows_of_running_sums,
    running_sums,
    sum_rows,
    sum_symmetric_taps,
    sum_symmetric_taps_of_block,
    sum_taps,
)

_BLOCK = 256  # outputs a pass; fewer for large factors, so that a pass stays in the cache
_LEAST_BLOCK = 16


# Columns of the parameters, after REFUSES: the filter, then the shorter ones of the edges.
FACTOR, OMIT, N_TAPS, _TAPS = 1, 2, 3, 4

# Numbers: the last samples, each held twice, so that any window is contiguous. Counts: place of the
# next sample, samples so far up to the taps, samples to the next output.
_PLACE, _SEEN, _TO_NEXT = 0, 1, 2


def decimator_params(
    factor: int,
    taps: NDArray[np.float64],
    edges: NDArray[np.float64],
    *,
    omit: bool,
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters for all channels.

    ``taps`` is symmetric with an odd number of taps and sums to one; ``edges`` is
    ``decimator_edges`` for the form that is wanted.
    """
    how = [refuses, float(factor), float(omit), float(taps.size)]
    return np.concatenate([how, taps, edges.ravel()])[np.newaxis]


def kept_bounds(bounds: NDArray[np.int64], factor: int) -> NDArray[np.int64]:
    """Borders of the segments among the kept rows: a segment of n rows keeps ceil(n / factor)."""
    kept = np.zeros(bounds.size, dtype=np.int64)
    np.cumsum(-(-np.diff(bounds) // factor), out=kept[1:])
    return kept


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return 2 * int(row[N_TAPS]), 3


def _memory(row: NDArray[np.float64]) -> int:
    return int(row[N_TAPS]) - 1


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    counts[:] = 0


@njit(nogil=True, cache=True)
def _filters(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Taps, and those of the edges."""
    n_taps = int(row[N_TAPS])
    end = _TAPS + n_taps
    return row[_TAPS:end], row[end:].reshape(((row.size - end) // n_taps, n_taps))


@njit(nogil=True, cache=True)
def _mean_of_numbers(taps: np.ndarray, window: np.ndarray) -> float:
    """Weighted mean of the numbers in ``window``; NaN when there is none."""
    reference = first_number(window)
    total = 0.0
    weight = 0.0
    for r in range(taps.size):
        if not np.isnan(window[r]):
            total += taps[r] * (window[r] - reference)
            weight += taps[r]
    if weight >= 0.5:
        return total / weight + reference
    total = 0.0
    weight = 0.0
    for r in range(taps.size):
        if not np.isnan(window[r]):
            total += abs(taps[r]) * (window[r] - reference)
            weight += abs(taps[r])
    return total / weight + reference if weight > 0.0 else np.nan


@njit(nogil=True, cache=True)
def _output(taps: np.ndarray, window: np.ndarray, symmetric: bool, omit: bool) -> float:
    """The filter's output; ``symmetric``: an odd number of taps, summed from both ends."""
    if symmetric:
        result = sum_symmetric_taps(taps, window) + window[window.size // 2]
    else:
        result = sum_taps(taps, window) + window[window.size - 1]
    return _mean_of_numbers(taps, window) if omit and np.isnan(result) else result


@njit(nogil=True, cache=True)
def _push(
    numbers: np.ndarray, counts: np.ndarray, row: np.ndarray, signal: np.ndarray, output: np.ndarray
) -> int:
    """Push samples, one by one; how many outputs that gave."""
    taps, edges = _filters(row)
    factor, omit = int(row[FACTOR]), row[OMIT] != 0.0
    n_kept = 0
    for i in range(signal.size):
        place, n = counts[_PLACE], min(counts[_SEEN] + 1, taps.size)
        _take_in(numbers, counts, row, signal[i : i + 1])
        if counts[_TO_NEXT] < factor - 1:
            continue
        window = numbers[place + taps.size + 1 - n : place + taps.size + 1]
        if n < taps.size:
            output[n_kept] = _output(edges[n // factor, :n], window, False, omit)
        else:
            output[n_kept] = _output(taps, window, True, omit)
        n_kept += 1
    return n_kept


@njit(nogil=True, cache=True)
def _take_in(numbers: np.ndarray, counts: np.ndarray, row: np.ndarray, signal: np.ndarray) -> None:
    """Put the samples on the ring."""
    n_taps = int(row[N_TAPS])
    place = counts[_PLACE]
    for i in range(max(0, signal.size - n_taps), signal.size):
        numbers[place] = numbers[place + n_taps] = signal[i]
        place = place + 1 if place + 1 < n_taps else 0
    counts[_PLACE] = place
    counts[_SEEN] = min(counts[_SEEN] + signal.size, n_taps)
    counts[_TO_NEXT] = (counts[_TO_NEXT] - signal.size) % int(row[FACTOR])


@njit(nogil=True, cache=True)
def _scratch(row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For `_filter`: running sums of the taps, differences by phase, their places, totals."""
    taps, _ = _filters(row)
    factor = int(row[FACTOR])
    totals = np.empty(max(_LEAST_BLOCK, min(_BLOCK, _BLOCK * 64 // factor)))
    phases = np.zeros((factor, totals.size + taps.size // factor + 1 + LANES))
    return running_sums(taps), phases, places(taps.size - 1, factor, phases.shape[1]), totals


@njit(nogil=True, cache=True)
def _filter(
    signal: np.ndarray,
    output: np.ndarray,
    row: np.ndarray,
    scratch: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Outputs whose windows are full; that of the first begins where ``signal`` does."""
    taps, _ = _filters(row)
    factor, omit = int(row[FACTOR]), row[OMIT] != 0.0
    weights, phases, where, totals = scratch
    differences = phases.reshape(phases.size)
    window = np.empty(taps.size)
    for j in range(0, output.size, totals.size):
        m = min(totals.size, output.size - j)
        samples = signal[j * factor : (j + m - 1) * factor + taps.size]
        n = samples.size - 1  # differences
        rounds = n // factor
        for p in range(factor):
            phase = phases[p]
            for i in range(rounds + (p < n - rounds * factor)):
                k = i * factor + p
                phase[i] = np.float64(samples[k]) - np.float64(samples[k + 1])
        sum_symmetric_taps_of_block(weights, differences, where, totals, m)
        for i in range(m):
            result = totals[i] + np.float64(samples[i * factor + taps.size // 2])
            if omit and np.isnan(result):
                for r in range(taps.size):
                    window[r] = samples[i * factor + r]
                result = _mean_of_numbers(taps, window)
            output[j + i] = result


@njit(nogil=True, cache=True)
def _filter_edge(
    signal: np.ndarray,
    output: np.ndarray,
    j: int,
    begin: int,
    taps: np.ndarray,
    symmetric: bool,
    omit: bool,
) -> None:
    """Output j from the samples from ``begin`` on, one for each tap."""
    window = np.empty(taps.size)
    for r in range(taps.size):
        window[r] = signal[begin + r]
    output[j] = _output(taps, window, symmetric, omit)


@njit(nogil=True, cache=True)
def _filter_start(
    signal: np.ndarray,
    output: np.ndarray,
    row: np.ndarray,
    weights: np.ndarray,
) -> None:
    """Outputs before the first full window of the causal form, from the samples so far.

    ``weights`` are the ``rows_of_running_sums`` of ``edges``.
    """
    if output.size == 0:
        return
    _, edges = _filters(row)
    factor, omit = int(row[FACTOR]), row[OMIT] != 0.0
    samples = signal[: (output.size - 1) * factor + 1].astype(np.float64)
    totals = np.empty((output.size + LANES - 1) // LANES * LANES)
    sum_rows(weights, samples, samples.size, totals, output.size, factor)
    if np.isnan(totals[output.size - 1]):  # a missing sample: not in the window of every row
        for j in range(output.size):
            _filter_edge(signal, output, j, 0, edges[j, : j * factor + 1], False, omit)
        return
    for j in range(output.size):
        output[j] = totals[j] + samples[j * factor]


@njit(nogil=True, cache=True)
def _filter_segment(
    numbers: np.ndarray,
    counts: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    output: np.ndarray,
    scratch: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    weights: np.ndarray,
) -> None:
    """Full windows block by block; ``weights`` are those of the edges."""
    n_taps, factor = int(row[N_TAPS]), int(row[FACTOR])
    if counts[_SEEN] == 0:
        n_kept = -(-signal.size // factor)
        n_start = min(-(-(n_taps - 1) // factor), n_kept)
        _filter_start(signal, output[:n_start], row, weights)
        if n_kept > n_start:
            begin = n_start * factor + 1 - n_taps
            _filter(signal[begin:], output[n_start:n_kept], row, scratch)
        _take_in(numbers, counts, row, signal)
        return
    n_one_by_one = min(max(n_taps - 1 - counts[_SEEN], 0), signal.size)
    n_start = _push(numbers, counts, row, signal[:n_one_by_one], output)
    rest, to_next = signal[n_one_by_one:], counts[_TO_NEXT]
    if rest.size > to_next:
        n_kept = n_start + (rest.size - to_next - 1) // factor + 1
        samples = np.empty(n_taps - 1 + rest.size)
        place = counts[_PLACE]
        samples[: n_taps - 1] = numbers[place + 1 : place + n_taps]
        samples[n_taps - 1 :] = rest
        _filter(samples[to_next:], output[n_start:n_kept], row, scratch)
    _take_in(numbers, counts, row, rest)


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
    """The outputs of a segment stand at its beginning in ``out``."""
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _push(
                numbers[channel], counts[channel], params[0], x[channel, begin:end],
                out[channel, begin:end],
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
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    row, scratch = params[0], _scratch(params[0])
    _, edges = _filters(row)
    fresh = bounds.size > 2
    for channel in range(x.shape[0]):
        fresh = fresh or counts[channel, _SEEN] == 0
    n_edges = edges.shape[0] if fresh else 0
    weights = rows_of_running_sums(edges, np.arange(n_edges) * int(row[FACTOR]) + 1)
    for channel in range(x.shape[0]):
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _filter_segment(
                numbers[channel], counts[channel], row, x[channel, begin:end],
                out[channel, begin:end], scratch, weights,
            )  # fmt: skip
    return False


DECIMATE = Kernel("decimate", _sizes, _reset, _advance, _fast, _memory)


@njit(nogil=True, cache=True)
def decimate_symmetric(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    kept: np.ndarray,
    row: np.ndarray,
) -> None:
    """The form without delay, whose windows are centred; at both ends these shrink to what fits.

    ``out`` is (n_channels, kept[-1]) and ``kept`` is ``kept_bounds(bounds, factor)``. Time: kept
    rows * taps.
    """
    n_segments = bounds.size - 1
    taps, edges = _filters(row)
    factor, omit = int(row[FACTOR]), row[OMIT] != 0.0
    reach = taps.size // 2
    scratch = _scratch(row)
    for task in range(first, last):
        channel, segment = task // n_segments, task % n_segments
        signal = x[channel, bounds[segment] : bounds[segment + 1]]
        output = out[channel, kept[segment] : kept[segment + 1]]
        n = signal.size
        begin = min(-(-reach // factor), output.size)
        end = max((n - 1 - reach) // factor + 1, begin)
        if end > begin:
            _filter(signal[begin * factor - reach :], output[begin:end], row, scratch)
        for j in range(output.size):
            if begin <= j < end:
                continue
            place = j * factor
            m = min(place, n - 1 - place) // factor
            edge = edges[m, : 2 * m * factor + 1]
            _filter_edge(signal, output, j, place - m * factor, edge, True, omit)
