"""Park transforms: a quarter of a sine in a table, and two products for each axis."""

from __future__ import annotations

import numpy as np

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, replaced, side_by_side, taken
from signalprep.embedded.lowering._fading import CHANNEL_BITS
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._linear import weighted_sum
from signalprep.embedded.program import Value, bits_of
from signalprep.features import ParkTransformer
from signalprep.flow import Node

__all__: list[str] = []

_TURN_BITS = 20
_ENTRIES = 256  # in a quarter of a turn
_AMPLITUDE = 32767
_AXIS_BITS = 24  # of alpha and beta, where they have not one step
_FACTOR_BITS = 31


@lowers.register
def _(step: ParkTransformer, node: Node, context: Context, channels: Channels) -> Channels:
    """Sine and cosine are off by 1.1 * 2**-15 at most, d and q by so much of alpha and beta.

    Half a step of d and q comes to that, for 16-bit codes less than a 200th of theirs.
    """
    if step.nan_policy != "raise":
        context.refuse(step, f"integers have no NaN; nan_policy={step.nan_policy!r} needs one")
    waves = None
    if step.angle_ is not None:
        waves = _waves(context, _turned(step, context, channels))
    parts = []
    for pair in step.pairs_:
        vector = taken(context, channels, pair)
        if waves is None:
            angle = step.pole_pairs * step.angle + step.offset
            cosine, sine = np.cos(angle), np.sin(angle)
            weights = np.array([[cosine, sine], [-sine, cosine]])
            parts.append(weighted_sum(context, vector, weights, np.zeros(2)))
        else:
            parts.append(_rotated(context, vector, waves))
    out = replaced(context, channels, np.concatenate(step.pairs_), side_by_side(context, parts))
    names = tuple(map(str, step.get_feature_names_out()))
    return Channels(out.value, names, out.lsb, out.offset, out.images)


def _turned(step: ParkTransformer, context: Context, channels: Channels) -> Value:
    """The electrical angle; ``2**_TURN_BITS`` is a turn, and it is not yet wrapped."""
    builder, k = context.builder, step.angle_
    code = builder.gather((channels.value, k))
    low, high = (int(end[0]) for end in context.proven(code))
    bits = bits_of(low, high)
    if bits > _FACTOR_BITS:
        context.refuse(
            step,
            f"its angle takes {bits} bits with a sign, more than {_FACTOR_BITS}; give its format "
            "fewer",
        )
    unit = 2.0**_TURN_BITS / (2 * np.pi)
    ratio = step.pole_pairs * float(channels.lsb[k]) * unit
    begin = float(step.pole_pairs * channels.offset[k] + step.offset)
    start = round(begin % (2 * np.pi) * unit)
    if not 2.0**-_FACTOR_BITS < ratio < 2.0**_TURN_BITS:
        context.refuse(step, f"a step of its angle is {channels.lsb[k]:g} rad")
    finer = _FACTOR_BITS - 1 - int(np.ceil(np.log2(ratio)))
    reach = 1 << (2 * _FACTOR_BITS - 1 - finer)
    turned = builder.scale(code, round(ratio * 2.0**finer), low=-reach, high=reach, shift=finer)
    return builder.add(turned, builder.const(start))


def _waves(context: Context, angle: Value) -> Value:
    """Cosine and sine of an angle, times ``_AMPLITUDE``."""
    builder = context.builder
    quarter = 1 << (_TURN_BITS - 2)
    round_ = builder.wrap(builder.add(angle, builder.const([0, -quarter])), _TURN_BITS)
    less = builder.subtract(builder.const(0), round_)
    far = builder.select(round_, "<", builder.const(0), less, round_)
    far = builder.clamp(far, 0, 2 * quarter)  # as it is; cos x = sin(quarter - |x|)
    entries = np.round(_AMPLITUDE * np.sin(np.pi / 2 * np.arange(_ENTRIES + 1) / _ENTRIES))
    shift = int(np.log2(quarter // _ENTRIES))
    return builder.table(
        builder.subtract(builder.const(quarter), far), entries.astype(np.int64), shift, 0
    )


def _rotated(context: Context, vector: Channels, waves: Value) -> Channels:
    """Axes d and q of a pair of alpha and beta."""
    builder, value, step = context.builder, vector.value, float(vector.lsb[0])
    if vector.lsb[0] != vector.lsb[1] or vector.offset.any():
        low, high = context.proven(value)
        ends = np.abs(np.stack([low, high]) * vector.lsb + vector.offset)
        top = 1 << (_AXIS_BITS - 1)
        step = 2.0 ** np.ceil(np.log2(ends.max() / (top - 1)))
        zero = np.round(vector.offset / step).astype(np.int64)
        value = context.rescaled(value, vector.lsb / step, zero=zero, low=-top, high=top - 1)
    along = builder.mul(value, waves)
    across = builder.mul(builder.gather((value, [1, 0])), waves)
    d = builder.add(*(builder.gather((along, k)) for k in (0, 1)))
    q = builder.subtract(*(builder.gather((across, k)) for k in (0, 1)))
    found = builder.gather((d, 0), (q, 0))
    low, high = context.proven(found)
    down = max(0, bits_of(int(low.min()), int(high.max())) - CHANNEL_BITS)
    return vector.made(builder.shift(found, down), step * 2.0**down / _AMPLITUDE, 0.0)
