from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from example_validation import binned
from signalprep.errors import InvalidParameterError
from signalprep.layout import arrange
from signalprep.metrics import regime_metrics


def table_of(labels: dict[str, pd.Categorical]) -> pd.DataFrame:
    n = len(next(iter(labels.values())))
    frame = pd.DataFrame(labels)
    return regime_metrics(np.zeros(n), np.arange(n), frame, np.arange(n), n_bootstrap=0)


def test_every_cell_of_the_table_is_on_the_map_once() -> None:
    rng = np.random.default_rng(0)
    labels = {name: binned(rng.uniform(-5, 25, 300), [0, 10, 20]) for name in "abc"}
    table = table_of(labels)
    layout = arrange(table, "a", "b", ["c"])
    shown = np.concatenate([panel.position.ravel() for panel in layout.panels])
    assert sorted(shown[shown >= 0]) == list(range(len(table)))
    for panel in layout.panels:
        for (row, column), at in np.ndenumerate(panel.position):
            if at >= 0:
                address = (
                    layout.columns.labels[column],
                    layout.rows.labels[row],
                    panel.where[0][1],
                )
                assert table.index[at] == address


def test_outside_labels_frame_the_map_only_where_rows_fall() -> None:
    table = table_of({"a": binned(np.array([-1.0, 5.0, 15.0, np.nan]), [0, 10, 20])})
    axis = arrange(table, "a").columns
    assert axis.labels == ("below", "[0, 10)", "[10, 20]", "missing")
    assert axis.outside == (True, False, False, True)
    assert axis.edges == ("0", "10", "20")


def test_labels_that_are_no_intervals_have_no_edges() -> None:
    table = table_of({"mode": pd.Categorical(["city", "hill"])})
    assert arrange(table, "mode").columns.edges == ()
    gap = pd.Categorical.from_codes([0, 1], categories=["[0, 1)", "[2, 3]"], ordered=True)
    assert arrange(table_of({"a": gap}), "a").columns.edges == ()


def test_strip_upwards() -> None:
    layout = arrange(table_of({"a": binned(np.array([5.0, 15.0]), [0, 10, 20])}), rows="a")
    assert layout.columns is None
    assert layout.panels[0].position.tolist() == [[0], [1]]


def test_panels_of_several_variables_are_those_with_rows() -> None:
    values = np.array([5.0, 15.0, 5.0])
    labels = {name: binned(values, [0, 10, 20]) for name in "abcd"}
    layout = arrange(table_of(labels), "a", "b", ["c", "d"])
    assert [panel.where for panel in layout.panels] == [
        (("c", "[0, 10)"), ("d", "[0, 10)")),
        (("c", "[10, 20]"), ("d", "[10, 20]")),
    ]


def test_names_must_be_those_of_the_table() -> None:
    table = table_of({"a": binned(np.array([5.0]), [0, 10])})
    with pytest.raises(InvalidParameterError, match="name each regime variable once"):
        arrange(table, "b")
    with pytest.raises(InvalidParameterError, match="got 'a', 'a'"):
        arrange(table, "a", "a")
