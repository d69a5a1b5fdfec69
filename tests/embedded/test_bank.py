"""Banks of filters: their proven bounds are reached, and only rows that there are may be taken."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.embedded.program import Builder, Program, prove, run
from signalprep.errors import ProofError

ROWS = ([3, -7, 11, 5], [-2, 9], [1])
MIRRORED = ([3, -7, -7, 3], [-2, 9, -2], [1])


def _program(most: int, rows: tuple = ROWS) -> Program:
    b = Builder(["x", "row"], 8)
    row = b.clamp(b.gather((b.raw, 1)), 0, most)
    return b.build(y=b.bank([b.window(b.gather((b.raw, 0)), 4)], row, rows))


@pytest.mark.parametrize(("rows", "held"), [(ROWS, 7), (MIRRORED, 5)])
def test_bounds_are_reached(rows: tuple, held: int) -> None:
    program = _program(2, rows)
    assert len(program.ops[program.outputs["y"]].weights) == held
    value = prove(program).ranges[program.outputs["y"]]
    found = []
    for number, row in enumerate(rows):
        for sign in (1, -1):
            signs = np.concatenate([np.zeros(4 - len(row)), np.sign(row) * sign])
            codes = np.stack([np.where(signs > 0, 127, -128), np.full(4, number)], axis=1)
            found.append(run(program, codes.astype(np.int64), np.array([0, 4]))["y"][-1, 0])
    assert (min(found), max(found)) == (value.low[0], value.high[0])


def test_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(ProofError, match="Bank .* may take row 0 to 3, beyond 0 to 2; clamp"):
        prove(_program(3))


def test_a_window_may_be_filled_with_its_greatest_number() -> None:
    b = Builder(["x"], 8)
    found = b.spread(b.sorted(b.raw, 3, 127), b.count(3))
    codes = np.array([[127], [127], [-128], [5], [127]])
    twice = run(b.build(y=found), codes, np.array([0, 5]))["y"][:, 0]
    np.testing.assert_array_equal(twice, [254, 254, 254, 10, 10])
