"""Low-pass and give one sample for ``factor`` of them; only these outputs are computed.

``factor`` is down / up in lowest terms. Output k of a segment stands at sample k * down / up of it,
and comes with the first sample that is not before it: sample (k * down + late) / up, where it is
``late`` / up of a sample behind. Its window ends there, without that sample where late > 0; its
taps are the branch ``late`` of the filter (``_decimator_design``). With up = 1 there is one branch
and every down-th sample is kept. Outputs up after each other have the same branch and windows that
are down samples apart.

Where fewer samples are there than taps, a shorter filter of the same kind takes over
(``decimator_edges``). A constant stays itself bit by bit (``_taps``).

With ``omit``, a window that holds NaN is the weighted mean of the samples that are there, with the
filter's weights while these sum to at least one half, else with their absolute values.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ._kernel import NOTHING, REFUSES, Kernel, is_refused
from ._njit import njit
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
    sum_taps_of_block,
)

_BLOCK = 256  # outputs a pass; fewer for large factors, so that a pass stays in the cache
_LEAST_BLOCK = 16


# Columns of the parameters, after REFUSES: the branches, then the shorter filters of the edges, all
# of N_TAPS taps with zeros at the end of those that have fewer.
UP, DOWN, OMIT, N_TAPS, _TAPS = 1, 2, 3, 4, 5

# Numbers: the last samples, each held twice, so that any window is contiguous. Counts: place of the
# next sample, samples so far up to the taps, from the next sample to the next output in 1 / up of a
# sample, which is above -up and at most down - up.
_PLACE, _SEEN, _TO_NEXT = 0, 1, 2


def decimator_params(
    factor: int | Fraction,
    taps: NDArray[np.float64],
    edges: NDArray[np.float64],
    *,
    omit: bool,
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters for all channels.

    ``taps`` is ``decimator_taps``, ``edges`` is ``decimator_edges`` for the form that is wanted.
    """
    down, up = factor.numerator, factor.denominator
    n_taps = edges.shape[1]
    branches = np.zeros(n_taps * up)
    branches[: taps.size] = taps
    how = [refuses, up, down, omit, n_taps]
    return np.concatenate([how, branches.reshape(n_taps, up).T.ravel(), edges.ravel()])[np.newaxis]


