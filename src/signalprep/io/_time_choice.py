"""Which column is the clock of a table, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError, SignalprepError
from signalprep.io._cells import CLOCK, DATE, ISO
from signalprep.io._header import Header
from signalprep.io._numbers import Notation, nearest, read_column
from signalprep.io._request import Request
from signalprep.io._selection import Selection
from signalprep.io._stated import Stated
from signalprep.io._stated_rate import check_time, unit_by_step
from signalprep.io._time_column import Stamps, from_numbers, from_text, with_milliseconds
from signalprep.io._time_units import counted_unit, is_milliseconds, time_name, time_unit_of


@dataclass
class Clock:
    """The time of a table: its columns, its name in the file, its stamps, what was decided.

    `others` are the columns of other clocks, which are no inputs.
    """

    positions: tuple[int, ...]
    name: str
    stamps: Stamps
    notes: list[str] = field(default_factory=list)
    others: tuple[int, ...] = ()


def choose_clock(
    file: str,
    header: Header,
    wanted: Selection,
    columns: dict[int, Any],
    stated: Stated,
    request: Request,
    decimal: str = ".",
) -> Clock | None:
    """Read the time; of several the one that alone tells every row from the one before."""
    times = list(wanted.times)
    fine = any(len(time) > 1 and is_milliseconds(header.raw[time[-1]]) for time in times)
    if request.time is not None or (len(times) <= 1 and not fine):
        return _clock(file, header, times[0], columns, stated, request, decimal) if times else None
    found, refused = [], []
    for time in times:
        try:
            found.append(_clock(file, header, time, columns, stated, request, decimal))
        except SignalprepError as error:
            refused.append(error)
            if len(time) > 1 and is_milliseconds(header.raw[time[-1]]):
                times += [time[:-1], time[-1:]]  # they count something else than parts of a second
    ids = [np.asarray(columns[k]) for k in wanted.cycle]
    resolving = [clock for clock in found if _resolves(clock.stamps.seconds, ids)]
    names = ", ".join(repr(header.raw[k].strip()) for time in wanted.times for k in time)
    if len(resolving) != 1:
        if refused and not resolving:
            raise refused[0]
        raise ReadError(
            f"{file}: more than one column may be the time ({names}); give time="
            + ("" if _agree(found) else ", and columns= with the channels that belong to it")
        )
    clock = resolving[0]
    if len(times) == 1:
        return clock
    others = [header.names[k] for time in times if time != clock.positions for k in time]
    clock.others = tuple(k for time in times if time != clock.positions for k in time)
    clock.notes.append(
        f"of the clocks {names} {clock.name!r} tells the rows apart; no input: {', '.join(others)}"
    )
    return clock


def _agree(clocks: list[Clock]) -> bool:
    """Whether clocks tell the same time but for their start."""
    ran = [clock.stamps.seconds - clock.stamps.seconds[0] for clock in clocks]
    return all(np.allclose(other, ran[0], rtol=0.0, atol=1.0, equal_nan=True) for other in ran[1:])


def _resolves(seconds: np.ndarray, ids: list[np.ndarray]) -> bool:
    """Whether every row of a cycle is later than the one before."""
    later = np.diff(seconds) > 0
    for part in ids:
        later |= part[1:] != part[:-1]
    return bool(later.all())


def _clock(
    file: str,
    header: Header,
    positions: tuple[int, ...],
    columns: dict[int, Any],
    stated: Stated,
    request: Request,
    decimal: str,
) -> Clock:
    raw = [header.raw[k].strip() for k in positions]
    name = " ".join(raw)
    if len(positions) > 1:
        parts = [columns[k] for k in positions]
        fine = None
        if is_milliseconds(raw[-1]) and not isinstance(parts[-1], Stamps):
            fine = pd.to_numeric(pd.Series(parts.pop()), errors="coerce").to_numpy(np.float64)
        if any(isinstance(part, Stamps) for part in parts):
            raise ReadError(
                f"{file}: the columns {name!r} are dates and times of day of types of their own, "
                "which are not joined; write one column of time stamps, or both as text"
            )
        text = _as_text(parts[0]).astype(object)
        for part in parts[1:]:
            text = text.str.cat(_as_text(part).astype(object), sep=" ")
        stamps = from_text(text, " ".join(raw[: len(parts)]), file, request.time_format)
        if fine is not None:
            stamps = with_milliseconds(stamps, fine, name, file)
        return Clock(positions, name, stamps)
    column, position = columns[positions[0]], positions[0]
    if isinstance(column, Stamps):
        return Clock(positions, name, column)
    if request.time_format is not None:
        stamps = from_text(_as_text(column), name, file, request.time_format)
        return Clock(positions, name, stamps)
    numbers, cell_unit = _numbers(column, header.names[position], file, request, decimal)
    if numbers is None:
        return Clock(positions, name, from_text(column, name, file))
    unit, where = _unit(header, position, cell_unit, stated, request, file)
    if unit is None and (told := unit_by_step(numbers, stated)) is not None:
        unit, where = told, f"as {stated.where!r} tells"
    elif unit is None and stated.step is not None and request.rate is None:
        check_time(file, name, numbers.astype(np.float64), stated, request)
    if request.time_unit is None:
        _refuse_parts_of_counts(numbers, unit, name, file)
    stamps = from_numbers(numbers, unit, name, file)
    if where:
        stamps.unit = f"{unit}, {where}"
    return Clock(positions, name, stamps)


def _refuse_parts_of_counts(numbers: np.ndarray, unit: str | None, name: str, file: str) -> None:
    """``Time (10 ms)`` of 0, 1, 2 counts steps; of 0.00, 0.01, 0.02 it names the sample time."""
    count, _, bare = (unit or "").rpartition(" ")
    if not count.isdecimal():
        return
    known = numbers[np.isfinite(numbers)]
    if not (known == np.rint(known)).all():
        raise ReadError(
            f"{file}: time {name!r} may count steps of {unit}, or be in {bare} or s and have a "
            f"sample each {unit}; names= can name the columns anew, such as 'Time [s]'"
        )


def _as_text(column: Any) -> pd.Series:
    return column if isinstance(column, pd.Series) else pd.Series(column).map("{:.15g}".format)


def _numbers(
    column: Any, name: str, file: str, request: Request, decimal: str
) -> tuple[np.ndarray | None, str | None]:
    """Numbers of a column of time, exact where they are whole; None for text."""
    if not isinstance(column, pd.Series):
        return column, None
    probe = str(next(iter(column.dropna().iloc[:1]), "")).strip()
    if any(pattern.fullmatch(probe) for pattern in (ISO, DATE, CLOCK)):
        return None, None
    plain = pd.to_numeric(column, errors="coerce")
    if plain.notna().equals(column.notna()) and plain.notna().any():
        whole = plain.dtype.kind in "iu"
        return plain.to_numpy() if whole else nearest(column), None
    try:
        found = read_column(
            column,
            Notation(decimal, request.thousands, request.na_values),
            column=name,
            file=file,
            coerce=False,
            place=lambda row: f"row {row}",
        )
    except InvalidLogError as error:
        what, _, remedy = str(error).partition(" such cells")
        if "na_values=" in remedy:  # a missing time would be refused in its turn
            remedy = "); time=False with rate= does without this column"
        words = f"time {name!r} must be numbers or ISO 8601 datetimes"
        what = what.replace(f"column {name!r} must hold numbers", words)
        raise InvalidLogError(f"{what} such cells{remedy}") from error
    if isinstance(found.values, pd.Series):
        return None, None
    return found.values, found.unit


def _unit(
    header: Header,
    position: int,
    cell_unit: str | None,
    stated: Stated,
    request: Request,
    file: str,
) -> tuple[str | None, str]:
    """The unit of a time of numbers, and where it is stated when that is not the header."""
    raw = header.raw[position]
    own = time_name(raw).unit
    below = header.units[position]
    below = None if below in ("-", "1", "") else below
    if own is None and below is not None and not time_name(raw).unit:
        own = counted_unit(below)
        if own is None:
            raise ReadError(
                f"{file}: the unit of time {raw.strip()!r} must be one of s, ms, us, ns, min, h, "
                f"d; it is {below!r}: rename the column by names=, or give rate= with time=False"
            )
    own = own or (time_unit_of(cell_unit) if cell_unit else None)
    asked = counted_unit(request.time_unit) if request.time_unit is not None else None
    if asked is not None and own is not None and asked != own:
        raise InvalidParameterError(
            f"{file}: time_unit={request.time_unit!r} contradicts {raw.strip()!r}, which states "
            f"{own}; leave time_unit= out, or name the columns by names="
        )
    if own is None and asked is not None:
        return asked, "as told"
    if own is None and stated.time_unit is not None:
        return stated.time_unit, "stated above the table"
    return own, ""
