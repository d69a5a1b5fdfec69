import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_runs import read_only, run_pushed, run_whole
from naive import hampel as slow_hampel
from signalprep._kernels import _hampel
from signalprep._kernels._actions import CODES
from signalprep._kernels._hampel import HAMPEL, hampel_params
from signalprep._kernels._kernel import NO_REGIME
from signalprep._kernels._run import Task, run_kernel

ACTIONS = ("keep", "nan", "hold", "median", "clip")


def parameters(window, causal, threshold, min_scale=0.0, action="median", omit=False):
    floors = np.atleast_2d(min_scale)
    lookahead = 0 if causal else window // 2
    how = {"lookahead": lookahead, "action": CODES[action], "omit": omit}
    return hampel_params(window, threshold, floors, **how)


def run(x, *args, **how):
    """(output, mask) of one segment."""
    out, flags = run_whole(HAMPEL, parameters(*args, **how), np.asarray(x)[np.newaxis])
    return out[0], flags[0]


def spiky(kind, seed, n=160):
    random = np.random.default_rng(seed)
    x = random.normal(size=n).cumsum() * 0.3 + random.normal(size=n)
    x[random.random(n) < 0.05] += 20.0
    if kind == "quantised":
        x = np.round(x * 2) / 2
    if kind == "missing":
        x[random.random(n) < 0.1] = np.nan
        x[40:60] = np.nan
    if kind == "steps":
        x = np.round(random.normal(size=n // 8)).repeat(8) + (random.random(n) < 0.05) * 3.0
    return x


@pytest.mark.parametrize("kind", ["random", "quantised", "missing", "steps"])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize(("window", "seed"), [(1, 0), (3, 1), (5, 2), (11, 3), (31, 4)])
def test_equals_slow_twin_bit_by_bit(kind, causal, omit, window, seed):
    x = spiky(kind, seed)
    for action in ACTIONS:
        expected, expected_mask = slow_hampel(x, window, causal, 2.5, 0.0, action, omit)
        output, mask = run(x, window, causal, 2.5, 0.0, action, omit)
        np.testing.assert_array_equal(mask, expected_mask)
        np.testing.assert_array_equal(output, expected)


@pytest.mark.parametrize("kind", ["random", "quantised", "steps"])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("window", [1, 2, 3, 4, 5, 10, 17, 18])
def test_long_segments_equal_slow_twin_bit_by_bit(kind, causal, window):
    if not causal and window % 2 == 0:
        window += 1
    x = spiky(kind, window, 320)
    assert (x.size - window) // _hampel._FOUR > _hampel._WORTH * window  # four windows at a time
    x[:4] = [0.0, 50.0, 50.0, 50.0]  # no good sample before the second outlier
    for action in ACTIONS:
        expected, expected_mask = slow_hampel(x, window, causal, 2.0, 0.1, action)
        output, mask = run(x, window, causal, 2.0, 0.1, action)
        np.testing.assert_array_equal(mask, expected_mask)
        np.testing.assert_array_equal(output, expected)


@given(
    x=st.lists(st.sampled_from([-3.0, -0.0, 0.0, 0.1, 0.2, 0.3, 1e300, np.nan]), max_size=40),
    window=st.integers(1, 9),
    causal=st.booleans(),
    omit=st.booleans(),
    threshold=st.sampled_from([0.0, 1.0, 3.0]),
    min_scale=st.sampled_from([0.0, 0.05]),
)
@settings(deadline=None, max_examples=150, derandomize=True)
def test_equals_slow_twin_on_ties(x, window, causal, omit, threshold, min_scale):
    window = window if causal else window // 2 * 2 + 1
    x = np.array(x, dtype=np.float64)
    args = (window, causal, threshold, min_scale, "clip", omit)
    output, mask = run(x, *args)
    expected, expected_mask = slow_hampel(x, *args)
    np.testing.assert_array_equal(mask, expected_mask)
    np.testing.assert_array_equal(output, expected)


def test_constants_of_the_definition():
    x = np.array([0.0, 1.0, 2.0, 3.0, 10.0])
    # symmetric, window 5, centre: m = 2, MAD = median(2, 1, 0, 1, 8) = 1
    limit = 1.4826 * 0.5
    output, mask = run(x, 5, False, 0.5, action="clip")
    assert output[2] == 2.0
    # last sample sees 2, 3, 10: m = 3, MAD = 1
    assert mask[4] == 1
    assert output[4] == 3.0 + limit


def test_min_scale_is_a_floor():
    x = np.zeros(50)
    x[20] = 1.0  # one LSB on a signal at rest
    assert run(x, 11, True, 3.0)[1].sum() == 1
    assert run(x, 11, True, 3.0, min_scale=0.5)[1].sum() == 0


def test_hold_without_a_good_sample_gives_the_median():
    x = np.array([0.0, 5.0, 5.0, 5.0, 5.0, 5.0])
    output, mask = run(x, 5, False, 3.0, action="hold")
    assert mask[0] == 1
    assert output[0] == 5.0


@pytest.mark.parametrize("kind", ["random", "missing"])
@pytest.mark.parametrize("omit", [True, False])
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("cuts", [range(1, 320), [3, 200], [1, 2, 9, 9, 100, 101]])
def test_pushed_in_parts_is_the_batch(kind, omit, action, cuts):
    x = np.stack([spiky(kind, 5, 320), spiky(kind, 6, 320)])
    x[0, :4] = [0.0, 50.0, 50.0, 50.0]  # no good sample before the second outlier
    params = parameters(7, True, 2.0, [[0.1], [0.0]], action, omit)
    expected = run_whole(HAMPEL, params, x)
    np.testing.assert_array_equal(run_pushed(HAMPEL, params, x, cuts), expected)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("omit", [True, False])
def test_least_scale_by_regime(causal, omit):
    x = np.stack([spiky("missing", 8), spiky("random", 9)])
    regime = (np.arange(x.shape[1]) // 9 % 2).astype(np.int16)
    floors = np.array([[0.0, 0.4], [2.0, 0.1]])
    params = parameters(7, causal, 2.0, floors, "hold", omit)
    out, flags = run_whole(HAMPEL, params, x, np.array([0, 70, 160]), regime)
    for channel in range(2):
        for here in (slice(0, 70), slice(70, 160)):
            least = floors[channel, regime[here]]
            expected = slow_hampel(x[channel, here], 7, causal, 2.0, least, "hold", omit)
            np.testing.assert_array_equal(out[channel, here], expected[0])
            np.testing.assert_array_equal(flags[channel, here], expected[1])


def test_mask_alone_and_output_alone():
    x = np.stack([spiky("missing", 6), spiky("random", 7)])
    bounds = np.array([0, 70, 160])
    params = parameters(9, True, 2.5, np.zeros((2, 1)), "median", True)
    out, flags = run_whole(HAMPEL, params, x, bounds)
    nothing = np.empty((2, 0), dtype=np.uint8)
    np.testing.assert_array_equal(run_whole(HAMPEL, params, x, bounds, flags=nothing)[0], out)
    found = np.empty(x.shape, dtype=np.uint8)
    nowhere = np.empty((2, 0))
    run_kernel(HAMPEL, Task(params, x, bounds, NO_REGIME, nowhere, found))
    np.testing.assert_array_equal(found, flags)
    assert flags.sum() > 0


def test_window_of_a_segment_has_all_its_samples():
    """The ring and the ordered window after short cuts are those of the loop."""
    x = spiky("random", 1, 320)[np.newaxis]
    params = parameters(7, True, 2.0, action="hold")
    states = [HAMPEL.start(params, 1), HAMPEL.start(params, 1)]
    runs = ((HAMPEL.advance, x), (HAMPEL.fast, read_only(x)))
    for state, (push, samples) in zip(states, runs, strict=True):
        out, flags = np.empty_like(x), np.empty(x.shape, dtype=np.uint8)
        push(*state, params, samples, np.array([0, 320]), NO_REGIME, out, flags)
    np.testing.assert_array_equal(states[0][0], states[1][0])
    np.testing.assert_array_equal(states[0][1], states[1][1])


def test_memory():
    assert HAMPEL.memory(parameters(7, True, 2.0)[0]) == 6
    assert HAMPEL.memory(parameters(7, False, 2.0)[0]) == 3
    assert _hampel.ordered_size(16) == 17
