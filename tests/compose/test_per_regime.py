"""PerRegime: one model a regime, a fallback elsewhere, and soft borders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError

EDGES = [0.0, 5.0, 10.0]


@pytest.fixture
def log():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"speed": rng.uniform(0, 10, 900), "load": rng.normal(size=900)})
    return sp.as_log(frame, cycle=np.repeat(list("abcdef"), 150), rate=1.0)


@pytest.fixture
def target(log):
    """Another gain in each half of the speed range."""
    gain = np.where(log["speed"] < 5.0, 1.0, -3.0)
    return pd.Series(gain * log["load"], log.index, name="target")


def test_each_cell_gets_a_model_fitted_on_its_rows(log, target):
    model = sp.PerRegime(LinearRegression(), {"speed": EDGES}).fit(log, target)
    assert model.cells_["speed"].tolist() == ["[0, 5)", "[5, 10]"]
    assert model.cells_["own"].all()
    for (number, inner), low in zip(model.models_.items(), (True, False), strict=True):
        rows = ((log["speed"] < 5.0) == low).to_numpy()
        alone = LinearRegression().fit(log[rows], target[rows])
        np.testing.assert_array_equal(model.regimes_of(log) == number, rows)
        np.testing.assert_allclose(inner.coef_, alone.coef_, rtol=1e-12)
    np.testing.assert_allclose(model.predict(log), target, atol=1e-10)
    assert LinearRegression().fit(log, target).score(log, target) < 0.5


def test_rows_beyond_the_map_or_without_a_regime_fall_back(log, target):
    model = sp.PerRegime(LinearRegression(), {"speed": EDGES}, fallback=DummyRegressor())
    model.fit(log, target)
    odd = log.iloc[:3].copy()
    odd["speed"] = [-1.0, 11.0, 5.0]
    expected = model.models_[2].predict(odd.iloc[2:])[0]
    np.testing.assert_allclose(model.predict(odd), [target.mean(), target.mean(), expected])


def test_a_missing_regime_falls_back(log, target):
    model = sp.PerRegime(DummyRegressor(), {"speed": EDGES}).fit(log, target)
    odd = log.iloc[:2].copy()
    odd.iloc[0, 0] = np.nan
    assert model.predict(odd)[0] == pytest.approx(target.mean())
    assert model.predict(odd)[1] != pytest.approx(target.mean())


def test_too_few_rows_or_cycles_give_no_model(log, target):
    regimes = {"speed": [0, 9.9, 10.0]}
    model = sp.PerRegime(LinearRegression(), regimes).fit(log, target)
    assert model.cells_["own"].tolist() == [True, False]
    assert list(model.models_) == [1]
    few = log["speed"].where(log.index.get_level_values("cycle").isin(["a", "b"]), 1.0)
    seldom = log.assign(speed=few)
    model = sp.PerRegime(LinearRegression(), {"speed": EDGES}).fit(seldom, target)
    assert model.cells_["n_cycles"].tolist() == [6, 2]
    assert model.cells_["own"].tolist() == [True, False]
    model.set_params(min_cycles=2).fit(seldom, target)
    assert model.cells_["own"].all()


def test_a_soft_border_does_not_jump(log, target):
    grid = pd.DataFrame({"speed": np.linspace(-4, 14, 3601), "load": 1.0})
    grid = sp.as_log(grid, rate=1.0)
    options = {"regimes": {"speed": EDGES}, "fallback": DummyRegressor(constant=7.0)}
    options["fallback"].set_params(strategy="constant")
    hard = sp.PerRegime(LinearRegression(), **options).fit(log, target).predict(grid)
    model = sp.PerRegime(LinearRegression(), softness=0.4, **options).fit(log, target)
    soft = model.predict(grid)
    assert np.abs(np.diff(hard)).max() > 3.0
    assert np.abs(np.diff(soft)).max() < 0.05
    speed = grid["speed"].to_numpy()
    parts = [model.fallback_, model.models_[1], model.models_[2], model.fallback_]
    for k, border in enumerate(EDGES):
        at = grid[np.isclose(speed, border)].iloc[:1]
        expected = (parts[k].predict(at) + parts[k + 1].predict(at)) / 2
        assert model.predict(at) == pytest.approx(expected)
        quarter = at.assign(speed=border + 0.5)  # the blend reaches 0.2 * 5 to each side
        expected = 0.25 * parts[k].predict(quarter) + 0.75 * parts[k + 1].predict(quarter)
        assert model.predict(quarter) == pytest.approx(expected)
    np.testing.assert_allclose(soft[speed > 11.0], 7.0)


def test_soft_weights_in_two_dimensions(log):
    binner = {"speed": EDGES, "load": [-10.0, 0.0, 10.0]}
    target = pd.Series(
        np.where(log["speed"] < 5, 1.0, 2.0) + np.where(log["load"] < 0, 0.0, 10.0), log.index
    )
    model = sp.PerRegime(DummyRegressor(), binner).fit(log, target)
    corner = log.iloc[:1].assign(speed=5.0, load=0.0)
    assert model.predict(corner)[0] == pytest.approx(12.0)
    model.set_params(softness=1e-9)  # the models stay: constants of their cells
    assert model.predict(corner)[0] == pytest.approx((1 + 2 + 11 + 12) / 4)


def test_steps_see_whole_cycles(log, target):
    steps = [sp.ExponentialFeatures([20]), sp.Scaler()]
    model = sp.PerRegime(sp.make_pipeline(*steps, LinearRegression()), {"speed": EDGES})
    model.fit(log, target)
    features = sp.make_pipeline(*map(clone, steps)).fit_transform(log)
    rows = (log["speed"] < 5.0).to_numpy()
    expected = LinearRegression().fit(features[rows], target[rows])
    np.testing.assert_allclose(model.models_[1].coef_, expected.coef_, rtol=1e-9)
    assert sp.reach(model) == sp.reach(model.steps_)
    assert sp.reach(model).memory > 0


def test_at_another_rate_and_in_a_search(log, target):
    model = sp.AtRate(sp.PerRegime(Ridge(), {"speed": 2}, min_rows=5), factor=3)
    assert model.fit(log, target).predict(log).shape == (len(log),)
    search = GridSearchCV(
        sp.PerRegime(Ridge(), {"speed": EDGES}), {"softness": [0.0, 0.2]}, cv=sp.CycleKFold(3)
    )
    assert search.fit(log, target).best_score_ > 0.9


def test_validate_takes_it(log, target):
    model = sp.PerRegime(sp.make_pipeline(StandardScaler(), Ridge()), {"speed": EDGES})
    result = sp.validate(model, log, target, cv=3, regimes={"speed": EDGES}, n_bootstrap=20)
    plain = sp.validate(Ridge(), log, target, cv=3, regimes={"speed": EDGES}, n_bootstrap=20)
    assert (result.by_regime["rmse"] < 0.2 * plain.by_regime["rmse"]).all()


def test_several_targets_and_arrays(log, target):
    both = np.stack([target, 2 * target], axis=1)
    model = sp.PerRegime(LinearRegression(), {0: EDGES}, softness=0.1)
    found = model.fit(log.to_numpy(), both).predict(log.to_numpy())
    assert found.shape == (len(log), 2)
    np.testing.assert_allclose(found[:, 1], 2 * found[:, 0], atol=1e-9)
    assert model.cells_["n_cycles"].isna().all()


def test_processes_do_not_change_the_numbers(log, target):
    one = sp.PerRegime(Ridge(), {"speed": 4}, softness=0.2).fit(log, target)
    two = sp.PerRegime(Ridge(), {"speed": 4}, softness=0.2, n_jobs=2).fit(log, target)
    np.testing.assert_array_equal(one.predict(log), two.predict(log))


def test_the_binner_given_is_left_alone(log, target):
    binner = sp.RegimeBinner({"speed": 3})
    model = sp.PerRegime(Ridge(), binner).fit(log, target)
    assert not hasattr(binner, "edges_")
    assert len(model.binner_.edges_["speed"]) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"softness": 1.5}, r"softness must be in \[0, 1\]; got 1.5"),
        ({"softness": "0.1"}, "softness must be in"),
        ({"min_rows": 0}, "min_rows must be an int of at least 1; got 0"),
        ({"min_cycles": 2.5}, "min_cycles must be an int of at least 1; got 2.5"),
        ({"estimator": LogisticRegression()}, "estimator must be a regressor"),
        ({"fallback": LogisticRegression()}, "fallback must be a regressor"),
        ({"regimes": 3}, "regimes must be a RegimeBinner, its dict of bins or None; got int"),
        ({"estimator": sp.AtRate(Ridge(), 4)}, "AtRate works over time"),
    ],
)
def test_parameters_out_of_range(log, target, options, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.PerRegime(**options).fit(log, target)


def test_data_that_do_not_fit(log, target):
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        sp.PerRegime().fit(log, target.sort_index(ascending=False))
    model = sp.PerRegime(regimes={"speed": 2}).fit(log, target)
    with pytest.raises(LostIndexError, match="fitted on a log"):
        model.predict(log.reset_index(drop=True))
    fewer = sp.make_pipeline(sp.Decimator(2), Ridge())
    with pytest.raises(InvalidLogError, match=rf"steps must keep rows \({len(log)}\); got"):
        sp.PerRegime(fewer, {"speed": 2}).fit(log, target)
    with pytest.raises(NotFittedError):
        sp.PerRegime().predict(log)
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 40))).add_prefix("c")
    with pytest.raises(InvalidParameterError, match="fewer than 2\\*\\*62 cells"):
        sp.PerRegime().fit(wide, np.arange(60.0))
