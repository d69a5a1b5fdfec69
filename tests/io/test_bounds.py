"""What cells, headers and settings of text tables say, at the borders of each rule."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io import reading_report
from signalprep.io._assemble import _block, _unify
from signalprep.io._cells import is_missing, is_number, kind_of, plain_sign, quoted
from signalprep.io._header_clock import _padded, header_clock
from signalprep.io._lines import split_line, uncommented
from signalprep.io._long_form import _run_side_by_side
from signalprep.io._names_above import names_above
from signalprep.io._no_inputs import is_counter, is_time
from signalprep.io._numbers import Notation, read_column
from signalprep.io._request import Request
from signalprep.io._second_separator import one_separator
from signalprep.io._settings_beside import _first_sample, _labels, _names_in_cells, _usual
from signalprep.io._stated import Stated, stated_in
from signalprep.io._stated_rate import (
    check_length,
    check_rate,
    check_segments,
    check_time,
    stated_stamps,
    unit_by_step,
    usual_step,
)
from signalprep.io._time_units import counted_unit, is_milliseconds, seconds_in, time_name
from signalprep.io._units import bare_unit, convert, is_unit
from signalprep.io.formats._mdf_layout import VLSD, needed

# cells


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *((cell, "number") for cell in ("1", "-1.5", "+.5", "5.", "1e5", "-1.5E-3", "inf", "− 4")),
        *((cell, "missing") for cell in ("", "NaN", "n/a", "--", "OVERLOAD", "1.#INF", "∞")),
        *((cell, "switch") for cell in ("true", "Off", "ON")),
        *(
            (cell, "clock")
            for cell in ("10:00", "1:02:03.5", "2 days, 01:02:03", "-0:01", "9:15 PM")
        ),
        *(
            (cell, "date")
            for cell in ("2024-05-01", "1.5.24", "20240501T101112", "1 May 2024 10:00")
        ),
        *((cell, "grouped") for cell in ("1,234", "1.234,5", "12'345", "1 234 567")),
        *((cell, "quantity") for cell in ("5 V", "speed=3", "speed: 3 rpm", "-40%")),
        *((cell, "text") for cell in ("D", "1;2", "5 apples", "0,123,45", "x", "1.2.3")),
    ],
)
def test_what_a_cell_is(cell, kind):
    assert kind_of(cell, ".") == kind


def test_numbers_by_their_mark():
    assert is_number("1,5", ",")
    assert not is_number("1,5", ".")
    assert not is_number("1.5", ",")
    assert kind_of("1,5 V", ",") == "quantity"
    assert kind_of("1,5 V", ".") == "text"
    assert is_missing("broken", ["broken"])
    assert not is_missing("broken")
    assert plain_sign("- 3") == "-3"
    assert plain_sign("3 - 4") == "3 - 4"
    assert quoted("a" * 40) == repr("a" * 40)
    assert quoted("a" * 41) == repr("a" * 40) + "... (41 characters)"


# columns


def read(cells, decimal=".", thousands=None, na=(), coerce=False):
    return read_column(
        pd.Series(cells, dtype=object),
        Notation(decimal, thousands, na),
        column="x",
        file="f",
        coerce=coerce,
        place=lambda row: f"row {row}",
    )


def test_columns_of_numbers():
    np.testing.assert_array_equal(read(["1", None, "2.5"]).values, [1, np.nan, 2.5])
    np.testing.assert_array_equal(read(["1,5", "- 2"], ",").values, [1.5, -2])
    found = read(["1", "n/v", "n/v", "2", "--"])
    np.testing.assert_array_equal(found.values, [1, np.nan, np.nan, 2, np.nan])
    assert found.missing == {"n/v": 2, "--": 1}
    assert read(["on", "OFF", "1"]).values.tolist() == [1.0, 0.0, 1.0]
    found = read(["5 V", "6 V"])
    assert (found.values.tolist(), found.unit, found.name) == ([5, 6], "V", None)
    found = read(["n: 5", "n: 6"])
    assert (found.unit, found.name) == (None, "n")
    assert read(["1,234.5", "2"], thousands=",").values.tolist() == [1234.5, 2.0]
    assert read(["1.234,5"], ",", thousands=".").values.tolist() == [1234.5]
    assert read(["1\u00a0234"], thousands=" ").values.tolist() == [1234.0]
    assert list(read(["a", "b", None]).values[:2]) == ["a", "b"]
    assert read(["bad", "1"], na=("bad",)).missing == {"bad": 1}
    found = read(["1", "2", "oops"], coerce=True)
    np.testing.assert_array_equal(found.values, [1, 2, np.nan])
    assert found.coerced == 1


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        (["1", "2", "oops"], {}, r"found 'oops' at row 2 \(1 such cells\); coerce=True reads"),
        (["oops", "1", "oops"], {}, r"row 0 \(2 such cells\); na_values=\['oops'\] takes"),
        (["1", "1,5"], {}, r"decimal=',' reads them, where the whole file is so"),
        (["1", "1,234"], {}, r"thousands=',' with decimal='.' reads them"),
        (["1", "1'234"], {}, r"thousands=\"'\" with decimal='.'"),
        (["1", "1.234,5"], {}, r"thousands='.' with decimal=','"),
        (["on", "2"], {}, "found 'on' at row 0"),
        (["5 V", "6 A"], {}, None),
        (["1", "1,5", "1,6"], {"coerce": True}, "decimal=','"),
        (["1", "5 V"], {}, "found '5 V'"),
    ],
)
def test_columns_that_mix(cells, options, message):
    if message is None:
        assert isinstance(read(cells, **options).values, pd.Series)
        return
    with pytest.raises(InvalidLogError, match=message):
        read(cells, **options)


def test_ids_of_cycles_are_of_one_type():
    assert [part.tolist() for part in _unify([pd.Series(["1", "2 "]), pd.Series(["3"])])] == [
        [1, 2],
        [3],
    ]
    assert _unify([pd.Series(["1", " a"])])[0].tolist() == ["1", "a"]
    assert _unify([pd.Series([1, 2]), pd.Series([3])])[1].tolist() == [3]
    with pytest.raises(InvalidLogError, match="of one type; the files hold int64, str"):
        _unify([pd.Series([1]), pd.Series(["a"])])


def test_columns_that_are_rows_of_one_array():
    whole = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    assert _block([whole[0], whole[1]]) is whole
    assert _block([whole[1], whole[0]]) is None
    assert _block([whole[0]]) is None
    assert _block([whole[0][:2], whole[1][:2]]) is None
    assert _block([whole[0].copy(), whole[1]]) is None
    assert _block([]) is None


def test_bytes_that_records_take():
    def group(flags):
        return SimpleNamespace(flags=flags, size=100, cycles=7)

    assert needed(group(0), 2) == 7 * 102
    assert needed(group(0), 2, by_column=True) == 700
    assert needed(group(VLSD), 2) == 100 + 7 * 6


# units


def test_words_that_are_units():
    for word in ("V", "mA", "kW", "Nm", "°C", "1/min", "m/s²", "rad/s", "km/h", "volts", "%"):
        assert is_unit(word), word
    for word in ("speed", "12", "x", "apples", "V speed"):
        assert not is_unit(word), word
    assert bare_unit("[V]") == bare_unit("(V)") == bare_unit("<V>") == bare_unit(" V ") == "V"
    assert bare_unit("[anything]") == "anything"
    assert bare_unit("anything") is None
    assert bare_unit("[V") is None


@pytest.mark.parametrize(
    ("unit", "wanted", "expected"),
    [
        ("kW", "W", 2000.0),
        ("mA", "A", 0.002),
        ("cm", "m", 0.02),
        ("hPa", "Pa", 200.0),
        ("rpm", "rad/s", 2 * 2 * np.pi / 60),
        ("rps", "rpm", 120.0),
        ("deg", "rad", np.pi / 90),
        ("km/h", "m/s", 2 / 3.6),
        ("mph", "m/s", 0.89408),
        ("°C", "K", 275.15),
        ("K", "°C", -271.15),
        ("°F", "°C", (2 - 32) * 5 / 9),
        ("°C", "degF", 35.6),
        ("%", "1", 0.02),
        ("‰", "%", 0.2),
        ("bar", "Pa", 2e5),
        ("bar", "kPa", 200.0),
        ("h", "min", 120.0),
        ("kWh", "Wh", 2000.0),
        ("kWh", "J", 7.2e6),
        ("mAh", "Ah", 0.002),
        ("Ah", "As", 7200.0),
        ("V", "V", 2.0),
    ],
)
def test_units_are_converted(unit, wanted, expected):
    assert convert(np.array([2.0]), "x", unit, wanted)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "wanted", "message"),
    [
        (None, "V", "the file gives it no unit"),
        ("V", "A", "they measure different things"),
        ("apples", "V", "no factor is known"),
        ("V", "apples", "no factor is known"),
    ],
)
def test_units_that_cannot_be_converted(unit, wanted, message):
    with pytest.raises(InvalidParameterError, match=message):
        convert(np.array([2.0]), "x", unit, wanted)


# names of times


@pytest.mark.parametrize(
    ("header", "name", "unit", "named"),
    [
        ("Time [ms]", "Time", "ms", True),
        ("time in seconds", "time", "s", True),
        ("t_us", "t", "us", True),
        ("Time", "Time", None, True),
        ("T", "T", None, False),
        ("t", "t", None, True),
        ("T [s]", "T", "s", True),
        ("t_min", "t", "min", False),
        ("min", "min", None, False),
        ("ms", "ms", "ms", True),
        ("ms_today", "ms_today", "ms", True),
        ("s_total", "s_total", None, False),
        ("elapsedSeconds", "elapsedSeconds", "s", True),
        ("time_10ms", "time_10ms", None, False),
        ("Time [10 ms]", "Time", "10 ms", True),
        ("[s]", "[s]", "s", True),
        ("T_rise [ms]", "T_rise", "ms", False),
        ("Speed [rpm]", "Speed [rpm]", None, False),
        ("Zeitstempel", "Zeitstempel", None, True),
        ("time speed", "time speed", None, False),
    ],
)
def test_headers_of_times(header, name, unit, named):
    assert time_name(header) == (name, unit, named)


def test_counted_units():
    assert counted_unit("1 s") == "s"
    assert counted_unit("0 s") is None
    assert counted_unit("ms") == "ms"
    assert counted_unit("*100 us") == "100 us"
    assert seconds_in("10 ms") == Fraction(1, 100)
    assert seconds_in("1/10 ms") == Fraction(1, 10_000)
    assert seconds_in("d") == 86_400
    assert is_milliseconds(" [ms]")
    assert is_milliseconds("MILLITM")
    assert not is_milliseconds("s")


# what files state


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Sample Interval,0.0002,s", "step", Fraction(1, 5000)),
        ("# sampling rate: 10 kHz", "step", Fraction(1, 10_000)),
        ("Sample rate = 50", "step", Fraction(1, 50)),
        ("fs: 2 MSa/s", "step", Fraction(1, 2_000_000)),
        ("rate: 100 Hz", "step", Fraction(1, 100)),
        ("rate: 100", "step", None),
        ("sampling rate: 0", "step", None),
        ("dt [ms], 4", "step", Fraction(1, 250)),
        ("Sample interval: 5 Hz", "step", None),
        ("XOrigin,-0,5,s", "start", Fraction(-1, 2)),
        ("x_origin;-0.5;ms", "start", Fraction(-1, 2000)),
        ("H Offset: 3", "start", Fraction(3)),
        ("XOrigin,0.5,0.7", "start", Fraction(1, 2)),
        ("x zero: 3 V", "start", None),
        ("Segments,2,SegmentSize,502", "segments", 2),
        ("Segments,2,SegmentSize,502", "length", 502),
        ("Segments,2.5", "segments", None),
        ("record length: 10 s", "length", None),
        ("Horizontal units: ms", "time_unit", "ms"),
        ("x_dimension: Time", "time_unit", "s"),
        ("LECROYWS24,1", "time_unit", "s"),
        ("Sample Interval," + "0." + "0" * 38 + "1,s", "step", None),
        ("note: sample", "step", None),
    ],
)
def test_settings_above_a_table(line, field, value):
    assert getattr(stated_in([line]), field) == value


def test_the_first_rate_counts():
    found = stated_in(["sampling rate: 10 Hz", "sampling rate: 20 Hz", "record length: 5"])
    assert (found.rate, found.where, found.length) == (10.0, "sampling rate: 10 Hz", 5)
    assert found.length_where == "record length: 5"
    both = stated_in(["XOrigin,1,s", "XOrigin,2,s", "time unit: s", "time unit: ms"])
    assert (both.start, both.time_unit) == (1, "s")


def request(**given):
    return Request(**given)


def stating(step=None, **given):
    rate = None if step is None else float(1 / step)
    return Stated(rate=rate, step=step, where="rate: x", length_where="length: x", **given)


def test_the_usual_step():
    assert usual_step(np.array([0.0, 1, 2, 9, 10, 0, 1])) == 1.0
    assert usual_step(np.array([0.0, 1.0, 2.5])) == 1.25
    assert usual_step(np.array([0.0, 1, 2, 3.5, 4.5])) == 1.125
    assert usual_step(np.array([0.0, 1, 2, 3.625, 4.625])) == 1.0
    assert usual_step(np.array([3.0, np.nan])) is None
    assert usual_step(np.array([3.0, 2.0])) is None


def test_a_column_of_time_beside_a_stated_rate():
    ten = stating(Fraction(1, 10))
    for off, fine in [(0.019, True), (-0.019, True), (0.021, False), (-0.021, False)]:
        seconds = np.arange(5) * 0.1 * (1 + off)
        if fine:
            check_time("f", "t", seconds, ten, request())
        else:
            with pytest.raises(ReadError, match="'t' goes on by .* but the file states 'rate: x'"):
                check_time("f", "t", seconds, ten, request())
    other = np.arange(5) * 0.2
    check_time("f", "t", other, ten, request(rate=5.0))
    check_time("f", "t", other, Stated(), request())
    check_time("f", "t", other[:1], ten, request())
    with pytest.raises(
        ReadError, match=r"rate=5.0 takes the column as it is, time=False with rate=10"
    ):
        check_time("f", "t", other, ten, request(rate=8.0))


def test_a_rate_of_the_caller_beside_a_stated_one():
    ten = stating(Fraction(1, 10))
    assert check_rate("f", ten, request()) == ""
    assert check_rate("f", ten, request(rate=10.1)) == ""
    assert check_rate("f", Stated(), request(rate=5.0)) == ""
    with pytest.raises(ReadError, match="rate=9.7 contradicts 'rate: x', which states 10 Hz"):
        check_rate("f", ten, request(rate=9.7))
    assert "as told, not as stated" in check_rate("f", ten, request(rate=9.7, time=False))


def test_the_unit_that_makes_the_stated_step():
    assert unit_by_step(np.arange(5.0), stating(Fraction(1, 1000))) == "ms"
    assert unit_by_step(np.arange(5.0), stating(Fraction(1))) == "s"
    assert unit_by_step(np.arange(5.0), stating(Fraction(1, 7))) is None
    assert unit_by_step(np.arange(5.0), Stated()) is None


@pytest.mark.parametrize(
    ("n_rows", "left_out", "given", "fine"),
    [
        (10, 0, {"length": 10}, True),
        (9, 1, {"length": 10}, True),
        (9, 0, {"length": 10}, False),
        (11, 0, {"length": 10}, False),
        (30, 0, {"length": 10}, True),
        (30, 0, {"length": 10, "segments": 2}, False),
        (20, 0, {"length": 10, "segments": 2}, True),
        (3, 0, {}, True),
    ],
)
def test_rows_that_a_file_states(n_rows, left_out, given, fine):
    stated = stating(**given)
    if fine:
        assert check_length("f", n_rows, left_out, stated, request()) is None
        return
    why = "cut off" if n_rows < 20 and n_rows != 11 else "something was added"
    with pytest.raises(
        ReadError, match=f"states {given['length'] * given.get('segments', 1)} rows"
    ):
        check_length("f", n_rows, left_out, stated, request())
    with pytest.raises(ReadError, match=why):
        check_length("f", n_rows, left_out, stated, request())
    assert "there are" in check_length("f", n_rows, left_out, stated, request(truncated="drop"))


def test_segments_that_a_file_states():
    twice = np.array([0.0, 1, 2, 0, 1, 2])
    check_segments("f", twice, stating(segments=2))
    check_segments("f", twice, stating(segments=1))
    check_segments("f", twice, stating())
    with pytest.raises(ReadError, match="states 3 segments, but time starts anew 1 times"):
        check_segments("f", twice, stating(segments=3))


def test_stamps_that_a_file_states():
    stated = stating(Fraction(1, 10), start=Fraction(-3, 10))
    assert stated_stamps(5, stated).seconds.tolist() == [-0.3, -0.2, -0.1, 0.0, 0.1]
    again = stating(Fraction(1, 10), start=Fraction(0), length=2)
    assert stated_stamps(5, again).seconds.tolist() == [0.0, 0.1, 0.0, 0.1, 0.0]
    assert stated_stamps(2, again).seconds.tolist() == [0.0, 0.1]
    third = stating(Fraction(1, 3), start=Fraction(0))
    np.testing.assert_allclose(stated_stamps(4, third).seconds, [0, 1 / 3, 2 / 3, 1])
    assert stated_stamps(4, stating(Fraction(1))) is None
    assert stated_stamps(4, stating(start=Fraction(1))) is None


# headers of other kinds


def test_a_header_that_holds_the_clock():
    text = b"X,CH1,Start,Increment\nSequence,Volt,-1.0e-03,1.0e-06\n0,0.5,,\n1,0.6,,\n"
    found = header_clock(text)
    assert found.settings == ("XOrigin,-1.0e-03", "XIncrement,1.0e-06")
    assert found.data.startswith(b",CH1,,\n,Volt,,\n0,0.5,,\n")
    inline = header_clock(b"CH1V,t0 =-6.0e-03s, tInc = 1.0e-05\n0.5,,\n")
    assert inline.settings == ("XOrigin,-6.0e-03,s", "XIncrement,1.0e-05,s")
    assert inline.data == b"CH1 [V],,\n0.5,,\n"
    for text in (
        b"X,CH1,Start,Increment\n0,0.5,1,2\n1,0.6,3,4\n",
        b"X,CH1,Start,Increment\nSequence,Volt,1,2\n0,0.5,1,2\n",
        b"X,CH1,Start,Start\nSequence,Volt,1,2\n0,0.5,,\n",
        b"Start,Increment\n1,2\n",
        b"CH1,t0 = 5s,x\n1,2,3\n",
    ):
        assert header_clock(text) is None


def test_names_above_the_rows():
    lines = ["# Column 1: time [s]", "# Column 2: speed", "# remark"]
    found = names_above(lines, ",", ["0.1", "5"])
    assert (found.names, found.units, found.last) == (("time [s]", "speed"), ("", ""), 2)
    from_zero = names_above(["0: t s", "1: u V"], ",", ["0", "1", ""])
    assert (from_zero.names, from_zero.units) == (("t", "u", ""), ("s", "V", ""))
    assert names_above(["2: t", "3: u"], ",", ["0", "1"]) is None
    assert names_above(["1: t", "3: u"], ",", ["0", "1"]) is None
    keyed = names_above(["TraceName,CH1,CH2,", "VUnit,V,A"], ",", ["", "1", "2"])
    assert (keyed.names, keyed.units, keyed.last) == (("", "CH1", "CH2"), ("", "V", "A"), 2)
    assert names_above(["TraceName,CH1,CH1", "VUnit,V,A"], ",", ["", "1", "2"]) is None
    assert names_above(["TraceName,CH1,CH2", "VUnit,V"], ",", ["", "1", "2"]) is None
    assert names_above(["TraceName,CH1,CH2", "VUnit,V,A"], ",", ["1", "", "2"]) is None


def test_names_and_settings_beside_the_rows():
    assert _usual(["a"] * 8 + ["b"] * 2) == "a"
    assert _usual(["a"] * 7 + ["b"] * 3) is None
    assert _names_in_cells([["speed:12", "T=3"], ["speed:13", "T=4"]]) == ["speed", "T"]
    assert _names_in_cells([["12", "T=3"], ["13", "T=4"]]) == ["x0", "T"]
    assert _names_in_cells([["12", "3"]]) is None
    assert _names_in_cells([["T=12", "T=3"]]) is None
    kinds = ["text", "number", "text", "number"]
    assert _labels([["v:", "1", "T:", "2"]] * 3, kinds) == ["", "v", "", "T"]
    assert _labels([["v", "1", "T", "2"]] * 3, kinds) == ["", "v", "", "T"]
    assert _labels([["v", "1"]] * 3, kinds[:2]) is None, "one word alone is a label of rows"
    assert _labels([["v:", "1", "2"]] * 3, ["text", "number", "number"]) == ["", "v", "x2"]
    assert _labels([["1", "v:"]] * 3, ["number", "text"]) is None
    assert _labels([["v:", "T:", "1"]] * 3, ["text", "text", "number"]) is None
    assert _labels([["v:", "1", "v:", "2"]] * 3, kinds) is None
    rows = [["Rate", "5", "0.1"], ["Unit", "V", "0.2"], ["Probe", "10", "0.3"]]
    more = [["", "", "0.4"], ["", "", "0.5"]]
    assert _first_sample([*rows, *more]) == (2, 3)
    assert _first_sample([*rows, more[0]]) == (0, 0)
    assert _first_sample([["1", "5", "0.1"], *rows[1:], *more]) == (0, 0)


def test_counters_and_times_among_columns():
    count = np.arange(5.0)
    assert is_counter("Index", count)
    assert is_counter("", count)
    assert is_counter("Sample No.", np.array([1, 2, 3, 1, 2]))
    assert not is_counter("speed", count)
    assert not is_counter("index", np.array([1, 2, 4]))
    assert not is_counter("index", np.array([1, 2]))
    assert not is_counter("index", np.array([1.0, 1.0, 1.0]))
    assert not is_counter("index", np.array([1.0, 2.0, np.nan]))
    assert is_time(np.r_[np.arange(10.0), 0.0])
    assert not is_time(np.r_[np.arange(9.0), 0.0, 1.0, 0.0])
    assert not is_time(np.arange(2.0))


def test_signals_that_run_side_by_side():
    codes = np.array([0, 1, 0, 1, 0, 1])
    assert _run_side_by_side(codes, np.array([0.0, 0, 1, 1, 2, 2]))
    assert not _run_side_by_side(codes, np.array([0.0, 0, 1, 1, 1, 2])), "one of them stands"
    assert not _run_side_by_side(codes, np.arange(6.0)), "time goes on over the rows"
    assert not _run_side_by_side(codes, np.array([0.0, 0, 1, 1, 2, np.nan]))
    blocks = np.array([0, 0, 0, 1, 1, 1])
    assert not _run_side_by_side(blocks, np.array([0.0, 1, 2, 0, 1, 2])), "runs"
    assert not _run_side_by_side(np.array([0, 1, 0, 0]), np.array([0.0, 0, 1, 2]))


def test_lines_and_their_separators():
    assert split_line(" a  b\tc ", " ") == ["a", "b", "c"]
    assert split_line('"a b" c', " ") == ["a b", "c"]
    assert split_line('a, "b,c" ,d', ",") == ["a", "b,c", "d"]
    assert uncommented("  # // x") == "x"
    assert one_separator(b"0.1;5,6\n0.2;6,7\n0.3;7,8.5\n", None) == b"0.1,5,6\n0.2,6,7\n0.3,7,8.5\n"
    assert one_separator(b"0.1;5\n", None) is None
    assert one_separator(b"a b\nc d\n", None) is None
    assert one_separator(b"1;5,6\n2;6,7\n3;7,8\n", None) is None, "decimal commas, perhaps"


def test_a_separator_at_the_end_of_each_row_is_no_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("t,a,,b,\n" + "".join(f"{k},{k * k},,5.5,\n" for k in range(20)))
    log = sp.read_log(path)
    assert list(log.columns) == ["a", "b"]
    notes = reading_report(log)["notes"].iloc[0]
    assert "every row ends with a separator" in str(notes)
    assert "empty columns without a name left out: 3" in str(notes)
    assert "3, 5" not in str(notes)


def test_fields_are_as_many_as_cells():
    assert _padded(["a", "b", "", ""], 3) == ["a", "b", ""]
    assert _padded(["a", "b", "c"], 2) == ["a", "b", "c"], "what says something is kept"
    assert _padded(["a"], 3) == ["a", "", ""]
    assert _padded(["", ""], 2) == ["", ""]


def test_a_long_form_signal_without_a_valid_reading_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"{k},{name},{k}.5,{'ok' if name == 'v' else 'bad'}" for k in range(4) for name in "vT"]
    path.write_text("time,signal,value,quality\n" + "\n".join(rows) + "\n")
    form = {"name": "signal", "value": "value", "valid": "quality"}
    with pytest.raises(ReadError, match="signal 'T' has no valid reading"):
        sp.read_log(path, long_form=form, clock="v")
    del form["valid"]
    assert sorted(sp.read_log(path, long_form=form, clock="v").columns) == ["T", "v"]


def test_one_mark_for_two_things_needs_quotes(tmp_path):
    plain, quotes = tmp_path / "plain.csv", tmp_path / "quotes.csv"
    plain.write_text("t,a\n" + "".join(f"{k},{k}\n" for k in range(9)))
    quotes.write_text('"t","a"\n' + "".join(f'"{k},0","{k},5"\n' for k in range(9)))
    with pytest.raises(InvalidParameterError, match="sep and decimal must differ where numbers"):
        sp.read_log(plain, sep=",", decimal=",", time="t")
    with pytest.raises(InvalidParameterError, match="sep and thousands must differ"):
        sp.read_log(plain, sep=",", thousands=",", time="t")
    log = sp.read_log(quotes, sep=",", decimal=",", time="t")
    assert log["a"].tolist() == [k + 0.5 for k in range(9)]


@pytest.mark.parametrize(
    ("n_names", "message"),
    [
        (2, "each row holds one reading, of the signal that"),
        (6, "each row holds one reading, of the signal that"),
        (7, "time must increase"),
    ],
)
def test_readings_of_signals_by_name_are_told(tmp_path, n_names, message):
    path = tmp_path / "a.csv"
    rows = [f"{k // n_names},sig{k % n_names},{k}.5" for k in range(12)]
    path.write_text("time,signal,value\n" + "\n".join(rows) + "\n")
    with pytest.raises((ReadError, InvalidLogError), match=message):
        sp.read_log(path)


@pytest.mark.parametrize(
    "given",
    [
        {"rate": 1e-9},
        {"sep": ";"},
        {"decimal": ","},
        {"thousands": "."},
        {"skip": 0},
        {"units": {"a": "V"}},
        {"header": False},
        {"time": ("a",)},
        {"time": ("a", "b", "c")},
        {"time": False},
        {"time_unit": "10 ms"},
        {"time_format": "%H"},
        {"truncated": "keep"},
        {"duplicates": "last"},
        {"long_form": {"name": "n", "value": "v"}},
        {"columns": ("a",)},
    ],
)
def test_requests_that_work(given):
    Request(**given).check()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rate": 0.0}, "rate must be a positive number in Hz; got 0.0"),
        ({"rate": np.inf}, "rate must be"),
        ({"sep": ";;"}, "sep must be one character"),
        ({"sep": '"'}, "sep must be one character"),
        ({"decimal": ";"}, "decimal must be"),
        ({"thousands": ";"}, "thousands must be"),
        ({"thousands": ",", "decimal": ","}, "thousands must differ from decimal"),
        ({"skip": -1}, "skip must be a number of lines"),
        ({"skip": True}, "skip must be a number of lines"),
        ({"units": "V"}, "units must be True, False or a mapping"),
        ({"header": "yes"}, "header must be True, False or None"),
        ({"time": True}, "time must be a column name, None or False; got True"),
        ({"time": ()}, "time must name one column, or date"),
        ({"time": ("a", "b", "c", "d")}, "time must name one column, or date"),
        ({"time_unit": "V"}, "time_unit must be one of s, ms, us"),
        ({"time_format": "HH"}, "time_format must be written as for strptime"),
        ({"time_unit": "s", "time_format": "%H"}, "exclude each other"),
        ({"truncated": "no"}, "truncated must be 'raise', 'drop' or 'keep'; got 'no'"),
        ({"duplicates": "first"}, "duplicates must be 'raise' or 'last'"),
        ({"long_form": {"name": "n"}}, "long_form must say which columns hold name and value"),
        ({"columns": ()}, r"columns must not be empty; got \[\]"),
        ({"names": ()}, "names must not be empty"),
    ],
)
def test_requests_that_do_not(given, message):
    with pytest.raises(InvalidParameterError, match=message):
        Request(**given).check()
