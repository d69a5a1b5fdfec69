"""One text file as a table."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._cells import QUIET, kind_of
from signalprep.io._header import Header
from signalprep.io._header_clock import header_clock
from signalprep.io._layout import Layout, find_layout
from signalprep.io._lines import split_line
from signalprep.io._long_form import pivot, refuse_long_form
from signalprep.io._names_above import names_above
from signalprep.io._no_inputs import may_be_time, no_inputs, note_of
from signalprep.io._numbers import Column, Notation, parse, read_column, unreadable
from signalprep.io._recording import Recording
from signalprep.io._request import Request
from signalprep.io._rows import Rows, find_rows
from signalprep.io._second_separator import one_separator
from signalprep.io._selection import Selection, refuse_no_time, select
from signalprep.io._settings_beside import Beside, below_settings, find_beside, is_keyword
from signalprep.io._stated import Stated, stated_in
from signalprep.io._stated_rate import (
    check_length,
    check_rate,
    check_segments,
    check_time,
    stated_stamps,
)
from signalprep.io._text import Text, read_text
from signalprep.io._time_choice import Clock, choose_clock
from signalprep.io._time_units import time_name
from signalprep.io.formats._fast_table import read_fast
from signalprep.log import Channel

EXACT_DIGITS = 15  # of a number that float64 holds
SHARE_OF_SETTINGS = 0.5  # a nameless column of text that is emptier is no channel

# The double nearest to what is written; what it is by default, and alone, from pandas 3.1 on.
_OLD = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
EXACT: dict[str, Any] = {"float_precision": "round_trip"} if _OLD else {}


@dataclass
class Table:
    """A text file that has been taken apart, and how to read its cells."""

    file: str
    text: Text
    layout: Layout
    header: Header
    rows: Rows
    kinds: list[str]
    request: Request
    stated: Stated

    @property
    def notation(self) -> Notation:
        """How numbers are written."""
        decimal = self.layout.decimal
        return Notation(decimal, self.request.thousands, self.request.na_values)

    def read(self, positions: Collection[int], as_text: Collection[int]) -> pd.DataFrame:
        """Parse columns, those in `as_text` as text and the others as numbers."""
        if not positions:
            return pd.DataFrame(index=range(self.rows.n_rows))
        separator = self.layout.separator
        return pd.read_csv(
            io.BytesIO(self.rows.body),
            sep="\t" if separator == " " else separator,
            decimal=self.layout.decimal,
            header=None,
            names=range(self.rows.n_fields),
            index_col=False,
            usecols=sorted(positions),
            dtype={k: str if k in as_text else np.float64 for k in positions},
            na_values=[*QUIET, *self.request.na_values],
            keep_default_na=False,
            skipinitialspace=True,
            skip_blank_lines=self.rows.n_fields > 1,
            nrows=self.rows.n_rows,
            low_memory=False,
            encoding="utf-8",
            engine="c",
            **EXACT,
        )

    def column(self, text: pd.Series, position: int) -> Column:
        """Numbers or labels of a column that was read as text."""
        return read_column(
            text,
            self.notation,
            column=self.header.names[position],
            file=self.file,
            coerce=self.request.coerce,
            place=self.place,
        )

    def place(self, row: int) -> str:
        """Words for a row."""
        return f"line {self.rows.lines[row]} (row {row})"


def read_text_table(path: Path, request: Request) -> Recording:
    """Read one text file."""
    file = path.name
    text = read_text(path, request.encoding, request.max_bytes)
    text, settings = _plain_text(text, request)
    layout = find_layout(file, text.data, request)
    layout, beside = _with_names(text.data, layout, request)
    header = _header(layout, request, file)
    kinds = _kinds(layout, header)
    left_out = [line.text for line in layout.head.left_out]
    stated = stated_in([*settings, *layout.head.preamble, *left_out, *beside.settings])
    if stated.time_unit and header.names[0].casefold() == "x_value":
        header.units[0] = stated.time_unit
    wanted = select(header, kinds, request, file)
    wanted.channels = [k for k in wanted.channels if k not in beside.columns]
    if stated.start is not None and stated.step is not None and request.time is None:
        wanted.times = [time for time in wanted.times if "empty" not in {kinds[k] for k in time}]
    asks_others = request.rate is not None and request.columns is not None
    fast = (
        None
        if asks_others or beside.columns
        else read_fast(file, text.data, layout, kinds, wanted, request)
    )
    if fast is not None:
        columns, n_rows = fast
        lines = np.arange(layout.first.number, layout.first.number + n_rows)
        rows = Rows(b"", n_rows, lines, len(kinds), "")
        table = Table(file, text, layout, header, rows, kinds, request, stated)
    else:
        rows = find_rows(file, text.data, layout, len(header.names), request)
        table = Table(file, text, layout, header, rows, kinds, request, stated)
        _check_size(file, rows.n_rows, len(wanted.positions), request.max_bytes)
        columns = _columns(table, wanted)
    beside.check(columns, file, table.place)
    return _recording(table, wanted, columns)


def _plain_text(text: Text, request: Request) -> tuple[Text, tuple[str, ...]]:
    """The text with names only in its header and one separator, and the settings in the header."""
    settings: tuple[str, ...] = ()
    if not request.skip and (found := header_clock(text.data)) is not None:
        text, settings = replace(text, data=found.data), found.settings
    if (data := one_separator(text.data, request.sep)) is not None:
        text = replace(text, data=data)
    return text, settings


def _with_names(data: bytes, layout: Layout, request: Request) -> tuple[Layout, Beside]:
    """Name the columns by a list above them, or by what stands in their rows."""
    if request.header is False:
        return layout, Beside()
    skipped = request.skip or 0
    for found in dict.fromkeys((layout.first, below_settings(data, layout).first)):
        lines = data[: found.offset].decode("utf-8").split("\n")[skipped:-1]
        names = names_above(lines, layout.separator, split_line(found.text, layout.separator))
        if names is not None and layout.head.line <= skipped + names.last:
            whole = layout if found == layout.first else below_settings(data, layout)
            units = names.units if any(names.units) else None
            head = whole.head._replace(names=names.names, units=units)
            return replace(whole, head=head), Beside()
    return find_beside(data, layout, skipped)


def _header(layout: Layout, request: Request, file: str) -> Header:
    split, head, n_fields = request.units is not False, layout.head, len(layout.kinds)
    names: tuple[str, ...] | None = request.names
    if names is not None:
        if layout.kinds[-1] == "empty" and len(names) == n_fields - 1:
            names = (*names, "")
        if len(names) != n_fields:
            raise InvalidParameterError(
                f"names must name every column; got {len(names)} names for the "
                f"{n_fields} columns of {file}"
            )
        return Header.from_raw(names, split=split, units=head.units if split else None)
    if head.names is not None:
        return Header.from_raw(head.names, split=split, units=head.units if split else None)
    return Header.from_raw([f"x{k}" for k in range(n_fields)], split=False)


def _kinds(layout: Layout, header: Header) -> list[str]:
    """Kinds of the columns; dates without a time of day are days."""
    first = split_line(layout.first.text, layout.separator)
    kinds = [
        kind_of(first[k], layout.decimal) if kind == "text" and time_name(raw).named else kind
        for k, (kind, raw) in enumerate(zip(layout.kinds, header.raw, strict=True))
    ]
    return [
        "day" if kind == "date" and ":" not in first[k] and "T" not in first[k].upper() else kind
        for k, kind in enumerate(kinds)
    ]


def _check_size(file: str, n_rows: int, n_columns: int, max_bytes: int) -> None:
    """Refuse a table that would not fit, before it is made (8 bytes a cell, and the index)."""
    size = 8 * n_rows * (n_columns + 2)
    if size > max_bytes:
        raise ReadError(
            f"{file}: {n_rows} rows of {n_columns} columns need {size:.3g} bytes; "
            f"max_bytes={max_bytes:.3g} allows less. Choose columns=, or raise max_bytes"
        )


def _columns(table: Table, wanted: Selection) -> dict[int, Any]:
    """Columns by position: numbers as arrays, what must stay text as series of text."""
    kinds, request = table.kinds, table.request
    stamps = {k for time in wanted.times for k in time}
    as_text = {k for k in stamps if kinds[k] not in ("number", "empty") or _is_long(table, k)}
    if request.time_format is not None:
        as_text |= stamps
    as_text |= set(wanted.cycle)
    if request.long_form is not None:
        as_text |= set(wanted.positions) - stamps
    as_text |= {k for k in wanted.channels if kinds[k] not in ("number", "empty")}
    try:
        frame = table.read(wanted.positions, as_text)
    except pd.errors.ParserError as error:
        raise ReadError(f"{table.file}: {error}") from error
    except ValueError:
        frame = _read_as_text(table, wanted)
        as_text = set(wanted.positions)
    return {k: frame[k] if k in as_text else frame[k].to_numpy() for k in wanted.positions}


def _read_as_text(table: Table, wanted: Selection) -> pd.DataFrame:
    try:
        frame = table.read(wanted.positions, wanted.positions)
    except (pd.errors.ParserError, ValueError) as error:
        raise ReadError(f"{table.file}: {error}") from error
    table.layout = _decimal_below(table, frame, wanted)
    return frame


def _is_long(table: Table, position: int) -> bool:
    """Whether a column holds whole numbers that float64 would round."""
    first = split_line(table.layout.first.text, table.layout.separator)[position]
    return first.isdecimal() and len(first) > EXACT_DIGITS


def _decimal_below(table: Table, frame: pd.DataFrame, wanted: Selection) -> Layout:
    """Take the other decimal mark when the first lines had none and every cell reads with it."""
    layout = table.layout
    other = "," if layout.decimal == "." else "."
    told = table.request.decimal is not None
    if told or layout.decimal_seen or other in (layout.separator, table.request.thousands):
        return layout
    found = 0
    for position in wanted.channels:
        if table.kinds[position] != "number":
            continue
        text = frame[position]
        values = parse(text, other)
        if np.isnan(values).all():
            continue
        if unreadable(text, values).any():
            return layout
        found += int(unreadable(text, parse(text, layout.decimal)).sum())
    return replace(layout, decimal=other, decimal_seen=True) if found else layout


def _recording(table: Table, wanted: Selection, columns: dict[int, Any]) -> Recording:
    """Channels on the clock of the table."""
    request = table.request
    clock = choose_clock(
        table.file, table.header, wanted, columns, table.stated, request, table.layout.decimal
    )
    notes: list[str] = []
    if clock is None:
        clock = _stated_clock(table)
    if clock is None:
        notes += filter(None, [check_rate(table.file, table.stated, request)])
        _hear_witnesses(table, wanted)
    rate = request.rate if request.rate is not None else table.stated.rate
    if clock is None and rate is None:
        raise refuse_no_time(table.file, table.header)
    others = set() if clock is None else set(clock.positions)
    if request.long_form is not None:
        return pivot(table, wanted, columns, clock)
    if clock is not None:
        refuse_long_form(table, wanted, columns, clock)
    notes += filter(None, [_check_length(table)])
    if clock is not None:
        _check_stated(table, clock)
    found: dict[int, Column] = {}
    for k in wanted.channels:
        if k not in others:
            column = columns[k]
            if isinstance(column, pd.Series):
                found[k] = table.column(column, k)
            else:
                found[k] = Column(column)
    kept = _kept(table, found, notes)
    numbers = {k: found[k].values for k in kept if isinstance(found[k].values, np.ndarray)}
    aside = no_inputs(table.file, table.header, numbers, clock, request, table.place)
    notes += note_of(table.header, [k for k in aside if k in kept])
    if clock is not None and not clock.positions:  # what counts the samples of a stated clock
        kept = [k for k in kept if k not in aside or table.header.raw[k].strip()]
    if not kept:
        raise ReadError(f"{table.file}: no channel besides time and cycle to read")
    seconds = _row_numbers(table.rows.n_rows, rate) if clock is None else clock.stamps.seconds
    channels = [_channel(table, k, found[k], seconds) for k in kept]
    segments = table.stated.segments or 1
    return Recording(
        channels,
        table.rows.n_rows,
        timed=clock is not None,
        datetimes=None if clock is None else clock.stamps.datetimes,
        ids={table.header.names[k]: columns[k] for k in wanted.cycle},
        restarts=segments > 1,
        rate=table.stated.rate,
        facts=_facts(table, clock, found, kept, notes),
    )


def _stated_clock(table: Table) -> Clock | None:
    """A clock of the start and the step that the file states, where it has no column of time."""
    stated, request = table.stated, table.request
    stamps = stated_stamps(table.rows.n_rows, stated)
    if stamps is None or request.time is False:
        return None
    check_rate(table.file, stated, request)
    note = f"time as stated: from {float(stated.start or 0):.9g} s at {stated.rate:.9g} Hz"
    return Clock((), "", stamps, [note])


def _hear_witnesses(table: Table, wanted: Selection) -> None:
    """Hold the caller's rate against columns of time that are not among `columns`."""
    request, header = table.request, table.header
    if request.rate is None or request.columns is None or request.time is not None:
        return
    others = [k for k in range(len(header.names)) if k not in wanted.positions]
    times = [k for k in others if may_be_time(header, k) and table.kinds[k] == "number"]
    for k in times:
        values = parse(table.read([k], [k])[k], table.layout.decimal)
        no_inputs(table.file, header, {k: values}, None, request, table.place)


