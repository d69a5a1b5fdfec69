"""Hampel filters as integers: the flags and outputs of the float step itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import signalprep as sp
from integer_checks import agrees, integer, log_of, rough
from signalprep._kernels._hampel import MAD_TO_STD
from signalprep.embedded.lowering._hampel import limit_of
from signalprep.errors import LoweringError


def _pairs(bits: int, **settings: object) -> tuple[sp.HampelFilter, object]:
    log = log_of(rough(np.random.default_rng(bits), 2, bits))
    return sp.HampelFilter(**settings).fit(log), log


@pytest.mark.parametrize("action", ["hold", "median", "keep"])
@pytest.mark.parametrize(
    ("bits", "settings"),
    [
        (16, {"add_indicator": True, "min_scale": 0.0}),
        (16, {"window_length": 6, "threshold": 5.0, "min_scale": 2.5}),
        (12, {"window_length": 31, "threshold": 2.5}),
        (12, {"columns": ["x1"], "add_indicator": True}),
    ],
)
def test_equals_the_float_filter(action: str, bits: int, settings: dict) -> None:
    step, log = _pairs(bits, action=action, **settings)
    model = integer(step, log, bits)
    expected = step.transform(log).to_numpy()
    np.testing.assert_array_equal(model.predict(log), expected)
    assert step.flag(log).to_numpy().sum() > 10


def test_c_and_streams_agree(tmp_path: Path) -> None:
    cases = []
    for action, threshold in (("hold", 3.0), ("median", 5.0), ("clip", 2.5)):
        step, log = _pairs(16, action=action, threshold=threshold, window_length=7)
        cases.append((integer(step, log), log))
    step, log = _pairs(12, action="hold", add_indicator=True, columns=["x1"])
    agrees(tmp_path, *cases, (integer(step, log, 12), log))


def test_clip_is_off_by_a_quarter_of_a_step_at_most() -> None:
    step, log = _pairs(16, action="clip", min_scale=1.3)
    off = integer(step, log).predict(log) - step.transform(log).to_numpy()
    assert 0 < np.abs(off).max() <= 0.2501


def test_decides_as_floats_do_for_every_mad() -> None:
    quads = np.arange(2, 4 * 65535 + 1, 2)
    for threshold in (3.0, 5.0, 2.5, 0.7, 0.0):
        limit = limit_of(threshold, 65535)
        assert limit is not None
        twice = ((quads * limit.multiplier) >> limit.shift) - np.isin(quads, limit.exceptions)
        allowed = threshold * (MAD_TO_STD * (quads / 4))
        assert ((twice / 2 <= allowed) & ((twice + 1) / 2 > allowed)).all()


def test_other_steps_of_the_code_flag_the_same() -> None:
    codes = rough(np.random.default_rng(3), 2, 12)
    log = log_of(codes, lsb=0.1)
    step = sp.HampelFilter(action="keep", add_indicator=True).fit(log)
    flags = integer(step, log, 12, 0.1).predict(log)[:, 2:]
    whole = sp.HampelFilter(action="keep", add_indicator=True).fit(log_of(codes))
    np.testing.assert_array_equal(flags, whole.transform(log_of(codes)).to_numpy()[:, 2:])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"action": "nan"}, "action='nan'"),
        ({"causal": False}, "looks 5 samples ahead"),
        ({"nan_policy": "omit"}, "nan_policy='omit'"),
        ({"by": "x1"}, "by="),
    ],
)
def test_refuses(settings: dict, reason: str) -> None:
    log = log_of(rough(np.random.default_rng(0), 2, 12))
    log["x1"] = np.arange(len(log)) % 2
    step = sp.HampelFilter(**settings).fit(log)
    with pytest.raises(LoweringError, match=f"HampelFilter.*{reason}"):
        integer(step, log, 12)
