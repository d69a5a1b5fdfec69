"""Exponential means: each state moves by a share of its distance from the sample."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._exponential import ABSENT, ALPHAS, EXPONENTIAL, STD_AT
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, side_by_side
from signalprep.embedded.lowering._fading import Width, fraction_of, moved, width_of
from signalprep.embedded.lowering._fold import lowers_kernel
from signalprep.embedded.program import Value, bits_of

__all__: list[str] = []

_ROUNDED = 0.05  # steps of the input that the rounding of a state may add up to
_BITS = 18  # of a channel, up to which that is so; where filters have given more, as many more
_OCTAVES = 6  # in the gains of states that are reckoned together


@lowers_kernel(EXPONENTIAL)
def _exponential(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    """Means are off by 0.1 steps of the input at most, whatever the input and the span.

    So it is for up to 18 bits; of wider channels, by 2**-21 of the range of so many bits.
    A constant stays what it is. Short spans have states of 32 bits, long ones of 64. Features have
    64th steps.
    """
    if plan.params[0, STD_AT] != ABSENT:
        context.refuse(step, "statistics names 'std', which takes a root; use ('mean',)")
    at, alphas = plan.channels, plan.params[0, ALPHAS:]
    low, high = (ends[at] for ends in context.proven(channels.value))
    fractions = np.array([fraction_of(max(-a, b)) for a, b in zip(low, high, strict=True)])
    found: dict[tuple[int, int], tuple[Value, int]] = {}
    for fraction in np.unique(fractions).tolist():  # a wide channel costs its neighbours nothing
        own = np.flatnonzero(fractions == fraction)
        means = _means(context, (channels.value, at[own]), (low[own], high[own]), alphas, fraction)
        found |= {
            (j, int(k)): (of, i + n) for j, (of, i) in means.items() for n, k in enumerate(own)
        }
    picks = [found[j, k] for k in range(len(at)) for j in range(len(alphas))]
    lsb, offset = (np.repeat(of[at], len(alphas)) for of in (channels.lsb, channels.offset))
    names = step.get_feature_names_out()[-len(picks) :]
    steps = lsb / 2.0 ** np.repeat(fractions, len(alphas))
    made = channels.made(context.builder.gather(*picks), lsb=steps, offset=offset, names=names)
    return side_by_side(context, [channels, made]) if plan.keeps_inputs else made


def _means(
    context: Context,
    inputs: tuple[Value, np.ndarray],
    ends: tuple[np.ndarray, np.ndarray],
    alphas: np.ndarray,
    fraction: int,
) -> dict[int, tuple[Value, int]]:
    """Where the means of each span stand, of channels that are about as wide."""
    least, most, n = int(ends[0].min()), int(ends[1].max()), len(inputs[1])
    allowed = _ROUNDED * 2.0 ** max(0, bits_of(least, most) - _BITS)
    widths = [width_of(least, most, alpha, allowed) for alpha in alphas]
    order = sorted(range(len(alphas)), key=lambda j: _kind(float(alphas[j]), widths[j]))
    found: dict[int, tuple[Value, int]] = {}
    for _, group in groupby(order, key=lambda j: _kind(float(alphas[j]), widths[j])):
        together = list(group)
        x = context.builder.gather((inputs[0], np.tile(inputs[1], len(together))))
        low, high = (np.tile(end, len(together)) for end in ends)
        gains = np.repeat(alphas[together], n)
        mean = _mean(context, x, gains, widths[together[0]], (low, high), fraction)
        found |= {j: (mean, i * n) for i, j in enumerate(together)}
    return found


def _kind(alpha: float, width: Width) -> tuple[Width, int]:
    return width, int(np.floor(np.log2(alpha))) // _OCTAVES


def _mean(
    context: Context,
    x: Value,
    gains: np.ndarray,
    width: Width,
    ends: tuple[np.ndarray, np.ndarray],
    fraction: int,
) -> Value:
    """Means of one size of gain, side by side."""
    builder = context.builder
    low, high = (end << width.fraction for end in ends)
    before = builder.state(x.size, low=low, high=high, initial=low)
    sample = builder.add(x, builder.const(0), left=width.fraction)
    begun = builder.select(builder.first(), "==", builder.const(1), sample, before)
    far = builder.subtract(sample, begun)
    now = builder.clamp(moved(context, begun, far, gains, width), low, high)
    builder.follow(before, now)
    return builder.shift(now, width.fraction - fraction)
