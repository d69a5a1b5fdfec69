from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy.signal import resample_poly, upfirdn

from kernel_runs import no_flags, read_only, run_whole
from naive import decimate as slow_decimate
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._decimate import (
    DECIMATE,
    decimate_symmetric,
    decimator_params,
    kept_bounds,
    kept_samples,
)
from signalprep._kernels._decimator_design import decimator_edges, decimator_taps
from signalprep._kernels._kernel import NO_REGIME


@cache
def design(factor, causal=True):
    """Taps and edges: drawn up once for all tests, and only read."""
    taps = decimator_taps(factor)
    return taps, decimator_edges(taps, factor, causal)


def run(x, factor, causal=True, omit=False):
    """Decimate one segment."""
    x = np.asarray(x)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    kept = kept_bounds(bounds, factor)
    out = np.empty((1, kept[-1]), dtype=x.dtype)
    params = decimator_params(factor, *design(factor, causal), omit=omit)
    if causal:
        return run_whole(DECIMATE, params, x, flags=no_flags(x))[0][0, : kept[-1]]
    run_blocks(decimate_symmetric, bounds, 1, 1, x, bounds, out, kept, params[0])
    return out[0]


def noisy(n, seed=0, missing=0.0):
    random = np.random.default_rng(seed)
    x = random.normal(size=n).cumsum() + 50.0
    x[random.random(n) < missing] = np.nan
    return x


THREE_TENTHS = Fraction(10, 3)
NEARLY_ALL = Fraction(10, 9)


def test_kept_bounds():
    np.testing.assert_array_equal(kept_bounds(np.array([0, 1, 11, 21, 41]), 10), [0, 1, 2, 3, 5])


@pytest.mark.parametrize("factor", [1, 2, 3, 7, Fraction(3, 2), THREE_TENTHS, NEARLY_ALL])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("missing", [0.0, 0.02, 0.6])
@pytest.mark.parametrize("n", [1, 2, 17, 100, 451])
def test_equals_slow_twin(factor, causal, missing, n):
    x = noisy(n, n + int(factor), missing)
    taps, edges = design(factor, causal)
    for omit in (True, False):
        output = run(x, factor, causal, omit)
        expected = slow_decimate(x, factor, taps, edges, causal, omit)
        np.testing.assert_allclose(output, expected, rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize("factor", [2, 5, THREE_TENTHS, NEARLY_ALL, Fraction(1000, 441)])
def test_full_windows_equal_scipy(factor):
    x = noisy(int(factor * 400))
    taps = decimator_taps(factor)
    down, up = factor.numerator, factor.denominator
    filtered = upfirdn(taps, x, up=up, down=down)
    full = -(-(taps.size - 1) // down)
    output = run(x, factor)
    assert output.size > full + 100
    np.testing.assert_allclose(output[full:], filtered[full : output.size], rtol=1e-12)
    if up > 100:  # an edge of its own for each of the places between two samples
        return
    centred = resample_poly(x, up, down, window=taps / up)
    output, full = run(x, factor, False), slice(full, -full)
    np.testing.assert_allclose(output[full], centred[: output.size][full], rtol=1e-12)


def test_the_next_samples_that_an_output_comes_with():
    assert kept_samples(0, 11, THREE_TENTHS) == ([0, 4, 7, 10], 7)  # the next after 40/3 samples
    assert kept_samples(7, 3, THREE_TENTHS) == ([], -2)
    assert kept_samples(-2, 1, THREE_TENTHS) == ([0], 5)


@pytest.mark.parametrize("factor", [2, 5, 10, Fraction(7, 2), THREE_TENTHS, NEARLY_ALL])
@pytest.mark.parametrize("causal", [True, False])
def test_edges_stay_within_the_samples_seen(factor, causal):
    taps, up = design(factor, causal)[0], factor.denominator
    n = taps.size // up
    overshoot = max(0.1, *(np.cumsum(taps[k::up]).max() - 1.0 for k in range(up)))  # of a step
    random = np.random.default_rng(int(factor))
    steps = [np.where(np.arange(n) < at, 0.0, 1.0) for at in range(1, n, max(1, n // 20))]
    for x in [*steps, *random.uniform(size=(5, n))]:
        output = run(x, factor, causal)
        for row, value in zip(kept_samples(0, n, factor)[0], output, strict=True):
            seen = x[: row + 1] if causal else x
            margin = overshoot * (seen.max() - seen.min())
            assert seen.min() - margin <= value <= seen.max() + margin


def test_zero_phase_passes_a_ramp_to_the_very_ends():
    x = np.arange(1003.0)
    np.testing.assert_allclose(run(x, 10, False), x[::10], rtol=1e-12, atol=1e-12)


def test_delay_of_the_causal_form():
    x = np.arange(2000.0)
    taps = decimator_taps(10)
    output = run(x, 10)
    begin = taps.size // 10 + 1
    np.testing.assert_allclose(output[begin:], x[::10][begin:] - (taps.size - 1) / 2, rtol=1e-12)


def test_removes_what_would_alias():
    t = np.arange(4000)
    x = np.sin(2 * np.pi * 0.07 * t)  # above the new Nyquist frequency of 0.05
    settled = run(x, 10)[60:-60]
    assert np.abs(settled).max() < 1e-4


@pytest.mark.parametrize("causal", [True, False])
def test_omit_survives_gaps_and_propagate_marks_them(causal):
    x = np.full(600, 4.0)
    x[200:330] = np.nan
    output = run(x, 5, causal, True)
    rows = np.arange(0, 600, 5)
    reach = decimator_taps(5).size
    assert np.isnan(run(x, 5, causal)[(rows >= 200) & (rows < 330)]).all()
    np.testing.assert_array_equal(output[~np.isnan(output)], 4.0)
    assert reach > 130
    assert not np.isnan(output).any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("factor", [1, 2, 3, Fraction(3, 2), THREE_TENTHS, NEARLY_ALL])
def test_pushes_are_the_batch(omit, factor, dtype):
    x = np.stack([noisy(300, 3, 0.01), noisy(300, 4)]).astype(dtype)
    params = decimator_params(factor, *design(factor), omit=omit)
    expected = [run(row, factor, True, omit) for row in x]
    for push, take in ((DECIMATE.advance, np.ascontiguousarray), (DECIMATE.fast, read_only)):
        for size in (1, 7, 64, 200):
            numbers, counts = DECIMATE.start(params, 2)
            parts, to_next = [], 0
            for begin in range(0, x.shape[1], size):
                chunk = take(x[:, begin : begin + size])
                n, out = chunk.shape[1], np.empty(chunk.shape, dtype)
                push(numbers, counts, params, chunk, np.array([0, n]), NO_REGIME, out, out[:, :0])
                kept, to_next = kept_samples(to_next, n, factor)
                parts.append(out[:, : len(kept)])
            np.testing.assert_array_equal(np.concatenate(parts, axis=1), expected)
