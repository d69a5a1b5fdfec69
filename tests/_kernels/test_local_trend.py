import numpy as np
import pytest

import naive
from kernel_runs import no_flags, run_pushed, run_whole
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._local_trend import LOCAL_TREND, local_trend_params
from signalprep._kernels._trend_smoother import smooth_trend
from signalprep.preprocessing._steady_state import model_row

LEVEL = (0.2, None, 1.0)
TREND = (0.1, 0.02, 1.0)
SAMPLE_TIME = 0.25
MODELS = [LEVEL, (5.0, None, 0.3), TREND, (1e-3, 2.0, 0.5)]
every = pytest.mark.parametrize("model", MODELS)
lags = pytest.mark.parametrize("lag", [0, 1, 7])


def row_of(model):
    q_level, q_slope, r = model
    process = [q_level] if q_slope is None else [q_level, q_slope]
    return model_row(np.array(process), r, "x")


def params_of(model, omit=False, n_channels=1):
    models = np.tile(row_of(model), (n_channels, 1))
    trend = model[1] is not None
    return local_trend_params(models, trend=trend, omit=omit, sample_time=SAMPLE_TIME)


def run(x, model, lag=0, omit=False, slope=False):
    x = np.asarray(x)[np.newaxis]
    slopes = np.empty_like(x) if slope else no_flags(x)
    if lag == 0:
        out, _ = run_whole(LOCAL_TREND, params_of(model, omit), x, flags=slopes)
        return slopes[0] if slope else out[0]
    bounds, out = np.array([0, x.shape[1]]), np.empty_like(x)
    args = (slopes, params_of(model, omit), lag)
    run_blocks(smooth_trend, bounds, 1, 1, x, bounds, out, *args)
    return slopes[0] if slope else out[0]


def signal(n, missing=0.0, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=n).cumsum() + random.normal(size=n)
    x[random.random(n) < missing] = np.nan
    return x


@every
@lags
@pytest.mark.parametrize("missing", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("omit", [True, False])
def test_equals_the_most_likely_path(model, lag, missing, omit):
    x = signal(60, missing, 1)
    expected = naive.local_trend(x, *model, lag, omit)
    np.testing.assert_allclose(run(x, model, lag, omit), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("model", [TREND, (1e-3, 2.0, 0.5)])
@lags
@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("omit", [True, False])
def test_slope_is_that_of_the_most_likely_path(model, lag, missing, omit):
    x = signal(60, missing, 7)
    x[:2] = [np.nan, 1.0]
    expected = naive.local_trend(x, *model, lag, omit, slope=True) / SAMPLE_TIME
    np.testing.assert_allclose(run(x, model, lag, omit, slope=True), expected, rtol=0, atol=1e-6)


@every
@lags
def test_missing_at_the_start(model, lag):
    x = signal(30, seed=2)
    x[[0, 1, 3, 4, 6]] = np.nan
    expected = naive.local_trend(x, *model, lag, True)
    output = run(x, model, lag, True)
    assert np.isnan(output[:2]).all()
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-7)


@every
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("omit", [True, False])
def test_pushes_are_the_batch(model, missing, omit):
    x = np.stack([signal(400, missing, 3), signal(400, missing, 4)])
    params, flags = params_of(model, omit, 2), [np.empty_like(x), np.empty_like(x)]
    pushed, slopes = run_pushed(LOCAL_TREND, params, x, [1, 2, 3, 40, 200], flags=flags[0])
    out, expected = run_whole(LOCAL_TREND, params, x, flags=flags[1])
    np.testing.assert_array_equal(pushed, out)
    np.testing.assert_array_equal(slopes, expected)


def test_first_samples_are_taken_as_they_are():
    x = signal(20, seed=4)
    assert run(x, LEVEL)[0] == x[0]
    np.testing.assert_array_equal(run(x, TREND)[:2], x[:2])


def test_a_level_begins_as_the_mean():
    x = signal(5, seed=5)
    still = (1e-12, None, 1.0)
    means = np.cumsum(x) / np.arange(1, 6)
    np.testing.assert_allclose(run(x, still), means, rtol=0, atol=1e-9)


def test_a_ramp_is_followed_without_lag():
    ramp = 3.0 + 0.5 * np.arange(200.0)
    np.testing.assert_allclose(run(ramp, TREND), ramp, rtol=0, atol=1e-10)
    np.testing.assert_allclose(run(ramp, TREND, slope=True)[1:], 0.5 / SAMPLE_TIME, atol=1e-9)
    gain = row_of(LEVEL)[3]
    late = 0.5 * (1 - gain) / gain
    assert run(ramp, LEVEL)[-1] == pytest.approx(ramp[-1] - late, abs=1e-6)


@every
def test_what_fades_reaches_zero(model):
    x = np.zeros(30_000)
    x[0] = 1.0
    output = run(x, model)
    assert output[0] == 1.0
    tiny = (output != 0.0) & (np.abs(output) < 1e-300)
    assert not tiny.any()


def test_propagate_marks_missing_rows_only():
    x = signal(80, 0.2, 6)
    kept, marked = run(x, TREND, 3, True), run(x, TREND, 3, False)
    np.testing.assert_array_equal(np.isnan(marked), np.isnan(x))
    np.testing.assert_array_equal(marked[~np.isnan(x)], kept[~np.isnan(x)])
