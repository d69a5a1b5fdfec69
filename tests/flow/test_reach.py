"""reach over every composite: no look-ahead is lost inside another estimator."""

from __future__ import annotations

import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_union
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from flow.composites import COMPOSITES, Hidden, Strange, data, fitted, pipe

SYMMETRIC = sp.HampelFilter(window_length=5, causal=False)
HAMPEL = sp.HampelFilter(window_length=11, causal=False)
SMOOTH = sp.SavitzkyGolayFilter(window_length=21, causal=False, edge="nearest")


def test_steps_add_up(make_log):
    log = make_log()
    pipeline = sp.make_pipeline(HAMPEL, StandardScaler(), "passthrough", SMOOTH).fit(log)
    assert sp.reach(pipeline) == (15, 15, 0)


def test_branches_count_by_the_largest(make_log):
    log = make_log()
    union = make_union(HAMPEL, SMOOTH).fit(log)
    assert sp.reach(union) == (10, 10, 0)
    columns = make_column_transformer((HAMPEL, ["c0"]), (SMOOTH, ["c1"]), ("drop", []))
    assert sp.reach(columns.fit(log)) == (10, 10, 0)


def test_an_estimator_without_claims_works_row_by_row():
    assert sp.reach(StandardScaler()) == (0, 0, 0)


def test_what_gives_the_regimes_of_a_filter_counts(make_log):
    log = make_log()
    by = sp.make_pipeline(HAMPEL, sp.RegimeBinner({"c0": 2}))
    assert sp.reach(sp.ZScoreFilter(action="nan", by=by).fit(log)) == (5, 5, 0)
    held = sp.IQRFilter(0.5, by=by).fit(log)
    assert held.memory_ > 0
    assert sp.reach(held) == (5, 5 + held.memory_, 0)
    rows = sp.IsolationForestFilter(by=by, action="nan", n_estimators=5, random_state=0).fit(log)
    assert sp.reach(rows) == (5, 5, 0)
    residual = sp.ResidualFilter(by=by, action="nan").fit(log)
    assert sp.reach(residual) == (5, 5, 0)
    plain = sp.ZScoreFilter(action="nan", by=sp.RegimeBinner({"c0": 2})).fit(log)
    assert sp.reach(plain) == (0, 0, 0)
    channel = sp.ZScoreFilter(action="nan", by="c0", min_rows=1).fit(log)
    assert sp.reach(channel) == (0, 0, 0)


def test_train_only_counts_as_what_it_wraps(make_log):
    log = make_log()
    wrapped = sp.TrainOnly(sp.make_pipeline(HAMPEL, StandardScaler())).fit(log)
    assert sp.reach(wrapped) == (5, 5, 0)
    assert sp.reach(sp.TrainOnly().fit(log)) == (0, 0, 0)


@pytest.mark.parametrize("name", COMPOSITES)
def test_look_ahead_counts_wherever_it_is(name):
    assert sp.reach(fitted(name, SYMMETRIC)).lookahead == 2 * COMPOSITES[name].factor


@pytest.mark.parametrize("name", [name for name in COMPOSITES if "Frozen" not in name])
def test_what_is_not_fitted_claims_nothing_yet(name):
    with pytest.raises(NotFittedError):
        sp.reach(COMPOSITES[name].around(clone(SYMMETRIC)))


def test_what_an_unknown_one_hides_is_not_taken_for_nothing():
    X, y = data("numbers")
    with pytest.raises(NotFittedError):
        sp.reach(Hidden(pipe(clone(SYMMETRIC))).fit(X, y))
    assert sp.reach(Hidden(Ridge()).fit(X, y)) == (0, 0, 0)


def test_one_that_holds_itself_has_an_end():
    X, y = data("numbers")
    model = Strange(pipe(SYMMETRIC)).fit(X, y)
    model.kept_["model"].content.steps[1][1].owner_ = model
    assert sp.reach(model) == (2, 2, 0)


def test_estimators_of_scikit_learn_that_hold_others_work_row_by_row():
    X, y = data("numbers")
    assert sp.reach(RandomForestRegressor(3, random_state=0).fit(X, y)) == (0, 0, 0)
    chosen = SequentialFeatureSelector(pipe(SYMMETRIC), n_features_to_select=1, cv=2)
    assert sp.reach(chosen.fit(X, y)) == (0, 0, 0)