def _check_stated(table: Table, clock: Clock) -> None:
    """Hold a column of time against what the file states."""
    if clock.positions:
        check_time(table.file, clock.name, clock.stamps.seconds, table.stated, table.request)
    check_segments(table.file, clock.stamps.seconds, table.stated)


def _check_length(table: Table) -> str | None:
    n_left_out = int(table.rows.note.endswith("it may be cut off"))
    return check_length(table.file, table.rows.n_rows, n_left_out, table.stated, table.request)


def _row_numbers(n_rows: int, rate: float | None) -> np.ndarray:
    return np.arange(n_rows) / float(rate or 1.0)


def _channel(table: Table, position: int, column: Column, seconds: np.ndarray) -> Channel:
    name = table.header.names[position]
    if column.name and table.layout.head.names is None and table.request.names is None:
        name = column.name
    if isinstance(column.values, pd.Series):
        values = column.values.astype(object).to_numpy(copy=True)
        values[column.values.isna().to_numpy()] = None
        return Channel(name, seconds, values, kind="label")
    unit = table.header.units[position]
    return Channel(name, seconds, column.values, unit=unit or column.unit)


def _kept(table: Table, found: dict[int, Column], notes: list[str]) -> list[int]:
    """Columns that are channels: neither empty ones without a name, nor settings beside rows."""
    named = table.layout.head.names is not None or table.request.names is not None
    empty, settings = [], []
    for k, column in found.items():
        nameless = table.header.raw[k].strip().casefold() in ("", "x_value") if named else True
        values = column.values
        if not (nameless or isinstance(values, pd.Series)):
            continue
        missing = pd.isna(values)
        if nameless and missing.all():
            empty.append(k)
        elif isinstance(values, pd.Series):
            texts = values[~missing]
            sparse = not named and missing.mean() > SHARE_OF_SETTINGS
            if sparse or (texts.nunique() == 1 and _is_keyword(table, k, texts)):
                settings.append(k)
        elif not named and missing.mean() > SHARE_OF_SETTINGS and k - 1 in settings:
            settings.append(k)  # the values of the settings before it
    if empty and empty[-1] == len(table.kinds) - 1 and named:
        empty.pop()  # the rows end with a separator, and so does the header
        trailing = len(table.kinds) - 1
        notes.append("every row ends with a separator")
    else:
        trailing = -1
    for words, some in (
        ("empty columns without a name left out", empty),
        ("columns of settings or one and the same word left out", settings),
    ):
        if some:
            notes.append(f"{words}: {', '.join(str(k + 1) for k in some)}")
    return [k for k in found if k not in empty and k not in settings and k != trailing]


