"""The symmetric Savitzky-Golay filter: the moving polynomial at the centre of its window."""

import numpy as np

from ._njit import njit
from ._savgol import (
    DERIV,
    EDGE,
    FILL,
    LOOKAHEAD,
    OMIT,
    TAPS,
    filter_windows,
    fit_missing,
    give,
    load,
    make_room,
    sum_windows,
    take_differences,
)
from ._taps import FUSED, places, running_sums

EDGES = ("polynomial", "nearest", "mirror", "constant", "nan")  # in words; a code is the place
POLYNOMIAL, _, MIRROR, CONSTANT, NAN = range(len(EDGES))


@njit(nogil=True, cache=True)
def _pad(signal: np.ndarray, begin: int, step: int, n: int, block: np.ndarray, first: int) -> None:
    """block[first + j] = signal[begin + step * j] for j < n."""
    for j in range(n):
        block[first + j] = signal[begin + step * j]


@njit(nogil=True, cache=True, inline="always")
def _extend(
    row: np.ndarray, signal: np.ndarray, begin: int, end: int, side: int, block: np.ndarray
) -> None:
    """Half a window of samples made up beyond one end of a segment, and those before it."""
    k, step = int(row[LOOKAHEAD]), int(row[EDGE] == MIRROR)
    if side == 0:
        _pad(signal, begin + step * k, -step, k, block, 0)
        load(signal, begin, 2 * k, block, k)
    else:
        load(signal, end - 2 * k, 2 * k, block, 0)
        _pad(signal, end - 1 - step, -step, k, block, 2 * k)
    if row[EDGE] == CONSTANT:
        block[2 * k * side : 2 * k * side + k] = row[FILL]


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
def _filter_edges(
    row: np.ndarray,
    weights: np.ndarray,
    shapes: np.ndarray,
    basis: np.ndarray,
    room: np.ndarray,
    signal: np.ndarray,
    bounds: np.ndarray,
    output: np.ndarray,
) -> None:
    """The outputs within half a window of both ends of segments.

    With POLYNOMIAL the fit at position r is sum_j shapes[j, r] * (part j of the window), or part r
    where there are no shapes; ``basis`` holds the ``running_sums`` of the coefficients of the
    parts. With any other edge windows see samples made up beyond.
    """
    block, differences, results, parts = room[0], room[1], room[2], room[3]
    window = weights.size + 1
    k, where = window // 2, places(window, 1, 0)
    edge, omit, smooths = row[EDGE], row[OMIT] != 0.0, row[DERIV] == 0.0
    for side in range(2):
        position = (k + 1) * side if edge == POLYNOMIAL else k
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            place = end - k if side == 1 else begin
            if end - begin < window:
                output[begin:end] = np.nan
                continue
            if edge == NAN:
                output[place : place + k] = np.nan
                continue
            if edge == POLYNOMIAL:
                load(signal, end - window if side == 1 else begin, window, block, 0)
                take_differences(block, window, differences)
                _sum_parts(basis, differences, parts)
                level = block[window - 1] if smooths else 0.0
                _sum_shapes(shapes, parts, position, level, results, k)
            else:
                _extend(row, signal, begin, end, side, block)
                sum_windows(row, weights, where, block, differences, results, k)
            if give(results, k, output, place) and omit:
                fit_missing(row, room, int(edge != POLYNOMIAL), position, output[place : place + k])


@njit(nogil=True, cache=True)
def savgol_symmetric(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    params: np.ndarray,
    shapes: np.ndarray,
    basis: np.ndarray,
) -> None:
    """Value, or derivative, of the moving polynomial at the centre of its window.

    ``params`` are ``savgol_params`` for the middle one of ``symmetric_rows``; ``shapes`` and
    ``basis`` come from ``symmetric_factors``; or ``shapes`` is empty and ``basis`` the coefficients
    for each position. A segment shorter than the window has no full window: its outputs are NaN.
    Time: rows * window / vector width.
    """
    row, n_segments = params[0], bounds.size - 1
    weights, window = running_sums(row[TAPS:]), row.size - TAPS
    room = make_room(window)
    sums = np.empty((basis.shape[0], window - 1))
    for j in range(basis.shape[0]):
        sums[j] = running_sums(basis[j])
    across = np.ascontiguousarray(shapes.T)
    for channel in range(first // n_segments, (last - 1) // n_segments + 1):
        before = channel * n_segments
        borders = bounds[max(first - before, 0) : min(last - before, n_segments) + 1]
        signal, output = x[channel], out[channel]
        filter_windows(row, weights, room, signal, borders, output)
        _filter_edges(row, weights, across, sums, room, signal, borders, output)
