"""ConformalBands: widths from held-out cycles, by regime, and the coverage that comes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold, ShuffleSplit

import signalprep as sp
from signalprep.compose._conformal_bands import pooled_quantile
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError

EDGES = {"speed": [0.0, 5.0, 10.0]}


def simulate(n_cycles, seed, rows=80):
    """Errors with an offset a cycle, three times as large at high speed."""
    rng = np.random.default_rng(seed)
    cycle = np.repeat(np.arange(n_cycles), rows)
    frame = pd.DataFrame(
        {"speed": rng.uniform(0, 10, len(cycle)), "load": rng.normal(size=len(cycle))}
    )
    size = np.where(frame["speed"] < 5, 1.0, 3.0)
    error = rng.normal(size=n_cycles)[cycle] + 0.5 * rng.normal(size=len(cycle))
    log = sp.as_log(frame, cycle=cycle, rate=1.0)
    return log, pd.Series((2.0 * frame["load"] + size * error).to_numpy(), log.index, name="y")


@pytest.fixture
def data():
    return simulate(30, 0)


def share_within(model, log, y):
    low, high = model.predict_interval(log).T
    return float(((low <= y) & (y <= high)).mean())


def test_the_width_is_the_quantile_of_errors_on_held_out_cycles(data):
    log, y = data
    model = sp.ConformalBands(LinearRegression(), coverage=0.8, cv=3).fit(log, y)
    error = np.empty(len(y))
    for train, test in sp.CycleKFold(3).split(log):
        fitted = LinearRegression().fit(log.iloc[train], y.iloc[train])
        error[test] = np.abs(y.iloc[test] - fitted.predict(log.iloc[test]))
    # cycles are as long as each other, so the mean of their distributions is that of all rows
    rank = int(np.ceil(0.8 * (1 + 1 / 30) * len(error) * (1 - 1e-12)))
    assert model.half_width_ == pytest.approx(np.sort(error)[rank - 1], rel=1e-12)
    interval = model.predict_interval(log)
    np.testing.assert_allclose(interval.mean(axis=1), model.predict(log), atol=1e-9)
    np.testing.assert_allclose(np.diff(interval, axis=1), 2 * model.half_width_)


def test_cycles_count_and_not_rows():
    error = np.concatenate([np.full(1000, 1.0), np.full(10, 2.0), np.full(10, 3.0)])
    cycle = np.repeat([4, 7, 9], [1000, 10, 10])
    assert pooled_quantile(error, cycle, 0.24) == 1.0
    assert pooled_quantile(error, cycle, 0.49) == 2.0
    assert pooled_quantile(error, cycle, 0.51) == 3.0
    assert pooled_quantile(error, cycle, 0.99) == 3.0


def test_unseen_cycles_are_covered_on_average():
    covered = []
    for seed in range(60):
        model = sp.ConformalBands(LinearRegression(), coverage=0.8).fit(*simulate(20, seed))
        covered.append(share_within(model, *simulate(20, 1000 + seed)))
    assert 0.78 < np.mean(covered) < 0.88


def test_each_regime_has_its_own_width(data):
    log, y = data
    plain = sp.ConformalBands(LinearRegression(), coverage=0.8).fit(log, y)
    model = sp.ConformalBands(LinearRegression(), EDGES, coverage=0.8).fit(log, y)
    slow, fast = model.cells_["half_width"]
    assert 2.0 < fast / slow < 4.0
    assert model.cells_["speed"].tolist() == ["[0, 5)", "[5, 10]"]
    assert model.cells_["n_cycles"].tolist() == [30, 30]
    assert slow < plain.half_width_ < fast
    new, truth = simulate(200, 5)
    is_fast = (new["speed"] >= 5).to_numpy()
    for rows in (is_fast, ~is_fast):
        assert 0.72 < share_within(model, new[rows], truth[rows]) < 0.9
    assert share_within(plain, new[is_fast], truth[is_fast]) < 0.72


def test_a_cell_that_few_cycles_saw_takes_the_width_of_all(data):
    log, y = data
    first = log.index.get_level_values("cycle") < 6
    log = log.assign(speed=log["speed"].where(first, 1.0))
    y = y.where(log["speed"] < 5, 2.0 * log["load"])
    model = sp.ConformalBands(LinearRegression(), EDGES).fit(log, y)
    assert model.cells_["own"].tolist() == model.cells_["assured"].tolist() == [True, False]
    assert model.cells_["half_width"][1] == model.half_width_ > model.cells_["largest"][1]
    few = sp.ConformalBands(LinearRegression(), EDGES, min_cycles=6).fit(log, y)
    assert few.cells_["own"].all()
    assert few.cells_["assured"].tolist() == [True, False]


def test_a_hard_cell_that_few_cycles_saw_is_no_narrower_than_its_largest_error(data):
    log, y = data
    first = log.index.get_level_values("cycle") < 4
    log = log.assign(speed=log["speed"].where(first, 1.0))
    y = y + np.where(log["speed"] < 5, 0.0, 20.0 * np.sign(log["load"]))
    with pytest.warns(UserWarning, match=r"1 of 2 cells that fewer than 9 cycles saw, such as sp"):
        model = sp.ConformalBands(LinearRegression(), EDGES).fit(log, y)
    assert model.cells_["half_width"][1] == model.cells_["largest"][1] > model.half_width_


@pytest.mark.parametrize("kind", [lambda Y: Y, lambda Y: Y.to_numpy()], ids=["frame", "array"])
def test_several_targets_are_refused_before_any_fit(data, kind):
    log, y = data
    with pytest.raises(InvalidLogError, match="got 2 columns. Fit ConformalBands once for each"):
        sp.ConformalBands(LinearRegression()).fit(log, kind(pd.DataFrame({"a": y, "b": y})))


def test_rows_beyond_the_map_take_the_width_of_all(data):
    log, y = data
    model = sp.ConformalBands(LinearRegression(), EDGES).fit(log, y)
    odd = log.iloc[:3].assign(speed=[-1.0, 11.0, 7.0])
    low, high = model.predict_interval(odd).T
    expected = [model.half_width_, model.half_width_, model.cells_["half_width"][1]]
    np.testing.assert_allclose((high - low) / 2, expected)


def test_too_few_cycles_are_said():
    with pytest.warns(UserWarning, match="coverage=0.95 needs at least 19 cycles"):
        model = sp.ConformalBands(LinearRegression(), coverage=0.95).fit(*simulate(6, 0))
    assert share_within(model, *simulate(6, 0)) > 0.99


def test_pipelines_keep_their_reach(data):
    model = sp.ConformalBands(sp.make_pipeline(sp.ExponentialFeatures([9]), Ridge())).fit(*data)
    assert sp.reach(model) == sp.reach(model.estimator_)
    assert sp.reach(model).memory > 0


def test_an_array_is_one_recording_of_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    y = X @ [1.0, 2.0] + rng.normal(size=500)
    model = sp.ConformalBands().fit(X, y)
    assert model.half_width_ == pytest.approx(1.645, abs=0.2)
    again = sp.ConformalBands(cv=KFold(5)).fit(X, y)
    assert again.half_width_ == model.half_width_
    regimes = sp.ConformalBands(regimes={0: 2}).fit(X, y)
    assert regimes.predict_interval(X).shape == (500, 2)


def test_processes_do_not_change_the_numbers(data):
    one = sp.ConformalBands(Ridge(), EDGES).fit(*data)
    two = sp.ConformalBands(Ridge(), EDGES, n_jobs=2).fit(*data)
    pd.testing.assert_frame_equal(one.cells_, two.cells_)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"coverage": 1.0}, "coverage must be between 0 and 1; got 1.0"),
        ({"coverage": "high"}, "coverage must be between 0 and 1"),
        ({"min_cycles": 0}, "min_cycles must be an int of at least 1; got 0"),
        ({"estimator": LogisticRegression()}, "estimator must be a regressor"),
        ({"regimes": "speed"}, "regimes must be a RegimeBinner, its dict of bins or None"),
        ({"cv": ShuffleSplit(2)}, "cv must test each row once"),
    ],
)
def test_parameters_out_of_range(data, options, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.ConformalBands(**options).fit(*data)


def test_data_that_do_not_fit(data):
    log, y = data
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        sp.ConformalBands().fit(log, y.sort_index(ascending=False))
    with pytest.raises(InvalidLogError, match="at least two cycles"):
        sp.ConformalBands().fit(log.loc[[0]], y.loc[[0]])
    model = sp.ConformalBands().fit(log, y)
    with pytest.raises(LostIndexError, match="fitted on a log"):
        model.predict_interval(log.to_numpy())
    with pytest.raises(NotFittedError):
        sp.ConformalBands().predict(log)


def test_validate_tells_the_coverage_of_unseen_cycles_by_cell():
    log, y = simulate(36, 3)
    model = sp.ConformalBands(LinearRegression(), EDGES, coverage=0.8)
    result = sp.validate(model, log, y, cv=4, regimes=EDGES, n_bootstrap=200)
    found = result.predictions
    assert (found["low"] < found["prediction"]).all()
    table = result.band_coverage()
    within = found["truth"].between(found["low"], found["high"])
    is_fast = found["regime"] == "[5, 10]"
    assert table.loc["[5, 10]", "of_rows"] == pytest.approx(within[is_fast].mean())
    by_cycle = within[is_fast].groupby(level="cycle").mean()
    assert table.loc["[5, 10]", "coverage"] == pytest.approx(by_cycle.mean())
    width = (found["high"] - found["low"])[is_fast].groupby(level="cycle").mean().mean()
    assert table.loc["[5, 10]", "width"] == pytest.approx(width)
    assert (table["promised"] == 0.8).all()
    assert (table["coverage_low"] < 0.8).all()
    assert (table["coverage_high"] > 0.8).all()
    assert table["n"].sum() == len(log)
    overall = sp.validate(model, log, y, cv=4, n_bootstrap=50).band_coverage()
    assert overall.loc["overall", "of_rows"] == pytest.approx(within.mean())


class Wide(LinearRegression):
    """Its intervals hold everything in cycles before the tenth, and nothing later."""

    def predict_interval(self, X):
        width = np.where(X.index.get_level_values("cycle") < 10, 1e3, 0.0)
        return self.predict(X)[:, np.newaxis] + np.outer(width, [-1.0, 1.0])


def test_cycles_count_alike_and_what_was_not_seen_is_not_excluded():
    lengths = [300] * 10 + [30] * 10
    frame = pd.DataFrame(
        np.random.default_rng(0).normal(size=(sum(lengths), 2)), columns=["x", "y"]
    )
    log = sp.as_log(frame, cycle=np.repeat(np.arange(20), lengths), rate=1.0)
    result = sp.validate(Wide(), log[["x"]], log["y"], cv=4, n_bootstrap=100)
    found = result.band_coverage().loc["overall"]
    assert (found["coverage"], found["of_rows"]) == pytest.approx((0.5, 10 / 11))
    assert np.isnan(found["promised"])
    assert "prediction intervals: 50.0 % (" in repr(result)
    first = log.loc[:9]
    all_within = sp.validate(Wide(), first[["x"]], first["y"], cv=2, n_bootstrap=100)
    found = all_within.band_coverage().loc["overall"]
    assert found["coverage"] == found["coverage_high"] == 1.0
    assert found["coverage_low"] == pytest.approx(0.025 ** (1 / 10))


def test_without_intervals_there_is_no_coverage():
    result = sp.validate(Ridge(), *simulate(6, 0), cv=3, n_bootstrap=0)
    assert "low" not in result.predictions
    with pytest.raises(InvalidParameterError, match="needs an estimator with predict_interval"):
        result.band_coverage()
