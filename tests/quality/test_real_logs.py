"""The quality of logs that somebody recorded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.quality import check_log


def test_31_trips(real_data):
    columns = ["Velocity [km/h]", "Elevation [m]", "SoC [%]", "min. SoC [%]"]
    folder = real_data("bmw_i3")
    parts = {
        file.name.split(".")[0]: pd.read_csv(
            file, sep=";", encoding="latin-1", usecols=["Time [s]", *columns]
        )
        for file in sorted(folder.glob("*.csv.gz"))
    }
    frame = pd.concat(parts, names=["trip", "row"]).reset_index("trip")
    check = check_log(frame, cycle="trip", time="Time [s]")
    assert check.usable
    assert len(check.cycles) == 31
    np.testing.assert_allclose(check.cycles["rate"], 10.0)
    assert (check.cycles["gaps"] == 0).all()
    assert check.channels.loc["min. SoC [%]", "constant"]
    missing = frame["SoC [%]"].isna().sum()
    assert check.channels.loc["SoC [%]", "n_nan"] == missing > 0
    frozen = next(p for p in check.problems if p.kind == "stuck")
    assert frozen.channel == "Elevation [m]"
    while_driving = frame["Velocity [km/h]"].iloc[frozen.row : frozen.row + 100]
    assert np.ptp(while_driving) > 10


@pytest.mark.parametrize(
    ("folder", "options"),
    [
        ("bmw_i3", {"columns": ["Velocity", "Throttle", "Motor Torque", "Battery Current"]}),
        ("itsc", {"names": ["i_a", "i_b", "i_c"], "rate": 1000.0}),
        # Currents of a 10-bit converter, 350 to 651: offset by half of its range, never at its end.
        ("pmsm_inverter_faults/raw_adc.parquet", {"cycle": "FDD", "rate": 10.0}),
    ],
)
def test_no_channel_of_them_holds_codes_that_were_read_wrongly(real_data, folder, options):
    if folder.endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
    check = check_log(sp.read_log(real_data(folder), **options))
    kinds = {problem.kind for problem in check.problems}
    assert not kinds & {"unsigned", "not available", "code limit", "saturated"}
