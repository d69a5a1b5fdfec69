"""Tables as instruments and people write them: exact, or refused with what reads them."""

from __future__ import annotations

import re
from math import nan

import numpy as np
import pytest

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io import read_log, reading_report, units
from signalprep.log import cycles, rate, segments

N = 40
TIME = [f"{k / 10:.1f}" for k in range(N)]
SPEED = [f"{1000.5 + k * k % 11}" for k in range(N)]
TORQUE = [f"{k * k % 7 - 3.25}" for k in range(N)]


def rows(*columns, sep=",", end=""):
    return "".join(sep.join(cells) + end + "\n" for cells in zip(*columns, strict=True))


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def notes(log):
    return reading_report(log)["notes"].iloc[0]


def assert_whole(log, names=("speed", "torque")):
    """All samples of both channels, at 10 Hz from 0."""
    assert list(log.columns) == list(names)
    np.testing.assert_array_equal(log.iloc[:, 0], [float(cell) for cell in SPEED])
    np.testing.assert_array_equal(log.iloc[:, 1], [float(cell) for cell in TORQUE])
    assert log.index[0][1] == 0.0
    assert rate(log) == pytest.approx(10.0, rel=1e-9)


PREAMBLES = {
    "settings of a scope": '"Number of Data points =",40,\n"Time Scale (s/DIV) =",1E-3,\n',
    "settings and a blank line": "Model,MSO44\nVertical Units,V\nHorizontal Scale,4.0E-4\n\n",
    "a letterhead": "Test bench 3, cold start.\nSensor 2 was replaced; see the note.\n\n",
    "key: value": "Device: TB3\nSerial: 4711\nOperator: Ann\nGain: 2.5\n",
    "key = value": "device = TB3\nn = 40\ngain = 2.5\n",
    "sections": "[HEADER]\nVersion=3\nChannels=2\n[DATA]\n",
    "numbers in three columns": "Setup,1,2\nScale,3.5,10\nOffset,0,-1\n",
    "a date": "Export of 2024-05-01 10:00:00\n",
    "comments by percent": "% run 12\n% bench 3, 20 degC\n",
    "comments by slashes": "// run 12\n// 20,5 degC\n",
    "comments by stars": "* run 12\n* made, by, Ann\n",
    "declared separator": "sep=,\n",
    "sep and settings": "sep=,\nRun,12\nBench,3\n",
    "thirty settings": "".join(f"key {k},{k}\n" for k in range(30)),
}


@pytest.mark.parametrize("above", PREAMBLES)
@pytest.mark.parametrize("header", ["time,speed,torque", "Time [s],speed [rpm],torque [Nm]"])
def test_lines_above_the_table_are_no_samples(tmp_path, above, header):
    text = PREAMBLES[above] + header + "\n" + rows(TIME, SPEED, TORQUE)
    assert_whole(read_log(written(tmp_path / "a.csv", text)))


@pytest.mark.parametrize("above", PREAMBLES)
def test_a_rate_does_not_make_samples_of_them(tmp_path, above):
    text = PREAMBLES[above] + "speed,torque\n" + rows(SPEED, TORQUE)
    assert_whole(read_log(written(tmp_path / "a.csv", text), rate=10.0))


@pytest.mark.parametrize("above", ["a letterhead", "key = value", "numbers in three columns"])
def test_the_lines_above_may_be_counted_by_hand(tmp_path, above):
    text = PREAMBLES[above] + "time,speed,torque\n" + rows(TIME, SPEED, TORQUE)
    path = written(tmp_path / "a.csv", text)
    assert_whole(read_log(path, skip=PREAMBLES[above].count("\n"), header=True))


@pytest.mark.parametrize(
    "stated",
    [
        "Sample Interval,0.1,s",
        "Sampling Rate,10,Hz",
        "Sample rate = 10 Hz",
        "# sampling frequency: 10 Hz",
        "Abtastrate;0,01;kHz",
        "Sampling Period (ms),100",
    ],
)
def test_a_rate_stated_above_is_the_clock(tmp_path, stated):
    sep = ";" if ";" in stated else ","
    columns = [
        [cell.replace(".", "," if sep == ";" else ".") for cell in c] for c in (SPEED, TORQUE)
    ]
    text = f"{stated}\nspeed{sep}torque\n{rows(*columns, sep=sep)}"
    log = read_log(written(tmp_path / "a.csv", text))
    assert_whole(log)
    assert "stated" in notes(log)


