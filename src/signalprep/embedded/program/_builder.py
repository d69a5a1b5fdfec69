"""Builder: programs written down op by op."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._ops import Op, Program
from signalprep.embedded.program._order import trimmed

__all__ = ["Builder", "Value"]


class Value(NamedTuple):
    """The value of an op: its number and how many elements it has."""

    number: int
    size: int


_EACH = ("bias", "high", "initial", "low", "multiplier", "zero")  # have a number for each element


def _ints(numbers: Any) -> np.ndarray:
    return np.atleast_1d(np.asarray(numbers, dtype=np.int64))


def _given(kind: type[Op], size: int, fields_: dict[str, Any]) -> dict[str, Any]:
    """Fields of an op as it holds them."""
    types = {one.name: one.type for one in fields(kind)}
    made: dict[str, Any] = {}
    for name, value in fields_.items():
        if types[name] == "Ints":
            made[name] = _ints(value)
            if name in _EACH:
                made[name] = np.broadcast_to(made[name], (size,)).copy()
        else:
            made[name] = int(value) if types[name] == "int" else value
    return made


class Builder:
    """Writes a program down.

    Attributes
    ----------
    label : str
        Goes to the ops that follow: the step of the pipeline that they come from.
    """

    def __init__(self, inputs: Sequence[str], bits: int = 16) -> None:
        self.label = "input"
        self._inputs = tuple(inputs)
        self._ops: list[Op] = []
        self._guard: int | None = None
        self._made: dict[Any, Value] = {}
        self.raw = self._op(ops.Input, size=len(self._inputs), bits=bits)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the raw channels."""
        return self._inputs

    @property
    def ops(self) -> list[Op]:
        """What has been written so far."""
        return self._ops

    def _op(self, kind: type[Op], *args: Value, size: int | None = None, **given: Any) -> Value:
        """Write an op down; as long as the longest of its arguments, where nothing else is said."""
        size = max(arg.size for arg in args) if size is None else size
        numbers = tuple(arg.number for arg in args)
        made = _given(kind, size, given)
        self._ops.append(kind(args=numbers, size=size, label=self.label, guard=self._guard, **made))
        return Value(len(self._ops) - 1, size)

    @contextmanager
    def when(self, flag: Value) -> Iterator[None]:
        """Run the ops written meanwhile only in rows in which the flag is 1."""
        before, self._guard = self._guard, flag.number
        try:
            yield
        finally:
            self._guard = before

    def _once(self, key: tuple[Any, ...], kind: type[Op], **given: Any) -> Value:
        """The value of an op that need not be there twice."""
        key = (*key, self._guard)
        if key not in self._made:
            self._made[key] = self._op(kind, **given)
        return self._made[key]

    def const(self, values: Any) -> Value:
        numbers = _ints(values)
        return self._once(("const", *numbers), ops.Const, size=len(numbers), values=numbers)

    def first(self) -> Value:
        return self._once(("first",), ops.First, size=1)

    def gather(self, *picks: tuple[Value, Any]) -> Value:
        """The named elements of values, one after the other; None names all of one."""
        values, sources, elements = [], [], []
        for value, chosen in picks:
            if value not in values:
                values.append(value)
            places = range(value.size) if chosen is None else np.atleast_1d(chosen)
            sources += [values.index(value)] * len(places)
            elements += [int(place) for place in places]
        if len(values) == 1 and elements == list(range(values[0].size)):
            return values[0]
        return self._op(ops.Gather, *values, size=len(elements), sources=sources, elements=elements)

    def dot(self, x: Value, weights: Any, bias: Any = 0) -> Value:
        weights = np.atleast_2d(weights)
        return self._op(ops.Dot, x, size=len(weights), weights=weights, bias=bias)

    def bank(self, windows: Sequence[Value], row: Value, rows: Sequence[Any]) -> Value:
        """The sums over windows by the weights of the row that is named."""
        whole = [_ints(one) for one in rows]
        mirrored = all((one == one[::-1]).all() for one in whole)
        held = [one[: (len(one) + 1) // 2] if mirrored else one for one in whole]
        weights, lengths = np.concatenate(held), [len(one) for one in whole]
        return self._op(
            ops.Bank, *windows, row, size=len(windows), weights=weights, lengths=lengths,
            mirrored=mirrored,
        )  # fmt: skip

    def add(self, a: Value, b: Value, *, left: int = 0, right: int = 0, sign: int = 1) -> Value:
        return self._op(ops.Add, a, b, left=left, right=right, sign=sign)

    def subtract(self, a: Value, b: Value, *, left: int = 0, right: int = 0) -> Value:
        return self.add(a, b, left=left, right=right, sign=-1)

    def mul(self, a: Value, b: Value) -> Value:
        return self._op(ops.Mul, a, b)

    def scale(
        self,
        x: Value,
        multiplier: Any,
        *,
        low: Any,
        high: Any,
        zero: Any = 0,
        headroom: int = 0,
        shift: int = 32,
        names: Sequence[str] = (),
        floor: bool = False,
    ) -> Value:
        return self._op(
            ops.Scale, x, size=max(x.size, np.size(multiplier)), multiplier=multiplier, zero=zero,
            low=low, high=high, headroom=headroom, shift=shift, names=tuple(names), floor=floor,
        )  # fmt: skip

    def clamp(self, x: Value, low: Any, high: Any, names: Sequence[str] = ()) -> Value:
        return self._op(ops.Clamp, x, low=low, high=high, names=tuple(names))

    def root(self, a: Value, b: Value, bits: int) -> Value:
        return self._op(ops.Root, a, b, bits=bits)

    def shift(self, x: Value, bits: int) -> Value:
        return x if bits == 0 else self._op(ops.Shift, x, bits=bits)

    def wrap(self, x: Value, bits: int) -> Value:
        return self._op(ops.Wrap, x, bits=bits)

    def table(self, x: Value, entries: Any, shift: int, about: int | None = None) -> Value:
        about = None if about is None else int(about)
        return self._op(ops.Table, x, entries=entries, shift=shift, about=about)

    def select(self, a: Value, relation: str, b: Value, yes: Value, no: Value) -> Value:
        return self._op(ops.Select, a, b, yes, no, relation=relation)

    def flag(self, a: Value, relation: str, b: Value) -> Value:
        """1 where the relation holds, else 0."""
        return self.select(a, relation, b, self.const(1), self.const(0))

    def pick(self, vector: Value, place: Value) -> Value:
        if vector.size == 1:
            return vector
        return self._op(ops.Pick, vector, place, size=1)

    def hold(self, x: Value, when: Value, initial: Any = 0) -> Value:
        return self._op(ops.Hold, x, when, initial=initial)

    def state(self, size: int, *, low: Any, high: Any, initial: Any = 0) -> Value:
        """What ``follow`` names, one row later."""
        return self._op(ops.State, size=size, low=low, high=high, initial=initial)

    def follow(self, state: Value, following: Value) -> None:
        """Say what a state is in the next row."""
        op = self._ops[state.number]
        assert isinstance(op, ops.State)
        assert following.size == state.size
        self._ops[state.number] = replace(op, following=following.number)

    def window(self, x: Value, length: int) -> Value:
        return self._op(ops.Window, x, size=length)

    def sorted(self, x: Value, length: int, beyond: int) -> Value:
        return self._op(ops.Sorted, x, size=length, beyond=beyond)

    def spread(self, ordered: Value, count: Value) -> Value:
        return self._op(ops.Spread, ordered, count, size=2)

    def walk(self, x: Value, **nodes: Any) -> Value:
        return self._op(ops.Walk, x, size=np.shape(nodes["leaves"])[1], **nodes)

    def count(self, most: int) -> Value:
        """How many rows of the segment there have been, this one included; at most `most`."""
        before = self.state(1, low=0, high=most)
        now = self.clamp(self.add(before, self.const(1)), 0, most)
        self.follow(before, now)
        return now

    def every(self, k: int) -> Value:
        """1 in the first row of a segment and every k-th after it."""
        waited = self.state(1, low=0, high=k - 1)
        zero, one = self.const(0), self.const(1)
        more = self.clamp(self.add(waited, one), 0, k - 1)
        turn = self.select(waited, "<", self.const(k - 1), more, zero)
        self.follow(waited, turn)
        return self.flag(waited, "==", zero)

    def build(self, **outputs: Value) -> Program:
        """The program of these outputs; what none of them needs is left out."""
        numbers = {name: value.number for name, value in outputs.items()}
        return trimmed(Program(self._inputs, tuple(self._ops), numbers))
