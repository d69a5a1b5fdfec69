"""Names of columns that stand above the rows one a line, or behind a word that says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from signalprep.io._header import split_unit
from signalprep.io._lines import split_line, uncommented
from signalprep.io._units import bare_unit, is_unit

_NUMBERED = re.compile(
    r"\W*(?:(?:data ?)?(?:col(?:umn)?|field|channel|ch|spalte|kanal|feld)\.?)?[\s#\[(]*"
    r"(?P<number>\d{1,3})\s*[\])]?\s*(?:[:=.\-)]+\s*|\s)\s*(?P<name>[^\W\d].*?)\s*",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"(trace ?name|source|channel|channel ?names?|signal ?names?|signals|channels)", re.I
)
_UNITS = re.compile(r"(v ?unit|vertical units?|units?|channel ?units?|einheit(en)?)", re.I)
_LETTERS = frozenset("dtlhgm")  # a unit of one letter that may as well be the end of a name


class Names(NamedTuple):
    """Names and units of the columns, "" where there is none, and the last line that tells them."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    last: int


def names_above(above: Sequence[str], separator: str, row: Sequence[str]) -> Names | None:
    """Names and units that a block above the rows gives to all columns; `row` is the first one."""
    n_fields = len(row) - (not row[-1] and len(row) > 1)
    found = _numbered(above, n_fields) or _keyed(above, separator, row)
    if found is None:
        return None
    rest = ("",) * (len(row) - len(found.names))
    return Names(found.names + rest, found.units + rest, found.last)


def _numbered(above: Sequence[str], n_fields: int) -> Names | None:
    """``# Column 1: time [s]`` and so on, one line for each column, counted from 0 or 1."""
    matches = [_NUMBERED.fullmatch(line) for line in above]
    for first in range(len(matches) - n_fields, -1, -1):
        block = [match for match in matches[first : first + n_fields] if match is not None]
        if len(block) < n_fields:
            continue
        numbers = [int(match["number"]) for match in block]
        if numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + n_fields)):
            names, units = _with_units([match["name"] for match in block])
            return Names(names, units, first + n_fields)
    return None


def _with_units(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names such as ``time s`` without the unit, where most lines end with one."""
    parts = [name.rpartition(" ") for name in names]
    behind = [head and is_unit(unit) and unit not in _LETTERS for head, _, unit in parts]
    if 2 * sum(map(bool, behind)) <= len(names):
        return tuple(names), ("",) * len(names)
    plain = [
        head if fits else name
        for (head, _, _), name, fits in zip(parts, names, behind, strict=True)
    ]
    units = [unit if fits else "" for (_, _, unit), fits in zip(parts, behind, strict=True)]
    return tuple(plain), tuple(units)


def _key_and_values(line: str, separator: str) -> list[str]:
    parts = split_line(uncommented(line), separator) or [""]
    if len(parts) == 1:
        parts = [part.strip() for part in parts[0].split(":")]
    return parts


def _keyed(above: Sequence[str], separator: str, row: Sequence[str]) -> Names | None:
    """``TraceName,CH1,CH2`` and ``VUnit,V,A`` above rows whose first cell is empty, or is none."""
    names = units = None
    last = 0
    for number, line in enumerate(above, start=1):
        key, *fields = _key_and_values(line, separator)
        while fields and not fields[-1]:
            fields.pop()
        if _NAMES.fullmatch(key) and len(set(fields)) == len(fields) > 0 and "" not in fields:
            names, last = fields, number
        elif _UNITS.fullmatch(key) and all(not f or bare_unit(f) is not None for f in fields):
            units, last = fields, number
    if names is None or units is None or len(units) != len(names):
        return None
    columns = [k for k, cell in enumerate(row) if cell]
    if len(columns) != len(names) or columns != list(range(columns[0], columns[-1] + 1)):
        return None
    every = ["" for _ in row], ["" for _ in row]
    for k, name, unit in zip(columns, names, units, strict=True):
        every[0][k], every[1][k] = name, "" if split_unit(name)[1] else unit
    return Names(tuple(every[0]), tuple(every[1]), last)
