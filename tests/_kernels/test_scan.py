import numpy as np
import pytest

from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._scan import _LANES, scan


def facts_of(x, n_jobs=1):
    facts = np.empty((len(x), 3))
    run_blocks(scan, np.array([0, x.shape[1]]), len(x), n_jobs, x, facts)
    return facts


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [1, _LANES - 1, _LANES, 5 * _LANES + 3])
def test_equals_numpy(n, dtype, n_jobs):
    x = np.random.default_rng(0).normal(3.0, 5.0, (3, n)).astype(dtype)
    facts = facts_of(x, n_jobs)
    np.testing.assert_allclose(facts[:, 0], x.sum(axis=1, dtype=np.float64), rtol=1e-12)
    np.testing.assert_array_equal(facts[:, 1], x.min(axis=1))
    np.testing.assert_array_equal(facts[:, 2], x.max(axis=1))


@pytest.mark.parametrize("row", [0, _LANES, 2 * _LANES + 4])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_sample_shows_in_the_sum_of_its_channel_alone(bad, row):
    x = np.ones((2, 2 * _LANES + 5))
    x[1, row] = bad
    facts = facts_of(x)
    np.testing.assert_array_equal(np.isfinite(facts[:, 0]), [True, False])


def test_nan_has_no_part_in_least_and_greatest():
    facts = facts_of(np.array([[np.nan, 2.0, -1.0], [np.nan, np.nan, np.nan]]))
    np.testing.assert_array_equal(facts[:, 1:], [[-1.0, 2.0], [np.inf, -np.inf]])
