"""CycleRidgeCV: the penalty that does best on whole cycles, found as by fitting each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

ALPHAS = [0.01, 1.0, 30.0, 1000.0]


@pytest.fixture
def drives(make_log):
    """Seven cycles, each with an offset and a slope of its own, far from zero."""
    log = make_log(lengths=(40, 55, 30, 60, 45, 50, 35), n_channels=4, seed=1)
    log += [300.0, 0, 5, -2]
    rng = np.random.default_rng(0)
    own = np.repeat(rng.normal(size=(7, 2)), (40, 55, 30, 60, 45, 50, 35), axis=0)
    y = log["c0"] * 0.3 - log["c1"] + own[:, 0] + own[:, 1] * log["c2"]
    return log, y.rename("y")


def held_out(log, y, folds, alpha, weight=None):
    """The slow twin: fit each fold."""
    weight = np.ones(len(log)) if weight is None else weight
    total = 0.0
    for train, test in folds:
        model = Ridge(alpha=alpha).fit(log.iloc[train], y.iloc[train], weight[train])
        total += weight[test] @ (model.predict(log.iloc[test]) - y.iloc[test].to_numpy()) ** 2
    return np.sqrt(total / weight.sum())


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_splits", [3, 10])
def test_errors_are_those_of_a_fit_each(drives, n_splits, weighted):
    log, y = drives
    weight = np.random.default_rng(2).uniform(0, 2, len(log)) if weighted else None
    model = sp.CycleRidgeCV(ALPHAS, n_splits=n_splits).fit(log, y, weight)
    folds = list(sp.CycleKFold(min(n_splits, 7)).split(log))
    expected = [held_out(log, y, folds, alpha, weight) for alpha in model.alphas_]
    np.testing.assert_allclose(model.rmse_, expected, rtol=1e-9)
    assert model.alpha_ == model.alphas_[np.argmin(expected)]
    same = Ridge(alpha=model.alpha_).fit(log, y, weight)
    np.testing.assert_array_equal(model.predict(log), same.predict(log))


def test_what_learns_cycles_by_heart_is_not_preferred(make_log):
    log = make_log(lengths=(100,) * 8, n_channels=30, seed=3)
    rng = np.random.default_rng(0)
    fixed = np.repeat(rng.normal(size=(8, 30)), 100, axis=0)  # what is the same all along a drive
    log += fixed
    y = log["c0"] + 3.0 * np.repeat(rng.normal(size=8), 100)
    by_cycle = sp.CycleRidgeCV(np.logspace(-3, 4, 8)).fit(log, y)
    mixed = rng.permutation(800)
    by_row = sp.CycleRidgeCV(np.logspace(-3, 4, 8)).fit(log.to_numpy()[mixed], y.to_numpy()[mixed])
    assert 10.0 * by_row.alpha_ <= by_cycle.alpha_


def test_penalties_go_by_the_spread_of_the_signals(drives):
    log, y = drives
    model, larger = sp.CycleRidgeCV().fit(log, y), sp.CycleRidgeCV().fit(8.0 * log, y)
    np.testing.assert_allclose(larger.alphas_, 64.0 * model.alphas_)
    np.testing.assert_allclose(larger.predict(8.0 * log), model.predict(log))
    scaled = sp.CycleRidgeCV().fit(sp.Scaler().fit_transform(log), y)
    np.testing.assert_allclose(scaled.alphas_[[0, -1]], [3150.0, 0.315], rtol=1e-2)
    assert sp.CycleRidgeCV().fit(0.0 * log, y).alpha_ == 10.0


def test_groups_are_kept_whole(drives):
    log, y = drives
    day = {cycle: k // 2 for k, cycle in enumerate(sp.cycles(log))}
    model = sp.CycleRidgeCV(ALPHAS, groups=day).fit(log, y)
    folds = list(sp.CycleKFold(4, together=day).split(log))
    expected = [held_out(log, y, folds, alpha) for alpha in model.alphas_]
    np.testing.assert_allclose(model.rmse_, expected, rtol=1e-9)


def test_each_target_has_its_own_penalty(drives):
    log, y = drives
    noise = pd.Series(np.random.default_rng(5).normal(size=len(log)), log.index, name="noise")
    both = sp.CycleRidgeCV(ALPHAS).fit(log, pd.concat([y, noise], axis=1))
    alone = [sp.CycleRidgeCV(ALPHAS).fit(log, one) for one in (y, noise)]
    assert both.alpha_.tolist() == [one.alpha_ for one in alone]
    assert len({*both.alpha_}) == 2
    np.testing.assert_allclose(both.predict(log)[:, 0], alone[0].predict(log), rtol=1e-10)
    assert both.rmse_.shape == (4, 2)


def test_a_single_cycle_is_cut_in_time(drives):
    log, y = drives
    one, target = log.loc[[3]], y.loc[[3]]
    blocks = np.array_split(np.arange(60), 10)
    folds = [(np.setdiff1d(np.arange(60), own), own) for own in blocks]
    for X, t in ((one, target), (one.to_numpy(), target.to_numpy())):
        model = sp.CycleRidgeCV(ALPHAS).fit(X, t)
        expected = [held_out(one, target, folds, alpha) for alpha in model.alphas_]
        np.testing.assert_allclose(model.rmse_, expected, rtol=1e-9)


def test_more_signals_than_rows_and_a_target_that_stands_still(make_log):
    log = make_log(lengths=(5, 5), n_channels=20)
    y = pd.Series(3.0, log.index)
    model = sp.CycleRidgeCV().fit(log, y)
    assert model.alpha_ == model.alphas_[0]  # nothing to tell them apart: the strongest
    np.testing.assert_allclose(model.predict(log), 3.0)


def test_cycles_without_weight_are_as_if_they_were_not_there(drives):
    log, y = drives
    weight = np.isin(log.index.get_level_values(0), [0, 1]).astype(float)
    model = sp.CycleRidgeCV(ALPHAS).fit(log, y, weight)
    alone = sp.CycleRidgeCV(ALPHAS).fit(log.loc[:1], y.loc[:1])
    np.testing.assert_allclose(model.rmse_, alone.rmse_, rtol=1e-9)
    with pytest.raises(InvalidParameterError, match="zero in every row"):
        sp.CycleRidgeCV().fit(log, y, 0 * weight)
    last = sp.CycleRidgeCV(ALPHAS).fit(log, y, (log.index.get_level_values(0) == 2).astype(float))
    assert last.alpha_ == 1000.0  # a single cycle weighs: nothing to choose by


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"alphas": [0.0, 1.0]}, "alphas must be finite and above 0"),
        ({"alphas": "auto"}, "alphas must be a list of numbers"),
        ({"alphas": []}, "alphas must be a list of numbers"),
        ({"alphas": [[1.0]]}, "alphas must be a list of numbers"),
        ({"alphas": [True]}, "alphas must be a list of numbers"),
        ({"alphas": [1.0, np.inf]}, "alphas must be finite and above 0"),
        ({"n_splits": 1}, "n_splits must be an int of at least 2"),
        ({"groups": {0: "a"}}, "groups|together"),
    ],
)
def test_bad_parameters(drives, options, told):
    with pytest.raises(InvalidParameterError, match=told):
        sp.CycleRidgeCV(**options).fit(*drives)


def test_bad_data(drives):
    log, y = drives
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        sp.CycleRidgeCV().fit(log, y.iloc[::-1])
    with pytest.raises(InvalidParameterError, match="groups needs a log"):
        sp.CycleRidgeCV(groups={0: 1}).fit(log.to_numpy(), y.to_numpy())


def test_inside_a_pipeline_it_streams_and_is_validated(drives):
    log, y = drives
    model = sp.make_pipeline(sp.ExponentialFeatures(["1s"]), sp.Scaler(), sp.CycleRidgeCV())
    result = sp.validate(model, log, y, cv=3, n_bootstrap=50)
    assert "cycleridgecv" in result.steps["step"].tolist()
    fitted = model.fit(log, y)
    stream = sp.stream(fitted)
    pushed = [stream.push(row) for row in log.iloc[:5].to_numpy()]
    np.testing.assert_allclose(np.ravel(pushed), fitted.predict(log)[:5], rtol=1e-12)
    assert sp.audit(model, log, y, cv=3).ok
