"""Sums of large and unusual inputs: shared out over threads, cycles in pieces, odd samples."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError
from signalprep.metrics import overall_metrics, regime_metrics


def drives(n_rows, n_cycles, n_regimes, seed=0):
    rng = np.random.default_rng(seed)
    cycle = np.sort(rng.integers(n_cycles, size=n_rows))
    truth = rng.normal(60.0, 10.0, n_rows)
    return truth, truth + rng.normal(size=n_rows), rng.integers(n_regimes, size=n_rows), cycle


def test_many_rows_give_the_numbers_of_numpy_whatever_the_threads():
    truth, prediction, regime, cycle = drives(600_000, 40, 7)
    table = regime_metrics(truth, prediction, regime, cycle, n_bootstrap=20)
    again = regime_metrics(truth, prediction, regime, cycle, n_bootstrap=20, n_jobs=2)
    pd.testing.assert_frame_equal(table, again, check_exact=True)
    for k in range(7):
        y, e = truth[regime == k], (prediction - truth)[regime == k]
        row = table.loc[k]
        assert row["n"] == len(e)
        assert row["p95"] == np.percentile(np.abs(e), 95)
        assert row["max"] == np.abs(e).max()
        assert row["rmse"] == pytest.approx(np.sqrt(np.mean(e**2)), rel=1e-12)
        assert row["r2"] == pytest.approx(1.0 - np.sum(e**2) / (len(y) * np.var(y)), rel=1e-12)


def test_rows_of_a_cycle_may_lie_apart():
    truth, prediction, regime, cycle = drives(5_000, 12, 4)
    order = np.random.default_rng(1).permutation(5_000)
    order = np.concatenate([order[order % 2 == 0], order[order % 2 == 1]])
    apart = [values[order] for values in (truth, prediction, regime, cycle)]
    names = pd.Index([f"drive {k:02d}" for k in range(12)])
    expected = regime_metrics(*apart[:3], apart[3], n_bootstrap=50)
    by_name = regime_metrics(*apart[:3], names.take(apart[3]), n_bootstrap=50)
    pd.testing.assert_frame_equal(by_name, expected)
    together = regime_metrics(truth, prediction, regime, cycle, n_bootstrap=0)
    points = ["n", "n_cycles", "p95", "max"]
    pd.testing.assert_frame_equal(together[points], expected[points])
    np.testing.assert_allclose(together["r2"], expected["r2"], rtol=1e-12)


def test_a_misleading_sample_costs_time_only():
    error = np.random.default_rng(0).uniform(size=100_000)
    error[::40] = 100.0  # the rows that are looked at first
    result = overall_metrics(np.zeros(100_000), error, np.arange(100_000) // 1000, n_bootstrap=0)
    assert result["p95"] == np.percentile(error, 95)
    assert result["max"] == 100.0


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, float, str])
def test_labels_of_any_type_make_the_same_cells(dtype):
    truth, prediction, regime, cycle = drives(500, 5, 4)
    expected = regime_metrics(truth, prediction, regime, cycle, n_bootstrap=0)
    table = regime_metrics(truth, prediction, regime.astype(dtype), cycle, n_bootstrap=0)
    pd.testing.assert_frame_equal(table.set_axis(expected.index), expected)
    assert [str(label)[:1] for label in table.index] == list("0123")


def test_integer_labels_may_lie_far_apart_or_below_zero():
    truth, prediction, regime, cycle = drives(500, 5, 3)
    for labels in (
        np.array([-5, 0, 7]),
        np.array([-(2**62), 0, 2**62]),
        np.array([0, 3, 2**64 - 1], dtype=np.uint64),
        np.array([2**64 - 9, 2**64 - 7, 2**64 - 1], dtype=np.uint64),
        np.array([-128, 0, 100], dtype=np.int8),
    ):
        table = regime_metrics(truth, prediction, labels[regime], cycle, n_bootstrap=0)
        assert list(table.index) == list(labels)
        assert list(table["n"]) == np.bincount(regime).tolist()


def test_huge_values_are_finite():
    truth = np.full(4, 1e308)
    assert overall_metrics(truth, truth, [1, 1, 2, 2], n_bootstrap=0)["mae"] == 0.0
    truth[2] = np.inf
    with pytest.raises(InvalidLogError, match=r"y_true must be finite; got inf in cycle 2, row 2"):
        overall_metrics(truth, np.zeros(4), [1, 1, 2, 2])


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (1e200, r"y_pred must stay within 1e\+140 of the truth, .* got 1e\+200 in cycle 2, row 2"),
        (1e-200, "errors must reach 1e-140, so that squares are not zero; the largest is 1e-200"),
    ],
)
@pytest.mark.parametrize("weight", ["row", "cycle"])
def test_errors_that_cannot_be_squared_are_refused(size, message, weight):
    prediction = np.array([0.0, 0.0, size, 0.0])
    for metrics in (overall_metrics, partial(regime_metrics, regimes=np.zeros(4))):
        with pytest.raises(InvalidLogError, match=message):
            metrics(np.zeros(4), prediction, cycles=[1, 1, 2, 2], weight=weight)


def test_a_truth_that_cannot_be_squared_is_refused():
    truth = np.array([0.0, 0.0, 1e200, 0.0])
    with pytest.raises(InvalidLogError, match="y_true must stay within"):
        regime_metrics(truth, truth, np.zeros(4), [1, 1, 2, 2])
