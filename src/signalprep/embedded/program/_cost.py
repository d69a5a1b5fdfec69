"""Costs: what the ops of a program cost on a controller. The counter.

Bytes of tables and of the state are exact where a byte has eight bits. Instructions, code and stack
are bounds for gcc 12 at -O2 on a Cortex-M4, from counts of each op by itself on an emulated one:
what the compiler finds between ops makes the whole cheaper, not dearer.
"""

from __future__ import annotations

from math import ceil, log2
from typing import NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_frame import Printed
from signalprep.embedded.program._intervals import Interval, Proof, bits_of
from signalprep.embedded.program._joined import binding, dots_before_scales, is_view
from signalprep.embedded.program._ops import Op, Program

__all__ = ["Cost", "cost"]

_CALL = 18  # instructions around a step: registers saved and restored
_CODE = 36  # bytes of the same, and of the reset
_SAVED = 72  # bytes on the stack of registers that are saved, and of values that find none
_SUM = 8  # of a sum of a Bank that finds none
_GUARD = 4  # instructions of an ``if``
_OUTPUT = 3  # instructions of one output
_FOUR = 4


class Rate(NamedTuple):
    """Instructions and bytes of code of an op: for a single element, in a loop, and of the loop."""

    single: float
    each: float
    start: float
    code: float
    code_loop: float


# of numbers of 32 bits; those of 64 cost `_WIDE` times as much
_RATES = {
    "Input": Rate(0, 0, 0, 0, 0),
    "Const": Rate(0, 0, 0, 0, 0),
    "Gather": Rate(3, 8.5, 4, 6, 20),
    "Add": Rate(5, 6.6, 8, 12, 44),
    "Mul": Rate(6, 6.2, 8, 16, 52),
    "Scale": Rate(16, 20.5, 12, 52, 92),
    "Clamp": Rate(8, 12.6, 8, 24, 60),
    "Shift": Rate(5, 7.6, 8, 14, 36),
    "Wrap": Rate(5, 7.6, 8, 14, 40),
    "Table": Rate(34, 37, 16, 96, 152),
    "Select": Rate(7, 9, 10, 18, 48),
    "Pick": Rate(6, 6, 0, 16, 0),
    "Hold": Rate(7, 16.5, 10, 20, 70),
    "State": Rate(3, 5.5, 6, 8, 30),
    "Window": Rate(22, 0, 0, 64, 0),
    "Sorted": Rate(34, 16.4, 0, 150, 0),
    "Spread": Rate(40, 9.2, 0, 140, 0),
    "First": Rate(4, 4, 0, 10, 0),
}
_WIDE, _WIDE_CODE = 1.5, 1.35
_WIDE_SHIFT = 1.15  # of a Scale that does not shift by 32
_LIMIT = Rate(3.5, 3.5, 0, 8, 8)  # of each limit of a Scale or Clamp that never binds
_MADE = Rate(11, 11, 0, 28, 28)  # of a Scale of the sums of a Dot, where no limit binds


class Counted(NamedTuple):
    """What is counted of one op."""

    instructions: float
    code: float
    macs: int = 0
    bops: int = 0


class Cost(NamedTuple):
    """What the ops of a program cost, each an array with an element for every op.

    Attributes
    ----------
    instructions : ndarray of int
        At most, of one row; those of the call itself count with the first op.
    code, tables, state : ndarray of int
        Bytes.
    stack : int
        Bytes at most.
    macs, bops : ndarray of int
        Products of a sum, and operations on single bits.
    """

    instructions: np.ndarray
    code: np.ndarray
    tables: np.ndarray
    state: np.ndarray
    stack: int
    macs: np.ndarray
    bops: np.ndarray

    @property
    def flash(self) -> int:
        """Bytes of code and tables, at most."""
        return int(self.code.sum() + self.tables.sum())

    @property
    def ram(self) -> int:
        """Bytes of the state."""
        return int(self.state.sum())