UNITS_ROWS = {
    "bare": "s,rpm,Nm\n",
    "round": "(s),(rpm),(Nm)\n",
    "square": "[s],[rpm],[Nm]\n",
    "and a blank line": "(s),(rpm),(Nm)\n\n",
    "quoted": '"s","rpm","Nm"\n',
    "spelled out": "seconds,rpm,Nm\n",
}


@pytest.mark.parametrize("below", UNITS_ROWS)
@pytest.mark.parametrize("name", ["time", "timestamps", "Time"])
def test_a_row_of_units_gives_units(tmp_path, below, name):
    text = f"{name},speed,torque\n{UNITS_ROWS[below]}{rows(TIME, SPEED, TORQUE)}"
    log = read_log(written(tmp_path / "a.csv", text))
    assert_whole(log)
    assert units(log).tolist() == ["rpm", "Nm"]


@pytest.mark.parametrize(("unit", "hertz"), [("ms", 10.0), ("(msec)", 10.0), ("[us]", 1e4)])
def test_a_row_of_units_tells_the_unit_of_time(tmp_path, unit, hertz):
    stamps = [str(100 * k) for k in range(N)]
    text = f"time,speed,torque\n{unit},rpm,-\n{rows(stamps, SPEED, TORQUE)}"
    log = read_log(written(tmp_path / "a.csv", text))
    assert rate(log) == pytest.approx(hertz, rel=1e-9)
    assert len(log) == N


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("where", ["header", "rows", "both"])
@pytest.mark.parametrize("told", [False, True])
def test_a_separator_too_many_is_no_column(tmp_path, sep, where, told):
    header = sep.join(("time", "speed", "torque")) + (sep if where != "rows" else "")
    text = header + "\n" + rows(TIME, SPEED, TORQUE, sep=sep, end=sep if where != "header" else "")
    log = read_log(written(tmp_path / "a.txt", text), **({"sep": sep} if told else {}))
    assert_whole(log)


def test_a_separator_too_many_below_a_row_of_units(tmp_path):
    text = "time;speed;torque;\ns;rpm;Nm;\n" + rows(TIME, SPEED, TORQUE, sep=";")
    assert_whole(read_log(written(tmp_path / "a.csv", text)))


QUIET = ("#N/A", "N/A", "NULL", "1.#QNAN")
"""Words that are always missing, and not worth a note."""


@pytest.mark.parametrize(
    "word",
    [
        *QUIET,
        *("---", "-", "--", "#NV", "n.a.", "?", "nil", "none", "\\N"),
        *("#DIV/0!", "∞", "-∞", "overload", "No data", "missing", "*"),
    ],
)
def test_words_for_no_value_are_missing_and_counted(tmp_path, word):
    cells = [word if k in (0, 18, 19) else cell for k, cell in enumerate(TORQUE)]
    path = written(tmp_path / "a.csv", "time,speed,torque\n" + rows(TIME, SPEED, cells))
    log = read_log(path)
    expected = [nan if cell == word else float(cell) for cell in cells]
    np.testing.assert_array_equal(log["torque"], expected)
    if word not in QUIET:
        assert reading_report(log)["missing_words"].iloc[0] == f"{word}: 3"


@pytest.mark.parametrize("word", ["defekt", "9999 !", "kein Wert", "<LOD"])
def test_another_word_is_refused_with_how_to_say_so(tmp_path, word):
    cells = [word if k in (18, 19) else cell for k, cell in enumerate(TORQUE)]
    path = written(tmp_path / "a.csv", "time;speed;torque\n" + rows(TIME, SPEED, cells, sep=";"))
    with pytest.raises(InvalidLogError, match="column 'torque'") as refused:
        read_log(path)
    assert f"na_values=[{word!r}]" in str(refused.value)
    log = read_log(path, na_values=[word])
    assert np.flatnonzero(log["torque"].isna()).tolist() == [18, 19]
    cells[30] = "12,5o"
    written(path, "time;speed;torque\n" + rows(TIME, SPEED, cells, sep=";"))
    with pytest.raises(InvalidLogError, match="12,5o"):
        read_log(path, na_values=[word])  # a typing error is still one


SWITCHES = {"ON": "OFF", "on": "off", "True": "False", "TRUE": "FALSE", "On": "Off"}


