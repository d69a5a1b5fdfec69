"""Which of the lines above the rows names the columns, which holds units, which are settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from signalprep.io._cells import COMMENT, kind_of
from signalprep.io._lines import Line, split_line, uncommented
from signalprep.io._request import Request
from signalprep.io._time_units import time_name, time_unit_of
from signalprep.io._units import bare_unit, is_unit

VALUES = ("number", "date", "clock", "quantity", "switch", "grouped")
_LABELS = frozenset(("unit", "units", "unit:", "units:", "einheit", "einheiten", "no.", "nr.", "#"))
_END_OF_SETTINGS = re.compile(r"\W*end[ _-]?of[ _-]?header\W*", re.IGNORECASE)
_RULER = re.compile(r"[-=_~+*#.\s]*")
_RANGE = re.compile(r"\W*[-+]?\d.*(?:\.\.|to|bis|…|/|;|-)\s*[-+]?\d.*")


class Head(NamedTuple):
    """What stands above the rows.

    Attributes
    ----------
    names : one for each column; None without a header line.
    line : number of the header line, 0 without.
    text : the header line as it is.
    units : one for each column, from a row of its own; None without.
    preamble : the lines above the header.
    left_out : lines between header and rows that are neither.
    quality : how surely the names are names; to choose between two readings.
    other_count : fields and number of a line right above the rows that fits no reading.
    declared : separator that the first line declares.
    """

    names: tuple[str, ...] | None = None
    line: int = 0
    text: str = ""
    units: tuple[str, ...] | None = None
    preamble: tuple[str, ...] = ()
    left_out: tuple[Line, ...] = ()
    quality: int = 0
    other_count: tuple[int, int] | None = None
    declared: str | None = None


class _Candidate(NamedTuple):
    position: int
    fields: tuple[str, ...]
    rank: int


def find_head(
    above: Sequence[Line], separator: str, kinds: Sequence[str], decimal: str, request: Request
) -> Head:
    """Find header, units and settings among the lines above the first row."""
    texts = tuple(line.text for line in above)
    if request.header is False or not above:
        return Head(preamble=texts)
    split = [_fields(line.text, separator, kinds) for line in above]
    ends = [k for k, line in enumerate(above) if _END_OF_SETTINGS.fullmatch(line.text)]
    candidates = [
        _Candidate(k, fields, _rank(fields, decimal))
        for k, fields in enumerate(split)
        if fields is not None and k > max(ends, default=-1)
    ]
    if request.header is True:
        named = [_Candidate(0, split[0] or (), 9)] if split[0] else []
    else:
        named = [found for found in candidates if found.rank > 0]
    if not named:
        return Head(preamble=texts, other_count=_other_count(above, separator, len(kinds)))
    best = max(named, key=lambda found: (found.rank, found.position))
    names, units, left_out = _below(best, above, split)
    return Head(
        names=names,
        line=above[best.position].number,
        text=above[best.position].text,
        units=units,
        preamble=texts[: best.position],
        left_out=tuple(left_out),
        quality=1 if _are_names_and_units(names, texts[best.position]) else 2,
    )


def _are_names_and_units(names: Sequence[str], text: str) -> bool:
    """Whether names such as ``time, s`` have been split from their units."""
    units = names[1::2]
    return bool(units) and all(is_unit(unit) and f" {unit}" in text for unit in units)


def _fields(text: str, separator: str, kinds: Sequence[str]) -> tuple[str, ...] | None:
    """Fields of a line that has as many as the rows, behind any comment mark; else None."""
    plain = tuple(split_line(text, separator))
    if not COMMENT.match(text) or text.lstrip().startswith(separator):
        return _fitted(plain, kinds)
    bare = _fitted(tuple(split_line(uncommented(text), separator)), kinds)
    whole = _fitted(plain, kinds)
    return bare if bare is not None and bare[0] else whole


def _fitted(fields: tuple[str, ...], kinds: Sequence[str]) -> tuple[str, ...] | None:
    n_fields = len(kinds)
    if len(fields) == n_fields:
        return fields
    if len(fields) == n_fields + 1 and fields[-1].casefold() in ("", "comment"):
        return fields[:-1]
    if len(fields) == n_fields - 1 and kinds[-1] == "empty":
        return (*fields, "")
    return None


def _rank(fields: Sequence[str], decimal: str) -> int:
    """How much a line reads like names; 0: not at all."""
    text = [field for field in fields if field]
    values = sum(kind_of(field, decimal) in VALUES for field in text)
    if not text or (values == len(text)):
        return 0
    if all(_RULER.fullmatch(field) or _RANGE.fullmatch(field) for field in text):
        return 0
    stamps = [time_name(field) for field in text]
    timed = any(stamp.named for stamp in stamps)
    units = [bare_unit(field) is not None for field in text]
    told = [stamp.named and stamp.unit is not None for stamp in stamps]
    all_units = any(units) and all(a or b for a, b in zip(units, told, strict=True))
    distinct = len(set(text)) == len(text)
    filled = len(text) >= len(fields) - 1
    rank = 1 + 4 * timed + 4 * (values == 0) + 2 * (distinct and filled)
    return max(1, rank - 8) if all_units else rank


def _below(
    best: _Candidate, above: Sequence[Line], split: Sequence[tuple[str, ...] | None]
) -> tuple[tuple[str, ...], tuple[str, ...] | None, list[Line]]:
    """Names, the row of units below them, and the lines that are neither."""
    names, units = list(best.fields), None
    left_out = []
    for k in range(best.position + 1, len(above)):
        found = units_row(split[k]) if units is None else None
        if found is None:
            left_out.append(above[k])
            continue
        units = found
        for j, field in enumerate(split[k] or ()):
            if time_name(field).named and not time_name(names[j]).named:
                names[j] = time_name(field).name  # the time is named beside the units
    return tuple(names), units, left_out


def units_row(fields: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Units of a row that holds nothing else; None for other rows."""
    if fields is None or not any(fields):
        return None
    units: list[str] = []
    for k, field in enumerate(fields):
        stamp = time_name(field)
        unit = "" if not field else bare_unit(field)
        if unit is None and time_unit_of(field):
            unit = field
        if unit is None and stamp.named and stamp.unit is not None:
            unit = stamp.unit
        if unit is None and (stamp.named or (k == 0 and field.casefold() in _LABELS)):
            unit = ""
        if unit is None:
            return None
        units.append(unit)
    return tuple(units) if any(units) else None


def _other_count(above: Sequence[Line], separator: str, n_fields: int) -> tuple[int, int] | None:
    """A line right above the rows with names, but another number of fields than they have."""
    line = above[-1]
    text = uncommented(line.text)
    fields = [field for field in split_line(text, separator) if field]
    words = [field for field in fields if kind_of(field, ".") == "text"]
    prose = any(len(field.split()) > 3 or field.endswith(".") for field in fields)
    if len(fields) > 1 and len(words) == len(fields) != n_fields and not prose:
        return (len(split_line(line.text, separator)), line.number) if separator != " " else None
    return None
