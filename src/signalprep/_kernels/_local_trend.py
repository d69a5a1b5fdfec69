"""Kalman filter of a local level or a local linear trend.

    sample = level + noise,    level <- level + slope + noise,    slope <- slope + noise

with variances r, q_level and q_slope a sample; a local level has slope 0. Nothing is known before
the first number of a segment (exact diffuse start): the first output is that number, and the gain
falls from 1 to its steady value, which is then kept. A missing sample is predicted, and the gain
grows again.

A sample that is predicted exactly changes nothing, so a constant stays itself bit by bit.

Source: J. Durbin, S. J. Koopman, Time Series Analysis by State Space Methods, 2nd ed. (2012),
doi:10.1093/acprof:oso/9780199641178.001.0001, chapters 4 (filter) and 5 (diffuse start).
"""

import numpy as np
from numpy.typing import NDArray

from ._kernel import NOTHING, REFUSES, Kernel, is_refused
from ._njit import njit

# Columns of the parameters, after REFUSES: what to do, then the model of a channel and what it
# settles to, which are variances of the steps of level and slope and of the noise of a sample, the
# steady gains, and the steady variances after a sample.
OMIT, TREND, SAMPLE_TIME = 1, 2, 3
Q_LEVEL, Q_SLOPE, R, GAIN_LEVEL, GAIN_SLOPE, _STEADY_P = 4, 5, 6, 7, 8, 9

# Numbers: level, slope, their variances, rows since the first number, phase.
LEVEL, SLOPE, P11, P12, P22, SINCE, PHASE = 0, 1, 2, 3, 4, 5, 6
N_NUMBERS = 7

EMPTY, ONE, _GROWING, STEADY = 0.0, 1.0, 2.0, 3.0  # phases: numbers seen, or gain settled

_SETTLED = 1e-8  # relative distance of a variance from its steady value that is none
_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time


def local_trend_params(
    models: NDArray[np.float64],
    *,
    trend: bool,
    omit: bool,
    sample_time: float = 1.0,
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters of the channels, for ``models`` (n_channels, 8); slopes go by ``sample_time``."""
    return np.hstack([np.tile([refuses, omit, trend, sample_time], (len(models), 1)), models])


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return N_NUMBERS, 0


def _memory(row: NDArray[np.float64]) -> int:
    return 0


@njit(nogil=True, cache=True)
def reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    """Forget everything: the next sample is the first of a segment."""
    numbers[:] = 0.0
    numbers[LEVEL] = np.nan


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
def _second_number(now: np.ndarray, sample: float, row: np.ndarray) -> None:
    """Two numbers, j rows apart, define a line; its variances follow from all noise between."""
    j = now[SINCE]
    now[SLOPE] = (sample - now[LEVEL]) / j
    now[LEVEL] = sample
    now[P11] = row[R]
    now[P12] = row[R] / j
    now[P22] = (
        2.0 * row[R] / j**2
        + row[Q_LEVEL] / j
        + row[Q_SLOPE] * (j + 1.0) * (2.0 * j + 1.0) / (6.0 * j)
    )
    now[PHASE] = _GROWING


@njit(nogil=True, cache=True)
def _take_in(now: np.ndarray, sample: float, row: np.ndarray) -> None:
    """Update by a number; settle when the variances have settled."""
    m11, m12, m22 = predicted_variances(now, row)
    total = m11 + row[R]
    gain_level = m11 / total
    gain_slope = m12 / total
    now[LEVEL], now[SLOPE] = _correct(now[LEVEL], now[SLOPE], sample, gain_level, gain_slope)
    now[P11] = gain_level * row[R]
    now[P12] = gain_slope * row[R]
    now[P22] = m22 - gain_slope * m12
    for k in range(3):
        steady = row[_STEADY_P + k]
        if not abs(now[P11 + k] - steady) <= _SETTLED * steady:
            return
    now[P11 : P22 + 1] = row[_STEADY_P : _STEADY_P + 3]
    now[PHASE] = STEADY


@njit(nogil=True, cache=True)
def predicted_variances(now: np.ndarray, row: np.ndarray) -> tuple[float, float, float]:
    """Variances one row later: of the level, of level and slope, of the slope."""
    p12 = now[P12]
    p22 = now[P22]
    return now[P11] + 2.0 * p12 + p22 + row[Q_LEVEL], p12 + p22, p22 + row[Q_SLOPE]


@njit(nogil=True, cache=True)
def filter_sample(now: np.ndarray, sample: float, row: np.ndarray) -> None:
    """Take in one sample, the ``now`` of which are the numbers of the channel."""
    phase = now[PHASE]
    if phase == EMPTY:
        if not np.isnan(sample):
            now[LEVEL] = sample
            now[P11] = row[R]
            now[PHASE] = ONE if row[TREND] != 0.0 else _GROWING
        return
    now[SINCE] += 1.0
    if np.isnan(sample):
        variances = predicted_variances(now, row)
        now[LEVEL] += now[SLOPE]
        now[P11], now[P12], now[P22] = variances
        if phase == STEADY:
            now[PHASE] = _GROWING
    elif phase == STEADY:
        now[LEVEL], now[SLOPE] = _correct(
            now[LEVEL], now[SLOPE], sample, row[GAIN_LEVEL], row[GAIN_SLOPE]
        )
    elif phase == ONE:
        _second_number(now, sample, row)
    else:
        _take_in(now, sample, row)


@njit(nogil=True, cache=True)
def _run_steady(
    now: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    begin: int,
    output: np.ndarray,
    rise: np.ndarray,
) -> int:
    """Push samples from ``begin`` up to the first missing one; the place after the last."""
    level, slope = now[LEVEL], now[SLOPE]
    gain_level, gain_slope, sample_time = row[GAIN_LEVEL], row[GAIN_SLOPE], row[SAMPLE_TIME]
    i = begin
    while i < signal.size and not np.isnan(signal[i]):
        level, slope = _correct(level, slope, np.float64(signal[i]), gain_level, gain_slope)
        output[i] = level
        if rise.size > 0:
            rise[i] = slope / sample_time
        i += 1
    now[LEVEL], now[SLOPE] = level, slope
    now[SINCE] += i - begin
    return i


@njit(nogil=True, cache=True)
def _push(
    now: np.ndarray, row: np.ndarray, signal: np.ndarray, output: np.ndarray, rise: np.ndarray
) -> None:
    """Push samples. A missing one has the level that is predicted, without OMIT NaN.

    The slope is 0 until two numbers tell of it.
    """
    i = 0
    while i < signal.size:
        if now[PHASE] == STEADY:
            i = _run_steady(now, row, signal, i, output, rise)
        if i < signal.size:
            sample = np.float64(signal[i])
            filter_sample(now, sample, row)
            unknown = now[PHASE] == EMPTY or (np.isnan(sample) and row[OMIT] == 0.0)
            output[i] = np.nan if unknown else now[LEVEL]
            if rise.size > 0:
                rise[i] = np.nan if unknown else now[SLOPE] / row[SAMPLE_TIME]
            i += 1


@njit(nogil=True, cache=True)
def _advance(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    """Levels go to ``out``, slopes to ``flags``."""
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        row = params[channel if params.shape[0] > 1 else 0]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                reset(numbers[channel], counts[channel])
            _push(
                numbers[channel], row, x[channel, begin:end],
                out[channel, begin:end], flags[channel, begin:end],
            )  # fmt: skip
    return False


LOCAL_TREND = Kernel("local trend", _sizes, reset, _advance, None, _memory)
