"""One Parquet file as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io._cells import is_number
from signalprep.io._header import Header
from signalprep.io._numbers import Notation, read_column
from signalprep.io._recording import Recording
from signalprep.io._request import Request
from signalprep.io._selection import Selection, refuse_no_time, select
from signalprep.io._stated import Stated
from signalprep.io._time_choice import Clock, choose_clock
from signalprep.io._time_column import Stamps, from_datetimes, from_time_of_day
from signalprep.io._time_units import time_name
from signalprep.log import Channel


def read_parquet(path: Path, request: Request) -> Recording:
    """Read one Parquet file; its stated size is checked before any row is read."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError(
            f"{path.name}: reading Parquet needs pyarrow: pip install 'signalprep[parquet]'"
        ) from error
    file = path.name
    _refuse_of_text(file, request)
    try:
        with pq.ParquetFile(path) as source:
            schema, n_rows = source.schema_arrow, source.metadata.num_rows
            header = Header.from_raw(schema.names, split=request.units is not False)
            wanted = select(header, _kinds(header, schema), request, file)
            _check_types(file, header, schema.types, wanted)
            _check(file, header, n_rows, wanted, request.max_bytes)
            names = [header.raw[k] for k in wanted.positions]
            texts = [header.raw[k] for k in wanted.positions if _is_text(schema.types[k])]
            _check_stored(file, source.metadata, texts, request.max_bytes)
        with pq.ParquetFile(path, read_dictionary=texts) as source:
            content = source.read(columns=names, use_threads=False)
        _check_texts(file, content, texts, request.max_bytes)
        return _recording(file, content, header, wanted, request)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        raise ReadError(f"{file}: damaged or cut off Parquet file ({error})") from error


def _refuse_of_text(file: str, request: Request) -> None:
    """Refuse what changes the content of text tables alone."""
    for parameter, given in (("names", request.names), ("long_form", request.long_form)):
        if given is not None:
            raise InvalidParameterError(f"{file}: {parameter}= is for text tables, not for Parquet")


def _kinds(header: Header, schema: Any) -> list[str]:
    """Kinds of the columns; text under the name of a time is to be read as one."""
    kinds = [_kind(kind) for kind in schema.types]
    return [
        "date" if kind == "text" and time_name(raw).named else kind
        for kind, raw in zip(kinds, header.raw, strict=True)
    ]


def _kind(kind: Any) -> str:
    """What the values of a column are, in the words of text tables."""
    from pyarrow import types

    if types.is_timestamp(kind) or types.is_date(kind):
        return "date"
    if types.is_time(kind) or types.is_duration(kind):
        return "clock"
    if _is_text(kind):
        return "text"
    return "number"


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _check_types(file: str, header: Header, kinds: list[Any], wanted: Selection) -> None:
    """Refuse lists, records and bytes, which may be large, before they are read."""
    from pyarrow import types

    for k in wanted.positions:
        kind = kinds[k].value_type if types.is_dictionary(kinds[k]) else kinds[k]
        if not (types.is_nested(kind) or _is_bytes(kind)):
            continue
        if k in wanted.cycle:
            raise _no_ids(file, kind)
        raise (_no_channel if k in wanted.channels else _no_time)(file, header.names[k], kind)


def _is_bytes(kind: Any) -> bool:
    from pyarrow import types

    known = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary)
    return any(is_such(kind) for is_such in known) or "binary_view" in str(kind)


def _no_ids(file: str, kind: Any) -> ReadError:
    return ReadError(
        f"{file}: cycle ids must be numbers, text or dates; the column is of type {kind}"
    )


def _no_time(file: str, name: str, kind: Any) -> ReadError:
    return ReadError(f"{file}: time {name!r} must be numbers, dates or text; it is of type {kind}")


def _no_channel(file: str, name: str, kind: Any) -> InvalidLogError:
    return InvalidLogError(
        f"{file}: column {name!r} must hold numbers or text; it is of type {kind}. "
        "columns= can leave it out"
    )


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


def _check_stored(file: str, metadata: Any, texts: list[str], max_bytes: int) -> None:
    """Refuse columns of text that are too large already as they are stored.

    Single columns are asked for only where the whole is too large: to ask ends the process where
    a file's statistics are damaged.
    """
    whole = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    if not texts or 0 <= whole <= max_bytes:
        return
    size = sum(
        column.total_uncompressed_size
        for k in range(metadata.num_row_groups)
        for j in range(metadata.num_columns)
        if (column := metadata.row_group(k).column(j)).path_in_schema in texts
    )
    _refuse_text(file, size, max_bytes)


def _check_texts(file: str, content: Any, texts: list[str], max_bytes: int) -> None:
    """Refuse texts that would grow beyond all bounds, while each of them is held once."""
    import pyarrow.compute as pc

    size = 0
    for name in texts:
        for chunk in content.column(name).chunks:
            lengths = pc.binary_length(chunk.dictionary).to_numpy(zero_copy_only=False)
            codes = chunk.indices.drop_null().to_numpy(zero_copy_only=False)
            size += int(np.bincount(codes, minlength=len(lengths)) @ np.nan_to_num(lengths))
    _refuse_text(file, size, max_bytes)


