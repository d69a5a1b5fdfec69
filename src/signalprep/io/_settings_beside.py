"""What stands in the rows beside the samples: settings, words for the kind of row, names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import ReadError
from signalprep.io._cells import NUMBER, QUANTITY, is_missing
from signalprep.io._header_line import Head
from signalprep.io._layout import Layout
from signalprep.io._lines import Line, lines_at, lines_of, split_line
from signalprep.io._stated import stated_in

_LOOKED_AT = 100  # rows
_FEWEST = 3  # settings, below each other
_SHARE = 0.8  # of the rows looked at that must have the same words
_NEAR = 0.01  # of the stated step, which stamps with few digits may be off
_KEYWORD = re.compile(r"\W*[A-Z][A-Z_0-9]*\W*")
_OF_KEYWORDS = re.compile(
    r"\W*(?:type|record|record ?type|row ?type|keyword|tag|prefix|fmt|hdr|header|head)?\W*",
    re.IGNORECASE,
)


@dataclass
class Beside:
    """Columns that are no channels.

    Attributes
    ----------
    columns : their positions.
    settings : lines of settings that they hold.
    labels : words before values, which name the next column in every row, by position.
    names : names in front of the values of the columns at these positions, in every row.
    """

    columns: tuple[int, ...] = ()
    settings: tuple[str, ...] = ()
    labels: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def check(self, columns: Mapping[int, Any], file: str, place: Callable[[int], str]) -> None:
        """Raise where a row has another word than the rows before: its values are others."""
        for position, word in (self.labels | self.names).items():
            if position not in columns:
                continue
            cells = pd.Series(columns[position])
            if position in self.labels:
                wrong = (cells.str.strip() != word).to_numpy()
            else:
                right = cells.str.match(rf"\s*{re.escape(word)}\s*[:=]")
                wrong = (cells.notna() & ~right.fillna(True).astype(bool)).to_numpy()
            if wrong.any():
                row = int(np.argmax(wrong))
                raise ReadError(
                    f"{file}: every row must name the same signals in one order; {place(row)} has "
                    f"{columns[position][row]!r} for {word!r}; names= names the columns as they are"
                )


def find_beside(data: bytes, layout: Layout, skipped: int) -> tuple[Layout, Beside]:
    """Find settings and names in the rows of a table without header; name its columns by them."""
    if len(layout.kinds) < 2:
        return layout, Beside()
    top = next(islice(lines_of(data), skipped, None), layout.first)
    rows = _rows(data, layout, top)
    first, n_settings = _first_sample(rows) if len(rows) > 1 else (0, 0)
    if first and n_settings >= _FEWEST:
        kinds = ("empty",) * first + layout.kinds[first:]
        whole = replace(layout, first=top, head=Head(), kinds=kinds)
        return _with_settings(whole, rows, first, n_settings)
    rows = _rows(data, layout, layout.first)
    if layout.head.names is not None or len(rows) < 2:
        return layout, Beside()
    names = _names_in_cells(rows)
    labels: dict[int, str] = {}
    told: dict[int, str] = {}
    if names is not None:
        told = {k: name for k, name in enumerate(names) if name != f"x{k}"}
    if names is None and (names := _labels(rows, layout.kinds)) is not None:
        labels = {k: _usual([row[k] for row in rows]) or "" for k, n in enumerate(names) if not n}
    if names is None:
        return layout, Beside()
    return _named(layout, names, ("",) * len(names)), Beside(labels=labels, names=told)


def below_settings(data: bytes, layout: Layout) -> Layout:
    """Begin the rows below lines of settings that look like rows, but have a word in front."""
    lines = list(islice(lines_of(data, layout.first.offset, layout.first.number), _LOOKED_AT))
    lines = [line for line in lines if line.text.strip()]
    filled = [bool(split_line(line.text, layout.separator)[0]) for line in lines]
    count = max((k + 1 for k, some in enumerate(filled) if some), default=0)
    if layout.kinds[0] != "text" or not 0 < count < len(lines) - 1:
        return layout
    above = tuple(line.text for line in lines[:count])
    head = layout.head._replace(preamble=layout.head.preamble + above)
    return replace(layout, first=lines[count], head=head)


def is_keyword(header: str, word: str) -> bool:
    """Whether a column that holds one word only tells the kind of row, as ``$DAT`` does."""
    return not header.strip() or bool(
        _KEYWORD.fullmatch(word) and _OF_KEYWORDS.fullmatch(header.strip())
    )


def _rows(data: bytes, layout: Layout, top: Line) -> list[list[str]]:
    """Fields of the first rows from a line on, and of some at the end."""
    lines = [line.text for line in islice(lines_of(data, top.offset), _LOOKED_AT)]
    if len(lines) == _LOOKED_AT:
        lines += lines_at(data, max(0, len(data) - (1 << 12)), _LOOKED_AT, 1 << 12)
    rows = [split_line(line, layout.separator) for line in lines if line.strip()]
    return [row for row in rows if len(row) == layout.n_fields]


def _first_sample(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """The first column with a value in every row, and how many rows have settings before it."""
    full = [_is_full(rows, k) for k in range(len(rows[0]))]
    if True not in full or full[0]:
        return 0, 0
    first = full.index(True)
    filled = [any(row[:first]) for row in rows]
    count = max((k + 1 for k, some in enumerate(filled) if some), default=0)
    keys = [row[0] for row in rows[:count] if row[0]]
    few = len(rows) < count + 2 or len(keys) < _FEWEST
    if few or any(NUMBER["."].fullmatch(key) for key in keys):
        return 0, 0
    return first, count


def _is_full(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column holds numbers, or words for none, from the first row to the last."""
    cells = [row[column] for row in rows]
    known = all(NUMBER["."].fullmatch(cell) or is_missing(cell) for cell in cells)
    return known and bool(cells[0] and cells[-1])


