"""Composites at their borders: parameters just allowed, evidence that just suffices, gaps."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import get_tags

import signalprep as sp
from signalprep.compose._conformal_bands import pooled_quantile
from signalprep.compose._soft_cells import SoftCells, _narrower
from signalprep.errors import InvalidLogError, InvalidParameterError

TREES = DecisionTreeRegressor(max_depth=2)
GATED = {
    "AtRate": lambda inner: sp.AtRate(inner, 2, nan_policy="propagate"),
    "PerRegime": lambda inner: sp.PerRegime(inner, {"speed": 1}, min_rows=5),
    "FitOnInliers": lambda inner: sp.FitOnInliers(inner, sp.ZScoreFilter(nan_policy="omit")),
    "ConformalBands": lambda inner: sp.ConformalBands(inner, coverage=0.5, cv=2),
}


def make(n_cycles=6, rows=40, seed=0):
    rng = np.random.default_rng(seed)
    n = n_cycles * rows
    frame = pd.DataFrame({"speed": rng.uniform(0, 10, n), "load": rng.normal(size=n)})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), rows), rate=1.0)
    return log, (log["load"] + 0.1 * rng.normal(size=n)).rename("y")


@pytest.mark.parametrize("kind", GATED)
def test_gaps_reach_an_estimator_that_takes_them(kind):
    log, y = make()
    log.iloc[::7, 1] = np.nan
    model = GATED[kind](TREES).fit(log, y)
    assert np.isfinite(model.predict(log)).all()
    if kind == "ConformalBands":
        assert np.isfinite(model.predict_interval(log)).all()
    assert get_tags(GATED[kind](TREES)).input_tags.allow_nan
    assert not get_tags(GATED[kind](Ridge())).input_tags.allow_nan
    with pytest.raises(ValueError, match="NaN"):
        GATED[kind](Ridge()).fit(log, y).predict(log)


@pytest.mark.parametrize("kind", GATED)
def test_tags_are_those_of_the_estimator(kind):
    tags = get_tags(GATED[kind](None))
    assert tags.target_tags.required
    assert tags.target_tags.single_output
    assert tags.estimator_type == "regressor"
    if kind == "AtRate":
        assert not get_tags(sp.AtRate(TREES)).input_tags.allow_nan, "gaps are refused before"
        assert get_tags(sp.AtRate(TREES, nan_policy="omit")).input_tags.allow_nan


def test_a_slow_task_runs_at_every_row_at_factor_one():
    log, y = make()
    assert sp.AtRate(Ridge(), 1).fit(log, y).native_rows(log).tolist() == list(range(len(log)))
    for factor in (0, 1.5):
        with pytest.raises(InvalidParameterError, match="factor must be an int of at least 1"):
            sp.AtRate(Ridge(), factor).fit(log, y)


@pytest.mark.parametrize(
    "options",
    [{"softness": 0.0}, {"softness": 1}, {"min_rows": 1}, {"min_cycles": 1}],
)
def test_parameters_that_just_work(options):
    log, y = make(3, 20)
    model = sp.PerRegime(Ridge(), {"speed": [0.0, 5.0, 10.0]}, **options).fit(log, y)
    assert np.isfinite(model.predict(log)).all()


@pytest.mark.parametrize("name", ["min_rows", "min_cycles"])
@pytest.mark.parametrize("value", [0, True, 1.0, "3", None])
def test_counts_of_evidence(name, value):
    log, y = make(3, 20)
    with pytest.raises(InvalidParameterError, match=f"{name} must be an int of at least 1; got"):
        sp.PerRegime(Ridge(), {"speed": 2}, **{name: value}).fit(log, y)


def test_models_must_be_regressors():
    log, y = make(3, 20)
    for parts in ({"estimator": LogisticRegression()}, {"fallback": LogisticRegression()}):
        with pytest.raises(InvalidParameterError, match="must be a regressor"):
            sp.PerRegime(regimes={"speed": 2}, **parts).fit(log, y)


def test_a_cell_has_a_model_from_just_enough_rows_and_cycles():
    log, y = make(4, 10)
    high = np.arange(10) >= 7  # three rows of each cycle
    log["speed"] = np.where(np.tile(high, 4), 8.0, 2.0)
    log.loc[3, "speed"] = 2.0
    regimes = {"speed": [0.0, 5.0, 10.0]}
    for rows, cycles, own in [(9, 3, True), (10, 3, False), (9, 4, False)]:
        model = sp.PerRegime(Ridge(), regimes, min_rows=rows, min_cycles=cycles).fit(log, y)
        assert model.cells_["n"].tolist() == [31, 9]
        assert model.cells_["n_cycles"].tolist() == [4, 3]
        assert model.cells_["own"].tolist() == [True, own]
        assert list(model.models_) == ([1, 2] if own else [1])


def test_cells_outside_the_map_are_counted_without_a_model():
    log, y = make(4, 10)
    log["speed"] = np.tile([-1.0, 1.0, 1.0, 1.0, 6.0, 6.0, 6.0, 12.0, 12.0, np.nan], 4)
    model = sp.PerRegime(TREES, {"speed": [0.0, 5.0, 10.0]}, min_rows=4).fit(log, y)
    assert model.cells_["speed"].tolist() == ["below", "[0, 5)", "[5, 10]", "above", "missing"]
    assert model.cells_["n"].tolist() == [4, 12, 12, 8, 4]
    assert model.cells_["own"].tolist() == [False, True, True, False, False]
    assert model.regimes_of(log)[:10].tolist() == [0, 1, 1, 1, 2, 2, 2, 3, 3, 4]


def test_cells_without_weight_have_no_model():
    log, y = make(4, 10)
    log["speed"] = np.tile([2.0] * 5 + [8.0] * 5, 4)
    weight = np.where(log["speed"] < 5, 0.01, 0.0)
    model = sp.PerRegime(Ridge(), {"speed": [0.0, 5.0, 10.0]}, min_rows=5)
    model.fit(log, y, sample_weight=weight)
    assert model.cells_["own"].tolist() == [True, False]


def test_arrays_name_their_columns_by_place():
    rng = np.random.default_rng(0)
    X = rng.uniform(0, 10, size=(200, 3))
    y = np.where(X[:, 2] < 5, X[:, 0], -X[:, 0])
    model = sp.PerRegime(LinearRegression(), {2: [0.0, 5.0, 10.0]}).fit(X, y)
    assert model.cells_["n_cycles"].isna().all()
    np.testing.assert_allclose(model.predict(X), y, atol=1e-9)
    low, high = (X[:, 2] < 5), (X[:, 2] >= 5)
    assert model.cells_["n"].tolist() == [low.sum(), high.sum()]


@pytest.mark.parametrize("kind", ["AtRate", "PerRegime"])
def test_numbers_among_objects_are_numbers(kind):
    log, y = make(4, 30)
    given = y.astype(object)
    found = GATED[kind](Ridge()).fit(log, given).predict(log)
    np.testing.assert_array_equal(found, GATED[kind](Ridge()).fit(log, y).predict(log))
    bare = GATED[kind](Ridge()).fit(log, given.to_numpy())
    np.testing.assert_array_equal(found, bare.predict(log))


def test_columns_named_by_numbers_are_found_by_place():
    log, y = make(4, 30)
    numbered = log.set_axis([5, 7], axis=1)
    model = sp.PerRegime(Ridge(), {5: [0.0, 5.0, 10.0]}, min_rows=5).fit(numbered, y)
    named = sp.PerRegime(Ridge(), {"speed": [0.0, 5.0, 10.0]}, min_rows=5).fit(log, y)
    np.testing.assert_array_equal(model.predict(numbered), named.predict(log))


def test_borders_blend_over_the_narrower_interval():
    edges = np.array([0.0, 4.0, 6.0])
    np.testing.assert_array_equal(_narrower(edges), [4.0, 2.0, 2.0])
    values = np.array([[1.0], [3.4], [3.6], [4.0], [4.4], [4.6], [5.7], [6.4], [-1.0], [np.nan]])
    codes = np.array([1, 1, 1, 2, 2, 2, 2, 3, 0, 4])[:, None]
    parts = list(SoftCells([edges], 0.5).corners(codes, values))
    (own, stays), (across, goes) = parts
    np.testing.assert_allclose(goes, [0, 0, 0.1, 0.5, 0.1, 0, 0.2, 0.1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(stays + goes, 1.0)
    assert own.tolist() == codes[:, 0].tolist()
    assert across[[2, 3, 4, 6, 7]].tolist() == [2, 1, 1, 3, 2]
    (alone,) = SoftCells([edges], 0.0).corners(codes, values)
    assert alone[0].tolist() == own.tolist()
    np.testing.assert_array_equal(alone[1], 1.0)


def test_two_soft_borders_multiply():
    cells = SoftCells([np.array([0.0, 4.0, 8.0])] * 2, 0.5)
    weights = {
        int(cell[0]): weight[0]
        for cell, weight in cells.corners(np.array([[1, 2]]), np.array([[3.8, 4.4]]))
    }
    assert cells.shape == (5, 5)
    a, b = 0.5 * (1 - 0.2), 0.5 * (1 - 0.4)
    expected = {7: (1 - a) * (1 - b), 6: (1 - a) * b, 12: a * (1 - b), 11: a * b}
    assert weights == pytest.approx(expected)
    many = [np.arange(2.0**15 - 1)] * 4
    assert SoftCells(many[:3], 0.0).shape == (2**15 + 1,) * 3
    with pytest.raises(InvalidParameterError, match=r"fewer than 2\*\*62 cells; got"):
        SoftCells([np.arange(float(2**15 + 500))] * 5, 0.0)


@pytest.mark.parametrize("coverage", [0, 1, 1.0, 0.0, -0.1, "0.9", None])
def test_coverage_lies_between(coverage):
    log, y = make()
    with pytest.raises(InvalidParameterError, match="coverage must be between 0 and 1; got"):
        sp.ConformalBands(coverage=coverage).fit(log, y)


@pytest.mark.parametrize("least", [0, True, 2.0])
def test_least_cycles_of_a_cell(least):
    log, y = make()
    with pytest.raises(InvalidParameterError, match="min_cycles must be an int of at least 1"):
        sp.ConformalBands(min_cycles=least).fit(log, y)


def test_one_cycle_may_do_for_a_cell():
    log, y = make(2, 10)
    regimes = {"speed": [0.0, 20.0]}
    bands = sp.ConformalBands(Ridge(), regimes, coverage=0.5, min_cycles=1).fit(log, y)
    assert bands.cells_["own"].tolist() == [True]


def test_just_enough_cycles_assure_the_level():
    four, y4 = make(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sp.ConformalBands(coverage=0.8).fit(four, y4)
    with pytest.warns(UserWarning, match="coverage=0.8 needs at least 4 cycles .*; got 3"):
        sp.ConformalBands(coverage=0.8).fit(four.loc[:2], y4.loc[:2])


def test_a_cell_has_a_width_of_its_own_from_just_enough_cycles():
    log, y = make(6, 30)
    fast = np.zeros(180, dtype=bool)
    for cycle in range(3):
        fast[30 * cycle : 30 * cycle + 10] = True
    log["speed"] = np.where(fast, 8.0, 2.0)
    regimes = {"speed": [0.0, 5.0, 10.0]}
    for least, own in [(3, True), (4, False)]:
        bands = sp.ConformalBands(Ridge(), regimes, coverage=0.75, min_cycles=least, cv=3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = bands.fit(log, y).cells_
        assert cells["n"].tolist() == [150, 30]
        assert cells["n_cycles"].tolist() == [6, 3]
        assert cells["own"].tolist() == [True, own]
        assert cells["assured"].tolist() == [True, True]
        if not own:
            wider = max(bands.half_width_, cells["largest"].iloc[1])
            assert cells["half_width"].iloc[1] == wider


def test_quantiles_pool_cycles():
    error = np.array([1.0, 2.0, 3.0, 4.0, 10.0, 20.0])
    cycle = np.array([5, 5, 5, 5, 8, 8])
    # steps of 1/8 to 0.5, then of 1/4; the level is raised by half for two cycles
    for level, expected in [(0.08, 1.0), (0.09, 2.0), (1 / 3, 4.0), (0.34, 10.0), (0.51, 20.0)]:
        assert pooled_quantile(error, cycle, level) == expected
    assert pooled_quantile(error, cycle, 0.9) == 20.0


def test_folds_of_bands():
    log, y = make(2, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert sp.ConformalBands().fit(log, y).half_width_ > 0
        rows, target = log.to_numpy(), y.to_numpy()
        one = sp.ConformalBands(cv=3).fit(rows, target)
        other = sp.ConformalBands(cv=KFold(3)).fit(rows, target)
    assert one.half_width_ == other.half_width_
    with pytest.raises(InvalidLogError, match="at least two cycles, to calibrate on one; got one"):
        sp.ConformalBands().fit(log.loc[[0]], y.loc[[0]])
    with pytest.raises(InvalidLogError, match="at least two groups of cycles"):
        sp.ConformalBands(groups={0: "a", 1: "a"}).fit(log, y)
    with pytest.raises(InvalidParameterError, match="groups needs a log"):
        sp.ConformalBands(groups={0: "a"}).fit(rows, target)
    once = [(np.arange(30, 60), np.arange(30))]
    with pytest.raises(InvalidParameterError, match="cv must test each row once"):
        sp.ConformalBands(cv=once).fit(log, y)


def test_rows_of_one_column_are_one_target():
    log, y = make(3, 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flat = sp.ConformalBands(coverage=0.5).fit(log.to_numpy(), y.to_numpy())
        assert flat.half_width_ > 0
    with pytest.raises(InvalidLogError, match="y must be one target; got 2 columns"):
        sp.ConformalBands().fit(log, np.column_stack([y, y]))


def test_an_estimator_without_a_target():
    rows = np.random.default_rng(0).normal(size=(30, 2))
    model = sp.FitOnInliers(KMeans(2, n_init=1, random_state=0)).fit(rows)
    assert model.n_features_in_ == 2
    assert len(np.unique(model.predict(rows))) == 2
    with pytest.raises(ValueError, match="expecting 2 features"):
        model.predict(rows[:, :1])


def test_what_a_detector_flags_is_counted():
    log, y = make(2, 50)
    log.iloc[[3, 70], 1] = 500.0
    model = sp.FitOnInliers(Ridge(), sp.PhysicalLimits({"load": (-10, 10)}, action="hold"))
    model.fit(log, y)
    assert (model.n_outliers_, model.outlier_share_) == (2, 0.02)
    assert (model.lookahead_, model.memory_, model.delay_) == (0, 0, 0)
    weight = np.ones(100)
    weight[10:] = 0.0
    few = sp.FitOnInliers(Ridge(), sp.PhysicalLimits({"load": (-10, 10)}, action="hold"))
    few.fit(log, y, sample_weight=weight)
    kept = [k for k in range(10) if k != 3]
    alone = Ridge().fit(log.iloc[kept], y.iloc[kept])
    np.testing.assert_allclose(few.predict(log), alone.predict(log))


class Exploding(BaseEstimator):
    """A detector that must not be fitted."""

    def fit_predict(self, X):
        raise AssertionError("it was fitted")


def test_weights_that_a_model_cannot_take_are_refused_before_the_detector_is_fitted():
    log, y = make(2, 10)
    model = sp.FitOnInliers(KNeighborsRegressor(), Exploding())
    with pytest.raises(InvalidParameterError, match="weight"):
        model.fit(log, y, sample_weight=np.ones(20))
    with pytest.raises(AssertionError, match="it was fitted"):
        model.fit(log, y)


def test_borders_may_follow_the_target():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"speed": rng.uniform(0, 10, 400), "load": rng.normal(size=400)})
    log = sp.as_log(frame, cycle=np.repeat(list("abcd"), 100), rate=1.0)
    y = (log["speed"] > 7.0).astype(float)
    model = sp.PerRegime(Ridge(), {"speed": "t2"}, min_rows=5).fit(log, y)
    alone = sp.RegimeBinner({"speed": "t2"}).fit(log, y)
    np.testing.assert_array_equal(model.binner_.edges_["speed"], alone.edges_["speed"])
    assert alone.edges_["speed"][1] == pytest.approx(7.0, abs=0.2)
