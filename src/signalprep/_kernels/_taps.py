"""Sums of taps times samples, for one output and for many, added in the same order.

A sum of taps times (sample - reference), with a reference inside the window, is a sum of running
sums of the taps times differences of neighbours (summation by parts):

    sum_r h[r] (x[r] - x[n-1]) = sum_r H[r] (x[r] - x[r+1]),    H[r] = h[0] + ... + h[r].

So a constant goes through a filter bit by bit, no output depends on a sample outside its window,
not even by rounding, and outputs that share samples share their differences. For taps that read the
same from both ends the reference is the middle sample and the two halves share their weights:

    sum_r h[r] (x[r] - x[c]) = sum_{r<c} H[r] ((x[r] - x[r+1]) - (x[n-2-r] - x[n-1-r])).

Products are added one after the other, total = total + H d. Where the processor can round product
and sum in one, every form does it ("contract"), so that all give the same.
"""

import numpy as np

from ._njit import njit

# For sums of one product and one number: of two products either could be the one that is fused.
FUSED = {"contract"}

_TAPS = 10  # a pass over a block of outputs
_PAIRS = 5  # of taps, the same
_ROWS = 8  # a pass over many filters
LANES = 8  # outputs come in a whole number of these, so that no vector loop leaves a rest


@njit(nogil=True, cache=True)
def padded(m: int) -> int:
    """m, up to a whole number of ``LANES``."""
    return (m + LANES - 1) // LANES * LANES


@njit(nogil=True, cache=True)
def first_number(window: np.ndarray) -> float:
    """The first sample that is not NaN; NaN when there is none."""
    for i in range(window.size):
        if not np.isnan(window[i]):
            return window[i]
    return np.nan


@njit(nogil=True, cache=True)
def running_sums(taps: np.ndarray) -> np.ndarray:
    """H of the taps, one for each difference: (taps.size - 1,)."""
    weights = np.empty(taps.size - 1)
    weight = 0.0
    for r in range(weights.size):
        weight += taps[r]
        weights[r] = weight
    return weights


@njit(nogil=True, cache=True, fastmath=FUSED)
def sum_taps(taps: np.ndarray, window: np.ndarray) -> float:
    """sum(taps * (window - window[-1])); ``window`` is float64."""
    total = 0.0
    weight = 0.0
    for r in range(taps.size - 1):
        weight += taps[r]
        total += weight * (window[r] - window[r + 1])
    return total


