"""Limits: samples beyond them are flagged and replaced. Nothing is rounded."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._limits import LIMITS, LIMITS_FROM
from signalprep.embedded.lowering._acts import acted
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._codes import first_at, last_at
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers_kernel

__all__: list[str] = []


@lowers_kernel(LIMITS)
def _limits(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    if plan.regimes is not None:
        context.refuse(step, "its limits depend on the regime (by=)")
    builder, at = context.builder, plan.channels
    if len(at) == 0:
        return channels
    low, high = context.proven(channels.value)
    ends = np.array(
        [
            [
                first_at(channels.image(k), row[LIMITS_FROM], low[k], high[k]),
                last_at(channels.image(k), row[LIMITS_FROM + 1], low[k], high[k]),
            ]
            for k, row in zip(at, plan.params, strict=True)
        ]
    )
    if (ends[:, 0] > ends[:, 1]).any():
        name = channels.names[at[int(np.argmax(ends[:, 0] > ends[:, 1]))]]
        context.refuse(step, f"no code of channel {name!r} lies within its limits")
    x = builder.gather((channels.value, at))
    lowest, highest = builder.const(ends[:, 0]), builder.const(ends[:, 1])
    one, zero = builder.const(1), builder.const(0)
    good = builder.select(x, "<=", highest, builder.flag(lowest, "<=", x), zero)
    nearest = builder.clamp(x, ends[:, 0], ends[:, 1])
    assert one.size == 1
    return acted(step, plan, context, channels, x, good, nearest, nearest)
