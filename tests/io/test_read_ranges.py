"""Ranges of signals from a DBC file, in the units of the log."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError

DBC = """VERSION ""
NS_ :
BS_:
BU_: ECU
BO_ 256 Motor: 8 ECU
 SG_ Speed : 0|16@1+ (0.5,0) [0|3600] "rpm" ECU
 SG_ Coolant : 16|8@1+ (1,-40) [-40|150] "degC" ECU
 SG_ Load : 24|8@1- (1,0) [-100|100] "" ECU
 SG_ Counter : 32|4@1+ (1,0) [0|0] "" ECU
BO_ 257 Inverter: 8 ECU
 SG_ Load : 0|8@1- (1,0) [-120|90] "%" ECU
 SG_ Counter : 8|4@1+ (1,0) [0|15] "" ECU
 SG_ Wrong : 16|8@1+ (1,0) [9|1] "V" ECU
 SG_ Pressure : 24|8@1+ (1,0) [0|5] "bar" ECU
"""


@pytest.fixture
def bus(tmp_path):
    path = tmp_path / "bus.dbc"
    path.write_text(DBC, encoding="cp1252")
    return path


def log_of(units):
    log = sp.as_log(np.zeros((3, len(units))), rate=1.0).set_axis(list(units), axis=1)
    log.attrs["units"] = {name: unit for name, unit in units.items() if unit}
    return log


def test_ranges_are_those_of_signals_that_are_channels(bus):
    found = sp.read_ranges(bus, log_of({"Speed": "rpm", "Coolant": "", "i_d": "A"}))
    assert found == {"Speed": (0.0, 3600.0), "Coolant": (-40.0, 150.0)}
    frame = pd.DataFrame({"Speed": [10.0, 9000.0], "Coolant": [20.0, 21.0], "i_d": 1.0})
    held = sp.PhysicalLimits(found).fit_transform(frame)["Speed"]
    assert held.tolist() == [10.0, 10.0]


def test_they_are_in_the_units_of_the_log(bus):
    found = sp.read_ranges(bus, log_of({"Speed": "1/min", "Coolant": "K"}))
    assert found["Speed"] == pytest.approx((0.0, 3600.0))
    assert found["Coolant"] == pytest.approx((233.15, 423.15))
    turned = sp.read_ranges(bus, log_of({"Motor.Speed": "rad/s"}))
    assert turned["Motor.Speed"] == pytest.approx((0.0, 120 * np.pi))
    with pytest.raises(InvalidParameterError, match="'Pressure' in 'bar', the log has it in 'V'"):
        sp.read_ranges(bus, log_of({"Pressure": "V"}))


def test_of_a_name_in_several_messages_the_widest_and_only_where_all_state_it(bus):
    found = sp.read_ranges(bus, log_of({"Load": "", "Inverter.Load": "", "Counter": "", "x": ""}))
    assert found == {"Load": (-120.0, 100.0), "Inverter.Load": (-120.0, 90.0)}
    assert sp.read_ranges(bus, log_of({"Inverter.Counter": ""})) == {
        "Inverter.Counter": (0.0, 15.0)
    }


@pytest.mark.parametrize(
    ("units", "kind", "told"),
    [
        ({"speed": ""}, InvalidLogError, "no signal that is a channel of the log. It has 'Speed'"),
        ({"Motor.Counter": ""}, InvalidLogError, "states no range of 'Motor.Counter', and"),
        ({"Wrong": ""}, InvalidParameterError, "Inverter.Wrong is stated from 9 to 1"),
    ],
)
def test_refusals(bus, units, kind, told):
    with pytest.raises(kind, match=told):
        sp.read_ranges(bus, log_of(units))
    assert sp.read_ranges(bus, log_of({**units, "Speed": "rpm"}), ["Speed"])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x00\xff", "no DBC file"),
        (b"time,x\n0,1\n", "no DBC file"),
        (DBC[:120].encode(), "cut off, in line 7: +SG_ Coolant : 16"),
        (DBC.replace("[0|5]", "[0|five]").encode(), "line 14"),
        (DBC.replace("[0|5]", "[0|inf]").encode(), "line 14"),
    ],
)
def test_other_files(bus, content, told):
    bus.write_bytes(content)
    with pytest.raises(ReadError, match=rf"bus\.dbc: .*{told}"):
        sp.read_ranges(bus, log_of({"Speed": ""}))
    with pytest.raises(ReadError, match="cannot be read: No such file"):
        sp.read_ranges(bus.with_name("other.dbc"), log_of({"Speed": ""}))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_units_in_any_encoding_and_multiplexed_signals(bus, encoding):
    text = DBC.replace('"degC"', '"°C"').replace("SG_ Coolant :", "SG_ Coolant m3M :")
    bus.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    found = sp.read_ranges(bus, log_of({"Coolant": "K"}))
    assert found["Coolant"] == pytest.approx((233.15, 423.15))


def test_a_large_description_of_a_real_car(real_data):
    path = real_data("formats") / "dbc" / "opendbc" / "tesla_powertrain.dbc"
    found = sp.read_ranges(path, log_of({"DI_torque1.DI_torqueDriver": "kNm"}))
    assert found["DI_torque1.DI_torqueDriver"] == pytest.approx((-0.75, 0.75))


def test_the_default_job_takes_them(bus, tmp_path, monkeypatch, capsys):
    from signalprep.cli import main

    for k in range(3):
        n = np.arange(90.0)
        table = pd.DataFrame({"time [s]": n / 10, "Speed [rpm]": 900 + 50 * np.sin(n / 9 + k)})
        table["T [°C]"] = 20 + table["Speed [rpm]"] / 90
        table.loc[40, "Speed [rpm]"] = 6553.5
        table.to_csv(tmp_path / f"d{k}.csv", index=False)
    monkeypatch.chdir(tmp_path)
    words = ["report", ".", "-t", "T", "--spans", "1s", "--folds", "3", "--json", "t.json"]
    for more, code, n in (
        ("bus.dbc", 0, [3]),
        ("bus.dbc,Speed=0:9000", 2, []),  # by hand goes first, and nothing else is met
        ("bas.dbc", 2, []),
    ):
        monkeypatch.setattr("sys.argv", ["signalprep", *words, "--limits", more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == code, capsys.readouterr().err
        if code == 0:
            touched = json.loads((tmp_path / "t.json").read_text())["cleaning"]["touched"]
            assert [each["n"] for each in touched if each["step"] == "physicallimits"] == n
        else:
            said = capsys.readouterr().err
            assert said.count("\n") == 1
            assert "no such file 'bas.dbc'" in said or "is a channel of the log" in said
