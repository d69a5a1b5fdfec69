import numpy as np
import pytest

from naive import interpolate_flagged as slow_interpolate
from signalprep._kernels import _replace
from signalprep._kernels._actions import CLIP, HOLD, KEEP
from signalprep._kernels._actions import NAN as TO_NAN
from signalprep._kernels._blocks import run_blocks

NAN = np.nan


def run_flagged(kernel, x, mask):
    x = np.asarray(x, dtype=np.float64)[np.newaxis]
    mask = np.asarray(mask, dtype=np.uint8)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    run_blocks(kernel, bounds, 1, 1, x, bounds, out, mask)
    return out[0]


def run_limits(x, low, high, action):
    x = np.asarray(x, dtype=np.float64)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    mask = np.empty(x.shape, dtype=np.uint8)
    ends = (np.array([low]), np.array([high]))
    run_blocks(_replace.limits, bounds, 1, 1, x, bounds, out, mask, *ends, action)
    return out[0], mask[0]


@pytest.mark.parametrize("seed", range(20))
def test_interpolation_equals_slow_twin(seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=40)
    x[random.random(40) < 0.2] = NAN
    mask = random.random(40) < random.random()
    output = run_flagged(_replace.interpolate_flagged, x, mask)
    np.testing.assert_allclose(output, slow_interpolate(x, mask), rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(output[~mask], x[~mask])


@pytest.mark.parametrize(
    ("x", "mask", "expected"),
    [
        ([0, 9, 9, 3], [0, 1, 1, 0], [0, 1, 2, 3]),
        ([9, 9, 3, 4, 9], [1, 1, 0, 0, 1], [3, 3, 3, 4, 4]),
        ([9, 9], [1, 1], [NAN, NAN]),
        ([0, 9, NAN, 9, 4], [0, 1, 0, 1, 0], [0, 1, NAN, 3, 4]),
        ([0, NAN, 2], [0, 1, 0], [0, 1, 2]),
        ([NAN, 9], [0, 1], [NAN, NAN]),
    ],
)
def test_interpolation_by_hand(x, mask, expected):
    np.testing.assert_array_equal(run_flagged(_replace.interpolate_flagged, x, mask), expected)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (KEEP, [9, 1, 9, NAN, -9, 2]),
        (TO_NAN, [NAN, 1, NAN, NAN, NAN, 2]),
        (HOLD, [5, 1, 1, NAN, 1, 2]),
        (CLIP, [5, 1, 5, NAN, -5, 2]),
    ],
)
def test_limits_by_hand(action, expected):
    output, mask = run_limits([9, 1, 9, NAN, -9, 2], -5.0, 5.0, action)
    np.testing.assert_array_equal(output, expected)
    np.testing.assert_array_equal(mask, [1, 0, 1, 0, 1, 0])


def test_no_limits_and_values_on_them():
    x = [-1e308, 0.0, 1e308]
    assert run_limits(x, -np.inf, np.inf, CLIP)[1].sum() == 0
    assert run_limits([-5.0, 5.0], -5.0, 5.0, CLIP)[1].sum() == 0


@pytest.mark.parametrize("action", [KEEP, TO_NAN, HOLD, CLIP])
def test_steps_are_the_batch(action):
    random = np.random.default_rng(0)
    x = random.normal(size=60)
    x[random.random(60) < 0.1] = NAN
    held = np.full(1, NAN)
    steps = [_replace.limit_step(held, sample, -0.5, 1.0, action) for sample in x]
    output, mask = run_limits(x, -0.5, 1.0, action)
    np.testing.assert_array_equal([value for value, _ in steps], output)
    np.testing.assert_array_equal([flagged for _, flagged in steps], mask)


def test_longest_run_ends_with_the_segment():
    mask = np.array([[1, 1, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 1, 1]], dtype=np.uint8)
    bounds = np.array([0, 3, 6])
    np.testing.assert_array_equal(_replace.longest_flagged_run(mask, bounds), [3, 0, 2])
    np.testing.assert_array_equal(_replace.longest_flagged_run(mask, np.array([0, 6])), [4, 0, 2])


