"""Random programs: C, integers and intervals agree, and rows may come in any pieces."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from random_programs import (
    c_outputs,
    python_outputs,
    random_program,
    random_rows,
)
from signalprep.embedded.program import Builder, advance, prove, run
from signalprep.errors import ProofError

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


def test_a_zero_that_32_bits_do_not_hold_is_refused() -> None:
    builder = Builder(["a"])
    y = builder.scale(builder.raw, 1 << 30, zero=2**31 - 1, low=0, high=9)
    with pytest.raises(ProofError, match="33 bits with its zero, more than 32"):
        prove(builder.build(y=y))
