"""The price of leaks: each test of one model, against the same made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import overall_metrics

TESTS = [
    "random rows",
    "prepared on everything",
    "symmetric filters",
    "unseen cycle",
    "later in time",
    "unseen regime",
]
FAST = {"n_splits": 3, "n_bootstrap": 50}


@pytest.fixture(scope="module")
def log():
    return sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)


@pytest.fixture(scope="module")
def data(log):
    return log[["i_d", "i_q", "omega_m", "T_coolant"]], log["T_pm"]


@pytest.fixture(scope="module")
def prices(data):
    model = sp.make_pipeline(sp.ExponentialFeatures(["2min"]), KNeighborsRegressor(3))
    return sp.price_of_leaks(model, *data, regimes={"omega_m": 3}, **FAST)


def rmse(truth, prediction):
    return float(np.sqrt(np.mean((np.asarray(truth) - prediction) ** 2)))


def test_the_table(prices, data):
    table = prices.table
    assert table.index.tolist() == TESTS
    assert table["honest"].tolist() == [False] * 3 + [True] * 3
    assert table.loc["unseen cycle", "relative"] == 1.0
    assert table["n"].drop(["symmetric filters", "later in time"]).eq(len(data[0])).all()
    assert table.loc["later in time", "n"] < len(data[0])
    known = table.dropna(subset="rmse")
    assert (known["rmse_low"] < known["rmse"]).all()
    assert (known["rmse"] < known["rmse_high"]).all()


def test_random_rows_flatter_and_unseen_regimes_do_not(prices):
    relative = prices.table["relative"]
    assert relative["random rows"] < 0.5
    assert relative["unseen regime"] > 0.9


def test_each_number_comes_from_its_predictions(prices):
    for name, found in prices.predictions.items():
        again = overall_metrics(found["truth"], found["prediction"], n_bootstrap=0)
        assert again["rmse"] == prices.table.loc[name, "rmse"]


def test_random_rows_by_hand(prices, data):
    X, y = data
    features = sp.ExponentialFeatures(["2min"]).fit_transform(X)
    splitter = KFold(3, shuffle=True, random_state=0)
    by_hand = cross_val_predict(KNeighborsRegressor(3), features, y, cv=splitter)
    assert prices.table.loc["random rows", "rmse"] == pytest.approx(rmse(y, by_hand), rel=1e-12)


def test_the_honest_row_is_what_validate_gives(prices, data):
    model = sp.make_pipeline(sp.ExponentialFeatures(["2min"]), KNeighborsRegressor(3))
    result = sp.validate(model, *data, cv=3, n_bootstrap=50)
    assert prices.table.loc["unseen cycle", "rmse_high"] == result.overall["rmse_high"]


def test_steps_that_learn_from_the_target_flatter_when_fitted_on_everything(log, data):
    X, _ = data
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(len(X), 300)), index=X.index).add_prefix("noise")
    offset = rng.normal(size=6)[np.repeat(np.arange(6), np.diff(cycle_bounds(log)))]
    offset = offset + 1e-3 * rng.normal(size=len(X))
    target = pd.Series(offset, index=X.index, name="offset")
    by_cycle = noise.groupby(level="cycle").transform("mean") + 1e-3 * noise  # alike by chance
    model = sp.make_pipeline(SelectKBest(correlations, k=5), Ridge(1e-6))
    table = sp.price_of_leaks(model, by_cycle, target, **FAST).table
    assert table.loc["prepared on everything", "relative"] < 0.9


def correlations(X, y):
    return np.abs(np.corrcoef(X.T, y)[-1, :-1])


def cycle_bounds(log):
    return sp.log.cycle_bounds(log)


def test_symmetric_filters(data):
    X, y = data
    step = sp.SavitzkyGolayFilter(31, 1)
    table = sp.price_of_leaks(sp.make_pipeline(step, Ridge()), X, y, **FAST).table
    model = sp.make_pipeline(sp.SavitzkyGolayFilter(31, 1, causal=False), Ridge())
    expected = sp.validate(model, X, y, cv=3, n_bootstrap=0).overall["rmse"]
    assert table.loc["symmetric filters", "rmse"] == expected
    assert table.loc["symmetric filters", "note"] == ""


def test_what_does_not_apply_says_why(data):
    prices = sp.price_of_leaks(Ridge(), *data, **FAST)
    notes = prices.table["note"]
    assert notes["prepared on everything"] == "no step comes before the model"
    assert notes["symmetric filters"] == "no step is causal by a parameter"
    assert notes["unseen regime"] == "regimes= is not given"
    assert prices.table["rmse"].isna().tolist() == [False, True, True, False, False, True]
    assert "does not apply" not in repr(prices)
    assert "-  (regimes= is not given)" in repr(prices)


def test_a_window_longer_than_a_cycle_has_no_symmetric_form(data):
    model = sp.make_pipeline(sp.SavitzkyGolayFilter(2_001, 1), Ridge())
    table = sp.price_of_leaks(model, *data, **FAST).table
    assert "must not be longer than a segment" in table.loc["symmetric filters", "note"]
    assert np.isfinite(table.loc["unseen cycle", "rmse"])


class NeedsCycles(Ridge):
    """Refuses to learn from less than four cycles."""

    error: type[Exception] = ValueError

    def fit(self, X, y):
        if len(sp.cycles(X)) < 4:
            raise self.error("All the 2 fits failed.\n\nValueError: too few\n")
        return super().fit(X, y)


@pytest.mark.parametrize("error", [ValueError, InvalidLogError])
def test_a_test_that_fails_is_left_out_and_says_why(data, error, monkeypatch):
    monkeypatch.setattr(NeedsCycles, "error", error)
    prices = sp.price_of_leaks(NeedsCycles(), *data, **FAST)
    assert prices.table["rmse"].isna().tolist() == [False, True, True, False, True, True]
    named = "" if error is InvalidLogError else "ValueError: "
    words = f"fails on earlier cycles alone: {named}All the 2 fits failed. ... ValueError: too few"
    assert prices.table.loc["later in time", "note"] == words
    assert f"-  ({words})" in repr(prices)


def test_bands_have_prices_too(data):
    table = sp.price_of_leaks(sp.ConformalBands(Ridge(), coverage=0.5), *data, **FAST).table
    assert "to calibrate on one; got one" in table.loc["later in time", "note"]


def test_what_is_wrong_in_every_test_is_raised(data, monkeypatch):
    X, y = data
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        sp.price_of_leaks(Ridge(), X, y.iloc[::-1], **FAST)
    monkeypatch.setattr(NeedsCycles, "error", RuntimeError)  # of no estimator that refuses data
    with pytest.raises(RuntimeError, match="too few"):
        sp.price_of_leaks(NeedsCycles(), X, y, **FAST)


def test_a_model_at_a_slower_rate(data):
    X, y = data
    model = sp.AtRate(sp.make_pipeline(StandardScaler(), Ridge()), factor=4)
    table = sp.price_of_leaks(model, X, y, regimes={"omega_m": 3}, **FAST).table
    slow = sum(-(-n // 4) for n in np.diff(cycle_bounds(X)))
    assert table["n"][["random rows", "prepared on everything", "unseen regime"]].eq(slow).all()
    assert table["n"]["unseen cycle"] == len(X)


def test_an_unseen_regime_by_hand(data):
    X, y = data
    model = sp.make_pipeline(sp.ExponentialFeatures([20]), sp.Scaler(), Ridge())
    labels = pd.Series(np.where(X["omega_m"] > 100, "fast", "slow"), X.index, name="speed")
    found = sp.price_of_leaks(model, X, y, regimes=labels, **FAST).predictions["unseen regime"]
    expected = pd.Series(np.nan, index=X.index)
    for train, test in sp.CycleKFold(3).split(X):
        steps = sp.make_pipeline(sp.ExponentialFeatures([20]), sp.Scaler())
        learned, tested = steps.fit_transform(X.iloc[train]), steps.transform(X.iloc[test])
        for label in ("fast", "slow"):
            other = (labels.iloc[train] != label).to_numpy()
            ridge = Ridge().fit(learned[other], y.iloc[train][other])
            held_out = np.flatnonzero((labels.iloc[test] == label).to_numpy())
            expected.iloc[test[held_out]] = ridge.predict(tested)[held_out]
    np.testing.assert_allclose(found["prediction"], expected, rtol=1e-12)


def test_processes_do_not_change_the_numbers(data, prices):
    model = sp.make_pipeline(sp.ExponentialFeatures(["2min"]), KNeighborsRegressor(3))
    again = sp.price_of_leaks(model, *data, regimes={"omega_m": 3}, n_jobs=2, **FAST)
    pd.testing.assert_frame_equal(again.table, prices.table)


def test_arrays_of_targets_and_scikit_learn_pipelines(data):
    X, y = data
    model = make_pipeline(StandardScaler(), Ridge())
    one = sp.price_of_leaks(model, X, y.to_numpy(), regimes={"omega_m": 2}, **FAST)
    other = sp.price_of_leaks(model, X, y.to_frame(), regimes={"omega_m": 2}, **FAST)
    assert (one.target, other.target) == ("target", "T_pm")
    np.testing.assert_array_equal(one.table["rmse"], other.table["rmse"])


def test_errors(data):
    with pytest.raises(InvalidParameterError, match="holdout must be one of 'omega_m'; got 'i_d'"):
        sp.price_of_leaks(Ridge(), *data, regimes={"omega_m": 2}, holdout="i_d", **FAST)
    with pytest.raises(InvalidParameterError, match="random_state must be an int; got None"):
        sp.price_of_leaks(Ridge(), *data, random_state=None, **FAST)
    with pytest.raises(InvalidParameterError, match="n_splits must be an int of at least 2; got 1"):
        sp.price_of_leaks(Ridge(), *data, cv=3, n_splits=1)
    alone = pd.Series("all", data[0].index, name="speed")
    with pytest.raises(InvalidParameterError, match="two labels at least"):
        sp.price_of_leaks(Ridge(), *data, regimes=alone, **FAST)


def test_a_long_note_is_written_in_full(prices):
    assert repr(prices).splitlines()[0] == "Price of leaks for 'T_pm', RMSE in K:"
    assert len(repr(prices).splitlines()) == 1 + len(TESTS)


@pytest.mark.parametrize("memory", [True, False])
def test_networks_have_prices_too(data, memory):
    pytest.importorskip("torch", reason="training networks needs torch, the extra neural")
    X, y = data
    options = {"max_epochs": 2, "random_state": 0}
    model = (
        sp.neural.RecurrentRegressor(hidden_size=4, **options)
        if memory
        else sp.neural.FeedForwardRegressor((4,), **options)
    )
    regimes = {"omega_m": [-1, 600, 1200]}
    table = sp.price_of_leaks(model, X, y, regimes=regimes, n_splits=3, n_bootstrap=0).table
    assert np.isfinite(table.loc[["unseen cycle", "later in time", "unseen regime"], "rmse"]).all()
    if memory:
        note = "fails on rows at random: the sample time must be"
        assert table.loc["random rows", "note"].startswith(note)
    else:
        assert np.isfinite(table.loc["random rows", "rmse"])
