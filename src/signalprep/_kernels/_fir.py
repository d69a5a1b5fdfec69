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
    first_number,
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
def _load(signal: np.ndarray, begin: int, block: np.ndarray, edge: int, fill: float) -> None:
    """block[j] = signal[begin + j], with samples made up beyond the segment."""
    n = signal.size
    low = min(max(-begin, 0), block.size)
    high = max(min(n - begin, block.size), low)
    block[low:high] = signal[begin + low : begin + high]
    for j in range(low):
        i = begin + j
        block[j] = fill if edge == CONSTANT else signal[-i if edge == MIRROR else 0]
    for j in range(high, block.size):
        i = begin + j
        block[j] = (
            fill if edge == CONSTANT else signal[2 * (n - 1) - i if edge == MIRROR else n - 1]
        )


@njit(nogil=True, cache=True)
def _filter(
    signal: np.ndarray,
    output: np.ndarray,
    begin: int,
    end: int,
    lookahead: int,
    weights: np.ndarray,
    edge: int,
    fill: float,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Outputs ``begin`` to ``end``, each from the window that ends ``lookahead`` samples later.

    ``weights`` are the running sums of the coefficients.
    """
    window = weights.size + 1
    symmetric = _reads_from_both_ends(lookahead, deriv)
    first = _reference(window, symmetric)
    most = max(min(_BLOCK, end - begin), 0)
    block = np.empty(most + window - 1)
    phases = np.empty((1, max(block.size - 1, 0)))
    results = np.empty(most)
    for i in range(begin, end, _BLOCK):
        m = min(_BLOCK, end - i)
        _load(signal, i + lookahead - window + 1, block[: m + window - 1], edge, fill)
        differences = phases[0]
        for j in range(m + window - 2):
            differences[j] = block[j] - block[j + 1]
        if symmetric:
            sum_symmetric_taps_of_block(weights, phases, results[:m])
        else:
            sum_taps_of_block(weights, phases, results[:m])
        target = output[i : i + m]
        if deriv == 0:
            reference = block[first : first + m]
            for j in range(m):
                results[j] += reference[j]
        for j in range(m):
            target[j] = results[j]
        if omit:
            for j in range(m):
                if np.isnan(results[j]):
                    target[j] = _fit(
                        block[j : j + window], window - 1 - lookahead, polyorder, deriv, sample_time
                    )


@njit(nogil=True, cache=True)
def _filter_edge(
    signal: np.ndarray,
    output: np.ndarray,
    weights: np.ndarray,
    position: int,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """output[r] = the fit through all of ``signal`` at ``position + r``.

    ``weights`` are the ``rows_of_running_sums`` of the coefficients.
    """
    window = signal.astype(np.float64)
    results = np.empty(output.size)
    sum_rows(weights, window, results)
    for r in range(output.size):
        if omit and np.isnan(results[r]):
            output[r] = _fit(window, position + r, polyorder, deriv, sample_time)
        else:
            output[r] = results[r] + window[window.size - 1] if deriv == 0 else results[r]


@njit(nogil=True, cache=True)
def _filter_start(
    signal: np.ndarray,
    output: np.ndarray,
    rows: np.ndarray,
    weights: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Outputs before the first full window: from the samples so far, with coefficients rows[i].

    ``weights`` are the ``rows_of_running_sums`` of ``rows``.
    """
    if signal.size == 0:
        return
    samples = signal.astype(np.float64)
    results = np.empty(signal.size)
    sum_rows(weights, samples, results)
    if np.isnan(results[0]):  # a missing sample: not in the window of every row
        for i in range(signal.size):
            window, taps = samples[: i + 1], rows[i, : i + 1]
            output[i] = _output(taps, window, i, polyorder, deriv, sample_time, False, omit)
        return
    for i in range(signal.size):
        output[i] = results[i] + (samples[i] if deriv == 0 else samples[i] - samples[i])


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
    n_segments = bounds.size - 1
    window = rows.shape[0]
    weights = running_sums(rows[window - 1])
    start = rows_of_running_sums(rows[: window - 1, : window - 1], np.arange(1, window))
    for task in range(first, last):
        channel = task // n_segments
        signal = x[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        output = out[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        _filter_start(
            signal[: window - 1], output, rows, start, polyorder, deriv, sample_time, omit
        )
        _filter(
            signal, output, window - 1, signal.size, 0, weights,
            NAN, 0.0, polyorder, deriv, sample_time, omit,
        )  # fmt: skip


@njit(nogil=True, cache=True)
def savgol_symmetric(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    rows: np.ndarray,
    edge: int,
    fill: float,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Value, or derivative, of the moving polynomial at the centre of its window.

    ``rows`` (window, window) comes from ``symmetric_rows``. ``edge`` is one of the codes of
    this module, ``fill`` the value beyond the ends for CONSTANT. A segment shorter than the window
    has no full window: its outputs are NaN. Time: rows * window / vector width.
    """
    n_segments = bounds.size - 1
    window = rows.shape[0]
    k = window // 2
    weights = running_sums(rows[k])
    head = rows_of_running_sums(rows[:k], np.full(k, window))
    tail = rows_of_running_sums(rows[k + 1 :], np.full(k, window))
    for task in range(first, last):
        channel = task // n_segments
        signal = x[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        output = out[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        n = signal.size
        if n < window:
            output[:] = np.nan
            continue
        full = edge in (POLYNOMIAL, NAN)
        begin = k if full else 0
        _filter(
            signal, output, begin, n - begin, k, weights,
            edge, fill, polyorder, deriv, sample_time, omit,
        )  # fmt: skip
        if edge == NAN:
            output[:k] = np.nan
            output[n - k :] = np.nan
        elif edge == POLYNOMIAL:
            _filter_edge(
                signal[:window], output[:k], head, 0,
                polyorder, deriv, sample_time, omit,
            )  # fmt: skip
            _filter_edge(
                signal[n - window :], output[n - k :], tail, k + 1,
                polyorder, deriv, sample_time, omit,
            )  # fmt: skip