def _is_keyword(table: Table, position: int, texts: pd.Series) -> bool:
    named = table.layout.head.names is not None or table.request.names is not None
    asked = table.request.columns is not None and named
    return not asked and is_keyword(table.header.raw[position] if named else "", texts.iloc[0])


def _facts(
    table: Table,
    clock: Clock | None,
    found: dict[int, Column],
    kept: list[int],
    notes: list[str],
) -> dict[str, Any]:
    names, layout, text = table.header.names, table.layout, table.text
    labels = [names[k] for k in kept if isinstance(found[k].values, pd.Series)]
    notes = [*_notes_of_lines(table), *notes]
    if clock is not None:
        notes += clock.notes
    elif table.request.rate is None:
        notes.append(f"rate as stated: {table.stated.where!r}")
    if labels:
        notes.append(f"columns of text: {', '.join(labels)}")
    words: dict[str, int] = {}
    for k in kept:
        for word, count in found[k].missing.items():
            words[word] = words.get(word, 0) + count
    kept_names = {names[k] for k in kept}
    return {
        "format": "text",
        "separator": {"\t": "tab", " ": "blanks"}.get(layout.separator, layout.separator),
        "decimal": layout.decimal,
        "encoding": text.encoding + (" with byte order mark" if text.bom else ""),
        "compression": text.compression,
        "header": layout.head.line > 0,
        "time": None if clock is None else clock.name,
        "time_unit": None if clock is None else clock.stamps.unit or None,
        "start": None if clock is None else clock.stamps.start,
        "renamed": [pair for pair in table.header.renamed if pair[1] in kept_names],
        "empty": [names[k] for k in kept if is_empty(found[k].values)],
        "coerced": {names[k]: found[k].coerced for k in kept if found[k].coerced},
        "missing_words": words,
        "left_out": table.rows.others,
        "notes": notes,
    }


def is_empty(values: Any) -> bool:
    """Whether a column has no value at all."""
    return bool(pd.isna(values[:1]).all() and pd.isna(values).all())


def _notes_of_lines(table: Table) -> list[str]:
    """What was done about lines that are no rows."""
    head, rows = table.layout.head, table.rows
    notes = [rows.note] if rows.note else []
    above = [line for line in head.preamble if line.strip()]
    if above:
        comments = "comment lines" if all(line.startswith("#") for line in above) else "lines"
        notes.append(f"{comments} above the table left out: {len(above)}")
    if head.declared is not None:
        notes.append("separator declared by the first line")
    if head.units is not None:
        notes.append("units in a row of their own")
    if head.left_out:
        first = head.left_out[0]
        notes.append(
            f"lines between header and rows left out: {len(head.left_out)} "
            f"(first line {first.number}: {first.text.strip()[:40]!r})"
        )
    if rows.others:
        kinds = ", ".join(f"{what} {count}" for what, count in rows.others.items())
        notes.append(f"lines that are no rows left out: {kinds}")
    if rows.n_fields > len(table.header.names):
        notes.append("every row ends with a separator")
    return notes
