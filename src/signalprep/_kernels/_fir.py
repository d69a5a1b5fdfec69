"""Savitzky-Golay filters as finite impulse responses over segments.

A constant stays itself bit by bit and its derivative is zero (``_taps``). The batch form works on
blocks of outputs, tap by tap, which the compiler turns into vector instructions; the step works on
one output. Both add the same products in the same order.

With ``omit``, a window that holds NaN is fitted anew by least squares on the samples that are
there.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ._taps import (
    FUSED,
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

POLYNOMIAL = 0  # the fit through the first or last full window
NEAREST = 1  # the outermost sample goes on
MIRROR = 2  # reflected at the outermost sample, which is not repeated
CONSTANT = 3  # ``fill`` goes on
NAN = 4  # no output where the window is not full

_JOIN = 64  # samples: no longer windows run on over the borders of segments
_BLOCK = 1024  # outputs a pass: both scratch arrays stay in the first-level cache


class SavgolState(NamedTuple):
    """What the filter remembers of one segment of one channel."""

    recent: NDArray[np.float64]  # last samples, each held twice: any window is contiguous
    counts: NDArray[np.int64]  # place of the next sample, samples in the window


@njit(nogil=True, cache=True)
def savgol_start(window: int) -> SavgolState:
    """State for a window of ``window`` samples, ready for the first sample."""
    state = SavgolState(np.empty(2 * window), np.empty(2, dtype=np.int64))
    savgol_reset(state)
    return state


@njit(nogil=True, cache=True)
def savgol_reset(state: SavgolState) -> None:
    """Forget everything: the next sample is the first of a segment."""
    state.counts[:] = 0


@njit(nogil=True, cache=True)
def _fit(
    window: np.ndarray, position: int, polyorder: int, deriv: int, sample_time: float
) -> float:
    """The differentiated least-squares polynomial through the numbers in ``window``.

    Polynomials orthogonal on the points that are there, built by their three-term recurrence
    (Forsythe), with the origin at ``position`` and the half window as the unit of time.
    """
    n = window.size
    unit = max(0.5 * (n - 1), 1.0)
    reference = first_number(window)
    time = np.empty(n)
    rest = np.empty(n)
    m = 0
    for i in range(n):
        if not np.isnan(window[i]):
            time[m] = (i - position) / unit
            rest[m] = window[i] - reference
            m += 1
    if m == 0:
        return np.nan
    previous = np.zeros(n)
    current = np.ones(n)
    here_previous = np.zeros(deriv + 1)  # the polynomial and its derivatives at ``position``
    here = np.zeros(deriv + 1)
    here[0] = 1.0
    result = 0.0
    squares_before = 1.0
    for j in range(min(polyorder, m - 1) + 1):
        squares = 0.0
        moment = 0.0
        product = 0.0
        for i in range(m):
            square = current[i] * current[i]
            squares += square
            moment += time[i] * square
            product += current[i] * rest[i]
        factor = product / squares
        centre = moment / squares
        step = squares / squares_before if j > 0 else 0.0
        result += factor * here[deriv]
        for i in range(m):
            rest[i] -= factor * current[i]
            following = (time[i] - centre) * current[i] - step * previous[i]
            previous[i] = current[i]
            current[i] = following
        for d in range(deriv, -1, -1):
            following = -centre * here[d] - step * here_previous[d]
            if d > 0:
                following += d * here[d - 1]
            here_previous[d] = here[d]
            here[d] = following
        squares_before = squares
    return result / (unit * sample_time) ** deriv if deriv > 0 else result + reference


@njit(nogil=True, cache=True)
def _reads_from_both_ends(lookahead: int, deriv: int) -> bool:
    """Whether the coefficients of a full window are symmetric."""
    return lookahead > 0 and deriv % 2 == 0


@njit(nogil=True, cache=True)
def _reference(window: int, symmetric: bool) -> int:
    """Place in the window of the sample from which the others are measured."""
    return window // 2 if symmetric else window - 1


@njit(nogil=True, cache=True)
def _output(
    taps: np.ndarray,
    window: np.ndarray,
    position: int,
    polyorder: int,
    deriv: int,
    sample_time: float,
    symmetric: bool,
    omit: bool,
) -> float:
    """The fit through ``window`` at ``position``, by its coefficients ``taps``."""
    result = sum_symmetric_taps(taps, window) if symmetric else sum_taps(taps, window)
    reference = window[_reference(window.size, symmetric)]
    result += reference if deriv == 0 else reference - reference  # NaN alone gives NaN
    if omit and np.isnan(result):
        return _fit(window, position, polyorder, deriv, sample_time)
    return result


@njit(nogil=True, cache=True)
def savgol_step(
    state: SavgolState,
    sample: float,
    rows: np.ndarray,
    lookahead: int,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> float:
    """Push one sample; return the output for the sample pushed ``lookahead`` samples before.

    Causal: ``rows`` from ``causal_rows``, lookahead 0. Symmetric: row window - 1 holds the
    coefficients of the centre, lookahead is window // 2, and outputs count from the first full
    window on.
    """
    window = rows.shape[0]
    place = state.counts[0]
    n = min(state.counts[1] + 1, window)
    state.recent[place] = sample
    state.recent[place + window] = sample
    state.counts[0] = (place + 1) % window
    state.counts[1] = n
    recent = state.recent[place + window + 1 - n : place + window + 1]
    taps = rows[n - 1, :n]
    symmetric = n == window and _reads_from_both_ends(lookahead, deriv)
    position = n - 1 - lookahead
    return _output(taps, recent, position, polyorder, deriv, sample_time, symmetric, omit)


@njit(nogil=True, cache=True)
def _load(x: np.ndarray, channel: int, row: int, block: np.ndarray, first: int, n: int) -> None:
    """block[first + j] = x[channel, row + j] for j < n."""
    source, target = x[channel, row : row + n], block[first : first + n]
    for j in range(n):
        target[j] = source[j]


@njit(nogil=True, cache=True)
def _pad(
    x: np.ndarray, channel: int, row: int, step: int, block: np.ndarray, first: int, n: int
) -> None:
    """block[first + j] = x[channel, row + step * j] for j < n."""
    for j in range(n):
        block[first + j] = x[channel, row + step * j]


@njit(nogil=True, cache=True)
def _take_differences(block: np.ndarray, n: int, differences: np.ndarray) -> None:
    before, after, target = block[: n - 1], block[1:n], differences[: n - 1]
    for j in range(n - 1):
        target[j] = before[j] - after[j]


@njit(nogil=True, cache=True)
def _add(summands: np.ndarray, first: int, sums: np.ndarray, m: int) -> None:
    """sums[j] += summands[first + j] for j < m."""
    source, target = summands[first : first + m], sums[:m]
    for j in range(m):
        target[j] += source[j]


@njit(nogil=True, cache=True)
def _give(results: np.ndarray, m: int, out: np.ndarray, channel: int, row: int) -> bool:
    """The first m results to ``out``; whether one of them is NaN."""
    source, target = results[:m], out[channel, row : row + m]
    missing = 0
    for j in range(m):
        target[j] = source[j]
        missing += int(np.isnan(source[j]))
    return missing > 0


@njit(nogil=True, cache=True)
def _fit_missing(
    results: np.ndarray,
    m: int,
    block: np.ndarray,
    step: int,
    window: int,
    position: int,
    polyorder: int,
    deriv: int,
    sample_time: float,
) -> None:
    """Where one of the first m results is NaN, the fit through the numbers in its window.

    The windows begin ``step`` samples apart, which are 1, or 0: then there is one window, whose fit
    is wanted at ``position`` and the places after it.
    """
    for j in range(m):
        if np.isnan(results[j]):
            samples = block[j * step : j * step + window]
            place = position if step > 0 else position + j
            results[j] = _fit(samples, place, polyorder, deriv, sample_time)


# The functions with a loop over tasks call only small ones with simple loops: at every call of
# another kind numba counts references to all arrays, which takes longer than a short segment.


@njit(nogil=True, cache=True)
def _filter(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    lookahead: int,
    weights: np.ndarray,
    room: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Outputs from the full windows of segments, each ``lookahead`` samples before their end.

    Short windows run on over the borders of segments, for speed: what is within a window of a
    border must be overwritten. ``weights`` are the running sums of the coefficients; ``room`` is
    scratch.
    """
    n_segments = bounds.size - 1
    window = weights.size + 1
    symmetric = _reads_from_both_ends(lookahead, deriv)
    reference = _reference(window, symmetric)
    block, differences, results = room[0], room[1], room[2]
    where = places(window, 1, 0)
    task = first
    while task < last:
        channel = task // n_segments
        row = bounds[task % n_segments]
        n_joined = min(last, (channel + 1) * n_segments) - task if window <= _JOIN else 1
        task += n_joined
        end = bounds[(task - 1) % n_segments + 1] - window + 1
        while row < end:
            m = min(_BLOCK, end - row)
            n = m + window - 1
            _load(x, channel, row, block, 0, n)
            _take_differences(block, n, differences)
            if symmetric:
                sum_symmetric_taps_of_block(weights, differences, where, results, m)
            else:
                sum_taps_of_block(weights, differences, where, results, m)
            if deriv == 0:
                _add(block, reference, results, m)
            place = window - 1 - lookahead
            if _give(results, m, out, channel, row + place) and omit:
                _fit_missing(results, m, block, 1, window, place, polyorder, deriv, sample_time)
                _give(results, m, out, channel, row + place)
            row += m


