"""What a log tells of itself when it was made of a log."""

from __future__ import annotations

import numpy as np
import pandas as pd

import signalprep as sp


def test_rows_looked_ahead_add_up():
    rng = np.random.default_rng(0)
    time = np.cumsum(rng.uniform(0.05, 0.15, size=200))
    frame = pd.DataFrame({"t": time, "x": rng.normal(size=200)})
    once = sp.as_log(frame, time="t", rate=10.0, interpolate="linear")
    first = once.attrs["lookahead"]
    assert first > 0
    jittered = once.reset_index()
    jittered["time"] += rng.uniform(-0.02, 0.02, size=len(once)).round(3)
    jittered.attrs = dict(once.attrs)
    plain = jittered.copy()
    plain.attrs = {}
    again = {"cycle": "cycle", "time": "time", "rate": 10.0, "interpolate": "linear"}
    own = sp.as_log(plain, **again).attrs["lookahead"]
    assert own > 0
    assert sp.as_log(jittered, **again).attrs["lookahead"] == first + own
