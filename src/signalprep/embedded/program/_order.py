"""What needs what in a program: which ops can run before which, and which are needed at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from graphlib import TopologicalSorter

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from signalprep.embedded.program._ops import Program, State

__all__ = ["needs_of", "parts_of", "takers_of", "trimmed"]


def needs_of(program: Program, number: int) -> Iterator[int]:
    """The ops whose values an op takes, those of the row before and its guard included."""
    op = program.ops[number]
    yield from op.args
    if isinstance(op, State):
        yield op.following
    if op.guard is not None:
        yield op.guard


@lru_cache(maxsize=32)
def takers_of(program: Program) -> tuple[list[int], ...]:
    """Of each op, the ops that take its value, guards included; -1 for an output."""
    takers: tuple[list[int], ...] = tuple([] for _ in program.ops)
    for number in range(len(program.ops)):
        for need in needs_of(program, number):
            takers[need].append(number)
    for number in program.outputs.values():
        takers[number].append(-1)
    return takers


@lru_cache(maxsize=32)
def parts_of(program: Program) -> tuple[list[int], ...]:
    """Parts of a program: each a list of the numbers of ops, in the order in which they stand.

    A part of several ops, or of one state, waits for its own values of the row before.
    """
    n_ops = len(program.ops)
    edges = [(n, need) for n in range(n_ops) for need in needs_of(program, n)]
    heads, tails = np.array(edges, dtype=int).reshape(-1, 2).T
    graph = csr_array((np.ones(len(edges)), (heads, tails)), shape=(n_ops, n_ops))
    _, component = connected_components(graph, directed=True, connection="strong")
    members: dict[int, list[int]] = {}
    for number, name in enumerate(component.tolist()):
        members.setdefault(name, []).append(number)
    waits: dict[int, set[int]] = {name: set() for name in members}
    for head, tail in edges:
        if component[head] != component[tail]:
            waits[int(component[head])].add(int(component[tail]))
    return tuple(members[name] for name in TopologicalSorter(waits).static_order())


def trimmed(program: Program) -> Program:
    """The program without the ops that no output needs."""
    needed = {0}
    waiting = list(program.outputs.values())
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting += needs_of(program, number)
    new = {old: i for i, old in enumerate(sorted(needed))}
    kept = []
    for old in sorted(needed):
        op = program.ops[old]
        args = tuple(new[arg] for arg in op.args)
        guard = None if op.guard is None else new[op.guard]
        if isinstance(op, State):
            op = replace(op, following=new[op.following])
        kept.append(replace(op, args=args, guard=guard))
    outputs = {name: new[number] for name, number in program.outputs.items()}
    return Program(program.inputs, tuple(kept), outputs)
