"""Whole pipelines as integers: what steps promise holds behind each other, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from integer_checks import agrees, integer, log_of, rough
from signalprep.embedded import Format, lower


def _cleaned() -> list:
    return [
        sp.PhysicalLimits({"x0": (-9000.0, 9000.0)}, action="hold"),
        sp.HampelFilter(7, action="hold", min_scale=0.0),
        sp.SavitzkyGolayFilter(9, polyorder=2),
        sp.ExponentialFeatures([30, 2000], statistics=["mean"]),
        StandardScaler(),
    ]


def _log(seed: int, bits: int = 16, n_channels: int = 2) -> pd.DataFrame:
    return log_of(rough(np.random.default_rng(seed), n_channels, bits))


def test_filters_features_scaler_and_ridge_are_near_the_floats() -> None:
    log = _log(0)
    model = sp.make_pipeline(*_cleaned(), sp.CycleRidgeCV()).fit(log, log["x0"])
    off = integer(model, log).predict(log) - model.predict(log)
    weights = np.abs(model[-1].coef_ / model[-2].scale_).sum()
    assert np.abs(off).max() < 0.1 * weights  # of a step of the raw codes


@pytest.mark.parametrize("bits", [12, 16])
def test_c_and_streams_agree(bits: int, tmp_path: Path) -> None:
    log = _log(1, bits)
    mlp = MLPRegressor(hidden_layer_sizes=(8,), max_iter=3, tol=1.0, n_iter_no_change=1)
    kalman = sp.KalmanFilter(process_variance=1.0, measurement_variance=40.0)
    pipelines = [
        sp.make_pipeline(*_cleaned(), mlp),
        sp.make_pipeline(sp.Detrender("highpass", cutoff=1.0), sp.Scaler(), Ridge()),
        sp.make_pipeline(kalman, Ridge()),
        sp.AtRate(sp.make_pipeline(*_cleaned()[1:], Ridge()), 3),
    ]
    cases = [(integer(one.fit(log, log["x0"] / 9000), log, bits), log) for one in pipelines]
    agrees(tmp_path, *cases)


def test_a_code_that_says_not_available_is_held() -> None:
    log = _log(2, 12)
    model = sp.make_pipeline(sp.HampelFilter(5, action="hold")).fit(log)
    gone = log.copy()
    gone.iloc[700:1303, 1] = np.where(np.arange(603) % 5 == 3, np.nan, gone.iloc[700:1303, 1])
    formats = {name: Format(1.0, bits=13, not_available=-4096) for name in log}
    found = lower(model, formats).predict(gone)
    held = gone.groupby(level=0).ffill()
    np.testing.assert_array_equal(found, model.transform(held).to_numpy())
