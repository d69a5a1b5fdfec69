"""Integers: a program over many rows at once, in 64-bit integers.

Ops work on all rows of a block, segments one below the other. Those that wait for their own value
of the row before, a `State` and what lies between it and what follows it, go row by row, all
segments side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._ops import Op, Program
from signalprep.embedded.program._order import needs_of, parts_of

__all__ = ["Integers", "Memory", "advance", "blocks", "run", "shifted"]

_BLOCK = 1 << 16  # rows at a time, at most
_NUMBERS = 1 << 22  # in a value of a block, at most
_WALKING = 1 << 13  # rows that walk through all trees together, which stay in the cache
_EXACT = 2**53  # up to here whole numbers are exact in float64, and sums of products are fast

RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
}

Memory = dict[int, Any]  # what ops remember of the segment so far; empty at its start


def _within(x: np.ndarray, op: ops.Scale | ops.Clamp) -> np.ndarray:
    return np.minimum(np.maximum(x, op.low[:, None]), op.high[:, None])


class _Rows(NamedTuple):
    """The rows in which ops run that have the same guard."""

    at: np.ndarray  # their positions in the block
    bounds: np.ndarray  # borders of segments, positions in `at`

    @property
    def begins(self) -> np.ndarray:
        """Of each row, where its segment begins; below 0 for the one that was begun before."""
        segment = np.searchsorted(self.bounds[1:-1], np.arange(len(self.at)), side="right")
        return np.where(segment == 0, -1, self.bounds[segment])

    @property
    def several(self) -> bool:
        """Whether another segment begins in the block."""
        return len(self.bounds) > 2


def shifted(x: np.ndarray, bits: int) -> np.ndarray:
    """Divide by ``2**bits`` and round, ties up."""
    return x if bits == 0 else (x + (1 << (bits - 1))) >> bits


def _values_of(op: Op) -> tuple[int, ...]:
    """The ops whose values it takes."""
    return (*op.args, op.following) if isinstance(op, ops.State) else op.args


class Integers:
    """The domain of integers, over rows of one block.

    Parameters
    ----------
    program : Program
    codes : int64 ndarray of shape (n_rows, n_inputs)
    bounds : ndarray
        Borders of segments. The first one goes on from `memory`.
    memory : dict
        Is left as it is after the last row.
    """

    def __init__(
        self, program: Program, codes: np.ndarray, bounds: np.ndarray, memory: Memory
    ) -> None:
        self._program, self._codes, self.memory = program, codes, memory
        self._states = {n for n, op in enumerate(program.ops) if isinstance(op, ops.State)}
        self._rows: dict[int | None, _Rows] = {
            None: _Rows(np.arange(len(codes)), np.asarray(bounds))
        }

    def run(self, wanted: Any) -> dict[int, np.ndarray]:
        """Values of the wanted ops, (size, n_rows), each in the rows in which it is run."""
        values: dict[int, np.ndarray] = {}
        parts = parts_of(self._program)
        last = {
            arg: i
            for i, part in enumerate(parts)
            for n in part
            for arg in needs_of(self._program, n)
        }
        for i, part in enumerate(parts):
            if len(part) == 1 and part[0] not in self._states:
                values[part[0]] = self._whole(part[0], values)
            else:
                self._row_by_row(part, values)
            for number in [n for n, end in last.items() if end <= i]:
                del last[number]
                if number not in wanted:
                    del values[number]
        return {number: values[number] for number in wanted}

    def _rows_of(self, guard: int | None, values: dict[int, np.ndarray]) -> _Rows:
        """The rows in which a guard is 1; kept, since several ops ask."""
        if guard is not None and guard not in self._rows:
            outer = self._rows_of(self._program.ops[guard].guard, values)
            at = outer.at[values[guard][0] != 0]
            borders = self._rows[None].bounds
            self._rows[guard] = _Rows(at, np.searchsorted(at, borders))
        return self._rows[guard]

    @property
    def n_rows(self) -> int:
        """Rows of the block."""
        return len(self._codes)

    def rows_of(self, guard: int | None, values: dict[int, np.ndarray]) -> np.ndarray:
        """Positions of the rows in which ops with a guard run, once its value is known."""
        return self._rows_of(guard, values).at

    def _given(self, arg: int, rows: _Rows, values: dict[int, np.ndarray]) -> np.ndarray:
        """The value of an op in these rows, which are among its own."""
        own = self._rows[self._program.ops[arg].guard]
        value = values[arg]
        return value if own is rows else value[:, np.searchsorted(own.at, rows.at)]

    def _whole(self, number: int, values: dict[int, np.ndarray]) -> np.ndarray:
        op = self._program.ops[number]
        rows = self._rows_of(op.guard, values)
        if isinstance(op, ops.Hold):
            x, when = op.args
            return self._held(number, op, values[x], self._given(when, rows, values), rows)
        act = getattr(self, type(op).__name__.lower())
        args = [self._given(arg, rows, values) for arg in op.args]
        if isinstance(op, ops.Window | ops.Sorted | ops.First | ops.Input | ops.Const):
            return act(number, op, rows, *args)
        return act(op, *args)

    def _row_by_row(self, part: list[int], values: dict[int, np.ndarray]) -> None:
        """A part that waits for itself, all segments side by side; its ops have the same guard."""
        program = self._program
        rows = self._rows_of(program.ops[part[0]].guard, values)
        lengths = np.diff(rows.bounds)
        order = np.argsort(-lengths, kind="stable")  # the longest first: those that go on
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        steps = np.arange(len(rows.at)) - np.repeat(rows.bounds[:-1], lengths)
        at = np.lexsort((np.repeat(rank, lengths), steps))  # all first rows, all second ones, ...
        inside = set(part)
        outside = {
            arg: self._given(arg, rows, values)[:, at]
            for n in part
            for arg in _values_of(program.ops[n])
            if arg not in inside
        }
        states = {n: self._state(n).following for n in part if n in self._states}
        calls = [
            (n, getattr(self, type(program.ops[n]).__name__.lower()), program.ops[n])
            for n in part
            if n not in states
        ]
        found = {n: np.empty((program.ops[n].size, len(at)), dtype=np.int64) for n in part}
        kept = {n: self._initial(n, order) for n in states}
        begin = 0
        for going in np.bincount(steps).tolist():
            end = begin + going
            now = {n: value[:, begin:end] for n, value in outside.items()}
            now |= {n: value[:, :going] for n, value in kept.items()}
            for n, act, op in calls:
                now[n] = act(op, *[now[arg] for arg in op.args])
            for n in part:
                found[n][:, begin:end] = now[n]
            for n, following in states.items():
                kept[n][:, :going] = found[following][:, begin:end]
            begin = end
        for n in part:
            values[n] = np.empty_like(found[n])
            values[n][:, at] = found[n]
        for n in states:
            self.memory[n] = kept[n][:, rank[-1]].copy()

    def _state(self, number: int) -> ops.State:
        op = self._program.ops[number]
        assert isinstance(op, ops.State)
        return op

    def _initial(self, number: int, order: np.ndarray) -> np.ndarray:
        """What a state is in the first row of each segment."""
        op = self._state(number)
        kept = np.repeat(op.initial[:, None], len(order), axis=1)
        if number in self.memory:
            kept[:, np.flatnonzero(order == 0)] = self.memory[number][:, None]
        return kept

    # --- ops that look at their rows

    def input(self, number: int, op: ops.Input, rows: _Rows) -> np.ndarray:
        top = 1 << (op.bits - 1)
        return np.clip(self._codes[rows.at].T, -top, top - 1)

    def const(self, number: int, op: ops.Const, rows: _Rows) -> np.ndarray:
        return np.repeat(op.values[:, None], len(rows.at), axis=1)

    def first(self, number: int, op: ops.First, rows: _Rows) -> np.ndarray:
        flags = (rows.begins == np.arange(len(rows.at))).astype(np.int64)[None, :]
        begun = self.memory.get(number, False)
        if rows.bounds[1] > rows.bounds[0]:
            flags[0, 0] = not begun
        self.memory[number] = bool(rows.bounds[-2] < rows.bounds[-1]) or (
            begun and not rows.several
        )
        return flags

    def _past(self, number: int, x: np.ndarray, length: int, rows: _Rows, before: int) -> Any:
        """The last `length` samples at each row, oldest first, with `before` for none."""
        kept = self.memory.get(number, np.full(length - 1, before))
        every = np.concatenate([kept, x[0]])
        windows = np.empty((0, length), dtype=np.int64)
        if len(rows.at):
            windows = np.lib.stride_tricks.sliding_window_view(every, length)
        tail = every[len(every) - (length - 1) :]
        if rows.several:
            age = np.arange(len(rows.at)) - rows.begins  # rows of the segment before this one
            age[rows.begins < 0] = length
            lag = np.arange(length - 1, -1, -1)
            windows = np.where(lag[None, :] > age[:, None], before, windows)
            missing = length - 1 - int(rows.bounds[-1] - rows.bounds[-2])
            tail = np.concatenate([np.full(max(missing, 0), before), tail[max(missing, 0) :]])
        self.memory[number] = tail.copy()
        return windows

    def window(self, number: int, op: ops.Window, rows: _Rows, x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(self._past(number, x, op.size, rows, 0).T)

    def sorted(self, number: int, op: ops.Sorted, rows: _Rows, x: np.ndarray) -> np.ndarray:
        return np.sort(self._past(number, x, op.size, rows, op.beyond), axis=1).T

    def _held(
        self, number: int, op: ops.Hold, x: np.ndarray, when: np.ndarray, rows: _Rows
    ) -> np.ndarray:
        source = self._rows[self._program.ops[op.args[0]].guard]
        n_rows, begins = len(rows.at), rows.begins
        x = np.broadcast_to(x, (op.size, x.shape[1]))
        when = np.broadcast_to(when, (op.size, n_rows)) != 0
        before = self.memory.get(number, op.initial)
        out = np.where(begins < 0, before[:, None], op.initial[:, None])
        for element in range(op.size):
            new = np.maximum.accumulate(np.where(when[element], np.arange(n_rows), -1))
            known = new >= np.maximum(begins, 0)
            at = np.searchsorted(source.at, rows.at[new[known]])
            out[element, known] = x[element, at]
        if rows.bounds[-2] < rows.bounds[-1]:
            self.memory[number] = out[:, -1].copy()
        elif rows.several:
            self.memory[number] = op.initial.copy()
        return out

    # --- ops that do not

    def gather(self, op: ops.Gather, *args: np.ndarray) -> np.ndarray:
        places = zip(op.sources, op.elements, strict=True)
        return np.stack([args[source][element] for source, element in places])

    def dot(self, op: ops.Dot, x: np.ndarray) -> np.ndarray:
        most = np.abs(op.weights).sum(axis=1).max(initial=0) * float(np.abs(x).max(initial=0))
        if most < _EXACT:
            total = (op.weights.astype(float) @ x.astype(float)).astype(np.int64)
        else:
            total = op.weights @ x
        return total + op.bias[:, None]

    def bank(self, op: ops.Bank, *args: np.ndarray) -> np.ndarray:
        *windows, row = args
        total = np.zeros((op.size, row.shape[1]), dtype=np.int64)
        rows = op.rows
        for r in np.unique(row):
            at, weights = row[0] == r, rows[r]
            for k, x in enumerate(windows):
                total[k, at] = weights @ x[len(x) - len(weights) :, at]
        return total

    def add(self, op: ops.Add, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a << op.left) + op.sign * (b << op.right)

    def mul(self, op: ops.Mul, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return a * b

    def scale(self, op: ops.Scale, x: np.ndarray) -> np.ndarray:
        scaled = shifted((x << op.headroom) * op.multiplier[:, None], op.shift)
        return _within(scaled + op.zero[:, None], op)

    def root(self, op: ops.Root, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Bit by bit: `rest` is what is left of a, `twice` is the root so far times 2 b."""
        part = b << (op.bits - 1)
        rest = np.minimum(a, (b << (op.bits + 1)) - 1)
        twice, root = np.zeros_like(rest), np.zeros_like(rest)
        for _ in range(op.bits):
            fits = twice + part <= rest
            rest = (rest - fits * (twice + part)) << 1
            twice, root, part = twice + fits * 2 * part, 2 * root + fits, part >> 1
        return root

    def clamp(self, op: ops.Clamp, x: np.ndarray) -> np.ndarray:
        return _within(x, op)

    def shift(self, op: ops.Shift, x: np.ndarray) -> np.ndarray:
        return shifted(x, op.bits)

    def wrap(self, op: ops.Wrap, x: np.ndarray) -> np.ndarray:
        half = 1 << (op.bits - 1)
        return ((x + half) & ((1 << op.bits) - 1)) - half

    def table(self, op: ops.Table, x: np.ndarray) -> np.ndarray:
        size = np.abs(x) if op.about is not None else x
        place = np.minimum(size >> op.shift, len(op.entries) - 2)
        part = size - (place << op.shift)
        low, high = op.entries[place], op.entries[place + 1]
        value = low + shifted((high - low) * part, op.shift)
        return value if op.about is None else np.where(x < 0, op.about - value, value)

    def select(self, op: ops.Select, *args: np.ndarray) -> np.ndarray:
        a, b, yes, no = args
        chosen = np.where(RELATIONS[op.relation](a, b), yes, no)
        return np.broadcast_to(chosen, (op.size, chosen.shape[1]))

    def pick(self, op: ops.Pick, vector: np.ndarray, place: np.ndarray) -> np.ndarray:
        return np.take_along_axis(vector, place, axis=0)

    def spread(self, op: ops.Spread, ordered: np.ndarray, count: np.ndarray) -> np.ndarray:
        n, columns = count[0], np.arange(count.shape[1])
        low, high = (n - 1) >> 1, n >> 1
        twice = ordered[low, columns] + ordered[high, columns]
        far = np.abs(2 * ordered - twice)
        far[np.arange(len(ordered))[:, None] >= n] = np.iinfo(np.int64).max
        far.sort(axis=0)
        return np.stack([twice, far[low, columns] + far[high, columns]])

    def walk(self, op: ops.Walk, x: np.ndarray) -> np.ndarray:
        n_inner, n_leaves = len(op.feature), len(op.leaves)
        end = np.arange(n_inner, n_inner + n_leaves)  # leaves are nodes that lead to themselves
        feature = np.concatenate([op.feature, np.zeros(n_leaves, dtype=np.int64)])
        threshold = np.concatenate([op.threshold, np.zeros(n_leaves, dtype=np.int64)])
        left, right = (
            np.concatenate([np.where(to >= 0, to, n_inner - 1 - to), end])
            for to in (op.left, op.right)
        )
        children = np.stack([left, right], axis=1).ravel()
        total = np.zeros((op.size, x.shape[1]), dtype=np.int64)
        for begin in range(0, x.shape[1], _WALKING):
            some = np.ascontiguousarray(x[:, begin : begin + _WALKING])
            n_rows = some.shape[1]
            rows, flat = np.arange(n_rows), some.ravel()
            for root in op.roots.tolist():
                node = np.full(n_rows, root if root >= 0 else n_inner - 1 - root)
                for _ in range(op.depth):
                    value = flat.take(feature.take(node) * n_rows + rows)
                    node = children.take(2 * node + (value > threshold.take(node)))
                total[:, begin : begin + n_rows] += op.leaves.take(node - n_inner, axis=0).T
        return total


