"""What goes into the tables of a validation: units, counts, rows beyond, rows left out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from signalprep.metrics import TaskName
from signalprep.trial import Vote
from signalprep.validation._cleaning import _by_cell, _compared, _in_cells, _none, _sizes
from signalprep.validation._tables import (
    believed,
    counts_of,
    folds_table,
    rows_beyond,
    units_of,
)


@pytest.fixture
def log(make_log):
    return make_log(lengths=(2, 3, 4))


def results(*tests):
    return [
        SimpleNamespace(test=np.array(test), fit_seconds=1.0 + k, predict_seconds=0.5 * k)
        for k, test in enumerate(tests)
    ]


def test_units_are_cycles_or_groups(log):
    assert units_of(log, None).tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    groups = pd.Series(["b", "a", "b"], index=[0, 1, 2])
    assert units_of(log, groups).tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0]


def test_rows_count_one_or_their_part_of_the_tested_cycle(log):
    tested = results([0, 1, 2], [5, 6, 7, 8])
    np.testing.assert_array_equal(counts_of(log, tested, "row"), np.ones(9))
    by_cycle = counts_of(log, tested, "cycle")
    np.testing.assert_allclose(by_cycle[[0, 1, 2, 5, 8]], [0.5, 0.5, 1.0, 0.25, 0.25])


def test_what_is_believed(log):
    y = log["c0"]
    assert believed(log, y, None) == (log, y)
    omitted = np.arange(9) % 2 == 0
    X, target = believed(log, y, omitted)
    assert len(X) == len(target) == 4
    assert target.tolist() == y[~omitted].tolist()


def test_rows_beyond_training(log):
    x = pd.DataFrame({"x": [0.0, 1, 0, 5, 6, 1, 1, 1, -1]}, index=log.index)
    folds = [(np.r_[0:2, 5:9], np.r_[2:5]), (np.r_[0:5], np.r_[5:9])]
    assert np.flatnonzero(rows_beyond(x, folds, None)).tolist() == [3, 4, 8]
    vote = object.__new__(Vote)
    assert np.flatnonzero(rows_beyond(x, folds, vote)).tolist() == [2, 3, 4]


def test_the_table_of_folds(log):
    folds = [(np.r_[0:2, 5:9], np.r_[2:5]), (np.r_[0:5], np.r_[5:9])]
    table = folds_table(log, folds, results([2], [5]))
    assert table.index.name == "fold"
    assert table.to_dict("list") == {
        "n_train_cycles": [2, 2],
        "n_test_cycles": [1, 1],
        "n_train_rows": [6, 5],
        "n_test_rows": [3, 4],
        "fit_seconds": [1.0, 2.0],
        "predict_seconds": [0.0, 0.5],
    }


LABELS = pd.DataFrame(
    {
        "speed": pd.Categorical(["slow", "slow", "fast", "fast"], categories=["slow", "fast", "x"]),
        "load": pd.Categorical(["low", "high", "low", "low"], categories=["low", "high"]),
    }
)


def test_rows_of_cells():
    sizes = _sizes(LABELS)
    assert sizes.to_dict() == {("slow", "low"): 1, ("slow", "high"): 1, ("fast", "low"): 2}
    cells = pd.MultiIndex.from_tuples([("fast", "high"), ("fast", "low")])
    assert _in_cells(LABELS, cells).tolist() == [0, 2]


def test_touched_rows_by_cell():
    found = {("limits", "a"): np.array([0, 2, 3]), ("limits", "b"): np.array([], dtype=int)}
    table = _by_cell(found, LABELS, _sizes(LABELS))
    assert table.index.names == ["speed", "load", "step", "channel"]
    assert table.reset_index().astype({"speed": str, "load": str}).to_numpy().tolist() == [
        ["slow", "low", "limits", "a", 1, 1.0],
        ["fast", "low", "limits", "a", 2, 1.0],
    ]
    none = _by_cell({("limits", "b"): np.array([], dtype=int)}, LABELS, _sizes(LABELS))
    assert none.index.names == ["speed", "load", "step", "channel"]
    assert list(none.columns) == ["n", "share"]
    assert len(none) == 0
    assert none["n"].dtype == np.int64
    assert _none().names == ["step", "channel"]
    assert len(_none()) == 0


def test_errors_without_and_with_what_was_left_out():
    kept = pd.DataFrame({"rmse": [1.0, 2.0]}, index=["a", "b"])
    every = pd.DataFrame({"rmse": [4.0, 3.0, 9.0]}, index=["b", "a", "c"])
    table = _compared([kept, every], [np.array([1, 0]), np.array([4, 0])], TaskName.REGRESSION)
    assert list(table.columns) == ["n", "share", "rmse", "rmse_all"]
    assert table["n"].tolist() == [1, 0]
    np.testing.assert_array_equal(table["share"], [0.25, np.nan])
    assert table["rmse"].tolist() == [1.0, 2.0]
    assert table["rmse_all"].tolist() == [3.0, 4.0]
