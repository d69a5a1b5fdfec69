"""Intervals: the least and the greatest number that every value of a program can be. The prover.

Inputs may be any code and states any number of their declared range. `prove` finds the range of
every value, and refuses a program of which a sum, a product or a state could leave what holds it.
"""

from __future__ import annotations

from math import isqrt
from typing import Any, NamedTuple, NoReturn

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._ops import REMEMBERS, Op, Program
from signalprep.embedded.program._order import parts_of
from signalprep.errors import ProofError

__all__ = ["Interval", "Proof", "bits_of", "prove"]

_WIDEST = 2**62  # every number stays below, so that a sum of two is still one of 64 bits
_WORD = 32
_INT32 = (-(2**31), 2**31 - 1)
_PRODUCT = 2**62 - 2**32  # what the multiplication of a Scale must stay below


class Interval(NamedTuple):
    """Of each element, the least and the greatest number; arrays of Python's own ints."""

    low: np.ndarray
    high: np.ndarray


class Proof(NamedTuple):
    """What is proven of a program.

    Attributes
    ----------
    ranges : list of Interval
        Of the value of each op.
    sums : dict of {int: Interval}
        Of each `Dot` and `Bank`: what its partial sums span, in whatever order they are formed.
    """

    ranges: list[Interval]
    sums: dict[int, Interval]


def _exact(numbers: Any) -> np.ndarray:
    return np.array([int(n) for n in np.ravel(numbers)], dtype=object).reshape(np.shape(numbers))


def bits_of(low: int, high: int) -> int:
    """Bits of the least signed number type that holds both."""
    return max((-low - 1 if low < 0 else low).bit_length(), max(high, 0).bit_length()) + 1


def _around(*corners: np.ndarray) -> Interval:
    return Interval(np.minimum.reduce(corners), np.maximum.reduce(corners))


def _union(a: Interval, b: Interval) -> Interval:
    return Interval(np.minimum(a.low, b.low), np.maximum(a.high, b.high))


def _whole(value: Interval) -> tuple[int, int]:
    return min(value.low.tolist()), max(value.high.tolist())


