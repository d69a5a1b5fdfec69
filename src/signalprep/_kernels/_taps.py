"""Sums of taps times samples, for one output and for many, added in the same order.

A sum of taps times (sample - reference), with a reference inside the window, is a sum of running
sums of the taps times differences of neighbours (summation by parts):

    sum_r h[r] (x[r] - x[n-1]) = sum_r H[r] (x[r] - x[r+1]),    H[r] = h[0] + ... + h[r].

So a constant goes through a filter bit by bit, no output depends on a sample outside its window,
not even by rounding, and outputs that share samples share their differences. For taps that read the
same from both ends the reference is the middle sample and the two halves share their weights:

    sum_r h[r] (x[r] - x[c]) = sum_{r<c} H[r] ((x[r] - x[r+1]) - (x[n-2-r] - x[n-1-r])).

Products are added in rounds of four, (p0 + p1) + (p2 + p3); missing ones are 0.
"""

import numpy as np
from numba import njit

_ROUND = 4


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


@njit(nogil=True, cache=True)
def sum_taps(taps: np.ndarray, window: np.ndarray) -> float:
    """sum(taps * (window - window[-1])); ``window`` is float64."""
    total = 0.0
    weight = 0.0
    n = taps.size - 1
    for begin in range(0, n, _ROUND):
        first_pair = 0.0
        second_pair = 0.0
        for r in range(begin, min(begin + _ROUND, n)):
            weight += taps[r]
            product = weight * (window[r] - window[r + 1])
            if r < begin + 2:
                first_pair += product
            else:
                second_pair += product
        total += first_pair + second_pair
    return total


@njit(nogil=True, cache=True)
def sum_symmetric_taps(taps: np.ndarray, window: np.ndarray) -> float:
    """sum(taps * (window - middle of window)) for an odd number of symmetric taps."""
    total = 0.0
    weight = 0.0
    half = taps.size // 2
    last = taps.size - 1
    for begin in range(0, half, _ROUND):
        first_pair = 0.0
        second_pair = 0.0
        for r in range(begin, min(begin + _ROUND, half)):
            weight += taps[r]
            left = window[r] - window[r + 1]
            right = window[last - 1 - r] - window[last - r]
            product = weight * (left - right)
            if r < begin + 2:
                first_pair += product
            else:
                second_pair += product
        total += first_pair + second_pair
    return total


