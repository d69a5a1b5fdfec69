"""Cycles told by channels with stamps of their own: each channel is cut where they change."""

import numpy as np
import pandas as pd
import pytest

from mdf_files import GEARS, write
from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import read_log, reading_report
from signalprep.log import Channel, cycles

FAST, SLOW = np.arange(12) / 10, np.arange(4) * 0.3
SPEED = Channel("n", FAST, np.arange(12.0) + 0.5, unit="rpm")
TRIP = Channel("trip", FAST, np.repeat([7.0, 8.0, 7.0], 4))
VEHICLE = Channel("vehicle", SLOW, np.array([1.0, 1.0, 2.0, 2.0]))  # 2 from 0.6 s on


@pytest.fixture
def save(tmp_path, monkeypatch):
    """Make a file that a plug-in reads; gives its path."""
    saved = {}
    monkeypatch.setattr(
        "signalprep.io.formats._channels.plugin_for",
        lambda path: (lambda _: saved[path.name]) if path.suffix == ".ilog" else None,
    )

    def file(*channels, name="trip.ilog"):
        saved[name] = channels
        (tmp_path / name).write_bytes(b"\0")
        return tmp_path / name

    return file


def test_ids_are_those_of_a_table_with_the_same_rows(save, tmp_path):
    log = read_log(save(SPEED, TRIP, VEHICLE), cycle=["vehicle", "trip"])
    table = pd.DataFrame({"time [s]": FAST, "n [rpm]": SPEED.values, "trip": TRIP.values})
    table["vehicle"] = [1] * 6 + [2] * 6
    table.to_csv(tmp_path / "trip.csv", index=False)
    expected = read_log(tmp_path / "trip.csv", cycle=["vehicle", "trip"])
    pd.testing.assert_frame_equal(log, expected)
    assert cycles(log).tolist() == ["1/7", "1/8", "2/8", "2/7"]
    report = reading_report(log).loc["trip.ilog"]
    assert (report["cycle"], report["cycles"]) == ("vehicle; trip", 4)


@pytest.mark.parametrize("shift", [1e-12, -1e-12])
def test_stamps_that_differ_by_the_rounding_of_floats_are_the_same(save, shift):
    """Else trip 1 of the first vehicle would begin once more before the second vehicle does."""
    trip = Channel("trip", FAST + shift, np.tile(np.repeat([1, 2], 3), 2))
    log = read_log(save(SPEED, trip, VEHICLE), cycle=["vehicle", "trip"])
    assert cycles(log).tolist() == ["1/1", "1/2", "2/1", "2/2"]
    assert log["n"].tolist() == SPEED.values.tolist()
    assert log.groupby(level="cycle").size().tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("way", [{"clock": "n"}, {"rate": 10.0}])
def test_a_cycle_holds_nothing_of_the_one_before(save, way):
    slow = Channel("T", np.array([0.0, 0.5, 1.0]), np.array([40.0, 41.0, 42.0]))
    lap = Channel("lap", FAST, FAST >= 0.4, valid=FAST != 0.2)
    log = read_log(save(SPEED, slow, lap), cycle="lap", hold=None, **way)
    assert cycles(log).tolist() == [False, True]
    expected = [40.0] * 4 + [np.nan] + [41.0] * 5 + [42.0] * 2
    np.testing.assert_array_equal(log["T"], expected)
    np.testing.assert_array_equal(log["n"], SPEED.values)


@pytest.mark.parametrize("columns", [None, ["n"], ["n", "gear"]])
def test_a_state_of_an_mdf_file(tmp_path, columns):
    asammdf = pytest.importorskip("asammdf", reason="MDF is an extra")
    signals = [
        asammdf.Signal(SPEED.values, FAST, name="n"),
        asammdf.Signal((FAST > 0.55).astype("u1"), FAST, name="gear", conversion=GEARS),
        asammdf.Signal(np.repeat([3, 4], 6).astype("u1"), FAST, name="trip"),
    ]
    path = write(tmp_path / "a.mf4", signals)
    log = read_log(path, cycle=["trip", "gear"], columns=columns)
    assert cycles(log).tolist() == ["3/park", "4/drive"]
    assert log.columns.tolist() == ["n"]
    assert cycles(read_log(path, cycle="trip", columns=columns)).tolist() == [3, 4]


def test_what_was_recorded_before_the_id(save):
    late = Channel("trip", FAST[3:], np.ones(9))
    path = save(SPEED, Channel("m", FAST, -FAST), late)
    words = r"'n', 'm' begin before 'trip' at 0\.3 s: start='common' leaves out"
    with pytest.raises(InvalidLogError, match=words):
        read_log(path, cycle="trip")
    log = read_log(path, cycle="trip", start="common")
    assert log["n"].tolist() == SPEED.values[3:].tolist()
    told = reading_report(log)["samples"].iloc[0]
    assert told == "n: 12 read, 3 left out, 9 used; m: 12 read, 3 left out, 9 used"


@pytest.mark.parametrize(
    ("cycle", "error", "words"),
    [
        ("trip", InvalidLogError, r"contiguous; cycle 7 starts again at 0\.8 s"),
        ("lap", ReadError, "cycle='lap' is not a channel of this file; channels are: 'n', 'trip'"),
        ("reset", InvalidParameterError, "'reset' needs a table.*name a channel that tells cycles"),
        (["trip", "reset"], InvalidParameterError, "must be 'reset' alone or name columns"),
        (["trip", "trip"], InvalidParameterError, "must name each channel once"),
        ("empty", InvalidLogError, "channel 'empty' must tell cycles; it has no sample"),
        ("back", InvalidLogError, "time must increase; channel 'back', sample 1, goes back"),
    ],
)
def test_channels_that_tell_no_cycles(save, cycle, error, words):
    empty = Channel("empty", FAST, np.full(12, np.nan))
    back = Channel("back", FAST[::-1], np.arange(12.0))
    with pytest.raises(error, match=words):
        read_log(save(SPEED, TRIP, empty, back), cycle=cycle)


def test_a_channel_that_goes_back_hides_in_no_cycle(save):
    back = Channel("m", np.r_[FAST[:6], FAST[2:8]], np.arange(12.0))
    lap = Channel("lap", FAST, np.repeat([1, 2], 6))
    with pytest.raises(InvalidLogError, match=r"channel 'm', sample 6, goes back in time"):
        read_log(save(SPEED, back, lap), cycle="lap", clock="n")


def test_a_cycle_in_two_files(save):
    paths = [save(SPEED, VEHICLE, name=f"{name}.ilog") for name in "ab"]
    with pytest.raises(InvalidLogError, match=r"b\.ilog: cycle 1 is also in a\.ilog"):
        read_log(paths, cycle="vehicle")


def test_a_cycle_in_which_the_clock_is_silent(save):
    clock = Channel("T", np.array([0.0, 0.9]), np.ones(2))
    lap = Channel("lap", FAST, np.repeat([1, 2, 3], 4))
    with pytest.raises(InvalidLogError, match=r"clock='T' must have a sample in each.*cycle 2 has"):
        read_log(save(SPEED, clock, lap), cycle="lap", clock="T", reduce="mean")
