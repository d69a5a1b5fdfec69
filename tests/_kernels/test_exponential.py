import numpy as np
import pandas as pd
import pytest

from naive import exponential as slow_exponential
from signalprep._kernels import _exponential
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._exponential import exponential, exponential_start, exponential_step

ALPHAS = 2.0 / (np.array([1.0, 2.0, 7.0, 50.0, 3000.0]) + 1.0)


def run(x, alphas=ALPHAS, omit=False):
    """Rows (span, mean and std) of one segment."""
    x = np.asarray(x)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty((2 * alphas.size, x.shape[1]), dtype=x.dtype)
    run_blocks(exponential, bounds, 1, 1, x, bounds, out, alphas, omit)
    return out


def signal(n, offset=0.0, missing=0.0, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=n).cumsum() + offset
    x[random.random(n) < missing] = np.nan
    return x


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e7])
@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("n", [1, 2, 3, 700])
def test_equals_pandas(offset, missing, n):
    x = signal(n, offset, missing)
    output = run(x, omit=True)
    scale = max(1.0, np.nanmax(np.abs(x)) if not np.isnan(x).all() else 1.0)
    several = (~np.isnan(x)).cumsum() > 1
    for j, alpha in enumerate(ALPHAS):
        peer = pd.Series(x).ewm(alpha=alpha, adjust=False)
        np.testing.assert_allclose(output[2 * j], peer.mean(), rtol=0, atol=1e-12 * scale)
        if alpha < 1.0:  # pandas: NaN throughout for the span of one sample
            std = peer.std().to_numpy()
            np.testing.assert_allclose(
                output[2 * j + 1][several], std[several], rtol=0, atol=1e-12 * scale
            )


@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_equals_slow_twin(omit, missing):
    x = signal(120, 5.0, missing, 1)
    x[:3] = np.nan
    output = run(x, omit=omit)
    for j, alpha in enumerate(ALPHAS[1:], start=1):
        mean, std = slow_exponential(x, alpha, omit)
        np.testing.assert_allclose(output[2 * j], mean, rtol=1e-11)
        np.testing.assert_allclose(output[2 * j + 1], std, rtol=1e-9, atol=1e-12)


def test_first_rows():
    output = run(np.array([np.nan, 3.0, np.nan, 5.0]), np.array([0.5]), True)
    np.testing.assert_array_equal(output[:, 0], np.nan)
    np.testing.assert_array_equal(output[:, 1], [3.0, 0.0])
    np.testing.assert_array_equal(output[:, 2], [3.0, 0.0])
    # weights 1/4 and 1/2, normalised: 1/3 and 2/3
    np.testing.assert_allclose(output[0, 3], 3.0 + 2.0 * 2 / 3, rtol=1e-15)
    np.testing.assert_allclose(output[1, 3], np.sqrt(2.0), rtol=1e-15)


def test_propagate_marks_missing_rows_only():
    x = signal(60, 0.0, 0.2, 2)
    kept = run(x, omit=True)
    marked = run(x, omit=False)
    np.testing.assert_array_equal(np.isnan(marked), np.broadcast_to(np.isnan(x), marked.shape))
    np.testing.assert_array_equal(marked[:, ~np.isnan(x)], kept[:, ~np.isnan(x)])


def test_span_of_one_is_the_sample_without_spread():
    x = signal(30)
    output = run(x, np.array([1.0]))
    np.testing.assert_allclose(output[0], x, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(output[1], 0.0)


def fading(n):
    """Comes to rest: at zero, at a value, and at one that no mean but zero is near to."""
    x = signal(n, 3.0, seed=6)
    x[n // 4 : n // 2] = 0.0
    x[n // 2 : 3 * n // 4] = 0.7
    x[3 * n // 4 :] = 1e-280
    return x


SIGNALS = {
    "complete": signal(2600, 3.0, seed=3),
    "missing": signal(2600, 3.0, 0.2, 3),
    "missing once": np.where(np.arange(2600) == 1300, np.nan, signal(2600, 3.0, seed=3)),
    "missing first": np.where(np.arange(2600) < 3, np.nan, signal(2600, 3.0, seed=3)),
    "fading": fading(8000),
}


@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("kind", list(SIGNALS))
def test_step_is_the_batch(omit, kind):
    x = SIGNALS[kind]
    state = exponential_start(ALPHAS.size)
    steps = np.empty((x.size, 2 * ALPHAS.size))
    for sample, row in zip(x, steps, strict=True):
        exponential_step(state, sample, ALPHAS, row, omit)
    np.testing.assert_array_equal(steps.T, run(x, omit=omit))


def test_step_is_the_batch_beyond_the_table():
    n = _exponential._TABLE + 700
    x = signal(n, 3.0, seed=7)
    alphas = ALPHAS[-1:]
    state = exponential_start(1)
    steps = np.empty((n, 2))
    for sample, row in zip(x, steps, strict=True):
        exponential_step(state, sample, alphas, row, False)
    np.testing.assert_array_equal(steps.T, run(x, alphas))


@pytest.mark.parametrize("wanted", [_exponential.MEAN, _exponential.STD])
@pytest.mark.parametrize("kind", list(SIGNALS))
def test_one_statistic_is_that_of_both(wanted, kind):
    x = SIGNALS[kind][np.newaxis]
    bounds = np.array([0, 900, x.shape[1]])
    both = np.empty((2 * ALPHAS.size, x.shape[1]))
    one = np.empty((ALPHAS.size, x.shape[1]))
    run_blocks(exponential, bounds, 1, 1, x, bounds, both, ALPHAS, True)
    run_blocks(exponential, bounds, 1, 1, x, bounds, one, ALPHAS, True, wanted)
    np.testing.assert_array_equal(one, both[wanted - 1 :: 2])


def test_rows_are_channel_then_span_then_statistic():
    x = np.stack([signal(40, seed=4), signal(40, seed=5)])
    bounds = np.array([0, 40])
    alphas = ALPHAS[1:3]
    out = np.empty((8, 40))
    run_blocks(exponential, bounds, 2, 1, x, bounds, out, alphas, False)
    np.testing.assert_array_equal(out[:4], run(x[0], alphas))
    np.testing.assert_array_equal(out[4:], run(x[1], alphas))