def _with_settings(
    layout: Layout, rows: Sequence[Sequence[str]], first: int, n_settings: int
) -> tuple[Layout, Beside]:
    """Name time and channels of an oscilloscope's file by the settings beside them.

    Several channels have their settings, and the same stamps, side by side.
    """
    n_fields = len(layout.kinds)
    samples = [k for k in range(first, n_fields) if _is_full(rows, k)]
    cells = [[cell.strip("\"' ") for cell in row] for row in rows[:n_settings]]
    settings, told = [], []
    for start, end in zip([0, *(k + 1 for k in samples)], samples, strict=False):
        pairs = [[cell for cell in row[start:end] if cell] for row in cells]
        settings += [",".join(pair) for pair in pairs if len(pair) > 1]
        told.append({pair[0].casefold(): pair[1] for pair in pairs if len(pair) > 1})
    told = [block for block in told if block]
    stated = stated_in(settings)
    step = None if stated.step is None else float(stated.step)
    times = [k for k in samples if step and _goes_on_by(step, rows, k)]
    values = [k for k in samples if k not in times]
    names = [f"x{k}" if k in samples else "" for k in range(n_fields)]
    units = [""] * n_fields
    if times and values:
        names[times[0]], units[times[0]] = "Time", stated.time_unit or "s"
        if len(told) == len(values):
            for k, block in zip(values, told, strict=True):
                names[k] = block.get("source", names[k])
                units[k] = block.get("vertical units", "")
    aside = {*range(n_fields)} - {*samples} | {*times[1:]}
    return _named(layout, names, units), Beside(tuple(sorted(aside)), tuple(settings))


def _goes_on_by(step: float, rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column counts in a step; the mean of some steps tells, as stamps are rounded."""
    cells = [row[column] for row in rows[: _LOOKED_AT // 2]]
    if not all(NUMBER["."].fullmatch(cell) for cell in cells):
        return False
    numbers = np.array(cells, dtype=np.float64)
    if not (np.diff(numbers) >= 0).all():
        return False
    mean = (numbers[-1] - numbers[0]) / (len(numbers) - 1)
    return bool(abs(mean - step) <= _NEAR * step)


def _names_in_cells(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """Names of cells such as ``speed:12`` or ``speed=12``; others are named by their position."""
    names = []
    for k in range(len(rows[0])):
        names.append(_usual([_name_of(row[k]) for row in rows]) or f"x{k}")
    told = [name for k, name in enumerate(names) if name != f"x{k}"]
    return names if told and len(set(names)) == len(names) else None


def _usual(words: Sequence[str | None]) -> str | None:
    """The word of most rows; the others are looked at when all rows have been read."""
    word, count = Counter(words).most_common(1)[0]
    return word if count >= _SHARE * len(words) else None


def _name_of(cell: str) -> str | None:
    match = QUANTITY.fullmatch(cell)
    return match["name"] if match is not None else None


def _labels(rows: Sequence[Sequence[str]], kinds: Sequence[str]) -> list[str] | None:
    """Names from columns of one word each, such as ``speed: 12 torque: 3``."""
    words = [_usual([row[k] for row in rows]) or "" for k in range(len(kinds))]
    labels = [k for k, word in enumerate(words) if kinds[k] == "text" and word]
    marked = all(words[k].endswith((":", "=")) for k in labels)
    paired = len(labels) > 1 and labels == list(range(0, len(kinds), 2))
    if not labels or not (marked or paired):
        return None
    if any(k + 1 >= len(kinds) or k + 1 in labels for k in labels):
        return None
    names = ["" if k in labels else f"x{k}" for k in range(len(kinds))]
    for k in labels:
        names[k + 1] = words[k].rstrip(":= ")
    told = [name for name in names if name]
    return names if len(set(told)) == len(told) else None


def _named(layout: Layout, names: Sequence[str], units: Sequence[str]) -> Layout:
    own = tuple(units) if any(units) else None
    return replace(layout, head=layout.head._replace(names=tuple(names), units=own))
