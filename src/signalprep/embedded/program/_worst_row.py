"""not_in_the_worst_row: of models of which one runs in a row, all but the dearest."""

from __future__ import annotations

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._ops import Program

__all__ = ["asked", "not_in_the_worst_row"]


def not_in_the_worst_row(program: Program, instructions: np.ndarray) -> list[int]:
    """Ops under flags of which one row has but one, and that is another."""
    guarded: dict[int, list[int]] = {}
    for number, op in enumerate(program.ops):
        if op.guard is not None:
            guarded.setdefault(op.guard, []).append(number)
    families: dict[int, dict[int, int]] = {}  # of a number, the flags of what it can be
    for flag in guarded:
        if found := asked(program, flag):
            families.setdefault(found[0], {})[found[1]] = flag
    left: list[int] = []
    for flags in (list(one.values()) for one in families.values()):
        flags += [one for one in guarded if _none_of(program, one, flags)]
        worst = max(flags, key=lambda one: int(instructions[guarded[one]].sum()))
        left += [number for flag in flags if flag != worst for number in guarded[flag]]
    return left


def asked(program: Program, flag: int) -> tuple[int, int] | None:
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
    found = asked(program, flag)
    total = program.ops[found[0]] if found is not None else None
    if found is None or found[1] != 0 or not isinstance(total, ops.Dot):
        return False
    if total.args[0] in flags:
        return len(flags) == 1
    joined = program.ops[total.args[0]]
    ones = (total.weights == 1).all() and (total.bias == 0).all()
    return bool(ones) and isinstance(joined, ops.Gather) and set(flags) <= set(joined.args)