class Costs:
    """The domain of costs: an op gives its instructions, bytes of code, MACs and BOPs."""

    def __init__(self, program: Program, proof: Proof) -> None:
        self._program, self._proof = program, proof
        self._alone = dots_before_scales(program)

    def of(self, number: int) -> Counted:
        op = self._program.ops[number]
        if is_view(self._program, number) and _bits(self._proof.ranges[op.args[0]]) <= 32:
            return Counted(0, 0)
        special = getattr(self, f"_{type(op).__name__.lower()}", self._plain)
        found = special(number, op)
        guard = 0 if op.guard is None else _GUARD
        return found._replace(instructions=found.instructions + guard)

    def _plain(self, number: int, op: Op) -> Counted:
        """An op that does the same to every element."""
        rate = _RATES[type(op).__name__]
        if isinstance(op, ops.Scale | ops.Clamp):
            never = 2 - binding(op, self._proof.ranges[op.args[0]]).count(True)
            saved = zip(rate, _LIMIT, strict=True)
            rate = Rate(*(one - never * less for one, less in saved))
        wide, long = (_WIDE, _WIDE_CODE) if self._is_wide(number, op) else (1.0, 1.0)
        if isinstance(op, ops.Scale) and op.shift != 32:
            wide *= _WIDE_SHIFT
        macs = op.size if isinstance(op, ops.Mul) else 0
        if op.size <= _FOUR:
            code = op.size * rate.code
            if op.size > 2 and rate.code_loop:
                code = min(code, rate.code_loop)
            return Counted(op.size * rate.single * wide, code * long, macs)
        return Counted(rate.start + op.size * rate.each * wide, rate.code_loop * long, macs)

    def _scale(self, number: int, op: ops.Scale) -> Counted:
        """As any other, or four at a time with the Dot whose sums it takes."""
        if op.args[0] not in self._alone:
            return self._plain(number, op)
        limits = binding(op, self._proof.ranges[op.args[0]]).count(True)
        each, code = (
            made + limits * limit + extra
            for made, limit, extra in ((_MADE.each, _LIMIT.each, 1), (_MADE.code, _LIMIT.code, 8))
        )
        wide = _WIDE * _WIDE_SHIFT if op.shift != 32 else 1.0
        times = min(op.size, _FOUR) + (op.size % _FOUR if op.size > _FOUR else 0)
        return Counted(op.size * each * wide, times * code * wide)

    def _window(self, number: int, op: ops.Window) -> Counted:
        rate = _RATES["Window"]
        return Counted(rate.single, rate.code)

    def _sorted(self, number: int, op: ops.Sorted) -> Counted:
        rate = _RATES["Sorted"]
        return Counted(rate.single + op.size * rate.each, rate.code)

    def _spread(self, number: int, op: ops.Spread) -> Counted:
        rate = _RATES["Spread"]
        n_numbers = self._program.ops[op.args[0]].size
        return Counted(rate.single + n_numbers * rate.each, rate.code)

    def _root(self, number: int, op: ops.Root) -> Counted:
        return Counted(op.size * (34 + 17 * op.bits), 120 + 8 * min(op.size, _FOUR))

    def _walk(self, number: int, op: ops.Walk) -> Counted:
        each = op.depth * 16.5 + 10 + 4 * op.size
        return Counted(24 + len(op.roots) * each + 8 * op.size, 110 + 36 * op.size)

    def _is_wide(self, number: int, op: Op) -> bool:
        """Whether a number of 64 bits takes part."""
        if isinstance(op, ops.Scale):
            return False
        return any(_bits(self._proof.ranges[one]) > 32 for one in (number, *op.args))

    def _gather(self, number: int, op: ops.Gather) -> Counted:
        """Neighbours are copied in a loop, others one by one."""
        rate = _RATES["Gather"]
        instructions, code = 0.0, 0.0
        for run in op.runs:
            short = len(run) <= _FOUR
            each = rate.single if short else rate.each
            instructions += each * len(run) + (0 if short else rate.start)
            code += rate.code * len(run) if short else rate.code_loop
        return Counted(instructions, code)

    def _bank(self, number: int, op: ops.Bank) -> Counted:
        """As a Dot of the longest row, in which every x has the same weights."""
        longest = int(op.held.max())
        wide = 1.5 if _bits(self._proof.sums[number]) > 32 else 0.0
        each = 3.6 + op.size * (2.6 + wide) + (1 + 3 * op.size if op.mirrored else 0)
        start, code = 20 + 12 * op.size, 70 + 64 * op.size
        return Counted(start + longest * each, code, longest * op.size)

    def _dot(self, number: int, op: ops.Dot) -> Counted:
        n_out, n_in = op.weights.shape
        sums = self._proof.sums[number]
        wide = _bits(sums) > 32
        same, small = bool((op.weights == op.weights.flat[0]).all()), n_in <= _FOUR
        instructions, code = (2.0, 4.0) if small else (6.0, 16.0)
        whole, rest = divmod(n_out, _FOUR)
        for blocks, rows in ((whole, _FOUR), (1, rest)):
            if rows and blocks:
                each = 2.4 * rows + 3.4 + (1.5 * rows if wide else 0)
                around = 5 * rows + 12
                if small:  # without a loop
                    each = (1 if same else 2) * rows + 1 + (1.5 * rows if wide else 0)
                    around = 4 * rows + (8 if blocks > 1 else 0)
                instructions += blocks * (n_in * each + around)
                code += 24 + 18 * rows + (10 * rows if wide else 0)
                code += 6 * n_in * rows if small and not same else 0
        weight_bits = bits_of(int(op.weights.min()), int(op.weights.max()))
        input_bits = _bits(self._proof.ranges[op.args[0]])
        bops = bit_operations(n_in, n_out, input_bits, weight_bits)
        return Counted(instructions, code, n_out * n_in, bops)


