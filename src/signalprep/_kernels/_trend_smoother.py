"""Fixed-lag smoother of a local level or a local linear trend: the filter, and corrections since.

Source: J. Durbin, S. J. Koopman, Time Series Analysis by State Space Methods, 2nd ed. (2012),
doi:10.1093/acprof:oso/9780199641178.001.0001, chapter 4.
"""

import numpy as np

from ._local_trend import (
    EMPTY,
    LEVEL,
    N_NUMBERS,
    OMIT,
    ONE,
    P11,
    P12,
    P22,
    PHASE,
    SAMPLE_TIME,
    SINCE,
    SLOPE,
    TREND,
    filter_sample,
    predicted_variances,
    reset,
)
from ._njit import njit

# What is kept of a row: level, slope, their corrections by the sample, smoother gain, whether the
# sample was missing.
_D1, _D2, _J11, _J12, _J21, _J22, _MISSING = 2, 3, 4, 5, 6, 7, 8
_N_KEPT = 9


@njit(nogil=True, cache=True)
def _smoother_gain(now: np.ndarray, row: np.ndarray) -> tuple[float, float, float, float]:
    """J = P T' M^-1 of this row, M the variances predicted for the next: the four entries."""
    m11, m12, m22 = predicted_variances(now, row)
    p11, p12, p22 = now[P11], now[P12], now[P22]
    if now[PHASE] == EMPTY:
        return 0.0, 0.0, 0.0, 0.0
    if row[TREND] == 0.0:
        return p11 / m11, 0.0, 0.0, 0.0
    if now[PHASE] == ONE:  # the limit for a slope of which nothing is known yet
        j = now[SINCE] + 1.0
        spread = m11 - 2.0 * j * m12 + j**2 * m22
        by_level = (p11 + p12 - j * p12) / spread
        by_slope = (p12 + p22 - j * p22) / spread
        of_level = (j * m22 - m12) / spread
        of_slope = (m11 - j * m12) / spread
        return (
            by_level + (j - 1.0) * of_level,
            (j - 1.0) * of_slope - j * by_level,
            by_slope + of_level,
            of_slope - j * by_slope,
        )
    spread = m11 * m22 - m12 * m12
    return (
        ((p11 + p12) * m22 - p12 * m12) / spread,
        (p12 * m11 - (p11 + p12) * m12) / spread,
        ((p12 + p22) * m22 - p22 * m12) / spread,
        (p22 * m11 - (p12 + p22) * m12) / spread,
    )


@njit(nogil=True, cache=True)
def _remember(now: np.ndarray, past: np.ndarray, i: int, sample: float, row: np.ndarray) -> None:
    """Push sample ``i`` and keep what the smoother wants of it and the one before."""
    n = past.shape[0] // 2
    here = i % n
    before = here - 1 if here > 0 else n - 1
    gain = _smoother_gain(now, row)
    seen = now[PHASE] != EMPTY
    predicted = now[LEVEL] + now[SLOPE]
    slope = now[SLOPE]
    filter_sample(now, sample, row)
    for copy in (0, n):
        kept = past[before + copy]
        kept[_J11], kept[_J12], kept[_J21], kept[_J22] = gain
        kept = past[here + copy]
        kept[LEVEL], kept[SLOPE] = now[LEVEL], now[SLOPE]
        kept[_D1] = now[LEVEL] - predicted if seen else 0.0
        kept[_D2] = now[SLOPE] - slope if seen else 0.0
        kept[_MISSING] = np.isnan(sample)


@njit(nogil=True, cache=True)
def _smoothed(past: np.ndarray, last: int, ahead: int, omit: bool) -> tuple[float, float]:
    """Level and slope ``ahead`` rows before row ``last`` after all corrections since.

    Each correction reaches back by the gains of the rows between.
    """
    n = past.shape[0] // 2
    end = last % n + n
    row = end - ahead
    if np.isnan(past[row, LEVEL]) or (not omit and past[row, _MISSING] != 0.0):
        return np.nan, np.nan
    if ahead == 0:
        return past[row, LEVEL], past[row, SLOPE]
    d1 = past[end, _D1]
    d2 = past[end, _D2]
    for s in range(end - 1, row, -1):
        level = past[s, _D1] + (past[s, _J11] * d1 + past[s, _J12] * d2)
        d2 = past[s, _D2] + (past[s, _J21] * d1 + past[s, _J22] * d2)
        d1 = level
    return (
        past[row, LEVEL] + (past[row, _J11] * d1 + past[row, _J12] * d2),
        past[row, SLOPE] + (past[row, _J21] * d1 + past[row, _J22] * d2),
    )


@njit(nogil=True, cache=True)
def _smooth(
    now: np.ndarray,
    past: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    output: np.ndarray,
    rise: np.ndarray,
) -> None:
    """Push the samples of a segment; the last rows have fewer after them."""
    lag, n = past.shape[0] // 2 - 1, signal.size
    for i in range(n + lag):
        last = min(i, n - 1)
        if i < n:
            _remember(now, past, i, np.float64(signal[i]), row)
        if i >= lag:
            at = i - lag
            level, slope = _smoothed(past, last, last - at, row[OMIT] != 0.0)
            output[at] = level
            if rise.size > 0:
                rise[at] = slope / row[SAMPLE_TIME]


@njit(nogil=True, cache=True)
def smooth_trend(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    slopes: np.ndarray,
    params: np.ndarray,
    lag: int,
) -> None:
    """Level of each segment, and slope, from samples up to ``lag`` on; the last rows see fewer.

    ``params`` as for the filter. Without OMIT, rows of missing samples are NaN; rows before the
    first number always are. ``slopes`` is of the shape of ``out``, or (n_channels, 0) where they
    are not wanted. Time: rows * (1 + lag).
    """
    n_segments = bounds.size - 1
    now, counts = np.empty(N_NUMBERS), np.empty(0, dtype=np.int64)
    past = np.empty((2 * (lag + 1), _N_KEPT))  # each row held twice: any run of them is contiguous
    for task in range(first, last):
        channel = task // n_segments
        begin, end = bounds[task % n_segments], bounds[task % n_segments + 1]
        reset(now, counts)
        past[:] = 0.0
        _smooth(
            now, past, params[channel], x[channel, begin:end],
            out[channel, begin:end], slopes[channel, begin:end],
        )  # fmt: skip
