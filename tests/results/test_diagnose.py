"""diagnose: planted cold starts, memory and spread are found, and only where they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter
from sklearn.base import BaseEstimator, RegressorMixin

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.results._diagnose import _spread_test

N_CYCLES, ROWS = 24, 600


class FirstColumn(RegressorMixin, BaseEstimator):
    """Predicts what the column "prediction" says."""

    def fit(self, X, y):
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return X["prediction"].to_numpy()


def validated(error, prediction=None):
    """A validation whose errors (prediction - truth) are those given, (n_cycles, n_rows)."""
    rng = np.random.default_rng(9)
    if prediction is None:
        prediction = rng.uniform(0, 10, error.shape)
    frame = pd.DataFrame({"prediction": prediction.ravel()})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(len(error)), error.shape[1]), rate=2.0)
    truth = pd.Series((prediction - error).ravel(), log.index, name="T_pm")
    truth.attrs["units"] = {"T_pm": "°C"}
    return sp.validate(FirstColumn(), log, truth, cv=min(4, len(error)), n_bootstrap=100)


def white(seed=0):
    return np.random.default_rng(seed).normal(size=(N_CYCLES, ROWS))


def test_nothing_stands_out_in_white_noise():
    found = sp.diagnose(validated(white()))
    assert not found.is_cold
    assert found.spread_p_value > 0.01
    assert found.autocorrelation_time == pytest.approx(0.5, rel=0.2)
    assert found.n_effective == pytest.approx(N_CYCLES * ROWS, rel=0.2)
    assert found.autocorrelation.iloc[0] == 1.0
    assert found.autocorrelation.iloc[1:].abs().max() < 0.05
    assert found.findings[0].startswith("no cold start is shown: RMSE ")
    assert found.start_ratio_low < 1.0 < found.start_ratio_high
    assert found.findings[1].startswith("errors stay alike for about 0.5")
    assert found.findings[2].startswith("no change of the spread")
    assert found.unit == "K"


def test_a_cold_start_is_found_and_timed():
    seconds = np.arange(ROWS) / 2.0
    found = sp.diagnose(validated(0.2 * white() + 5.0 * np.exp(-seconds / 10.0)))
    assert found.is_cold
    assert found.findings[0].startswith("cold start: RMSE")
    rmse = found.cold_start["rmse"]
    assert rmse.iloc[0] == pytest.approx(5.0, rel=0.2)
    assert rmse.is_monotonic_decreasing
    assert found.settled["rmse"] == pytest.approx(0.2, rel=0.05)
    assert found.cold_start["n"].sum() == N_CYCLES * ROWS


def test_a_cold_start_is_found_though_cycles_differ_more_than_their_halves():
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        error = rng.normal(size=(12, 100)) * np.exp(rng.normal(size=(12, 1)))
        found.append(sp.diagnose(validated(error)).is_cold)
        error[:, :10] *= 2.0
        diagnosis = sp.diagnose(validated(error))
        found.append(not diagnosis.is_cold)
        assert 1.4 < diagnosis.start_ratio < 2.6
    assert sum(found) <= 1


def test_each_cycle_is_halved_by_its_own_length():
    rng = np.random.default_rng(0)
    lengths = [1000, *[150] * 11]
    frame = pd.DataFrame({"prediction": np.zeros(sum(lengths))})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(12), lengths), rate=1.0)
    steady = 15.0 * np.sin(np.arange(1000) / 90.0)
    truth = np.concatenate([steady, *[20.0 * np.exp(-np.arange(150) / 20.0)] * 11])
    truth = pd.Series(truth + 0.5 * rng.normal(size=len(log)), log.index)
    found = sp.diagnose(sp.validate(FirstColumn(), log, truth, n_bootstrap=100))
    assert found.is_cold
    assert (found.start["n_cycles"], found.settled["n_cycles"]) == (12, 12)
    assert found.start["n"] == 100 + 11 * 15
    assert (found.start["rmse"], found.settled["rmse"]) == pytest.approx((12.6, 6.3), abs=0.3)


def test_groups_of_cycles_count_as_one():
    rng = np.random.default_rng(0)
    error = rng.normal(size=(24, 100))
    error[:6, :10] *= 4.0  # one session
    frame = pd.DataFrame({"prediction": rng.normal(size=error.size)})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(24), 100), rate=1.0)
    truth = (log["prediction"] - error.ravel()).rename("T_pm")
    apart = sp.validate(FirstColumn(), log, truth, cv=2, n_bootstrap=50)
    together = sp.validate(
        FirstColumn(), log, truth, cv=2, n_bootstrap=50, groups=lambda cycle: cycle // 6
    )
    one, other = sp.diagnose(apart), sp.diagnose(together)
    assert one.start_ratio == pytest.approx(other.start_ratio)
    assert one.is_cold
    assert not other.is_cold
    assert other.start_ratio_low < one.start_ratio_low


@pytest.mark.parametrize(
    ("scale", "expected"),
    [([1.0, 0.0], (1.0, 1.0)), ([0.0, 0.0], (np.nan, np.nan))],
    ids=["one cycle tells", "no errors"],
)
def test_too_few_cycles_tell_of_no_cold_start(scale, expected):
    found = sp.diagnose(validated(np.outer(scale, np.ones(40)), np.zeros((2, 40))))
    assert (found.start_ratio, found.start_ratio_high) == pytest.approx(
        (expected[0], np.nan), nan_ok=True
    )
    assert not found.is_cold
    assert found.findings[0].startswith("a cold start cannot be told from so few cycles: RMSE")


@pytest.mark.parametrize("correlation", [0.8, 0.95])
def test_memory_is_measured(correlation):
    noise = lfilter([np.sqrt(1 - correlation**2)], [1, -correlation], white(), axis=1)
    found = sp.diagnose(validated(noise))
    expected = (1 + correlation) / (1 - correlation) / 2.0
    assert found.autocorrelation_time == pytest.approx(expected, rel=0.25)
    lags = found.autocorrelation.index.to_numpy()
    assert lags[1] == 0.5
    assert found.autocorrelation.iloc[4] == pytest.approx(correlation**4, abs=0.06)


def test_a_spread_that_grows_is_found():
    prediction = np.random.default_rng(1).uniform(0, 10, (N_CYCLES, ROWS))
    found = sp.diagnose(validated(white() * prediction, prediction), n_quantiles=5)
    assert found.spread_p_value < 1e-6
    assert len(found.spread) == 5
    assert found.spread["rmse"].is_monotonic_increasing
    assert found.spread["prediction"].is_monotonic_increasing
    assert "the spread changes with the prediction" in found.findings[2]


def test_the_spread_test_holds_its_level_for_errors_that_cycles_share():
    rejected = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        prediction = rng.normal(size=(6, 1)) + 0.1 * rng.normal(size=(6, 40))
        error = rng.normal(size=(6, 1)) + 0.1 * rng.normal(size=(6, 40))
        cycle = pd.MultiIndex.from_product([range(6), np.arange(40.0)], names=["cycle", "time"])
        truth = pd.Series((prediction - error).ravel(), cycle)
        number = np.repeat(np.arange(6), 40)
        rejected += _spread_test(truth, pd.Series(prediction.ravel(), cycle), number) < 0.05
    assert rejected <= 8


def test_a_constant_prediction_has_no_spread_to_test():
    found = sp.diagnose(validated(white(), np.zeros((N_CYCLES, ROWS))))
    assert np.isnan(found.spread_p_value)
    assert found.findings[2].startswith("spread: cannot be tested")
    assert len(found.spread) == 1


def test_cycles_of_one_row_and_of_many():
    rng = np.random.default_rng(0)
    lengths = [1, 2, 3, 50, 400, 80]
    frame = pd.DataFrame({"prediction": rng.normal(size=sum(lengths))})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(6), lengths), rate=1.0)
    truth = pd.Series(rng.normal(size=len(log)), log.index)
    found = sp.diagnose(sp.validate(FirstColumn(), log, truth, cv=3, n_bootstrap=20))
    assert np.isfinite(found.autocorrelation).all()
    assert found.autocorrelation.index[-1] == 100.0


def test_errors_of_parameters():
    result = validated(white())
    for wrong in (1, 2.5, True):
        with pytest.raises(InvalidParameterError, match="n_quantiles must be an int"):
            sp.diagnose(result, n_quantiles=wrong)
