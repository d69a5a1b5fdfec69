"""Kalman filter of a local level or a local linear trend, and its fixed-lag smoother.

    sample = level + noise,    level <- level + slope + noise,    slope <- slope + noise

with variances r, q_level and q_slope a sample; a local level has slope 0. Nothing is known before
the first number of a segment (exact diffuse start): the first output is that number, and the gain
falls from 1 to its steady value, which is then kept. A missing sample is predicted, and the gain
grows again.

A sample that is predicted exactly changes nothing, so a constant stays itself bit by bit.

Source: J. Durbin, S. J. Koopman, Time Series Analysis by State Space Methods, 2nd ed. (2012),
doi:10.1093/acprof:oso/9780199641178.001.0001, chapters 4 (filter, smoother) and 5 (diffuse start).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

_LEVEL, _SLOPE, _P11, _P12, _P22, _SINCE, _PHASE = 0, 1, 2, 3, 4, 5, 6  # what `now` holds
_EMPTY, _ONE, _GROWING, _STEADY = 0.0, 1.0, 2.0, 3.0  # phases: numbers seen, or gain settled
_D1, _D2, _J11, _J12, _J21, _J22, _MISSING, _RISE = 1, 2, 3, 4, 5, 6, 7, 8  # what `past` holds
# after the level: correction by the sample, smoother gain, whether the sample was missing, slope

_SETTLED = 1e-8  # relative distance of a variance from its steady value that is none
_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time


class Noise(NamedTuple):
    """The model of a channel and what it settles to."""

    level: float  # variance of the steps of the level
    slope: float  # variance of the steps of the slope
    sample: float  # variance of the noise of a sample
    trend: bool  # whether there is a slope
    gain_level: float  # steady gain
    gain_slope: float
    p11: float  # steady variances after a sample
    p12: float
    p22: float


class LocalTrendState(NamedTuple):
    """What the filter remembers of one segment of one channel."""

    now: NDArray[np.float64]  # level, slope, their variances, rows since the first number, phase
    past: NDArray[np.float64]  # last lag + 1 rows, each held twice: any run of them is contiguous
    rows: NDArray[np.int64]  # rows pushed


@njit(nogil=True, cache=True)
def local_trend_start(lag: int) -> LocalTrendState:
    """State ready for the first sample."""
    state = LocalTrendState(np.empty(7), np.empty((2 * (lag + 1), 9)), np.empty(1, dtype=np.int64))
    local_trend_reset(state)
    return state


@njit(nogil=True, cache=True)
def local_trend_reset(state: LocalTrendState) -> None:
    """Forget everything: the next sample is the first of a segment."""
    state.now[:] = 0.0
    state.now[_LEVEL] = np.nan
    state.past[:] = 0.0
    state.rows[0] = 0


@njit(nogil=True, cache=True)
def _correct(
    level: float, slope: float, sample: float, gain_level: float, gain_slope: float
) -> tuple[float, float]:
    """Predict and take in one number: (level, slope)."""
    predicted = level + slope
    surprise = sample - predicted
    if abs(surprise) < _NOTHING and abs(slope) < _NOTHING:
        return sample, 0.0
    return predicted + gain_level * surprise, slope + gain_slope * surprise


@njit(nogil=True, cache=True)
def _second_number(now: np.ndarray, sample: float, noise: Noise) -> None:
    """Two numbers, j rows apart, define a line; its variances follow from all noise between."""
    j = now[_SINCE]
    now[_SLOPE] = (sample - now[_LEVEL]) / j
    now[_LEVEL] = sample
    now[_P11] = noise.sample
    now[_P12] = noise.sample / j
    now[_P22] = (
        2.0 * noise.sample / j**2
        + noise.level / j
        + noise.slope * (j + 1.0) * (2.0 * j + 1.0) / (6.0 * j)
    )
    now[_PHASE] = _GROWING


@njit(nogil=True, cache=True)
def _take_in(now: np.ndarray, m: tuple[float, float, float], sample: float, noise: Noise) -> None:
    """Update by a number, with the predicted variances ``m``; settle when they have settled."""
    m11, m12, m22 = m
    total = m11 + noise.sample
    gain_level = m11 / total
    gain_slope = m12 / total
    now[_LEVEL], now[_SLOPE] = _correct(now[_LEVEL], now[_SLOPE], sample, gain_level, gain_slope)
    now[_P11] = gain_level * noise.sample
    now[_P12] = gain_slope * noise.sample
    now[_P22] = m22 - gain_slope * m12
    if (
        abs(now[_P11] - noise.p11) <= _SETTLED * noise.p11
        and abs(now[_P12] - noise.p12) <= _SETTLED * noise.p12
        and abs(now[_P22] - noise.p22) <= _SETTLED * noise.p22
    ):
        now[_P11], now[_P12], now[_P22] = noise.p11, noise.p12, noise.p22
        now[_PHASE] = _STEADY


@njit(nogil=True, cache=True)
def _predicted(now: np.ndarray, noise: Noise) -> tuple[float, float, float]:
    """Variances one row later: of the level, of level and slope, of the slope."""
    p12 = now[_P12]
    p22 = now[_P22]
    return now[_P11] + 2.0 * p12 + p22 + noise.level, p12 + p22, p22 + noise.slope


@njit(nogil=True, cache=True)
def _filter_step(now: np.ndarray, sample: float, noise: Noise) -> None:
    """Push one sample."""
    phase = now[_PHASE]
    if phase == _EMPTY:
        if not np.isnan(sample):
            now[_LEVEL] = sample
            now[_P11] = noise.sample
            now[_PHASE] = _ONE if noise.trend else _GROWING
        return
    now[_SINCE] += 1.0
    if phase == _STEADY and not np.isnan(sample):
        now[_LEVEL], now[_SLOPE] = _correct(
            now[_LEVEL], now[_SLOPE], sample, noise.gain_level, noise.gain_slope
        )
    elif np.isnan(sample):
        m = _predicted(now, noise)
        now[_LEVEL] += now[_SLOPE]
        now[_P11], now[_P12], now[_P22] = m
        if phase == _STEADY:
            now[_PHASE] = _GROWING
    elif phase == _ONE:
        _second_number(now, sample, noise)
    else:
        _take_in(now, _predicted(now, noise), sample, noise)


@njit(nogil=True, cache=True)
def _smoother_gain(now: np.ndarray, noise: Noise) -> tuple[float, float, float, float]:
    """J = P T' M^-1 of this row, M the variances predicted for the next: the four entries."""
    m11, m12, m22 = _predicted(now, noise)
    p11, p12, p22 = now[_P11], now[_P12], now[_P22]
    if now[_PHASE] == _EMPTY:
        return 0.0, 0.0, 0.0, 0.0
    if not noise.trend:
        return p11 / m11, 0.0, 0.0, 0.0
    if now[_PHASE] == _ONE:  # the limit for a slope of which nothing is known yet
        j = now[_SINCE] + 1.0
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
def _remember(now: np.ndarray, past: np.ndarray, row: int, sample: float, noise: Noise) -> None:
    """Push sample ``row`` and keep what the smoother wants of its row and the row before."""
    n = past.shape[0] // 2
    here = row % n
    before = here - 1 if here > 0 else n - 1
    j11, j12, j21, j22 = _smoother_gain(now, noise)
    seen = now[_PHASE] != _EMPTY
    predicted = now[_LEVEL] + now[_SLOPE]
    slope = now[_SLOPE]
    _filter_step(now, sample, noise)
    for copy in (0, n):
        past[before + copy, _J11] = j11
        past[before + copy, _J12] = j12
        past[before + copy, _J21] = j21
        past[before + copy, _J22] = j22
        past[here + copy, _LEVEL] = now[_LEVEL]
        past[here + copy, _RISE] = now[_SLOPE]
        past[here + copy, _D1] = now[_LEVEL] - predicted if seen else 0.0
        past[here + copy, _D2] = now[_SLOPE] - slope if seen else 0.0
        past[here + copy, _MISSING] = np.isnan(sample)


