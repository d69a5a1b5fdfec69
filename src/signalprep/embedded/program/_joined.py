"""Ops that C writes together with their neighbours, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from signalprep.embedded.program import _ops as ops
from signalprep.embedded.program._intervals import Interval, Intervals, Proof
from signalprep.embedded.program._ops import Program
from signalprep.embedded.program._order import takers_of

__all__ = ["binding", "dots_before_scales", "is_view", "muls_before_shifts"]

_WORD = 32
_FAR = 2**62  # no number is as far
_STAY = (ops.Input, ops.Dot, ops.Bank, ops.Add, ops.Mul, ops.Scale, ops.Root, ops.Clamp, ops.Shift,
         ops.Wrap, ops.Table, ops.Select, ops.Spread, ops.Walk)  # fmt: skip


def dots_before_scales(program: Program) -> set[int]:
    """Dots of which a single Scale takes the value: their sums need not be kept."""
    takers = takers_of(program)
    alone = set()
    for number, op in enumerate(program.ops):
        by = takers[number]
        if isinstance(op, ops.Dot) and len(by) == 1 and by[0] >= 0:
            taker = program.ops[by[0]]
            if isinstance(taker, ops.Scale) and taker.guard == op.guard and taker.size == op.size:
                alone.add(number)
    return alone


def muls_before_shifts(program: Program, proof: Proof) -> set[int]:
    """Products that a single Shift by 32 takes: the upper half of what two words give."""
    takers = takers_of(program)
    alone = set()
    for number, op in enumerate(program.ops):
        by = takers[number]
        if isinstance(op, ops.Mul) and len(by) == 1 and by[0] >= 0:
            taker, reach = program.ops[by[0]], [_reach(proof.ranges[arg]) for arg in op.args]
            shifts = isinstance(taker, ops.Shift) and taker.bits == _WORD
            words = max(reach) < 2**31 and _reach(proof.ranges[number]) < _FAR // 2
            if shifts and words and taker.guard == op.guard:
                alone.add(number)
    return alone


def _reach(value: Interval) -> int:
    return max(abs(n) for n in [*value.low.tolist(), *value.high.tolist()])


def binding(op: ops.Scale | ops.Clamp, x: Interval) -> tuple[bool, bool]:
    """Whether the lower and the upper limits of an op may bind."""
    far = np.full(op.size, _FAR)
    act = getattr(Intervals(), type(op).__name__.lower())
    free = act(0, replace(op, low=-far, high=far), x)
    return bool((free.low < op.low).any()), bool((free.high > op.high).any())


def is_view(program: Program, number: int) -> bool:
    """Whether an op takes neighbours that can be read where they stand, and stay what they are."""
    op = program.ops[number]
    if not isinstance(op, ops.Gather) or op.guard is not None:
        return False
    one = (op.sources == op.sources[0]).all() and (np.diff(op.elements) == 1).all()
    return bool(one) and isinstance(program.ops[op.args[op.sources[0]]], _STAY)
