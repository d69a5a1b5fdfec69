"""acted: what takes the place of a flagged sample."""

from __future__ import annotations

from typing import Any

from signalprep._base import Plan
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, replaced, side_by_side, taken
from signalprep.embedded.program import Value

__all__ = ["acted"]


def acted(
    step: Any,
    plan: Plan,
    context: Context,
    channels: Channels,
    x: Value,
    good: Value,
    nearest: Value,
    last_resort: Value | None,
) -> Channels:
    """Channels of which the chosen ones are replaced where they are not good.

    Parameters
    ----------
    x, good, nearest, last_resort : Value
        Of the chosen channels: samples, 1 where they are good, what the act "clip" puts in their
        place, and what stands there while there is nothing to hold; None where the first sample
        of a segment is always good.
    """
    builder, at, act = context.builder, plan.channels, plan.act
    zero = builder.const(0)
    if act == "keep":
        new = x
    elif act == "clip":
        new = builder.select(good, "==", zero, nearest, x)
    elif act == "median" and last_resort is not None:
        new = builder.select(good, "==", zero, last_resort, x)
    elif act == "hold":
        new = builder.hold(x, good)
        if last_resort is not None:
            new = builder.select(builder.hold(good, good), "==", zero, last_resort, new)
    else:
        context.refuse(step, f"action={act!r} has no integer form; use hold, clip, median or keep")
    chosen = taken(context, channels, at)
    out = replaced(context, channels, at, chosen.made(new, exact=True))
    if not plan.appends:
        return out
    flagged = builder.subtract(builder.const(1), good)
    names = [f"{channels.names[k]}_flagged" for k in at]
    flags = channels.made(flagged, lsb=1.0, offset=0.0, names=names)
    return side_by_side(context, [out, flags])
