"""The catalogue of metrics, and that a metric is one entry of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidParameterError
from signalprep.metrics import (
    METRICS,
    Metric,
    TaskName,
    classification_metrics,
    cycle_metrics,
    main_metric,
    metric_of,
    metrics_compared,
    metrics_of,
    overall_metrics,
    paired_classification_metrics,
    paired_metrics,
    regime_metrics,
)

SPREAD = Metric(
    "std",
    "standard deviation of the error",
    TaskName.REGRESSION,
    lambda cell: np.sqrt(cell.squared_error / cell.n - (cell.error / cell.n) ** 2),
    "root of the mean squared error about the bias",
    short="std",
)
HIT = Metric(
    "worst_recall",
    "recall of the worst class",
    TaskName.CLASSIFICATION,
    lambda cell: np.nanmin(
        np.where(cell.true > 0, cell.right / cell.true, np.nan), axis=-1, initial=1.0
    ),
    "least recall of a class that occurs",
    unit="none",
    better="more",
)


@pytest.fixture
def errors():
    rng = np.random.default_rng(0)
    cycles = np.repeat(np.arange(8), 50)
    truth = rng.normal(size=400)
    return truth, truth + rng.normal(0.3, 1.0, 400), np.tile(list("ab"), 200), cycles


def test_each_task_has_one_main_metric():
    for task in (TaskName.REGRESSION, TaskName.CLASSIFICATION):
        found = metrics_of(task)
        assert [metric for metric in found if metric.main] == [main_metric(task)]
        assert metrics_of(task, main_first=True)[0] is main_metric(task)
        assert {metric.task for metric in found} == {task}
    assert metrics_of(TaskName.SEVERAL_TARGETS) == metrics_of(TaskName.REGRESSION)
    assert all(name == metric.name for name, metric in METRICS.items())


def test_what_has_no_interval_is_limited_only_where_one_row_settles_it():
    assert [m.name for m in METRICS.values() if not m.interval] == ["max", "share"]
    assert [m.name for m in METRICS.values() if not m.limited] == ["share"]
    assert metrics_compared(TaskName.REGRESSION)[-1].name == "max"


def test_the_direction_says_what_keeps_a_limit():
    assert METRICS["rmse"].acceptable(5.0) == (-np.inf, 5.0)
    assert METRICS["bias"].acceptable(5.0) == (-5.0, 5.0)
    assert METRICS["accuracy"].acceptable(0.9) == (0.9, np.inf)
    assert METRICS["log_loss"].acceptable(0.9) == (-np.inf, 0.9)


def test_labels_carry_the_unit():
    assert METRICS["rmse"].label("A") == "RMSE [A]"
    assert METRICS["rmse"].label("") == "RMSE"
    assert METRICS["r2"].label("A") == "R²"
    assert METRICS["share"].label("A") == "share of squared error [%]"


def test_a_metric_that_is_none_is_refused_by_name():
    with pytest.raises(InvalidParameterError, match="must be one of bias, mae, rmse.*got 'rms'"):
        metric_of("rms")


@pytest.mark.parametrize("interval", ["studentized", "percentile"])
def test_an_entry_is_all_that_a_metric_of_errors_takes(monkeypatch, errors, interval):
    truth, prediction, regimes, cycles = errors
    before = regime_metrics(truth, prediction, regimes, cycles, n_bootstrap=100, interval=interval)
    monkeypatch.setitem(METRICS, "std", SPREAD)
    table = regime_metrics(truth, prediction, regimes, cycles, n_bootstrap=100, interval=interval)
    pd.testing.assert_frame_equal(table[before.columns], before)
    for cell, row in table.iterrows():
        assert row["std"] == pytest.approx(np.std((prediction - truth)[regimes == cell]))
        assert row["std_low"] < row["std"] < row["std_high"]
    assert "std" in cycle_metrics(truth, prediction, cycles)
    assert overall_metrics(truth, prediction, cycles, n_bootstrap=20)["std_low"] > 0.5
    paired = paired_metrics(truth, prediction, truth, cycles=cycles, n_bootstrap=20)
    assert paired.loc["overall", "std"] == pytest.approx(np.std(prediction - truth))
    assert paired.loc["overall", "std_low"] > 0.5


def test_an_entry_is_all_that_a_score_takes(monkeypatch, errors):
    truth, prediction, regimes, cycles = errors
    labels = [np.where(values > 0, "up", "down") for values in (truth, prediction)]
    before = classification_metrics(*labels, regimes, cycles, n_bootstrap=50)
    monkeypatch.setitem(METRICS, "worst_recall", HIT)
    table = classification_metrics(*labels, regimes, cycles, n_bootstrap=50)
    pd.testing.assert_frame_equal(table[before.columns], before)
    assert (table["worst_recall"] < table["balanced_accuracy"]).all()
    assert (table["worst_recall_low"] <= table["worst_recall"]).all()
    paired = paired_classification_metrics(*labels, labels[0], cycles=cycles, n_bootstrap=20)
    assert paired.loc["overall", "worst_recall"] < 0
    without = dataclasses.replace(HIT, interval=False)
    monkeypatch.setitem(METRICS, "worst_recall", without)
    assert "worst_recall_low" not in classification_metrics(*labels, regimes, cycles)
