"""Sums of taps times samples, for one output and for many, added in the same order."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def sum_taps(taps: np.ndarray, window: np.ndarray) -> float:
    """sum(taps * window), eight products a round."""
    total = 0.0
    n = taps.size
    for r in range(0, n - 7, 8):
        h = taps[r : r + 8]
        d = window[r : r + 8]
        total += ((h[0] * d[0] + h[1] * d[1]) + (h[2] * d[2] + h[3] * d[3])) + (
            (h[4] * d[4] + h[5] * d[5]) + (h[6] * d[6] + h[7] * d[7])
        )
    for r in range(n // 8 * 8, n):
        total += taps[r] * window[r]
    return total


@njit(nogil=True, cache=True)
def _run(phases: np.ndarray, r: int, m: int) -> np.ndarray:
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
    totals[:] = 0.0
    for r in range(0, n - 7, 8):
        h = taps[r : r + 8]
        h0, h1, h2, h3, h4, h5, h6, h7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
        d0 = _run(phases, r, m)
        d1 = _run(phases, r + 1, m)
        d2 = _run(phases, r + 2, m)
        d3 = _run(phases, r + 3, m)
        d4 = _run(phases, r + 4, m)
        d5 = _run(phases, r + 5, m)
        d6 = _run(phases, r + 6, m)
        d7 = _run(phases, r + 7, m)
        for j in range(m):
            totals[j] += ((h0 * d0[j] + h1 * d1[j]) + (h2 * d2[j] + h3 * d3[j])) + (
                (h4 * d4[j] + h5 * d5[j]) + (h6 * d6[j] + h7 * d7[j])
            )
    for r in range(n // 8 * 8, n):
        h0 = taps[r]
        d0 = _run(phases, r, m)
        for j in range(m):
            totals[j] += h0 * d0[j]