def kept_bounds(bounds: NDArray[np.int64], factor: int | Fraction) -> NDArray[np.int64]:
    """Borders of the segments among the outputs: those that stand on or between their rows."""
    kept = np.zeros(bounds.size, dtype=np.int64)
    np.cumsum((np.diff(bounds) - 1) * factor.denominator // factor.numerator + 1, out=kept[1:])
    return kept


def kept_samples(to_next: int, n: int, factor: int | Fraction) -> tuple[list[int], int]:
    """With which of the next n samples an output comes, and what is then to go to the next one.

    ``to_next`` is 0 at the start of a segment; it counts in 1 / up of a sample.
    """
    down, up = factor.numerator, factor.denominator
    n_kept = ((n - 1) * up - to_next) // down + 1
    kept = [-(-(to_next + k * down) // up) for k in range(n_kept)]
    return kept, to_next - n * up + n_kept * down


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return 2 * int(row[N_TAPS]), 3


def _memory(row: NDArray[np.float64]) -> int:
    return int(row[N_TAPS]) - 1


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    counts[:] = 0


@njit(nogil=True, cache=True)
def _filters(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Branches of taps, and the filters of the edges."""
    up, n_taps = int(row[UP]), int(row[N_TAPS])
    end = _TAPS + up * n_taps
    branches = row[_TAPS:end].reshape((up, n_taps))
    return branches, row[end:].reshape(((row.size - end) // n_taps, n_taps))


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
    branches, edges = _filters(row)
    up, down, n_taps = int(row[UP]), int(row[DOWN]), int(row[N_TAPS])
    omit = row[OMIT] != 0.0
    n_kept = 0
    for i in range(signal.size):
        place, n = counts[_PLACE], min(counts[_SEEN] + 1, n_taps)
        late = -counts[_TO_NEXT]
        _take_in(numbers, counts, row, signal[i : i + 1])
        if late < 0:
            continue
        window = numbers[place + n_taps + 1 - n : place + n_taps + 1 - (late > 0)]
        if n < n_taps:
            edge = edges[((n - 1) * up - late) // down, : window.size]
            output[n_kept] = _output(edge, window, False, omit)
        else:
            output[n_kept] = _output(branches[late, : window.size], window, up == 1, omit)
        n_kept += 1
    return n_kept


@njit(nogil=True, cache=True)
def _take_in(numbers: np.ndarray, counts: np.ndarray, row: np.ndarray, signal: np.ndarray) -> None:
    """Put the samples on the ring."""
    up, down, n_taps = int(row[UP]), int(row[DOWN]), int(row[N_TAPS])
    place = counts[_PLACE]
    for i in range(max(0, signal.size - n_taps), signal.size):
        numbers[place] = numbers[place + n_taps] = signal[i]
        place = place + 1 if place + 1 < n_taps else 0
    counts[_PLACE] = place
    counts[_SEEN] = min(counts[_SEEN] + signal.size, n_taps)
    counts[_TO_NEXT] = (counts[_TO_NEXT] - signal.size * up + up - 1) % down + 1 - up


@njit(nogil=True, cache=True)
def _scratch(row: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For `_filter`: running sums of the taps, differences by phase, their places, totals."""
    branches, _ = _filters(row)
    down, n_taps = int(row[DOWN]), int(row[N_TAPS])
    totals = np.empty(max(_LEAST_BLOCK, min(_BLOCK, _BLOCK * 64 // down)))
    phases = np.zeros((down, totals.size + n_taps // down + 2 + LANES))
    weights = np.zeros((len(branches), n_taps - 1))
    for late in range(len(branches)):
        n = n_taps - (late > 0)
        weights[late, : n - 1] = running_sums(branches[late, :n])
    return weights, phases, places(n_taps - 1 + down, down, phases.shape[1]), totals


@njit(nogil=True, cache=True)
def _filter(
    signal: np.ndarray,
    output: np.ndarray,
    row: np.ndarray,
    scratch: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    late: int,
) -> None:
    """Outputs whose windows are full; that of the first, which is late, begins as ``signal``."""
    _, phases, _, totals = scratch
    up, down, n_taps = int(row[UP]), int(row[DOWN]), int(row[N_TAPS])
    rounds = totals.size  # of outputs, one of each branch
    for j in range(0, output.size, rounds * up):
        part = output[j : j + rounds * up]
        begin = j // up * down
        end = begin - (late - (part.size - 1) * down) // up + n_taps
        samples = signal[begin:end]
        n = samples.size - 1  # differences
        whole = n // down
        for p in range(down):
            phase = phases[p]
            for i in range(whole + (p < n - whole * down)):
                k = i * down + p
                phase[i] = np.float64(samples[k]) - np.float64(samples[k + 1])
        for first in range(min(up, part.size)):
            _filter_branch(samples, part, first, row, scratch, late)


@njit(nogil=True, cache=True)
def _filter_branch(
    samples: np.ndarray,
    part: np.ndarray,
    first: int,
    row: np.ndarray,
    scratch: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    late: int,
) -> None:
    """Of a block of outputs the first, and every up-th after it: those of one branch."""
    weights, phases, where, totals = scratch
    branches, _ = _filters(row)
    up, down, omit = int(row[UP]), int(row[DOWN]), row[OMIT] != 0.0
    begin = -((late - first * down) // up)  # of its window
    late += begin * up - first * down
    taps = branches[late, : branches.shape[1] - (late > 0)]
    m = (part.size - first + up - 1) // up
    differences, under = phases.reshape(phases.size), where[begin : begin + taps.size - 1]
    if up == 1:
        sum_symmetric_taps_of_block(weights[late], differences, under, totals, m)
        middle = taps.size // 2
    else:
        sum_taps_of_block(weights[late, : taps.size - 1], differences, under, totals, m)
        middle = taps.size - 1
    window = np.empty(taps.size)
    for i in range(m):
        at = begin + i * down
        result = totals[i] + np.float64(samples[at + middle])
        if omit and np.isnan(result):
            for r in range(taps.size):
                window[r] = samples[at + r]
            result = _mean_of_numbers(taps, window)
        part[first + i * up] = result


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
    up, down, omit = int(row[UP]), int(row[DOWN]), row[OMIT] != 0.0
    samples = signal[: (output.size - 1) * down // up + 1].astype(np.float64)
    totals = np.empty((output.size + LANES - 1) // LANES * LANES)
    sum_rows(weights, samples, samples.size, totals, output.size, -(-down // up))
    if np.isnan(totals[output.size - 1]):  # a missing sample: not in the window of every row
        for j in range(output.size):
            _filter_edge(signal, output, j, 0, edges[j, : j * down // up + 1], False, omit)
        return
    for j in range(output.size):
        output[j] = totals[j] + samples[j * down // up]


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
    up, down, n_taps = int(row[UP]), int(row[DOWN]), int(row[N_TAPS])
    if counts[_SEEN] == 0:
        n_kept = (signal.size - 1) * up // down + 1
        n_start = min((n_taps - 2) * up // down + 1, n_kept)
        _filter_start(signal, output[:n_start], row, weights)
        if n_kept > n_start:
            i = -(-n_start * down // up)
            late = i * up - n_start * down
            _filter(signal[i + 1 - n_taps :], output[n_start:n_kept], row, scratch, late)
        _take_in(numbers, counts, row, signal)
        return
    n_one_by_one = min(max(n_taps - 1 - counts[_SEEN], 0), signal.size)
    n_start = _push(numbers, counts, row, signal[:n_one_by_one], output)
    rest, to_next = signal[n_one_by_one:], counts[_TO_NEXT]
    n_kept = n_start + ((rest.size - 1) * up - to_next) // down + 1
    if n_kept > n_start:
        samples = np.empty(n_taps - 1 + rest.size)
        place = counts[_PLACE]
        samples[: n_taps - 1] = numbers[place + 1 : place + n_taps]
        samples[n_taps - 1 :] = rest
        i = -(-to_next // up)
        _filter(samples[i:], output[n_start:n_kept], row, scratch, i * up - to_next)
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
    sizes = np.arange(n_edges) * int(row[DOWN]) // int(row[UP]) + 1
    weights = rows_of_running_sums(edges, sizes)
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
    _, edges = _filters(row)
    up, down, omit = int(row[UP]), int(row[DOWN]), row[OMIT] != 0.0
    reach = int(row[N_TAPS]) // 2
    scratch = _scratch(row)
    for task in range(first, last):
        channel, segment = task // n_segments, task % n_segments
        signal = x[channel, bounds[segment] : bounds[segment + 1]]
        output = out[channel, kept[segment] : kept[segment + 1]]
        n = signal.size
        begin = min((reach - 1) * up // down + 1, output.size)
        end = max((n - 1 - reach) * up // down + 1, begin)
        if end > begin:
            i = -(-begin * down // up)
            late = i * up - begin * down
            _filter(signal[i - reach :], output[begin:end], row, scratch, late)
        for j in range(output.size):
            if begin <= j < end:
                continue
            i = -(-j * down // up)
            late = i * up - j * down
            m = min(j * down, (n - 1) * up - j * down) // down
            half = m * down if m > 0 else up - 1
            before, behind = (half + late) // up, (half - late) // up
            edge = edges[m * up + late, : before + behind + 1]
            _filter_edge(signal, output, j, i - before, edge, up == 1, omit)
