import numpy as np
import pytest
import scipy.signal

import naive
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._detrend import detrend

both = pytest.mark.parametrize("linear", [False, True])


def run(x, linear, omit=False):
    x = np.asarray(x)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    facts = np.empty((1, 1, 3))
    run_blocks(detrend, bounds, 1, 1, x, bounds, out, linear, omit, facts)
    return out[0]


def signal(n, missing=0.0, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=n).cumsum()
    x[random.random(n) < missing] = np.nan
    return x


@both
@pytest.mark.parametrize("n", [1, 2, 3, 63, 64, 65, 700])
def test_equals_scipy(linear, n):
    x = signal(n)
    kind = "linear" if linear and n > 1 else "constant"
    expected = scipy.signal.detrend(x, type=kind)
    np.testing.assert_allclose(run(x, linear), expected, rtol=0, atol=1e-12)


@both
@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("missing", [0.0, 0.3, 0.97])
def test_equals_slow_twin(linear, omit, missing):
    for seed in range(5):
        x = signal(120, missing, seed)
        expected = naive.detrend(x, linear, omit)
        np.testing.assert_allclose(run(x, linear, omit), expected, rtol=0, atol=1e-11)


@both
def test_few_numbers(linear):
    nothing = np.full(4, np.nan)
    np.testing.assert_array_equal(run(nothing, linear, omit=True), nothing)
    np.testing.assert_array_equal(run([np.nan, 7.1, np.nan], linear, True), [np.nan, 0.0, np.nan])
    np.testing.assert_array_equal(run([7.1], linear), [0.0])


@both
def test_a_constant_gives_zero(linear):
    for value in (0.1, -1e17, 1e-300):
        x = np.full(1000, value)
        np.testing.assert_array_equal(run(x, linear), 0.0)
        x[::3] = np.nan
        assert np.nanmax(np.abs(run(x, linear, omit=True))) == 0.0


@both
def test_small_signal_on_large_offset(linear):
    small = np.round(signal(5000) * 1e-3 * 2**30) / 2**30  # so that the sum is exact
    expected = run(small, linear)
    np.testing.assert_allclose(run(small + 2.0**20, linear), expected, rtol=0, atol=1e-14)


def test_a_line_leaves_nothing():
    line = 3.0 + 0.25 * np.arange(100_000)
    assert np.abs(run(line, True)).max() < 1e-10


@both
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_facts_are_those_of_each_segment(linear, bad):
    x = np.stack([signal(300), signal(300, seed=1)])
    x[1, 150] = bad
    bounds, facts = np.array([0, 140, 300]), np.empty((2, 2, 3))
    with np.errstate(invalid="ignore"):  # uncompiled
        run_blocks(detrend, bounds, 2, 1, x, bounds, np.empty_like(x), linear, False, facts)
    np.testing.assert_array_equal(np.isfinite(facts[:, :, 0]), [[True, True], [True, False]])
    for channel, segment in np.ndindex(2, 2):
        part = x[channel, bounds[segment] : bounds[segment + 1]]
        found = facts[channel, segment, 1:]
        np.testing.assert_array_equal(found, [np.nanmin(part), np.nanmax(part)])
