import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import hampel as slow_hampel
from signalprep._kernels import _hampel
from signalprep._kernels._blocks import run_blocks

ACTIONS = {
    "keep": _hampel.KEEP,
    "nan": _hampel.NAN,
    "hold": _hampel.HOLD,
    "median": _hampel.MEDIAN,
    "clip": _hampel.CLIP,
}


def run(x, window, causal, threshold, min_scale=0.0, action="median", omit=False):
    """(output, mask) of one segment."""
    x = np.asarray(x)[np.newaxis]
    bounds = np.array([0, x.shape[1]])
    out = np.empty_like(x)
    mask = np.empty(x.shape, dtype=np.uint8)
    run_blocks(
        _hampel.hampel, bounds, 1, 1, x, bounds, out, mask, window, causal, threshold, min_scale,
        ACTIONS[action], omit,
    )  # fmt: skip
    return out[0], mask[0]


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
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("omit", [True, False])
def test_step_is_the_batch(kind, causal, omit):
    x = spiky(kind, 5, 90)
    window, lookahead = 7, 0 if causal else 3
    output, mask = run(x, window, causal, 2.0, 0.1, "hold", omit)
    state = _hampel.hampel_start(window)
    steps = [
        _hampel.hampel_step(state, sample, lookahead, 2.0, 0.1, _hampel.HOLD, omit)
        for sample in [*x, *[_hampel.ABSENT] * lookahead]
    ][lookahead:]
    np.testing.assert_array_equal([value for value, _ in steps], output)
    np.testing.assert_array_equal([flagged for _, flagged in steps], mask)


def test_mask_alone_and_output_alone():
    x = np.stack([spiky("missing", 6), spiky("random", 7)])
    bounds = np.array([0, 70, 160])
    args = (9, True, 2.5, 0.0)
    out = np.empty_like(x)
    mask = np.empty(x.shape, dtype=np.uint8)
    run_blocks(_hampel.hampel, bounds, 2, 1, x, bounds, out, mask, *args, _hampel.MEDIAN, True)
    alone = np.empty_like(x)
    no_mask = np.empty((2, 0), dtype=np.uint8)
    run_blocks(_hampel.hampel, bounds, 2, 1, x, bounds, alone, no_mask, *args, _hampel.MEDIAN, True)
    np.testing.assert_array_equal(alone, out)
    flags = np.empty(x.shape, dtype=np.uint8)
    run_blocks(_hampel.hampel_mask, bounds, 2, 1, x, bounds, flags, *args, True)
    np.testing.assert_array_equal(flags, mask)
    assert mask.sum() > 0
