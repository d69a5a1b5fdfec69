"""Channels of unlike widths: a wide one costs its neighbours nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from integer_checks import agrees, log_of, rough
from signalprep.embedded import Format, IntegerModel, lower

WIDTHS = {"x0": 12, "x1": 26, "x2": 22}
TREND = {"model": "trend", "process_variance": (0.1, 0.01), "add_slope": True}
STEPS = {
    "SavitzkyGolay": sp.SavitzkyGolayFilter(5, polyorder=2),
    "high-pass": sp.Detrender("highpass", cutoff=1.0),
    "Kalman": sp.KalmanFilter(
        process_variance={"x0": 1.0, "x1": 2.0, "x2": 3.0}, measurement_variance=50.0
    ),
    "slopes": sp.KalmanFilter(measurement_variance=900.0, **TREND),
}


def _log() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return log_of(np.hstack([rough(rng, 1, bits) for bits in WIDTHS.values()]))


def _lowered(model: object, log: pd.DataFrame) -> IntegerModel:
    return lower(model, {name: Format(1.0, bits=WIDTHS[name]) for name in log})


@pytest.mark.parametrize("name", STEPS)
def test_a_channel_is_what_it_is_alone(name: str, tmp_path: Path) -> None:
    log, step = _log(), STEPS[name].fit(_log())
    model = _lowered(step, log)
    found = pd.DataFrame(model.predict(log), log.index, step.get_feature_names_out())
    alone = {"x0": log[["x0"]], "x1": log[["x1"]], "x2": log[["x2"]]}
    if name == "Kalman":  # a variance for each of the three
        off = (found - step.transform(log)).abs().max()
        assert (off < [0.05, 2.0**5, 2.0]).all()
    else:
        for one in alone.values():
            other = STEPS[name].fit(one)
            expected = np.reshape(_lowered(other, one).predict(one), (len(one), -1))
            np.testing.assert_array_equal(found[other.get_feature_names_out()], expected)
    if name == "slopes":
        agrees(tmp_path, (model, log))


def test_a_slow_task_is_as_near() -> None:
    log = _log()
    model = sp.AtRate(Ridge(1e-6), 3).fit(log, log["x0"])
    off = _lowered(model, log).predict(log) - model.predict(log)
    assert np.abs(off).max() < 1 / 64
