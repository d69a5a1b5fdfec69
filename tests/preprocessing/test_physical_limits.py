import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidParameterError


@pytest.fixture
def log(make_log):
    log = make_log(lengths=(6, 4), n_channels=2)
    log["c0"] = [9.0, 1.0, 9.0, -9.0, 2.0, 9.0, -9.0, -9.0, 3.0, 4.0]
    return log


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("hold", [5, 1, 1, 1, 2, 2, -5, -5, 3, 4]),
        ("clip", [5, 1, 5, -5, 2, 5, -5, -5, 3, 4]),
        ("keep", [9, 1, 9, -9, 2, 9, -9, -9, 3, 4]),
        ("nan", [np.nan, 1, np.nan, np.nan, 2, np.nan, np.nan, np.nan, 3, 4]),
        ("interpolate", [1, 1, 4 / 3, 5 / 3, 2, 2, 3, 3, 3, 4]),
    ],
)
def test_actions(log, action, expected):
    step = sp.PhysicalLimits({"c0": (-5, 5)}, action=action, add_indicator=True)
    out = step.fit_transform(log)
    np.testing.assert_allclose(out["c0"], expected, rtol=1e-15)
    np.testing.assert_array_equal(out["c1"], log["c1"])
    np.testing.assert_array_equal(out["c0_flagged"], [1, 0, 1, 1, 0, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(step.flag(log)["c0"], out["c0_flagged"] == 1)
    assert not step.flag(log)["c1"].any()


def test_interpolation_without_a_good_sample_gives_the_limits():
    x = np.array([[9.0], [-9.0], [9.0]])
    step = sp.PhysicalLimits({0: (-5, 5)}, action="interpolate")
    np.testing.assert_array_equal(step.fit_transform(x), [[5.0], [-5.0], [5.0]])


def test_a_value_on_a_limit_is_good():
    x = np.array([[-5.0], [5.0], [5.0 + 1e-9]])
    np.testing.assert_array_equal(
        sp.PhysicalLimits({0: (-5, 5)}).fit(x).flag(x), [[False], [False], [True]]
    )


def test_open_sides(log):
    assert sp.PhysicalLimits({"c0": (None, 5)}).fit(log).flag(log)["c0"].sum() == 3
    assert sp.PhysicalLimits({"c0": (-5, None)}).fit(log).flag(log)["c0"].sum() == 3
    assert sp.PhysicalLimits({"c0": (None, None)}).fit(log).flag(log)["c0"].sum() == 0


def test_without_limits_nothing_changes(log):
    step = sp.PhysicalLimits().fit(log)
    pd.testing.assert_frame_equal(step.transform(log), log)
    assert not step.flag(log).any(axis=None)


def test_several_channels_in_any_order(log):
    step = sp.PhysicalLimits({"c1": (-0.5, 0.5), "c0": (-5, 5)}, action="clip")
    expected = log.assign(c0=log["c0"].clip(-5, 5), c1=log["c1"].clip(-0.5, 0.5))
    pd.testing.assert_frame_equal(step.fit_transform(log), expected)


@pytest.mark.parametrize("action", ["hold", "interpolate", "clip", "nan"])
def test_nan_stays_and_is_not_held(action):
    x = np.array([[1.0], [np.nan], [9.0], [2.0]])
    step = sp.PhysicalLimits({0: (-5, 5)}, action=action, nan_policy="omit")
    out = step.fit_transform(x)
    assert np.isnan(out[1, 0])
    expected = {"hold": 1.0, "interpolate": 5 / 3, "clip": 5.0, "nan": np.nan}
    np.testing.assert_allclose(out[2, 0], expected[action])
    np.testing.assert_array_equal(step.flag(x)[:, 0], [False, False, True, False])


def test_claims(log):
    def claims(action):
        step = sp.PhysicalLimits({"c0": (-5, 5)}, action=action).fit(log)
        return step.lookahead_, step.memory_, step.delay_

    assert claims("hold") == (0, 2, 0)
    assert claims("interpolate") == (5, 2, 0)
    assert claims("clip") == claims("nan") == claims("keep") == (0, 0, 0)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"c0": (5, -5)}, r"limits of channel 'c0' must be .* low <= high; got \(5, -5\)"),
        ({"c0": (np.nan, 5)}, "limits of channel 'c0'"),
        ({"c0": 5}, "limits of channel 'c0'"),
        ({"c0": (1, 2, 3)}, "limits of channel 'c0'"),
        ({"c0": "ab"}, "limits of channel 'c0'"),
        ({"c0": ("1", "2")}, "limits of channel 'c0'"),
        ({"speed": (0, 1)}, r"limits must name channels of X .*c0, c1\); got 'speed'"),
        ([(0, 1)], "limits must be a dict"),
    ],
)
def test_wrong_limits(log, limits, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.PhysicalLimits(limits).fit(log)


def test_wrong_action(log):
    with pytest.raises(InvalidParameterError, match="action must be one of .* got 'median'"):
        sp.PhysicalLimits({"c0": (-5, 5)}, action="median").fit(log)


def test_a_value_on_the_limit_is_good_in_float32():
    pressed = pd.DataFrame({"pedal": np.array([0.05, 0.1, 0.2], dtype=np.float32)})
    flags = sp.PhysicalLimits({"pedal": (0, 0.1)}).fit(pressed).flag(pressed)
    assert flags["pedal"].tolist() == [False, False, True]
    assert (
        not sp.PhysicalLimits({"pedal": (-1e300, 1e300)}).fit(pressed).flag(pressed).any(axis=None)
    )
