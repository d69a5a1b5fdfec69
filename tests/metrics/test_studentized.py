"""Studentised intervals held to the formulas of the docs, written out over the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from signalprep.metrics import overall_metrics, regime_metrics
from signalprep.metrics._alignment import align
from signalprep.metrics._bootstrap import percentile_levels
from signalprep.metrics._studentized import cycle_terms, on_scale
from signalprep.metrics._sums import sort_by_cell, sum_by_pair

LENGTHS = (40, 25, 60, 33, 51)
RATIOS = ("bias", "mae", "rmse", "p95", "r2")


def drive(seed=0, lengths=LENGTHS):
    rng = np.random.default_rng(seed)
    cycle = np.repeat(np.arange(len(lengths)), lengths)
    spread, offset = rng.uniform(0.5, 1.5, len(lengths)), rng.normal(size=len(lengths))
    truth = 30.0 + 4.0 * rng.normal(size=len(cycle)) + 3.0 * offset[cycle]
    error = spread[cycle] * rng.normal(size=len(cycle)) + 0.3 * offset[cycle] + 0.2
    return truth, error, cycle


def terms(truth, error, threshold):
    """What is added up over the rows of some cycles: five tops, and what each is divided by."""
    top = [error, np.abs(error), error**2, np.abs(error) > threshold, error**2]
    return np.stack(top).astype(float), np.ones_like(truth)


def ratio_and_error(truth, error, cycles, threshold):
    """Ratios of a list of cycles (rows of each), and their errors with one of them left out."""
    parts = [terms(truth[rows], error[rows], threshold)[0].sum(axis=1) for rows in cycles]
    sizes = np.array([len(rows) for rows in cycles], dtype=float)
    every = np.concatenate(cycles)
    mean = truth[every].mean()
    squares = np.array([np.sum((truth[rows] - mean) ** 2) for rows in cycles])
    whole = np.array([sizes.sum()] * 4 + [squares.sum()])
    ratio = np.sum(parts, axis=0) / whole
    k, n = len(cycles), sizes.sum()
    u = [
        n / (n - size) * (part - ratio * np.array([size] * 4 + [square])) / whole
        for part, size, square in zip(parts, sizes, squares, strict=True)
    ]
    u = np.array(u)
    error_of = np.sqrt((k - 1) / k * np.sum(u**2, axis=0))
    worth = 3.0 * np.sum(u**2, axis=0) ** 2 / np.sum(u**4, axis=0)
    return ratio, error_of, worth, np.array(parts), sizes, squares, whole


def scaled(ratio, error):
    """On the scale of the logarithm, of the logit for the share above p95."""
    value = [ratio[0], *np.log(ratio[1:3]), np.log(ratio[3] / (1 - ratio[3])), np.log(ratio[4])]
    slope = [1.0, *(1 / ratio[1:3]), 1 / (ratio[3] * (1 - ratio[3])), 1 / ratio[4]]
    return np.array(value), error * np.array(slope)


def test_terms_are_those_of_loops_over_cycles():
    truth, error, cycle = drive()
    aligned = align(truth, truth + error, cycle)
    pairs = sum_by_pair(aligned, np.zeros(len(truth), dtype=np.int64), 1)
    rows = sort_by_cell(aligned, np.zeros(len(truth), dtype=np.int64), pairs)
    found = cycle_terms(pairs, rows, pairs.quantile)
    members = [np.flatnonzero(cycle == k) for k in range(len(LENGTHS))]
    ratio, error_of, worth, parts, sizes, squares, whole = ratio_and_error(
        truth, error, members, pairs.quantile[0]
    )
    units = found.units[:, 0]
    np.testing.assert_allclose(found.ratios[:, 0] * units, ratio, rtol=1e-9)
    np.testing.assert_allclose(found.errors[:, 0] * units, error_of, rtol=1e-9)
    np.testing.assert_allclose(found.n_squares[:, 0], worth, rtol=1e-9)
    np.testing.assert_allclose(units[0], np.abs(error).max())
    hardest = [1.0]
    for k, more in ((1, 1), (2, 3), (3, 0), (4, 3)):
        own = squares if k == 4 else sizes
        again = (ratio[k] * whole[k] + more * parts[:, k]) / (whole[k] + more * own)
        hardest.append(max(1.0, again.max() / ratio[k]))
    np.testing.assert_allclose(found.unseen[:, 0], hardest, rtol=1e-9)


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_ends_are_those_of_the_formulas(confidence):
    truth, error, cycle = drive(seed=1)
    n_draws, k = 60, len(LENGTHS)
    table = overall_metrics(truth, truth + error, cycle, n_bootstrap=n_draws, confidence=confidence)
    threshold = table["p95"]
    members = [np.flatnonzero(cycle == c) for c in range(k)]
    ratio, error_of, worth, parts, sizes, squares, whole = ratio_and_error(
        truth, error, members, threshold
    )
    value, spread = scaled(ratio, error_of)
    rng = np.random.default_rng([int(np.random.RandomState(0).randint(2**31 - 1)), 0])
    pivots = []
    for drawn in rng.integers(k, size=(n_draws, k)):
        if len(set(drawn.tolist())) < 2:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            again = scaled(
                *ratio_and_error(truth, error, [members[c] for c in drawn], threshold)[:2]
            )
        pivots.append((again[0] - value) / again[1])
    pivots = np.array(pivots)
    effective = sizes.sum() ** 2 / np.sum(sizes**2)
    student = stats.t.ppf(0.5 + confidence / 2, np.maximum(np.minimum(worth, effective - 1), 1))
    tail = (1 - confidence) / 2
    down = np.clip(np.quantile(pivots, 1 - tail, axis=0), student, 2 * student)
    up = np.clip(-np.quantile(pivots, tail, axis=0), student, 2 * student)
    low, high = value - down * spread, value + up * spread
    low[[1, 2, 4]], high[[1, 2, 4]] = np.exp(low[[1, 2, 4]]), np.exp(high[[1, 2, 4]])
    for at, more in ((1, 1), (2, 3), (4, 3)):
        own = squares if at == 4 else sizes
        again = (ratio[at] * whole[at] + more * parts[:, at]) / (whole[at] + more * own)
        high[at] *= max(1.0, again.max() / ratio[at])
    largest = np.abs(error).max()
    high[1], high[2] = min(high[1], 3 * largest), min(high[2], 9 * largest**2)
    high[4] = min(high[4], 9 * largest**2 * ratio[4] / ratio[2])
    bias, mae, rmse = (low[0], high[0]), (low[1], high[1]), np.sqrt([low[2], high[2]])
    mae = (min(mae[0], rmse[0]), max(mae[1], -bias[0], bias[1]))
    rmse = (rmse[0], max(rmse[1], mae[1]))
    found = {name: (table[f"{name}_low"], table[f"{name}_high"]) for name in RATIOS}
    np.testing.assert_allclose(found["bias"], bias, rtol=1e-9)
    np.testing.assert_allclose(found["mae"], mae, rtol=1e-9)
    np.testing.assert_allclose(found["rmse"], rmse, rtol=1e-9)
    np.testing.assert_allclose(found["r2"], (1 - high[4], 1 - low[4]), rtol=1e-9)


@pytest.mark.parametrize("n_cycles", [2, 3])
def test_no_end_lies_beyond_three_times_the_largest_error(n_cycles):
    truth = np.arange(20.0 * n_cycles)
    cycle = np.repeat(np.arange(n_cycles), 20)
    error = np.where(cycle == 0, 10.0, 0.01)
    table = overall_metrics(truth, truth + error, cycle, min_cycles=2)
    assert table["rmse_high"] == pytest.approx(30.0)
    assert table["mae_high"] == pytest.approx(30.0)
    assert table["bias_high"] == pytest.approx(30.0)
    spread = np.sum((truth - truth.mean()) ** 2)
    assert table["r2_low"] == pytest.approx(1.0 - 900.0 * len(truth) / spread)


def test_percentiles_of_resamples_are_those_of_numpy():
    truth, error, cycle = drive(seed=2, lengths=(30,) * 7)
    table = overall_metrics(
        truth, truth + error, cycle, n_bootstrap=50, interval="percentile", confidence=0.9
    )
    rng = np.random.default_rng([int(np.random.RandomState(0).randint(2**31 - 1)), 0])
    members = [np.flatnonzero(cycle == k) for k in range(7)]
    rmse, r2 = [], []
    for drawn in rng.integers(7, size=(50, 7)):
        rows = np.concatenate([members[k] for k in drawn])
        rmse.append(np.sqrt(np.mean(error[rows] ** 2)))
        r2.append(1 - np.sum(error[rows] ** 2) / np.sum((truth[rows] - truth[rows].mean()) ** 2))
    low, high = percentile_levels(np.array([7.0]), 0.9, expand=False)
    np.testing.assert_allclose(
        [table["rmse_low"], table["rmse_high"]], np.quantile(rmse, [low[0], high[0]]), rtol=1e-9
    )
    np.testing.assert_allclose(
        [table["r2_low"], table["r2_high"]], np.quantile(r2, [low[0], high[0]]), rtol=1e-9
    )


def test_cells_share_their_draws():
    truth, error, cycle = drive(seed=3)
    twice = pd.concat([pd.DataFrame({"y": truth, "p": truth + error, "cycle": cycle})] * 2)
    cell = np.repeat(["a", "b"], len(truth))
    table = regime_metrics(twice["y"].to_numpy(), twice["p"].to_numpy(), cell, twice["cycle"])
    ends = table.filter(regex="_low|_high")
    np.testing.assert_allclose(ends.loc["a"], ends.loc["b"], rtol=1e-9)


def test_scales_on_which_intervals_are_built():
    ratios = np.array([[-0.5], [2.0], [4.0], [0.2], [0.25]])
    errors = np.array([[0.1], [0.2], [0.4], [0.04], [0.05]])
    value, error = on_scale(ratios, errors)
    logit = np.log(0.2 / 0.8)
    np.testing.assert_allclose(value[:, 0], [-0.5, np.log(2), np.log(4), logit, np.log(0.25)])
    np.testing.assert_allclose(error[:, 0], [0.1, 0.1, 0.1, 0.04 / (0.2 * 0.8), 0.2])
    np.testing.assert_array_equal(ratios[:, 0], [-0.5, 2.0, 4.0, 0.2, 0.25])
