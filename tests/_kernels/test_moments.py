"""Moments in one pass, against exact sums."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalprep._kernels._moments import add_moments, facts_of, no_moments


def moments_of(x, n_jobs=1):
    return add_moments(no_moments(len(x)), x, n_jobs)


def variance(x):
    """Exact, for numbers with few digits."""
    values = [Fraction(float(value)) for value in x]
    mean = sum(values) / len(values)
    return float(sum((value - mean) ** 2 for value in values) / len(values))


def test_a_small_spread_on_a_large_mean():
    x = 1e6 + 1e-3 * np.random.default_rng(0).normal(size=(1, 9000))
    found = moments_of(x)
    np.testing.assert_allclose(found.squares / found.count, variance(x[0]), rtol=1e-13)


def test_a_first_value_far_from_the_others():
    x = 1e6 + 1e-3 * np.random.default_rng(0).normal(size=(1, 20_000))
    x[0, 0] = 0.0
    found = moments_of(x)
    np.testing.assert_allclose(found.squares / found.count, variance(x[0]), rtol=1e-13)
    np.testing.assert_allclose(found.shift + found.mean, x[0].mean(), rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 4095, 4096, 4097, 9001])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_against_numpy(n, dtype):
    x = np.random.default_rng(n).normal(3.0, 2.0, size=(3, n)).astype(dtype)
    found = moments_of(x)
    wide = x.astype(np.float64)
    np.testing.assert_array_equal(found.count, n)
    np.testing.assert_array_equal(found.missing, 0)
    np.testing.assert_array_equal(found.low, x.min(axis=1))
    np.testing.assert_array_equal(found.high, x.max(axis=1))
    np.testing.assert_allclose(found.shift + found.mean, wide.mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(found.squares / n, wide.var(axis=1), rtol=1e-12, atol=1e-30)


def test_missing_values_are_left_out_and_counted():
    x = np.random.default_rng(0).normal(size=(2, 9000))
    x[0, [0, 5, 4100]] = np.nan
    x[0, 4096:4098] = np.nan
    x[1] = np.nan
    found = moments_of(x)
    there = x[0][~np.isnan(x[0])]
    assert found.count.tolist() == [8995, 0]
    assert found.missing.tolist() == [5, 9000]
    np.testing.assert_allclose(found.shift[0] + found.mean[0], there.mean(), rtol=1e-12)
    np.testing.assert_allclose(found.squares[0] / 8995, there.var(), rtol=1e-13)
    assert (found.low[0], found.high[0]) == (there.min(), there.max())
    assert np.isnan(found.shift[1])
    assert (found.low[1], found.high[1]) == (np.inf, -np.inf)


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(1, 9999), max_size=6), st.floats(-1e6, 1e6))
def test_parts_are_the_whole(cuts, offset):
    x = np.random.default_rng(1).normal(size=(2, 10_000)) + offset
    x[0, 10:20] = np.nan
    whole = moments_of(x)
    known = no_moments(2)
    for part in np.split(x, sorted(cuts), axis=1):
        known = add_moments(known, np.ascontiguousarray(part), 1)
    for name in ("shift", "count", "missing", "low", "high"):
        np.testing.assert_array_equal(getattr(known, name), getattr(whole, name))
    np.testing.assert_allclose(known.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(known.squares, whole.squares, rtol=1e-12)


def test_a_channel_that_begins_later():
    x = np.random.default_rng(0).normal(size=(1, 50))
    known = add_moments(no_moments(1), np.full((1, 7), np.nan), 1)
    known = add_moments(known, x, 1)
    assert (known.count[0], known.missing[0], known.shift[0]) == (50, 7, x[0, 0])


def test_a_constant_has_no_squares():
    found = moments_of(np.full((1, 10_000), 0.1))
    assert (found.squares[0], found.mean[0], found.shift[0]) == (0.0, 0.0, 0.1)


def test_threads_and_chosen_channels():
    x = np.random.default_rng(0).normal(size=(4, 20_000))
    x.flags.writeable = False
    one, two = moments_of(x, 1), moments_of(x, 2)
    some = add_moments(no_moments(2), x, 1, np.array([3, 1]))
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        np.testing.assert_array_equal(getattr(some, name), getattr(one, name)[[3, 1]])


def test_facts_tell_what_must_be_refused():
    x = np.random.default_rng(0).normal(size=(5, 9000))
    x[1, 4500] = np.nan
    x[2, 10] = np.inf
    x[3, 10], x[3, 11] = np.inf, -np.inf
    x[4] = np.nan
    with np.errstate(invalid="ignore"):  # uncompiled
        facts = facts_of(moments_of(x))
    np.testing.assert_array_equal(np.isfinite(facts[:, 0]), [True, False, False, False, False])
    np.testing.assert_array_equal(
        facts[:2, 1:], np.stack([np.nanmin(x[:2], 1), np.nanmax(x[:2], 1)], 1)
    )
