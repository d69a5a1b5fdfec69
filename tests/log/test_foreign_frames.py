"""Frames of other packages: as_log reads them, the rest refuses them with words."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

polars = pytest.importorskip("polars", reason="polars is an extra")
pytest.importorskip("narwhals", reason="polars is an extra")

COLUMNS = {
    "trip": ["a"] * 3 + ["b"] * 3,
    "t": [0.0, 0.5, 1.0] * 2,
    "i_d": np.arange(6.0),
    "gear": ["low", "high", "low"] * 2,
    "on": [True, False, True] * 2,
}


def test_as_log_reads_a_polars_frame_as_one_of_pandas():
    expected = sp.as_log(pd.DataFrame(COLUMNS), cycle="trip", time="t")
    log = sp.as_log(polars.DataFrame(COLUMNS), cycle="trip", time="t")
    pd.testing.assert_frame_equal(log, expected)


def test_as_log_reads_missing_values_and_dates():
    frame = polars.DataFrame(
        {"t": pd.date_range("2026-01-01", periods=3, freq="s"), "n": [1, None, 3]}
    )
    log = sp.as_log(frame, time="t")
    assert sp.rate(log) == 1.0
    np.testing.assert_array_equal(log["n"], [1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    "refuse",
    [
        lambda X: sp.validate(Ridge(), X, np.zeros(6)),
        lambda X: sp.audit(Ridge(), X, np.zeros(6)),
        sp.split_cycles,
        sp.check_log,
        lambda X: sp.HampelFilter(3).fit_transform(X),
        lambda X: sp.Scaler(columns=["i_d"]).fit(X),
    ],
)
def test_elsewhere_the_words_tell_of_as_log(refuse):
    frame = polars.DataFrame(COLUMNS).rename({"trip": "cycle", "t": "Time"})
    words = r"got a DataFrame of polars: as_log\(\w+, cycle=\.\.\., time=\.\.\.\) makes it one"
    with pytest.raises((InvalidLogError, InvalidParameterError), match=words):
        refuse(frame)
    with pytest.raises((InvalidLogError, InvalidParameterError), match=r"as_log\(\w+\.collect\(\)"):
        refuse(frame.lazy())


def test_what_cannot_be_read_is_refused(monkeypatch):
    frame = polars.DataFrame(COLUMNS)
    with pytest.raises(
        InvalidLogError, match=r"LazyFrame of polars: as_log takes frame\.collect\(\)"
    ):
        sp.as_log(frame.lazy(), cycle="trip", time="t")
    for name in [name for name in sys.modules if name.split(".")[0] == "narwhals"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(InvalidLogError, match="of polars, which takes the extra polars"):
        sp.as_log(frame, cycle="trip", time="t")
