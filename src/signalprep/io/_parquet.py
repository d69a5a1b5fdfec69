"""One Parquet file as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._header import Header
from signalprep.io._numbers import numbers_or_labels
from signalprep.io._table import Request, Selection, Table, select, to_datetimes, to_seconds

MAGIC = b"PAR1"


def read_parquet(path: Path, request: Request) -> Table:
    """Read one Parquet file; its stated size is checked before any row is read."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError(
            f"{path.name}: reading Parquet needs pyarrow: pip install 'signalprep[parquet]'"
        ) from error
    try:
        with pq.ParquetFile(path) as source:
            schema, n_rows = source.schema_arrow, source.metadata.num_rows
            header = Header.from_raw(schema.names, split=request.units)
            dates = [pa.types.is_timestamp(kind) or pa.types.is_date(kind) for kind in schema.types]
            wanted = select(header, request, path.name, dates)
            _check(path.name, header, n_rows, wanted, request.max_bytes)
            names = [header.raw[k] for k in wanted.positions]
            content = source.read(columns=names, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise ReadError(f"{path.name}: damaged or cut off Parquet file ({error})") from error
    return _table(path.name, content, header, wanted, request)


def _check(file: str, header: Header, n_rows: int, wanted: Selection, max_bytes: int) -> None:
    if n_rows == 0:
        raise ReadError(f"{file}: the file has no rows")
    if len(set(header.raw)) < len(header.raw):
        raise ReadError(f"{file}: two columns of the Parquet file have the same name")
    n_columns = len(wanted.positions)
    size = 8 * n_rows * (n_columns + 2)
    if size > max_bytes:
        raise ReadError(
            f"{file}: states {n_rows} rows of {n_columns} columns, which need {size:.3g} bytes; "
            f"max_bytes={max_bytes:.3g} allows less. Choose columns=, or raise max_bytes"
        )


def _table(file: str, content: Any, header: Header, wanted: Selection, request: Request) -> Table:
    names = header.names
    columns: dict[str, np.ndarray | pd.Series] = {}
    coerced: dict[str, int] = {}
    for position in wanted.channels:
        name = names[position]
        columns[name], count = _channel(
            content.column(header.raw[position]), name, file, request.coerce
        )
        if count:
            coerced[name] = count
    labels = [name for name, column in columns.items() if isinstance(column, pd.Series)]
    time = None
    if wanted.time is not None:
        time = _time(content.column(header.raw[wanted.time]), header.raw[wanted.time], file)
    facts = {
        "format": "parquet",
        "header": True,
        "time": None if wanted.time is None else header.raw[wanted.time].strip(),
        "renamed": [pair for pair in header.renamed if pair[1] in columns],
        "empty": [name for name, column in columns.items() if pd.isna(column).all()],
        "coerced": coerced,
        "notes": [f"columns of text: {', '.join(labels)}"] if labels else [],
    }
    return Table(
        n_rows=content.num_rows,
        columns=columns,
        units={names[k]: unit for k in wanted.channels if (unit := header.units[k]) is not None},
        time=time,
        ids=None if wanted.cycle is None else _ids(content.column(header.raw[wanted.cycle])),
        facts=facts,
    )


def _channel(column: Any, name: str, file: str, coerce: bool) -> tuple[Any, int]:
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_string(kind) or types.is_large_string(kind):
        text = column.to_pandas().astype(object)
        return numbers_or_labels(
            text, ".", column=name, file=file, coerce=coerce, place=lambda row: f"row {row}"
        )
    if types.is_float32(kind) and column.null_count == 0:
        return column.to_numpy(), 0
    if types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind):
        return column.to_pandas().to_numpy(dtype=np.float64, na_value=np.nan), 0
    if types.is_decimal(kind) or types.is_null(kind):
        return column.cast("float64").to_pandas().to_numpy(), 0
    raise InvalidLogError(
        f"{file}: column {name!r} must hold numbers or text; it is of type {column.type}. "
        "columns= can leave it out"
    )


def _time(column: Any, raw: str, file: str) -> np.ndarray:
    from pyarrow import types

    if types.is_timestamp(column.type) or types.is_date(column.type):
        stamps = pd.to_datetime(column.to_pandas(), utc=True)
        return stamps.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
    if types.is_duration(column.type):
        return column.to_pandas().dt.total_seconds().to_numpy(dtype=np.float64)
    if types.is_string(column.type) or types.is_large_string(column.type):
        return to_datetimes(column.to_pandas(), raw.strip(), file)
    values = column.to_pandas().to_numpy(dtype=np.float64, na_value=np.nan)
    return to_seconds(values, raw, file)


def _ids(column: Any) -> pd.Series:
    return column.to_pandas().astype(object)