def advance(
    program: Program, codes: np.ndarray, bounds: np.ndarray, memory: Memory
) -> dict[str, np.ndarray]:
    """Outputs of rows, each (n_rows, size); the first segment goes on from `memory`."""
    domain = Integers(program, np.asarray(codes, dtype=np.int64), np.asarray(bounds), memory)
    values = domain.run(set(program.outputs.values()))
    return {name: values[number].T for name, number in program.outputs.items()}


def blocks(
    program: Program, codes: np.ndarray, bounds: np.ndarray, domain: type[Integers] = Integers
) -> Iterator[Integers]:
    """The domain of block after block of a whole log; each goes on where the last one ended."""
    memory: Memory = {}
    bounds = np.asarray(bounds)
    begin, block = 0, max(1, min(_BLOCK, _NUMBERS // max(op.size for op in program.ops)))
    while begin < bounds[-1]:
        if begin in bounds:
            memory = {}
        inner = bounds[(bounds > begin) & (bounds <= begin + block)]
        # as many whole segments as fit, or a part of one that does not
        end = int(inner[-1]) if len(inner) else begin + block
        borders = np.unique(np.concatenate([[begin], inner, [end]])) - begin
        yield domain(program, np.asarray(codes[begin:end], dtype=np.int64), borders, memory)
        begin = end


def run(program: Program, codes: np.ndarray, bounds: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs of a whole log, each (n_rows, size), block by block."""
    wanted = set(program.outputs.values())
    found = [domain.run(wanted) for domain in blocks(program, codes, bounds)]
    return {
        name: np.concatenate([part[number] for part in found], axis=1).T
        for name, number in program.outputs.items()
    }
