"""Columns of time piece by piece: numbers, text, dates and times of day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._time_column import (
    Stamps,
    _as_ticks,
    _clock_format,
    _epoch_start,
    _formats,
    _is_compact,
    _iso_date,
    _named_month,
    _order_of,
    _readings,
    from_numbers,
    from_text,
    from_time_of_day,
    may_count_from,
    resolution,
    with_milliseconds,
)

NAN = np.nan


def numbers(values, unit=None):
    return from_numbers(np.asarray(values), unit, "t", "f")


def text(*cells, time_format=None):
    return from_text(pd.Series(cells, dtype=object), "t", "f", time_format)


# numbers


def test_numbers_in_a_unit():
    assert numbers([0, 500], "ms").seconds.tolist() == [0.0, 0.5]
    assert numbers([1.0, 2.5], "min").seconds.tolist() == [60.0, 150.0]
    assert numbers([0, 3], "10 ms").seconds.tolist() == [0.0, 0.03]
    np.testing.assert_array_equal(numbers([NAN, 1.0, 2.0], "s").seconds, [NAN, 1.0, 2.0])
    epoch = numbers([1_700_000_000_000, 1_700_000_000_500], "ms")
    assert epoch.seconds.tolist() == [0.0, 0.5]
    assert epoch.start == "2023-11-14T22:13:20.000 (utc)"
    decimals = numbers([NAN, 1_700_000_000.25, 1_700_000_000.5], "s")
    np.testing.assert_array_equal(decimals.seconds, [NAN, 0.0, 0.25])
    days = numbers([45_000.5, 45_001.5], "d")
    assert (days.seconds.tolist(), days.start) == (
        [0.0, 86_400.0],
        "2023-03-15T12:00:00.000 (unknown)",
    )
    with pytest.raises(InvalidLogError, match="every cell is missing"):
        numbers([NAN, NAN], "s")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.7e9, 1.7e9 + 1], "s since 1970 (time_unit='s')"),
        ([1.7e12, 1.7e12 + 10], "ms since 1970 (time_unit='ms')"),
        ([45_000.0, 45_000.00001], "days of a spreadsheet (time_unit='d')"),
        ([738_000.0, 738_000.00001], "days of a calendar (time_unit='d')"),
        ([2_450_000.0, 2_450_000.00001], "days of a calendar (time_unit='d')"),
        ([1.3e17, 1.3e17 + 1e6], "100 ns since 1601 (time_unit='100 ns')"),
        (
            [20_240_211_235_919.0, 20_240_211_235_920.0],
            "yyyymmddHHMMSS (time_format='%Y%m%d%H%M%S')",
        ),
    ],
)
def test_numbers_of_no_unit_that_are_no_seconds(values, words):
    with pytest.raises(ReadError) as error:
        numbers(values)
    assert words in str(error.value)


def test_numbers_of_no_unit_that_are_seconds():
    assert numbers([0.0, 0.1, 0.2]).unit == "s, as none is stated"
    assert numbers([5.0]).seconds.tolist() == [5.0]
    assert numbers([86_000.0, 86_001.0]).seconds.tolist() == [86_000.0, 86_001.0]


def test_digits_of_a_clock():
    clock = [140_758, 140_759, 140_800, 140_801]
    with pytest.raises(ReadError, match=r"time_format='%H%M%S'\) or seconds with gaps"):
        numbers(clock)
    with pytest.raises(ReadError, match=r"%H%M%S\.%f"):
        numbers([140_758.5, 140_759.5, 140_800.5, 140_801.5])
    for plain in ([140_758, 140_759, 140_760], [58, 59, 60], [140_757, 140_758, 140_759]):
        assert numbers(plain).seconds.tolist() == plain
    assert numbers([140_758, 140_759, 141_500, 141_501]).seconds[2] == 141_500


def test_ticks():
    ticks, per_unit = _as_ticks(np.array([0.25, 1.5]))
    assert (ticks.tolist(), per_unit) == ([25, 150], 100)
    assert _as_ticks(np.array([3, 4]))[1] == 1
    assert _as_ticks(np.array([np.pi, 1e9 / 3]))[0] is None
    assert _as_ticks(np.array([2.0**53]))[0] is None
    assert resolution(np.array([0.25, 1.5])) == 0.01
    assert resolution(np.array([1.0, 2.0])) == 1.0
    assert resolution(np.array([np.pi, 1e9 / 3])) is None
    assert may_count_from(5.0, "s")
    assert may_count_from(1.7e9, "s")
    assert not may_count_from(20_240_211_235_919.0, "s")
    assert _epoch_start(5.0, "s") is None
    assert _epoch_start(1.7e9, "s") == "2023-11-14T22:13:20.000 (utc)"
    assert _is_compact(20_240_211_235_959)
    for wrong in (20_241_311_235_919, 20_240_232_235_919, 20_240_211_245_919, 20_240_211_236_019):
        assert not _is_compact(wrong)
    assert not _is_compact(20_240_011_235_919)
    assert _readings(5e6, 10.0)[0].startswith("ms")
    assert "ms of the day (time_unit='ms')" in _readings(5e7, 10.0)
    assert _readings(100.0, 1e-9)[0] == "s (time_unit='s')"


# text


def test_iso_text():
    found = text("2024-05-01T10:00:00Z", "2024-05-01T10:00:01.5Z")
    assert found.seconds.tolist() == [0.0, 1.5]
    assert found.start == "2024-05-01T10:00:00.000 (utc)"
    assert text("2024-05-01 10:00:00,5", "2024-05-01 10:00:01,0").seconds.tolist() == [0.0, 0.5]
    offset = text("2024-05-01T10:00:00+02:00", "2024-05-01T09:00:01+01:00")
    assert (offset.seconds.tolist(), offset.start) == (
        [0.0, 1.0],
        "2024-05-01T08:00:00.000 (offset)",
    )
    assert text("2024-05-01 10:00:00 UTC").start.endswith("(utc)")
    assert text("2024-05-01").start.endswith("(unknown)")
    np.testing.assert_array_equal(text(None, "2024-05-01", "2024-05-02").seconds, [NAN, 0, 86_400])
    for cells, error, message in [
        (("2024-05-01", "x"), InvalidLogError, "found 'x' at row 1"),
        (("2024-05-01", "1601-01-01"), ReadError, "row 1 says 1601-01-01"),
        (("soon",), InvalidLogError, "found 'soon': time_format= says"),
        ((None,), InvalidLogError, "found ''"),
    ]:
        with pytest.raises(error, match=message):
            text(*cells)


def test_times_of_day_and_durations():
    assert text("10:00:00", "10:00:01.5").seconds.tolist() == [0.0, 1.5]
    assert text("10:00:00", "10:00:01").start == "10:00:00.000, day not stated (unknown)"
    assert text("23:59:59", "00:00:01").seconds.tolist() == [0.0, 2.0]
    assert text("12:00:00", "11:59:59").seconds.tolist() == [0.0, -1.0]
    assert text("11:59:59 PM", "12:00:00 AM", "1:00:00 AM").seconds.tolist() == [0.0, 1.0, 3601.0]
    assert text("12:00:00 PM", "1:00:00 PM").seconds.tolist() == [0.0, 3600.0]
    assert text("24:00:00", "25:00:01").seconds.tolist() == [86_400.0, 90_001.0]
    assert text("1 day, 00:00:01", "2 days, 00:00:00").seconds.tolist() == [86_401.0, 172_800.0]
    assert text("-0:00:01", "0:00:01").seconds.tolist() == [-1.0, 1.0]
    assert text("01:02.5", "01:03.0").seconds.tolist() == [0.0, 0.5]
    with pytest.raises(ReadError, match="may be hours and minutes or minutes and seconds"):
        text("01:02", "01:03")
    with pytest.raises(InvalidLogError, match="found 'x' at row 1"):
        text("10:00:00", "x")
    assert text("10:00", "10:30", time_format="%H:%M").seconds.tolist() == [0.0, 1800.0]
    dated = text("01/02/2024", "02/02/2024", time_format="%d/%m/%Y")
    assert (dated.seconds.tolist(), dated.start) == (
        [0.0, 86_400.0],
        "2024-02-01T00:00:00.000 (unknown)",
    )
    zoned = text("01/02/2024 +0100", time_format="%d/%m/%Y %z")
    assert zoned.start == "2024-01-31T23:00:00.000 (offset)"
    with pytest.raises(ReadError, match="found '10:0x' at row 1"):
        text("10:00", "10:0x", time_format="%H:%M")
    counts = from_time_of_day(pd.Series([86_399_000, None, 0]), 1000)
    np.testing.assert_array_equal(counts.seconds, [0.0, NAN, 1.0])


def test_local_dates():
    assert text("1.5.2024 10:00:00", "2.5.2024 10:00:00").seconds.tolist() == [0.0, 86_400.0]
    assert text("05-Mar-2024 10:00", "06-Mar-2024 10:00").seconds.tolist() == [0.0, 86_400.0]
    assert text("13/01/2024").start.startswith("2024-01-13")
    assert text("01/13/2024").start.startswith("2024-01-13")
    assert text("2024/01/13").start.startswith("2024-01-13")
    late = text("1.5.2024 11:59 PM", "2.5.2024 12:01 AM")
    assert late.seconds.tolist() == [0.0, 120.0]
    assert text("1.5.2024 10:00:00.25", "1.5.2024 10:00:00.5").seconds.tolist() == [0.0, 0.25]
    for cells, error, message in [
        (("01/02/2024 10:00:00",), ReadError, r"'%d/%m/%Y %H:%M:%S' or '%m/%d/%Y %H:%M:%S'"),
        (("01/02/24",), ReadError, r"'%d/%m/%y' or '%m/%d/%y' or '%y/%m/%d'"),
        (("13/01/2024", "01/13/2024"), ReadError, "may begin with the day or the month"),
        (("1.5.2024", "31.2.2024"), InvalidLogError, "found '31.2.2024' at row 1"),
        (("1.5.2024 10:00", "1.5.2024 x"), InvalidLogError, "found 'x'"),
        (("05-Mai-2024 10:00:00",), InvalidLogError, "English short names for months"),
    ]:
        with pytest.raises(error, match=message):
            text(*cells)


def test_parts_of_dates():
    assert _order_of(["12/12/2024", "13/12/2024"], "t", "f", "") == "dmy"
    for dates in (["12/12/2024", "12/11/2024"], ["01/12/2024"], ["12/01/2024"]):
        with pytest.raises(ReadError, match="may begin with the day or the month"):
            _order_of(dates, "t", "f", "")
    assert _order_of(["12/13/2024"], "t", "f", "") == "mdy"
    assert _order_of(["2024/01/02"], "t", "f", "") == "ymd"
    assert _order_of(["1.2.2024"], "t", "f", "") == "dmy"
    assert _named_month("5-mar-2024") == _named_month("5 Mar 2024") == "2024-03-05"
    assert _named_month("5-xyz-2024") == "5-xyz-2024"
    assert _iso_date("1/2/2024", "dmy") == "2024-02-01"
    assert _iso_date("1/2/2024", "mdy") == "2024-01-02"
    assert _iso_date("x", "dmy") is None
    assert _clock_format("10:00") == " %H:%M"
    assert _clock_format("10:00:01,5") == " %H:%M:%S,%f"
    assert _clock_format("10:00:01 PM") == " %I:%M:%S %p"
    assert _clock_format("10:00PM") == " %I:%M%p"
    assert _clock_format("x") == ""
    assert _formats("1-2-2024", "") == "'%d-%m-%Y' or '%m-%d-%Y'"


def test_milliseconds_beside_whole_seconds():
    whole = Stamps(np.array([0.0, 1.0, 1.0]), start="10:00 (unknown)", unit="s")
    found = with_milliseconds(whole, np.array([500.0, 0.0, 250.0]), "t", "f")
    assert found.seconds.tolist() == [0.0, 0.5, 0.75]
    gaps = with_milliseconds(whole, np.array([NAN, 0.0, 999.0]), "t", "f")
    np.testing.assert_array_equal(gaps.seconds, [NAN, 1.0, 1.999])
    dated = text("2024-05-01T10:00:00Z", "2024-05-01T10:00:01Z")
    found = with_milliseconds(dated, np.array([250.0, 500.0]), "t", "f")
    assert found.seconds.tolist() == [0.0, 1.25]
    assert found.start == "2024-05-01T10:00:00.250 (utc)"
    found = with_milliseconds(dated, np.array([NAN, 500.0]), "t", "f")
    np.testing.assert_array_equal(found.seconds, [NAN, 0.0])
    assert np.isnat(found.datetimes).tolist() == [True, False]
    assert found.start == "2024-05-01T10:00:01.500 (utc)"
    for fine in ([0.5, 0, 0], [-1.0, 0, 0], [1000.0, 0, 0], [NAN] * 3):
        with pytest.raises(ReadError, match="must be whole seconds and milliseconds from 0 to 999"):
            with_milliseconds(whole, np.array(fine), "t", "f")
    with pytest.raises(ReadError, match="must be whole seconds"):
        with_milliseconds(Stamps(np.array([0.5])), np.array([1.0]), "t", "f")
