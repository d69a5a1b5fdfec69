"""Intervals over cycles: the levels they end at, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from signalprep.metrics import regime_metrics
from signalprep.metrics._alignment import align
from signalprep.metrics._bootstrap import effective_cycles, percentile_levels
from signalprep.metrics._sums import sum_by_pair


def test_plain_levels():
    low, high = percentile_levels(np.array([3.0, 100.0]), 0.9, expand=False)
    np.testing.assert_allclose(low, 0.05)
    np.testing.assert_allclose(high, 0.95)


@pytest.mark.parametrize("n", [2, 8, 24, 69, 1000])
def test_expanded_levels(n):
    low, high = percentile_levels(np.array([float(n)]), 0.95, expand=True)
    expected = stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf(0.025, n - 1))
    assert low[0] == pytest.approx(expected, rel=1e-9)
    assert high[0] == 1.0 - low[0]
    assert low[0] < 0.025


def test_levels_of_one_dominant_cycle_are_the_extremes():
    low, high = percentile_levels(np.array([1.0 + 1e-12, np.nan]), 0.95, expand=True)
    np.testing.assert_array_equal(low, [0.0, np.nan])
    np.testing.assert_array_equal(high, [1.0, np.nan])


def test_effective_cycles():
    cell = np.repeat([0, 1, 2], [4, 4, 1])
    rows = align(np.zeros(9), np.zeros(9), [0, 0, 1, 1, 0, 0, 0, 1, 0])
    result = effective_cycles(sum_by_pair(rows, cell, 4))
    np.testing.assert_allclose(result, [2.0, 16 / 10, np.nan, np.nan])


METRICS = ("bias", "mae", "rmse", "p95", "r2")


def ar1_errors(n_data_sets, n_cycles, n_rows, rng, offset_std=0.5):
    """Offset of each cycle plus AR(1), normal with mean 0 and variance 1 + offset_std^2."""
    noise = rng.normal(size=(n_rows, n_data_sets, n_cycles))
    for k in range(1, n_rows):
        noise[k] = 0.9 * noise[k - 1] + np.sqrt(1 - 0.9**2) * noise[k]
    offset = rng.normal(scale=offset_std, size=(n_data_sets, n_cycles))
    return np.moveaxis(noise + offset, 0, -1)


def coverage(n_data_sets, n_cycles, n_rows, offset_std, by="cycle", seed=11, **options):
    """Share of data sets whose interval holds the true metric."""
    rng = np.random.default_rng(seed)
    errors = ar1_errors(n_data_sets, n_cycles, n_rows, rng, offset_std)
    truth = 2 * ar1_errors(n_data_sets, n_cycles, n_rows, rng, 0.5)
    cycle = np.repeat(np.arange(n_cycles), n_rows)
    table = regime_metrics(
        truth.ravel(),
        (truth + errors).ravel(),
        np.repeat(np.arange(n_data_sets), len(cycle)),
        np.tile(cycle if by == "cycle" else np.arange(len(cycle)), n_data_sets),
        **options,
    )
    std = np.hypot(1, offset_std)
    true = {
        "bias": 0.0,
        "mae": std * np.sqrt(2 / np.pi),
        "rmse": std,
        "p95": std * stats.norm.ppf(0.975),
        "r2": 1 - std**2 / 5,
    }
    return {
        name: ((table[f"{name}_low"] <= true[name]) & (true[name] <= table[f"{name}_high"])).mean()
        for name in METRICS
    }


@pytest.mark.parametrize("offset_std", [0.0, 0.5])
@pytest.mark.parametrize("n_cycles", [8, 24])
def test_the_interval_over_cycles_holds_the_truth_as_often_as_it_says(n_cycles, offset_std):
    # The standard deviation of a share of 95 % in 800 is 0.8 %. Upper ends of errors allow for
    # cycles harder than the sample has, which are none here.
    least = 0.93 if n_cycles >= 24 else 0.92
    for name, share in coverage(800, n_cycles, 40, offset_std, n_bootstrap=300).items():
        assert least <= share <= (0.97 if name == "bias" else 0.995), name


@pytest.mark.parametrize("n_cycles", [3, 6])
def test_p95_of_few_cycles_is_not_taken_to_be_below_the_largest_error_seen(n_cycles):
    assert coverage(400, n_cycles, 20, 1.0, n_bootstrap=200)["p95"] >= 0.92


def test_ends_do_not_contradict_one_another():
    rng = np.random.default_rng(8)
    n = np.array([160] * 17 + [1000])
    mean = np.append(rng.normal(0, 8, 17), 34.0)  # one long hard cycle
    parts = [(np.repeat(mean, n) + rng.normal(size=n.sum()), np.repeat(np.arange(18), n))]
    parts += [(np.abs(rng.standard_cauchy(120)) * rng.choice([-1, 1, 1]), np.arange(120) // 30)
              for _ in range(40)]  # fmt: skip
    errors, cycle = (np.concatenate(part) for part in zip(*parts, strict=True))
    cell = np.repeat(np.arange(len(parts)), [len(error) for error, _ in parts])
    table = regime_metrics(np.zeros(len(errors)), errors, cell, cycle, n_bootstrap=100)
    size_low = np.maximum(0, np.maximum(table["bias_low"], -table["bias_high"]))
    size_high = np.maximum(-table["bias_low"], table["bias_high"])
    assert (size_low <= table["mae_low"]).all()
    assert (size_high <= table["mae_high"]).all()
    assert (table["mae_low"] <= table["rmse_low"]).all()
    assert (table["mae_high"] <= table["rmse_high"]).all()
    for end in ("low", "high"):
        assert (table[f"p95_{end}"] <= 20**0.5 * table[f"rmse_{end}"]).all()
    relative = table["p95"] * table["rmse_high"] / table["rmse"]
    least = np.minimum(relative, 20**0.5 * table["rmse_high"])
    assert (table["p95_high"] >= least * (1 - 1e-12)).all()


def test_plain_percentiles_promise_too_much_and_rows_far_too_much():
    for name, share in coverage(400, 8, 40, 0.5, interval="percentile", n_bootstrap=300).items():
        assert share < 0.92, name
    for name, share in coverage(60, 30, 60, 0.5, by="row", n_bootstrap=200).items():
        assert share < 0.7, name


def ends(table):
    low = table[[f"{name}_low" for name in METRICS]].to_numpy(dtype=float)
    high = table[[f"{name}_high" for name in METRICS]].to_numpy(dtype=float)
    return low, high


@pytest.mark.parametrize("n_cycles", [2, 3, 4])
def test_few_cycles_have_wide_bounded_intervals(n_cycles):
    rng = np.random.default_rng(n_cycles)
    shares = rng.dirichlet(np.full(n_cycles, 0.3), size=60)  # often one cycle dominates
    counts = 1 + np.floor(80 * shares).astype(int)
    cell = np.repeat(np.arange(60), counts.sum(axis=1))
    cycle = np.repeat(np.tile(np.arange(n_cycles), 60), counts.ravel())
    scale = 10 ** rng.normal(size=(60, n_cycles))
    errors = scale[cell, cycle] * rng.normal(size=len(cell))
    truth = rng.normal(size=len(cell))
    table = regime_metrics(truth, truth + errors, cell, cycle, min_cycles=2, n_bootstrap=200)
    low, high = ends(table)
    point = table[list(METRICS)].to_numpy()
    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
    assert (low <= point).all()
    assert (point <= high).all()
    assert (low[:, 1:4] >= 0).all()
    assert (high[:, 4] <= 1).all()
    largest = table["max"].to_numpy()[:, None]
    assert (high[:, :3] <= 3 * largest * (1 + 1e-9)).all()
    assert (low[:, :1] >= -3 * largest).all()
    assert (high[:, 3] <= 20**0.5 * high[:, 2]).all()


def test_errors_that_are_the_same_in_every_cycle_leave_no_doubt():
    rng = np.random.default_rng(0)
    truth, errors = np.tile(rng.normal(size=(2, 80)), 4)
    table = regime_metrics(truth, truth + errors, np.zeros(320), np.repeat(np.arange(4), 80))
    low, high = ends(table)
    kept = [0, 1, 2, 4]  # a quantile lies between two rows
    point = table[list(METRICS)].to_numpy()
    np.testing.assert_allclose(low[:, kept], point[:, kept], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(high[:, kept], point[:, kept], rtol=1e-9, atol=1e-12)
    perfect = regime_metrics(truth, truth, np.zeros(320), np.repeat(np.arange(4), 80))
    assert perfect[["rmse", "r2"]].to_numpy().tolist() == [[0.0, 1.0]]
    assert np.isnan(ends(perfect)).all(), "nothing tells how large an error may be"


@pytest.mark.parametrize("factor", [-1.0, 1e-60, 1e60])
def test_units_and_signs_do_not_matter(factor):
    rng = np.random.default_rng(4)
    truth, errors, cycle = rng.normal(size=600), rng.normal(size=600), np.arange(600) // 50
    one = regime_metrics(truth, truth + errors, np.zeros(600), cycle)
    other = regime_metrics(factor * truth, factor * (truth + errors), np.zeros(600), cycle)
    scale = np.array([[abs(factor)] * 4 + [1.0]])
    low, high = ends(other)
    expected = [end * scale for end in ends(one)]
    if factor < 0:
        expected[0][0, 0], expected[1][0, 0] = -expected[1][0, 0], -expected[0][0, 0]
    np.testing.assert_allclose(low, expected[0], rtol=1e-6)
    np.testing.assert_allclose(high, expected[1], rtol=1e-6)


def test_intervals_shrink_with_the_root_of_the_number_of_cycles():
    rng = np.random.default_rng(0)
    widths = []
    for n_cycles in (20, 320):
        errors = ar1_errors(20, n_cycles, 10, rng)
        table = regime_metrics(
            np.zeros(errors.size),
            errors.ravel(),
            np.repeat(np.arange(20), n_cycles * 10),
            np.tile(np.repeat(np.arange(n_cycles), 10), 20),
        )
        widths.append((table["bias_high"] - table["bias_low"]).mean())
    assert widths[0] / widths[1] == pytest.approx(4.0, rel=0.15)


def test_copies_of_a_cycle_add_no_evidence_by_rows_alone():
    rng = np.random.default_rng(1)
    errors, cycle = rng.normal(size=30), np.arange(30)
    once = regime_metrics(np.zeros(30), errors, np.zeros(30), cycle)
    often = regime_metrics(
        np.zeros(3000), np.repeat(errors, 100), np.zeros(3000), np.repeat(cycle, 100)
    )
    names = ["bias_low", "bias_high", "mae_low", "mae_high", "rmse_low", "rmse_high"]
    pd.testing.assert_frame_equal(once[names], often[names], rtol=1e-12)
