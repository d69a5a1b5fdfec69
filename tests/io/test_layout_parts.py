"""Which line is the header, which a row, and by which marks: the judgements one by one."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.errors import ReadError
from signalprep.io._header_line import (
    _are_names_and_units,
    _fitted,
    _other_count,
    _rank,
    find_head,
    units_row,
)
from signalprep.io._layout import (
    NoTableError,
    _declared_separator,
    _is_valued,
    _skipped,
    _usual,
    _why_no_table,
    find_layout,
    is_row,
)
from signalprep.io._lines import Line
from signalprep.io._numbers import Notation, _read_words
from signalprep.io._request import Request
from signalprep.io._text import read_text

ASKED = Request()
N = "number"


def lines(*texts):
    return [Line(text=text, number=k + 1, **MORE) for k, text in enumerate(texts)]


MORE = {name: 0 for name in Line._fields if name not in ("text", "number")}


@pytest.mark.parametrize(
    ("fields", "rank"),
    [
        (["time", "speed"], 11),
        (["speed", "torque"], 7),
        (["speed", "speed"], 5),
        (["speed", "", "torque"], 7),  # one name may be missing
        (["speed", "", ""], 5),
        (["speed", "3"], 3),
        (["time", "3"], 7),
        (["3", "4.5"], 0),
        (["", ""], 0),
        (["----", "===="], 0),
        (["0..10", "1 to 5"], 0),
        (["----", "0..10"], 0),
        (["----", "speed"], 7),
        (["s", "km/h"], 1),
        (["time [s]", "km/h"], 3),
    ],
)
def test_how_much_a_line_reads_like_names(fields, rank):
    assert _rank(fields, ".") == rank


@pytest.mark.parametrize(
    ("fields", "kinds", "fitted"),
    [
        (("a", "b"), (N, N), ("a", "b")),
        (("a", "b", ""), (N, N), ("a", "b")),
        (("a", "b", "Comment"), (N, N), ("a", "b")),
        (("a", "b", "c"), (N, N), None),
        (("a", "b", "", ""), (N, N), None),
        (("a",), (N, "empty"), ("a", "")),
        (("a",), (N, N), None),
    ],
)
def test_fields_that_fit_the_rows(fields, kinds, fitted):
    assert _fitted(fields, kinds) == fitted


@pytest.mark.parametrize(
    ("fields", "units"),
    [
        (("s", "km/h"), ("s", "km/h")),
        (("s", ""), ("s", "")),
        (("Unit", "km/h"), ("", "km/h")),
        (("km/h", "Unit"), None),
        (("speed", "km/h"), None),
        (("", ""), None),
        (("Unit", ""), None),
        (None, None),
    ],
)
def test_a_row_of_units(fields, units):
    assert units_row(fields) == units


def test_names_that_were_units():
    assert _are_names_and_units(("time", "s", "speed", "km/h"), "time, s, speed, km/h")
    assert not _are_names_and_units(("time", "s", "speed", "x"), "time, s, speed, x")
    assert not _are_names_and_units(("time", "s"), "time,s")
    assert not _are_names_and_units(("time",), "time")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a;b;c", (3, 2)),
        ("a;b", None),
        ("a", None),
        ("a;b;3", None),
        ("a;b;it was a cold day", None),
        ("a;b;three words here", (3, 2)),
        ("a;b;end.", None),
    ],
)
def test_names_of_another_number(text, found):
    assert _other_count(lines("x;y", text), ";", 2) == found
    assert _other_count(lines("x y", text.replace(" ", "").replace(";", " ")), " ", 2) is None


def test_the_best_line_above_the_rows():
    above = lines("made by me", "speed;torque", "----;----", "s;Nm", "m;m")
    head = find_head(above, ";", (N, N), ".", ASKED)
    assert (head.names, head.line, head.text) == (("speed", "torque"), 2, "speed;torque")
    assert head.units == ("s", "Nm")
    assert head.preamble == ("made by me",)
    assert [line.number for line in head.left_out] == [3, 5]
    assert head.quality == 2
    again = find_head(lines("x;y", "speed;torque"), ";", (N, N), ".", ASKED)
    assert again.line == 2, "of two that are as good the later"
    ended = find_head(lines("time;x", "End of header", "speed;3"), ";", (N, N), ".", ASKED)
    assert ended.line == 3
    assert find_head(lines("a;b"), ";", (N, N), ".", Request(header=False)).names is None
    assert find_head(lines("1;2"), ";", (N, N), ".", Request(header=True)).names == ("1", "2")
    assert find_head(lines("1;2"), ";", (N, N), ".", ASKED).names is None
    assert find_head(lines("time, s, speed, km/h"), ",", (N,) * 4, ".", ASKED).quality == 1


@pytest.mark.parametrize(
    ("first", "mark"),
    [
        ("sep=;", ";"),
        ('"SEP=;"', ";"),
        ("sep = |", "|"),
        ("sep=\\t", "\t"),
        ("sep=tab", "\t"),
        ("sep=\t", "\t"),
        ("sep=ab", None),
        ("a;b", None),
    ],
)
def test_a_separator_that_is_declared(first, mark):
    assert _declared_separator(f"{first}\n1;2\n".encode(), 0) == mark
    assert _declared_separator(first.encode(), 0) == mark
    assert _declared_separator(f"skipped\n{first}\n".encode(), 8) == mark


def test_lines_to_leave_out():
    assert _skipped("f", b"a\nb\nc", 0) == (0, 1)
    assert _skipped("f", b"a\nb\nc", 2) == (4, 3)
    assert _skipped("f", b"\na", 1) == (1, 2)
    with pytest.raises(NoTableError, match="f: nothing is left below the 3 lines"):
        _skipped("f", b"a\nb\nc", 3)


@pytest.mark.parametrize(
    ("kinds", "usual"),
    [
        ([N, N, "text"], N),
        ([N, "text"], "text"),
        (["missing", "missing"], "empty"),
        (["missing", "missing", N], N),
        ([N, N, "quantity", "quantity"], "quantity"),
        ([N, N, "quantity"], N),
        ([N, "quantity", "quantity", "text", "text"], "quantity"),
    ],
)
def test_the_kind_of_a_column(kinds, usual):
    assert _usual(kinds) == usual


@pytest.mark.parametrize(
    ("kinds", "valued"),
    [
        ([N, "text", "text"], True),
        (["date", "text", "text"], True),
        (["text", N], True),
        (["text", "text", N], False),
        (["text", "switch"], False),
        (["missing", "missing"], False),
        (["missing", N, "text"], True),
    ],
)
def test_a_line_that_looks_like_a_row(kinds, valued):
    assert _is_valued(kinds) is valued


@pytest.mark.parametrize(
    ("text", "kinds", "fits"),
    [
        ("1,2,3", N * 3, True),
        ("1,2", N * 3, False),
        ("1,x,3,4", N * 4, True),  # one in four may be wrong
        ("1,x,y,4", N * 4, False),
        ("1,x,y,4,5,6,7,8", N * 8, True),
        ("1,x,y,z,5,6,7,8", N * 8, False),
        ("x,2,3,4", N * 4, False),
        (",2,3,4", N * 4, True),
        (",x,3,4,5", N * 5, False),
        ("1,x", N * 2, False),
        ("1,time,3,4", N * 4, False),
        ("10ms,20ms", N * 2, False),
        (",,", N * 3, False),
    ],
)
def test_a_row_fits_the_columns(text, kinds, fits):
    kinds = (N,) * (len(kinds) // len(N))
    assert is_row(text.split(","), kinds, ".", ASKED) is fits


def test_rows_of_words_and_numbers():
    assert is_row(["a", "1"], ("text", N), ".", ASKED)
    assert not is_row(["a", "b"], ("text", N), ".", ASKED)
    assert not is_row(["a", "b"], ("text", "text"), ".", ASKED)
    assert is_row(["10ms", "1"], ("quantity", N), ".", ASKED)


def test_why_there_is_no_table():
    assert "the first line has 2 fields, the others 4" in _why_no_table(["a,b", "1,2,3,4"], ASKED)
    assert _why_no_table(["a,b"], ASKED) == "no rows below the first line ('a,b')"
    words = _why_no_table(["a", "b,c"], ASKED)
    assert words.startswith("no table of numbers found (second line: 'b,c'); give sep=")
    assert "no line is a row with sep=';'" in _why_no_table(["a", "b"], Request(sep=";"))


@pytest.mark.parametrize(
    ("text", "separator", "decimal", "line", "names"),
    [
        ("t;v\n0;1,5\n1;2,5\n2;3,5\n", ";", ",", 2, ("t", "v")),
        ("t v\n0 1.5\n1 2.5\n", " ", ".", 2, ("t", "v")),
        ("0\t1.5\n1\t2.5\n", "\t", ".", 1, None),
        ("gain;3\nt;v\n0;1.5\n1;2.5\n2;3.5\n", ";", ".", 3, ("t", "v")),
        ("x\n\nt,v\n0,1.5\n1,2.5\n", ",", ".", 4, ("t", "v")),
        ("sep=|\nt|v\n0|1.5\n1|2.5\n", "|", ".", 3, ("t", "v")),
    ],
)
def test_how_a_table_is_written(text, separator, decimal, line, names):
    layout = find_layout("f", text.encode(), ASKED)
    assert (layout.separator, layout.decimal, layout.first.number) == (separator, decimal, line)
    assert layout.head.names == names
    assert layout.n_fields == 2
    assert layout.head.declared == ("|" if separator == "|" else None)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ReadError, match=r"gone\.csv: cannot be read"):
        read_text(tmp_path / "gone.csv", None, 100)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ReadError, match=r"folder\.csv: cannot be read"):
        read_text(tmp_path / "folder.csv", None, 10**9)
    (tmp_path / "small.csv").write_bytes(b"a;b\r\n1;2\r")
    assert read_text(tmp_path / "small.csv", None, 9).data == b"a;b\n1;2\n"
    with pytest.raises(ReadError, match=r"small\.csv: more text than max_bytes=8 "):
        read_text(tmp_path / "small.csv", None, 8)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["1.234", "5.678.901"], {"1.234": 1234.0, "5.678.901": 5678901.0}),
        (["1.234", "word"], {}),
        (["on", "off"], {"on": 1.0, "off": 0.0}),
        ([], {}),
    ],
)
def test_words_among_numbers(words, numbers):
    assert _read_words(words, Notation(",", "."), np.empty(0)).numbers == numbers
