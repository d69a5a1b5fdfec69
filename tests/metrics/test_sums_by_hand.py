"""Sums, counts and lags on a handful of rows, against loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.metrics._classification_sums import (
    draw_cycles,
    resampled_scores,
    scores_from_sums,
    sum_classes,
)
from signalprep.metrics._effective_samples import (
    _autocorrelation_time,
    _position_in_cycle,
    _sums_of_products,
)
from signalprep.metrics._sums import CellRows, _is_safe


def pair_sums(total, square):
    """Two pairs: rows, error, |error|, squares, and what comes behind."""
    sums = np.zeros((2, 8))
    sums[0, 2], sums[0, 3] = total, square
    return sums


@pytest.mark.parametrize(
    ("sums", "safe"),
    [
        (pair_sums(1.0, 1.0), True),
        (pair_sums(0.0, 0.0), True),  # all predicted to the last digit
        (pair_sums(1e-200, 0.0), False),  # squares below what a number holds
        (pair_sums(1.0, np.inf), False),
        (pair_sums(np.nan, np.nan), False),
        (pair_sums(1e200, 1e308), False),
    ],
)
def test_sums_that_may_be_believed(sums, safe):
    assert _is_safe(sums) is safe


def test_what_rows_of_a_cell_count_for():
    rows = CellRows(np.arange(6.0), np.zeros(6, np.int32), np.array([0, 2, 6]))
    assert rows.weight_of(slice(2, 6)).tolist() == [1.0] * 4
    own = CellRows(rows.abs_error, rows.pair, rows.bounds, np.arange(6.0))
    assert own.weight_of(slice(2, 6)).tolist() == [2.0, 3.0, 4.0, 5.0]


def rows_of_classes(seed=0, n=60, n_classes=3, n_cells=4, n_cycles=5):
    rng = np.random.default_rng(seed)
    truth, prediction = rng.integers(n_classes, size=(2, n))
    cell, cycle = rng.choice([0, 1, 3], size=n), rng.integers(n_cycles, size=n)
    return truth, prediction, rng.uniform(size=n), n_classes, cell, n_cells, cycle, n_cycles


@pytest.mark.parametrize("weighted", [False, True])
def test_classes_are_counted_by_cell_and_cycle(weighted):
    truth, prediction, loss, k, cell, n_cells, cycle, _ = given = rows_of_classes()
    weight = np.random.default_rng(9).uniform(1, 2, 60) if weighted else None
    counts = np.ones(60) if weight is None else weight
    found = sum_classes(*given, weight)
    pairs = sorted(set(zip(cell.tolist(), cycle.tolist(), strict=True)))
    assert list(zip(found.cell.tolist(), found.cycle.tolist(), strict=True)) == pairs
    for (a, b), sums in zip(pairs, found.sums, strict=True):
        own = (cell == a) & (cycle == b)
        expected = [
            *(counts[own & (truth == c) & (prediction == c)].sum() for c in range(k)),
            *(counts[own & (truth == c)].sum() for c in range(k)),
            *(counts[own & (prediction == c)].sum() for c in range(k)),
            (counts * loss)[own].sum(),
        ]
        np.testing.assert_allclose(sums, expected, rtol=1e-12)
    by_cell = found.by_cell()
    assert by_cell.shape == (n_cells, 3 * k + 1)
    for a in range(n_cells):
        np.testing.assert_allclose(by_cell[a], found.sums[found.cell == a].sum(axis=0))
    without = sum_classes(*given[:2], None, *given[3:], weight)
    assert np.isnan(without.sums[:, -1]).all()
    np.testing.assert_array_equal(without.sums[:, :-1], found.sums[:, :-1])
    assert np.isclose(
        scores_from_sums(by_cell.sum(axis=0))["accuracy"],
        counts[truth == prediction].sum() / counts.sum(),
    )


def test_cycles_are_drawn_with_replacement():
    drawn = draw_cycles(5, 400, 0)
    assert drawn.shape == (400, 5)
    assert (drawn.sum(axis=1) == 5).all()
    assert np.abs(drawn.mean(axis=0) - 1.0).max() < 0.2
    np.testing.assert_array_equal(drawn, draw_cycles(5, 400, 0))
    one, other = (draw_cycles(5, 9, np.random.default_rng(seed)) for seed in (1, 2))
    assert (one != other).any()


def test_resampled_scores_are_those_of_the_drawn_cycles():
    given = rows_of_classes(n=40)
    truth, prediction, cell, cycle, n_cycles = (given[k] for k in (0, 1, 4, 6, 7))
    cell[cell == 3] = 0
    only = np.flatnonzero(cell == 1)
    cell[only[cycle[only] != cycle[only[0]]]] = 0  # cell 1: one cycle
    pairs = sum_classes(*given, None)
    counts = np.array([[1, 1, 1, 1, 1], [2, 0, 1, 2, 0]])
    ((number, effective, levels, scores),) = resampled_scores(pairs, counts, 0.9)
    assert number == 0
    n = np.array([((cell == 0) & (cycle == c)).sum() for c in range(n_cycles)], float)
    assert effective == pytest.approx(n.sum() ** 2 / (n**2).sum(), rel=1e-12)
    assert 0.0 < levels[0] < 0.05
    assert levels.sum() == pytest.approx(1.0, rel=1e-9)
    for row, accuracy in zip(counts, scores["accuracy"], strict=True):
        own = (cell == 0) * row[cycle]
        assert accuracy == pytest.approx(own[truth == prediction].sum() / own.sum(), rel=1e-12)


def test_places_within_cycles_that_alternate():
    assert _position_in_cycle(np.array([1, 0, 1, 1, 0])).tolist() == [0, 0, 1, 2, 1]


def test_products_of_rows_at_every_lag():
    rng = np.random.default_rng(3)
    deviation = rng.normal(size=11)
    position = np.array([2, 3, 7, 0, 1, 2, 3, 4, 5, 9, 4])
    visits = np.array([0, 3, 10, 11])  # rows 2, 3, 7 of a cycle; seven rows; a single one
    found = _sums_of_products(deviation, position, visits)
    expected = np.zeros(len(found))
    for start, stop in [(0, 3), (3, 10), (10, 11)]:
        for i in range(start, stop):
            for j in range(i, stop):
                expected[position[j] - position[i]] += deviation[i] * deviation[j]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert len(found) > 9


@pytest.mark.parametrize(
    ("sums", "n", "tau"),
    [
        ([4.0, 2.0, 1.0, 0.5, -1.0, 0.2], 10, 2 * (6.0 + 1.5) / 4.0 - 1.0),
        ([4.0, 2.0, 1.0, -2.0, 9.0, 9.0], 10, 2 * 6.0 / 4.0 - 1.0),
        ([4.0, 2.0, 0.0, 0.0, 1.0, 1.0], 10, 2 * (6.0 + 2.0) / 4.0 - 1.0),  # lags without a pair
        ([4.0, 2.0, 1.0], 10, 2 * (6.0 + 1.0) / 4.0 - 1.0),
        ([4.0, -3.0], 10, 1.0),
        ([4.0, -5.0, 8.0, 8.0], 10, 1.0),
        ([0.0, 0.0], 10, np.nan),
        ([0.0, 0.0], 1, 1.0),
        ([1e-23, 0.0], 10, np.nan),  # rounding of errors of size 1
        ([1.1e-23, 0.0], 10, 1.0),
    ],
)
def test_time_of_autocorrelation(sums, n, tau):
    found = _autocorrelation_time(np.array(sums), n, 1.0)
    np.testing.assert_allclose(found, tau, rtol=1e-12)


def test_samples_by_regime_and_cycle():
    rng = np.random.default_rng(4)
    error = np.repeat(rng.normal(size=40), 5)
    cycles, regime = np.repeat([0, 1], 100), np.tile(np.repeat(["a", "b"], 50), 2)
    table = sp.effective_samples(np.zeros(200), error, pd.Series(regime, name="r"), cycles)
    assert table["n"].tolist() == [100, 100]
    assert table["n_cycles"].tolist() == [2, 2]
    for label in "ab":
        own = regime == label
        alone = sp.effective_samples(np.zeros(100), error[own], cycles=cycles[own])
        row = table.loc[label].iloc[0] if table.loc[label].ndim > 1 else table.loc[label]
        np.testing.assert_allclose(row, alone.loc["overall"], rtol=1e-12)
        assert row["n_effective"] == pytest.approx(row["n"] / row["autocorrelation_time"])
    flat = sp.effective_samples(np.zeros(6), np.ones(6), cycles=np.zeros(6)).loc["overall"]
    assert np.isnan(flat["n_effective"])
