"""Costs: instructions and bytes of code of each op. The counter.

Bounds for gcc 12 at -O2 on a Cortex-M4. They follow the text: an op on a few elements is written
out, its numbers stay in registers; on more it is a loop, which loads, reckons, stores, counts. What
is in the tables below was counted of each op by itself on an emulated controller; what the compiler
finds between ops makes the whole cheaper.
"""

from __future__ import annotations

from math import ceil, log2
from typing import NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_types import type_of
from signalprep.embedded.program._intervals import Interval, Proof, bits_of
from signalprep.embedded.program._joined import (
    binding,
    dots_before_scales,
    is_view,
    muls_before_shifts,
)
from signalprep.embedded.program._ops import Op, Program
from signalprep.embedded.program._order import takers_of
from signalprep.embedded.program._worst_row import asked

__all__ = ["Costs", "bit_operations"]

_GUARD = 3  # instructions of an ``if``
_LOOP, _START = 2.8, 4.0  # instructions of each turn of a loop, and of its beginning
_FEW = 4  # rows of a Dot at a time
_BYTES, _LINE_BYTES, _DOT_BYTES = 3.7, 3.1, 3.2  # of an instruction
_INLINE = 64  # bytes that are copied without a call; half of it those that are cleared
_BY_BYTES = 4.2  # instructions of a byte that a library copies or clears
_NEAR = 4096  # bytes of a table that the compiler reckons from a place it shares with others
_LIMIT, _LIMIT64 = 3.0, 6.0  # instructions of a limit that may bind


class Work(NamedTuple):
    """Of an op that treats elements alike: instructions of one of 32 and of 64 bits, without what
    is loaded and stored, and of how many elements all are written out."""

    short: float
    wide: float
    most: int


_WORK = {
    "Add": Work(1.3, 4.2, 3),
    "Mul": Work(1.3, 6.0, 3),
    "Scale": Work(5.0, 8.0, 2),
    "Clamp": Work(0.3, 1.0, 3),
    "Shift": Work(4.0, 7.0, 2),
    "Wrap": Work(2.6, 5.0, 2),
    "Table": Work(18.5, 18.5, 2),
    "Select": Work(3.5, 6.0, 3),
    "Pick": Work(3.0, 3.0, 1),
    "Hold": Work(4.5, 5.5, 2),
}
_UPPER = Work(8.0, 8.0, 2)  # of the upper half of a product
_ODD = 6.0  # of a Table that is read by symmetry


class Counted(NamedTuple):
    """What is counted of one op."""

    instructions: float
    code: float
    macs: int = 0
    bops: int = 0


def _loop(n: int, each: float, start: float = _START) -> Counted:
    """So many instructions for each of n elements, in a loop."""
    return Counted(start + n * each, (start + each) * _BYTES)


def _line(instructions: float) -> Counted:
    """Instructions that are written out."""
    return Counted(instructions, instructions * _LINE_BYTES)