def bit_operations(n_in: int, n_out: int, input_bits: int, weight_bits: int) -> int:
    """BOPs of a layer: products and sums of single bits."""
    widens = ceil(log2(n_in)) if n_in > 1 else 0
    return n_in * n_out * (input_bits * weight_bits + input_bits + weight_bits + widens)


def _not_in_the_worst_row(program: Program, instructions: np.ndarray) -> list[int]:
    """Ops under flags of which one row has but one, and that is another."""
    guarded: dict[int, list[int]] = {}
    for number, op in enumerate(program.ops):
        if op.guard is not None:
            guarded.setdefault(op.guard, []).append(number)
    families: dict[int, dict[int, int]] = {}  # of a number, the flags of what it can be
    for flag in guarded:
        if found := _asked(program, flag):
            families.setdefault(found[0], {})[found[1]] = flag
    left: list[int] = []
    for flags in (list(one.values()) for one in families.values()):
        flags += [one for one in guarded if _none_of(program, one, flags)]
        worst = max(flags, key=lambda one: int(instructions[guarded[one]].sum()))
        left += [number for flag in flags if flag != worst for number in guarded[flag]]
    return left


def _asked(program: Program, flag: int) -> tuple[int, int] | None:
    """Of a flag "x == c": the number of x, and c."""
    op = program.ops[flag]
    if not isinstance(op, ops.Select) or op.relation != "==" or op.size != 1:
        return None
    values = [program.ops[arg] for arg in op.args[1:]]
    if not all(isinstance(one, ops.Const) for one in values):
        return None
    asked, yes, no = (int(one.values[0]) for one in values)  # type: ignore[attr-defined]
    return (op.args[0], asked) if (yes, no) == (1, 0) else None


def _none_of(program: Program, flag: int, flags: list[int]) -> bool:
    """Whether a flag is 1 only where all of those are 0."""
    found = _asked(program, flag)
    total = program.ops[found[0]] if found is not None else None
    if found is None or found[1] != 0 or not isinstance(total, ops.Dot):
        return False
    joined = program.ops[total.args[0]]
    ones = (total.weights == 1).all() and (total.bias == 0).all()
    return bool(ones) and isinstance(joined, ops.Gather) and set(flags) <= set(joined.args)


def _bits(value: Interval) -> int:
    return bits_of(min(value.low.tolist()), max(value.high.tolist()))


def cost(program: Program, proof: Proof, printed: Printed) -> Cost:
    """What every op of a program costs.

    Parameters
    ----------
    program : Program
    proof : Proof
        Of it.
    printed : Printed
        Its text, which knows the bytes of its tables and of its state.

    Returns
    -------
    cost : Cost
    """
    domain = Costs(program, proof)
    rows = np.array([domain.of(number) for number in range(len(program.ops))])
    instructions, code, macs, bops = np.ceil(rows).astype(np.int64).T
    n_outputs = sum(program.ops[number].size for number in program.outputs.values())
    instructions[0] += _CALL + _OUTPUT * n_outputs
    gaps = 3 * len(printed.tables)  # each begins where its numbers may
    code[0] += _CODE + 4 * n_outputs + 6 * len(printed.fields) + gaps
    sums = max((len(op.args) for op in program.ops if isinstance(op, ops.Bank)), default=0)
    stack = int(printed.stack.sum()) + _SAVED + _SUM * sums
    instructions[_not_in_the_worst_row(program, instructions)] = 0
    return Cost(instructions, code, printed.flash, printed.ram, stack, macs, bops)
