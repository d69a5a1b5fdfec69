"""Datetimes that nanoseconds cannot count: the right seconds, and never a wrapped stamp."""

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError
from signalprep.log import moved_in_time, time_in_seconds

UNITS = ["s", "ms", "us"]
STARTS = ["0001-01-01", "1601-01-01", "1677-09-21", "2024-02-28", "2262-04-11", "9999-12-30"]


def log_of(stamps, **columns):
    frame = pd.DataFrame({"t": stamps, "x": np.arange(float(len(stamps))), **columns})
    return sp.as_log(frame, time="t", cycle="c" if columns else None)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("start", STARTS)
def test_every_year_has_its_seconds_and_can_be_moved(start, unit):
    stamps = np.datetime64(start, unit) + np.arange(0, 100_000, 1000).astype("m8[s]")
    log = log_of(stamps)
    np.testing.assert_array_equal(time_in_seconds(log.index), np.arange(100) * 1000.0)
    assert sp.log.sample_time(log) == 1000.0
    moved = moved_in_time(log.index, np.full(100, 7200.25)).get_level_values("time")
    expected = stamps.astype("M8[us]") + np.timedelta64(7_200_250_000, "us")
    np.testing.assert_array_equal(moved.to_numpy().astype("M8[us]"), expected)


@pytest.mark.parametrize("unit", UNITS)
def test_cycles_centuries_apart(unit):
    starts = np.array(["1601-01-01", "2024-01-01", "9999-01-01"], dtype=f"M8[{unit}]")
    stamps = (starts[:, None] + np.arange(5).astype("m8[s]")).ravel()
    log = log_of(stamps, c=np.repeat([0, 1, 2], 5))
    seconds = time_in_seconds(log.index).reshape(3, 5)
    np.testing.assert_array_equal(seconds - seconds[:, :1], [np.arange(5.0)] * 3)
    days = (starts - starts[0]).astype("m8[D]").astype(int)
    np.testing.assert_array_equal(seconds[:, 0], days * 86400.0)


def test_nanoseconds_from_end_to_end():
    stamps = np.array(["1678-01-01", "2262-01-01"], dtype="M8[ns]")
    log = log_of(stamps, c=[0, 1])
    days = np.diff(stamps.astype("M8[D]")).astype(int)[0]
    np.testing.assert_array_equal(time_in_seconds(log.index), [0.0, days * 86400.0])


def test_moved_beyond_the_last_nanosecond():
    log = log_of(np.array(["2262-04-11T23:47:15", "2262-04-11T23:47:16"], dtype="M8[ns]"))
    moved = moved_in_time(log.index, np.full(2, 3600.0)).get_level_values("time")
    assert [str(stamp) for stamp in moved] == ["2262-04-12 00:47:15", "2262-04-12 00:47:16"]
    log = log_of(pd.to_timedelta([2**63 - 3 * 10**9, 2**63 - 2 * 10**9], unit="ns"))
    moved = moved_in_time(log.index, np.full(2, 3600.0)).get_level_values("time")
    np.testing.assert_allclose(moved.total_seconds() - 2**63 / 1e9, [3597, 3598], atol=1e-5)


def test_nanoseconds_are_kept_where_they_reach():
    log = log_of(np.datetime64("2024-01-01", "us") + np.arange(3))
    moved = moved_in_time(log.index, np.full(3, 1e-7)).get_level_values("time")
    assert moved.dtype == "M8[ns]"
    assert moved[0].nanosecond == 100


def test_a_zone_is_kept():
    stamps = pd.DatetimeIndex(np.datetime64("2300-03-28T00:59:58", "us") + 10**6 * np.arange(4))
    stamps = stamps.tz_localize("Europe/Berlin")
    log = log_of(stamps)
    moved = moved_in_time(log.index, np.full(4, 0.5)).get_level_values("time")
    pd.testing.assert_index_equal(moved, stamps + pd.Timedelta("500ms"), check_names=False)


def test_years_that_nothing_finer_than_seconds_counts_are_refused_when_moved():
    log = log_of(np.array([10**15, 10**15 + 1], dtype="M8[s]"))
    with pytest.raises(InvalidLogError, match="range that microseconds can count; got 31690"):
        moved_in_time(log.index, np.full(2, 0.5))


@pytest.mark.parametrize("start", STARTS)
def test_a_log_of_any_year_is_decimated(start):
    stamps = np.datetime64(start, "us") + np.arange(200).astype("m8[s]")
    slow = sp.Decimator(factor=5).fit_transform(log_of(stamps))
    assert sp.rate(slow) == 0.2
    found = slow.index.get_level_values("time").to_numpy()
    assert (stamps[0] - np.timedelta64(60, "s") <= found).all()
    assert (found <= stamps[-1] + np.timedelta64(60, "s")).all()
