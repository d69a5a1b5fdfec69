"""cost: what a program costs on a controller, op by op.

Bytes of tables and of the state are exact where a byte has eight bits. Instructions, code and stack
are bounds for gcc 12 at -O2 on a Cortex-M4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._c_frame import Printed
from signalprep.embedded.program._counter import Costs
from signalprep.embedded.program._intervals import Proof
from signalprep.embedded.program._ops import Program
from signalprep.embedded.program._order import takers_of
from signalprep.embedded.program._worst_row import not_in_the_worst_row

__all__ = ["Cost", "cost"]

_CALL, _CALL_CODE = 9, 26  # around a step: registers saved and restored; and of the reset
_OUTPUT, _OUTPUT_CODE = 2, 7  # of a number that is given
_RESET_CODE = 4  # of a line of the reset
_SAVED = 36  # bytes on the stack of registers that are saved
_CODE_A_SPILL, _SPILLS = 18, 52  # of what finds none: a byte for so many of code; at most so many
_SUM, _ROOT, _WORD = 8, 32, 4  # of a sum of a Bank; of a root; of any place


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
    instructions, code = np.diff(np.ceil(rows[:, :2].cumsum(axis=0)), axis=0, prepend=0).T
    macs, bops = rows[:, 2:].T
    instructions, code, macs, bops = (
        one.astype(np.int64) for one in (instructions, code, macs, bops)
    )
    n_outputs = sum(program.ops[number].size for number in program.outputs.values())
    instructions[0] += _CALL + _OUTPUT * n_outputs
    gaps = 3 * len(printed.tables)  # each begins where its numbers may
    code[0] += _CALL_CODE + _OUTPUT_CODE * n_outputs + _RESET_CODE * len(printed.resets) + gaps
    stack = _stack(program, printed, int(code.sum()))
    instructions[not_in_the_worst_row(program, instructions)] = 0
    return Cost(instructions, code, printed.flash, printed.ram, stack, macs, bops)


def _stack(program: Program, printed: Printed, code: int) -> int:
    """Registers that are saved, arrays, and single values that wait at a time.

    The longer the code, the more of what it reckons with finds no register.
    """
    takers, waiting, most = takers_of(program), [(0, 0)], 0
    places = [-(-int(size) // _WORD) * _WORD for size in printed.stack]
    for number, op in enumerate(program.ops):
        if op.size <= 2 and places[number]:
            last = max(len(program.ops) if by < 0 else by for by in takers[number])
            waiting.append((last, places[number]))
        waiting = [one for one in waiting if one[0] >= number]
        most = max(most, sum(size for _, size in waiting))
    arrays = sum(size for size, op in zip(places, program.ops, strict=True) if op.size > 2)
    sums = max((len(op.args) for op in program.ops if isinstance(op, ops.Bank)), default=0)
    roots = _ROOT * any(isinstance(op, ops.Root) for op in program.ops)
    return arrays + most + _SAVED + min(code // _CODE_A_SPILL, _SPILLS) + _SUM * sums + roots
