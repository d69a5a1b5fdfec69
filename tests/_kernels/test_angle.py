import numpy as np
import pytest

from signalprep._kernels import _angle
from signalprep._kernels._scan import scan


def code(x, bounds=None):
    x = np.atleast_2d(x)
    bounds = np.array([0, x.shape[1]]) if bounds is None else np.array(bounds)
    facts = np.empty((len(x), 3))
    scan(0, len(x), x, facts)
    return _angle.looks_like_wrapped_angle(x, bounds, facts).tolist()


def turning(n=400, turns=5.0):
    """An angle in turns, its speed changing slowly."""
    t = np.linspace(0.0, 1.0, n)
    return turns * t + 0.3 * np.sin(2 * np.pi * t)


@pytest.mark.parametrize(
    ("wrapped", "expected"),
    [
        (lambda turn: turn % 1 * 2 * np.pi, _angle.RADIANS),
        (lambda turn: ((turn + 0.5) % 1 - 0.5) * 2 * np.pi, _angle.RADIANS_SIGNED),
        (lambda turn: turn % 1 * 360, _angle.DEGREES),
        (lambda turn: ((turn + 0.5) % 1 - 0.5) * 360, _angle.DEGREES_SIGNED),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_finds_each_kind(wrapped, expected, sign):
    x = wrapped(sign * turning())
    assert code(x) == [expected]
    assert code(x.astype(np.float32)) == [expected]
    assert code(x + np.random.default_rng(0).normal(size=x.size) * 1e-9) == [expected]
    x[::17] = np.nan
    assert code(x) == [expected]


def test_jumps_count_over_segments():
    x = turning(400, 2.2) % 1 * 360
    assert code(x) == [_angle.DEGREES]
    assert code(x, [0, 150, 400]) == [_angle.DEGREES]
    jump = int(np.flatnonzero(np.abs(np.diff(x)) > 180)[0]) + 1
    assert code(x, [0, jump, 400]) == [_angle.NO_ANGLE]  # that one is a border, not a wrap


@pytest.mark.parametrize(
    "x",
    [
        np.pi * np.sin(np.arange(1000) * 0.05),
        180.0 * np.sin(np.arange(1000) * 0.02),
        180.0 + 180.0 * np.sin(np.arange(1000) * 0.02),
        np.random.default_rng(1).uniform(-np.pi, np.pi, 1000),
        np.random.default_rng(2).uniform(0.0, 360.0, 1000),
        np.tile(np.repeat([-175.0, 175.0], 50), 10),
        np.tile(np.repeat([0.0, 360.0], 50), 10),
        np.tile(np.linspace(0.0, 200.0, 100), 5),
        turning() * 2 * np.pi,
        np.zeros(100),
        np.full(100, np.nan),
        np.array([1.0]),
    ],
    ids=[
        "sine", "sine in degrees", "lifted sine", "noise", "noise in degrees", "torque steps",
        "on and off",
        "sawtooth of another height", "unwrapped", "rest", "missing", "one sample",
    ],
)  # fmt: skip
def test_leaves_other_signals_alone(x):
    assert code(x) == [_angle.NO_ANGLE]


def test_each_channel_has_its_own_code():
    angle = turning() % 1 * 360
    x = np.stack([angle, angle * 0.9, np.zeros(400)])
    assert code(x) == [_angle.DEGREES, _angle.NO_ANGLE, _angle.NO_ANGLE]