@njit(nogil=True, cache=True)
def _filter_padded(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    weights: np.ndarray,
    room: np.ndarray,
    edge: int,
    fill: float,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """The outputs within half a window of both ends of segments, with samples made up beyond."""
    n_segments = bounds.size - 1
    window = weights.size + 1
    k = window // 2
    symmetric = _reads_from_both_ends(k, deriv)
    reference = _reference(window, symmetric)
    block, differences, results = room[0], room[1], room[2]
    where = places(window, 1, 0)
    step = 1 if edge == MIRROR else 0
    for side in range(2):
        for task in range(first, last):
            channel = task // n_segments
            begin = bounds[task % n_segments]
            end = bounds[task % n_segments + 1]
            if end - begin < window:
                continue
            if side == 0:
                _pad(x, channel, begin + step * k, -step, block, 0, k)
                _load(x, channel, begin, block, k, 2 * k)
            else:
                _load(x, channel, end - 2 * k, block, 0, 2 * k)
                _pad(x, channel, end - 1 - step, -step, block, 2 * k, k)
            if edge == CONSTANT:
                block[2 * k * side : 2 * k * side + k] = fill
            _take_differences(block, 3 * k, differences)
            if symmetric:
                sum_symmetric_taps_of_block(weights, differences, where, results, k)
            else:
                sum_taps_of_block(weights, differences, where, results, k)
            if deriv == 0:
                _add(block, reference, results, k)
            row = begin if side == 0 else end - k
            if _give(results, k, out, channel, row) and omit:
                _fit_missing(results, k, block, 1, window, k, polyorder, deriv, sample_time)
                _give(results, k, out, channel, row)


# Only this sum is no stream's: the compiler may choose the order of its additions.
@njit(nogil=True, cache=True, fastmath=FUSED | {"reassoc"})
def _sum_parts(basis: np.ndarray, differences: np.ndarray, parts: np.ndarray) -> None:
    """parts[j] = sum_r basis[j, r] * differences[r]."""
    n = basis.shape[1]
    for j in range(basis.shape[0]):
        weights, samples = basis[j], differences[:n]
        part = 0.0
        for r in range(n):
            part += weights[r] * samples[r]
        parts[j] = part


@njit(nogil=True, cache=True, fastmath=FUSED)
def _sum_shapes(
    shapes: np.ndarray, parts: np.ndarray, first: int, level: float, results: np.ndarray, m: int
) -> None:
    """results[r] = level + sum_j shapes[j, first + r] * parts[j] for r < m.

    Without shapes the sum is parts[first + r].
    """
    target, own = results[:m], parts[first : first + m]
    for r in range(m):
        target[r] = own[r] if shapes.shape[0] == 0 else 0.0
    for j in range(shapes.shape[0]):
        shape = shapes[j, first : first + m]
        part = parts[j]
        for r in range(m):
            target[r] += shape[r] * part
    for r in range(m):
        target[r] += level


@njit(nogil=True, cache=True)
def _fit_edges(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    shapes: np.ndarray,
    basis: np.ndarray,
    room: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Outputs before the first centre of a window and after the last: fits through that window.

    The fit at position r is sum_j shapes[j, r] * (part j of the window), or part r where there are
    no shapes; ``basis`` holds the ``running_sums`` of the coefficients of the parts; ``room`` is
    scratch.
    """
    n_segments = bounds.size - 1
    window = basis.shape[1] + 1
    k = window // 2
    block, differences, parts, results = room[0], room[1], room[2], room[3]
    for side in range(2):
        position = (k + 1) * side
        for task in range(first, last):
            channel = task // n_segments
            begin = bounds[task % n_segments]
            end = bounds[task % n_segments + 1]
            if end - begin < window:
                continue
            row = end - window if side == 1 else begin
            _load(x, channel, row, block, 0, window)
            _take_differences(block, window, differences)
            _sum_parts(basis, differences, parts)
            level = block[window - 1] if deriv == 0 else 0.0
            _sum_shapes(shapes, parts, position, level, results, k)
            if _give(results, k, out, channel, row + position) and omit:
                _fit_missing(results, k, block, 0, window, position, polyorder, deriv, sample_time)
                _give(results, k, out, channel, row + position)


@njit(nogil=True, cache=True)
def _fit_starts(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    rows: np.ndarray,
    weights: np.ndarray,
    room: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """The outputs of segments before the first full window: from the samples so far.

    Output i has coefficients ``rows[i]``, of which ``weights`` are the ``rows_of_running_sums``;
    ``room`` is scratch.
    """
    n_segments = bounds.size - 1
    block, results = room[0], room[2]
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        n = min(rows.shape[0] - 1, bounds[task % n_segments + 1] - begin)
        _load(x, channel, begin, block, 0, n)
        sum_rows(weights, block, n, results, n, 1)
        if deriv == 0:
            _add(block, 0, results, n)
        if _give(results, n, out, channel, begin):
            _start_anew(out, channel, begin, n, rows, block, polyorder, deriv, sample_time, omit)


@njit(nogil=True, cache=True)
def _start_anew(
    out: np.ndarray,
    channel: int,
    begin: int,
    n: int,
    rows: np.ndarray,
    block: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """``_fit_starts`` one by one: a missing sample is not in the window of every output."""
    for i in range(n):
        window, taps = block[: i + 1], rows[i, : i + 1]
        found = _output(taps, window, i, polyorder, deriv, sample_time, False, omit)
        out[channel, begin + i] = found


@njit(nogil=True, cache=True)
def savgol_causal(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    rows: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Value, or derivative, of the moving polynomial at the newest sample of its window.

    ``rows`` (window, window) comes from ``causal_rows``. The window grows at the start of a
    segment. Time: rows * window / vector width.
    """
    window = rows.shape[0]
    weights = running_sums(rows[window - 1])
    start = rows_of_running_sums(rows[: window - 1, : window - 1], np.arange(1, window))
    room = np.zeros((3, _BLOCK + window + LANES))
    fit = (polyorder, deriv, sample_time, omit)
    _filter(first, last, x, bounds, out, 0, weights, room, *fit)
    if window > 1:
        _fit_starts(first, last, x, bounds, out, rows, start, room, *fit)


@njit(nogil=True, cache=True)
def savgol_symmetric(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    row: np.ndarray,
    shapes: np.ndarray,
    basis: np.ndarray,
    edge: int,
    fill: float,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Value, or derivative, of the moving polynomial at the centre of its window.

    ``row`` is the middle one of ``symmetric_rows``, ``shapes`` and ``basis`` come from
    ``symmetric_factors``; or ``shapes`` is empty and ``basis`` the coefficients for each position.
    ``edge`` is one of the codes of this module, ``fill`` the value beyond the ends for CONSTANT. A
    segment shorter than the window has no full window: its outputs are NaN. Time: rows * window /
    vector width.
    """
    n_segments = bounds.size - 1
    window = row.size
    k = window // 2
    weights = running_sums(row)
    room = np.zeros((4, max(_BLOCK, window) + window + LANES))
    fit = (polyorder, deriv, sample_time, omit)
    _filter(first, last, x, bounds, out, k, weights, room, *fit)
    if edge == POLYNOMIAL:
        sums = np.empty((basis.shape[0], window - 1))
        for j in range(basis.shape[0]):
            sums[j] = running_sums(basis[j])
        across = np.ascontiguousarray(shapes.T)
        _fit_edges(first, last, x, bounds, out, across, sums, room, *fit)
    elif edge != NAN:
        _filter_padded(first, last, x, bounds, out, weights, room, edge, fill, *fit)
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        if end - begin < window:
            out[channel, begin:end] = np.nan
        elif edge == NAN:
            out[channel, begin : begin + k] = np.nan
            out[channel, end - k : end] = np.nan
