"""Recurrent networks: near the formulas of their cells, as C, with states that stay in range."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from lowered_models import check_c, formats_for, rounded
from recurrent_networks import by_formula, drawn, fitted
from signalprep.embedded import Format, IntegerModel, lower
from signalprep.embedded.program._ops import State
from signalprep.errors import LoweringError

needs_gcc = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs gcc, of the Debian package of that name"
)

CELLS = ["gru", "lstm", "rnn"]
RNG = np.random.default_rng(0)
WALK = np.cumsum(RNG.normal(size=(240, 4)), axis=0)
X = 2.0 * (WALK - WALK.mean(axis=0)) / WALK.std(axis=0) + np.arange(4) / 4.0
BOUNDS = [0, 100, 101, 240]
LOG = sp.as_log(
    pd.DataFrame(X, columns=[f"x{k}" for k in range(4)]),
    cycle=np.repeat(np.arange(3), np.diff(BOUNDS)), rate=10.0,
)  # fmt: skip
FORMATS = formats_for(X)


def _lowered(cell: str, n_layers: int = 1, learned: bool = True, **options: Any) -> IntegerModel:
    return lower(fitted(cell, drawn(cell, n_layers=n_layers, learned=learned)), FORMATS, **options)


@pytest.mark.parametrize("learned", [True, False])
@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_as_near_to_the_formulas_as_its_bits_are(cell: str, n_layers: int, learned: bool) -> None:
    model = fitted(cell, drawn(cell, n_layers=n_layers, learned=learned))
    expected = by_formula(model, rounded(FORMATS, X), BOUNDS)
    np.testing.assert_allclose(model.predict(rounded(FORMATS, X[:100])), expected[:100])
    for bits, calibration, share in (
        ({"weight_bits": 16, "state_bits": 24}, LOG, 0.0005),
        ({"weight_bits": 16}, None, 0.003),
        ({"weight_bits": 8}, LOG, 0.02),
        ({"weight_bits": 8, "activation_bits": 8}, LOG, 0.04),
    ):
        found = lower(model, FORMATS, calibration=calibration, **bits).predict(LOG)
        rms = np.sqrt(np.mean((found - expected) ** 2, axis=0))
        assert (rms < share * expected.std(axis=0)).all()


@needs_gcc
def test_c_gives_what_python_gives(tmp_path: Path) -> None:
    options = [
        {"calibration": LOG},
        {"weight_bits": 16, "activation_bits": 8, "state_bits": 24},
        {"weight_bits": {1: 3, "other": 12}, "activation_bits": 5, "state_bits": 11},
        {"power_of_two": True, "state_bits": 8},
    ]
    models = [
        _lowered(cell, n_layers, learned, **options[(k + 2 * n_layers) % 4])
        for cell in CELLS
        for k, (n_layers, learned) in enumerate(product([1, 2], [True, False]))
    ]
    check_c(tmp_path, models, 400)


@pytest.mark.parametrize("cell", CELLS)
def test_chunks_give_what_all_rows_give(cell: str) -> None:
    model = _lowered(cell, 2)
    whole = model.predict(X)
    for length in (1, 7):
        stream = model.stream()
        for _ in range(2):
            parts = [stream.push(X[k : k + length]) for k in range(0, 70, length)]
            np.testing.assert_array_equal(np.concatenate(parts), whole[:70])
            stream.reset()


def _lone_gru(z: float, n: float, **options: Any) -> IntegerModel:
    """One unit whose gates are constant: h goes to tanh(n), a share of what is missing a row."""
    zero = np.zeros((3, 1))
    weights = {
        "cells.0.weight_ih_l0": zero, "cells.0.weight_hh_l0": zero,
        "cells.0.bias_ih_l0": np.array([0.0, z, n]), "cells.0.bias_hh_l0": np.zeros(3),
        "out.weight": np.ones((1, 1)), "out.bias": np.zeros(1), "direct.weight": np.zeros((1, 1)),
    }  # fmt: skip
    return lower(fitted("gru", weights), {"x0": Format(0.01)}, **options)


def test_a_unit_with_constant_gates_goes_as_whole_numbers_say() -> None:
    model = _lone_gru(1.5, 0.75, weight_bits=2)
    target = round(2**15 * np.tanh(0.75))
    moves = 2**15 - round(2**15 * np.tanh(0.75))  # 65536 times 1 - sigma(1.5)
    h, expected = 0, []
    for _ in range(60):
        h += (moves * (target - h) + 2**15) // 2**16
        expected.append(h)
    found = (model.predict(np.zeros((60, 1))) - 30.0) / 8.0 * 2**15
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_slow_state_needs_bits() -> None:
    """What is less than half a step is lost: 8 bits stand still, 16 come near, 24 arrive."""
    target, share = np.tanh(0.25), 1.0 / (1.0 + np.exp(5.0))  # of what is missing, in a row
    left = {}
    for bits in (8, 16, 24):
        y = _lone_gru(5.0, 0.25, state_bits=bits).predict(np.zeros((1600, 1)))
        left[bits] = target - (y[-1] - 30.0) / 8.0
    assert left[8] == pytest.approx(target)
    assert left[16] < 1.01 * 0.5 * 2**-15 / share < 0.003
    assert abs(left[24]) < 1e-4


@pytest.mark.parametrize("bits", [8, 13, 16, 24])
@pytest.mark.parametrize("cell", CELLS)
def test_states_stay_in_the_range_of_their_bits(cell: str, bits: int) -> None:
    """Lowering proves it from any point of the range; of h, no clamp of ours ever binds."""
    model = _lowered(cell, state_bits=bits)
    states = [op for op in model.program.ops if isinstance(op, State) and op.size == 5]
    widths = {"gru": [bits], "lstm": [min(bits, 16), bits], "rnn": [min(bits, 16)]}[cell]
    assert [int(op.high[0]) for op in states] == [2 ** (one - 1) - 1 for one in widths]
    assert all((op.low == -op.high).all() for op in states)


def test_a_cell_without_end_saturates_and_it_is_told() -> None:
    """Its forget gate is 1: nothing bounds it but the range, which is 16, or that of the rows."""
    zero = np.zeros((4, 1))
    weights = {
        "cells.0.weight_ih_l0": zero, "cells.0.weight_hh_l0": zero,
        "cells.0.bias_ih_l0": np.array([9.0, 16.0, 0.25, 9.0]), "cells.0.bias_hh_l0": np.zeros(4),
        "out.weight": np.ones((1, 1)), "out.bias": np.zeros(1), "direct.weight": np.zeros((1, 1)),
    }  # fmt: skip
    model, rows = fitted("lstm", weights), np.zeros((120, 1))
    cells = np.arange(1, 121) * np.tanh(0.25)
    for calibration, most in ((None, 16.0), (rows[:10], 4.0)):
        integer = lower(model, {"x0": Format(0.01)}, calibration=calibration, state_bits=24)
        expected = np.tanh(np.minimum(cells, most))
        np.testing.assert_allclose((integer.predict(rows) - 30.0) / 8.0, expected, atol=2e-3)
        saturated = integer.saturations(rows)
        name = next(column for column in saturated if column[1] == "c0")
        np.testing.assert_array_equal(saturated[name], cells > most + 1e-3)


def test_one_table_serves_all_gates_of_all_layers() -> None:
    costs = _lowered("lstm", 2).cost_
    assert costs.loc[costs["op"] == "Table", "tables"].sum() == 2 * 514


def test_layer_norm_is_refused() -> None:
    weights = drawn("gru") | {"norm.weight": np.ones(5), "norm.bias": np.zeros(5)}
    with pytest.raises(LoweringError, match=r"RecurrentRegressor.* layer norm; train it with"):
        lower(fitted("gru", weights), FORMATS)