@njit(nogil=True, cache=True)
def _smoothed(past: np.ndarray, last: int, ahead: int, omit: bool) -> tuple[float, float]:
    """Level and slope ``ahead`` rows before row ``last`` after all corrections since.

    Each correction reaches back by the gains of the rows between.
    """
    n = past.shape[0] // 2
    end = last % n + n
    row = end - ahead
    if np.isnan(past[row, _LEVEL]) or (not omit and past[row, _MISSING] != 0.0):
        return np.nan, np.nan
    if ahead == 0:
        return past[row, _LEVEL], past[row, _RISE]
    d1 = past[end, _D1]
    d2 = past[end, _D2]
    for s in range(end - 1, row, -1):
        level = past[s, _D1] + (past[s, _J11] * d1 + past[s, _J12] * d2)
        d2 = past[s, _D2] + (past[s, _J21] * d1 + past[s, _J22] * d2)
        d1 = level
    return (
        past[row, _LEVEL] + (past[row, _J11] * d1 + past[row, _J12] * d2),
        past[row, _RISE] + (past[row, _J21] * d1 + past[row, _J22] * d2),
    )


@njit(nogil=True, cache=True)
def local_trend_step(
    state: LocalTrendState, sample: float, noise: Noise, omit: bool
) -> tuple[float, float]:
    """Push one sample; return level and slope (a sample) at the one pushed ``lag`` samples before.

    ``lag`` is that of ``local_trend_start``; NaN until there are so many. A missing sample has the
    level that is predicted, without ``omit`` NaN. The slope is 0 until two numbers tell of it.
    """
    lag = state.past.shape[0] // 2 - 1
    if lag == 0:
        _filter_step(state.now, sample, noise)
        if state.now[_PHASE] == _EMPTY or (np.isnan(sample) and not omit):
            return np.nan, np.nan
        return state.now[_LEVEL], state.now[_SLOPE]
    row = state.rows[0]
    state.rows[0] = row + 1
    _remember(state.now, state.past, row, sample, noise)
    return _smoothed(state.past, row, lag, omit) if row >= lag else (np.nan, np.nan)


