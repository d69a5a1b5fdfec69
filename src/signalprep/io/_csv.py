"""One text file as a table."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io._dialect import (
    MISSING,
    Dialect,
    is_date,
    sniff,
    split_lines,
)
from signalprep.io._header import Header
from signalprep.io._numbers import numbers_or_labels, parse, unreadable
from signalprep.io._rows import Rows, check_rows
from signalprep.io._table import Request, Selection, Table, select, to_datetimes, to_seconds
from signalprep.io._text import Text, read_text


@dataclass
class _Body:
    """The rows of a file and how to read them."""

    data: bytes
    dialect: Dialect
    header: Header
    rows: Rows
    file: str
    n_comments: int

    def read(self, positions: Collection[int], as_text: Collection[int]) -> pd.DataFrame:
        """Parse columns, those in `as_text` as text and the others as numbers."""
        if not positions:
            return pd.DataFrame(index=range(self.rows.n_rows))
        separator = self.dialect.separator
        return pd.read_csv(
            io.BytesIO(self.data),
            sep="\t" if separator == " " else separator,
            decimal=self.dialect.decimal,
            header=None,
            names=range(self.rows.n_fields),
            index_col=False,
            usecols=sorted(positions),
            dtype={k: str if k in as_text else np.float64 for k in positions},
            na_values=list(MISSING),
            keep_default_na=False,
            skipinitialspace=True,
            skip_blank_lines=self.rows.n_fields > 1,
            nrows=self.rows.n_rows,
            low_memory=False,
            encoding="utf-8",
            engine="c",
        )

    def place(self, row: int) -> str:
        """Words for a row."""
        return f"line {self.rows.lines[row]} (row {row})"


def read_csv(path: Path, request: Request) -> Table:
    """Read one text file."""
    file = path.name
    text = read_text(path, request.encoding, request.max_bytes)
    dialect, data, n_comments = sniff(file, text.data, request.sep, request.decimal)
    data = _tabbed(data) if dialect.separator == " " else data
    body, first_line = _below_header(data, dialect.header)
    header = _header(dialect, request, file)
    rows = check_rows(
        file,
        body,
        "\t" if dialect.separator == " " else dialect.separator,
        len(header.names),
        first_line,
        request.truncated,
    )
    dates = _looks_like_dates(body, dialect, len(header.names))
    wanted = select(header, request, file, dates)
    _check_size(file, rows.n_rows, len(wanted.positions), request.max_bytes)
    content = _Body(body, dialect, header, rows, file, n_comments)
    time_is_text = wanted.time is not None and dates[wanted.time]
    return _table(content, wanted, request, text, time_is_text)


def _tabbed(data: bytes) -> bytes:
    return b"\n".join(b"\t".join(line.split()) for line in data.split(b"\n"))


def _below_header(data: bytes, header: bool) -> tuple[bytes, int]:
    """Text from the first row on, and the number of that line."""
    start, line = 0, 1
    while True:
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        if data[start:end].strip():
            break
        start, line = end + 1, line + 1
    if header:
        start, line = end + 1, line + 1
    return data[start:], line


def _header(dialect: Dialect, request: Request, file: str) -> Header:
    n_fields = len(dialect.fields)
    if request.names is not None:
        if len(request.names) != n_fields:
            raise InvalidParameterError(
                f"names must name every column; got {len(request.names)} names for the "
                f"{n_fields} columns of {file}"
            )
        return Header.from_raw(request.names, split=request.units)
    if dialect.header:
        return Header.from_raw(dialect.fields, split=request.units)
    return Header.from_raw([f"x{k}" for k in range(n_fields)], split=False)


def _looks_like_dates(body: bytes, dialect: Dialect, n_fields: int) -> list[bool]:
    """Which fields of the first row are dates."""
    first = next(line for line in body.split(b"\n", 20) if line.strip()).decode("utf-8")
    fields = split_lines([first], "\t" if dialect.separator == " " else dialect.separator)[0]
    dates = [is_date(field) for field in fields[:n_fields]]
    return dates + [False] * (n_fields - len(dates))


def _check_size(file: str, n_rows: int, n_columns: int, max_bytes: int) -> None:
    """Refuse a table that would not fit, before it is made (8 bytes a cell, and the index)."""
    size = 8 * n_rows * (n_columns + 2)
    if size > max_bytes:
        raise ReadError(
            f"{file}: {n_rows} rows of {n_columns} columns need {size:.3g} bytes; "
            f"max_bytes={max_bytes:.3g} allows less. Choose columns=, or raise max_bytes"
        )


def _table(
    body: _Body, wanted: Selection, request: Request, text: Text, time_is_text: bool
) -> Table:
    as_text = {k for k in (wanted.cycle, wanted.time if time_is_text else None) if k is not None}
    try:
        frame = body.read(wanted.positions, as_text)
        columns: dict[int, Any] = {k: frame[k].to_numpy() for k in wanted.channels}
        coerced: dict[str, int] = {}
    except pd.errors.ParserError as error:
        raise ReadError(f"{body.file}: {error}") from error
    except ValueError:
        frame = body.read(wanted.positions, wanted.positions)
        body.dialect = _decimal_below(body, frame, wanted)
        columns, coerced = _convert(body, frame, wanted, request.coerce)
    names = body.header.names
    dropped = [k for k in wanted.channels if _is_unnamed(body.header, k) and _is_empty(columns[k])]
    channels = [k for k in wanted.channels if k not in dropped]
    return Table(
        n_rows=body.rows.n_rows,
        columns={names[k]: columns[k] for k in channels},
        units={names[k]: unit for k in channels if (unit := body.header.units[k]) is not None},
        time=None if wanted.time is None else _time(body, frame, wanted.time, time_is_text),
        ids=None if wanted.cycle is None else frame[wanted.cycle],
        facts=_facts(body, wanted, text, columns, coerced, channels),
    )


def _is_unnamed(header: Header, position: int) -> bool:
    return not header.raw[position].strip()


def _is_empty(column: np.ndarray | pd.Series) -> bool:
    return bool(pd.isna(column).all())


def _decimal_below(body: _Body, frame: pd.DataFrame, wanted: Selection) -> Dialect:
    """Take the other decimal mark when the first lines had none and every cell reads with it."""
    other = "," if body.dialect.decimal == "." else "."
    if body.dialect.decimal_seen or other == body.dialect.separator:
        return body.dialect
    found = 0
    for position in wanted.channels:
        text = frame[position]
        values = parse(text, other)
        if np.isnan(values).all():
            continue
        if unreadable(text, values).any():
            return body.dialect
        found += int(unreadable(text, parse(text, body.dialect.decimal)).sum())
    return replace(body.dialect, decimal=other, decimal_seen=True) if found else body.dialect


def _convert(
    body: _Body, frame: pd.DataFrame, wanted: Selection, coerce: bool
) -> tuple[dict[int, Any], dict[str, int]]:
    """Numbers or labels of columns that were read as text."""
    columns: dict[int, Any] = {}
    coerced: dict[str, int] = {}
    for position in wanted.channels:
        name = body.header.names[position]
        columns[position], count = numbers_or_labels(
            frame[position],
            body.dialect.decimal,
            column=name,
            file=body.file,
            coerce=coerce,
            place=body.place,
        )
        if count:
            coerced[name] = count
    return columns, coerced


def _time(body: _Body, frame: pd.DataFrame, position: int, is_text: bool) -> np.ndarray:
    name, raw = body.header.names[position], body.header.raw[position]
    column = frame[position]
    if is_text:
        return to_datetimes(column, name, body.file)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        values = parse(column, body.dialect.decimal)
        wrong = unreadable(column, values)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InvalidLogError(
                f"{body.file}: time {name!r} must be numbers or ISO 8601 datetimes; "
                f"found {column.iloc[row]!r} at {body.place(row)}"
            )
        return to_seconds(values, raw, body.file)
    return to_seconds(column.to_numpy(), raw, body.file)


def _facts(
    body: _Body,
    wanted: Selection,
    text: Text,
    columns: dict[int, Any],
    coerced: dict[str, int],
    channels: list[int],
) -> dict[str, Any]:
    names, separator = body.header.names, body.dialect.separator
    notes = [body.rows.note] if body.rows.note else []
    if body.n_comments:
        notes.append(f"comment lines above the table left out: {body.n_comments}")
    unnamed = [k + 1 for k in wanted.channels if k not in channels]
    if unnamed:
        notes.append(f"empty columns without a name left out: {', '.join(map(str, unnamed))}")
    if body.rows.n_fields > len(names):
        notes.append("every row ends with a separator")
    labels = [names[k] for k in channels if isinstance(columns[k], pd.Series)]
    if labels:
        notes.append(f"columns of text: {', '.join(labels)}")
    kept = {names[k] for k in channels}
    return {
        "format": "csv",
        "separator": {"\t": "tab", " ": "blanks"}.get(separator, separator),
        "decimal": body.dialect.decimal,
        "encoding": text.encoding + (" with byte order mark" if text.bom else ""),
        "compression": text.compression,
        "header": body.dialect.header,
        "time": None if wanted.time is None else body.header.raw[wanted.time].strip(),
        "renamed": [pair for pair in body.header.renamed if pair[1] in kept],
        "empty": [names[k] for k in channels if _is_empty(columns[k])],
        "coerced": coerced,
        "notes": notes,
    }
