"""Pipelines to export, with the logs that they were fitted on."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from recurrent_networks import drawn, fitted
from signalprep.embedded import Format, IntegerModel, lower

FORMATS = {
    "speed / 1/min": Format(0.5, bits=14),
    "µ*/ über": Format(0.01, not_available=-32768),
    "T [°C]": Format(0.1, -40.0, bits=12, signed=False, not_available=4095),
}


@cache
def a_log() -> pd.DataFrame:
    """Three cycles of three channels whose names C cannot hold."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 3)).cumsum(axis=0) * [40.0, 1.0, 1.0] + [0.0, 0.0, 60.0]
    cycles = np.repeat(["a", "b", "c"], 200)
    table = pd.DataFrame(values, columns=list(FORMATS))
    table.index = pd.MultiIndex.from_arrays(
        [cycles, np.tile(np.arange(200) / 10, 3)], names=["cycle", "time"]
    )
    return sp.as_log(table)


@cache
def linear() -> IntegerModel:
    """Limits, scaler, two sums."""
    log = a_log()
    limits = sp.PhysicalLimits({"µ*/ über": (-12.0, 15.0)}, action="hold")
    model = sp.make_pipeline(limits, sp.Scaler(), Ridge())
    return lower(model.fit(log, log.to_numpy()[:, :2]), FORMATS, calibration=log[:400])


def _walk() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return sp.as_log(rng.normal(size=(400, 3)).cumsum(axis=0), rate=10.0)


def _network() -> MLPRegressor:
    return MLPRegressor(hidden_layer_sizes=(8, 4), tol=1e9, n_iter_no_change=1, random_state=0)


@cache
def network() -> IntegerModel:
    """Scaler and network, behind exponential means and deviations."""
    log = _walk()
    model = sp.make_pipeline(sp.ExponentialFeatures(spans=["10s"]), sp.Scaler(), _network()).fit(
        log, log["x0"].to_numpy()
    )
    return lower(model, {name: Format(0.01) for name in log.columns})


@cache
def cleaned() -> IntegerModel:
    """Hampel filter, Savitzky-Golay filter, one sum."""
    log = _walk()
    smooth = sp.SavitzkyGolayFilter(window_length=5, polyorder=2, causal=True)
    model = sp.make_pipeline(sp.HampelFilter(window_length=5), smooth, sp.Scaler(), Ridge())
    return lower(model.fit(log, log["x0"]), {name: Format(0.01) for name in log.columns})


@cache
def slow_network() -> IntegerModel:
    """A network in every second row."""
    log = _walk()
    model = sp.make_pipeline(sp.Scaler(), sp.AtRate(_network(), factor=2))
    return lower(model.fit(log, log["x0"].to_numpy()), {name: Format(0.01) for name in log.columns})


def _recurrent(cell: str, **bits: int) -> IntegerModel:
    rows = _walk()[:200].to_numpy()[:, [0, 1, 2, 0]]
    formats = {f"x{k}": Format(0.01) for k in range(4)}
    return lower(fitted(cell, drawn(cell, n_layers=2)), formats, calibration=rows, **bits)


@cache
def gru() -> IntegerModel:
    """Two layers of a GRU with wide states, which start by the first row."""
    return _recurrent("gru", state_bits=24)


@cache
def lstm() -> IntegerModel:
    """Two layers of an LSTM, which start by the first row."""
    return _recurrent("lstm")


@cache
def plain() -> IntegerModel:
    """Two recurrent layers without gates, with weights so wide that sums take 64 bits."""
    return _recurrent("rnn", weight_bits=16)
