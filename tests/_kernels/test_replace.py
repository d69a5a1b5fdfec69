import numpy as np
import pytest

from naive import interpolate_flagged as slow_interpolate
from signalprep._kernels import _replace
from signalprep._kernels._actions import CLIP, HOLD, KEEP
from signalprep._kernels._actions import NAN as TO_NAN
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._kernel import NO_REGIME, NOTHING
from signalprep._kernels._run import Task, run_kernel

NAN = np.nan


def run_flagged(kernel, x, mask):
    x = np.asarray(x, dtype=np.float64)[np.newaxis]
    mask = np.asarray(mask, dtype=np.uint8)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    run_blocks(kernel, bounds, 1, 1, x, bounds, out, mask)
    return out[0]


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


def test_longest_run_ends_with_the_segment():
    mask = np.array([[1, 1, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 1, 1]], dtype=np.uint8)
    bounds = np.array([0, 3, 6])
    np.testing.assert_array_equal(_replace.longest_flagged_run(mask, bounds), [3, 0, 2])
    np.testing.assert_array_equal(_replace.longest_flagged_run(mask, np.array([0, 6])), [4, 0, 2])


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
    flags = np.array([[1, 0, 1, 0, 1, 0]], dtype=np.uint8)
    out = np.full_like(x, 5.0)  # the last resort
    params = np.array([[NOTHING, action]])
    task = Task(params, x, np.array([0, 6]), NO_REGIME, out, flags)
    run_kernel(_replace.REPLACE, task)
    np.testing.assert_array_equal(out[0], expected)


@pytest.mark.parametrize("action", [HOLD, TO_NAN, CLIP, KEEP])
@pytest.mark.parametrize("size", [1, 7])
def test_replaced_in_parts_is_the_batch(action, size):
    random = np.random.default_rng(2)
    x, instead = random.normal(size=(2, 60)), random.normal(size=(2, 60))
    x[:, 30:33] = NAN
    flags = (random.random((2, 60)) < 0.3).astype(np.uint8)
    flags[:, 0] = 1
    params, out = np.array([[NOTHING, action]]), instead.copy()
    run_kernel(_replace.REPLACE, Task(params, x, np.array([0, 60]), NO_REGIME, out, flags))
    state = _replace.REPLACE.start(params, 2)
    for begin in range(0, 60, size):
        here = slice(begin, begin + size)
        chunk, found = np.ascontiguousarray(x[:, here]), np.ascontiguousarray(instead[:, here])
        part = np.ascontiguousarray(flags[:, here])
        bounds = np.array([0, chunk.shape[1]])
        _replace.REPLACE.advance(*state, params, chunk, bounds, NO_REGIME, found, part)
        np.testing.assert_array_equal(found, out[:, here])
