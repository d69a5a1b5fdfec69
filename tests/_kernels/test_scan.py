import numpy as np
import pytest

from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._scan import _ROWS, LANES, scan, scan_and_run


def facts_of(x, n_jobs=1):
    facts = np.empty((len(x), 3))
    run_blocks(scan, np.array([0, x.shape[1]]), len(x), n_jobs, x, facts)
    return facts


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [1, LANES - 1, LANES, 4 * LANES, 9 * LANES + 3])
def test_equals_numpy(n, dtype, n_jobs):
    x = np.random.default_rng(0).normal(3.0, 5.0, (3, n)).astype(dtype)
    facts = facts_of(x, n_jobs)
    np.testing.assert_allclose(facts[:, 0], x.sum(axis=1, dtype=np.float64), rtol=1e-12)
    np.testing.assert_array_equal(facts[:, 1], x.min(axis=1))
    np.testing.assert_array_equal(facts[:, 2], x.max(axis=1))


@pytest.mark.parametrize("row", [0, LANES, 3 * LANES, 4 * LANES + 4])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_sample_shows_in_the_sum_of_its_channel_alone(bad, row):
    x = np.ones((2, 4 * LANES + 5))
    x[1, row] = bad
    facts = facts_of(x)
    np.testing.assert_array_equal(np.isfinite(facts[:, 0]), [True, False])


def test_nan_has_no_part_in_least_and_greatest():
    facts = facts_of(np.array([[np.nan, 2.0, -1.0], [np.nan, np.nan, np.nan]]))
    np.testing.assert_array_equal(facts[:, 1:], [[-1.0, 2.0], [np.inf, -np.inf]])


def copy(first, last, x, bounds, out):
    """A kernel of the simplest kind."""
    n_segments = bounds.size - 1
    for task in range(first, last):
        rows = slice(bounds[task % n_segments], bounds[task % n_segments + 1])
        assert np.isnan(out[task // n_segments, rows]).all()
        out[task // n_segments, rows] = x[task // n_segments, rows]


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("cuts", [[], [7], [_ROWS, 2 * _ROWS + 1], range(1, 3 * _ROWS, 999)])
def test_scanned_on_the_way(cuts, n_jobs):
    x = np.random.default_rng(0).normal(size=(3, 3 * _ROWS + 5))
    bounds = np.array([0, *cuts, x.shape[1]])
    out = np.full_like(x, np.nan)
    facts = scan_and_run(copy, bounds, 3, n_jobs, x, bounds, out)
    np.testing.assert_array_equal(out, x)
    np.testing.assert_allclose(facts[:, 0], x.sum(axis=1), rtol=1e-11)


@pytest.mark.parametrize("bad", [[np.nan], [np.inf], [-np.inf], [np.inf, -np.inf]])
def test_bad_samples_are_found_on_the_way(bad):
    x = np.ones((2, 2 * _ROWS))
    x[1, :: _ROWS + 3][: len(bad)] = bad
    bounds = np.array([0, _ROWS, 2 * _ROWS])
    facts = scan_and_run(copy, bounds, 2, 1, x, bounds, np.full_like(x, np.nan))
    np.testing.assert_array_equal(np.isfinite(facts[:, 0]), [True, False])
