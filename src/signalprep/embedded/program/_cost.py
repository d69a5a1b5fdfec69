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
from signalprep.embedded.program._c_text import Printed, dots_before_scales
from signalprep.embedded.program._intervals import Interval, Proof, bits_of
from signalprep.embedded.program._ops import Op, Program

__all__ = ["Cost", "cost"]

_CALL = 18  # instructions around a step: registers saved and restored
_CODE = 36  # bytes of the same, and of the reset
_SAVED = 40  # bytes of registers on the stack
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
_WIDE = 1.9
_WIDE_SHIFT = 1.35  # of a Scale that does not shift by 32


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
        special = getattr(self, f"_{type(op).__name__.lower()}", self._plain)
        found = special(number, op)
        guard = 0 if op.guard is None else _GUARD
        return found._replace(instructions=found.instructions + guard)

    def _plain(self, number: int, op: Op) -> Counted:
        """An op that does the same to every element."""
        rate = _RATES[type(op).__name__]
        wide = _WIDE if self._is_wide(number, op) else 1.0
        if isinstance(op, ops.Scale) and op.shift != 32:
            wide *= _WIDE_SHIFT
        macs = op.size if isinstance(op, ops.Mul) else 0
        if op.size <= _FOUR:  # unrolled
            return Counted(op.size * rate.single * wide, op.size * rate.code * wide, macs)
        return Counted(rate.start + op.size * rate.each * wide, rate.code_loop * wide, macs)

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

    def _walk(self, number: int, op: ops.Walk) -> Counted:
        each = op.depth * 16.5 + 10 + 4 * op.size
        return Counted(24 + len(op.roots) * each + 3 * op.size, 110 + 16 * op.size)

    def _is_wide(self, number: int, op: Op) -> bool:
        """Whether a number of 64 bits takes part."""
        if isinstance(op, ops.Scale):
            return False
        return any(_bits(self._proof.ranges[one]) > 32 for one in (number, *op.args))

    def _gather(self, number: int, op: ops.Gather) -> Counted:
        """Neighbours are copied in a loop, others one by one."""
        rate = _RATES["Gather"]
        joined = (np.diff(op.sources) == 0) & (np.diff(op.elements) == 1)
        runs = np.split(np.arange(op.size), np.flatnonzero(~joined) + 1)
        instructions, code = 0.0, 0.0
        for run in runs:
            many = len(run) > 1
            instructions += rate.start + rate.each * len(run) if many else rate.single
            code += (
                rate.code if not many else max(rate.code_loop, 8 * len(run) * (len(run) <= _FOUR))
            )
        return Counted(instructions, code)

    def _bank(self, number: int, op: ops.Bank) -> Counted:
        """As a Dot of the longest row, in which every x has the same weights."""
        longest = int(op.held.max())
        wide = 1.5 if _bits(self._proof.sums[number]) > 32 else 0.0
        each = 3.6 + op.size * (2.6 + wide) + (1 + 3 * op.size if op.mirrored else 0)
        return Counted(20 + longest * each + 4 * op.size, 70 + 28 * op.size, longest * op.size)

    def _dot(self, number: int, op: ops.Dot) -> Counted:
        n_out, n_in = op.weights.shape
        sums = self._proof.sums[number]
        wide = _bits(sums) > 32
        instructions, code = 6.0, 16.0
        whole, rest = divmod(n_out, _FOUR)
        for blocks, rows in ((whole, _FOUR), (1, rest)):
            if rows and blocks:
                each = 2.4 * rows + 3.4 + (1.5 * rows if wide else 0)
                instructions += blocks * (n_in * each + 5 * rows + 12)
                code += 24 + 18 * rows + (10 * rows if wide else 0) + (50 if n_in <= _FOUR else 0)
        weight_bits = bits_of(int(op.weights.min()), int(op.weights.max()))
        input_bits = _bits(self._proof.ranges[op.args[0]])
        bops = bit_operations(n_in, n_out, input_bits, weight_bits)
        return Counted(instructions, code, n_out * n_in, bops)


def bit_operations(n_in: int, n_out: int, input_bits: int, weight_bits: int) -> int:
    """BOPs of a layer: products and sums of single bits."""
    widens = ceil(log2(n_in)) if n_in > 1 else 0
    return n_in * n_out * (input_bits * weight_bits + input_bits + weight_bits + widens)


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
    code[0] += _CODE + 4 * n_outputs + 6 * len(printed.fields)
    stack = int(printed.stack.sum()) + _SAVED
    return Cost(instructions, code, printed.flash, printed.ram, stack, macs, bops)
