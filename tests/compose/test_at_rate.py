"""AtRate: a slow estimator behind a fast log."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError


@pytest.fixture
def data(make_log):
    X = make_log(lengths=(103, 57, 90), n_channels=2)
    return X, X["c0"] + 0.5 * X["c1"]


def test_predictions_hold_until_the_next_and_restart_with_each_segment(data):
    X, y = data
    model = sp.AtRate(Ridge(), factor=5).fit(X, y)
    prediction = model.predict(X)
    assert prediction.shape == (len(X),)
    start = 0
    for length in (103, 57, 90):
        part = prediction[start : start + length]
        slots = np.arange(length) // 5
        for slot in range(slots.max() + 1):
            assert len(set(part[slots == slot])) == 1
        assert len(set(part)) == slots.max() + 1
        start += length


def test_a_gap_restarts_the_hold(make_log):
    X = make_log(lengths=(60,))
    X = X.drop(X.index[22:33])
    model = sp.AtRate(Ridge(), factor=5).fit(X, X["c0"])
    changes = np.flatnonzero(np.diff(model.predict(X))) + 1
    assert 22 in changes
    assert set(changes) == {5, 10, 15, 20, 22, 27, 32, 37, 42, 47}


@pytest.mark.parametrize("missing", [1, 2, 3, 5, 7, 10, 12, 13, 40])
def test_gaps_of_any_length_stay_gaps_for_the_estimator(make_log, missing):
    X = make_log(lengths=(120, 60))
    X = pd.concat([X.iloc[:43], X.iloc[43 + missing :]])
    inner = sp.make_pipeline(sp.ExponentialFeatures(spans=[5]), Ridge())
    model = sp.AtRate(inner, factor=10).fit(X, X["c0"])
    slow = model.decimator_.transform(X)
    assert 5 in sp.segments(slow)
    again = X.rename(index=lambda t: pd.Timedelta(t, unit="s"), level="time")
    timed = sp.AtRate(inner, factor=10).fit(again, again["c0"])
    np.testing.assert_array_equal(timed.predict(again), model.predict(X))
    np.testing.assert_array_equal(model.predict(X.iloc[:70]), model.predict(X)[:70])


def test_the_estimator_sees_the_decimated_log_and_the_target_at_kept_rows(data):
    X, y = data
    model = sp.AtRate(LinearRegression(), factor=4).fit(X, y)
    decimator = sp.Decimator(4).fit(X)
    by_hand = LinearRegression().fit(decimator.transform(X), y.iloc[decimator.kept_rows(X)])
    np.testing.assert_array_equal(model.estimator_.coef_, by_hand.coef_)
    assert sp.rate(decimator.transform(X)) == pytest.approx(2.5)


def test_factor_one_changes_nothing(data):
    X, y = data
    np.testing.assert_allclose(
        sp.AtRate(Ridge(), factor=1).fit(X, y).predict(X),
        Ridge().fit(X, y).predict(X),
        rtol=1e-9,
    )


def test_several_targets(data):
    X, y = data
    targets = np.column_stack([y, -y])
    assert sp.AtRate(Ridge(), factor=3).fit(X, targets).predict(X).shape == (len(X), 2)


def test_reach_counts_in_samples_of_the_log(data):
    X, y = data
    inner = sp.make_pipeline(sp.HampelFilter(window_length=7), Ridge())
    model = sp.AtRate(inner, factor=4).fit(X, y)
    filtered = sp.reach(model.decimator_)
    inside = sp.reach(model.estimator_)
    assert inside.memory >= 6
    assert sp.reach(model) == (0, filtered.memory + 4 * inside.memory + 3, filtered.delay)


def test_delay_and_look_ahead_of_a_slow_step_count_in_samples_of_the_log(data):
    X, y = data
    slower = sp.AtRate(sp.make_pipeline(sp.HampelFilter(5, causal=False), Ridge()), factor=3)
    model = sp.AtRate(slower, factor=4).fit(X, y)
    outside, inside = sp.reach(model.decimator_), sp.reach(model.estimator_)
    assert inside.delay == sp.reach(model.estimator_.decimator_).delay > 0
    assert inside.lookahead == 3 * 2
    assert sp.reach(model).delay == model.delay_ == outside.delay + 4 * inside.delay
    assert sp.reach(model).lookahead == model.lookahead_ == 4 * 3 * 2
    at_rate = sp.AtRate(slower, rate="3Hz").fit(X, y)
    delay = sp.reach(at_rate.decimator_).delay + -(-10 * inside.delay // 3)
    assert sp.reach(at_rate).delay == delay


def test_the_future_never_reaches_a_causal_prediction(data):
    X, y = data
    model = sp.AtRate(Ridge(), factor=4).fit(X, y)
    before = model.predict(X)
    changed = X.copy()
    changed.iloc[50:103] += 100.0
    np.testing.assert_array_equal(model.predict(changed)[:50], before[:50])


@pytest.mark.parametrize("lower", [{"factor": 3}, {"rate": 3.0}], ids=str)
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("row", [301, 306, 330])
def test_predictions_see_no_further_than_they_claim(make_log, causal, row, lower):
    X = make_log(lengths=(700, 300))
    inner = sp.make_pipeline(
        sp.HampelFilter(5, action="hold"), sp.SavitzkyGolayFilter(5, 2), Ridge()
    )
    model = sp.AtRate(inner, causal=causal, **lower).fit(X, X["c0"])
    before = model.predict(X)
    other = np.random.default_rng(row).normal(size=(700, 2)) * 1e6
    past, future = X.copy(), X.copy()
    past.iloc[:row] = other[:row]
    future.iloc[row:700] = other[row:]
    last = row + model.memory_
    first = row - model.lookahead_
    np.testing.assert_allclose(model.predict(past)[last:], before[last:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(model.predict(future)[:first], before[:first], rtol=0, atol=1e-12)
    assert not np.allclose(model.predict(past)[row:last], before[row:last])


def test_errors(data):
    X, y = data
    for factor in (0, 2.5):
        with pytest.raises(InvalidParameterError, match="factor must be an int of at least 1"):
            sp.AtRate(Ridge(), factor=factor).fit(X, y)
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        sp.AtRate(Ridge()).fit(X, y.sort_index(ascending=False))
    with pytest.raises(InvalidParameterError, match="must be a regressor"):
        sp.AtRate(LogisticRegression()).fit(X, y > 0)
    with pytest.raises(LostIndexError, match="fitted on a log"):
        sp.AtRate(Ridge()).fit(X, y).predict(X.to_numpy())


def test_the_native_rows_are_where_predictions_change(make_log):
    X = make_log(lengths=(60, 41))
    X = X.drop(X.index[22:33])
    model = sp.AtRate(Ridge(), factor=5).fit(X, X["c0"])
    rows = model.native_rows(X)
    assert rows.tolist() == [*range(0, 22, 5), *range(22, 49, 5), *range(49, 90, 5)]
    np.testing.assert_array_equal(np.flatnonzero(np.diff(model.predict(X))) + 1, rows[1:])


def test_native_score_leaves_the_hold_out(make_log):
    X = make_log(lengths=(700, 500))
    X["c0"] = np.sin(np.arange(len(X)) / 10)
    y = X["c0"] + 1.0
    model = sp.AtRate(Ridge(), factor=8, causal=False).fit(X, y)
    rows = model.native_rows(X)
    at_rows = r2_score(y.iloc[rows], model.predict(X)[rows])
    assert model.score_native(X, y) == at_rows
    assert model.score_native(X, y) > 0.99
    assert model.score(X, y) < 0.95
    weight = np.arange(len(X))
    assert model.score_native(X, y, sample_weight=weight) == r2_score(
        y.iloc[rows], model.predict(X)[rows], sample_weight=rows
    )
    both = np.column_stack([y, X["c0"]])
    assert model.fit(X, both).score_native(X, both) <= 1.0


def test_native_score_in_cross_validation(make_log):
    X = make_log(lengths=(90,) * 4)
    scores = cross_val_score(
        sp.AtRate(Ridge(), factor=4),
        X,
        X["c0"],
        cv=sp.CycleKFold(2),
        scoring=sp.AtRate.score_native,
        error_score="raise",
    )
    assert scores.shape == (2,)


def test_native_errors(data):
    X, y = data
    with pytest.raises(NotFittedError):
        sp.AtRate().native_rows(X)
    with pytest.raises(NotFittedError):
        sp.AtRate().score_native(X, y)
    model = sp.AtRate(Ridge(), factor=4).fit(X, y)
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        model.score_native(X, y.sort_index(ascending=False))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score_native(X, y.to_numpy()[:-1])
    with pytest.raises(LostIndexError, match="fitted on a log"):
        model.native_rows(X.to_numpy())


def test_a_rate_that_divides_that_of_the_log_is_a_factor(data):
    X, y = data
    by_factor = sp.AtRate(Ridge(), factor=5).fit(X, y)
    at_rate = sp.AtRate(Ridge(), rate="2Hz").fit(X, y)
    np.testing.assert_array_equal(at_rate.predict(X), by_factor.predict(X))
    assert sp.reach(at_rate) == sp.reach(by_factor)


def test_predictions_between_rows_hold_from_the_next_row_on(data):
    X, y = data
    model = sp.AtRate(DecisionTreeRegressor(), rate="3Hz").fit(X, y)
    decimator = sp.Decimator(rate="3Hz").fit(X)
    slow, rows = decimator.transform(X), model.native_rows(X)
    assert rows[:5].tolist() == [0, 4, 7, 10, 14]
    target = y.iloc[rows].set_axis(slow.index)
    by_hand = DecisionTreeRegressor().set_params(**model.estimator_.get_params())
    held = by_hand.fit(slow, target).predict(slow)
    np.testing.assert_array_equal(
        model.predict(X), np.repeat(held, np.diff(np.append(rows, len(X))))
    )
    time = X.index.get_level_values("time").to_numpy()
    new = np.diff(np.floor(time * 3 + 1e-9)) != 0  # a third of a second begins
    np.testing.assert_array_equal(rows[1:], np.flatnonzero(new) + 1)


def test_reach_at_a_rate_is_rounded_up(data):
    X, y = data
    model = sp.AtRate(sp.make_pipeline(sp.HampelFilter(window_length=7), Ridge()), rate="3Hz")
    model.fit(X, y)
    filtered = sp.reach(model.decimator_)
    assert sp.reach(model.estimator_).memory == 6
    assert sp.reach(model) == (0, filtered.memory + 20 + 3, filtered.delay)


@pytest.mark.parametrize("rate", ["3Hz", 9.0, 20 / 3])
def test_a_stream_at_a_rate_is_the_batch(make_log, rate):
    X = make_log(lengths=(330, 120))
    tree = DecisionTreeRegressor(max_depth=4, random_state=0)  # its predictions do not round
    inner = sp.make_pipeline(sp.ExponentialFeatures(spans=["2s"]), tree)
    model = sp.AtRate(inner, rate=rate).fit(X, X["c0"])
    live = sp.stream(model)
    for size in (1, 3, 64, 100):
        for _, rows in X.groupby(level="cycle", sort=False):
            live.reset()
            out = [live.push(rows.iloc[k : k + size]) for k in range(0, len(rows), size)]
            np.testing.assert_array_equal(np.concatenate(out), model.predict(rows))


def test_one_of_factor_and_rate(data):
    X, y = data
    with pytest.raises(InvalidParameterError, match="factor=4 and rate=1.0. Give one"):
        sp.AtRate(factor=4, rate=1.0).fit(X, y)
    with pytest.raises(InvalidParameterError, match="cannot be given more rows"):
        sp.AtRate(rate="20Hz").fit(X, y)
