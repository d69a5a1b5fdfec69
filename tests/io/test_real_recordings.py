"""Recordings of real tools: every number was recorded, is fresh, and the same in every format."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp

pytest.importorskip("asammdf", reason="MDF files need asammdf (extra mdf)")

DEMO = ("2.00.mdf", "2.14.mdf", "3.00.mdf", "3.10.mdf", "3.20.mdf", "3.30.mdf")
DEMO += ("3.30_unsorted.mdf", "4.00.mf4", "4.10.mf4", "unsorted.mf4")
RECORDINGS = [
    *((f"mdf/asammdf/demo/ASAP2_Demo_V161_{name}", {"rate": 100.0}) for name in DEMO),
    ("mdf/asammdf/demo/ASAP2_Demo_V161_4.10.mf4", {"rate": 37.0, "reduce": "mean"}),
    ("mdf/asammdf/test_batch.mf4", {"rate": 100.0}),
    ("mdf/asammdf/test_batch_cut_0.mf4", {"rate": 20.0}),
    ("mdf/asammdf/test_metadata.mf4", {"rate": 4.0}),
    ("mdf/mdfr/test_basic.mf4", {"rate": 200.0}),
]


def content_of(path):
    from signalprep.io.formats._mdf import read_mdf

    return read_mdf(path, columns=None, truncated="raise", max_bytes=1 << 31)


def last_valid(channel, times):
    """Stamp and value of the last valid sample up to each time, by pandas."""
    values = pd.Series(np.asarray(channel.values))
    known = values.notna().to_numpy()
    if channel.valid is not None:
        known &= channel.valid
    samples = pd.DataFrame({"at": channel.times[known], "value": values[known].to_numpy()})
    samples["stamp"] = samples["at"]
    rows = pd.DataFrame({"at": times + 1e-9})
    return pd.merge_asof(rows, samples, on="at", direction="backward")


@pytest.mark.parametrize(("file", "options"), RECORDINGS)
def test_every_number_was_recorded_and_is_fresh(real_data, file, options):
    path = real_data("formats") / file
    log = sp.read_log(path, ages=True, **options)
    times = log.index.get_level_values("time").to_numpy()
    by_name = {}
    for channel in content_of(path).channels:
        by_name.setdefault(channel.name, []).append(channel)
    n_compared = 0
    for name, channels in by_name.items():
        if len(channels) > 1 or channels[0].labels:
            continue
        channel = channels[0]
        step = float(np.median(np.diff(channel.times))) if len(channel.times) > 1 else 0.0
        limit = max(3.0 * step, 1.0 / options["rate"])
        if options.get("reduce") and 0 < 2 * step < 1.0 / options["rate"]:
            continue  # a mean of several samples
        found, age = log[name], log[f"{name}.age"].to_numpy()
        there = found.notna().to_numpy()
        expected = last_valid(channel, times)
        np.testing.assert_array_equal(found[there].to_numpy(), expected["value"][there].to_numpy())
        assert (age[there] >= -1e-9).all()
        assert (age[there] <= limit * (1 + 1e-6)).all()
        fresh = (times - expected["stamp"]).to_numpy() <= limit * (1 - 1e-6)
        assert there[fresh].all(), f"{name}: fresh samples are missing"
        n_compared += int(there.sum())
    assert n_compared > 0


def test_one_recording_in_ten_files_is_one_log(real_data):
    folder = real_data("formats") / "mdf" / "asammdf" / "demo"
    logs = [sp.read_log(folder / f"ASAP2_Demo_V161_{name}", rate=100.0) for name in DEMO[1:]]
    names = set(logs[0].columns)
    for log in logs[1:]:
        assert set(log.columns) == names
        same = log[list(logs[0].columns)]
        assert len(same) == len(logs[0])
        for name in same:
            pd.testing.assert_series_equal(
                same[name].reset_index(drop=True), logs[0][name].reset_index(drop=True)
            )
        assert sp.units(same).to_dict() == sp.units(logs[0]).to_dict()


def test_a_folder_of_recordings_is_a_log_of_cycles(real_data):
    folder = real_data("formats") / "mdf" / "asammdf" / "demo"
    log = sp.read_log(sorted(folder.glob("*4.?0*")), rate=100.0)
    assert len(sp.cycles(log)) == 2
    report = sp.reading_report(log)
    assert report["notes"].str.contains("version").all()


def test_frames_of_a_bus_are_refused(real_data):
    path = real_data("formats") / "mdf" / "css" / "94C49784_00000005_00000002.MF4"
    with pytest.raises(sp.errors.ReadError, match="raw frames of a bus"):
        sp.read_log(path)
