import numpy as np
import pytest

from kernel_runs import run_pushed, run_whole
from naive import limits as slow_limits
from signalprep._kernels._actions import CLIP, CODES, HOLD, KEEP, NAN
from signalprep._kernels._kernel import NO_REGIME, NOTHING
from signalprep._kernels._limits import _BLOCK, LIMITS, limit_params
from signalprep._kernels._run import Task, run_kernel

WORDS = ("keep", "nan", "hold", "clip")
every_action = pytest.mark.parametrize("action", WORDS)


def parameters(low, high, action):
    return limit_params(np.atleast_2d(low), np.atleast_2d(high), action=action, refuses=NOTHING)


def run(x, low, high, action):
    """(output, mask) of one segment."""
    x = np.asarray(x, dtype=np.float64)[np.newaxis]
    out, flags = run_whole(LIMITS, parameters(low, high, action), x)
    return out[0], flags[0]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (KEEP, [9, 1, 9, np.nan, -9, 2]),
        (NAN, [np.nan, 1, np.nan, np.nan, np.nan, 2]),
        (HOLD, [5, 1, 1, np.nan, 1, 2]),
        (CLIP, [5, 1, 5, np.nan, -5, 2]),
    ],
)
def test_by_hand(action, expected):
    output, mask = run([9, 1, 9, np.nan, -9, 2], -5.0, 5.0, action)
    np.testing.assert_array_equal(output, expected)
    np.testing.assert_array_equal(mask, [1, 0, 1, 0, 1, 0])


def test_no_limits_and_values_on_them():
    assert run([-1e308, 0.0, 1e308], -np.inf, np.inf, CLIP)[1].sum() == 0
    assert run([-5.0, 5.0], -5.0, 5.0, CLIP)[1].sum() == 0


@every_action
@pytest.mark.parametrize("share", [0.0, 0.002, 0.3])
@pytest.mark.parametrize("cuts", [[], [1, 2, 600, 600, 1000], range(1, 1297)])
def test_short_cuts_and_parts_are_the_twin(action, share, cuts):
    random = np.random.default_rng(1)
    x = random.uniform(-0.4, 0.9, size=(2, 5 * _BLOCK + 17))
    x[random.random(x.shape) < share] = 9.0
    x[:, _BLOCK : 2 * _BLOCK + 3] = np.nan
    params = parameters([[-0.5], [-0.2]], [[1.0], [0.3]], CODES[action])
    out, flags = run_pushed(LIMITS, params, x, cuts)
    for k, ends in enumerate([(-0.5, 1.0), (-0.2, 0.3)]):
        expected, expected_flags = slow_limits(x[k], *ends, action)
        np.testing.assert_array_equal(out[k], expected)
        np.testing.assert_array_equal(flags[k], expected_flags)


@every_action
def test_what_is_not_wanted_is_left_out(action):
    x = np.random.default_rng(2).normal(size=(1, 300))
    bounds = np.array([0, 120, 300])
    params = parameters(-1.0, 1.0, CODES[action])
    out, flags = run_whole(LIMITS, params, x, bounds)
    nothing = np.empty((1, 0), dtype=np.uint8)
    np.testing.assert_array_equal(run_whole(LIMITS, params, x, bounds, flags=nothing)[0], out)
    found = np.empty_like(flags)
    run_kernel(LIMITS, Task(params, x, bounds, NO_REGIME, np.empty((1, 0)), found))
    np.testing.assert_array_equal(found, flags)


@every_action
@pytest.mark.parametrize("cuts", [None, [1, 7, 80]])
def test_by_regime(action, cuts):
    random = np.random.default_rng(3)
    x = random.normal(size=(2, 200))
    x[random.random(x.shape) < 0.05] = np.nan
    regime = random.integers(0, 3, 200).astype(np.int16)
    low, high = random.uniform(-1, -0.2, (2, 3)), random.uniform(0.2, 1, (2, 3))
    params = parameters(low, high, CODES[action])
    segments = [slice(0, 90), slice(90, 200)] if cuts is None else [slice(0, 200)]
    if cuts is None:
        out, flags = run_whole(LIMITS, params, x, np.array([0, 90, 200]), regime)
    else:
        out, flags = run_pushed(LIMITS, params, x, cuts, regime)
    for channel in range(2):
        for here in segments:
            ends = low[channel, regime[here]], high[channel, regime[here]]
            expected = slow_limits(x[channel, here], *ends, action)
            np.testing.assert_array_equal(out[channel, here], expected[0])
            np.testing.assert_array_equal(flags[channel, here], expected[1])