@pytest.mark.parametrize("action", [KEEP, TO_NAN, HOLD, CLIP])
@pytest.mark.parametrize("share", [0.0, 0.002, 0.3])
def test_short_cuts_are_the_step(action, share):
    random = np.random.default_rng(1)
    x = random.uniform(-0.4, 0.9, size=5 * _replace.BLOCK + 17)
    x[random.random(x.size) < share] = 9.0
    x[_replace.BLOCK : 2 * _replace.BLOCK + 3] = NAN
    held = np.full(1, NAN)
    steps = [_replace.limit_step(held, sample, -0.5, 1.0, action) for sample in x]
    output, mask = run_limits(x, -0.5, 1.0, action)
    np.testing.assert_array_equal([value for value, _ in steps], output)
    np.testing.assert_array_equal([flagged for _, flagged in steps], mask)


@pytest.mark.parametrize("action", [KEEP, TO_NAN, HOLD, CLIP])
def test_what_is_not_wanted_is_left_out(action):
    x = np.random.default_rng(2).normal(size=(1, 300))
    bounds = np.array([0, 120, 300])
    ends = (np.array([-1.0]), np.array([1.0]))
    out, mask = np.empty_like(x), np.empty(x.shape, dtype=np.uint8)
    alone, flags = np.empty_like(x), np.empty(x.shape, dtype=np.uint8)
    nowhere = np.empty((1, 0))
    run_blocks(_replace.limits, bounds, 1, 1, x, bounds, out, mask, *ends, action)
    run_blocks(_replace.limits, bounds, 1, 1, x, bounds, alone, nowhere, *ends, action)
    run_blocks(_replace.limits, bounds, 1, 1, x, bounds, nowhere, flags, *ends, action)
    np.testing.assert_array_equal(alone, out)
    np.testing.assert_array_equal(flags, mask)


@pytest.mark.parametrize("action", [KEEP, TO_NAN, HOLD, CLIP])
def test_limits_by_regime(action):
    random = np.random.default_rng(3)
    x = random.normal(size=(2, 200))
    x[random.random(x.shape) < 0.05] = NAN
    bounds = np.array([0, 90, 200])
    regime = random.integers(0, 3, 200)
    low, high = random.uniform(-1, -0.2, (2, 3)), random.uniform(0.2, 1, (2, 3))
    out, mask = np.empty_like(x), np.empty(x.shape, dtype=np.uint8)
    args = (regime, low, high, action)
    run_blocks(_replace.regime_limits, bounds, 2, 1, x, bounds, out, mask, *args)
    for channel in range(2):
        for begin, end in ((0, 90), (90, 200)):
            held = np.full(1, NAN)
            for i in range(begin, end):
                ends = low[channel, regime[i]], high[channel, regime[i]]
                value, flagged = _replace.limit_step(held, x[channel, i], *ends, action)
                np.testing.assert_array_equal(out[channel, i], value)
                assert mask[channel, i] == flagged


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (KEEP, [9, 1, 9, NAN, 8, 2]),
        (TO_NAN, [NAN, 1, NAN, NAN, NAN, 2]),
        (HOLD, [5, 1, 1, NAN, 1, 2]),
        (CLIP, [5, 1, 5, NAN, 5, 2]),
    ],
)
def test_replace_flagged_by_hand(action, expected):
    x = np.array([[9, 1, 9, NAN, 8, 2]])
    mask = np.array([[1, 0, 1, 0, 1, 0]], dtype=np.uint8)
    out, bounds = np.empty_like(x), np.array([0, 6])
    instead = np.full_like(x, 5.0)
    run_blocks(_replace.replace_flagged, bounds, 1, 1, x, bounds, out, mask, instead, action)
    np.testing.assert_array_equal(out[0], expected)