class Costs:
    """The domain of costs: an op gives its instructions, bytes of code, MACs and BOPs."""

    def __init__(self, program: Program, proof: Proof) -> None:
        self._program, self._proof = program, proof
        self._alone = dots_before_scales(program)
        self._halves = muls_before_shifts(program, proof)
        self._tested: set[int] = set()

    def of(self, number: int) -> Counted:
        op = self._program.ops[number]
        if is_view(self._program, number) and _bits(self._proof.ranges[op.args[0]]) <= 32:
            return Counted(0, 0)
        special = getattr(self, f"_{type(op).__name__.lower()}", self._plain)
        found: Counted = special(number, op)
        if op.guard is not None and op.guard not in self._tested:
            self._tested.add(op.guard)  # once is enough: the compiler joins what asks again
            found = found._replace(instructions=found.instructions + _GUARD, code=found.code + 6)
        cleared = self._cleared(number, op)
        if cleared:
            more = cleared * _BY_BYTES if cleared > _INLINE / 2 else cleared / 4
            found = found._replace(instructions=found.instructions + more, code=found.code + 12)
        return found

    def _cleared(self, number: int, op: Op) -> int:
        """Bytes that are set to 0 where an op is taken in rows in which it does not run."""
        takers = [by for by in takers_of(self._program)[number] if by >= 0]
        if op.guard is None or all(self._program.ops[by].guard == op.guard for by in takers):
            return 0
        return op.size * type_of(*_ends(self._proof.ranges[number])).size if op.size > 1 else 0

    # --- ops that treat elements alike

    def _plain(self, number: int, op: Op) -> Counted:
        if number in self._halves:
            return Counted(0, 0, op.size)  # made with the Shift that takes it
        rate, args = _WORK[type(op).__name__], op.args
        if isinstance(op, ops.Shift) and args[0] in self._halves:
            rate, args = _UPPER, self._program.ops[args[0]].args
        wide = self._is_wide(number, op)
        work = (rate.wide if wide else rate.short) + self._extra(op)
        macs = op.size if isinstance(op, ops.Mul) else 0
        tables, n = _tables(op), op.size
        vectors = {arg for arg in args if self._program.ops[arg].size > 1}
        kept = [arg for arg in vectors if not isinstance(self._program.ops[arg], ops.Const)]
        most = rate.most if len(kept) < 2 else 2
        most = max(most, 4) if len(kept) < len(vectors) and rate.most > 2 else most
        found = _loop(n, work + len(vectors) + tables + 1 + _LOOP)
        if n <= most:
            loaded = sum(self._is_loaded(arg, most) for arg in vectors)
            line = _line(n * (work + loaded))  # its numbers stand in the code, not in tables
            code = min(line.code, found.code) if n > 1 else line.code
            found = Counted(line.instructions + 1.5 * n * tables, code)
        return found._replace(macs=macs)

    def _is_loaded(self, number: int, most: int) -> bool:
        op = self._program.ops[number]
        return op.size > most or isinstance(op, ops.Input)

    def _copied(self, n: int, source: int, to: int) -> Counted:
        """Neighbours that are copied: where many of one type are, a function does it by bytes."""
        if n <= 3:
            return _line(2 * n)
        kinds = [type_of(*_ends(self._proof.ranges[one])).size for one in (source, to)]
        by_bytes = kinds[0] == kinds[1] and n * kinds[0] > _INLINE
        return _loop(n, _BY_BYTES * kinds[0] if by_bytes else 2 + _LOOP)

    def _extra(self, op: Op) -> float:
        """Instructions that not every op of its kind has."""
        if isinstance(op, ops.Scale | ops.Clamp):
            limit = _LIMIT if self._is_short_scale(op) else _LIMIT64
            limits = binding(op, self._proof.ranges[op.args[0]]).count(True) * limit
            if isinstance(op, ops.Clamp):
                return limits
            return limits + (op.headroom > 0) + float(op.zero.any())
        if isinstance(op, ops.Table):
            return 0.0 if op.about is None else _ODD
        return 0.0

    def _is_short_scale(self, op: ops.Scale | ops.Clamp) -> bool:
        if isinstance(op, ops.Scale):
            return op.shift == 32
        return _bits(self._proof.ranges[op.args[0]]) <= 32

    def _select(self, number: int, op: ops.Select) -> Counted:
        """A flag is a comparison; what asks for one by itself jumps with it."""
        if op.size > _WORK["Select"].most:
            return self._plain(number, op)
        if asked(self._program, op.args[0]) and self._is_one(op.args[1]):
            return _line(1)
        if self._is_flag(op):
            loaded = sum(self._is_loaded(arg, 3) for arg in op.args[:2])
            return _line(op.size * (2.2 + 2 * self._is_wide(number, op) + loaded))
        return self._plain(number, op)

    def _is_one(self, number: int) -> bool:
        op = self._program.ops[number]
        return isinstance(op, ops.Const) and bool((op.values == 1).all())

    def _is_flag(self, op: ops.Select) -> bool:
        no = self._program.ops[op.args[3]]
        return self._is_one(op.args[2]) and isinstance(no, ops.Const) and not no.values.any()

    def _hold(self, number: int, op: ops.Hold) -> Counted:
        """Of what its flag guards it is but a store; with one flag for all a copy behind it."""
        if op.size > 1 and self._program.ops[op.args[1]].size == 1:
            found = self._copied(op.size, op.args[0], number)
            return Counted(3 + found.instructions, 10 + found.code)
        guarded = self._program.ops[op.args[0]].guard == op.args[1]
        return _line(2) if op.size == 1 and guarded else self._plain(number, op)

    def _scale(self, number: int, op: ops.Scale) -> Counted:
        """As any other, or four at a time with the Dot whose sums it takes."""
        if op.args[0] not in self._alone:
            return self._plain(number, op)
        rate = _WORK["Scale"]
        each = rate.short if op.shift == 32 else rate.wide
        each += self._extra(op) + 1 + _tables(op)
        times = min(op.size, _FEW * (1 + self._is_twice(op))) + (
            op.size % _FEW if op.size > _FEW else 0
        )
        return Counted(op.size * each, times * each * _BYTES)

    def _is_twice(self, op: Op) -> bool:
        """Whether two blocks of four rows are written out, because their numbers are then known."""
        return isinstance(op, ops.Scale) and op.size // _FEW == 2 and _tables(op) > 0

    def _is_wide(self, number: int, op: Op) -> bool:
        """Whether a number of 64 bits takes part."""
        if isinstance(op, ops.Scale):
            return op.shift != 32
        parts = (number, *(arg for arg in op.args if arg not in self._halves))
        return any(_bits(self._proof.ranges[one]) > 32 for one in parts)

    # --- copies and memories

    def _input(self, number: int, op: ops.Input) -> Counted:
        return Counted(0, 0)

    def _const(self, number: int, op: ops.Const) -> Counted:
        return Counted(0, 0)

    def _gather(self, number: int, op: ops.Gather) -> Counted:
        """Neighbours are copied in a loop, others one by one."""
        instructions = code = 0.0
        for run in op.runs:
            source = op.args[op.sources[run[0]]]
            found = self._copied(len(run), source, number)
            if len(run) <= 3:  # most of them stay in registers
                kept = 0.3 if self._program.ops[source].size <= 2 else 0.8
                found = _line(len(run) * (kept if op.size <= _FEW else 1.4))
            instructions, code = instructions + found.instructions, code + found.code
        return Counted(instructions, code)

    def _state(self, number: int, op: ops.State) -> Counted:
        """It is read and, at the end of the row, written."""
        return _line(2.2 * op.size) if op.size <= 3 else self._copied(op.size, op.following, number)

    def _first(self, number: int, op: ops.First) -> Counted:
        return _line(3)

    def _window(self, number: int, op: ops.Window) -> Counted:
        return _line(2) if op.size == 1 else _line(14)

    def _sorted(self, number: int, op: ops.Sorted) -> Counted:
        return Counted(24 + op.size * 19.0, 130)

    def _spread(self, number: int, op: ops.Spread) -> Counted:
        n_numbers = self._program.ops[op.args[0]].size
        return Counted(26 + n_numbers * 11.5, 170)

    def _root(self, number: int, op: ops.Root) -> Counted:
        return Counted(op.size * (40 + 20 * op.bits), 136 + 24 * min(op.size, _FEW))

    # --- sums and walks

    def _walk(self, number: int, op: ops.Walk) -> Counted:
        near, depths, more = 2 * len(op.left) < _NEAR, _depths(op), op.size - 1
        if len(op.roots) == 1:
            return Counted(12 + 15 * depths.sum() + 5 * more, 88 + 22 * more)
        each = (19.0 * depths - 4 if near else 13.0 * depths + 8) + 5 * more
        return Counted(17 + np.maximum(each, 6).sum() + more, 140 + 38 * more)

    def _bank(self, number: int, op: ops.Bank) -> Counted:
        """As a Dot of the longest row, in which every x has the same weights."""
        longest, n = int(op.held.max()), op.size
        wide = _bits(self._proof.sums[number]) > 32
        free = (3 if wide else 5) - op.mirrored  # sums that find registers
        each = 3.4 + 2.2 * n + 4.3 * max(n - free, 0)
        each *= 2 if op.mirrored else 1
        start = 10 + 11 * n + 9 * n * wide + 14 * op.mirrored
        code = 54 + 52 * n + 40 * n * wide + 70 * op.mirrored
        return Counted(start + longest * each, code, longest * n)

    def _dot(self, number: int, op: ops.Dot) -> Counted:
        n_out, n_in = op.weights.shape
        wide = _bits(self._proof.sums[number]) > 32
        whole, rest = divmod(n_out, _FEW)
        taker = takers_of(self._program)[number][0] if number in self._alone else number
        twice = 2 if self._is_twice(self._program.ops[taker]) else 1
        input_bits = _bits(self._proof.ranges[op.args[0]])
        instructions = code = 0.0
        for blocks, rows in ((whole, _FEW), (1, rest)):
            if rows and blocks:
                found = _rows_of_dot(op, rows, blocks, wide + (input_bits > 32))
                instructions += blocks * found.instructions
                code += found.code * (twice if blocks > 1 else 1)
        weight_bits = bits_of(int(op.weights.min()), int(op.weights.max()))
        bops = bit_operations(n_in, n_out, input_bits, weight_bits)
        return Counted(instructions, code, n_out * n_in, bops)


