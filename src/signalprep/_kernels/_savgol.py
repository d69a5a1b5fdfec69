"""Savitzky-Golay filters as finite impulse responses: what the causal and the symmetric one share.

A constant stays itself bit by bit and its derivative is zero (``_taps``). Many outputs are computed
block by block, tap by tap, which the compiler turns into vector instructions. ``room`` is the
scratch for that: its rows are a block of samples, their differences, and results.

With ``omit``, a window that holds NaN is fitted anew by least squares on the samples that are
there.
"""

import numpy as np
from numpy.typing import NDArray

from ._kernel import NOTHING
from ._njit import njit
from ._taps import LANES, first_number, places, sum_symmetric_taps_of_block, sum_taps_of_block

# columns of the parameters, after REFUSES; one row for all channels
WINDOW = 1  # samples
POLYORDER = 2
DERIV = 3
SAMPLE_TIME = 4  # seconds, 1 without time
OMIT = 5  # whether windows leave missing samples out; else each that holds one gives NaN
LOOKAHEAD = 6  # samples of a full window after the one whose output it gives
EDGE = 7  # what is beyond the ends of a segment, for a filter that looks ahead
FILL = 8  # value there
TAPS = 9  # coefficients, from here on

_JOIN = 64  # samples: no longer windows run on over the borders of segments
_BLOCK = 1024  # outputs a pass: all scratch stays in the first-level cache

Design = tuple[int, int, int, float]  # window, polyorder, deriv, sample time


def savgol_params(
    design: Design,
    taps: NDArray[np.float64],
    *,
    omit: bool,
    lookahead: int = 0,
    edge: tuple[int, float] = (0, 0.0),
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters of all channels, with (EDGE, FILL) as ``edge``."""
    return np.concatenate([[refuses, *design, omit, lookahead, *edge], taps])[np.newaxis]


@njit(nogil=True, cache=True)
def fit(row: np.ndarray, window: np.ndarray, position: int) -> float:
    """The differentiated least-squares polynomial through the numbers in ``window``.

    Polynomials orthogonal on the points that are there, built by their three-term recurrence
    (Forsythe), with the origin at ``position`` and the half window as the unit of time.
    """
    polyorder, deriv = int(row[POLYORDER]), int(row[DERIV])
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
    return result / (unit * row[SAMPLE_TIME]) ** deriv if deriv > 0 else result + reference


@njit(nogil=True, cache=True)
def make_room(window: int) -> np.ndarray:
    """Scratch, with a row more than this module needs."""
    return np.zeros((4, max(_BLOCK, window) + window + LANES))


@njit(nogil=True, cache=True)
def load(signal: np.ndarray, begin: int, n: int, block: np.ndarray, first: int) -> None:
    """block[first + j] = signal[begin + j] for j < n."""
    source, target = signal[begin : begin + n], block[first : first + n]
    for j in range(n):
        target[j] = source[j]


@njit(nogil=True, cache=True)
def take_differences(block: np.ndarray, n: int, differences: np.ndarray) -> None:
    """Of the first n samples of the block, each less the next."""
    before, after, target = block[: n - 1], block[1:n], differences[: n - 1]
    for j in range(n - 1):
        target[j] = before[j] - after[j]


@njit(nogil=True, cache=True)
def add(block: np.ndarray, first: int, results: np.ndarray, m: int) -> None:
    """results[j] += block[first + j] for j < m."""
    source, target = block[first : first + m], results[:m]
    for j in range(m):
        target[j] += source[j]


@njit(nogil=True, cache=True, inline="always")  # a call takes longer than a short segment
def sum_windows(
    row: np.ndarray,
    weights: np.ndarray,
    where: np.ndarray,
    block: np.ndarray,
    differences: np.ndarray,
    results: np.ndarray,
    m: int,
) -> None:
    """The first m results: from full windows of the block, one sample apart.

    ``weights`` are the running sums of the coefficients, ``where`` their ``places``.
    """
    window, deriv = weights.size + 1, int(row[DERIV])
    symmetric = row[LOOKAHEAD] > 0 and deriv % 2 == 0  # the same from both ends
    take_differences(block, m + window - 1, differences)
    if symmetric:
        sum_symmetric_taps_of_block(weights, differences, where, results, m)
    else:
        sum_taps_of_block(weights, differences, where, results, m)
    if deriv == 0:
        add(block, window // 2 if symmetric else window - 1, results, m)


@njit(nogil=True, cache=True)
def give(results: np.ndarray, m: int, output: np.ndarray, begin: int) -> bool:
    """The first m results to ``output`` from ``begin`` on; whether one of them is NaN.

    Zeros lose their sign: whether a sum that is too small for a number keeps it depends on how many
    zeros were added to it.
    """
    source, target = results[:m], output[begin : begin + m]
    missing = 0
    for j in range(m):
        target[j] = source[j] + 0.0
        missing += int(np.isnan(source[j]))
    return missing > 0


@njit(nogil=True, cache=True)
def fit_missing(
    row: np.ndarray, room: np.ndarray, step: int, position: int, output: np.ndarray
) -> None:
    """Where one of the first results is NaN, the fit through the numbers in its window.

    The windows begin ``step`` samples apart, which are 1, or 0: then there is one window, whose fit
    is wanted at ``position`` and the places after it.
    """
    window = int(row[WINDOW])
    for j in range(output.size):
        if np.isnan(room[2, j]):
            place = position if step > 0 else position + j
            output[j] = fit(row, room[0, j * step : j * step + window], place)


@njit(nogil=True, cache=True)
def filter_windows(
    row: np.ndarray,
    weights: np.ndarray,
    room: np.ndarray,
    signal: np.ndarray,
    bounds: np.ndarray,
    output: np.ndarray,
) -> None:
    """Outputs from the full windows of segments, each LOOKAHEAD samples before their end.

    Short windows run on over the borders of segments, for speed: what is within a window of a
    border must be overwritten.
    """
    window = weights.size + 1
    place, omit = window - 1 - int(row[LOOKAHEAD]), row[OMIT] != 0.0
    where, block, differences, results = places(window, 1, 0), room[0], room[1], room[2]
    segment, n_segments = 0, bounds.size - 1
    while segment < n_segments:
        begin = bounds[segment]
        segment = n_segments if window <= _JOIN else segment + 1
        end = bounds[segment] - window + 1
        while begin < end:
            m = min(_BLOCK, end - begin)
            load(signal, begin, m + window - 1, block, 0)
            sum_windows(row, weights, where, block, differences, results, m)
            if give(results, m, output, begin + place) and omit:
                fit_missing(row, room, 1, place, output[begin + place : begin + place + m])
            begin += m
