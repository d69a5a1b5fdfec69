"""Effective number of samples: against theory, and against pairs counted one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from signalprep import effective_samples
from signalprep.errors import InvalidLogError


def ar1(phi: float, n_cycles: int, n: int, seed: int = 0) -> np.ndarray:
    drive = np.random.default_rng(seed).normal(size=(n_cycles, n))
    drive[:, 1:] *= np.sqrt(1 - phi**2)
    return lfilter([1.0], [1.0, -phi], drive, axis=-1).ravel()


def time_by_pairs(error, cell, cycle, wanted):
    """Integrated autocorrelation time of a cell, pair by pair."""
    d = np.where(cell == wanted, error - error[cell == wanted].mean(), 0.0)
    inside = cell == wanted
    sums, counts = np.zeros(len(error)), np.zeros(len(error))
    for c in np.unique(cycle):
        rows = np.flatnonzero(cycle == c)
        for i, first in enumerate(rows):
            for k, second in enumerate(rows[i:]):
                sums[k] += d[first] * d[second]
                counts[k] += inside[first] and inside[second]
    total = 0.0
    for m in range(0, len(sums) - 1, 2):
        if counts[m] + counts[m + 1] == 0:
            continue
        if sums[m] + sums[m + 1] < 0:
            break
        total += (sums[m] + sums[m + 1]) / sums[0]
    return max(2 * total - 1, 1.0)


@pytest.mark.parametrize(("phi", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.9, 19.0), (0.97, 65.67)])
def test_an_ar1_error_has_its_known_autocorrelation_time(phi, expected):
    error = ar1(phi, 24, 4000)
    table = effective_samples(np.zeros(96_000), error, cycles=np.repeat(np.arange(24), 4000))
    assert table.loc["overall", "autocorrelation_time"] == pytest.approx(expected, rel=0.15)
    assert table.loc["overall", "n_effective"] == pytest.approx(96_000 / expected, rel=0.15)


def test_it_is_what_pairs_counted_one_by_one_give():
    rng = np.random.default_rng(3)
    lengths = (37, 60, 5, 41)
    cycle = np.repeat(np.arange(4), lengths)
    error = ar1(0.8, 1, len(cycle), seed=4) + rng.normal(size=4)[cycle]
    cell = np.repeat(rng.integers(0, 3, size=29), 5)[: len(cycle)]
    table = effective_samples(np.zeros(len(cycle)), error, cell, cycle)
    for k in range(3):
        expected = time_by_pairs(error, cell, cycle, k)
        assert table["autocorrelation_time"].iloc[k] == pytest.approx(expected, rel=1e-9)
        assert table["n"].iloc[k] == (cell == k).sum()
        assert table["n_cycles"].iloc[k] == len(np.unique(cycle[cell == k]))


def test_an_error_of_its_own_for_each_cycle_counts_cycles():
    offset = np.random.default_rng(0).normal(size=24)
    cycle = np.repeat(np.arange(24), 500)
    cell = (np.arange(12_000) // 5) % 20  # short visits, long pauses
    table = effective_samples(np.zeros(12_000), offset[cycle], cell, cycle)
    np.testing.assert_allclose(table["n_effective"], 24, rtol=0.01)


def test_it_stays_within_one_and_the_number_of_rows():
    alternating = np.tile([1.0, -1.0], 500)
    table = effective_samples(np.zeros(1000), alternating, cycles=np.zeros(1000))
    assert table["n_effective"].tolist() == [1000.0]
    drift = effective_samples(np.zeros(1000), np.arange(1000.0), cycles=np.zeros(1000))
    assert 1.0 <= drift["n_effective"].iloc[0] < 10.0


def test_empty_constant_and_single_rows():
    labels = pd.Categorical(["a", "a", "b", "a"], categories=["a", "b", "c"])
    table = effective_samples([0.0] * 4, [2.0, 2.0, 1.0, 2.0], labels, cycles=[1, 1, 1, 2])
    assert table.index.tolist() == ["a", "b", "c"]
    assert np.isnan(table.loc["a", "n_effective"]), "no spread, no correlation"
    assert table.loc["b", "n_effective"] == 1.0
    assert table.loc["c", "n_effective"] == 0.0
    assert table["n_cycles"].tolist() == [2, 1, 0]


def test_the_unit_of_the_error_and_the_order_of_cycles_do_not_matter():
    error, cycle = ar1(0.9, 10, 200), np.repeat(np.arange(10), 200)
    plain = effective_samples(np.zeros(2000), error, cycles=cycle)
    scaled = effective_samples(np.zeros(2000), 1e-6 * error, cycles=cycle)
    pd.testing.assert_frame_equal(plain, scaled)
    order = np.argsort(-cycle, kind="stable")
    turned = effective_samples(np.zeros(2000), error[order], cycles=cycle[order])
    pd.testing.assert_frame_equal(plain, turned)


def test_rows_without_a_cycle_are_refused():
    with pytest.raises(InvalidLogError, match="cycles must be given"):
        effective_samples(np.zeros(3), np.ones(3))
