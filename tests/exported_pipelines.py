"""Pipelines to export, with the logs that they were fitted on."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

import signalprep as sp
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
