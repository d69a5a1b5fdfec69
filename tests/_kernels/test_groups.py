"""Quantiles of repeated values against numpy, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep._kernels._groups import repeated_quantile


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
