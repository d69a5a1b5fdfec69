"""What composites refuse before they fit anything, without a fit, and where warnings point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError

MADE = {
    "AtRate": lambda inner=None: sp.AtRate(inner, 2),
    "PerRegime": lambda inner=None: sp.PerRegime(inner, {"a": 1}, min_rows=5),
    "FitOnInliers": lambda inner=None: sp.FitOnInliers(inner, sp.ZScoreFilter()),
    "ConformalBands": lambda inner=None: sp.ConformalBands(inner, coverage=0.5, cv=2),
}


@pytest.fixture(scope="module")
def log():
    values = np.random.default_rng(0).normal(size=(80, 2))
    frame = pd.DataFrame(values, columns=["a", "b"])
    return sp.as_log(frame, cycle=np.repeat(range(4), 20), rate=10.0)


@pytest.mark.parametrize(
    ("model", "method"),
    [
        *((make(), "predict") for make in MADE.values()),
        (sp.PerRegime(), "regimes_of"),
        (sp.ConformalBands(), "predict_interval"),
        (sp.AtRate(), "native_rows"),
        (sp.CycleRidgeCV(), "predict"),
        (sp.RegimeBinner(), "transform"),
        (sp.RegimeBinner(), "coverage"),
        (sp.RegimeBinner(), "get_feature_names_out"),
        *(
            (sp.BayesianSearchCV(Ridge(), {"alpha": (0.1, 1.0)}), method)
            for method in ("predict", "score")
        ),
    ],
)
def test_what_is_not_fitted_says_so(model, method, log):
    with pytest.raises(NotFittedError):
        getattr(model, method)(*([] if method.startswith("get") else [log]))
    if isinstance(model, sp.RegimeBinner):
        with pytest.raises(NotFittedError):
            _ = model.cells_


def test_a_slow_task_without_a_fit_says_so_before_it_looks_at_the_data(log):
    for method in ("decimate", "score_native"):
        with pytest.raises(NotFittedError):
            getattr(sp.AtRate(), method)(log, log["b"].iloc[:3])


@pytest.mark.parametrize("kind", MADE)
def test_rows_and_index_are_asked_for(kind, log):
    y, model = log["b"], MADE[kind](Ridge())
    for X, target in [(log.iloc[:0], y.iloc[:0]), (np.empty((0, 2)), np.empty(0))]:
        with pytest.raises(InvalidLogError, match="X must have at least one row; got none"):
            model.fit(X, target)
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        model.fit(log, y.iloc[::-1])
    model.fit(log, y)
    with pytest.raises(InvalidLogError, match="X must have at least one row; got none"):
        model.predict(log.iloc[:0])
    with pytest.raises(LostIndexError, match=f"{kind} was fitted on a log; X must carry"):
        model.predict(log.reset_index(drop=True))
    bare = MADE[kind](Ridge())
    if kind != "PerRegime":
        bare.fit(log.to_numpy(), y.to_numpy()).predict(log.to_numpy()[:5])


def test_weights_that_no_model_takes_are_refused_before_any_step_is_fitted(log):
    seen = []

    def counted(X):
        seen.append(len(X))
        return X

    slow = sp.make_pipeline(FunctionTransformer(counted), KNeighborsRegressor(1))
    weight = np.ones(len(log))
    for model in (
        sp.PerRegime(slow, {"a": 1}),
        sp.PerRegime(Ridge(), {"a": 1}, fallback=KNeighborsRegressor(1)),
        sp.ConformalBands(slow, cv=2),
    ):
        with pytest.raises((InvalidParameterError, TypeError), match="weight"):
            model.fit(log, log["b"], sample_weight=weight)
    assert seen == []


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2", True])
def test_workers_are_counted(n_jobs, log):
    with pytest.raises(InvalidParameterError, match="n_jobs must be an int other than 0, or None"):
        sp.ConformalBands(n_jobs=n_jobs).fit(log, log["b"])
    with pytest.raises(InvalidParameterError, match="n_jobs must be an int other than 0, or None"):
        sp.cycle_learning_curve(Ridge(), log, log["b"], n_jobs=n_jobs)
    with pytest.raises(InvalidParameterError, match="n_jobs must be an int other than 0, or None"):
        sp.audit(Ridge(), log, log["b"], n_jobs=n_jobs)


def test_warnings_of_few_cycles_point_at_the_fit(log):
    with pytest.warns(UserWarning, match="needs at least 9 cycles to be assured") as warned:
        sp.ConformalBands(Ridge(), coverage=0.9, cv=2).fit(log, log["b"])
    assert [one.filename for one in warned] == [__file__]


def test_warnings_of_hard_cells_point_at_the_fit(log):
    X = log.assign(a=np.where((np.arange(80) >= 60) & (np.arange(80) % 2 == 0), 7.0, 1.0))
    y = log["b"] + 50.0 * (X["a"] > 5)
    regimes = {"a": [0.0, 5.0, 10.0]}
    bands = sp.ConformalBands(DummyRegressor(), regimes, coverage=0.5, cv=2, min_cycles=2)
    with pytest.warns(UserWarning, match="in 1 of 2 cells that fewer than 2 cycles saw") as warned:
        bands.fit(X, y)
    assert [one.filename for one in warned] == [__file__]
    assert bands.cells_["own"].tolist() == [True, False]
    assert bands.cells_["largest"].iloc[1] == bands.cells_["half_width"].iloc[1] > 40.0


@pytest.mark.parametrize("softness", [0.0, 0.4])
def test_a_cell_learns_from_its_own_rows_and_those_at_its_border(softness):
    speed = np.tile([1.0, 4.5, 5.5, 9.0], 10)
    X, y = speed[:, np.newaxis], np.tile([0.0, 10.0, 20.0, 40.0], 10)
    model = sp.PerRegime(
        DummyRegressor(), {0: [0.0, 5.0, 10.0]}, softness=softness, min_rows=5
    ).fit(X, y)
    means = [model.models_[cell].predict([[0.0]])[0] for cell in (1, 2)]
    assert means == pytest.approx([10.0, 70.0 / 3] if softness else [5.0, 30.0])
    assert model.fallback_.predict([[0.0]])[0] == pytest.approx(17.5)
