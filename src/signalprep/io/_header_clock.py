"""Tables whose header holds the first stamp and the step instead of a column of time."""

from __future__ import annotations

import re
from typing import NamedTuple

from signalprep.io._cells import NUMBER
from signalprep.io._lines import split_line

_LINES = 40  # of the top, among which such a header is looked for
_START = re.compile(r"(?:start|t0|x0|xorigin|xzero)", re.IGNORECASE)
_STEP = re.compile(r"(?:increment|inc|tinc|xinc|xincrement|dt|step|interval)", re.IGNORECASE)
_INLINE = re.compile(r"(?P<key>[a-z]\w*)\s*=\s*(?P<number>[-+.\deE]+)\s*(?P<unit>[munµμ]?s)?", re.I)
_GLUED = re.compile(r"(?P<name>(?:CH|MATH|REF)\d*)(?P<unit>[mu]?[VAW])")
_COUNTER = ("sequence", "index", "point", "sample")


class HeaderClock(NamedTuple):
    """A text whose header held a clock.

    Attributes
    ----------
    data : the text with names and units in place of it, the lines still the same ones.
    settings : the clock as lines of settings.
    """

    data: bytes
    settings: tuple[str, ...]


def header_clock(data: bytes) -> HeaderClock | None:
    """Take start and step out of a header such as ``X,CH1,Start,Increment`` or ``CH1V,t0 =0s``."""
    lines = data[: 1 << 14].decode("utf-8", errors="replace").split("\n")[:_LINES]
    for k, line in enumerate(lines[:-1]):
        separator = max(",;\t", key=line.count)
        fields = split_line(line, separator)
        if len(fields) < 3:
            continue
        below, row = (split_line(line, separator) for line in (*lines[k + 1 : k + 3], "")[:2])
        found = _below(fields, below, row) or _inline(fields)
        if found is not None:
            return _rewritten(data, lines, k, separator, fields, found)
    return None


class _Found(NamedTuple):
    start: str
    step: str
    columns: tuple[int, ...]
    in_row: bool  # whether the numbers stand in the line below, among the units


def _below(fields: list[str], below: list[str], row: list[str]) -> _Found | None:
    """Start and increment named in one line, and told in the next."""
    places = []
    for pattern in (_START, _STEP):
        some = [j for j, field in enumerate(fields) if pattern.fullmatch(field)]
        if len(some) != 1 or some[0] >= len(below) or not NUMBER["."].fullmatch(below[some[0]]):
            return None
        places.append(some[0])
    words = [field for j, field in enumerate(below) if j not in places and field]
    filled = any(row[place] for place in places if place < len(row))
    if filled or not words or any(NUMBER["."].fullmatch(word) for word in words):
        return None  # columns of these names
    return _Found(below[places[0]], below[places[1]], tuple(places), True)


def _inline(fields: list[str]) -> _Found | None:
    """``t0 =-6.0e-03s`` and ``tInc = 1.0e-05`` among the names."""
    told: dict[int, tuple[int, str]] = {}
    for j, field in enumerate(fields):
        match = _INLINE.fullmatch(field)
        for which, pattern in enumerate((_START, _STEP)):
            if match and pattern.fullmatch(match["key"]) and NUMBER["."].fullmatch(match["number"]):
                told[which] = (j, f"{match['number']},{match['unit'] or 's'}")
    if len(told) != 2:
        return None
    return _Found(told[0][1], told[1][1], (told[0][0], told[1][0]), False)


def _rewritten(
    data: bytes, lines: list[str], k: int, separator: str, fields: list[str], found: _Found
) -> HeaderClock:
    first = k + 2 if found.in_row else k + 1
    row = next((line for line in lines[first:] if line.strip()), "")
    cells = split_line(row, separator)
    names = [field for j, field in enumerate(fields) if j not in found.columns]
    below = split_line(lines[k + 1], separator) if found.in_row else []
    units = [field for j, field in enumerate(below) if j not in found.columns]
    if units and units[0].casefold() in _COUNTER:
        names[0] = units[0] = ""
    for j, name in enumerate(names):
        if match := _GLUED.fullmatch(name):
            names[j] = f"{match['name']} [{match['unit']}]"
        if j < len(cells) and not cells[j]:
            names[j] = ""  # a column of time that is left empty
    new = [*lines]
    new[k] = separator.join(_padded(names, len(cells)))
    if found.in_row:
        new[k + 1] = separator.join(_padded(units, len(cells)))
    top = "\n".join(lines[: k + 2]).encode("utf-8")
    replaced = "\n".join(new[: k + 2]).encode("utf-8")
    settings = (f"XOrigin,{found.start}", f"XIncrement,{found.step}")
    return HeaderClock(replaced + data[len(top) :], settings)


def _padded(fields: list[str], n_fields: int) -> list[str]:
    while len(fields) > n_fields and not fields[-1]:
        fields = fields[:-1]
    return [*fields, *[""] * (n_fields - len(fields))]
