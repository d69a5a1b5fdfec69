"""Where limits cut off what is meant: of each row and each element that is watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._integers import blocks, shifted
from signalprep.embedded.program._ops import Program

__all__ = ["unlimited", "watched"]


def watched(program: Program) -> dict[int, ops.Scale | ops.Clamp]:
    """The ops whose limits cut off what is meant, by their numbers."""
    return {
        number: op
        for number, op in enumerate(program.ops)
        if isinstance(op, ops.Scale | ops.Clamp) and op.names
    }


def unlimited(
    program: Program, codes: Any, bounds: Any
) -> Iterator[tuple[int, dict[int, tuple[np.ndarray, np.ndarray]]]]:
    """What watched ops would give without limits, block by block of a log.

    Gives how many rows a block has, and of each op those in which it runs and its numbers there,
    (size, n_rows).
    """
    found = watched(program)
    guards = [op.guard for op in found.values() if op.guard is not None]
    wanted = {op.args[0] for op in found.values()}
    for domain in blocks(program, codes, bounds):
        values = domain.run(wanted | set(guards))
        block = {}
        for number, op in found.items():
            rows = domain.rows_of(op.guard, values)
            own = domain.rows_of(program.ops[op.args[0]].guard, values)  # may be more than the op's
            given = values[op.args[0]][:, np.searchsorted(own, rows)]
            block[number] = rows, _without_limits(op, given)
        yield domain.n_rows, block


def _without_limits(op: ops.Scale | ops.Clamp, x: np.ndarray) -> np.ndarray:
    if isinstance(op, ops.Clamp):
        return x
    return shifted((x << op.headroom) * op.multiplier[:, None], op.shift) + op.zero[:, None]
