"""Coverage of the operating map: rows, cycles and seconds of every cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError
from signalprep.regimes import RegimeBinner


@pytest.fixture
def log():
    index = pd.MultiIndex.from_arrays(
        [["a"] * 4 + ["b"] * 3, [0.0, 0.5, 1.0, 1.5, 0.0, 0.5, 1.0]], names=["cycle", "time"]
    )
    return pd.DataFrame(
        {"speed": [0, 1, 1, 9, 0, -1, np.nan], "torque": [0, 0, 5, 5, 5, 0, 0.0]}, index=index
    )


def test_every_cell_of_the_map_is_listed_and_outside_cells_where_rows_fall(log):
    table = RegimeBinner({"speed": [0, 1, 2], "torque": [0, 3, 6]}).fit(log).coverage(log)
    expected = {
        ("below", "[0, 3)"): (1, 1, 0.5),
        ("[0, 1)", "[0, 3)"): (1, 1, 0.5),
        ("[0, 1)", "[3, 6]"): (1, 1, 0.5),
        ("[1, 2]", "[0, 3)"): (1, 1, 0.5),
        ("[1, 2]", "[3, 6]"): (1, 1, 0.5),
        ("above", "[3, 6]"): (1, 1, 0.5),
        ("missing", "[0, 3)"): (1, 1, 0.5),
    }
    assert {key: tuple(row) for key, row in table.T.items()} == expected
    assert list(table.index) == list(expected)
    assert table.index.names == ["speed", "torque"]


def test_counts_equal_a_groupby(make_log):
    log = make_log((300, 200, 400))
    binner = RegimeBinner({"c0": 4, "c1": "q3"}).fit(log.iloc[:150])
    table = binner.coverage(log)
    labels = binner.transform(log)
    rows = labels.assign(cycle=log.index.get_level_values("cycle"))
    grouped = rows.groupby(["c0", "c1"], observed=True)["cycle"].agg(["size", "nunique"])
    seen = table[table["n"] > 0]
    np.testing.assert_array_equal(seen["n"], grouped["size"])
    np.testing.assert_array_equal(seen["n_cycles"], grouped["nunique"])
    np.testing.assert_allclose(table["seconds"], table["n"] * 0.1)
    assert table["n"].sum() == len(log)


def test_an_empty_cell_counts_zero(log):
    table = RegimeBinner({"torque": [0, 3, 6, 100]}).fit(log).coverage(log)
    assert table.loc["[6, 100]"].tolist() == [0, 0, 0]
    assert table.loc["[0, 3)", "n_cycles"] == 2


def test_an_array_is_one_recording_at_unit_rate():
    X = np.array([[0.0], [1.0], [1.0]])
    assert RegimeBinner({0: 2}).fit(X).coverage(X).to_numpy().tolist() == [[1, 1, 1], [2, 1, 2]]


def test_a_frame_must_be_a_log(log):
    frame = log.reset_index(drop=True)
    with pytest.raises(InvalidLogError, match="a log is indexed by"):
        RegimeBinner({"torque": 2}).fit(frame).coverage(frame)