@pytest.mark.parametrize("on", SWITCHES)
def test_switches_are_numbers(tmp_path, on):
    cells = [on if k % 7 else SWITCHES[on] for k in range(N)]
    cells[5] = ""
    path = written(tmp_path / "a.csv", "time,pump\n" + rows(TIME, cells))
    expected = [nan if k == 5 else float(k % 7 > 0) for k in range(N)]
    np.testing.assert_array_equal(read_log(path)["pump"], expected)


@pytest.mark.parametrize(
    ("cell", "name", "unit"),
    [
        ("{}%", "duty", "%"),
        ("{} %", "duty", "%"),
        ("{} degC", "duty", "degC"),
        ("{}Nm", "duty", "Nm"),
        ("{} km/h", "duty", "km/h"),
        ("duty: {}", "duty", ""),
        ("duty={} A", "duty", "A"),
    ],
)
def test_a_unit_in_every_cell_is_the_unit_of_the_channel(tmp_path, cell, name, unit):
    cells = [cell.format(number) for number in TORQUE]
    log = read_log(written(tmp_path / "a.csv", "time,duty\n" + rows(TIME, cells)))
    np.testing.assert_array_equal(log[name], [float(number) for number in TORQUE])
    assert units(log)[name] == unit


def test_time_with_its_unit_in_every_cell(tmp_path):
    stamps = [f"{100 * k} ms" for k in range(N)]
    text = "time,speed,torque\n" + rows(stamps, SPEED, TORQUE)
    assert_whole(read_log(written(tmp_path / "a.csv", text)))


ADVICE = re.compile(r"(thousands|decimal)=(?:'(.)'|\"(')\")")


@pytest.mark.parametrize("sep", [";", "\t", "|"])
@pytest.mark.parametrize("mark", [",", ".", "'", " "])
@pytest.mark.parametrize("first", [980, 999_900, 12_000])
def test_thousands_are_never_decimals(tmp_path, sep, mark, first):
    numbers = [first + 5 * k for k in range(N)]
    cells = [f"{number:,}".replace(",", mark) for number in numbers]
    path = written(
        tmp_path / "a.csv", f"time{sep}speed\n" + rows(map(str, range(N)), cells, sep=sep)
    )
    with pytest.raises((InvalidLogError, ReadError)) as refused:
        read_log(path)
    ways = [{key: a or b} for key, a, b in ADVICE.findall(str(refused.value))]
    said = next(way for way in ways if way == {"thousands": mark})
    others = [way for way in ways if "decimal" in way and way["decimal"] != mark]
    said = said | (others[0] if others else {})
    np.testing.assert_array_equal(read_log(path, **said)["speed"], numbers)
    with pytest.raises((InvalidLogError, ReadError)):
        read_log(path, coerce=True)


@pytest.mark.parametrize("coerce", [False, True])
@pytest.mark.parametrize(
    ("speed", "temperature"),
    [
        ("1.{:03d}", "3{},5"),  # 1069 and 36.5 in German
        ("{},5", "1.{:03d}"),
        ("12{}.5", "3{},25"),  # two notations in one file
    ],
)
def test_another_notation_is_a_misread_file_and_no_missing_values(
    tmp_path, coerce, speed, temperature
):
    columns = [[form.format(k) for k in range(N)] for form in (speed, temperature)]
    path = written(
        tmp_path / "a.csv", "time;speed;T\n" + rows(map(str, range(N)), *columns, sep=";")
    )
    with pytest.raises((InvalidLogError, ReadError), match=r"a\.csv: "):
        read_log(path, coerce=coerce)


def test_a_german_file_is_read_when_told(tmp_path):
    speed = [f"1.{k:03d}" for k in range(N)]
    cells = [f"3{k},5" for k in range(N)]
    path = written(
        tmp_path / "a.csv", "t;speed;T\n" + rows(map(str, range(N)), speed, cells, sep=";")
    )
    log = read_log(path, decimal=",", thousands=".")
    assert log["speed"].tolist() == [1000.0 + k for k in range(N)]
    assert log["T"].iloc[-1] == 339.5


INSIDE = {
    "comments": "# stop; see notes\n",
    "percent": "% marker 3\n",
    "slashes": "// marker\n",
    "header": "time,speed,torque\n",
    "a word": "PAUSE\n",
}


