"""RegimeBinner: every spec, and the outside categories."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.regimes import RegimeBinner


def column(values, **options):
    return pd.DataFrame({"speed": np.asarray(values, dtype=float)}, **options)


def labels(spec, fitted, values, **options):
    binner = RegimeBinner({"speed": spec}, random_state=0).fit(column(fitted), **options)
    return binner.transform(column(values))["speed"].tolist()


def test_given_edges_are_half_open_and_the_last_interval_is_closed():
    values = [-1.0, 0.0, 1499.9, 1500.0, 3000.0, 3000.1, np.nan]
    assert labels([0, 1500, 3000], [7.0], values) == [
        "below",
        "[0, 1500)",
        "[0, 1500)",
        "[1500, 3000]",
        "[1500, 3000]",
        "above",
        "missing",
    ]


def test_uniform_intervals_have_equal_width():
    binner = RegimeBinner({"speed": 4}).fit(column([0.0, 0.1, 0.2, 8.0]))
    np.testing.assert_array_equal(binner.edges_["speed"], [0, 2, 4, 6, 8])


def test_quantile_intervals_hold_equal_shares():
    values = np.random.default_rng(0).exponential(size=9000)
    binner = RegimeBinner({"speed": "q3"}).fit(column(values))
    counts = binner.transform(column(values))["speed"].value_counts()
    assert counts[counts > 0].tolist() == [3000, 3000, 3000]


def test_repeated_quantiles_merge():
    binner = RegimeBinner({"speed": "q4"}).fit(column([0.0] * 90 + list(range(1, 11))))
    np.testing.assert_array_equal(binner.edges_["speed"], [0, 1, 10])


@pytest.mark.parametrize("spec", [3, "q3", "k3", "t3"])
def test_a_constant_column_gives_one_closed_interval(spec):
    X = column([5.0] * 6)
    binner = RegimeBinner({"speed": spec}).fit(X, y=np.arange(6.0))
    assert binner.edges_["speed"].tolist() == [5.0, 5.0]
    codes = binner.transform(column([4.9, 5.0, 5.1, np.nan]))["speed"]
    assert codes.tolist() == ["below", "[5, 5]", "above", "missing"]


def test_k_means_edges_lie_midway_between_the_centres():
    binner = RegimeBinner({"speed": "k3"}, random_state=0)
    binner.fit(column([0, 0, 2, 10, 12, 12, 100, 104]))
    centres = [2 / 3, 34 / 3, 102.0]
    middles = [(centres[0] + centres[1]) / 2, (centres[1] + centres[2]) / 2]
    np.testing.assert_allclose(binner.edges_["speed"], [0, *middles, 104])


def test_k_means_asks_for_no_more_centres_than_values():
    binner = RegimeBinner({"speed": "k5"}, random_state=0).fit(column([0, 0, 4, 4]))
    np.testing.assert_array_equal(binner.edges_["speed"], [0, 2, 4])


def test_a_tree_cuts_where_the_target_steps():
    speed = np.linspace(0, 10, 101)
    y = np.where(speed < 3, 0.0, np.where(speed < 7, 5.0, 6.0))
    binner = RegimeBinner({"speed": "t3"}, random_state=0).fit(column(speed), y)
    np.testing.assert_allclose(binner.edges_["speed"], [0, 2.95, 6.95, 10], atol=1e-6)


def test_a_tree_of_one_leaf_is_one_interval():
    binner = RegimeBinner({"speed": "t1"}).fit(column([0.0, 3.0, 9.0]), [1.0, 2.0, 3.0])
    assert binner.edges_["speed"].tolist() == [0.0, 9.0]


def test_missing_values_are_left_out_of_fit():
    known = column([0.0, 1.0, 2.0, 9.0, 11.0])
    gaps = column([np.nan, 0.0, 1.0, np.nan, 2.0, 9.0, 11.0])
    for spec in (3, "q3", "k2", "t2"):
        y, y_gaps = np.arange(5.0), np.array([99.0, 0, 1, -99, 2, 3, 4])
        binner = RegimeBinner({"speed": spec}, random_state=0)
        expected = clone(binner).fit(known, y).edges_["speed"]
        np.testing.assert_array_equal(binner.fit(gaps, y_gaps).edges_["speed"], expected)


def test_rows_beyond_training_are_never_in_the_end_bin():
    assert labels("q2", [0.0, 1.0, 2.0], [-0.001, 2.001]) == ["below", "above"]


def test_categories_are_ordered_and_complete():
    X = pd.DataFrame({"speed": [0.0, 6.0]}, index=["a", "b"])
    result = RegimeBinner({"speed": 2}).fit(X).transform(X)
    assert result.index.tolist() == ["a", "b"]
    dtype = result["speed"].dtype
    assert dtype.ordered
    assert list(dtype.categories) == ["below", "[0, 3)", "[3, 6]", "above", "missing"]


@pytest.mark.parametrize(
    ("spec", "values", "expected"),
    [
        (3, [0.0, 1.0], ["[0, 0.333)", "[0.333, 0.667)", "[0.667, 1]"]),
        (2, [0.0, 5999.7], ["[0, 3000)", "[3000, 6000]"]),
        ([0, 33.333, 66.667], [0.0], ["[0, 33.333)", "[33.333, 66.667]"]),
        (2, [1e6, 1e6 + 2], ["[1000000, 1000001)", "[1000001, 1000002]"]),
        ([0, 1e-9, 2.5e8], [0.0], ["[0, 1e-09)", "[1e-09, 2.5e+08]"]),
        ([-0.0, 1], [0.0], ["[0, 1]"]),
    ],
)
def test_labels_are_short_and_distinct(spec, values, expected):
    binner = RegimeBinner({"speed": spec}).fit(column(values))
    assert binner.categories_["speed"][1:-2] == expected


def test_labels_are_unique_for_very_close_edges():
    edges = [1.0, np.nextafter(1.0, 2), np.nextafter(np.nextafter(1.0, 2), 2)]
    names = RegimeBinner({"speed": edges}).fit(column([1.0])).categories_["speed"]
    assert len(set(names)) == len(names) == 5


def test_only_named_columns_are_binned_and_others_may_be_text():
    X = pd.DataFrame({"note": ["x", "y"], "speed": [0.0, 1.0]})
    binner = RegimeBinner({"speed": 1}).fit(X)
    assert list(binner.transform(X).columns) == ["speed"]
    assert binner.get_feature_names_out().tolist() == ["speed"]


def test_an_array_gives_positions_in_the_categories():
    X = np.array([[0.0, 5.0], [1.0, np.nan], [4.0, 7.0]])
    binner = RegimeBinner({1: [0, 6], "x0": 2}).fit(X)
    assert binner.get_feature_names_out().tolist() == ["x1", "x0"]
    assert binner.transform(X).tolist() == [[1, 1], [3, 1], [2, 2]]
    assert binner.categories_["x1"] == ["below", "[0, 6]", "above", "missing"]


def test_a_frame_without_names_is_addressed_like_an_array():
    X = pd.DataFrame(np.arange(6.0).reshape(3, 2))
    assert RegimeBinner({1: 2}).fit(X).transform(X)["x1"].tolist() == [
        "[1, 3)",
        "[3, 5]",
        "[3, 5]",
    ]


def test_set_output_keeps_index_and_categories():
    X = column([0.0, 1.0, 2.0], index=[3, 4, 5])
    binner = RegimeBinner({"speed": 2}).set_output(transform="pandas")
    pd.testing.assert_frame_equal(
        binner.fit_transform(X), RegimeBinner({"speed": 2}).fit_transform(X)
    )


def test_integers_and_nullable_numbers_are_promoted():
    X = pd.DataFrame({"a": np.array([1, 2, 3], dtype=np.int16), "b": pd.array([1, None, 3])})
    result = RegimeBinner({"a": 2, "b": 2}).fit(X).transform(X)
    assert result["a"].tolist() == ["[1, 2)", "[2, 3]", "[2, 3]"]
    assert result["b"].tolist() == ["[1, 2)", "missing", "[2, 3]"]


def test_input_is_untouched():
    X = column([0.0, np.nan, 5.0])
    before = X.copy()
    RegimeBinner({"speed": 2}).fit(X).transform(X)
    pd.testing.assert_frame_equal(X, before)


@pytest.mark.parametrize(
    "spec",
    [
        0,
        -1,
        True,
        2.5,
        "q0",
        "q",
        "z3",
        "q03",
        "q3 ",
        [1],
        [1, 1],
        [2, 1],
        [0, np.inf],
        None,
        [[1]],
    ],
)
def test_a_spec_that_cannot_work_raises(spec):
    with pytest.raises(InvalidParameterError, match=r"bins\['speed'\] must be an int >= 1, a list"):
        RegimeBinner({"speed": spec}).fit(column([1.0, 2.0]))


def test_bins_must_be_a_dict_of_known_columns():
    X = column([1.0, 2.0])
    with pytest.raises(InvalidParameterError, match=r"bins must be a dict .* got 5"):
        RegimeBinner(5).fit(X)
    with pytest.raises(InvalidParameterError, match=r"bins must be a dict .* got \{\}"):
        RegimeBinner({}).fit(X)
    with pytest.raises(InvalidParameterError, match=r"columns of X \('speed'\); got 'sped'"):
        RegimeBinner({"sped": 3}).fit(X)
    with pytest.raises(InvalidParameterError, match=r"names the column 'x0' twice"):
        RegimeBinner({0: 3, "x0": 2}).fit(np.ones((3, 2)))


def test_an_infinite_value_raises_with_cycle_column_and_row(make_log):
    log = make_log((5, 5), 1)
    log.iloc[7, 0] = -np.inf
    with pytest.raises(InvalidLogError, match=r"column 'c0' .*-inf at .*cycle 1.*row 2"):
        RegimeBinner().fit(log)
    binner = RegimeBinner({"c0": [0, 1]}).fit(make_log((5, 5), 1))
    with pytest.raises(InvalidLogError, match=r"column 'c0' .*-inf"):
        binner.transform(log)
    with pytest.raises(InvalidLogError, match=r"column 'x0' .*inf at row 1"):
        RegimeBinner().fit(np.array([[0.0], [np.inf]]))


def test_text_raises():
    X = pd.DataFrame({"speed": ["1", "2"]})
    with pytest.raises(InvalidLogError, match="column 'speed' must hold real numbers"):
        RegimeBinner({"speed": 2}).fit(X)


def test_a_column_without_values_raises_unless_edges_are_given():
    X = column([np.nan, np.nan])
    with pytest.raises(InvalidLogError, match=r"bins\['speed'\]='q3' is learned"):
        RegimeBinner({"speed": "q3"}).fit(X)
    assert labels([0, 1], [np.nan], [0.5]) == ["[0, 1]"]


def test_empty_and_duplicated_columns_raise():
    with pytest.raises(InvalidLogError, match=r"X must hold rows and columns; got shape \(0, 1\)"):
        RegimeBinner().fit(column([]))
    X = pd.DataFrame(np.ones((2, 2)), columns=["a", "a"])
    with pytest.raises(InvalidLogError, match="'a' occurs more than once"):
        RegimeBinner().fit(X)


def test_the_tree_needs_a_finite_aligned_target():
    X = column([1.0, 2.0, 3.0])
    binner = RegimeBinner({"speed": "t2"})
    with pytest.raises(InvalidParameterError, match="requires y to be passed"):
        binner.fit(X)
    with pytest.raises(InvalidLogError, match="y must be finite; got nan at row 1"):
        binner.fit(X, [1.0, np.nan, 2.0])
    with pytest.raises(InvalidLogError, match="y must have the index of X"):
        binner.fit(X, pd.Series([1.0, 2.0, 3.0], index=[2, 1, 0]))
    with pytest.raises(InvalidParameterError, match=r"y must be one column .* \(3, 2\)"):
        binner.fit(X, np.ones((3, 2)))


def test_cells_are_the_product_with_exact_bounds():
    X = pd.DataFrame({"speed": [0.0, 1.0], "torque": [0.0, 3.0]})
    cells = RegimeBinner({"speed": 3, "torque": [-1, 5]}).fit(X).cells_
    assert cells.index.names == ["speed", "torque"]
    assert cells.index[1] == ("[0.333, 0.667)", "[-1, 5]")
    assert cells.iloc[1].to_dict() == {
        "speed_low": pytest.approx(1 / 3, rel=1e-15),
        "speed_high": pytest.approx(2 / 3, rel=1e-15),
        "torque_low": -1.0,
        "torque_high": 5.0,
    }
    assert len(cells) == 3


def test_too_many_joint_cells_raise_on_demand_only():
    binner = RegimeBinner().fit(np.random.default_rng(0).normal(size=(50, 9)))
    with pytest.raises(InvalidParameterError, match="at most 1000000 joint cells; got 6 x 6"):
        _ = binner.cells_
