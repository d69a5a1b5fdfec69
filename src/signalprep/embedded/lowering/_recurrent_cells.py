"""Cells of recurrent networks in integers: GRU, LSTM and plain ones, one row after the other.

States and what tanh gives have one bit before the point, gates 16 behind it. What goes into a gate
saturates where it is 0 or 1 to 2e-7. One table serves all: of tanh, since a gate is
``(1 + tanh(a / 2)) / 2``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from signalprep.embedded.lowering._activations import Codes
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._dense import dense
from signalprep.embedded.program import Value

__all__ = ["CELLS", "Layer", "codes_of", "squashed", "sums_for"]

_BITS = 16  # of a state that a sum takes, and of what the table gives
_ONE = 1 << (_BITS - 1)
_GATE = 16  # bits behind the point of a gate
_LIFT = 12  # more of them, where a product is shifted by 32

_END = 8.0  # from here on tanh is 1, to 2e-7
_SEGMENTS, _SHIFT = 512, 10
_MOST = _SEGMENTS << _SHIFT  # stands for `_END`
_FAR = 8 * _MOST  # each of two parts stays within
_FARTHEST = 1 << 28  # and no more, whatever it is multiplied by
_MOST_LIFT = 18  # of numbers of few bits beside those of many
_ENTRIES = np.minimum(
    np.floor(_ONE * np.tanh(np.linspace(0.0, _END, _SEGMENTS + 1)) + 0.5), _ONE - 1
).astype(np.int64)

_UNKNOWN = 16.0  # where a cell saturates of which nothing else is known


class Layer(NamedTuple):
    """Weights of a layer, in torch's order of gates, and what is known of its states.

    Attributes
    ----------
    inward, around : ndarray of shape (n_gates * size, n_inputs) or (n_gates * size, size)
    biases : pair of ndarray of shape (n_gates * size,)
    bits : int
        Of its weights.
    start : Value or None
        States before the first row of a segment, in that row only; None: 0.
    reach : float or None
        Of the cells of an LSTM, how far they go; None: not known.
    """

    inward: np.ndarray
    around: np.ndarray
    biases: tuple[np.ndarray, np.ndarray]
    bits: int = 8
    start: Value | None = None
    reach: float | None = None

    @property
    def size(self) -> int:
        return int(self.around.shape[1])


def squashed(context: Context, x: Value) -> Value:
    """tanh of numbers of which `_MOST` stands for 8; from there on it is 1."""
    return context.builder.table(_fitted(context, x, 0, _MOST), _ENTRIES, _SHIFT, 0)


def sums_for(
    context: Context,
    codes: Codes,
    weights: np.ndarray,
    bias: np.ndarray,
    bits: int,
    scale: Any = 1.0,
    far: int = _MOST,
) -> Value:
    """Sums of a layer for `squashed`, each times a number, from ``-far`` to `far`."""
    sums, steps = dense(context, codes, weights, bias, bits, alike=True)
    return context.rescaled(sums, steps * scale * (_MOST / _END), zero=0, low=-far, high=far)


def _together(context: Context, x: Codes, h: Codes, layer: Layer, rows: slice, scale: Any) -> Value:
    """``W x + b + U h + d`` for `squashed`, of some rows, as one sum.

    Their weights have one step, so numbers of few bits, of which weights are small beside the
    others, are multiplied before.
    """
    builder = context.builder
    inward, around = layer.inward[rows] * x.step, layer.around[rows] * h.step
    sizes = [np.abs(one).max(initial=0.0) for one in (inward, around)]
    lifts = [
        np.clip(round(np.log2(own / other)), 0, _MOST_LIFT) if min(sizes) > 0 else 0
        for own, other in (sizes, sizes[::-1])
    ]
    times = [1 << int(lift) for lift in lifts]
    values = [
        part.value if k == 1 else builder.mul(part.value, builder.const(k))
        for part, k in zip((x, h), times, strict=True)
    ]
    joined = builder.gather(*((value, None) for value in values))
    rest = np.concatenate([x.rest * times[0], h.rest * times[1]])
    weights = np.hstack([inward / times[0], around / times[1]])
    bias = layer.biases[0][rows] + layer.biases[1][rows]
    return sums_for(context, Codes(joined, 1.0, 0, rest), weights, bias, layer.bits, scale)


def codes_of(context: Context, state: Value, bits: int, most: int = _BITS) -> Codes:
    """What a sum takes of a state of so many bits: `most` of them."""
    down = max(0, bits - most)
    value = _fitted(context, state, down, _top(min(bits, most)))
    return Codes(value, 2.0 ** (1 - min(bits, most)), 0, np.zeros(state.size))


def _top(bits: int) -> int:
    """The largest state of so many bits, next to 1."""
    return (1 << (bits - 1)) - 1


def _fitted(context: Context, value: Value, down: int, top: int) -> Value:
    """``value / 2**down``, from ``-top`` to ``top``."""
    builder = context.builder
    moved = (
        builder.shift(value, down)
        if down >= 0
        else builder.add(value, builder.const(0), left=-down)
    )
    low, high = context.proven(moved)
    within = -top <= low.min() and high.max() <= top
    return moved if within else builder.clamp(moved, -top, top)


def _remembered(
    context: Context, layer: Layer, *forms: tuple[int, int]
) -> list[tuple[Value, Value]]:
    """States of a layer, and what each is when a row begins.

    Of each form of them: ``2**down`` steps of the table are one of its, and the largest number.
    """
    builder, first = context.builder, context.builder.first()
    held = []
    if layer.start is not None:
        with builder.when(first):
            starts = [
                _fitted(context, _part(context, layer.start, k, layer.size), *form)
                for k, form in enumerate(forms)
            ]
        held = [builder.hold(start, first) for start in starts]
    before = [builder.state(layer.size, low=-top, high=top) for _, top in forms]
    if not held:
        return list(zip(before, before, strict=True))
    one = builder.const(1)
    return [(b, builder.select(first, "==", one, h, b)) for b, h in zip(before, held, strict=True)]


def _part(context: Context, value: Value, k: int, size: int) -> Value:
    return context.builder.gather((value, np.arange(k * size, (k + 1) * size)))


def _opened(context: Context, gates: Value, lift: int = 0) -> Value:
    """Gates times 2**(16 + lift), from the tanh of half of what goes into them."""
    one = context.builder.const(1 << (_GATE - 1 + lift))
    return context.builder.add(gates, one, left=lift)


def _plain(context: Context, x: Codes, layer: Layer) -> tuple[Value, int]:
    """h = tanh(W x + b + U h + d)."""
    builder, bits = context.builder, min(context.options.state_bits, _BITS)
    top, down = _top(bits), _BITS - bits
    ((before, h),) = _remembered(context, layer, (down, top))
    sums = _together(context, x, codes_of(context, h, bits), layer, slice(None), 1.0)
    now = _fitted(context, squashed(context, sums), down, top)
    builder.follow(before, now)
    return now, bits


def _gru(context: Context, x: Codes, layer: Layer) -> tuple[Value, int]:
    """h + (1 - z) (n - h), in which h stays between n and itself, so within its range.

    Products of two words are shifted by 32, which takes their upper half: what is multiplied is
    lifted as far as it can be.
    """
    builder, bits, n = context.builder, context.options.state_bits, layer.size
    top, down = _top(bits), _BITS - bits
    ((before, h),) = _remembered(context, layer, (down, top))
    taken = codes_of(context, h, bits)
    gates, new = slice(0, 2 * n), slice(2 * n, 3 * n)
    signs = np.repeat([0.5, -0.5], n)  # 1 - z is the gate of what goes into z, turned
    lift = min(_LIFT, bits)
    opened = _opened(
        context, squashed(context, _together(context, x, taken, layer, gates, signs)), lift
    )
    reset, moves = (_part(context, opened, k, n) for k in (0, 1))
    up = 1 << (_GATE - lift)
    most = min(up * _FAR, _FARTHEST)
    fed = sums_for(context, taken, layer.around[new], layer.biases[1][new], layer.bits, up, most)
    own = sums_for(context, x, layer.inward[new], layer.biases[0][new], layer.bits, far=_FAR)
    let_in = builder.shift(builder.mul(reset, fed), 32)
    found = squashed(context, builder.add(own, let_in))
    finer = _GATE - lift - max(0, down)
    far = builder.subtract(found, h, left=finer + max(0, -down), right=finer + max(0, down))
    move = builder.shift(builder.mul(moves, far), 32)
    now = builder.clamp(builder.add(h, move), -top, top)
    builder.follow(before, now)
    return now, bits


def _lstm(context: Context, x: Codes, layer: Layer) -> tuple[Value, int]:
    """c = f c + i g, within a range that it saturates at; h = o tanh(c)."""
    builder, n = context.builder, layer.size
    bits, out = context.options.state_bits, min(context.options.state_bits, _BITS)
    top, down = _top(out), _BITS - out
    cell_top, coarser = _top(bits), _octaves(context, x, layer) + _BITS - bits
    (before, h), (cell_before, c) = _remembered(context, layer, (down, top), (coarser, cell_top))
    scale = np.repeat([0.5, 0.5, 1.0, 0.5], n)
    both = _together(context, x, codes_of(context, h, out), layer, slice(None), scale)
    found = squashed(context, both)
    enter, keep, new, give = (_part(context, found, k, n) for k in range(4))
    enter, keep, give = (_opened(context, gate) for gate in (enter, keep, give))
    kept, entering = builder.mul(keep, c), builder.mul(enter, new)
    sums = builder.add(kept, entering, left=max(0, coarser), right=max(0, -coarser))
    names = [f"c{k}" for k in range(n)]
    cell = builder.shift(sums, _GATE + max(0, coarser))
    cell = builder.clamp(cell, -cell_top, cell_top, names)
    builder.follow(cell_before, cell)
    ratio = 2.0**coarser * (_MOST / _END / _ONE)
    large = context.rescaled(cell, ratio, zero=0, low=-_MOST, high=_MOST)
    now = builder.shift(builder.mul(give, squashed(context, large)), _GATE)
    now = _fitted(context, now, down, top)
    builder.follow(before, now)
    return now, out


def _octaves(context: Context, x: Codes, layer: Layer) -> int:
    """The power of two within which the cells of an LSTM are kept.

    Told by the calibration rows; else by how open the gates can be at most: where f < 1 - i / 16,
    no cell goes beyond 16. Where neither tells, it is 16.
    """
    reach = layer.reach
    if reach is None:
        ends = [x.step * (end - x.zero + x.rest) for end in context.proven(x.value)]
        most = np.maximum(*(layer.inward * end for end in ends)).sum(axis=1)
        most += np.abs(layer.around).sum(axis=1) + sum(layer.biases)
        enter, keep = (expit(gate) for gate in np.split(most, 4)[:2])
        bound = enter / np.maximum(1.0 - keep, 1.0 / _UNKNOWN)
        reach = float(np.clip(bound, 1.0, _UNKNOWN).max())
    return int(np.ceil(np.log2(reach)))


Cell = Callable[[Context, Codes, Layer], tuple[Value, int]]
"""The state h of a layer after a row, and its bits."""

CELLS: dict[str, Cell] = {"gru": _gru, "lstm": _lstm, "rnn": _plain}
