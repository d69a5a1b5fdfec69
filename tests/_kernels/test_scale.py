import numpy as np
import pytest

from kernel_runs import no_flags, run_pushed, run_whole
from signalprep._kernels._scale import SCALE, scale_params


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_less_the_centre_by_the_spread(dtype):
    x = np.random.default_rng(0).normal(size=(3, 40)).astype(dtype)
    x[:, 7] = np.nan
    center, spread = np.array([1.0, -2.0, 0.1]), np.array([0.3, 2.0, 1.0])
    params = scale_params(center, spread, np.array([False, False, True]))
    flags = no_flags(x)
    out, _ = run_whole(SCALE, params, x, flags=flags)
    np.testing.assert_array_equal(out[0], ((x[0] - np.float64(1.0)) / 0.3).astype(dtype))
    np.testing.assert_array_equal(np.isnan(out), np.isnan(x))
    assert not np.signbit(out[2]).any()
    assert set(out[2][~np.isnan(x[2])]) == {0.0}
    pushed, _ = run_pushed(SCALE, params, x, [1, 2, 20], flags=flags)
    np.testing.assert_array_equal(pushed, out)
