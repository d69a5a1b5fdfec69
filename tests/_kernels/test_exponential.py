from functools import cache

import numpy as np
import pandas as pd
import pytest

from kernel_runs import no_flags, run_pushed, run_whole
from naive import exponential as slow_exponential
from signalprep._kernels import _exponential
from signalprep._kernels._exponential import EXPONENTIAL, STATISTICS, exponential_params

ALPHAS = 2.0 / (np.array([1.0, 2.0, 7.0, 50.0, 3000.0]) + 1.0)


ONE_BY_ONE = EXPONENTIAL._replace(fast=None)

# As plain Python the kernels warn where sums of the hugest doubles overflow; compiled they do not.
pytestmark = pytest.mark.filterwarnings(
    "ignore:(overflow|invalid value) encountered in scalar:RuntimeWarning"
)


def run(x, alphas=ALPHAS, omit=False, statistics=STATISTICS, bounds=None, kernel=EXPONENTIAL):
    """Rows (channel, span, statistic)."""
    x = np.atleast_2d(x)
    params = exponential_params(alphas, statistics, omit=omit)
    rows = len(statistics) * alphas.size
    return run_whole(kernel, params, x, bounds, flags=no_flags(x), rows=rows)[0]


def run_in_parts(x, cuts, statistics=STATISTICS):
    """Rows of one segment, pushed up to each of ``cuts``."""
    x = np.atleast_2d(x)
    params = exponential_params(ALPHAS, statistics, omit=True)
    rows = len(statistics) * ALPHAS.size
    return run_pushed(EXPONENTIAL, params, x, cuts, flags=no_flags(x), rows=rows)[0]


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


def huge(n):
    """Now and then two neighbours whose distance is beyond doubles."""
    x = signal(n, 3.0, seed=9)
    x[700:720:2], x[701:720:2] = 1.7e308, -1.7e308
    x[-1] = -1.7e308
    return x


SIGNALS = {
    "complete": signal(2600, 3.0, seed=3),
    "missing": signal(2600, 3.0, 0.2, 3),
    "missing once": np.where(np.arange(2600) == 1300, np.nan, signal(2600, 3.0, seed=3)),
    "missing first": np.where(np.arange(2600) < 3, np.nan, signal(2600, 3.0, seed=3)),
    "fading": fading(4000),
    "huge": huge(2600),
}


@cache
def whole(kind, omit=True, bounds=None):
    """Both statistics of a signal: run once for all tests, and only read."""
    return run(SIGNALS[kind], omit=omit, bounds=None if bounds is None else np.array(bounds))


@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("kind", list(SIGNALS))
def test_short_cuts_change_nothing(omit, kind):
    one_by_one = run(SIGNALS[kind], omit=omit, kernel=ONE_BY_ONE)
    np.testing.assert_array_equal(whole(kind, omit), one_by_one)


@pytest.mark.parametrize("kind", list(SIGNALS))
@pytest.mark.parametrize("cuts", [[1, 2, 600, 600, 1000, 1001], range(1, 1297)])
def test_parts_are_the_whole(kind, cuts):
    np.testing.assert_array_equal(run_in_parts(SIGNALS[kind], cuts), whole(kind))


def test_a_mean_of_numbers_is_a_number():
    alphas = np.array([1.0, 0.75, 0.25])
    found = run(np.array([1.5e308, -1.5e308, 1.0]), alphas, statistics=["mean"])
    expected = [[1.5, -1.5, 0.0], [1.5, -0.75, -0.1875], [1.5, 0.75, 0.5625]]
    np.testing.assert_allclose(found / 1e308, expected, rtol=1e-15, atol=1e-300)


def test_short_cuts_change_nothing_beyond_the_table():
    x = signal(_exponential._TABLE + 700, 3.0, seed=7)
    alphas = ALPHAS[-1:]
    np.testing.assert_array_equal(run(x, alphas), run(x, alphas, kernel=ONE_BY_ONE))


def test_segments_of_all_lengths_share_the_table():
    x = signal(6000, 3.0, seed=8)
    bounds = np.array([0, 300, 1000, 1001, 3000, 3001, 6000])
    alone = [run(part) for part in np.split(x, bounds[1:-1])]
    np.testing.assert_array_equal(run(x, bounds=bounds), np.concatenate(alone, axis=1))


@pytest.mark.parametrize("statistics", [["mean"], ["std"], ["std", "mean"]])
@pytest.mark.parametrize("kind", ["complete", "missing", "fading", "huge"])
def test_chosen_statistics_are_those_of_both(statistics, kind):
    x = SIGNALS[kind]
    bounds = (0, 900, x.size)
    both = whole(kind, True, bounds).reshape(ALPHAS.size, 2, -1)
    chosen = both[:, [STATISTICS.index(name) for name in statistics]].reshape(-1, x.size)
    found = run(x, omit=True, statistics=statistics, bounds=np.array(bounds))
    np.testing.assert_array_equal(found, chosen)
    parts = run_in_parts(x[:900], [1, 70, 700], statistics)
    np.testing.assert_array_equal(parts, chosen[:, :900])


def test_rows_are_channel_then_span_then_statistic():
    x = np.stack([signal(40, seed=4), signal(40, seed=5)])
    alphas = ALPHAS[1:3]
    out = run(x, alphas)
    np.testing.assert_array_equal(out[:4], run(x[0], alphas))
    np.testing.assert_array_equal(out[4:], run(x[1], alphas))