@njit(nogil=True, cache=True, fastmath=FUSED)
def sum_symmetric_taps(taps: np.ndarray, window: np.ndarray) -> float:
    """sum(taps * (window - middle of window)) for an odd number of symmetric taps."""
    total = 0.0
    weight = 0.0
    last = taps.size - 1
    for r in range(taps.size // 2):
        weight += taps[r]
        left = window[r] - window[r + 1]
        right = window[last - r - 1] - window[last - r]
        total += weight * (left - right)
    return total


@njit(nogil=True, cache=True)
def _five(weights: np.ndarray, r: int) -> tuple[float, float, float, float, float]:
    return weights[r], weights[r + 1], weights[r + 2], weights[r + 3], weights[r + 4]


@njit(nogil=True, cache=True)
def places(n: int, factor: int, stride: int) -> np.ndarray:
    """Where the differences under taps 0 to n - 1 begin, which are held phase by phase.

    Difference i of a signal is at ``i % factor * stride + i // factor``, so those that outputs
    ``factor`` samples apart want under one tap are neighbours, as vector instructions want them.
    """
    found = np.empty(n, dtype=np.int64)
    for r in range(n):
        found[r] = r % factor * stride + r // factor
    return found


@njit(nogil=True, cache=True, fastmath=FUSED)
def sum_taps_of_block(
    weights: np.ndarray, differences: np.ndarray, places: np.ndarray, totals: np.ndarray, m: int
) -> None:
    """totals[j] = sum_taps(taps, samples[j * factor : j * factor + taps.size]) for j < m.

    ``weights`` are ``running_sums(taps)``; ``differences``, samples[i] - samples[i + 1], lie as
    ``places`` says. ``totals`` beyond m, to a whole number of ``LANES``, are overwritten; there
    must be as many more differences, which may be anything.
    """
    n = weights.size
    width = padded(m)
    total_of = totals[:width]
    for j in range(width):
        total_of[j] = 0.0
    for r in range(0, n - _TAPS + 1, _TAPS):
        h0, h1, h2, h3, h4 = _five(weights, r)
        h5, h6, h7, h8, h9 = _five(weights, r + 5)
        d0 = differences[places[r] : places[r] + width]
        d1 = differences[places[r + 1] : places[r + 1] + width]
        d2 = differences[places[r + 2] : places[r + 2] + width]
        d3 = differences[places[r + 3] : places[r + 3] + width]
        d4 = differences[places[r + 4] : places[r + 4] + width]
        d5 = differences[places[r + 5] : places[r + 5] + width]
        d6 = differences[places[r + 6] : places[r + 6] + width]
        d7 = differences[places[r + 7] : places[r + 7] + width]
        d8 = differences[places[r + 8] : places[r + 8] + width]
        d9 = differences[places[r + 9] : places[r + 9] + width]
        for j in range(width):
            total = total_of[j]
            total += h0 * d0[j]
            total += h1 * d1[j]
            total += h2 * d2[j]
            total += h3 * d3[j]
            total += h4 * d4[j]
            total += h5 * d5[j]
            total += h6 * d6[j]
            total += h7 * d7[j]
            total += h8 * d8[j]
            total += h9 * d9[j]
            total_of[j] = total
    for r in range(n // _TAPS * _TAPS, n):
        h = weights[r]
        d = differences[places[r] : places[r] + width]
        for j in range(width):
            total_of[j] += h * d[j]


@njit(nogil=True, cache=True, fastmath=FUSED)
def sum_symmetric_taps_of_block(
    weights: np.ndarray, differences: np.ndarray, places: np.ndarray, totals: np.ndarray, m: int
) -> None:
    """As ``sum_taps_of_block``, each output as ``sum_symmetric_taps`` gives it."""
    last = weights.size - 1
    n = weights.size // 2
    width = padded(m)
    total_of = totals[:width]
    for j in range(width):
        total_of[j] = 0.0
    for r in range(0, n - _PAIRS + 1, _PAIRS):
        h0, h1, h2, h3, h4 = _five(weights, r)
        q = last - r
        a0 = differences[places[r] : places[r] + width]
        b0 = differences[places[q] : places[q] + width]
        a1 = differences[places[r + 1] : places[r + 1] + width]
        b1 = differences[places[q - 1] : places[q - 1] + width]
        a2 = differences[places[r + 2] : places[r + 2] + width]
        b2 = differences[places[q - 2] : places[q - 2] + width]
        a3 = differences[places[r + 3] : places[r + 3] + width]
        b3 = differences[places[q - 3] : places[q - 3] + width]
        a4 = differences[places[r + 4] : places[r + 4] + width]
        b4 = differences[places[q - 4] : places[q - 4] + width]
        for j in range(width):
            total = total_of[j]
            total += h0 * (a0[j] - b0[j])
            total += h1 * (a1[j] - b1[j])
            total += h2 * (a2[j] - b2[j])
            total += h3 * (a3[j] - b3[j])
            total += h4 * (a4[j] - b4[j])
            total_of[j] = total
    for r in range(n // _PAIRS * _PAIRS, n):
        h = weights[r]
        a = differences[places[r] : places[r] + width]
        b = differences[places[last - r] : places[last - r] + width]
        for j in range(width):
            total_of[j] += h * (a[j] - b[j])


@njit(nogil=True, cache=True)
def rows_of_running_sums(rows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """For ``sum_rows``: column i holds the running sums of taps rows[i, : sizes[i]], then zeros."""
    weights = np.zeros((max(rows.shape[1] - 1, 0), padded(sizes.size)))
    for i in range(sizes.size):
        weights[: sizes[i] - 1, i] = running_sums(rows[i, : sizes[i]])
    return weights


@njit(nogil=True, cache=True, fastmath=FUSED)
def sum_rows(
    weights: np.ndarray, samples: np.ndarray, n: int, totals: np.ndarray, m: int, step: int
) -> None:
    """totals[i] = sum_taps(taps of row i, samples[: step * i + 1]) for i < m: many filters at once.

    ``weights`` come from ``rows_of_running_sums``. Of ``samples`` the first n count; a NaN among
    them may make the totals of rows that do not read it NaN, too. ``totals`` beyond m, to a whole
    number of ``LANES``, are overwritten.
    """
    width = padded(m)
    for i in range(width):
        totals[i] = 0.0
    whole = (n - 1) // _ROWS * _ROWS
    for r in range(0, whole, _ROWS):
        first = r // step // LANES * LANES  # the rows before it read no more
        rest = totals[first:width]
        h0 = weights[r, first:width]
        h1 = weights[r + 1, first:width]
        h2 = weights[r + 2, first:width]
        h3 = weights[r + 3, first:width]
        h4 = weights[r + 4, first:width]
        h5 = weights[r + 5, first:width]
        h6 = weights[r + 6, first:width]
        h7 = weights[r + 7, first:width]
        d0, d1 = samples[r] - samples[r + 1], samples[r + 1] - samples[r + 2]
        d2, d3 = samples[r + 2] - samples[r + 3], samples[r + 3] - samples[r + 4]
        d4, d5 = samples[r + 4] - samples[r + 5], samples[r + 5] - samples[r + 6]
        d6, d7 = samples[r + 6] - samples[r + 7], samples[r + 7] - samples[r + 8]
        for i in range(rest.size):
            total = rest[i]
            total += h0[i] * d0
            total += h1[i] * d1
            total += h2[i] * d2
            total += h3[i] * d3
            total += h4[i] * d4
            total += h5[i] * d5
            total += h6[i] * d6
            total += h7[i] * d7
            rest[i] = total
    for r in range(whole, n - 1):
        h = weights[r]
        d = samples[r] - samples[r + 1]
        for i in range(width):
            totals[i] += h[i] * d