@pytest.mark.parametrize("what", INSIDE)
@pytest.mark.parametrize("at", [1, 20, N])
def test_lines_that_are_no_rows_are_left_out_and_counted(tmp_path, what, at):
    lines = rows(TIME, SPEED, TORQUE).splitlines(keepends=True)
    lines.insert(at, INSIDE[what])
    log = read_log(written(tmp_path / "a.csv", "time,speed,torque\n" + "".join(lines)))
    assert_whole(log)
    assert "left out: " in notes(log)


@pytest.mark.parametrize(
    "below",
    ["40 rows\n", "(40 rows)\n", "40 rows selected.\n", "\n(40 rows)\n", "# end, all well\n"],
)
def test_a_footer_is_no_row(tmp_path, below):
    text = "time,speed,torque\n" + rows(TIME, SPEED, TORQUE) + below
    assert_whole(read_log(written(tmp_path / "a.csv", text)))


@pytest.mark.parametrize("units_row", ["", "s,rpm,Nm\n"])
def test_a_header_after_a_restart_parts_cycles_on_request(tmp_path, units_row):
    part = "time,speed,torque\n" + units_row + rows(TIME, SPEED, TORQUE)
    path = written(tmp_path / "a.csv", part + part)
    with pytest.raises(InvalidLogError, match="goes back in time"):
        read_log(path)
    log = read_log(path, cycle="reset")
    assert len(cycles(log)) == 2
    assert segments(log).tolist() == [0, N, 2 * N]
    assert_whole(log.iloc[:N])


@pytest.mark.parametrize("mark", ["#", "# ", "%", "// ", "; ", "!"])
def test_a_header_behind_a_comment_mark_is_the_header(tmp_path, mark):
    text = f"{mark}run 12\n{mark}time,speed,torque\n" + rows(TIME, SPEED, TORQUE)
    assert_whole(read_log(written(tmp_path / "a.csv", text)))


@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_empty_columns_between_are_left_out_and_told(tmp_path, sep):
    blank = [""] * N
    text = f"time{sep}{sep}speed{sep}{sep}torque\n" + rows(
        TIME, blank, SPEED, blank, TORQUE, sep=sep
    )
    log = read_log(written(tmp_path / "a.csv", text))
    assert_whole(log)
    assert "left out" in notes(log)


@pytest.mark.parametrize("last", ["CH1", "7", "x/div", ""])
def test_settings_beside_the_samples_are_no_channels(tmp_path, last):
    settings = ["Record Length", "Sample Interval", "Source", *[""] * (N - 3)]
    values = ["40", "0.1", last, *[""] * (N - 3)]
    path = written(tmp_path / "a.csv", rows(settings, values, SPEED, TORQUE))
    log = read_log(path, rate=10.0)
    assert_whole(log, ("x2", "x3"))


def test_more_settings_than_rows_are_refused_with_the_number_of_lines_to_skip(tmp_path):
    text = (
        "".join(f"key {k},{k}\n" for k in range(100))
        + "time,speed,torque\n"
        + rows(TIME, SPEED, TORQUE)
    )
    path = written(tmp_path / "a.csv", text)
    with pytest.raises(ReadError, match=r"skip=100 leaves out what is above"):
        read_log(path)
    assert_whole(read_log(path, skip=100))


def test_numbers_in_a_row_may_be_names_or_a_sample(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("0,1,2\n" + "".join(f"{k}.5,{k * k},{k + 7}\n" for k in range(20)))
    with pytest.raises(ReadError, match=r"line 1 \(0, 1, 2\).*header=True or header=False"):
        read_log(path, rate=10.0)
    named = read_log(path, rate=10.0, header=True)
    assert list(named.columns) == ["0", "1", "2"]
    assert len(named) == 20
    assert len(read_log(path, rate=10.0, header=False)) == 21


def test_pairs_of_time_and_value_ask_for_the_channels_of_one_clock(tmp_path):
    path = tmp_path / "pairs.csv"
    rows = "".join(f"{k / 10},{k},{k / 10 + k * 0.2},{k * k}\n" for k in range(20))
    path.write_text("t [s],speed,t [s],torque\n" + rows)
    with pytest.raises(ReadError, match="give time=, and columns= with the channels") as refused:
        read_log(path)
    assert "'t [s]', 't [s]'" in str(refused.value)
    assert list(read_log(path, time="t", columns=["speed"]).columns) == ["speed"]
