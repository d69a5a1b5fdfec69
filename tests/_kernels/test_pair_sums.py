"""Sums and quantiles by pair of cell and cycle against numpy on the rows of each pair."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from signalprep._kernels._pair_sums import (
    gather_cells,
    group_by_pair,
    lowest,
    mark,
    ranked,
    sample,
    sum_pairs,
    upper_quantiles,
)

N_CELLS = 5


def read_only(array):
    view = array.view()
    view.flags.writeable = False
    return view


@pytest.fixture(params=[0, 1, 2])
def rows(request):
    """Three cycles; the first one is recorded in two runs, cell 3 never seen."""
    rng = np.random.default_rng(request.param)
    runs = np.array([[0, 40], [90, 120], [40, 90], [120, 121]])
    truth = rng.normal(1e3, 1.0, 121)
    cell = rng.choice([0, 1, 2, 4], 121).astype(np.int16)
    arrays = (truth, truth + rng.normal(size=121), cell)
    return (*map(read_only, arrays), runs, np.array([0, 2, 3, 4]))


def cycle_of(runs, bounds):
    cycle = np.empty(runs.max(), dtype=int)
    for c in range(len(bounds) - 1):
        for start, stop in runs[bounds[c] : bounds[c + 1]]:
            cycle[start:stop] = c
    return cycle


def summed(rows, low, cuts=(0, 3)):
    parts = [sum_pairs(a, b, rows[:3], *rows[3:], low) for a, b in pairwise(cuts)]
    places, sums, large, large_cell = (np.concatenate(part) for part in zip(*parts, strict=True))
    return places.reshape(-1, 2), sums.reshape(-1, 8), large, large_cell


def test_sums_are_those_of_the_rows(rows):
    truth, prediction, cell, *where = rows
    cycle, error = cycle_of(*where), prediction - truth
    places, sums, _, _ = summed(rows, np.zeros(N_CELLS))
    assert {tuple(place) for place in places} == set(zip(cell, cycle, strict=True))
    for (k, c), found in zip(places, sums, strict=True):
        e, y = error[(cell == k) & (cycle == c)], truth[(cell == k) & (cycle == c)]
        np.testing.assert_allclose(
            found[:4], [len(e), e.sum(), np.abs(e).sum(), (e**2).sum()], rtol=1e-12
        )
        assert found[6] + found[4] == pytest.approx(y.mean(), rel=1e-14)
        assert found[5] == pytest.approx(((y - y.mean()) ** 2).sum(), rel=1e-9)


def test_the_sharing_out_changes_nothing(rows):
    low = np.array([0.5, 0.0, np.inf, -np.inf, 1.0])
    whole, parts = summed(rows, low), summed(rows, low, (0, 1, 3))
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(a, b)


def test_large_errors_are_collected_in_order(rows):
    truth, prediction, cell, runs, _ = rows
    low = np.array([0.5, 0.0, np.inf, -np.inf, 1.0])
    _, _, large, large_cell = summed(rows, low)
    order = np.concatenate([np.arange(*run) for run in runs])
    size = np.abs(prediction - truth)[order]
    kept = size >= low[cell[order]]
    np.testing.assert_array_equal(large, size[kept])
    np.testing.assert_array_equal(large_cell, cell[order][kept])


def test_a_sum_of_squares_that_cancels_is_taken_about_the_mean():
    truth = np.random.default_rng(0).normal(1e8, 1e-3, 2000)
    truth[0] -= 1.0  # the value that deviations are counted from lies far from all others
    cell = np.zeros(2000, dtype=np.int16)
    rows = [read_only(a) for a in (truth, truth, cell)]
    where = np.array([[0, 2000]]), np.array([0, 1])
    _, sums, _, _ = summed((*rows, *where), np.zeros(1), (0, 1))
    exact = truth - 1e8
    assert sums[0, 5] == pytest.approx(((exact - exact.mean()) ** 2).sum(), rel=1e-10)


def test_many_pairs_make_the_arrays_grow():
    n_cycles, n_cells = 30, 50
    cell = np.tile(np.arange(n_cells, dtype=np.int16), n_cycles)
    truth = np.arange(len(cell), dtype=float)
    borders = np.arange(0, len(cell) + 1, n_cells)
    runs = np.stack([borders[:-1], borders[1:]], axis=1)
    rows = (read_only(truth), read_only(truth + 1.0), read_only(cell))
    places, sums, _, _ = summed(
        (*rows, runs, np.arange(n_cycles + 1)), np.zeros(n_cells), (0, n_cycles)
    )
    np.testing.assert_array_equal(places[:, 0], cell)
    np.testing.assert_array_equal(places[:, 1], np.repeat(np.arange(n_cycles), n_cells))
    np.testing.assert_array_equal(sums[:, 6], truth)


@pytest.mark.parametrize("q", [0.0, 0.3, 0.5, 0.95, 1.0])
def test_quantiles_equal_those_of_numpy(q):
    rng = np.random.default_rng(0)
    groups = [rng.exponential(size=n) for n in (1, 2, 300, 77)]
    groups[3] = np.round(groups[3], 1)  # ties
    known = [rng.permutation(np.sort(group)[int(q / 2 * (len(group) - 1)) :]) for group in groups]
    bounds = np.concatenate(([0], np.cumsum([len(values) for values in known])))
    n = np.array([len(group) for group in groups])
    out, largest = np.full((2, 4), np.nan)
    upper_quantiles(0, 4, np.concatenate(known), bounds, n, q, out, largest)
    np.testing.assert_array_equal(out, [np.quantile(group, q) for group in groups])
    np.testing.assert_array_equal(largest, [group.max() for group in groups])


def test_groups_of_which_too_little_is_known_are_left():
    out, largest = np.full((2, 2), np.nan)
    bounds, n = np.array([0, 0, 1]), np.array([0, 9])
    upper_quantiles(0, 2, np.array([7.0]), bounds, n, 0.5, out, largest)
    assert np.isnan(out).all()
    assert np.isnan(largest).all()


def test_lowest_lies_below_the_quantile_but_not_far():
    rng = np.random.default_rng(0)
    error = rng.uniform(size=5_050)
    low = np.empty(2)
    lowest(0, 2, error, np.array([0, 5_000, 5_050]), 0.95, low)
    share = np.mean(error[:5_000] < low[0])
    assert 0.92 < share < 0.95
    assert low[1] == -np.inf


def test_every_so_many_rows_are_sampled(rows):
    truth, prediction, cell, *_ = rows
    size, size_cell = np.full(31, -1.0), np.full(31, -1, dtype=np.int16)
    sample(0, 20, rows[:3], 4, size, size_cell)
    np.testing.assert_array_equal(size[:20], np.abs(prediction - truth)[:80:4])
    np.testing.assert_array_equal(size_cell[:20], cell[:80:4])
    assert (size[20:] == -1.0).all()
    assert (size_cell[20:] == -1).all()


def test_values_of_a_cell_are_gathered_in_their_order(rows):
    truth, _, cell, *_ = rows
    gathered, bounds = gather_cells(truth, cell, N_CELLS)
    np.testing.assert_array_equal(gathered, truth[np.argsort(cell, kind="stable")])
    np.testing.assert_array_equal(np.diff(bounds), np.bincount(cell, minlength=N_CELLS))


def test_rows_come_to_the_place_of_their_pair(rows):
    truth, prediction, cell, *where = rows
    cycle = cycle_of(*where)
    pair_of_row = cell * 3 + cycle
    code, n = np.unique(pair_of_row, return_counts=True)
    start = np.cumsum(n) - n
    of_cycle = np.argsort(code % 3, kind="stable")
    pair_bounds = np.searchsorted((code % 3)[of_cycle], np.arange(4))
    places = np.stack([code // 3, start], axis=1)[of_cycle]
    out = np.full(len(truth), np.nan)
    for first, last in ((1, 3), (0, 1)):
        group_by_pair(first, last, rows[:3], *where, places, pair_bounds, out)
    expected = np.abs(prediction - truth)[np.argsort(pair_of_row, kind="stable")]
    np.testing.assert_array_equal(out, expected)


def test_codes_are_marked_and_ranked():
    codes = read_only(np.array([4, 1, 4], dtype=np.int16))
    seen = np.zeros(6, dtype=bool)
    mark(codes, seen)
    np.testing.assert_array_equal(np.flatnonzero(seen), [1, 4])
    out = np.empty(3, dtype=np.int16)
    ranked(codes, np.array([9, 0, 9, 9, 1, 9], dtype=np.int16), out)
    np.testing.assert_array_equal(out, [1, 0, 1])
