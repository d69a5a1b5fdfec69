"""Fading: how wide a state that follows its input must be, and the product that moves it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._weights import bits_below
from signalprep.embedded.program import Value, bits_of

__all__ = [
    "CHANNEL_BITS",
    "FRACTION",
    "STEEP_BITS",
    "Width",
    "fraction_of",
    "moved",
    "moved_wholly",
    "width_of",
]

FRACTION = 6  # bits behind the step of the input that filters give
CHANNEL_BITS = 26  # of what they give: one behind the other would else take ever more
STEEP_BITS = 30  # of slopes, which start-up makes far wider than they are later
_NARROW = (30, 32)  # bits of a state whose distance from the input fits 32, and that itself does
_WIDE = 60  # bits of a state whose distance from the input has 61
_MOST_FRACTION = 32
_FACTOR = 31  # bits of what is multiplied


class Width(NamedTuple):
    """Bits behind the point of a state, and how many of a distance from it are left away."""

    fraction: int
    left_away: int


def fraction_of(reach: float, fraction: int = FRACTION, bits: int = CHANNEL_BITS) -> int:
    """Bits behind the step of the input for numbers of so many steps at most."""
    return min(fraction, bits - 1 - bits_below(reach))


def width_of(low: int, high: int, gain: float, most: float, room: int = 0) -> Width:
    """The narrowest state in which rounding does not add up to more than `most` steps.

    Parameters
    ----------
    low, high : int
        Range of the input.
    gain : float
        The least weight of a new sample: what is rounded away adds up to 1 / gain of it.
    room : int, default=0
        Bits by which the state may leave the range of the input.
    """
    bits = bits_of(low, high) + room
    lost = {n - bits: 0.5 * 2.0 ** (bits - n) / gain for n in _NARROW if bits <= n}
    enough = [fraction for fraction, off in lost.items() if off <= most]
    fraction = enough[0] if enough else min(_MOST_FRACTION, _WIDE - bits)
    return Width(fraction, max(0, bits + 1 + fraction - _FACTOR))


def moved(context: Context, state: Value, far: Value, gains: np.ndarray, width: Width) -> Value:
    """What ``gains * far`` adds to a state, for gains of one size; `far` as wide as the state."""
    builder = context.builder
    short = builder.shift(far, width.left_away)
    shift = _shift_for(gains)
    factors = np.round(gains * 2.0**shift).astype(np.int64)
    down = shift - width.left_away
    reach = 1 << (2 * _FACTOR - 1 - down)  # no product is beyond
    return builder.add(state, builder.scale(short, factors, low=-reach, high=reach, shift=down))


def moved_wholly(context: Context, state: Value, far: Value, gains: np.ndarray) -> Value:
    """As `moved`, of a distance of up to 61 bits of which nothing is left away."""
    builder, shift = context.builder, _shift_for(gains)
    factors = np.round(gains * 2.0**shift).astype(np.int64)
    lower = _FACTOR - 1
    for part, down in (
        (builder.shift(far, lower), shift - lower),
        (builder.wrap(far, lower), shift),
    ):
        reach = 1 << (2 * _FACTOR - 1 - down)
        added = builder.scale(part, factors, low=-reach, high=reach, shift=down)
        state = builder.add(state, added)
    return state


def _shift_for(gains: np.ndarray) -> int:
    """By how many bits gains become factors."""
    return _FACTOR - 1 - int(np.ceil(np.log2(gains.max(initial=2.0**-_FACTOR))))
