"""Lines whose stamp is parted from the values by another mark than the values from each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from signalprep.io._cells import CLOCK, COMMENT, DATE, GROUPED, ISO, NUMBER, kind_of
from signalprep.io._lines import lines_at

_ARROWS = ("->", "=>", ">>")
_MARKS = (*_ARROWS, "|", ";", ":", "\t", " ")
_LOOKED_AT = 40  # lines
_SHARE = 0.8  # of them that must be written so; the others are the lines above the table
_OPENING, _CLOSING = "[(<", "])>"
_WHOLE = ("number", "date", "clock")  # a first cell that needs no second mark


def one_separator(data: bytes, separator: str | None) -> bytes | None:
    """The text with one separator in all its lines, such as ``0.1;5,6`` or ``12:34:56 -> 1,2``.

    None where the lines are not written like that. Line numbers stay the same.
    """
    lines = lines_at(data, 0, _LOOKED_AT, 1 << 16)
    lines += lines_at(data, len(data) // 2, _LOOKED_AT, 1 << 16)
    lines = [line for line in lines if not COMMENT.match(line)]
    found = Counter(mark for line in lines if (mark := _mark(line)) is not None)
    if not found:
        return None
    mark, count = found.most_common(1)[0]
    rows = [line for line in lines if _mark(line) == mark]
    if count < _SHARE * len(lines) or count < 2:
        return None
    behind = separator or _separator(mark, [_split(line, mark)[1] for line in rows])
    if behind is None or behind == mark:
        return None
    if behind == "," and not _is_separator([_split(line, mark) for line in rows]):
        return None
    return _joined(data, mark, behind)


def _mark(line: str) -> str | None:
    """What stands between the stamp at the front and the first value."""
    if kind_of(re.split(r"[,;\t|]", line, maxsplit=1)[0].strip(), ".") in _WHOLE:
        marks: Sequence[str] = (";", "\t", "|")
    else:
        marks = _MARKS
    for mark in marks:
        stamp, rest = _split(line, mark)
        if not rest or not _is_stamp(stamp, mark) or (mark in ";|\t" and mark in rest):
            continue
        first = re.split(r"[,;|\t ]", rest, maxsplit=1)[0]
        if mark in _ARROWS or kind_of(first, ".") in ("number", "quantity", "missing"):
            return mark
    return None


def _split(line: str, mark: str) -> tuple[str, str]:
    """The stamp and the values behind a mark; two empty texts where there are none."""
    if mark in (":", " "):  # both may stand in the stamp
        front = re.match(
            rf"\s*[\[(<]?(?:{ISO.pattern}|{DATE.pattern}|(?:\d+[.:])*\d+)[\])>]?(?=\s*{mark})", line
        )
        if front is None:
            return "", ""
        stamp, rest = front[0], line[front.end() :].lstrip()
        if mark == ":":
            rest = rest.removeprefix(":")
            if not rest.startswith((" ", "\t")) and not re.fullmatch(r"\s*\d*\.\d+", stamp):
                return "", ""  # a colon of a time of day
    else:
        stamp, _, rest = line.partition(mark)
    stamp = stamp.strip()
    if stamp[:1] in _OPENING and stamp[-1:] in _CLOSING:
        stamp = stamp[1:-1].strip()
    return stamp, rest.strip()


def _is_stamp(stamp: str, mark: str) -> bool:
    dated = any(pattern.fullmatch(stamp) for pattern in (ISO, DATE, CLOCK)) and bool(stamp)
    return dated or (mark != " " and NUMBER["."].fullmatch(stamp) is not None)


def _separator(mark: str, values: Sequence[str]) -> str | None:
    """What separates the values; a single value has none, and gets one."""
    for separator in (";", "\t", ",", "|"):
        if separator != mark and all(separator in line for line in values):
            return separator
    if mark not in _ARROWS:
        return None
    return " " if all(re.search(r"\s", line) for line in values) else ";"


def _is_separator(parts: Sequence[tuple[str, str]]) -> bool:
    """Whether commas separate values: one comma may be the decimal mark or one of thousands."""
    if all(GROUPED.fullmatch(values) for _, values in parts):
        return False
    cells = [cell.strip() for stamp, values in parts for cell in (stamp, *values.split(","))]
    pointed = any("." in cell and NUMBER["."].fullmatch(cell) for cell in cells)
    words = any(re.search(r"[A-Za-z]", values) for _, values in parts)
    return pointed or words or any(values.count(",") > 1 for _, values in parts)


def _joined(data: bytes, mark: str, separator: str) -> bytes:
    lines = []
    for line in data.decode("utf-8").split("\n"):
        stamp, rest = _split(line, mark)
        if rest and (_is_stamp(stamp, mark) or _is_header(line, mark, separator)):
            line = f"{stamp.replace(' ', 'T', 1) if separator == ' ' else stamp}{separator}{rest}"
        lines.append(line)
    return "\n".join(lines).encode("utf-8")


def _is_header(line: str, mark: str, separator: str) -> bool:
    """Whether a line of names has the mark, too: once, before its first separator."""
    if mark in (":", " ") or line.count(mark) != 1 or COMMENT.match(line):
        return False
    return separator == ";" or separator in line.partition(mark)[2]
