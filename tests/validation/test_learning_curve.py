"""cycle_learning_curve: each verdict on data made for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    VotingRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from signalprep.errors import InvalidParameterError, LeakError

ONCE = {"n_repeats": 1, "cv": 3}


def make(n_cycles=24, rows=60, n_channels=3, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n_cycles * rows, n_channels))).add_prefix("c")
    return sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), rows), rate=1.0), rng


def test_underfit():
    log, rng = make()
    y = (np.sin(3 * log["c0"]) + 0.1 * rng.normal(size=len(log))).rename("y")
    curve = sp.cycle_learning_curve(Ridge(), log, y, **ONCE)
    assert curve.verdict == "underfit"
    assert curve.references.loc["more flexible", "high"] < 0


def test_overfit():
    log, rng = make()
    y = (log["c0"] + rng.normal(size=len(log))).rename("y")
    curve = sp.cycle_learning_curve(DecisionTreeRegressor(), log, y, **ONCE)
    assert curve.verdict == "overfit"
    assert curve.table["train"].iloc[-1] == pytest.approx(0.0, abs=1e-9)


def test_more_cycles_would_help():
    log, rng = make(n_cycles=24, rows=6, n_channels=40)
    y = log.sum(axis=1) + 0.5 * rng.normal(size=len(log))
    curve = sp.cycle_learning_curve(LinearRegression(), log, y, sizes=[8, 16], **ONCE)
    assert curve.verdict == "more cycles would help"
    assert curve.gain > 0.05


def test_irreducible():
    log, rng = make()
    y = (log["c0"] + rng.normal(size=len(log))).rename("y")
    curve = sp.cycle_learning_curve(LinearRegression(), log, y, cv=3)
    assert curve.verdict == "irreducible"
    assert curve.table["test"].iloc[-1] == pytest.approx(1.0, abs=0.06)
    assert abs(curve.gain) < 0.05


def test_the_last_row_is_the_error_of_validate():
    log, rng = make(n_cycles=12)
    y = pd.Series(log["c0"] + rng.normal(size=len(log)), name="T_m")
    model = sp.make_pipeline(sp.ExponentialFeatures([5]), Ridge())
    curve = sp.cycle_learning_curve(model, log, y, cv=4, n_repeats=2)
    result = sp.validate(model, log, y, cv=4, n_bootstrap=0)
    assert curve.table.index[-1] == 9
    assert curve.table["test"].iloc[-1] == pytest.approx(result.overall["rmse"], rel=1e-12)
    assert curve.table["test_std"].iloc[-1] == 0.0
    assert curve.table["test_std"].iloc[0] > 0.0
    assert curve.references.loc["model", "rmse"] == pytest.approx(result.overall["rmse"], rel=1e-12)


def test_repeats_change_the_seed_of_the_model():
    log, rng = make(n_cycles=8)
    y = (log["c0"] + rng.normal(size=len(log))).rename("y")
    model = ExtraTreesRegressor(3, max_depth=4)
    curve = sp.cycle_learning_curve(model, log, y, cv=2, sizes=[4], n_repeats=3)
    assert curve.table["test_std"].iloc[-1] > 0.0
    again = sp.cycle_learning_curve(model, log, y, cv=2, sizes=[4], n_repeats=3, n_jobs=2)
    pd.testing.assert_frame_equal(again.table, curve.table)
    pd.testing.assert_frame_equal(again.references, curve.references)
    assert model.random_state is None


def test_the_references_keep_the_steps():
    log, rng = make(n_cycles=9, rows=120)
    past = log["c0"].groupby(level="cycle").transform(lambda s: s.ewm(span=20, adjust=False).mean())
    y = (5.0 * past + 0.05 * rng.normal(size=len(log))).rename("y")
    steps = sp.ExponentialFeatures([20], statistics=["mean"])
    curve = sp.cycle_learning_curve(sp.make_pipeline(steps, KNeighborsRegressor()), log, y, **ONCE)
    assert curve.references.loc["simpler", "rmse"] < 0.1
    inside = sp.AtRate(sp.make_pipeline(sp.Scaler(), HistGradientBoostingRegressor()), factor=2)
    at_rate = sp.cycle_learning_curve(inside, log, y, sizes=[6], **ONCE)
    assert at_rate.references.loc["more flexible", "difference"] == 0.0


def test_steps_that_cannot_be_kept_are_told_of():
    log, rng = make(n_cycles=6)
    y = (log["c0"] + rng.normal(size=len(log))).rename("y")
    voting = VotingRegressor([("a", sp.make_pipeline(sp.Scaler(), Ridge())), ("b", Ridge())])
    curve = sp.cycle_learning_curve(voting, log, y, sizes=[4], **ONCE)
    assert curve.note.startswith("VotingRegressor holds steps of its own")
    assert curve.note in repr(curve)
    behind = sp.make_pipeline(sp.Scaler(), VotingRegressor([("a", Ridge())]))
    assert sp.cycle_learning_curve(behind, log, y, sizes=[4], **ONCE).note == ""


def test_words():
    log, rng = make(n_cycles=6)
    y = pd.Series(log["c0"] + rng.normal(size=len(log)), name="T_pm")
    y.attrs["units"] = {"T_pm": "°C"}
    curve = sp.cycle_learning_curve(Ridge(), log, y, sizes=[4], **ONCE)
    lines = repr(curve).splitlines()
    assert lines[0].startswith("LearningCurve of 'T_pm': ")
    assert lines[1].startswith("  4 training cycles: RMSE ")
    assert " K on them" in lines[1]
    assert curve.gain == 0.0
    same = curve.references.assign(difference=1.78e-14, low=-1e-14, high=2e-14)
    assert "(as the model, but for rounding)" in repr(replace(curve, references=same))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [0, 4]}, r"sizes must be numbers of training cycles from 1 to 4; got \[0, 4\]"),
        ({"sizes": [5]}, "from 1 to 4"),
        ({"sizes": []}, "sizes must be"),
        ({"n_repeats": 0}, "n_repeats must be an int of at least 1; got 0"),
        ({"tolerance": 1.0}, r"tolerance must be in \[0, 1\)"),
        ({"random_state": None}, "random_state must be an int; got None"),
    ],
)
def test_parameters_out_of_range(options, message):
    log, _ = make(n_cycles=6)
    with pytest.raises(InvalidParameterError, match=message):
        sp.cycle_learning_curve(Ridge(), log[["c1"]], log["c0"], cv=3, **options)


def test_refusals():
    log, _ = make(n_cycles=6)
    X, y = log[["c1"]], log["c0"]
    with pytest.raises(InvalidParameterError, match="must be a regressor"):
        sp.cycle_learning_curve(LogisticRegression(), X, y)
    with pytest.raises(LeakError, match="unseen in training"):
        sp.cycle_learning_curve(Ridge(), X, y, cv=KFold(3, shuffle=True, random_state=0))


def test_few_cycles_that_differ_cannot_tell():
    log, rng = make(n_cycles=6)
    y = (np.repeat(rng.normal(scale=3.0, size=6), 60) * log["c0"]).rename("y")
    y += rng.normal(size=len(log))
    curve = sp.cycle_learning_curve(Ridge(), log, y, **ONCE)
    half = curve.references.loc["half of the cycles"]
    assert curve.verdict == "underpowered"
    assert half["low"] < 0.0
    assert half["high"] > 0.05 * curve.references.loc["model", "rmse"]
    assert "too few cycles to tell" in repr(curve)
