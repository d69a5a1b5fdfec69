"""Bounds of instructions, flash and stack hold on an emulated controller, and are near."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

import signalprep as sp
from exported_pipelines import cleaned, linear, network, slow_network
from integer_checks import log_of, rough
from random_programs import random_program
from signalprep.embedded import Format, lower
from signalprep.embedded.export._source import header, source
from signalprep.embedded.export._targets import TARGETS, Run, run_on
from signalprep.embedded.program import Cost, Program, cost, print_c, prove

M4 = TARGETS["Cortex-M4"]


def _lowered(model: object, **options: object) -> Program:
    log = log_of(rough(np.random.default_rng(0), 4))
    fitted = model.fit(log, log["x0"] > 0)  # type: ignore[attr-defined]
    return lower(fitted, {name: Format(1.0) for name in log}, **options).program


@cache
def _classes() -> Program:
    net = MLPClassifier(hidden_layer_sizes=(9, 5), activation="tanh", tol=1e9, n_iter_no_change=1)
    return _lowered(sp.make_pipeline(sp.Scaler(), net), weight_bits=8, activation_bits=8)


@cache
def _wide() -> Program:
    net = MLPRegressor(hidden_layer_sizes=(21,), tol=1e9, n_iter_no_change=1)
    return _lowered(sp.make_pipeline(sp.Detrender("highpass", cutoff=0.1), sp.Scaler(), net))


@cache
def _forest() -> Program:
    return _lowered(RandomForestClassifier(7, max_depth=6, random_state=0))


@cache
def _by_cell() -> Program:
    bins = {"x1": [-4000.0, 0.0, 4000.0]}
    return _lowered(sp.PerRegime(sp.make_pipeline(sp.Scaler(), Ridge()), bins, min_cycles=1))


@cache
def _level() -> Program:
    kalman = sp.KalmanFilter(process_variance=1.0, measurement_variance=20.0)
    return _lowered(sp.make_pipeline(sp.HampelFilter(9, action="median"), kalman, Ridge()))


CASES: dict[str, Callable[[], Program]] = {
    "limits": lambda: linear().program,
    "means and network": lambda: network().program,
    "cleaned": lambda: cleaned().program,
    "slow network": lambda: slow_network().program,
    "classes": _classes,
    "wide layer": _wide,
    "forest": _forest,
    "by cell": _by_cell,
    "level": _level,
}


def _measured(program: Program) -> tuple[Cost, Run]:
    proof = prove(program)
    printed = print_c(program, proof)
    with tempfile.TemporaryDirectory() as place:
        folder, work = Path(place) / "text", Path(place) / "work"
        folder.mkdir()
        work.mkdir()
        (folder / "p.h").write_text(header(program, printed, "p"))
        (folder / "p.c").write_text(source(program, printed, "p"))
        return cost(program, proof, printed), run_on(M4, program, folder, "p", work)


@pytest.mark.tools
@pytest.mark.parametrize("name", CASES)
def test_bounds_hold_and_are_at_most_half_as_much_again(name: str) -> None:
    if M4.missing:
        pytest.skip(M4.missing)
    bound, found = _measured(CASES[name]())
    assert found.most <= bound.instructions.sum() <= 1.5 * found.most
    assert found.flash <= bound.flash <= 1.5 * found.flash
    assert found.stack <= bound.stack <= 1.5 * found.stack + 64


@pytest.mark.tools
def test_bounds_of_random_programs_hold() -> None:
    if M4.missing:
        pytest.skip(M4.missing)
    rng, ratios = np.random.default_rng(4), []
    for _ in range(40):
        bound, found = _measured(random_program(rng, 8))
        ratios.append(
            [bound.instructions.sum() / found.most, bound.flash / found.flash,
             bound.stack / max(found.stack, 1)]
        )  # fmt: skip
    assert np.min(ratios) >= 1
    assert (np.median(ratios, axis=0)[:2] <= 1.5).all()
