"""A program as JSON and back: the same program gives the same bytes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from signalprep.embedded.program._intervals import prove
from signalprep.embedded.program._ops import OPS, Op, Program
from signalprep.errors import ReadError

__all__ = ["PROGRAM_SCHEMA", "from_json", "to_json"]

FORMAT = 1

PROGRAM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["format", "inputs", "ops", "outputs"],
    "properties": {
        "format": {"const": FORMAT},
        "inputs": {"type": "array", "items": {"type": "string"}},
        "ops": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["op", "args", "size", "label"],
                "properties": {
                    "op": {"type": "string", "enum": list(OPS)},
                    "args": {"type": "array", "items": {"type": "integer"}},
                    "size": {"type": "integer"},
                    "label": {"type": "string"},
                    "guard": {"type": "integer"},
                },
            },
        },
        "outputs": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
"""Of the JSON form. An op has its own fields beside these: numbers, words, and lists of numbers."""


def to_json(program: Program) -> dict[str, Any]:
    """A program as what ``json.dumps`` takes.

    Parameters
    ----------
    program : Program

    Returns
    -------
    contents : dict
        As `PROGRAM_SCHEMA` says.
    """
    return {
        "format": FORMAT,
        "inputs": [str(name) for name in program.inputs],
        "ops": [_packed(op) for op in program.ops],
        "outputs": dict(program.outputs),
    }


def _packed(op: Op) -> dict[str, Any]:
    found: dict[str, Any] = {"op": type(op).__name__}
    for one in fields(op):
        value = getattr(op, one.name)
        own = one.name in ("args", "size", "label") or isinstance(value, np.ndarray)
        if own or value != one.default:
            found[one.name] = value.tolist() if isinstance(value, np.ndarray) else value
    return {name: list(one) if isinstance(one, tuple) else one for name, one in found.items()}


def from_json(contents: Any) -> Program:
    """The program that JSON tells of; it is proven before it is given.

    Parameters
    ----------
    contents : dict
        As `to_json` gives it.

    Returns
    -------
    program : Program

    Raises
    ------
    ReadError
        It is no program of this format, or one that cannot be proven.
    """
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        found = contents.get("format") if isinstance(contents, dict) else contents
        raise ReadError(f"this is no integer program of format {FORMAT}; got format {found!r}")
    try:
        ops = tuple(_unpacked(one) for one in contents["ops"])
        outputs = {str(name): int(number) for name, number in contents["outputs"].items()}
        program = Program(tuple(contents["inputs"]), ops, outputs)
        _check(program)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(f"the integer program is damaged: {error}") from None
    return program


def _check(program: Program) -> None:
    """Raise where an op takes what is not there, or is not what it says."""
    numbers = range(len(program.ops))
    for number, op in enumerate(program.ops):
        taken = [*op.args, *([] if op.guard is None else [op.guard])]
        if not all(arg in range(number) for arg in taken):
            raise ValueError(f"op {number} takes {taken}, not all of them ops before it")
    if not all(number in numbers for number in program.outputs.values()):
        raise ValueError("an output is no op")
    for number, value in enumerate(prove(program).ranges):
        if len(value.low) != program.ops[number].size:
            raise ValueError(f"op {number} has not the size that it says")


def _unpacked(one: dict[str, Any]) -> Op:
    given = dict(one)
    kind = OPS[given.pop("op")]
    types = {name.name: name.type for name in fields(kind)}
    made: dict[str, Any] = {
        name: np.array(value, dtype=np.int64) if types[name] == "Ints" else value
        for name, value in given.items()
    }
    made |= {name: tuple(one) for name, one in made.items() if isinstance(one, list)}
    return kind(**made)
