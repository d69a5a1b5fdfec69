"""AtRate: what runs in every k-th row only, and holds in between."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._decimate import DECIMATE
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fading import fraction_of
from signalprep.embedded.lowering._fold import lowered, lowers_kernel, lowers_node
from signalprep.embedded.lowering._weights import bits_below, whole_weights
from signalprep.embedded.lowering._widths import by_width
from signalprep.embedded.program import Value
from signalprep.flow import Slow

__all__: list[str] = []

_TAP_BITS = 30


@lowers_node.register
def _(node: Slow, context: Context, channels: Channels) -> Channels:
    """The hold is exact; inputs of the slow estimator are off by a 128th of a step."""
    model, decimator = node.estimator, node.decimator.estimator
    if decimator.lookahead_:
        context.refuse(model, "causal=False looks ahead; use causal=True")
    if decimator.nan_policy != "raise":
        context.refuse(
            model, f"integers have no NaN; nan_policy={decimator.nan_policy!r} needs one"
        )
    if decimator.up_ != 1:
        rate = f"{decimator.down_}/{decimator.up_}"
        context.refuse(model, f"its rate is that of the log by {rate}; give a whole factor")
    builder = context.builder
    turn = builder.every(decimator.down_)
    slow = _decimated(node, context, channels, turn)
    with builder.when(turn), context.inside(node.parameter):
        found = lowered(node.inner, context, slow)
    held = builder.hold(found.value, turn)
    return Channels(held, found.names, found.lsb, found.offset, found.images, found.classes)


@lowers_kernel(DECIMATE)
def _decimator(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    context.refuse(step, "it gives fewer rows than it gets; use AtRate around what follows it")


def _decimated(node: Slow, context: Context, channels: Channels, turn: Value) -> Channels:
    """What passes the anti-alias filter, in the rows in which the turn comes."""
    builder, decimator = context.builder, node.decimator.estimator
    taps, edges, factor = decimator.taps_, decimator.edges_, decimator.down_
    if factor == 1:
        return channels
    rows = [edge[: k * factor + 1] for k, edge in enumerate(edges)] + [taps]
    rows = [
        0.5 * (row + row[::-1]) for row in rows
    ]  # they are the same backwards, but for rounding
    flash = 4 * sum((len(row) + 1) // 2 for row in rows)
    if flash > context.options.most_flash:
        context.refuse(
            node.estimator,
            f"the filters of factor={factor} take {flash} bytes, those of the start of a segment "
            f"among them, more than {context.options.most_flash}; use a lower factor, or "
            "one AtRate inside another",
        )
    shift = _TAP_BITS - bits_below(max(np.abs(row).max() for row in rows))
    whole = [whole_weights(row, shift) for row in rows]
    low, high = context.proven(channels.value)
    gain, most = max(int(np.abs(row).sum()) for row in whole), np.maximum(-low, high)
    windows = [
        builder.window(builder.gather((channels.value, k)), len(taps)) for k in range(len(channels))
    ]
    with builder.when(turn):
        place = builder.subtract(builder.count(len(rows)), builder.const(1))
        fractions = np.zeros(len(channels))
        parts: dict[int, tuple[Value, int]] = {}
        for own in by_width(context, channels, np.arange(len(channels))):
            fraction = fraction_of(gain * int(most[own].max()) / 2.0**shift)
            sums = builder.bank([windows[k] for k in own], place, whole)
            value = builder.shift(sums, shift - fraction)
            parts |= {int(k): (value, i) for i, k in enumerate(own)}
            fractions[own] = fraction
        value = builder.gather(*(parts[k] for k in range(len(channels))))
    return channels.made(value, lsb=channels.lsb / 2.0**fractions)