@njit(nogil=True, cache=True)
def _run_steady(
    now: np.ndarray,
    signal: np.ndarray,
    output: np.ndarray,
    rise: np.ndarray,
    sample_time: float,
    begin: int,
    noise: Noise,
) -> int:
    """Push samples from ``begin`` up to the first missing one; the row after the last."""
    level = now[_LEVEL]
    slope = now[_SLOPE]
    gain_level = noise.gain_level
    gain_slope = noise.gain_slope
    i = begin
    while i < signal.size and not np.isnan(signal[i]):
        level, slope = _correct(level, slope, np.float64(signal[i]), gain_level, gain_slope)
        output[i] = level
        if rise.size > 0:
            rise[i] = slope / sample_time
        i += 1
    now[_LEVEL] = level
    now[_SLOPE] = slope
    now[_SINCE] += i - begin
    return i


@njit(nogil=True, cache=True)
def _put(
    output: np.ndarray,
    rise: np.ndarray,
    sample_time: float,
    i: int,
    found: tuple[float, float],
) -> None:
    output[i] = found[0]
    if rise.size > 0:
        rise[i] = found[1] / sample_time


@njit(nogil=True, cache=True)
def _filter_segment(
    state: LocalTrendState,
    signal: np.ndarray,
    output: np.ndarray,
    rise: np.ndarray,
    sample_time: float,
    noise: Noise,
    omit: bool,
) -> None:
    i = 0
    while i < signal.size:
        if state.now[_PHASE] == _STEADY:
            i = _run_steady(state.now, signal, output, rise, sample_time, i, noise)
        if i < signal.size:
            found = local_trend_step(state, np.float64(signal[i]), noise, omit)
            _put(output, rise, sample_time, i, found)
            i += 1


@njit(nogil=True, cache=True)
def _smooth_segment(
    state: LocalTrendState,
    signal: np.ndarray,
    output: np.ndarray,
    rise: np.ndarray,
    sample_time: float,
    noise: Noise,
    omit: bool,
) -> None:
    now = state.now
    past = state.past
    lag = past.shape[0] // 2 - 1
    n = signal.size
    for i in range(n):
        _remember(now, past, i, np.float64(signal[i]), noise)
        if i >= lag:
            _put(output, rise, sample_time, i - lag, _smoothed(past, i, lag, omit))
    for i in range(max(0, n - lag), n):
        _put(output, rise, sample_time, i, _smoothed(past, n - 1, n - 1 - i, omit))


@njit(nogil=True, cache=True)
def local_trend(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    slopes: np.ndarray,
    models: np.ndarray,
    sample_time: float,
    trend: bool,
    lag: int,
    omit: bool,
) -> None:
    """Level of each segment, and slope per unit of ``sample_time``, from samples up to ``lag`` on.

    ``models`` (n_channels, 8) holds q_level, q_slope, r, steady gain (2) and variances (3) of each
    channel. The last ``lag`` rows use what there is. Without ``omit``, rows of missing samples are
    NaN; rows before the first number always are. ``slopes`` is of the shape of ``out``, or
    (n_channels, 0) where they are not wanted. Time: rows * (1 + lag).
    """
    n_segments = bounds.size - 1
    state = local_trend_start(lag)
    for task in range(first, last):
        channel = task // n_segments
        signal = x[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        output = out[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        rise = slopes[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        model = models[channel]
        noise = Noise(
            model[0], model[1], model[2], trend,
            model[3], model[4], model[5], model[6], model[7],
        )  # fmt: skip
        local_trend_reset(state)
        if lag == 0:
            _filter_segment(state, signal, output, rise, sample_time, noise, omit)
        else:
            _smooth_segment(state, signal, output, rise, sample_time, noise, omit)
