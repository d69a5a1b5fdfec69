"""Learned edges on values that repeat: no interval is empty, none holds what could be parted."""

import numpy as np
import pandas as pd
import pytest

from signalprep.regimes import RegimeBinner

LEARNED = ["q2", "q3", "q4", "q7", "k2", "k3", "t2", "t3"]


def edges_and_counts(spec, values):
    X = pd.DataFrame({"speed": np.asarray(values, dtype=float)})
    binner = RegimeBinner({"speed": spec}, random_state=0).fit(X, np.arange(len(X)))
    edges = binner.edges_["speed"]
    counts = np.bincount(binner.transform(X)["speed"].cat.codes, minlength=len(edges) + 2)
    assert counts[0] == counts[-2:].sum() == 0, "every row lies in an interval"
    return edges, counts[1:-2]


def crowded(seed):
    """Up to twelve values, most of them many times."""
    rng = np.random.default_rng(seed)
    distinct = np.sort(rng.choice(40, size=rng.integers(2, 12), replace=False)) - 10
    values = np.repeat(distinct, rng.integers(1, 30, size=len(distinct)) ** rng.integers(0, 2))
    return rng.permutation(values).astype(float)


@pytest.mark.parametrize("spec", LEARNED)
@pytest.mark.parametrize("seed", range(20))
def test_every_interval_holds_rows_and_two_values_are_parted(spec, seed):
    values = crowded(seed)
    edges, counts = edges_and_counts(spec, values)
    assert (np.diff(edges) > 0).all()
    assert (counts > 0).all()
    assert 2 <= len(counts) <= int(spec[1:])
    assert (edges[0], edges[-1]) == (values.min(), values.max())


@pytest.mark.parametrize("n_bins", [2, 3, 4, 5, 10])
@pytest.mark.parametrize("seed", range(20))
def test_quantiles_part_where_repeated_values_allow_it_best(n_bins, seed):
    values = crowded(seed)
    borders = np.array([(values <= one).sum() for one in np.unique(values)[:-1]])
    _, counts = edges_and_counts(f"q{n_bins}", values)
    cuts = np.cumsum(counts)[:-1]
    assert set(cuts) <= set(borders)
    shares = len(values) * np.arange(1, n_bins) / n_bins
    for share in shares:
        best = np.abs(borders - share).min()
        # a row more, as a quantile counts from the first row to the last
        assert np.abs(cuts - share).min() <= best + 1
    for cut in cuts:
        assert any(abs(cut - share) <= np.abs(borders - share).min() + 1 for share in shares)


@pytest.mark.parametrize(
    ("spec", "values", "expected", "counts"),
    [
        ("q3", [0] * 8 + [1, 2], [0, 1, 2], [8, 2]),
        ("q3", [-1] * 5 + [1] * 5, [-1, 0, 1], [5, 5]),
        ("q3", [0] * 90 + list(range(1, 11)), [0, 1, 10], [90, 10]),
        ("q3", [1, 2] + [3] * 8, [1, 2.5, 3], [2, 8]),
        ("q2", [0] * 10 + [5] * 50 + list(range(6, 46)), [0, 6, 45], [60, 40]),
        ("q2", [0] * 40 + [5] * 50 + list(range(6, 16)), [0, 5, 15], [40, 60]),
        ("q3", [0] * 40 + list(range(1, 61)), [0, 1, 27, 60], [40, 26, 34]),
        ("q9", [3, 4], [3, 3 + 1 / 9, 4], [1, 1]),
    ],
)
def test_standstill_and_other_crowds(spec, values, expected, counts):
    edges, found = edges_and_counts(spec, values)
    np.testing.assert_allclose(edges, expected)
    assert found.tolist() == counts


@pytest.mark.parametrize("n_bins", [1, 2, 3, 4, 7, 50])
@pytest.mark.parametrize("seed", range(5))
def test_of_values_that_do_not_repeat_the_edges_are_the_quantiles(n_bins, seed):
    rng = np.random.default_rng(seed)
    values = rng.permutation(np.unique(rng.normal(size=500 + seed).round(5)))
    edges, _ = edges_and_counts(f"q{n_bins}", values)
    np.testing.assert_array_equal(edges, np.quantile(values, np.linspace(0, 1, n_bins + 1)))


def test_neighbouring_numbers_cannot_be_parted_below_the_closed_end():
    values = [1.0, 1.0, np.nextafter(1.0, 2.0)]
    for spec in ("q2", "t2"):
        assert edges_and_counts(spec, values)[0].tolist() == [1.0, values[-1]]


@pytest.mark.parametrize("values", [1e9 + np.arange(8.0), 1e-9 * np.arange(8.0)])
def test_a_tree_parts_what_single_precision_does_not_tell_apart(values):
    X = pd.DataFrame({"speed": values})
    binner = RegimeBinner({"speed": "t2"}, random_state=0).fit(X, np.arange(8) > 4)
    np.testing.assert_array_equal(
        binner.edges_["speed"], [values[0], (values[4] + values[5]) / 2, values[7]]
    )
