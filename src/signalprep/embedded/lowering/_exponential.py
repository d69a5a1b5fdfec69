"""Exponential means and deviations: each state moves by a share of its distance from the sample."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from signalprep._base import Plan
from signalprep._kernels._exponential import ABSENT, ALPHAS, EXPONENTIAL, MEAN_AT, STD_AT
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, side_by_side
from signalprep.embedded.lowering._deviation import LEAST_REACH, deviations
from signalprep.embedded.lowering._fading import Width, fraction_of, moved, width_of
from signalprep.embedded.lowering._fold import lowers_kernel
from signalprep.embedded.lowering._weights import bits_below
from signalprep.embedded.program import Value, bits_of

__all__: list[str] = []

_ROUNDED = 0.05  # steps of the input that the rounding of a state may add up to
_BITS = 18  # of a channel, up to which that is so; where filters have given more, as many more
_OCTAVES = 6  # in the gains of states that are reckoned together


class _Kind(NamedTuple):
    """What channels that are reckoned together have in common.

    Bits behind the step of their features, and, where deviations are wanted, bits of their range.
    """

    fraction: int
    reach: int


@lowers_kernel(EXPONENTIAL)
def _exponential(step: Any, plan: Plan, context: Context, channels: Channels) -> Channels:
    """Means are off by 0.1 steps of the input at most, whatever the input and the span.

    So it is for up to 18 bits; of wider channels, by 2**-21 of the range of so many bits.
    Deviations are off by as much for up to 16 bits and spans of up to 1.2 million samples; of wider
    channels, by 2**-19 of the range.
    A constant stays what it is, its deviation is 0. Short spans have states of 32 bits, long ones,
    and deviations, of 64. Features have 64th steps.
    """
    at, alphas = plan.channels, plan.params[0, ALPHAS:]
    places = {"mean": plan.params[0, MEAN_AT], "std": plan.params[0, STD_AT]}
    wanted = sorted((name for name in places if places[name] != ABSENT), key=places.__getitem__)
    low, high = (ends[at] for ends in context.proven(channels.value))
    kinds = [_kind_of(int(a), int(b), "std" in wanted) for a, b in zip(low, high, strict=True)]
    found: dict[tuple[str, int, int], tuple[Value, int]] = {}
    for kind in sorted(set(kinds)):  # a wide channel costs its neighbours nothing
        own = np.array([k for k, one in enumerate(kinds) if one == kind])
        ends = (low[own], high[own])
        for j, (of, i) in _features(context, (channels.value, at[own]), ends, alphas, kind):
            found |= {(name, j, k): (of[name], i + n) for name in of for n, k in enumerate(own)}
    keys = [(name, j, k) for k in range(len(at)) for j in range(len(alphas)) for name in wanted]
    source = np.array([k for _, _, k in keys])
    value = context.builder.gather(*(found[key] for key in keys))
    spread = np.array([name == "std" for name, _, _ in keys])
    lsb, offset = channels.lsb[at][source], channels.offset[at][source]
    lsb = np.where(spread, np.abs(lsb), lsb) / 2.0 ** np.array([kinds[k].fraction for k in source])
    offset = np.where(spread, 0.0, offset)
    names = step.get_feature_names_out()[-len(keys) :]
    made = channels.made(value, lsb=lsb, offset=offset, names=names)
    return side_by_side(context, [channels, made]) if plan.keeps_inputs else made


def _kind_of(low: int, high: int, deviates: bool) -> _Kind:
    reach = max(bits_below(high - low), LEAST_REACH) if deviates else 0
    return _Kind(fraction_of(max(-low, high)), reach)


def _features(
    context: Context,
    inputs: tuple[Value, np.ndarray],
    ends: tuple[np.ndarray, np.ndarray],
    alphas: np.ndarray,
    kind: _Kind,
) -> Iterator[tuple[int, tuple[dict[str, Value], int]]]:
    """The features of each span, and where they stand, of channels that are about as wide."""
    least, most, n = int(ends[0].min()), int(ends[1].max()), len(inputs[1])
    allowed = _ROUNDED * 2.0 ** max(0, bits_of(least, most) - _BITS)
    widths = [width_of(least, most, alpha, allowed) for alpha in alphas]
    order = sorted(range(len(alphas)), key=lambda j: _size(float(alphas[j]), widths[j]))
    for _, group in groupby(order, key=lambda j: _size(float(alphas[j]), widths[j])):
        together = list(group)
        x = context.builder.gather((inputs[0], np.tile(inputs[1], len(together))))
        low, high = (np.tile(end, len(together)) for end in ends)
        made = _together(context, x, alphas[together], widths[together[0]], (low, high), kind)
        yield from ((j, (made, i * n)) for i, j in enumerate(together))


def _size(alpha: float, width: Width) -> tuple[Width, int]:
    return width, int(np.floor(np.log2(alpha))) // _OCTAVES


def _together(
    context: Context,
    x: Value,
    alphas: np.ndarray,
    width: Width,
    ends: tuple[np.ndarray, np.ndarray],
    kind: _Kind,
) -> dict[str, Value]:
    """Features of one size of gain, side by side."""
    builder = context.builder
    gains = np.repeat(alphas, x.size // len(alphas))
    low, high = (end << width.fraction for end in ends)
    before = builder.state(x.size, low=low, high=high, initial=low)
    sample = builder.add(x, builder.const(0), left=width.fraction)
    begun = builder.select(builder.first(), "==", builder.const(1), sample, before)
    far = builder.subtract(sample, begun)
    now = builder.clamp(moved(context, begun, far, gains, width), low, high)
    builder.follow(before, now)
    made = {"mean": builder.shift(now, width.fraction - kind.fraction)}
    if kind.reach:
        behind = (far, width.fraction)
        made["std"] = deviations(context, behind, alphas, gains, kind.reach, kind.fraction)
    return made
