"""What the table about the files says, and that it says all of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.io import read_log, reading_report


def _report(path, text, **options):
    path.write_text(text)
    return reading_report(read_log(path, **options)).iloc[0]


def test_a_log_that_was_not_read_gives_an_empty_table():
    report = reading_report(pd.DataFrame({"i_d": [1.0]}))
    assert len(report) == 0
    assert report.index.name == "file"


def test_every_fact_of_a_file_has_a_column(tmp_path):
    (tmp_path / "a.csv").write_text("time,n,n,T\n0,1,2,---\n# mark\n1,2,3,5\n2,1,x,4\n")
    (tmp_path / "b.csv").write_text("time,n\n0,1\n1,2\n")
    (tmp_path / "c.csv").write_text("nothing but words\nand more of them\n")
    log = read_log(tmp_path, coerce=True)
    report = reading_report(log)
    facts = {name for source in log.attrs["sources"] for name in source}
    assert facts - {"file"} <= set(report.columns)
    assert report["missing_words"].tolist() == ["---: 1", "", ""]
    assert report["coerced"].tolist() == ["n (2): 1", "", ""]
    assert report["left_out"].tolist() == ["comments: 1", "", ""]
    assert report["format"].tolist() == ["text", "text", "none"]
    assert report["rows"].tolist() == [3, 2, 0]
    assert report.loc["c.csv", "notes"].startswith("no table, left out (")


def test_unit_of_time_and_start(tmp_path):
    path = tmp_path / "a.csv"
    assert _report(path, "time,n\n0,1\n1,2\n")["time_unit"] == "s, as none is stated"
    assert _report(path, "time [ms],n\n0,1\n1,2\n")["time_unit"] == "ms"
    epoch = _report(path, "t,n\n1714543200000,1\n1714543200010,2\n", time_unit="ms")
    assert epoch["time_unit"] == "ms, as told"
    assert epoch["start"] == "2024-05-01T06:00:00.000 (utc)"
    local = _report(path, "time,n\n2024-05-01T08:00:00+02:00,1\n2024-05-01T08:00:01+02:00,2\n")
    assert local["start"] == "2024-05-01T06:00:00.000 (offset)"
    assert _report(path, "i_d\n1\n2\n", rate=10.0)[["time", "time_unit", "start"]].tolist() == (
        ["", "", ""]
    )


def test_samples_of_a_channel_add_up(tmp_path):
    rows = [f"{k / 10},{k},{k if k % 4 == 1 else ''}" for k in range(20)]
    text = "\n".join(["time [s],n,T", *rows, ""])
    report = _report(tmp_path / "a.csv", text, clock="n", start="common")
    assert report["samples"] == "n: 20 read, 19 used, 1 left out; T: 5 read, 5 used"


def test_nothing_is_told_of_a_file_about_which_there_is_nothing(tmp_path):
    report = _report(tmp_path / "a.csv", "time [s],n\n0,1\n1,2\n")
    silent = [name for name in report.index if isinstance(report[name], str) and not report[name]]
    assert silent == [
        *("cycle", "compression", "start", "renamed", "missing", "empty", "missing_words"),
        *("coerced", "left_out", "samples", "notes"),
    ]
    assert isinstance(report["rows"], (int, np.integer))
