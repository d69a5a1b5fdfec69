"""Statistics of repeated owners against numpy on the repeated rows."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep._kernels._groups import (
    exceedance_interval,
    repeated_quantile,
    resampled_ratios,
)


def naive(values, owners, counts, q):
    out = np.full(len(counts), np.nan)
    for b, drawn in enumerate(counts):
        repeated = np.repeat(values, drawn[owners])
        if len(repeated):
            out[b] = np.percentile(repeated, 100 * q)
    return out


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("q", [0.0, 0.25, 0.5, 0.95, 1.0])
def test_equals_numpy_on_the_repeated_values(seed, q):
    rng = np.random.default_rng(seed)
    n_owners = int(rng.integers(1, 9))
    values = np.sort(rng.exponential(size=int(rng.integers(1, 300))))
    if seed % 2:
        values = np.round(values, 1)  # ties
    owners = rng.integers(n_owners, size=len(values)).astype(np.int32)
    sizes = np.bincount(owners, minlength=n_owners)
    counts = rng.multinomial(n_owners, np.full(n_owners, 1 / n_owners), size=60).astype(np.int32)
    result = repeated_quantile(values, owners, sizes, counts, q)
    np.testing.assert_array_equal(result, naive(values, owners, counts, q))


def test_a_resample_without_values_is_nan():
    counts = np.array([[0, 3], [2, 0]], dtype=np.int32)
    result = repeated_quantile(
        np.array([1.0, 2.0]), np.array([0, 0], np.int32), np.array([2, 0]), counts, 0.5
    )
    np.testing.assert_array_equal(result, [np.nan, 1.5])


def test_large_multiplicities_do_not_overflow():
    counts = np.array([[2_000_000_000, 2_000_000_000]], dtype=np.int32)
    result = repeated_quantile(
        np.array([1.0, 2.0, 3.0, 4.0]),
        np.array([0, 0, 1, 1], np.int32),
        np.array([2, 2]),
        counts,
        0.6,
    )
    assert result[0] == 3.0


def drawn_sums(rng, n_owners):
    """Sums of n, a, b, c, d, w, m: w and m of a value y and of its square."""
    n = rng.integers(1, 9, size=n_owners)
    y = [rng.normal(size=size) for size in n]
    sums = np.column_stack(
        [n, rng.normal(size=(n_owners, 4)), [(v**2).sum() for v in y], [v.sum() for v in y]]
    )
    return sums


def ratios_of(sums):
    n, a, b, c, d, w, m = sums.sum(axis=0)
    return np.array([a / n, b / n, c / n, d / n, c / (w - m**2 / n)])


@pytest.mark.parametrize("seed", range(5))
def test_ratios_and_their_errors_by_leaving_one_owner_out(seed):
    rng = np.random.default_rng(seed)
    n_owners = int(rng.integers(3, 9))
    sums = drawn_sums(rng, n_owners)
    counts = rng.multinomial(n_owners, np.full(n_owners, 1 / n_owners), size=40).astype(np.int32)
    ratios, errors = resampled_ratios(sums, counts)
    for r, drawn in enumerate(counts):
        if np.count_nonzero(drawn) < 2:
            assert np.isnan(ratios[:, r]).all()
            assert np.isnan(errors[:, r]).all()
            continue
        repeated = np.repeat(sums, drawn, axis=0)
        ratio = ratios_of(repeated)
        np.testing.assert_allclose(ratios[:, r], ratio, rtol=1e-9)
        without = [ratios_of(np.delete(repeated, k, axis=0)) for k in range(len(repeated))]
        change = np.array(without)[:, :4] - ratio[:4]
        scale = (n_owners - 1) / n_owners
        jackknife = np.sqrt(scale * (change**2).sum(axis=0))
        np.testing.assert_allclose(errors[:4, r], jackknife, rtol=1e-9)
        n, _, _, c, _, w, m = repeated.T
        mean = m.sum() / n.sum()
        spread = w.sum() - n.sum() * mean**2
        u = (c - ratio[4] * (w - 2 * mean * m + mean**2 * n)) / spread * n.sum() / (n.sum() - n)
        np.testing.assert_allclose(errors[4, r], np.sqrt(scale * (u**2).sum()), rtol=1e-9)


def test_the_error_of_the_last_ratio_is_the_jackknife_to_first_order():
    rng = np.random.default_rng(8)
    sums = np.concatenate([drawn_sums(rng, 400) for _ in range(5)])
    sums[:, 3] = np.abs(sums[:, 3])
    counts = np.ones((1, len(sums)), dtype=np.int32)
    _, errors = resampled_ratios(sums, counts)
    whole = sums.sum(axis=0)
    n, _, _, c, _, w, m = (whole - sums).T
    change = c / (w - m**2 / n) - ratios_of(sums)[4]
    assert errors[4, 0] == pytest.approx(np.sqrt((change**2).sum()), rel=0.01)


def test_a_constant_value_leaves_the_last_ratio_undefined():
    sums = np.array([[2.0, 1, 1, 1, 1, 18, 6], [4.0, 1, 1, 1, 1, 36, 12]])  # 3 everywhere
    ratios, errors = resampled_ratios(sums, np.array([[1, 1]], dtype=np.int32))
    assert np.isnan([ratios[4, 0], errors[4, 0]]).all()
    np.testing.assert_allclose(ratios[:4, 0], 1 / 3)


def naive_interval(values, owners, n_owners, share, below, above):
    """Every threshold between two distinct values, from the largest down."""
    rows = np.bincount(owners, minlength=n_owners)
    distances = []
    steps = np.unique(values)[:-1][::-1]
    for threshold in steps:
        x = np.bincount(owners[values > threshold], minlength=n_owners)
        p = x.sum() / len(values)
        change = (x.sum() - x) / (len(values) - rows) - p
        error = np.sqrt((n_owners - 1) / n_owners * (change**2).sum()) / (p * (1 - p))
        distances.append((np.log(p / (1 - p)) - np.log(share / (1 - share))) / error)
    above_it = np.append(np.unique(values)[1:][::-1], values[0])
    first = next((k for k, z in enumerate(distances) if z >= -below), None)
    if first is None:
        return values[0], values[-1]
    last = next((k for k, z in enumerate(distances) if k >= first and z > above), len(steps))
    return above_it[last], above_it[first]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("reach", [(1.0, 1.0), (2.5, 4.0), (100.0, 100.0)])
def test_thresholds_that_a_share_may_exceed(seed, reach):
    rng = np.random.default_rng(seed)
    n_owners = int(rng.integers(2, 8))
    owners = np.r_[np.arange(n_owners), rng.integers(n_owners, size=150)].astype(np.int32)
    values = np.sort(rng.exponential(size=len(owners)))
    if seed % 2:
        values = np.round(values, 1)  # ties
    rows = np.bincount(owners, minlength=n_owners).astype(float)
    result = exceedance_interval(values, owners, np.ones(len(values)), rows, 0.05, *reach)
    assert result == naive_interval(values, owners, n_owners, 0.05, *reach)


def test_equal_values_leave_no_threshold():
    values, owners = np.full(6, 2.0), np.array([0, 0, 0, 1, 1, 1], np.int32)
    counted = (np.ones(6), np.full(2, 3.0))
    assert exceedance_interval(values, owners, *counted, 0.05, 2.0, 2.0) == (2.0, 2.0)
