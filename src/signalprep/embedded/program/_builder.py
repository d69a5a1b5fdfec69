"""Builder: programs written down op by op."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from signalprep.embedded.program._ops import (
    Add,
    Bank,
    Clamp,
    Const,
    Dot,
    First,
    Gather,
    Hold,
    Input,
    Mul,
    Op,
    Pick,
    Program,
    Scale,
    Select,
    Shift,
    Sorted,
    Spread,
    State,
    Table,
    Walk,
    Window,
    Wrap,
)
from signalprep.embedded.program._order import trimmed

__all__ = ["Builder", "Value"]


class Value(NamedTuple):
    """The value of an op: its number and how many elements it has."""

    number: int
    size: int


def _ints(numbers: Any, size: int | None = None) -> np.ndarray:
    array = np.atleast_1d(np.asarray(numbers, dtype=np.int64))
    return array if size is None else np.broadcast_to(array, (size,)).copy()


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
        self.raw = self._add(Input(size=len(self._inputs), bits=bits))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the raw channels."""
        return self._inputs

    @property
    def ops(self) -> list[Op]:
        """What has been written so far."""
        return self._ops

    def _add(self, op: Op) -> Value:
        self._ops.append(replace(op, label=self.label, guard=self._guard))
        return Value(len(self._ops) - 1, op.size)

    @contextmanager
    def when(self, flag: Value) -> Iterator[None]:
        """Run the ops written meanwhile only in rows in which the flag is 1."""
        before, self._guard = self._guard, flag.number
        try:
            yield
        finally:
            self._guard = before

    def _once(self, key: Any, op: Op) -> Value:
        """The value of an op that need not be there twice."""
        key = (*key, self._guard)
        if key not in self._made:
            self._made[key] = self._add(op)
        return self._made[key]

    def const(self, values: Any) -> Value:
        numbers = _ints(values)
        return self._once(("const", tuple(numbers)), Const(size=len(numbers), values=numbers))

    def first(self) -> Value:
        return self._once(("first",), First())

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
        args = tuple(value.number for value in values)
        return self._add(
            Gather(args=args, size=len(elements), sources=_ints(sources), elements=_ints(elements))
        )

    def dot(self, x: Value, weights: Any, bias: Any = 0) -> Value:
        weights = np.atleast_2d(np.asarray(weights, dtype=np.int64))
        size = len(weights)
        return self._add(Dot(args=(x.number,), size=size, weights=weights, bias=_ints(bias, size)))

    def bank(self, windows: Sequence[Value], row: Value, rows: Sequence[Any]) -> Value:
        """The sums over windows by the weights of the row that is named."""
        whole = [_ints(one) for one in rows]
        mirrored = all((one == one[::-1]).all() for one in whole)
        held = [one[: (len(one) + 1) // 2] if mirrored else one for one in whole]
        return self._add(
            Bank(
                args=(*(window.number for window in windows), row.number), size=len(windows),
                weights=np.concatenate(held), lengths=_ints([len(one) for one in whole]),
                mirrored=mirrored,
            )
        )  # fmt: skip

    def add(self, a: Value, b: Value, *, left: int = 0, right: int = 0, sign: int = 1) -> Value:
        size = max(a.size, b.size)
        args = (a.number, b.number)
        return self._add(Add(args=args, size=size, left=int(left), right=int(right), sign=sign))

    def subtract(self, a: Value, b: Value, *, left: int = 0, right: int = 0) -> Value:
        return self.add(a, b, left=left, right=right, sign=-1)

    def mul(self, a: Value, b: Value) -> Value:
        return self._add(Mul(args=(a.number, b.number), size=max(a.size, b.size)))

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
        size = max(x.size, np.size(multiplier))
        return self._add(
            Scale(
                args=(x.number,), size=size, multiplier=_ints(multiplier, size),
                zero=_ints(zero, size), low=_ints(low, size), high=_ints(high, size),
                headroom=int(headroom), shift=int(shift), names=tuple(names), floor=floor,
            )
        )  # fmt: skip

    def clamp(self, x: Value, low: Any, high: Any, names: Sequence[str] = ()) -> Value:
        low, high = _ints(low, x.size), _ints(high, x.size)
        args = (x.number,)
        return self._add(Clamp(args=args, size=x.size, low=low, high=high, names=tuple(names)))

    def shift(self, x: Value, bits: int) -> Value:
        return x if bits == 0 else self._add(Shift(args=(x.number,), size=x.size, bits=int(bits)))

    def wrap(self, x: Value, bits: int) -> Value:
        return self._add(Wrap(args=(x.number,), size=x.size, bits=int(bits)))

    def table(self, x: Value, entries: Any, shift: int, about: int | None = None) -> Value:
        entries = _ints(entries)
        return self._add(
            Table(
                args=(x.number,),
                size=x.size,
                entries=entries,
                shift=int(shift),
                about=None if about is None else int(about),
            )
        )

    def select(self, a: Value, relation: str, b: Value, yes: Value, no: Value) -> Value:
        size = max(a.size, b.size, yes.size, no.size)
        args = (a.number, b.number, yes.number, no.number)
        return self._add(Select(args=args, size=size, relation=relation))

    def flag(self, a: Value, relation: str, b: Value) -> Value:
        """1 where the relation holds, else 0."""
        return self.select(a, relation, b, self.const(1), self.const(0))

    def pick(self, vector: Value, place: Value) -> Value:
        if vector.size == 1:
            return vector
        return self._add(Pick(args=(vector.number, place.number)))

    def hold(self, x: Value, when: Value, initial: Any = 0) -> Value:
        size = max(x.size, when.size)
        args = (x.number, when.number)
        return self._add(Hold(args=args, size=size, initial=_ints(initial, size)))

    def state(self, size: int, *, low: Any, high: Any, initial: Any = 0) -> Value:
        """What ``follow`` names, one row later."""
        return self._add(
            State(
                size=size, low=_ints(low, size), high=_ints(high, size),
                initial=_ints(initial, size),
            )
        )  # fmt: skip

    def follow(self, state: Value, following: Value) -> None:
        """Say what a state is in the next row."""
        op = self._ops[state.number]
        assert isinstance(op, State)
        assert following.size == state.size
        self._ops[state.number] = replace(op, following=following.number)

    def window(self, x: Value, length: int) -> Value:
        return self._add(Window(args=(x.number,), size=length))

    def sorted(self, x: Value, length: int, beyond: int) -> Value:
        return self._add(Sorted(args=(x.number,), size=length, beyond=int(beyond)))

    def spread(self, ordered: Value, count: Value) -> Value:
        return self._add(Spread(args=(ordered.number, count.number), size=2))

    def walk(self, x: Value, **nodes: Any) -> Value:
        depth = nodes.pop("depth")
        leaves = np.asarray(nodes.pop("leaves"), dtype=np.int64)
        tables: Any = {name: _ints(table) for name, table in nodes.items()}
        return self._add(
            Walk(args=(x.number,), size=leaves.shape[1], leaves=leaves, depth=int(depth), **tables)
        )

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
