"""Paired differences: exact where nothing varies, and intervals that hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError
from signalprep.metrics import paired_metrics, regime_metrics


def two_models(n_cycles: int, n: int, n_cells: int, seed: int, noise_b: float = 1.0):
    """Errors of two models that share what is hard about a cycle; cells are data sets."""
    rng = np.random.default_rng(seed)
    shape = (n_cells, n_cycles, n)
    shared = 2.0 * rng.normal(size=(n_cells, n_cycles, 1))
    a = shared + rng.normal(size=shape)
    b = shared + noise_b * rng.normal(size=shape)
    cell, cycle, _ = np.indices(shape)
    return a.ravel(), b.ravel(), cell.ravel(), cycle.ravel()


def test_values_are_those_of_regime_metrics():
    a, b, cell, cycle = two_models(6, 40, 3, seed=0, noise_b=2.0)
    truth = np.random.default_rng(1).normal(size=len(a))
    table = paired_metrics(truth, truth + a, truth + b, cell, cycle, n_bootstrap=20)
    for side, error in (("a", a), ("b", b)):
        alone = regime_metrics(truth, truth + error, cell, cycle, n_bootstrap=0)
        for metric in ("bias", "mae", "rmse", "p95", "max", "r2"):
            np.testing.assert_array_equal(table[f"{metric}_{side}"], alone[metric])
    np.testing.assert_allclose(table["rmse"], table["rmse_a"] - table["rmse_b"])
    np.testing.assert_allclose(table["bias"], table["bias_a"].abs() - table["bias_b"].abs())
    assert "max_low" not in table


def test_the_same_predictions_do_not_differ():
    a, _, cell, cycle = two_models(6, 40, 3, seed=0)
    table = paired_metrics(np.arange(len(a)), np.arange(len(a)) + a, np.arange(len(a)) + a, cell,
                           cycle, n_bootstrap=50)  # fmt: skip
    for metric in ("bias", "mae", "rmse", "p95", "r2"):
        assert (table[[metric, f"{metric}_low", f"{metric}_high"]] == 0).all(axis=None)


def test_swapping_the_models_turns_the_sign():
    a, b, cell, cycle = two_models(8, 30, 2, seed=5, noise_b=1.5)
    truth = np.zeros(len(a))
    one = paired_metrics(truth, a, b, cell, cycle, n_bootstrap=200)
    other = paired_metrics(truth, b, a, cell, cycle, n_bootstrap=200)
    np.testing.assert_allclose(one["rmse"], -other["rmse"])
    np.testing.assert_allclose(one["rmse_low"], -other["rmse_high"], rtol=1e-9)


def test_pairing_is_narrower_than_two_intervals():
    a, b, cell, cycle = two_models(24, 50, 1, seed=2, noise_b=1.3)
    truth = np.zeros(len(a))
    paired = paired_metrics(truth, a, b, cell, cycle)
    alone = regime_metrics(truth, a, cell, cycle)
    width = (paired["rmse_high"] - paired["rmse_low"]).iloc[0]
    assert width < 0.5 * (alone["rmse_high"] - alone["rmse_low"]).iloc[0]
    assert paired["rmse_high"].iloc[0] < 0, "a is better, and it shows"


@pytest.mark.parametrize("noise_b", [1.0, 1.6])
def test_intervals_hold_the_true_difference(noise_b):
    a, b, cell, cycle = two_models(24, 20, 300, seed=7, noise_b=noise_b)
    table = paired_metrics(np.zeros(len(a)), a, b, cell, cycle, n_bootstrap=300)
    truth = np.sqrt(4 + 1) - np.sqrt(4 + noise_b**2)
    held = ((table["rmse_low"] <= truth) & (truth <= table["rmse_high"])).mean()
    assert 0.90 <= held <= 0.99


def test_few_cycles_have_no_interval():
    table = paired_metrics(np.zeros(4), [1, 1, 2, 2], [2, 2, 1, 1], cycles=[1, 1, 2, 2])
    assert not table["evidence"].iloc[0]
    assert table[["rmse_low", "rmse_high"]].isna().all(axis=None)
    assert table["rmse"].iloc[0] == 0


def test_rows_in_two_orders_are_refused():
    index = pd.MultiIndex.from_product([[1, 2, 3], [0.0, 0.1]], names=["cycle", "time"])
    a = pd.Series(np.ones(6), index=index)
    with pytest.raises(InvalidLogError):
        paired_metrics(np.arange(6.0), a, a.iloc[::-1].set_axis(index[::-1]).iloc[:4])
