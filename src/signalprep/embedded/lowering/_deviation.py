"""Exponential standard deviations: the root of what squared distances from the mean fade to.

With w the weight of a new sample and d its distance from the mean before it,

    q <- q + w (d^2 - q),    u <- u + w (2 - w) (1 - u),    std = sqrt(q (1 - w / 2) / u),

q and u from 0 on. It is what the float step computes: there cov = (1 - w) q, and 1 - sum of squared
weights is 2 (1 - w) / (2 - w) times u.
"""

from __future__ import annotations

import numpy as np

from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fading import Width, moved, moved_wholly
from signalprep.embedded.program import Value

__all__ = ["LEAST_REACH", "deviations"]

LEAST_REACH = 16  # bits of the range of a channel: narrower ones get no more behind the step
_DISTANCE = 30  # bits of a distance
_SHARE = Width(58, 29)  # u and what it is divided by: bits behind the point, and left away


def deviations(
    context: Context,
    far: tuple[Value, int],
    alphas: np.ndarray,
    gains: np.ndarray,
    reach: int,
    fraction: int,
) -> Value:
    """Standard deviations of one size of weights, side by side.

    Parameters
    ----------
    far : tuple of Value and int
        Distances from the means, span by span, and the bits that they have behind the step.
    alphas, gains : ndarray
        Weight of a new sample for each span, and for each distance.
    reach : int
        Bits of the widest range; `LEAST_REACH` at least.
    fraction : int
        Bits behind the step of what is given.
    """
    builder = context.builder
    behind = _DISTANCE - reach
    distance = builder.shift(far[0], max(far[1] - behind, 0))
    square, left = builder.mul(distance, distance), 2 * max(behind - far[1], 0)
    most = context.proven(square)[1] << left
    before = builder.state(far[0].size, low=0, high=most)
    weights = np.where(gains < 1.0, gains, 0.0)  # of a single sample there is no deviation
    rise = builder.subtract(square, before, left=left)
    now = builder.clamp(moved_wholly(context, before, rise, weights), 0, most)
    builder.follow(before, now)
    bits = reach + fraction
    share = builder.shift(_shares(context, alphas), bits - 1)
    share = builder.clamp(share, 1, context.proven(share)[1])
    spans = np.repeat(np.arange(len(alphas)), far[0].size // len(alphas))
    return builder.root(now, builder.gather((share, spans)), bits)


def _shares(context: Context, alphas: np.ndarray) -> Value:
    """``u / (1 - w / 2)`` of each span."""
    builder = context.builder
    top = np.round(2.0**_SHARE.fraction / (1.0 - alphas / 2.0)).astype(np.int64)
    before = builder.state(len(top), low=0, high=top)
    rise = builder.subtract(builder.const(top), before)
    now = moved(context, before, rise, alphas * (2.0 - alphas), _SHARE)
    builder.follow(before, builder.clamp(now, 0, top))
    return before
