import numpy as np
import pytest

from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._quantiles import SAMPLE, quantiles

PROBABILITIES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
LARGE = 4 * SAMPLE + 1000


def run(x, n_jobs=1):
    out = np.empty((len(x), len(PROBABILITIES)))
    run_blocks(quantiles, np.array([0, x.shape[1]]), len(x), n_jobs, x, PROBABILITIES, out)
    return out


def expected(x):
    return np.nanquantile(x, PROBABILITIES, axis=1).T


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 100, LARGE])
def test_equals_numpy(n):
    x = np.random.default_rng(n).normal(size=(2, n))
    np.testing.assert_array_equal(run(x), expected(x))


def ramp(n, random):
    return np.arange(n, dtype=float)


def steps(n, random):
    return random.integers(0, 3, n).astype(float)


def one_value(n, random):
    return np.full(n, 0.1)


def comb(n, random):
    """The sample sees only every fifth or so value, and those are unlike the others."""
    x = random.normal(size=n)
    x[:: -(-n // SAMPLE)] = 100.0
    return x


def mostly_missing(n, random):
    x = random.normal(size=n)
    x[: -n // 3] = np.nan
    return x


@pytest.mark.parametrize(
    ("make", "dtype"),
    [(make, np.float64) for make in (ramp, steps, one_value, comb, mostly_missing)]
    + [(comb, np.float32)],
)
def test_signals_that_are_unlike_their_sample(make, dtype):
    x = make(LARGE, np.random.default_rng(0))[np.newaxis].astype(dtype)
    np.testing.assert_array_equal(run(x), expected(x.astype(np.float64)))


def test_missing_values_are_left_out_and_a_channel_of_them_has_none():
    x = np.random.default_rng(0).normal(size=(3, 50))
    x[0, ::3] = np.nan
    x[1] = np.nan
    out = run(x, n_jobs=2)
    np.testing.assert_array_equal(out[[0, 2]], expected(x[[0, 2]]))
    assert np.isnan(out[1]).all()
