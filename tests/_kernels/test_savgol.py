from itertools import product

import numpy as np
import pytest
from scipy.signal import savgol_filter

from kernel_runs import no_flags, read_only, run_pushed, run_whole
from naive import savgol as slow_savgol
from signalprep._kernels import _savgol
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._savgol import savgol_params
from signalprep._kernels._savgol_causal import SAVGOL
from signalprep._kernels._savgol_coefficients import (
    causal_taps,
    symmetric_factors,
    symmetric_rows,
)
from signalprep._kernels._savgol_symmetric import EDGES, savgol_symmetric

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
    design = (window, polyorder, deriv, sample_time)
    if causal:
        params = savgol_params(design, causal_taps(*design), omit=omit)
        return run_whole(SAVGOL, params, x, flags=no_flags(x))[0][0]
    bounds, out = np.array([0, x.shape[1]]), np.empty_like(x)
    how = {"lookahead": window // 2, "edge": (EDGES.index(edge), fill), "omit": omit}
    params = savgol_params(design, symmetric_rows(*design)[window // 2], **how)
    args = (x, bounds, out, params, *symmetric_factors(*design))
    run_blocks(savgol_symmetric, bounds, 1, 1, *args)
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
    x = noisy(2 * _savgol._BLOCK + 300)
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
@pytest.mark.parametrize("edge", EDGES)
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


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.6])
@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize(
    ("window", "deriv", "dtype"),
    [
        *product((1, 2, 19, 40), [0], [np.float64]),
        *product((2, 3, 19, 40), [1], [np.float64]),
        *product((2, 40), (0, 1), [np.float32]),  # only read and written as such
    ],
)
def test_pushes_are_the_batch(window, deriv, omit, missing, dtype):
    """However a segment is cut, by the form for one sample and by the one for many."""
    design = (window, min(3, window - 1), deriv, 0.25)
    params = savgol_params(design, causal_taps(*design), omit=omit)
    x = np.stack([noisy(140, seed, missing) for seed in (3, 4)]).astype(dtype)
    x[0, 0] = np.nan if missing > 0 else x[0, 0]
    how = {"flags": no_flags(x)}
    expected = run_pushed(SAVGOL, params, x, range(1, 140), **how)[0]
    np.testing.assert_array_equal(run_whole(SAVGOL, params, x, **how)[0], expected)
    for cuts in ([1], [19], [40], [5, 5, 9, 20, 120], range(7, 140, 7), range(60, 140, 53)):
        np.testing.assert_array_equal(run_pushed(SAVGOL, params, x, cuts, **how)[0], expected)


def test_pushes_over_borders_of_segments():
    """The state of the first segment is kept, that of the last one remembered."""
    design = (9, 2, 0, 1.0)
    params = savgol_params(design, causal_taps(*design), omit=True)
    x = np.stack([noisy(120, seed, 0.1) for seed in (5, 6)])
    nothing = no_flags(x)
    expected = run_whole(SAVGOL, params, x, np.array([0, 40, 43, 60, 120]), flags=nothing)[0]
    for run, samples in ((SAVGOL.advance, x), (SAVGOL.fast, read_only(x))):
        state, out = SAVGOL.start(params, 2), np.empty_like(x)
        for bounds in ([0, 5], [5, 30], [30, 40, 43, 50], [50, 60, 63], [63, 64], [64, 120]):
            run(*state, params, samples, np.array(bounds), np.empty(0, np.int16), out, nothing)
        np.testing.assert_array_equal(out, expected)


def test_a_missing_first_sample_has_no_derivative():
    output = run([np.nan, 1.0, 3.0, 4.0], 2, 1, deriv=1)
    np.testing.assert_array_equal(output, [np.nan, np.nan, 2.0, 1.0])


def test_constant_edge_of_a_constant_is_padded_not_kept():
    output = run(np.full(20, 2.0), 5, 2, causal=False, edge="constant", fill=0.0)
    np.testing.assert_allclose(output, savgol_filter(np.full(20, 2.0), 5, 2, mode="constant"))
    assert output[0] != 2.0
    np.testing.assert_array_equal(output[2:-2], 2.0)


def test_symmetric_segment_shorter_than_the_window_is_nan():
    assert np.isnan(run(np.ones(4), 5, 2, causal=False)).all()
