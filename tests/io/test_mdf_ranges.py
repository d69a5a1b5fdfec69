"""Ranges that an MDF file states stay with the log; the default job holds values to them."""

from __future__ import annotations

import json

import numpy as np
import pytest

import signalprep as sp
from mdf_files import write

asammdf = pytest.importorskip("asammdf", reason="asammdf is the extra mdf")


def stated(path, ranges, version="4.10", offset=0.0):
    """Two channels of 12 bits; the conversion of a channel states what it can be."""
    t = np.arange(400) / 10
    volts = (360 + 5 * np.sin(t) + offset) * 2
    volts[200] = 4095 * 2
    signals = [
        asammdf.Signal(volts.astype("u2"), t, unit="V", name="u_dc", conversion={"a": 0.5, "b": 0}),
        asammdf.Signal((t * 10).astype("u2"), t, unit="A", name="i", conversion={"a": 0.1, "b": 0}),
        asammdf.Signal(20 + t / 9 + offset, t, unit="°C", name="T"),
    ]

    def change(recording):
        for channel in recording.groups[0].channels:
            if channel.name in ranges:
                conversion = channel.conversion
                conversion.min_phy_value, conversion.max_phy_value = ranges[channel.name]
                if version >= "4":
                    conversion.flags |= 0x2
                else:
                    conversion.range_flag = 1

    return write(path, signals, version=version, change=change)


@pytest.mark.parametrize(("version", "suffix"), [("4.10", "mf4"), ("3.30", "mdf")])
def test_what_the_file_states_is_kept(tmp_path, version, suffix):
    file = stated(tmp_path / f"a.{suffix}", {"u_dc": (0.0, 600.0), "i": (0.0, 0.0)}, version)
    assert sp.read_log(file).attrs["ranges"] == {"u_dc": (0.0, 600.0)}
    converted = sp.read_log(file, units={"u_dc": "mV"}).attrs["ranges"]
    assert converted == {"u_dc": (0.0, 600_000.0)}


def test_of_several_files_the_widest_and_only_where_all_state_it(tmp_path):
    stated(tmp_path / "a.mf4", {"u_dc": (0.0, 500.0), "i": (-10.0, 10.0)})
    stated(tmp_path / "b.mf4", {"u_dc": (-1.0, 450.0)}, offset=1.0)
    assert sp.read_log(tmp_path).attrs["ranges"] == {"u_dc": (-1.0, 500.0)}
    (tmp_path / "plain").mkdir()
    assert "ranges" not in sp.read_log(stated(tmp_path / "plain" / "c.mf4", {})).attrs


def test_the_default_job_holds_values_to_them(tmp_path, monkeypatch, capsys):
    from signalprep.cli import main

    for k in range(3):
        stated(tmp_path / f"d{k}.mf4", {"u_dc": (0.0, 600.0)}, offset=float(k))
    words = ["report", str(tmp_path), "-t", "T", "--spans", "1s", "--folds", "3"]
    tables = tmp_path / "tables.json"
    for more, n in (((), 3), (("--limits", "u_dc=0:9999"), 0)):
        options = ["--json", str(tables), "-o", str(tmp_path / "page.html"), *more]
        monkeypatch.setattr("sys.argv", ["signalprep", *words, *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0, capsys.readouterr().err
        touched = json.loads(tables.read_text())["cleaning"]["touched"]
        assert [each["n"] for each in touched if each["step"] == "physicallimits"] == [n]
