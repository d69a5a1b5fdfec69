"""The rows of a text table: how many fields each has, what is no row, what was cut off."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from signalprep.errors import ReadError
from signalprep.io._cells import COMMENT, is_missing, kind_of
from signalprep.io._header_line import units_row
from signalprep.io._layout import TYPED, Layout, is_row
from signalprep.io._lines import split_line
from signalprep.io._request import Request

REPEATED = "headers repeated"
FEWEST_BELOW = 3  # lines that may be a table of their own
MOST_OTHERS = 10_000  # lines that are no rows, to look at one by one
STATISTICS = frozenset(
    "max min mean avg average std stdev sum total median rms maximum minimum mittelwert mittel "
    "summe moyenne".split()
)
"""What stands in place of the time in lines that sum up the rows."""
_NUMERIC = frozenset(b"0123456789+-.,;| \t")


@dataclass
class Rows:
    """The rows below the header.

    Attributes
    ----------
    body : the text of the rows alone.
    n_rows : rows to read, without a last row that is left out.
    lines : line number of each row in the file, counted from 1.
    n_fields : fields of a row; one more than names where every row ends with a separator.
    note : what was done about the last row, empty when nothing was.
    others : how many lines of which kind are no rows.
    """

    body: bytes
    n_rows: int
    lines: np.ndarray
    n_fields: int
    note: str
    others: dict[str, int] = field(default_factory=dict)


@dataclass
class _Lines:
    """Lines of the body that are not blank (all of them in a table of a single column)."""

    starts: np.ndarray
    ends: np.ndarray
    counts: np.ndarray
    numbers: np.ndarray

    def keep(self, wanted: np.ndarray) -> _Lines:
        return _Lines(
            self.starts[wanted], self.ends[wanted], self.counts[wanted], self.numbers[wanted]
        )


def find_rows(file: str, data: bytes, layout: Layout, n_names: int, request: Request) -> Rows:
    """Count the fields of every row, and leave out what is no row.

    Lines of words between and below the rows (comments, marks, the header once more after a
    restart, a count of rows) are left out and counted. A row with another number of fields than
    the header is an error. The last row may have been cut off: with too few fields it certainly
    was, without a line end it may have been, in the middle of a number.
    """
    body = data[layout.first.offset :]
    separator = "\t" if layout.separator == " " else layout.separator
    if layout.separator == " ":
        body = _tabbed(body)
    if b'"' in body:
        lines = _quoted_lines(file, body, separator, layout.first.number)
    else:
        lines = _plain_lines(body, separator, n_names == 1)
    lines.numbers = lines.numbers + layout.first.number
    others, lines, body = _without_others(file, body, lines, layout, n_names, request)
    if len(lines.counts) == 0:
        raise ReadError(f"{file}: no rows below the header")
    n_fields = n_names
    complete = body.endswith(b"\n")
    whole = lines.counts[: len(lines.counts) - (not complete)]
    if (whole == n_names + 1).all() and len(whole) and _all_end_with(body, lines, separator):
        n_fields += 1
    keep, note = _judge_last(file, lines, n_fields, complete, request.truncated)
    wrong = lines.counts[:keep] != n_fields
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ReadError(
            f"{file}: every row must have {n_fields} fields; line {lines.numbers[row]} has "
            f"{lines.counts[row]}{_table_below(lines, row, keep)}"
        )
    if keep == 0:
        raise ReadError(f"{file}: no complete row: {note}")
    return Rows(body, keep, lines.numbers[:keep], n_fields, note, others)


def _table_below(lines: _Lines, row: int, keep: int) -> str:
    """What to do where all lines from a row on are alike, and so may be the table."""
    below = lines.counts[row:keep]
    if len(below) < FEWEST_BELOW or below[0] == 1 or (below != below[0]).any():
        return ""
    return (
        f"; if the table only begins there, skip={lines.numbers[row] - 1} leaves out what is above"
    )


def _tabbed(body: bytes) -> bytes:
    """Rows with blanks between their fields as rows with tabs."""
    if b'"' not in body:
        return b"\n".join(b"\t".join(line.split()) for line in body.split(b"\n"))
    lines = [split_line(line, " ") for line in body.decode("utf-8").split("\n")]
    plain = ["\t".join(field.replace("\t", " ") for field in fields) for fields in lines]
    return "\n".join(plain).replace('"', "").encode("utf-8")


def _all_end_with(body: bytes, lines: _Lines, separator: str) -> bool:
    """Whether every complete line ends with a separator."""
    letters = np.frombuffer(body, dtype=np.uint8)
    complete = lines.ends[: len(lines.ends) - (not body.endswith(b"\n"))]
    last = letters[complete - 1]
    return bool((last == ord(separator)).all())


def _judge_last(
    file: str, lines: _Lines, n_fields: int, complete: bool, truncated: str
) -> tuple[int, str]:
    """Rows to keep, and a note on the last one."""
    n_rows, line, last = len(lines.counts), lines.numbers[-1], lines.counts[-1]
    if last < n_fields:
        if truncated != "drop":
            raise ReadError(
                f"{file}: the last row is cut off (line {line} has {last} of {n_fields} "
                "fields); truncated='drop' leaves it out"
            )
        return n_rows - 1, f"last row left out: line {line} is cut off"
    if complete or last > n_fields:
        return n_rows, ""
    if truncated == "keep":
        return n_rows, f"no line end after line {line}: its last number may be cut off"
    return n_rows - 1, f"last row left out: line {line} has no line end, so it may be cut off"


def _plain_lines(body: bytes, separator: str, blank_is_row: bool) -> _Lines:
    letters = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if body and not body.endswith(b"\n"):
        ends = np.append(ends, len(body))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    marks = np.flatnonzero(letters == ord(separator))
    edges = np.searchsorted(marks, np.concatenate((starts[:1], ends)))
    counts = np.diff(edges) + 1
    filled = np.flatnonzero(_filled(letters, starts, ends, counts))
    if blank_is_row and len(filled):
        filled = np.arange(filled[-1] + 1)
    return _Lines(starts, ends, counts, np.arange(len(ends))).keep(filled)


def _filled(
    letters: np.ndarray, starts: np.ndarray, ends: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Which lines hold more than blanks."""
    filled = ends > starts
    blank = filled & (letters[np.minimum(starts, max(len(letters) - 1, 0))] <= ord(" "))
    for k in np.flatnonzero(blank & (counts == 1)):
        filled[k] = bool(letters[starts[k] : ends[k]].tobytes().strip())
    return filled


