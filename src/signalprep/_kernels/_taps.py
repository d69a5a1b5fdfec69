"""Sums of taps times samples, for one output and for many, added in the same order.

Samples are taken less the newest one of their window: a constant then goes through a filter bit by
bit, and no output depends on a sample outside its window, not even by rounding.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def first_number(window: np.ndarray) -> float:
    """The first sample that is not NaN; NaN when there is none."""
    for i in range(window.size):
        if not np.isnan(window[i]):
            return window[i]
    return np.nan


@njit(nogil=True, cache=True)
def sum_taps(taps: np.ndarray, window: np.ndarray) -> float:
    """sum(taps * (window - window[-1])), eight products a round; ``window`` is float64."""
    total = 0.0
    n = taps.size
    newest = window[n - 1]
    for r in range(0, n - 7, 8):
        h = taps[r : r + 8]
        d = window[r : r + 8]
        total += (
            (h[0] * (d[0] - newest) + h[1] * (d[1] - newest))
            + (h[2] * (d[2] - newest) + h[3] * (d[3] - newest))
        ) + (
            (h[4] * (d[4] - newest) + h[5] * (d[5] - newest))
            + (h[6] * (d[6] - newest) + h[7] * (d[7] - newest))
        )
    for r in range(n // 8 * 8, n):
        total += taps[r] * (window[r] - newest)
    return total


@njit(nogil=True, cache=True)
def under_tap(phases: np.ndarray, r: int, m: int) -> np.ndarray:
    """The sample under tap r, for m outputs."""
    factor = phases.shape[0]
    return phases[r % factor, r // factor : r // factor + m]


@njit(nogil=True, cache=True)
def sum_taps_of_block(taps: np.ndarray, phases: np.ndarray, totals: np.ndarray) -> None:
    """totals[j] = sum_taps(taps, samples[j * factor : j * factor + taps.size]) for all j.

    ``phases`` (factor, n) holds the samples phase by phase, phases[p, i] = samples[i * factor + p],
    so that one tap meets the samples of all outputs side by side, as vector instructions want them.
    """
    n = taps.size
    m = totals.size
    newest = under_tap(phases, n - 1, m)
    totals[:] = 0.0
    for r in range(0, n - 7, 8):
        h = taps[r : r + 8]
        h0, h1, h2, h3, h4, h5, h6, h7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
        d0 = under_tap(phases, r, m)
        d1 = under_tap(phases, r + 1, m)
        d2 = under_tap(phases, r + 2, m)
        d3 = under_tap(phases, r + 3, m)
        d4 = under_tap(phases, r + 4, m)
        d5 = under_tap(phases, r + 5, m)
        d6 = under_tap(phases, r + 6, m)
        d7 = under_tap(phases, r + 7, m)
        for j in range(m):
            c = newest[j]
            totals[j] += (
                (h0 * (d0[j] - c) + h1 * (d1[j] - c)) + (h2 * (d2[j] - c) + h3 * (d3[j] - c))
            ) + ((h4 * (d4[j] - c) + h5 * (d5[j] - c)) + (h6 * (d6[j] - c) + h7 * (d7[j] - c)))
    for r in range(n // 8 * 8, n):
        h0 = taps[r]
        d0 = under_tap(phases, r, m)
        for j in range(m):
            totals[j] += h0 * (d0[j] - newest[j])
