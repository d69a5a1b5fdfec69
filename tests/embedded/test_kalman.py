"""Kalman filters as integers: from the first row on, through the rows in which the gain settles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import signalprep as sp
from integer_checks import agrees, integer, log_of, rough
from signalprep.errors import LoweringError

LEVEL = {"process_variance": 1.0, "measurement_variance": 50.0}
TREND = {"model": "trend", "process_variance": (0.1, 0.01), "measurement_variance": 900.0}
CASES = [
    (16, LEVEL),
    (12, {"process_variance": {"x0": 1.0, "x1": 1e-3}, "measurement_variance": 60.0}),
    (16, TREND | {"add_slope": True}),
    (12, TREND | {"process_variance": (0.0, 1e-5), "columns": ["x1"]}),
]


@pytest.mark.parametrize(("bits", "settings"), CASES)
def test_follows_the_float_step(bits: int, settings: dict) -> None:
    log = log_of(rough(np.random.default_rng(0), 2, bits))
    step = sp.KalmanFilter(**settings).fit(log)
    model = integer(step, log, bits)
    off = np.abs(model.predict(log) - step.transform(log).to_numpy())
    assert off[:, :2].max() < 0.05
    if settings.get("add_slope"):
        assert off[:, 2:].max() < 0.05 * 100  # a second has 100 rows


def test_c_and_streams_agree(tmp_path: Path) -> None:
    cases = []
    for bits, settings in CASES:
        log = log_of(rough(np.random.default_rng(bits), 2, bits))
        cases.append((integer(sp.KalmanFilter(**settings).fit(log), log, bits), log))
    agrees(tmp_path, *cases)


@pytest.mark.parametrize("settings", [LEVEL, TREND])
def test_a_constant_stays_itself(settings: dict) -> None:
    log = log_of(np.full((2000, 2), [[-32768, 777]]))
    model = integer(sp.KalmanFilter(**settings).fit(log), log)
    np.testing.assert_array_equal(model.predict(log), log.to_numpy())


@pytest.mark.parametrize("bits", [26, 30, 31, 32])
def test_a_channel_of_any_width_is_followed(bits: int, tmp_path: Path) -> None:
    """Its state has no bits left behind the step of the input."""
    log = log_of(rough(np.random.default_rng(0), 2, bits))
    step = sp.KalmanFilter(**LEVEL).fit(log)
    model = integer(step, log, bits)
    off = np.abs(model.predict(log) - step.transform(log).to_numpy())
    assert off.max() < 2.0 ** (bits - 21)
    agrees(tmp_path, (model, log))


def test_refuses() -> None:
    log = log_of(rough(np.random.default_rng(0), 1))
    slow = sp.KalmanFilter(process_variance=1e-8, measurement_variance=1.0).fit(log)
    with pytest.raises(LoweringError, match="KalmanFilter.*takes more than 16384 rows to settle"):
        integer(slow, log)
    with pytest.raises(LoweringError, match="looks 3 samples ahead"):
        integer(sp.KalmanFilter(lag=3, **LEVEL).fit(log), log)