def _refuse_text(file: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise ReadError(
            f"{file}: columns of text hold {size:.3g} bytes; max_bytes={max_bytes:.3g} allows "
            "less. Choose columns= without them, or raise max_bytes"
        )


def _recording(
    file: str, content: Any, header: Header, wanted: Selection, request: Request
) -> Recording:
    stamps = {k for time in wanted.times for k in time}
    columns = {k: _time(content.column(header.raw[k]), header.names[k], file) for k in stamps}
    columns |= {k: _ids(content.column(header.raw[k])) for k in wanted.cycle}
    clock = choose_clock(file, header, wanted, columns, Stated(), request)
    if clock is None and request.rate is None:
        raise refuse_no_time(file, header)
    others = () if clock is None else clock.positions
    n_rows = content.num_rows
    seconds = (
        np.arange(n_rows) / float(request.rate or 1.0) if clock is None else clock.stamps.seconds
    )
    coerced: dict[str, int] = {}
    words: dict[str, int] = {}
    channels = [
        _channel(content, header, k, seconds, file, request, coerced, words)
        for k in wanted.channels
        if k not in others
    ]
    if not channels:
        raise ReadError(f"{file}: no channel besides time and cycle to read")
    return Recording(
        channels,
        n_rows,
        timed=clock is not None,
        datetimes=None if clock is None else clock.stamps.datetimes,
        ids={header.names[k]: columns[k] for k in wanted.cycle},
        facts=_facts(header, channels, clock) | {"coerced": coerced, "missing_words": words},
    )


def _facts(header: Header, channels: list[Channel], clock: Clock | None) -> dict[str, Any]:
    labels = [channel.name for channel in channels if channel.kind == "label"]
    names = {channel.name for channel in channels}
    return {
        "format": "parquet",
        "header": True,
        "time": None if clock is None else clock.name,
        "time_unit": None if clock is None else clock.stamps.unit or None,
        "start": None if clock is None else clock.stamps.start,
        "renamed": [pair for pair in header.renamed if pair[1] in names],
        "empty": [channel.name for channel in channels if pd.isna(channel.values).all()],
        "notes": [
            *([] if clock is None else clock.notes),
            *([f"columns of text: {', '.join(labels)}"] if labels else []),
        ],
    }


def _channel(
    content: Any,
    header: Header,
    position: int,
    seconds: np.ndarray,
    file: str,
    request: Request,
    coerced: dict[str, int],
    words: dict[str, int],
) -> Channel:
    from pyarrow import types

    name, unit = header.names[position], header.units[position]
    column = content.column(header.raw[position])
    kind = column.type
    if _is_text(kind):
        found = read_column(
            _without_words(_text(column), request.na_values, words),
            Notation(request.decimal or ".", request.thousands, request.na_values),
            column=name,
            file=file,
            coerce=request.coerce,
            place=lambda row: f"row {row}",
        )
        if found.coerced:
            coerced[name] = found.coerced
        for word, count in found.missing.items():
            words[word] = words.get(word, 0) + count
        if isinstance(found.values, pd.Series):
            labels = found.values.where(found.values.notna(), None).to_numpy(dtype=object)
            return Channel(name, seconds, labels, kind="label")
        return Channel(name, seconds, found.values, unit=unit or found.unit)
    if types.is_float32(kind) and column.null_count == 0:
        values = column.to_numpy()
    elif types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind):
        values = column.to_pandas().to_numpy(dtype=np.float64, na_value=np.nan)
    elif types.is_decimal(kind) or types.is_null(kind):
        values = column.cast("float64").to_pandas().to_numpy()
    else:
        raise _no_channel(file, name, kind)
    return Channel(name, seconds, _without_numbers(values, request.na_values, words), unit=unit)


def _without_numbers(
    values: np.ndarray, na_values: tuple[str, ...], words: dict[str, int]
) -> np.ndarray:
    """Numbers without those that stand for a missing value."""
    for word in na_values:
        if not any(is_number(word, mark) for mark in ".,"):
            continue
        found = values == float(word.replace(",", "."))
        if found.any():
            values = np.where(found, np.nan, values).astype(values.dtype)
            words[word] = words.get(word, 0) + int(found.sum())
    return values


def _without_words(text: pd.Series, na_values: tuple[str, ...], words: dict[str, int]) -> pd.Series:
    """Text without the words that stand for a missing value."""
    for word in na_values:
        found = text == word
        if found.any():
            text = text.mask(found, None)
            words[word] = words.get(word, 0) + int(found.sum())
    return text


def _text(column: Any) -> pd.Series:
    text = column.to_pandas().astype(object)
    return text.where(text.notna(), None)


def _time(column: Any, name: str, file: str) -> Any:
    """Stamps, or numbers or text whose meaning the header tells."""
    from pyarrow import types

    kind = column.type
    if types.is_temporal(kind):
        return _stamps(column, name, file)
    if _is_text(kind):
        return _text(column)
    if types.is_integer(kind) and column.null_count == 0:
        return column.to_numpy()
    if types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind):
        column = column.cast("float64") if types.is_decimal(kind) else column
        return column.to_pandas().to_numpy(dtype=np.float64, na_value=np.nan)
    raise _no_time(file, name, kind)


def _stamps(column: Any, name: str, file: str) -> Stamps:
    """Time from dates, times of day and durations, exact as they are stored."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_duration(kind):
        return Stamps(column.to_pandas().dt.total_seconds().to_numpy(dtype=np.float64))
    if types.is_time(kind):
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        counts = column.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
        return from_time_of_day(counts.to_pandas(), per_second)
    unit = {"date32[day]": "s", "date64[ms]": "ms"}.get(str(kind)) or kind.unit
    zone = "utc" if types.is_timestamp(kind) and kind.tz is not None else "unknown"
    plain = column.cast(pa.timestamp(unit))
    return from_datetimes(pd.Series(plain.to_numpy()), name, file, zone)


def _ids(column: Any) -> pd.Series:
    ids = column.to_pandas()
    return ids if ids.dtype.kind == "f" else ids.astype(object)  # the digits of single precision
