"""RegimeBinner at its borders: before fit, at the largest map, at the seams of its chunks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from signalprep.errors import InvalidParameterError
from signalprep.regimes import RegimeBinner
from signalprep.regimes._coverage import _shape
from signalprep.regimes._labels import category_labels
from signalprep.regimes._regime_binner import CHUNK


def test_nothing_works_before_fit():
    binner, X = RegimeBinner(), np.array([[1.0], [2.0]])
    asked = [
        lambda: binner.transform(X),
        lambda: binner.coverage(X),
        lambda: binner.cells_,
        binner.get_feature_names_out,
    ]
    for ask in asked:
        with pytest.raises(NotFittedError):
            ask()


def test_tags():
    for bins, needs in [(None, False), ({"a": 3, "b": "t2"}, True), ({"a": "q2", "b": 3}, False)]:
        tags = get_tags(RegimeBinner(bins))
        assert tags.target_tags.required is needs
        assert tags.input_tags.allow_nan
        assert tags.transformer_tags.preserves_dtype == []


def test_a_map_may_hold_a_million_cells():
    labels = {"a": ["x"] * 1000, "b": ["x"] * 1000}
    assert _shape(labels) == (1000, 1000)
    with pytest.raises(InvalidParameterError, match="at most 1000000 joint cells; got 1000 x 1001"):
        _shape({"a": ["x"] * 1000, "b": ["x"] * 1001})


def test_rows_are_placed_alike_in_every_chunk():
    values = np.tile([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, np.nan], CHUNK // 8 * 2 + 3)
    binner = RegimeBinner({0: [0, 1, 2]}).fit(values[:, None])
    codes = binner.transform(values[:, None])
    assert codes.dtype == np.int64
    np.testing.assert_array_equal(
        codes[:, 0].reshape(-1, 8), [[0, 1, 1, 2, 2, 2, 3, 4]] * (len(values) // 8)
    )


def test_many_intervals_have_codes_of_their_own():
    edges = np.arange(131.0)
    values = np.array([-1.0, *np.arange(130.0) + 0.5, 131.0, np.nan])
    codes = RegimeBinner({0: edges.tolist()}).fit(values[:, None]).transform(values[:, None])
    assert codes[:, 0].tolist() == list(range(133))


@pytest.mark.parametrize(
    ("bins", "message"),
    [
        ({}, r"bins must be a dict of \{column: spec\} or None; got \{\}"),
        ({"x0": 2, 0: 3}, "bins names the column 'x0' twice; got 0"),
        ({"T": 3}, r"must name columns of X \(0, 1\); got 'T'. X is an array"),
    ],
)
def test_bins_of_arrays(bins, message):
    with pytest.raises(InvalidParameterError, match=message):
        RegimeBinner(bins).fit(np.ones((3, 2)))


def test_names_that_go_in_must_be_those_of_fit():
    binner = RegimeBinner({"b": 2}).fit(pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}))
    assert binner.get_feature_names_out(["a", "b"]).tolist() == ["b"]
    with pytest.raises(InvalidParameterError, match=r"number of features \(2\), got 1"):
        binner.get_feature_names_out(["a"])
    with pytest.raises(InvalidParameterError, match="is not equal to feature_names_in_"):
        binner.get_feature_names_out(["a", "c"])
    by_place = RegimeBinner({1: 2}).fit(np.array([[1.0, 3], [2, 4]]))
    assert by_place.get_feature_names_out().tolist() == ["x1"]
    assert by_place.get_feature_names_out(["p", "q"]).tolist() == ["q"]


def test_seeds_are_handed_on():
    values = np.random.default_rng(0).normal(size=(400, 1))
    edges = [
        RegimeBinner({0: "k9"}, random_state=seed).fit(values).edges_["x0"] for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(edges[0], edges[1])
    assert not np.array_equal(edges[0], edges[2])


def test_an_edge_before_the_largest_value_lies_midway_to_the_next():
    binner = RegimeBinner({0: "q2"}).fit(np.array([[0.0], [1.0], [2.0], [2.0], [2.0]]))
    assert binner.edges_["x0"].tolist() == [0.0, 1.5, 2.0]


@pytest.mark.parametrize("n_edges", [126, 127, 128])
def test_intervals_as_many_as_a_byte_can_number(n_edges):
    values = np.r_[np.arange(n_edges) + 0.5, -1.0, np.nan][:, np.newaxis]
    binner = RegimeBinner({0: np.arange(float(n_edges))}).fit(values)
    places = binner.transform(values)[:, 0]
    assert places[:-3].tolist() == list(range(1, n_edges))
    assert places[-3:].tolist() == [n_edges, 0, n_edges + 1]


def test_edges_are_written_out_between_a_ten_thousandth_and_ten_millions():
    edges = np.array([-1e7, -9_999_999.0, 9.9e-5, 1e-4, 9_999_999.0, 1e7])
    assert category_labels(edges, exact=True)[1:-2] == [
        "[-1e+07, -9999999)",
        "[-9999999, 9.9e-05)",
        "[9.9e-05, 0.0001)",
        "[0.0001, 9999999)",
        "[9999999, 1e+07]",
    ]
