"""Nested intervals: longer where models of few cycles differ, and by what the folds show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

import signalprep as sp
from signalprep.errors import InvalidParameterError


def simulated(n_cycles: int, seed: int, n: int = 30):
    """Inputs of which three are constant within a cycle, so that few cycles teach little."""
    rng = np.random.default_rng(seed)
    of_cycle = np.repeat(rng.normal(size=(n_cycles, 3)), n, axis=0)
    X = np.c_[rng.normal(size=(n_cycles * n, 2)), of_cycle]
    y = X @ [1.0, 0.5, 0.5, 0.4, 0.3] + np.repeat(0.5 * rng.normal(size=n_cycles), n)
    y += 0.3 * rng.normal(size=len(y))
    frame = pd.DataFrame(np.c_[X, y], columns=[*"abcde", "y"])
    log = sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), n), rate=1.0)
    return log.drop(columns="y"), log["y"]


def inflation_by_hand(X, y, n_folds: int) -> float:
    """Bates, Hastie and Tibshirani (2024), with one partition; every cycle counts the same."""
    cycle = X.index.get_level_values("cycle")
    tested = [test for _, test in sp.CycleKFold(n_folds).split(X)]
    fold_of = {c: k for k, rows in enumerate(tested) for c in cycle[rows].unique()}
    fold = cycle.map(fold_of).to_numpy()

    def squares(unseen, rows):
        model = Ridge().fit(X[~np.isin(fold, unseen)], y[~np.isin(fold, unseen)])
        return ((model.predict(X[rows]) - y[rows]) ** 2).groupby(level="cycle").mean()

    outside = [squares([k], fold == k) for k in range(n_folds)]
    means = pd.concat(outside)
    variance = means.var(ddof=1) / len(means)
    terms = []
    for k in range(n_folds):
        inside = [squares([j, k], fold == j) for j in range(n_folds) if j != k]
        own = variance * len(means) / len(set(cycle[fold == k]))
        terms.append((pd.concat(inside).mean() - outside[k].mean()) ** 2 - own)
    ratio = np.mean(terms) * (n_folds - 1) / n_folds / variance
    return float(np.sqrt(np.clip(ratio, 1.0, n_folds)))


def test_the_factor_is_that_of_nested_cross_validation_written_out():
    found = []
    for seed in (0, 1, 2):
        X, y = simulated(8, seed)
        result = sp.validate(Ridge(), X, y, cv=4, interval="nested", n_bootstrap=30)
        found.append(result.settings["inflation"])
        assert found[-1] == pytest.approx(inflation_by_hand(X, y, 4), abs=1e-3)
    assert max(found) > 1.2


def test_losses_are_averaged_as_the_errors_are():
    X, y = simulated(8, 2)
    kept = np.arange(len(X)) % 30 <= 3 * (np.arange(len(X)) // 30)
    X, y = X[kept], y[kept]
    options = {"cv": 4, "interval": "nested", "n_bootstrap": 30}
    found = sp.validate(Ridge(), X, y, weight="cycle", **options).settings["inflation"]
    assert found == pytest.approx(inflation_by_hand(X, y, 4), abs=1e-3)
    by_row = sp.validate(Ridge(), X, y, **options).settings["inflation"]
    assert 1.0 < found < 2.0
    assert found != by_row


def test_every_interval_grows_by_the_factor_and_none_contradicts():
    X, y = simulated(8, 1)
    options = {"cv": 4, "regimes": {"a": [-9.0, 0.0, 9.0]}, "n_bootstrap": 30}
    plain = sp.validate(Ridge(), X, y, **options)
    nested = sp.validate(Ridge(), X, y, interval="nested", **options)
    factor = nested.settings["inflation"]
    assert factor > 1.2
    for one, other in (
        (plain.by_regime, nested.by_regime),
        (plain.overall.to_frame().T, nested.overall.to_frame().T),
    ):
        np.testing.assert_array_equal(one["rmse"], other["rmse"])
        reach = [np.log((t["rmse"] / t["rmse_low"]).astype(float)) for t in (one, other)]
        np.testing.assert_allclose(reach[1], factor * reach[0], rtol=1e-3)
        assert (other["rmse_high"] >= one["rmse_high"]).all()
        assert (other["r2_low"] <= one["r2_low"]).all()
        assert (other["mae_high"] <= other["rmse_high"]).all()
    again = nested.metrics_by(nested.regimes)
    pd.testing.assert_frame_equal(again, nested.by_regime)
    assert "intervals leave out" in repr(plain)
    assert "intervals leave out" not in repr(nested)


def test_scores_stay_between_zero_and_one():
    X, y = simulated(6, 3)
    labels = pd.Series(np.where(y > 0, "high", "low"), y.index)
    result = sp.validate(LogisticRegression(), X, labels, cv=3, interval="nested", n_bootstrap=30)
    assert 0.0 <= result.overall["accuracy_low"] <= result.overall["accuracy"]
    assert result.overall["accuracy_high"] <= 1.0


def test_what_cannot_be_nested_is_refused():
    X, y = simulated(6, 3)
    for cv in (2, sp.ForwardCycleSplit(3)):
        with pytest.raises(InvalidParameterError, match="interval='nested' needs 3 folds or more"):
            sp.validate(Ridge(), X, y, cv=cv, interval="nested")
    with pytest.raises(InvalidParameterError, match="interval must be one of 'cycles', 'nested'"):
        sp.validate(Ridge(), X, y, interval="studentized")


def test_no_interval_is_invented_where_there_is_none():
    X, y = simulated(5, 0)
    bins = {"a": [-9.0, 0.0, 1.9, 9.0]}
    options = {"interval": "nested", "regimes": bins, "min_cycles": 5}
    for found in (
        sp.validate(Ridge(), X, y, n_bootstrap=0, **options).by_regime,
        sp.validate(Ridge(), X, y, n_bootstrap=20, **options).by_regime[lambda t: ~t["evidence"]],
    ):
        assert len(found)
        ends = [name for name in found if name.endswith(("_low", "_high"))]
        assert found[ends].isna().all(axis=None)
        assert not found["weak"].any()