class Intervals:
    """The domain of intervals."""

    def __init__(self) -> None:
        self.sums: dict[int, Interval] = {}

    def refuse(self, number: int, op: Op, what: str, remedy: str) -> NoReturn:
        name = type(op).__name__
        raise ProofError(f"{op.label}: {name} (op {number}) {what}; {remedy}")

    def _within(self, number: int, op: Op, value: Interval) -> Interval:
        low, high = _whole(value)
        if low <= -_WIDEST or high >= _WIDEST:
            bits = bits_of(low, high)
            self.refuse(
                number, op, f"may need {bits} bits, more than 63", "lower the bits of what it takes"
            )
        return value

    def _short(self, number: int, op: Op, value: Interval, what: str, remedy: str) -> Interval:
        """Refuse what 32 bits do not hold."""
        low, high = _whole(value)
        if low < _INT32[0] or high > _INT32[1]:
            self.refuse(number, op, f"{what.format(bits_of(low, high))}, more than 32", remedy)
        return value

    def _asked(
        self, number: int, op: Op, at: Interval, ends: tuple[int, int], what: str
    ) -> tuple[int, int]:
        """Refuse to ask for what is not there."""
        low, high = _whole(at)
        if low < ends[0] or high > ends[1]:
            found = f"{what} {low} to {high}, beyond {ends[0]} to {ends[1]}"
            self.refuse(number, op, found, "clamp what it takes")
        return low, high

    def input(self, number: int, op: ops.Input) -> Interval:
        top = 1 << (op.bits - 1)
        return Interval(_exact([-top] * op.size), _exact([top - 1] * op.size))

    def const(self, number: int, op: ops.Const) -> Interval:
        return Interval(_exact(op.values), _exact(op.values))

    def first(self, number: int, op: ops.First) -> Interval:
        return Interval(_exact([0]), _exact([1]))

    def gather(self, number: int, op: ops.Gather, *args: Interval) -> Interval:
        places = list(zip(op.sources, op.elements, strict=True))
        return Interval(
            *(np.array([args[s][end][e] for s, e in places], dtype=object) for end in (0, 1))
        )

    def dot(self, number: int, op: ops.Dot, x: Interval) -> Interval:
        weights, bias = _exact(op.weights), _exact(op.bias)
        up, down = np.maximum(weights, 0), np.minimum(weights, 0)
        low, high = up @ x.low + down @ x.high + bias, up @ x.high + down @ x.low + bias
        ends = _around(weights * x.low, weights * x.high)
        self.sums[number] = self._within(number, op, Interval(
            np.minimum(ends.low, 0).sum(axis=1) + np.minimum(bias, 0),
            np.maximum(ends.high, 0).sum(axis=1) + np.maximum(bias, 0),
        ))  # fmt: skip
        return Interval(low, high)

    def bank(self, number: int, op: ops.Bank, *args: Interval) -> Interval:
        *windows, row = args
        self._asked(number, op, row, (0, len(op.lengths) - 1), "may take row")
        found = [self._rows(op.rows, x) for x in windows]
        sums = Interval(*(_exact([one[1][end] for one in found]) for end in (0, 1)))
        self.sums[number] = self._within(number, op, sums)
        return Interval(*(_exact([one[0][end] for one in found]) for end in (0, 1)))

    def _rows(self, rows: list[np.ndarray], x: Interval) -> tuple[Any, ...]:
        """What the sums of weights with the last numbers of x span, and their parts."""
        whole, parts = [], []
        for row in rows:
            weights = _exact(row)
            ends = _around(*(weights * end[len(end) - len(row) :] for end in x))
            whole.append((ends.low.sum(), ends.high.sum()))
            parts.append((np.minimum(ends.low, 0).sum(), np.maximum(ends.high, 0).sum()))
        return tuple(
            (min(low for low, _ in some), max(high for _, high in some)) for some in (whole, parts)
        )

    def add(self, number: int, op: ops.Add, a: Interval, b: Interval) -> Interval:
        a = Interval(a.low * 2**op.left, a.high * 2**op.left)
        b = _around(b.low * 2**op.right * op.sign, b.high * 2**op.right * op.sign)
        self._within(number, op, a)
        self._within(number, op, b)
        return self._within(number, op, Interval(a.low + b.low, a.high + b.high))

    def mul(self, number: int, op: ops.Mul, a: Interval, b: Interval) -> Interval:
        corners = (a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
        found = self._within(number, op, _around(*corners))
        square = op.args[0] == op.args[1]
        return Interval(np.maximum(found.low, 0), found.high) if square else found

    def root(self, number: int, op: ops.Root, a: Interval, b: Interval) -> Interval:
        (least, _), (divisor, widest) = _whole(a), _whole(b)
        if least < 0 or divisor < 1:
            found = f"may take the root of {least} / {divisor}"
            self.refuse(number, op, found, "clamp what it takes")
        bits = widest.bit_length() + op.bits + 1
        if op.bits > _WORD - 1 or bits > 2 * _WORD - 1:
            found = f"may need {bits} bits for a root of {op.bits}"
            self.refuse(number, op, found, "use fewer for it, or for what it divides by")
        root = np.frompyfunc(lambda x, by: isqrt((x << (op.bits - 1)) // by), 2, 1)
        most = (1 << op.bits) - 1
        return Interval(*(np.minimum(root(*e), most) for e in ((a.low, b.high), (a.high, b.low))))

    def scale(self, number: int, op: ops.Scale, x: Interval) -> Interval:
        x = Interval(x.low * 2**op.headroom, x.high * 2**op.headroom)
        remedy = "use fewer weight_bits or activation_bits"
        self._short(number, op, x, "may multiply a sum of {} bits", remedy)
        multiplier = _exact(op.multiplier)
        if np.abs(multiplier).max() > _INT32[1]:
            self.refuse(number, op, "has a multiplier of more than 32 bits", "shift by less")
        product = _around(x.low * multiplier, x.high * multiplier)
        low, high = _whole(product)
        if low < -_PRODUCT or high > _PRODUCT:
            found = "may have a product of more than 63 bits"
            self.refuse(number, op, found, "take some headroom away")
        zero = _exact(op.zero)
        shifted = Interval(*(self._shifted(end, op.shift) + zero for end in product))
        if op.shift == _WORD:
            remedy = "clamp what it takes, or use an offset nearer to the codes in use"
            self._short(number, op, shifted, "may be {} bits with its zero", remedy)
        return self._clamped(shifted, op)

    def _shifted(self, ends: np.ndarray, bits: int) -> np.ndarray:
        return ends if bits == 0 else (ends + 2 ** (bits - 1)) // 2**bits

    def _clamped(self, x: Interval, op: ops.Scale | ops.Clamp) -> Interval:
        low, high = _exact(op.low), _exact(op.high)
        return Interval(*(np.minimum(np.maximum(end, low), high) for end in x))

    def clamp(self, number: int, op: ops.Clamp, x: Interval) -> Interval:
        return self._clamped(x, op)

    def shift(self, number: int, op: ops.Shift, x: Interval) -> Interval:
        return Interval(*(self._shifted(end, op.bits) for end in x))

    def wrap(self, number: int, op: ops.Wrap, x: Interval) -> Interval:
        half = 2 ** (op.bits - 1)
        stays = (x.low >= -half) & (x.high < half)
        return Interval(np.where(stays, x.low, -half), np.where(stays, x.high, half - 1))

    def table(self, number: int, op: ops.Table, x: Interval) -> Interval:
        end = (len(op.entries) - 1) << op.shift
        if end > _INT32[1]:
            self.refuse(number, op, f"spans {end}, more than 32 bits", "take a lower shift")
        ends = (0 if op.about is None else -end, end)
        low, _ = self._asked(number, op, x, ends, "may be asked at")
        least, most = int(op.entries.min()), int(op.entries.max())
        if op.about is not None and low < 0:
            least, most = min(least, op.about - most), max(most, op.about - least)
        steps = np.abs(np.diff(op.entries)).max(initial=0)
        if int(steps) << op.shift > _INT32[1]:
            self.refuse(number, op, "has entries too far apart for 32 bits", "take more entries")
        return Interval(_exact([least] * op.size), _exact([most] * op.size))

    def select(self, number: int, op: ops.Select, *args: Interval) -> Interval:
        _, _, yes, no = (
            Interval(*(np.broadcast_to(end, (op.size,)) for end in value)) for value in args
        )
        return _union(yes, no)

    def pick(self, number: int, op: ops.Pick, vector: Interval, place: Interval) -> Interval:
        ends = (0, len(vector.low) - 1)
        low, high = self._asked(number, op, place, ends, "may pick element")
        part = Interval(vector.low[low : high + 1], vector.high[low : high + 1])
        return Interval(*(_exact([end]) for end in _whole(part)))

    def hold(self, number: int, op: ops.Hold, x: Interval, when: Interval) -> Interval:
        initial = _exact(op.initial)
        return _union(x, Interval(initial, initial))

    def state(self, number: int, op: ops.State) -> Interval:
        return Interval(_exact(op.low), _exact(op.high))

    def window(self, number: int, op: ops.Window, x: Interval) -> Interval:
        low, high = _whole(x)
        return Interval(_exact([min(low, 0)] * op.size), _exact([max(high, 0)] * op.size))

    def sorted(self, number: int, op: ops.Sorted, x: Interval) -> Interval:
        low, high = _whole(x)
        if low < _INT32[0] or op.beyond > _INT32[1]:
            self.refuse(number, op, "may need more than 32 bits", "clamp what it takes")
        if high > op.beyond:
            found = f"may be given {high}, and its sign for none is {op.beyond}"
            self.refuse(number, op, found, "clamp what it takes")
        return Interval(_exact([low] * op.size), _exact([op.beyond] * op.size))

    def spread(self, number: int, op: ops.Spread, ordered: Interval, count: Interval) -> Interval:
        self._asked(number, op, count, (1, len(ordered.low)), "may look at numbers")
        least, most = _whole(ordered)
        found = Interval(_exact([2 * least, 0]), _exact([2 * most, 4 * (most - least)]))
        return self._short(number, op, found, "may need {} bits", "use fewer bits for the channel")

    def walk(self, number: int, op: ops.Walk, x: Interval) -> Interval:
        leaves = _exact(op.leaves)
        low, high = _exact([0] * op.size), _exact([0] * op.size)
        for root in op.roots.tolist():
            under = leaves[_leaves_under(op, root)]
            low, high = low + under.min(axis=0), high + under.max(axis=0)
        sums = Interval(np.minimum(low, 0), np.maximum(high, 0))
        self._short(number, op, sums, "may sum up to {} bits", "use fewer bits for leaves")
        return Interval(low, high)


def _leaves_under(op: ops.Walk, root: int) -> list[int]:
    """The leaves of a tree; raises where a way is longer than is said, as it is on a circle."""
    found, waiting = [], [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if node < 0:
            found.append(-1 - node)
            continue
        if depth >= op.depth:
            raise ProofError(
                f"{op.label}: Walk has a way of more than {op.depth} nodes; "
                f"say depth={depth + 1}, or mend the tree"
            )
        waiting += [(int(op.left[node]), depth + 1), (int(op.right[node]), depth + 1)]
    return found


def prove(program: Program) -> Proof:
    """Find the range of every value.

    Raises
    ------
    ProofError
        A value, a sum or a product may need more bits than there are, a table or a vector may be
        asked beyond its end, or a state may leave its declared range. Names step, op and bits.
    """
    domain = Intervals()
    ranges: list[Interval] = program.run(domain)
    for part in parts_of(program):
        _check_part(domain, part, program)
    for number, op in enumerate(program.ops):
        if isinstance(op, ops.State):
            _check_state(domain, number, op, ranges)
    return Proof(ranges, domain.sums)


def _check_part(domain: Intervals, part: list[int], program: Program) -> None:
    """Raise where an op waits for its own value of the row before and can not."""
    if len(part) == 1:
        return
    for number in part:
        op = program.ops[number]
        if isinstance(op, REMEMBERS):
            domain.refuse(number, op, "waits for itself", "write it as a State and a Select")
        if op.guard != program.ops[part[0]].guard:
            domain.refuse(number, op, "waits for what runs in other rows", "give both one guard")


def _check_state(domain: Intervals, number: int, op: ops.State, ranges: list[Interval]) -> None:
    """Raise where what follows a state, or its start, is outside its declared range."""
    if op.following < 0:
        domain.refuse(number, op, "is followed by nothing", "say what it is in the next row")
    following = ranges[op.following]
    initial = Interval(_exact(op.initial), _exact(op.initial))
    for value in (initial, following):
        beyond = (value.low < ranges[number].low) | (value.high > ranges[number].high)
        if beyond.any():
            low, high = _whole(value)
            declared = f"{op.low.min()} to {op.high.max()}"
            domain.refuse(
                number, op,
                f"is declared from {declared} and may be {low} to {high}",
                "clamp what follows it, or declare more",
            )  # fmt: skip