def _rows_of_dot(op: ops.Dot, rows: int, blocks: int, wide: int) -> Counted:
    """One block of rows: written out where there are few numbers; `wide` is 1 where sums are of
    64 bits, 2 where what it takes is, too."""
    n_in = op.weights.shape[1]
    many = 6.0 if blocks > 1 else 0.0
    if n_in < _FEW or (n_in == _FEW and rows <= 2):
        size = np.abs(op.weights)
        if not wide and ((size & (size - 1)) == 0).all():  # sums and shifts
            return _line(rows * (n_in - 1 + bool(op.bias.any())) + n_in / 2 + many)
        each = 0.5 + rows * (2.6, 7.5, 10.5)[wide]
        return _line(n_in * each + rows + many)
    each = 3.8 + 2.25 * rows + 2.0 * bool(wide) * max(rows - 2, 0) if rows > 1 else 5.6
    each += 3.0 * rows * (wide > 1)
    around = 2.5 * rows + (2 if rows == 1 else 4) + many
    return Counted(n_in * each + around, (each + around) * _DOT_BYTES)


def _tables(op: Op) -> int:
    """Of how many tables an element takes a number."""
    names = {"Scale": ("multiplier", "zero", "low", "high"), "Clamp": ("low", "high")}
    kept = (getattr(op, name) for name in names.get(type(op).__name__, ()))
    return sum(bool((numbers != numbers.flat[0]).any()) for numbers in kept)


def _depths(op: ops.Walk) -> np.ndarray:
    """Of each tree, the most nodes on a way."""
    below: dict[int, int] = {}
    for node in range(len(op.feature) - 1, -1, -1):
        nexts = [int(side[node]) for side in (op.left, op.right)]
        most = max(below.get(one, op.depth) if one >= 0 else 0 for one in nexts)
        below[node] = min(1 + most, op.depth)
    return np.array([below[int(root)] if root >= 0 else 0 for root in op.roots])


def bit_operations(n_in: int, n_out: int, input_bits: int, weight_bits: int) -> int:
    """BOPs of a layer: products and sums of single bits."""
    widens = ceil(log2(n_in)) if n_in > 1 else 0
    return n_in * n_out * (input_bits * weight_bits + input_bits + weight_bits + widens)


def _ends(value: Interval) -> tuple[int, int]:
    return min(value.low.tolist()), max(value.high.tolist())


def _bits(value: Interval) -> int:
    return bits_of(*_ends(value))
