"""Kalman filters of a level or a trend: gains by the number of the row until they are steady."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._local_trend import (
    GAIN_LEVEL,
    GAIN_SLOPE,
    LOCAL_TREND,
    N_NUMBERS,
    ONE,
    PHASE,
    SAMPLE_TIME,
    STEADY,
    TREND,
    R,
    filter_sample,
    predicted_variances,
    reset,
)
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, replaced, side_by_side
from signalprep.embedded.lowering._fading import (
    STEEP_BITS,
    Width,
    fraction_of,
    width_of,
)
from signalprep.embedded.lowering._fold import lowers_kernel
from signalprep.embedded.lowering._weights import bits_below
from signalprep.embedded.lowering._widths import apart
from signalprep.embedded.program import Value, bits_of

__all__: list[str] = []

_UNIT = 30  # bits of a gain of 1
_ROUNDED = 0.02  # steps of the input that the rounding of a state may add up to
_BITS = 18  # of a channel, up to which that is so; where filters have given more, as many more
_SPARE = 1.01  # what rounding adds to the bounds of states is far less
_TABLES = {False: 1, True: 3}  # of a channel: with a trend the gain of the slope has two parts


class _Gains(NamedTuple):
    """Gains of each channel and row, and what level and slope reach for inputs of 1 at most."""

    level: np.ndarray
    slope: np.ndarray
    reach: tuple[float, float]


@lowers_kernel(LOCAL_TREND)
@apart
def _kalman(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    """Levels are off by a 20th of a step of the input at most; a constant stays itself.

    The gains of every row until they have settled stand in a table. Slopes have steps of their own.
    """
    builder, at, params = context.builder, plan.channels, plan.params
    if len(at) == 0:
        return channels
    trend = bool(params[0, TREND])
    gains = _gains(step, context, params, trend)
    low, high = (ends[at] for ends in context.proven(channels.value))
    least, most, span = int(low.min()), int(high.max()), int((high - low).max())
    beyond = int(np.ceil((gains.reach[0] - 1) / 2 * span * _SPARE)) + 1
    steepest = int(np.ceil(gains.reach[1] / 2 * span * _SPARE)) + 1
    room = bits_below(1 + (2 * beyond + steepest) / span)
    slowest = float(gains.level.min())
    if trend:
        slowest = min(slowest, float(gains.slope[:, -1].min()))
    allowed = _ROUNDED * 2.0 ** max(0, bits_of(least, most) - _BITS)
    width = width_of(least, most, slowest, allowed, room)
    x = builder.gather((channels.value, at))
    level, slope = _followed(context, x, gains, width, (low - beyond, high + beyond, steepest))
    names = [channels.names[k] for k in at]
    fraction = fraction_of(max(-least, most) + beyond)
    fine = builder.shift(level, width.fraction - fraction)
    made = channels.made(fine, channels.lsb[at] / 2.0**fraction, channels.offset[at], names)
    out = replaced(context, channels, at, made)
    if not plan.appends or slope is None:
        return out
    bits = fraction_of(steepest, width.fraction, STEEP_BITS)
    lsb = channels.lsb[at] / 2.0**bits / params[:, SAMPLE_TIME]
    slopes = channels.made(
        builder.shift(slope, width.fraction - bits), lsb, 0.0, [f"{name}_slope" for name in names]
    )
    return side_by_side(context, [out, slopes])


def _followed(
    context: Context,
    x: Value,
    gains: _Gains,
    width: Width,
    ends: tuple[np.ndarray, np.ndarray, int],
) -> tuple[Value, Value | None]:
    """Levels and, of a trend, slopes."""
    builder = context.builder
    low, high = ends[0] << width.fraction, ends[1] << width.fraction
    steepest = ends[2] << width.fraction
    trend = gains.slope.any()
    row = builder.subtract(builder.count(gains.level.shape[1]), builder.const(1))
    level = builder.state(x.size, low=low, high=high, initial=low)
    sample = builder.add(x, builder.const(0), left=width.fraction)
    slope = builder.state(x.size, low=-steepest, high=steepest) if trend else None
    expected = level if slope is None else builder.add(level, slope)
    expected = builder.select(builder.first(), "==", builder.const(1), sample, expected)
    far = builder.shift(builder.subtract(sample, expected), width.left_away)
    down = _UNIT - width.left_away
    step = builder.mul(far, _picked(context, np.round(gains.level * 2.0**_UNIT), row))
    now = builder.clamp(builder.add(expected, builder.shift(step, down)), low, high)
    builder.follow(level, now)
    if slope is None:
        return now, None
    mantissa, exponent = np.frexp(gains.slope)
    share = builder.mul(far, _picked(context, np.round(mantissa * 2.0**_UNIT), row))
    share = builder.shift(share, _UNIT)
    turn = builder.mul(share, _picked(context, 2.0 ** np.maximum(_UNIT + exponent, 0), row))
    turned = builder.add(slope, builder.shift(turn, down))
    turned = builder.clamp(turned, -steepest, steepest)
    builder.follow(slope, turned)
    return now, turned


def _picked(context: Context, table: np.ndarray, row: Value) -> Value:
    """The numbers of a row: one for each channel, or one where they are the same."""
    builder = context.builder
    if (table == table[0]).all():
        table = table[:1]
    found = [builder.pick(builder.const(one.astype(np.int64)), row) for one in table]
    return builder.gather(*((one, None) for one in found))


def _gains(step: Any, context: Context, params: np.ndarray, trend: bool) -> _Gains:
    n_different = len(np.unique(params, axis=0))
    most = context.options.most_flash // (4 * n_different * _TABLES[trend])
    rows = [_settling(row, most) for row in params]
    longest = max(len(row) for row in rows)
    if longest > most:
        context.refuse(
            step,
            f"its gain takes more than {most} rows to settle, and their table more than "
            f"{context.options.most_flash} bytes; lower the rate first (AtRate)",
        )
    full = [np.concatenate([row, np.repeat(row[-1:], longest - len(row), axis=0)]) for row in rows]
    level, slope = np.stack(full).transpose(2, 0, 1)
    reaches = np.array([_reach(row) for row in rows]).max(axis=0)
    return _Gains(level, slope, (float(reaches[0]), float(reaches[1])))


def _settling(row: np.ndarray, most: int) -> np.ndarray:
    """Gains of level and slope, a row for each sample, the steady ones last."""
    now, counts = np.empty(N_NUMBERS), np.empty(0, dtype=np.int64)
    reset(now, counts)
    filter_sample(now, 0.0, row)
    gains = [(1.0, 0.0)]
    while now[PHASE] != STEADY and len(gains) <= most:
        if now[PHASE] == ONE:
            gains.append((1.0, 1.0))
        else:
            m11, m12, _ = predicted_variances(now, row)
            gains.append((m11 / (m11 + row[R]), m12 / (m11 + row[R])))
        filter_sample(now, 0.0, row)
    return np.array([*gains, (row[GAIN_LEVEL], row[GAIN_SLOPE])])


def _reach(gains: np.ndarray) -> tuple[float, float]:
    """The greatest sum of the sizes of all weights, of the level and of the slope."""
    level, slope = np.empty(0), np.empty(0)
    most = (1.0, 0.0)
    for of_level, of_slope in gains:
        expected = level + slope
        level = np.append((1 - of_level) * expected, of_level)
        slope = np.append(slope - of_slope * expected, of_slope)
        most = max(most[0], np.abs(level).sum()), max(most[1], np.abs(slope).sum())
    return most
