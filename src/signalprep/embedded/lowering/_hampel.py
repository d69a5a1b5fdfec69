"""Hampel filters: distances from the median, held against the MAD by whole numbers alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._hampel import FLOORS, HAMPEL, MAD_TO_STD, THRESHOLD, WINDOW
from signalprep.embedded.lowering._acts import acted
from signalprep.embedded.lowering._channels import Channels, Image
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers_kernel
from signalprep.embedded.lowering._weights import bits_below
from signalprep.embedded.program import Value

__all__ = ["Limit", "limit_of"]

_TRIED = 1 << 20  # span of a channel up to which every MAD is tried
_MOST_SHIFT = 40
_MOST_EXCEPTIONS = 128
_ALIKE = 2.0**-40  # numbers of a step that is no power of two differ by as much in rounding


class Limit(NamedTuple):
    """``4 * MAD * multiplier / 2**shift``, less 1 at exceptions: twice the greatest deviation."""

    multiplier: int
    shift: int
    exceptions: np.ndarray


@lowers_kernel(HAMPEL)
def _hampel(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    """Nothing is rounded but what "clip" puts in the place of an outlier, to half a step.

    With codes that are the numbers themselves (lsb=1) flags and outputs are those of the float
    step, for channels of up to 20 bits; wider ones, as filters give them, have no floats to equal.
    What can lie between two codes, a median or the end of a clip, halves the step.
    """
    if plan.regimes is not None:
        context.refuse(step, "its noise floors depend on the regime (by=)")
    builder, at, params = context.builder, plan.channels, plan.params
    if len(at) == 0:
        return channels
    low, high = (ends[at] for ends in context.proven(channels.value))
    threshold, window = float(params[0, THRESHOLD]), int(params[0, WINDOW])
    if not np.isfinite(threshold):
        context.refuse(step, f"threshold={threshold} flags nothing; leave the step out")
    limit = limit_of(threshold, int((high - low).max()))
    if limit is None:
        context.refuse(
            step, f"no multiplier decides as floats do at threshold={threshold:g}; change it"
        )
    floors = _floors(threshold, params[:, FLOORS], channels.lsb[at], high - low)
    x = builder.gather((channels.value, at))
    count = builder.count(window)
    found = []
    for k in range(len(at)):
        ordered = builder.sorted(builder.gather((x, k)), window, int(high[k]))
        found.append(builder.spread(ordered, count))
    median = builder.gather(*((one, 0) for one in found))  # twice
    mad = builder.gather(*((one, 1) for one in found))  # four times
    far = builder.subtract(x, median, left=1)
    less = builder.subtract(builder.const(0), far)
    distance = builder.select(far, "<", builder.const(0), less, far)
    good = _good(context, limit, distance, mad, floors)
    if plan.act not in ("median", "clip"):
        return acted(step, plan, context, channels, x, good, x, None)
    fine = _halved(context, channels, at)
    x = builder.gather((fine.value, at))
    nearest = median
    if plan.act == "clip":
        reach = builder.shift(builder.mul(mad, builder.const(limit.multiplier)), limit.shift)
        floor = builder.const(np.round(floors).astype(np.int64))
        reach = builder.select(reach, "<", floor, floor, reach)
        above, below = builder.add(median, reach), builder.subtract(median, reach)
        nearest = builder.select(far, "<", builder.const(0), below, above)
        nearest = builder.clamp(nearest, 2 * low, 2 * high)
    return acted(step, plan, context, fine, x, good, nearest, median)


def _good(context: Context, limit: Limit, distance: Value, mad: Value, floors: Any) -> Value:
    """1 where twice the distance from the median is not above twice the limit."""
    builder = context.builder
    one, zero = builder.const(1), builder.const(0)
    reach, farther = builder.mul(mad, builder.const(limit.multiplier)), distance
    if len(limit.exceptions):
        listed = builder.const(limit.exceptions)
        every = np.ones((1, len(limit.exceptions)), dtype=np.int64)
        less = [
            builder.dot(builder.flag(builder.gather((mad, k)), "==", listed), every)
            for k in range(mad.size)
        ]
        farther = builder.add(distance, builder.gather(*((number, None) for number in less)))
    near = builder.flag(builder.add(farther, zero, left=limit.shift), "<=", reach)
    floor = builder.const(np.floor(floors).astype(np.int64))
    return builder.select(distance, "<=", floor, one, near)


def limit_of(threshold: float, span: int) -> Limit | None:
    """What decides as floats do for every MAD of whole numbers that lie so far apart.

    Twice a median is a whole number, and four times a MAD an even one, whatever their window.
    """
    ratio = threshold * MAD_TO_STD / 2
    if span > _TRIED:
        shift = max(0, 59 - bits_below(max(4 * ratio, 2.0) * span))
        return Limit(round(ratio * 2**shift), shift, np.empty(0, dtype=np.int64))
    quads = np.arange(2, 4 * span + 1, 2, dtype=np.int64)
    most = np.floor(2 * (threshold * (MAD_TO_STD * (quads / 4)))).astype(np.int64)
    above = (most + 1) / quads
    least = (most / quads).max(initial=0.0)
    wrong = above <= least
    exceptions = quads[wrong]
    if len(exceptions) > _MOST_EXCEPTIONS:
        return None
    ends = above[~wrong]
    for shift in range(_MOST_SHIFT + 1):
        scale = 2.0**shift
        first, beyond = int(np.ceil(least * scale)), np.min(ends, initial=np.inf) * scale
        if not first < beyond:
            continue
        best = max(first, int(min(np.ceil(beyond) - 1, np.round(ratio * scale))))
        if best * max(4 * span, 1) >= 2**61:
            return None
        exact = ((quads * best) >> shift) - wrong == most
        if exact.all():
            return Limit(best, shift, exceptions)
    return None


def _floors(threshold: float, scales: np.ndarray, lsb: np.ndarray, span: np.ndarray) -> np.ndarray:
    """Twice the deviation, in codes, that the least scales allow."""
    steps = np.abs(lsb)
    power = np.frexp(steps)[0] == 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2 * (threshold * scales) / steps
    found = np.where(power, found, found * (1 + _ALIKE))
    found = np.where(steps > 0, found, np.inf)
    return np.asarray(np.minimum(found, 2.0 * span))


def _halved(context: Context, channels: Channels, at: np.ndarray) -> Channels:
    """Channels of which the chosen ones have half the step."""
    builder = context.builder
    factor = np.ones(len(channels), dtype=np.int64)
    factor[at] = 2
    value = (
        builder.add(channels.value, builder.const(0), left=1)
        if len(at) == len(channels)
        else builder.mul(channels.value, builder.const(factor))
    )
    images = tuple(
        _image_of_halves(image) if image is not None and factor[k] == 2 else image
        for k, image in enumerate(channels.images)
    )
    return Channels(value, channels.names, channels.lsb / factor, channels.offset, images)


def _image_of_halves(image: Image) -> Image:
    return lambda codes: image(codes / 2)
