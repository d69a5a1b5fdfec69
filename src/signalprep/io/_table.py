"""One file as columns, and what the caller asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._header import Header, split_unit

SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e3),
    **dict.fromkeys(("us", "µs", "μs", "microsecond", "microseconds"), 1e6),
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e9),
}
LONGER = {"min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0}


@dataclass(frozen=True)
class Request:
    """The parameters of `read_log` that concern a single file."""

    cycle: str | None
    time: str | bool | None
    rate: float | None
    columns: tuple[str, ...] | None
    names: tuple[str, ...] | None
    sep: str | None
    decimal: str | None
    encoding: str | None
    units: bool
    coerce: bool
    truncated: str
    max_bytes: int


@dataclass
class Table:
    """Columns of one file.

    Attributes
    ----------
    columns : numbers as arrays of float, labels as series of text, by name.
    units : unit by name, where there is one.
    time : seconds or datetimes of the rows, None without a time column.
    ids : cycle id of the rows, None when the file is one cycle.
    facts : what the reading report says about the file.
    """

    n_rows: int
    columns: dict[str, np.ndarray | pd.Series]
    units: dict[str, str]
    time: np.ndarray | None
    ids: pd.Series | None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Selection:
    """Positions of the columns to read: channels, and where they exist time and cycle."""

    channels: list[int]
    time: int | None
    cycle: int | None

    @property
    def positions(self) -> list[int]:
        """Every position, in the order of the file."""
        return sorted({*self.channels, *(k for k in (self.time, self.cycle) if k is not None)})


def select(
    header: Header, request: Request, file: str, looks_like_dates: Sequence[bool]
) -> Selection:
    """Find the columns the caller wants in this file."""
    cycle = None if request.cycle is None else header.find(request.cycle, "cycle", file)
    if isinstance(request.time, str):
        time: int | None = header.find(request.time, "time", file)
    else:
        time = guess_time(header, file, looks_like_dates) if request.time is None else None
    if time is None and request.rate is None:
        raise ReadError(
            f"{file}: no time column found among {header.names}; name it with time=, or give rate="
        )
    if request.columns is None:
        channels = list(range(len(header.names)))
    else:
        channels = [header.find(name, "columns", file) for name in request.columns]
    channels = [k for k in dict.fromkeys(channels) if k not in (time, cycle)]
    if not channels:
        raise ReadError(f"{file}: no channel besides time and cycle to read")
    return Selection(channels, time, cycle)


def guess_time(header: Header, file: str, looks_like_dates: Sequence[bool]) -> int | None:
    """Position of the one column that can only be time, None when there is none."""
    found = []
    for position, raw in enumerate(header.raw):
        name, unit = split_unit(raw)
        plain = name in ("t", "time", "Time", "TIME")
        named = name.casefold() in ("t", "time", "timestamp")
        in_time_unit = unit is not None and unit.casefold() in SECONDS | LONGER
        if (
            (named and in_time_unit)
            or (named and unit is None and looks_like_dates[position])
            or (plain and unit is None)
        ):
            found.append(position)
    if len(found) > 1:
        names = ", ".join(repr(header.raw[k]) for k in found)
        raise ReadError(f"{file}: more than one column may be the time ({names}); give time=")
    return found[0] if found else None


def to_seconds(values: np.ndarray, raw: str, file: str) -> np.ndarray:
    """Time in seconds, by the unit in the header; without one it is taken as seconds."""
    unit = split_unit(raw)[1]
    if unit is None or SECONDS.get(unit.casefold()) == 1.0:
        return values
    if unit.casefold() in SECONDS:
        return values / SECONDS[unit.casefold()]
    if unit.casefold() in LONGER:
        return values * LONGER[unit.casefold()]
    known = ", ".join([*SECONDS, *LONGER])
    raise ReadError(f"{file}: the unit of time {raw!r} must be one of {known}")


def to_datetimes(text: pd.Series, name: str, file: str) -> np.ndarray:
    """Datetimes from ISO 8601 text; those with an offset become UTC."""
    stamps = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    wrong = (stamps.isna() & text.notna()).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidLogError(
            f"{file}: time {name!r} must be numbers or ISO 8601 datetimes; "
            f"found {text.iloc[row]!r} at row {row}"
        )
    return stamps.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