def _quoted_lines(file: str, body: bytes, separator: str, first_line: int) -> _Lines:
    """Lines where quotes may protect separators and line ends."""
    text = io.StringIO(body.decode("utf-8"), newline="\n")
    reader = csv.reader(text, delimiter=separator, skipinitialspace=True, strict=True)
    letters = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    ends = ends if body.endswith(b"\n") else np.append(ends, len(body))
    starts = np.concatenate(([0], ends[:-1] + 1))
    counts, first, last, before = [], [], [], 0
    try:
        for row in reader:
            if row:
                counts.append(len(row))
                first.append(before)
                last.append(reader.line_num - 1)
            before = reader.line_num
    except csv.Error as error:
        raise ReadError(
            f"{file}: quotes do not match (from line {before + first_line}: {error})"
        ) from error
    opening = np.array(first, dtype=np.int64)
    closing = np.array(last, dtype=np.int64)
    return _Lines(starts[opening], ends[closing], np.array(counts, dtype=np.int64), opening.copy())


def _without_others(
    file: str, body: bytes, lines: _Lines, layout: Layout, n_names: int, request: Request
) -> tuple[dict[str, int], _Lines, bytes]:
    """Lines that are no rows, by kind; and the rest."""
    suspects = _suspects(body, lines, layout, n_names)
    if not 0 < len(suspects) <= max(MOST_OTHERS, len(lines.counts) // 20):
        return {}, lines, body
    known = {line.text.strip() for line in layout.head.left_out}
    found: dict[int, str] = {}
    todo = [int(k) for k in suspects]
    while todo:
        k = todo.pop()
        text = body[lines.starts[k] : lines.ends[k]].decode("utf-8")
        if what := _no_row(text, layout, known, request):
            if what == "marks" and _heads_another_table(text, layout, k, len(lines.counts)):
                raise ReadError(
                    f"{file}: {layout.head.text.strip()[:40]!r} is not the only header: line "
                    f"{lines.numbers[k]} ({text.strip()[:40]!r}) begins another table; split the "
                    f"file there, or read what is below with skip={lines.numbers[k] - 1}"
                )
            found[k] = what
            if what == REPEATED and k + 1 < len(lines.counts) and k + 1 not in found:
                todo.append(k + 1)  # a row of units below
    if not found:
        return {}, lines, body
    kept = np.ones(len(lines.counts), dtype=bool)
    kept[list(found)] = False
    return dict(Counter(found.values())), *_joined(body, lines, kept)


def _heads_another_table(text: str, layout: Layout, k: int, n_lines: int) -> bool:
    """Whether a line between rows names columns, each by another word than the header."""
    fields = split_line(text, "\t" if layout.separator == " " else layout.separator)
    names = [field for field in fields if field]
    own = {name.casefold() for name in layout.head.names or ()}
    if len(names) < 2 or len(names) != len(layout.kinds) or k + 3 >= n_lines or not own:
        return False
    other = {name.casefold() for name in names} - own
    return len(other) == len(names) and all(kind_of(name, ".") == "text" for name in names)


def _joined(body: bytes, lines: _Lines, kept: np.ndarray) -> tuple[_Lines, bytes]:
    """The body without some lines."""
    pieces, start = [], 0
    for k in np.flatnonzero(~kept):
        pieces.append(body[start : lines.starts[k]])
        start = min(len(body), int(lines.ends[k]) + 1)
    pieces.append(body[start:])
    lost = np.cumsum(np.where(kept, 0, lines.ends - lines.starts + 1))
    rest = lines.keep(kept)
    rest.starts = rest.starts - lost[kept]
    rest.ends = rest.ends - lost[kept]
    return rest, b"".join(pieces)


def _suspects(body: bytes, lines: _Lines, layout: Layout, n_names: int) -> np.ndarray:
    """Lines that may be no rows: by the number of their fields, or by how they begin."""
    letters = np.frombuffer(body, dtype=np.uint8)
    expected = (n_names, n_names + 1)
    odd = ~np.isin(lines.counts, expected)
    if layout.kinds[0] in ("number", "date", "clock") and len(letters):
        usual = np.zeros(256, dtype=bool)
        usual[list(_NUMERIC)] = True
        begins = letters[np.minimum(lines.starts, len(letters) - 1)]
        quoted = begins == ord('"')
        if quoted.any():
            begins = np.where(
                quoted, letters[np.minimum(lines.starts + 1, len(letters) - 1)], begins
            )
        odd |= ~usual[begins] & (lines.ends > lines.starts)
    odd[_headers_again(body, lines, layout)] = True
    odd[-1:] = True  # a count of the rows
    return np.flatnonzero(odd)


def _headers_again(body: bytes, lines: _Lines, layout: Layout) -> np.ndarray:
    """Lines that are the header line once more."""
    header = layout.head.text.encode("utf-8")
    header = _tabbed(header) if layout.separator == " " else header
    found, place = [], -1
    while header and (place := body.find(header, place + 1)) >= 0:
        found.append(place)
    return np.flatnonzero(np.isin(lines.starts, found)) if found else np.empty(0, dtype=np.intp)


def _no_row(text: str, layout: Layout, known: set[str], request: Request) -> str:
    """What a line is that is no row; "" for a row, also for a damaged one."""
    separator = "\t" if layout.separator == " " else layout.separator
    fields = split_line(text, separator)
    if text.strip() in known:
        return "marks"
    if _is_header(fields, layout):
        return REPEATED
    if is_row(fields, layout.kinds, layout.decimal, request):
        return ""
    first = next((field for field in fields if field), "")
    commented = COMMENT.match(text) and not text.lstrip().startswith(separator)
    if commented and not is_missing(first, request.na_values):
        return "comments"
    return "marks" if _is_mark(fields, first, layout, request) else ""


def _is_header(fields: list[str], layout: Layout) -> bool:
    """Whether a line holds the names, or their units, once more."""
    names, units = layout.head.names, layout.head.units
    if names is not None and [*fields] in ([*names], [*names, ""], [*names[:-1]]):
        return True
    return units is not None and units_row(tuple(fields[: len(units)])) == units


def _is_mark(fields: list[str], first: str, layout: Layout, request: Request) -> bool:
    """Whether a line of words stands where the rows hold values."""
    if layout.kinds[0] not in TYPED:
        return _is_count(fields, layout)
    kind = kind_of(first, layout.decimal, request.na_values)
    if (
        kind == "text"
        and layout.kinds[0] != "switch"
        and first.rstrip(":").casefold() in STATISTICS
    ):
        return True
    if kind == "text":
        return len(fields) != len(layout.kinds) or _all_text(fields, layout)
    return len(fields) == 1 < len(layout.kinds) and kind == "quantity"  # such as "12 rows"


def _is_count(fields: list[str], layout: Layout) -> bool:
    """Whether a line holds nothing but a word and a number where the rows have a date."""
    if len(fields) != len(layout.kinds):
        return False
    stamps = [k for k, kind in enumerate(layout.kinds) if kind in ("date", "clock")]
    rest = [field for k, field in enumerate(fields) if k > 0 and k != min(stamps, default=0)]
    return bool(stamps) and fields[min(stamps)].isdecimal() and not any(rest)


def _all_text(fields: list[str], layout: Layout) -> bool:
    """Whether no field is a value where the rows hold some: a header or mark, no damaged row."""
    typed = [k for k, kind in enumerate(layout.kinds) if kind in TYPED and k < len(fields)]
    return all(kind_of(fields[k], layout.decimal) in ("text", "missing") for k in typed)
