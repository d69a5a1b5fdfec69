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


def ar1_errors(n_data_sets, n_cycles, n_rows, rng):
    """Offset of each cycle plus AR(1); the true bias is 0 and the true RMSE sqrt(1.25)."""
    noise = rng.normal(size=(n_rows, n_data_sets, n_cycles))
    for k in range(1, n_rows):
        noise[k] = 0.9 * noise[k - 1] + np.sqrt(1 - 0.9**2) * noise[k]
    offset = rng.normal(scale=0.5, size=(n_data_sets, n_cycles))
    return np.moveaxis(noise + offset, 0, -1)


def test_the_cycle_interval_holds_the_truth_as_often_as_it_says_and_the_row_interval_does_not():
    n_data_sets, n_cycles, n_rows = 400, 30, 60
    errors = ar1_errors(n_data_sets, n_cycles, n_rows, np.random.default_rng(11))
    cycle = np.tile(np.repeat(np.arange(n_cycles), n_rows), n_data_sets)
    row = np.tile(np.arange(n_cycles * n_rows), n_data_sets)
    data_set = np.repeat(np.arange(n_data_sets), n_cycles * n_rows)
    truth = {"bias": 0.0, "mae": np.sqrt(1.25 * 2 / np.pi)}

    def coverage(units, n_bootstrap):
        kept = slice(None) if units is cycle else slice(60 * n_cycles * n_rows)
        e = errors.ravel()[kept]
        table = regime_metrics(np.zeros(e.size), e, data_set[kept], units[kept], n_bootstrap)
        return {
            name: ((table[f"{name}_low"] <= value) & (value <= table[f"{name}_high"])).mean()
            for name, value in truth.items()
        }

    # Four standard deviations of a binomial share of 400 around 95 % are 4.4 %.
    for name, share in coverage(cycle, 1000).items():
        assert abs(share - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n_data_sets), name
    # 95 % of 60 data sets would show as 84 % at the worst of four standard deviations.
    for name, share in coverage(row, 200).items():
        assert share < 0.6, name


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
