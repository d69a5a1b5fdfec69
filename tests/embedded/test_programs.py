"""Random programs: C, integers and intervals agree, and rows may come in any pieces."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from json_schema_subset import violations
from random_programs import (
    c_outputs,
    python_outputs,
    random_program,
    random_rows,
)
from signalprep.embedded.program import (
    PROGRAM_SCHEMA,
    Builder,
    advance,
    from_json,
    prove,
    run,
    to_json,
)
from signalprep.errors import ProofError, ReadError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)


def _cases(seed: int, n: int) -> list:
    rng = np.random.default_rng(seed)
    programs = [random_program(rng) for _ in range(n)]
    return [(program, *random_rows(rng, program, 60)) for program in programs]


@needs_gcc
@pytest.mark.parametrize("seed", range(3))
def test_c_gives_what_python_gives(seed: int, tmp_path: Path) -> None:
    cases = _cases(seed, 100)
    for (program, codes, bounds), found in zip(cases, c_outputs(tmp_path, cases), strict=True):
        expected = python_outputs(run(program, codes, bounds), program)
        np.testing.assert_array_equal(found, expected)


def test_rows_may_come_in_any_pieces() -> None:
    rng = np.random.default_rng(7)
    for program, codes, bounds in _cases(10, 40):
        whole = python_outputs(run(program, codes, bounds), program)
        cuts = np.unique(np.concatenate([[0, len(codes)], rng.integers(0, len(codes), 4)]))
        memory: dict = {}
        found = []
        for begin, end in pairwise(cuts):
            if begin in bounds:
                memory = {}
            inner = bounds[(bounds > begin) & (bounds < end)]
            borders = np.concatenate([[begin], inner, [end]]) - begin
            outputs = advance(program, codes[begin:end], borders, memory)
            found.append(python_outputs(outputs, program))
        np.testing.assert_array_equal(np.concatenate(found), whole)


def test_no_value_leaves_its_interval() -> None:
    for program, codes, bounds in _cases(20, 40):
        proof = prove(program)
        found = run(program, codes, bounds)
        for name, number in program.outputs.items():
            value = proof.ranges[number]
            assert (found[name] >= value.low.astype(np.int64)).all()
            assert (found[name] <= value.high.astype(np.int64)).all()


def test_json_and_back_is_the_same_program() -> None:
    for program, codes, bounds in _cases(30, 20):
        text = json.dumps(to_json(program))
        assert not violations(to_json(program), PROGRAM_SCHEMA, PROGRAM_SCHEMA)
        again = from_json(json.loads(text))
        assert json.dumps(to_json(again)) == text
        expected = python_outputs(run(program, codes, bounds), program)
        np.testing.assert_array_equal(python_outputs(run(again, codes, bounds), again), expected)


@pytest.mark.parametrize("damage", ["format", "ops", "op", "args", "size"])
def test_damaged_json_is_refused(damage: str) -> None:
    program = _cases(31, 1)[0][0]
    contents = to_json(program)
    if damage in ("format", "ops"):
        contents[damage] = 7
    else:
        contents["ops"][1][damage] = {"op": "Float", "args": [99], "size": "many"}[damage]
    with pytest.raises(ReadError):
        from_json(contents)


def test_a_zero_that_32_bits_do_not_hold_is_refused() -> None:
    builder = Builder(["a"])
    y = builder.scale(builder.raw, 1 << 30, zero=2**31 - 1, low=0, high=9)
    with pytest.raises(ProofError, match="33 bits with its zero, more than 32"):
        prove(builder.build(y=y))