@njit(nogil=True, cache=True)
def under_tap(phases: np.ndarray, r: int, m: int) -> np.ndarray:
    """What is under tap r, for m outputs."""
    factor = phases.shape[0]
    return phases[r % factor, r // factor : r // factor + m]


@njit(nogil=True, cache=True)
def sum_taps_of_block(weights: np.ndarray, phases: np.ndarray, totals: np.ndarray) -> None:
    """totals[j] = sum_taps(taps, samples[j * factor : j * factor + taps.size]) for all j.

    ``weights`` are ``running_sums(taps)``; ``phases`` (factor, n) holds the differences phase by
    phase, phases[p, i] = samples[i * factor + p] - samples[i * factor + p + 1], so that one tap
    meets the differences of all outputs side by side, as vector instructions want them.
    """
    n = weights.size
    m = totals.size
    totals[:] = 0.0
    for r in range(0, n - _ROUND + 1, _ROUND):
        h0, h1, h2, h3 = weights[r], weights[r + 1], weights[r + 2], weights[r + 3]
        d0 = under_tap(phases, r, m)
        d1 = under_tap(phases, r + 1, m)
        d2 = under_tap(phases, r + 2, m)
        d3 = under_tap(phases, r + 3, m)
        for j in range(m):
            totals[j] += (h0 * d0[j] + h1 * d1[j]) + (h2 * d2[j] + h3 * d3[j])
    r = n // _ROUND * _ROUND
    if r == n:
        return
    h0 = weights[r]
    h1 = weights[r + 1] if r + 1 < n else 0.0
    h2 = weights[r + 2] if r + 2 < n else 0.0
    d0 = under_tap(phases, r, m)
    d1 = under_tap(phases, min(r + 1, n - 1), m)
    d2 = under_tap(phases, min(r + 2, n - 1), m)
    for j in range(m):
        totals[j] += (h0 * d0[j] + h1 * d1[j]) + h2 * d2[j]


@njit(nogil=True, cache=True)
def sum_symmetric_taps_of_block(
    weights: np.ndarray, phases: np.ndarray, totals: np.ndarray
) -> None:
    """As ``sum_taps_of_block``, each output as ``sum_symmetric_taps`` gives it."""
    last = weights.size - 1
    n = weights.size // 2
    m = totals.size
    totals[:] = 0.0
    for r in range(0, n - _ROUND + 1, _ROUND):
        h0, h1, h2, h3 = weights[r], weights[r + 1], weights[r + 2], weights[r + 3]
        a0, b0 = under_tap(phases, r, m), under_tap(phases, last - r, m)
        a1, b1 = under_tap(phases, r + 1, m), under_tap(phases, last - r - 1, m)
        a2, b2 = under_tap(phases, r + 2, m), under_tap(phases, last - r - 2, m)
        a3, b3 = under_tap(phases, r + 3, m), under_tap(phases, last - r - 3, m)
        for j in range(m):
            totals[j] += (h0 * (a0[j] - b0[j]) + h1 * (a1[j] - b1[j])) + (
                h2 * (a2[j] - b2[j]) + h3 * (a3[j] - b3[j])
            )
    r = n // _ROUND * _ROUND
    if r == n:
        return
    r1, r2 = min(r + 1, n - 1), min(r + 2, n - 1)
    h0 = weights[r]
    h1 = weights[r1] if r + 1 < n else 0.0
    h2 = weights[r2] if r + 2 < n else 0.0
    a0, b0 = under_tap(phases, r, m), under_tap(phases, last - r, m)
    a1, b1 = under_tap(phases, r1, m), under_tap(phases, last - r1, m)
    a2, b2 = under_tap(phases, r2, m), under_tap(phases, last - r2, m)
    for j in range(m):
        totals[j] += (h0 * (a0[j] - b0[j]) + h1 * (a1[j] - b1[j])) + h2 * (a2[j] - b2[j])


@njit(nogil=True, cache=True)
def rows_of_running_sums(rows: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """For ``sum_rows``: column i holds the running sums of taps rows[i, : sizes[i]], then zeros."""
    weights = np.zeros((max(rows.shape[1] - 1, 0), sizes.size))
    for i in range(sizes.size):
        weights[: sizes[i] - 1, i] = running_sums(rows[i, : sizes[i]])
    return weights


@njit(nogil=True, cache=True)
def sum_rows(weights: np.ndarray, samples: np.ndarray, totals: np.ndarray) -> None:
    """totals[i] = sum_taps(taps of row i, samples[: its size]): many filters over one window.

    ``weights`` come from ``rows_of_running_sums``, ``samples`` are as many as these have rows, and
    one. A NaN among the samples makes every total NaN, shorter rows included.
    """
    n = samples.size - 1
    m = totals.size
    totals[:] = 0.0
    for r in range(0, n, _ROUND):
        r1, r2, r3 = min(r + 1, n - 1), min(r + 2, n - 1), min(r + 3, n - 1)
        d0 = samples[r] - samples[r + 1]
        d1 = samples[r1] - samples[r1 + 1] if r + 1 < n else 0.0
        d2 = samples[r2] - samples[r2 + 1] if r + 2 < n else 0.0
        d3 = samples[r3] - samples[r3 + 1] if r + 3 < n else 0.0
        h0, h1, h2, h3 = weights[r, :m], weights[r1, :m], weights[r2, :m], weights[r3, :m]
        for i in range(m):
            totals[i] += (h0[i] * d0 + h1[i] * d1) + (h2[i] * d2 + h3[i] * d3)
