"""Costs are those of the field's formulas and of what the compiler makes of the text."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from random_programs import random_program
from signalprep.embedded.export._source import header, source
from signalprep.embedded.program import Builder, Program, cost, print_c, prove
from signalprep.embedded.program._counter import bit_operations

JET = (16, 64, 32, 32, 5)
TINY = (640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640)


def _network(sizes: tuple[int, ...]) -> Program:
    rng = np.random.default_rng(0)
    b = Builder([f"x{i}" for i in range(sizes[0])])
    value = b.scale(b.raw, 2**24, low=-128, high=127)
    for n_in, n_out in pairwise(sizes):
        weights = rng.integers(-126, 127, (n_out, n_in))
        weights[:, 0] = 127
        value = b.scale(b.dot(value, weights), 2**24, low=-128, high=127)
    return b.build(y=value)


def test_macs_and_bops_of_known_networks_to_the_digit() -> None:
    def bops(sizes: tuple[int, ...], bits: int) -> int:
        pairs = pairwise(sizes)
        return sum(bit_operations(*pair, bits, bits) for pair in pairs)

    assert bops(JET, 32) == 4_652_832
    assert bops(JET, 8) == 362_784
    program = _network(JET)
    proof = prove(program)
    found = cost(program, proof, print_c(program, proof))
    assert int(found.macs.sum()) == 4_256
    assert int(found.bops.sum()) == 362_784
    assert sum(a * b for a, b in pairwise(TINY)) == 264_192


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc, of the package of that name")
def test_bytes_of_the_state_are_those_of_the_struct(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    asked, expected = [], []
    for number in range(40):
        program = random_program(rng)
        proof = prove(program)
        printed = print_c(program, proof)
        (tmp_path / f"p{number}.h").write_text(header(program, printed, f"p{number}"))
        asked.append(number)
        expected.append(max(cost(program, proof, printed).ram, 1))
    lines = [f'#include "p{number}.h"' for number in asked]
    sizes = ", ".join(f"(int)sizeof(p{number}_state)" for number in asked)
    main = f"int main(void) {{ int s[] = {{{sizes}}}; unsigned i; "
    main += 'for (i = 0; i < sizeof s / sizeof *s; ++i) printf("%d ", s[i]); return 0; }'
    (tmp_path / "sizes.c").write_text("\n".join(["#include <stdio.h>", *lines, main]))
    subprocess.run(["gcc", "-o", "sizes", "sizes.c"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "sizes"], stdout=subprocess.PIPE, check=True)
    found = [int(size) for size in done.stdout.split()]
    for size, told in zip(found, expected, strict=True):
        assert told <= size < told + 8  # what fills the struct up to its alignment


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc, of the package of that name")
def test_bytes_of_the_tables_are_those_of_the_object(tmp_path: Path) -> None:
    program = _network((10, 32, 16, 1))
    proof = prove(program)
    printed = print_c(program, proof)
    (tmp_path / "net.h").write_text(header(program, printed, "net"))
    (tmp_path / "net.c").write_text(source(program, printed, "net"))
    subprocess.run(["gcc", "-O1", "-c", "net.c"], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["objdump", "-h", "net.o"], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True
    )
    size = sum(int(n, 16) for n in re.findall(r"\.rodata\S*\s+([0-9a-f]+)", done.stdout))
    told = int(cost(program, proof, printed).tables.sum())
    assert told <= size < told + 64  # tables are aligned
