"""Widths: channels of unlike widths are lowered apart, so that none costs another its precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Plan
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, picked
from signalprep.embedded.lowering._fading import fraction_of
from signalprep.embedded.lowering._fold import KernelLowering

__all__ = ["apart", "by_width"]


def by_width(context: Context, channels: Channels, at: np.ndarray) -> list[np.ndarray]:
    """Positions in `at` of channels about as wide as each other, the widest first."""
    low, high = (ends[at].tolist() for ends in context.proven(channels.value))
    fractions = np.array([fraction_of(max(-a, b)) for a, b in zip(low, high, strict=True)])
    return [np.flatnonzero(fractions == one) for one in np.unique(fractions)]


def apart(lowering: KernelLowering) -> KernelLowering:
    """What lowers a step, width by width; what it appends stands in the order of the channels."""

    def lowered(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
        groups = by_width(context, channels, plan.channels)
        if len(groups) < 2:
            return lowering(step, plan, context, channels)
        n = len(channels)
        sources = [(channels, k) for k in range(n)]
        appended: dict[int, tuple[Channels, int]] = {}
        for own in groups:
            at = plan.channels[own]
            params = plan.params[own] if len(plan.params) > 1 else plan.params
            made = lowering(step, plan._replace(channels=at, params=params), context, channels)
            for i, (j, k) in enumerate(zip(own.tolist(), at.tolist(), strict=True)):
                sources[k] = (made, k)
                if len(made) > n:
                    appended[j] = (made, n + i)
        return picked(context, [*sources, *(appended[j] for j in sorted(appended))])

    return lowered
