import numpy as np
import pytest
from scipy.signal import savgol_filter

from naive import savgol as slow_savgol
from signalprep._kernels import _fir
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._savgol_coefficients import (
    causal_rows,
    symmetric_factors,
    symmetric_rows,
)

EDGES = {
    "polynomial": _fir.POLYNOMIAL,
    "nearest": _fir.NEAREST,
    "mirror": _fir.MIRROR,
    "constant": _fir.CONSTANT,
    "nan": _fir.NAN,
}
SCIPY_MODES = {
    "polynomial": "interp",
    "nearest": "nearest",
    "mirror": "mirror",
    "constant": "constant",
}


def run(x, window, polyorder, deriv=0, sample_time=1.0, causal=True, edge="polynomial", fill=0.0,
        omit=False):  # fmt: skip
    """Filter one segment."""
    x = np.asarray(x)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    fit = (polyorder, deriv, sample_time, omit)
    if causal:
        rows = causal_rows(window, polyorder, deriv, sample_time)
        run_blocks(_fir.savgol_causal, bounds, 1, 1, x, bounds, out, rows, *fit)
    else:
        design = (window, polyorder, deriv, sample_time)
        weights = (symmetric_rows(*design)[window // 2], *symmetric_factors(*design))
        how = (*weights, EDGES[edge], fill, *fit)
        run_blocks(_fir.savgol_symmetric, bounds, 1, 1, x, bounds, out, *how)
    return out[0]


def noisy(n=120, seed=0, missing=0.0):
    random = np.random.default_rng(seed)
    x = np.sin(np.arange(n) * 0.1) + random.normal(size=n) * 0.1 + 3.0
    x[random.random(n) < missing] = np.nan
    return x


@pytest.mark.parametrize("edge", list(SCIPY_MODES))
@pytest.mark.parametrize("window_polyorder", [(5, 2), (11, 3), (21, 4), (31, 3)])
@pytest.mark.parametrize("deriv", [0, 1, 2])
def test_equals_scipy(edge, window_polyorder, deriv):
    window, polyorder = window_polyorder
    x = noisy()
    expected = savgol_filter(x, window, polyorder, deriv=deriv, delta=0.5, mode=SCIPY_MODES[edge])
    output = run(x, window, polyorder, deriv, 0.5, False, edge)
    np.testing.assert_allclose(
        output, expected, rtol=0, atol=1e-12 * max(1, np.abs(expected).max())
    )


def test_segment_longer_than_a_block_equals_scipy():
    x = noisy(2 * _fir._BLOCK + 300)
    output = run(x, 21, 3, 1, 0.5, False)
    np.testing.assert_allclose(output, savgol_filter(x, 21, 3, deriv=1, delta=0.5), atol=1e-12)


@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("missing", [0.0, 0.15, 0.7])
@pytest.mark.parametrize(("polyorder", "deriv"), [(0, 0), (3, 0), (2, 1), (3, 2), (2, 3)])
def test_causal_equals_slow_twin(omit, missing, polyorder, deriv):
    x = noisy(60, 1, missing)
    args = (9, polyorder, deriv, 0.5, True)
    output = run(x, *args, omit=omit)
    expected = slow_savgol(x, *args, omit=omit)
    np.testing.assert_allclose(output, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("edge", list(EDGES))
@pytest.mark.parametrize("deriv", [0, 1])
def test_symmetric_equals_slow_twin(omit, missing, edge, deriv):
    x = noisy(60, 2, missing)
    args = (9, 3, deriv, 0.5, False, edge, 1.5)
    output = run(x, *args, omit=omit)
    expected = slow_savgol(x, *args, omit=omit)
    np.testing.assert_allclose(output, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("causal", [True, False])
def test_nan_goes_no_further_than_the_window(causal):
    x = noisy(50)
    x[20] = np.nan
    output = run(x, 7, 2, causal=causal)
    hit = np.flatnonzero(np.isnan(output))
    np.testing.assert_array_equal(hit, np.arange(20, 27) if causal else np.arange(17, 24))


def test_nothing_there_gives_nan():
    x = np.full(30, np.nan)
    x[20:] = 1.0
    output = run(x, 5, 2, omit=True)
    np.testing.assert_array_equal(output, x)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("deriv", [0, 1])
def test_a_polynomial_of_the_order_passes(causal, deriv):
    t = np.arange(80) * 0.1
    x = 1.0 - 2.0 * t + 0.5 * t**2
    expected = x if deriv == 0 else -2.0 + t
    begin = 2 if deriv else 0  # the order grows to 2 with the first samples
    output = run(x, 11, 2, deriv, 0.1, causal)
    np.testing.assert_allclose(output[begin:], expected[begin:], atol=1e-11)


@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("deriv", [0, 1])
def test_step_is_the_batch(omit, deriv):
    x = noisy(80, 3, 0.05 if omit else 0.01)
    window, polyorder, sample_time = 19, 3, 0.25
    rows = causal_rows(window, polyorder, deriv, sample_time)
    state = _fir.savgol_start(window)
    steps = [
        _fir.savgol_step(state, sample, rows, 0, polyorder, deriv, sample_time, omit)
        for sample in x
    ]
    output = run(x, window, polyorder, deriv, sample_time, omit=omit)
    np.testing.assert_array_equal(steps, output)

    rows[window - 1] = symmetric_rows(window, polyorder, deriv, sample_time)[window // 2]
    _fir.savgol_reset(state)
    steps = [
        _fir.savgol_step(state, sample, rows, 9, polyorder, deriv, sample_time, omit)
        for sample in x
    ]
    output = run(x, window, polyorder, deriv, sample_time, False, "nan", omit=omit)
    np.testing.assert_array_equal(steps[18:], output[9:-9])


def test_constant_edge_of_a_constant_is_padded_not_kept():
    output = run(np.full(20, 2.0), 5, 2, causal=False, edge="constant", fill=0.0)
    np.testing.assert_allclose(output, savgol_filter(np.full(20, 2.0), 5, 2, mode="constant"))
    assert output[0] != 2.0
    np.testing.assert_array_equal(output[2:-2], 2.0)


def test_symmetric_segment_shorter_than_the_window_is_nan():
    assert np.isnan(run(np.ones(4), 5, 2, causal=False)).all()
