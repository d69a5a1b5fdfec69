"""Truth, prediction, regimes and cycles: aligned by index, or an error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import cycle_metrics, overall_metrics, regime_metrics


@pytest.fixture
def log(make_log):
    return make_log((20, 30, 25))


def test_cycles_come_from_the_index(log):
    ids = log.index.get_level_values("cycle").to_numpy()
    expected = overall_metrics(log["c0"].to_numpy(), log["c1"].to_numpy(), ids)
    assert overall_metrics(log["c0"], log["c1"]).equals(expected)
    assert overall_metrics(log["c0"], log["c1"].to_numpy()).equals(expected)
    assert overall_metrics(log["c0"].to_numpy(), log["c1"]).equals(expected)
    assert overall_metrics(log["c0"], log["c1"], cycles=ids).equals(expected)
    assert overall_metrics(log["c0"], log["c1"], cycles=pd.Index(ids)).equals(expected)


def test_cycles_come_from_the_index_of_the_regimes_too(log):
    labels = pd.Series("all", index=log.index, name="mode")
    table = regime_metrics(log["c0"].to_numpy(), log["c1"].to_numpy(), labels)
    assert table.loc["all", "n_cycles"] == 3


def test_shuffled_labels_are_brought_into_order(log):
    labels = pd.Series(np.arange(75) % 3, index=log.index, name="gear")
    shuffled = log.sample(frac=1.0, random_state=0)
    expected = regime_metrics(log["c0"], log["c1"], labels)
    result = regime_metrics(log["c0"], shuffled["c1"], labels.sample(frac=1.0, random_state=1))
    pd.testing.assert_frame_equal(result, expected)


def test_other_rows_raise(log):
    with pytest.raises(
        InvalidLogError, match=r"y_pred must have the index .* \(75 rows\).* got 74"
    ):
        overall_metrics(log["c0"], log["c1"].iloc[:-1])
    moved = log["c1"].rename({0: 9}, level="cycle")
    with pytest.raises(InvalidLogError, match=r"y_pred .* it has no row \(.*0.*, .*0\.0.*\)"):
        overall_metrics(log["c0"], moved)
    labels = pd.Series(0, index=moved.index)
    with pytest.raises(InvalidLogError, match="regimes must have the index of the other inputs"):
        regime_metrics(log["c0"], log["c1"], labels)


def test_repeated_labels_cannot_be_aligned():
    y = pd.Series([1.0, 2.0, 3.0], index=[0, 0, 1])
    p = pd.Series([1.0, 2.0, 3.0], index=[0, 1, 0])
    with pytest.raises(InvalidLogError, match="labels repeat"):
        overall_metrics(y, p, cycles=[0, 1, 2])
    assert overall_metrics(y, p.set_axis(y.index), cycles=[0, 1, 2])["mae"] == 0.0


def test_arrays_go_by_position_and_must_fit(log):
    with pytest.raises(InvalidLogError, match=r"y_pred must have one entry a row \(75.*got 74"):
        overall_metrics(log["c0"], log["c1"].to_numpy()[:-1])
    with pytest.raises(InvalidLogError, match=r"cycles must have one entry a row \(3.*got 2"):
        overall_metrics([1, 2, 3], [1, 2, 3], cycles=[0, 1])
    with pytest.raises(InvalidParameterError, match="y_pred must have one entry a row; got array"):
        overall_metrics([1, 2, 3], 5.0, cycles=[0, 1, 2])
    with pytest.raises(InvalidParameterError, match="y_true must have one entry a row; got array"):
        overall_metrics(5.0, 5.0, cycles=[0])


def test_cycles_must_be_known():
    with pytest.raises(InvalidLogError, match="cycles must be given"):
        overall_metrics([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(InvalidLogError, match="cycles must be given"):
        cycle_metrics(pd.Series([1.0, 2.0]), [1.0, 2.0])
    with pytest.raises(InvalidLogError, match="cycle id of every row must be known; row 1 has"):
        overall_metrics([1.0, 2.0], [1.0, 2.0], cycles=["a", None])
    with pytest.raises(InvalidLogError, match="cycle id of every row must be known; row 0 has"):
        overall_metrics([1.0, 2.0], [1.0, 2.0], cycles=[np.nan, 1.0])
    with pytest.raises(InvalidParameterError, match="cycles must be one column of ids; got 2-D"):
        overall_metrics([1.0, 2.0], [1.0, 2.0], cycles=[[1], [2]])


def test_cycle_ids_of_mixed_type_raise():
    ids = pd.Series([1, "1"], dtype=object)
    with pytest.raises(InvalidLogError, match="cycle ids must be of one type; found int, str"):
        overall_metrics([1.0, 2.0], [1.0, 2.0], cycles=ids)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("which", ["y_true", "y_pred"])
def test_values_that_are_not_finite_raise_with_cycle_and_row(log, value, which):
    y = {"y_true": log["c0"].copy(), "y_pred": log["c1"].copy()}
    y[which].iloc[33] = value
    message = f"{which} must be finite; got .* in cycle 1, row 33"
    with pytest.raises(InvalidLogError, match=message):
        overall_metrics(**y)
    with pytest.raises(InvalidLogError, match=message):
        regime_metrics(**y, regimes=np.arange(len(log)) % 3)


def test_a_missing_nullable_value_raises():
    y = pd.Series([1.0, None], dtype="Float64")
    with pytest.raises(InvalidLogError, match="y_true must be finite; got nan in cycle 'b', row 1"):
        overall_metrics(y, [1.0, 2.0], cycles=["a", "b"])


def test_targets_must_be_one_column_of_numbers(log):
    with pytest.raises(InvalidParameterError, match=r"y_true must be one column .* \(75, 2\)"):
        overall_metrics(log, log["c1"])
    with pytest.raises(InvalidLogError, match="y_pred must hold real numbers"):
        overall_metrics([1.0, 2.0], ["1", "2"], cycles=[0, 1])
    with pytest.raises(InvalidLogError, match="y_pred must hold real numbers; got complex128"):
        overall_metrics([1.0, 2.0], [1j, 2j], cycles=[0, 1])


def test_no_rows_raise():
    with pytest.raises(InvalidLogError, match="at least one row; got none"):
        overall_metrics([], [], cycles=[])
