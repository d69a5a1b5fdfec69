"""Parts of readers that few files need: each by itself."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._merge import _with_columns
from signalprep.io._rows import _all_end_with, _Lines, _tabbed, _table_below
from signalprep.io._stated_rate import _TEN
from signalprep.io._time_column import _readings, from_numbers, from_time_of_day
from signalprep.io.formats._fast_table import _as_block, _dates
from signalprep.io.formats._mdf_conversion import NotConvertedError, _check_formula
from signalprep.io.formats._parquet import _without_numbers


def lines(*counts, first=5):
    n = len(counts)
    return _Lines(np.zeros(n, int), np.zeros(n, int), np.array(counts), first + np.arange(n))


def test_a_table_that_begins_further_down():
    words = "; if the table only begins there, skip=6 leaves out what is above"
    assert _table_below(lines(1, 4, 3, 3, 3), 2, 5) == words
    assert _table_below(lines(1, 4, 3, 3), 2, 4) == "", "two lines are no table"
    assert _table_below(lines(1, 4, 3, 3, 2), 2, 5) == ""
    assert _table_below(lines(3, 4, 1, 1, 1), 2, 5) == "", "of one field"
    assert _table_below(lines(1, 4, 3, 3, 3, 9), 2, 5) == words, "the last is left out"


def test_blanks_become_tabs():
    assert _tabbed(b"a  b\t c\n 1 2 3 \n") == b"a\tb\tc\n1\t2\t3\n"
    assert _tabbed(b'a "b c" d\n1 2 3\n') == b"a\tb c\td\n1\t2\t3\n"


def test_lines_that_all_end_with_a_separator():
    body = b"1;2;\n3;4;\n5;6"
    ends = np.array([4, 9, 13])
    found = _Lines(np.array([0, 5, 10]), ends, np.array([3, 3, 2]), np.arange(3))
    assert _all_end_with(body, found, ";")
    assert not _all_end_with(body + b"\n", found, ";")
    assert not _all_end_with(body.replace(b"4;", b"45"), found, ";")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-05-01T10:00:00", ("s", "")),
        ("2024-05-01 10:00:00.5Z", ("ms", "Z")),
        ("2024-05-01 10:00:00.1234+02:00", ("us", "+02:00")),
        ("2024-05-01 10:00:00.123456", ("us", "")),
        ("2024-05-01 10:00:00.1234567", ("ns", "")),
        ("01.05.2024", None),
    ],
)
def test_resolution_and_zone_of_stamps(cell, expected):
    layout = SimpleNamespace(first=SimpleNamespace(text=f"1,{cell}"), separator=",")
    assert _dates(layout, ["number", "date"], [1]) == ({} if expected is None else {1: expected})
    assert _dates(layout, ["number", "text"], [1]) == {}


def test_long_counts_are_not_read_as_floats():
    for digits, found in [("1" * 15, {1}), ("1" * 16, set()), ("1" * 14 + ".5", {1})]:
        layout = SimpleNamespace(
            first=SimpleNamespace(text=f"{digits},2024-05-01T10:00:00"), separator=","
        )
        assert set(_dates(layout, ["number", "date"], [1, 0])) == found


def test_columns_of_several_chunks_are_rows_of_one_array():
    pa = pytest.importorskip("pyarrow")
    table = pa.concat_tables(
        [pa.table({"3": [1.0, 2.0], "5": [7.0, 8.0]}), pa.table({"3": [3.0], "5": [9.0]})]
    )
    found = _as_block(table, [5, 3])
    assert list(found) == [5, 3]
    assert found[3].tolist() == [1.0, 2.0, 3.0]
    assert found[5].tolist() == [7.0, 8.0, 9.0]
    assert found[3].base is found[5].base


def test_files_that_lack_a_column():
    one = pd.DataFrame({"x": [1.0, 2.0], "gear": pd.Categorical(["low", "low"])})
    other = pd.DataFrame({"x": [3.0], "word": ["a"], "gear": pd.Categorical(["high"])})
    third = pd.DataFrame({"y": [5.0]})
    names, frames = ["x", "y", "word", "gear"], [one, other, third]
    found = _with_columns(one, names, frames)
    assert np.isnan(found["y"]).all()
    assert found["word"].tolist() == [None, None]
    assert list(found["gear"].cat.categories) == ["low", "high"]
    found = _with_columns(third, names, frames)
    assert list(found) == names
    assert np.isnan(found["x"]).all()
    assert found["gear"].isna().all()
    assert list(found["gear"].cat.categories) == ["low", "high"]
    mixed = pd.DataFrame({"gear": ["third"]})
    assert _with_columns(mixed, ["gear"], [one, mixed])["gear"].tolist() == ["third"]


def test_a_time_of_day_that_nobody_wrote():
    with pytest.raises(InvalidLogError, match="time must be known; every cell is missing"):
        from_time_of_day(pd.Series([None, None]), 1000)
    found = from_time_of_day(pd.Series([None, 43_200_000.0, 0.0]), 1000)
    np.testing.assert_array_equal(found.seconds, [np.nan, 0.0, -43_200.0])
    found = from_time_of_day(pd.Series([43_201.0, 0.0]), 1)
    assert found.seconds.tolist() == [0.0, 43_199.0]


def test_formulas_of_a_thousand_letters():
    _check_formula("X" + "+1" * 499)
    _check_formula("X+" + "1" * 998)
    for formula in ("X+" + "1" * 999, "X.real", "open(X)", "Y+1", "X if X else 1", "lambda: X"):
        with pytest.raises(NotConvertedError, match="is not plain arithmetic in X"):
            _check_formula(formula)
    with pytest.raises(NotConvertedError, match="is not understood"):
        _check_formula("X +")


def test_numbers_that_stand_for_missing_ones():
    words: dict[str, int] = {"-1": 1}
    values = np.array([1.5, -1.0, 9.5, -1.0], dtype=np.float32)
    found = _without_numbers(values, ("-1", "9,5", "none", "7"), words)
    np.testing.assert_array_equal(found, [1.5, np.nan, np.nan, np.nan])
    assert found.dtype == np.float32
    assert words == {"-1": 3, "9,5": 1}


def test_seconds_below_ten_millions_need_no_unit():
    near = 9_999_999.0 + 0.1 * np.arange(5)
    assert from_numbers(near, None, "t", "f").seconds.tolist() == near.tolist()
    with pytest.raises(ReadError, match="starts at 10000000 and goes on by 0"):
        from_numbers(1e7 + 0.1 * np.arange(5), None, "t", "f")


@pytest.mark.parametrize(
    ("first", "of_the_day"), [(999_999.0, 0), (1e6, 1), (86_399_999.0, 1), (86_400_000.0, 0)]
)
def test_milliseconds_that_may_be_those_of_a_day(first, of_the_day):
    words = ["ms of the day (time_unit='ms')"] * of_the_day
    assert [one for one in _readings(first, 20.0) if "of the day" in one] == words


@pytest.mark.parametrize(("step", "seconds"), [(1e-7, False), (5e-6, True), (9e-4, True)])
def test_days_of_a_calendar_may_be_seconds_of_a_rate_that_can_be(step, seconds):
    expected = ["days of a calendar (time_unit='d')", "seconds (time_unit='s')"]
    assert _readings(7.3e5, step) == expected[: 1 + seconds]


def test_powers_of_ten_that_floats_hold():
    assert int(float(10**_TEN)) == 10**_TEN
    assert int(float(10 ** (_TEN + 1))) != 10 ** (_TEN + 1)
