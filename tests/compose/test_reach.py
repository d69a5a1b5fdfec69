"""reach adds up what steps claim."""

import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_union
from sklearn.preprocessing import StandardScaler

import signalprep as sp

SYMMETRIC = sp.HampelFilter(window_length=11, causal=False)
SMOOTH = sp.SavitzkyGolayFilter(window_length=21, causal=False, edge="nearest")


def test_steps_add_up(make_log):
    log = make_log()
    pipeline = sp.make_pipeline(SYMMETRIC, StandardScaler(), "passthrough", SMOOTH).fit(log)
    assert sp.reach(pipeline) == (15, 15, 0)


def test_branches_count_by_the_largest(make_log):
    log = make_log()
    union = make_union(SYMMETRIC, SMOOTH).fit(log)
    assert sp.reach(union) == (10, 10, 0)
    columns = make_column_transformer((SYMMETRIC, ["c0"]), (SMOOTH, ["c1"]), ("drop", []))
    assert sp.reach(columns.fit(log)) == (10, 10, 0)


def test_a_search_claims_what_its_best_estimator_does(make_log):
    log = make_log()
    search = GridSearchCV(sp.make_pipeline(SYMMETRIC, Ridge()), {}, cv=sp.CycleKFold(2))
    assert sp.reach(search.fit(log, log["c0"])) == (5, 5, 0)


def test_an_estimator_without_claims_works_row_by_row():
    assert sp.reach(StandardScaler()) == (0, 0, 0)


def test_a_step_that_is_not_fitted_claims_nothing_yet():
    step = clone(SYMMETRIC)
    for model in (step, sp.make_pipeline(step, Ridge()), sp.AtRate(), sp.TrainOnly()):
        with pytest.raises(NotFittedError):
            sp.reach(model)


def test_what_a_meta_estimator_fits_counts(make_log):
    log = make_log()
    inner = sp.make_pipeline(SYMMETRIC, Ridge())
    target = log["c0"]
    assert sp.reach(TransformedTargetRegressor(inner).fit(log, target)) == (5, 5, 0)
    assert sp.reach(VotingRegressor([("a", inner), ("b", Ridge())]).fit(log, target)) == (5, 5, 0)
    assert sp.reach(BaggingRegressor(Ridge(), n_estimators=2).fit(log, target)) == (0, 0, 0)
    stack = StackingRegressor([("a", inner)], final_estimator=Ridge(), cv=sp.CycleKFold(2))
    assert sp.reach(stack.fit(log, target)) == (5, 5, 0)


def test_what_gives_the_regimes_of_a_filter_counts(make_log):
    log = make_log()
    by = sp.make_pipeline(SYMMETRIC, sp.RegimeBinner({"c0": 2}))
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
    wrapped = sp.TrainOnly(sp.make_pipeline(SYMMETRIC, StandardScaler())).fit(log)
    assert sp.reach(wrapped) == (5, 5, 0)
    assert sp.reach(sp.TrainOnly().fit(log)) == (0, 0, 0)
