"""Large text tables of numbers, read by pyarrow where it is installed.

What it reads is what the slower way reads, to the last digit; whatever it stumbles over (a mark
between the rows, a word for missing, a row with another number of fields) is left to that.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep.io._layout import Layout
from signalprep.io._lines import split_line
from signalprep.io._request import Request
from signalprep.io._selection import Selection
from signalprep.io._time_column import from_datetimes

SMALL = 1 << 20  # bytes of a table that is read as fast without
BLOCK = 1 << 22
USUAL = ("", "NaN", "nan", "NA", "N/A", "null", "NULL")  # each word more costs time
_NUMBERS = ("number", "empty")
_STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.(?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


def read_fast(
    file: str, data: bytes, layout: Layout, kinds: list[str], wanted: Selection, request: Request
) -> tuple[dict[int, Any], int] | None:
    """Columns by position and the number of rows; None where the slower way must do."""
    positions = wanted.positions
    size = len(data) - layout.first.offset
    if size < SMALL or not _is_plain(data, layout, request) or wanted.cycle:
        return None
    stamps = {k for time in wanted.times for k in time}
    dates = _dates(layout, kinds, stamps)
    typed = all(kinds[k] in _NUMBERS or k in dates for k in positions)
    most_rows = size // len(layout.kinds)  # a byte a field: its separator or the line end
    if 8 * most_rows * (len(positions) + 2) > request.max_bytes:
        return None  # the slower way counts the rows first
    if not positions or not typed or importlib.util.find_spec("pyarrow") is None:
        return None
    table = _read(data, layout, positions, dates, request)
    if table is None:
        return None
    columns: dict[int, Any] = {}
    for k in dates:
        values = table.column(str(k)).to_numpy()
        zone = {"": "unknown", "Z": "utc"}.get(dates[k][1], "offset")
        columns[k] = from_datetimes(pd.Series(values), f"column {k + 1}", file, zone)
    channels = [k for k in wanted.channels if k not in stamps]
    others = [k for k in positions if k not in channels and k not in dates]
    for some in (channels, others):
        columns |= _as_block(table, some)
    return columns, table.num_rows


def _as_block(table: Any, positions: list[int]) -> dict[int, np.ndarray]:
    """Columns as the rows of one array, so that a log can be made of them without a copy."""
    block = np.empty((len(positions), table.num_rows))
    for row, k in zip(block, positions, strict=True):
        first = 0
        for chunk in table.column(str(k)).chunks:
            row[first : first + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
            first += len(chunk)
    return dict(zip(positions, block, strict=True))


def _is_plain(data: bytes, layout: Layout, request: Request) -> bool:
    """Whether the rows are simple: whole, without quotes, and nothing asks for their text."""
    return (
        layout.separator != " "
        and len(layout.kinds) > 1
        and request.thousands is None
        and request.time_format is None
        and request.long_form is None
        and data.endswith(b"\n")
        and b'"' not in data
    )


def _dates(
    layout: Layout, kinds: list[str], stamps: Collection[int]
) -> Mapping[int, tuple[str, str]]:
    """Resolution and zone of the columns of ISO stamps, by the first row."""
    first = split_line(layout.first.text, layout.separator)
    found = {}
    for k in stamps:
        match = _STAMP.fullmatch(first[k]) if kinds[k] == "date" else None
        if match is not None:
            digits = len(match["fraction"] or "")
            unit = "s" if not digits else "ms" if digits <= 3 else "us" if digits <= 6 else "ns"
            found[k] = (unit, match["zone"] or "")
        elif kinds[k] == "number" and len(first[k]) > 15 and first[k].isdecimal():
            return {}
    return found


def _read(
    data: bytes,
    layout: Layout,
    positions: list[int],
    dates: Mapping[int, tuple[str, str]],
    request: Request,
) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    types = {
        str(k): pa.timestamp(dates[k][0], "UTC" if dates[k][1] else None)
        if k in dates
        else pa.float64()
        for k in positions
    }
    body = pa.py_buffer(memoryview(data)[layout.first.offset :])
    try:
        return csv.read_csv(
            pa.BufferReader(body),
            read_options=csv.ReadOptions(
                column_names=[str(k) for k in range(len(layout.kinds))], block_size=BLOCK
            ),
            parse_options=csv.ParseOptions(delimiter=layout.separator, quote_char=False),
            convert_options=csv.ConvertOptions(
                column_types=types,
                include_columns=[str(k) for k in positions],
                null_values=[*USUAL, *request.na_values],
                decimal_point=layout.decimal,
            ),
        )
    except pa.ArrowInvalid:
        return None
