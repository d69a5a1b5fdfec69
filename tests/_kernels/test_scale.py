import numpy as np
import pytest

from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._scale import scale, scale_step


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_batch_is_the_loop_over_the_step(dtype):
    x = np.random.default_rng(0).normal(size=(3, 40)).astype(dtype)
    x[:, 7] = np.nan
    center, spread = np.array([1.0, -2.0, 0.1]), np.array([0.3, 2.0, 1.0])
    constant = np.array([False, False, True])
    bounds, out = np.array([0, 10, 40]), np.empty_like(x)
    run_blocks(scale, bounds, 3, 1, x, bounds, out, center, spread, constant)
    for c in range(3):
        step = [scale_step(float(v), center[c], spread[c], constant[c]) for v in x[c]]
        np.testing.assert_array_equal(out[c], np.array(step, dtype=dtype))
    np.testing.assert_array_equal(out[0], ((x[0] - np.float64(1.0)) / 0.3).astype(dtype))
    np.testing.assert_array_equal(np.isnan(out), np.isnan(x))
    assert not np.signbit(out[2]).any()
    assert set(out[2][~np.isnan(x[2])]) == {0.0}
