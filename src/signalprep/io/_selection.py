"""Which columns of a file are time, cycle and channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._header import Header, listed
from signalprep.io._request import Request
from signalprep.io._time_units import counted_unit, is_milliseconds, time_name, time_unit_of

RESET = "reset"  # of cycle=: one begins wherever time starts anew


@dataclass
class Selection:
    """Positions of the columns to read.

    Attributes
    ----------
    channels : the signals.
    times : what may be the time, best first: each one column, or a date and a time of day.
    cycle : what the cycle ids are made of; nothing where the file is one cycle.
    """

    channels: list[int]
    times: list[tuple[int, ...]]
    cycle: tuple[int, ...] = ()

    @property
    def positions(self) -> list[int]:
        """Every position, in the order of the file."""
        some = {k for time in self.times for k in time}
        return sorted({*self.channels, *some, *self.cycle})


def select(header: Header, kinds: Sequence[str], request: Request, file: str) -> Selection:
    """Find the columns the caller wants in this file.

    `kinds` tells what the cells of each column are: "number", "date", "clock", ...
    """
    cycle = _cycle_positions(header, request.cycle, file)
    if isinstance(request.time, str):
        times: list[tuple[int, ...]] = [(header.find(request.time, "time", file),)]
    elif isinstance(request.time, tuple):
        times = [tuple(header.find(name, "time", file) for name in request.time)]
    elif request.time is None:
        told = request.time_format is not None
        times = [time for time in time_candidates(header, kinds, told) if not {*cycle} & {*time}]
        times = _with_milliseconds(times, header, kinds)
    else:
        times = []
    named = {k for time in times for k in time} if request.time else set()
    if request.columns is None:
        channels = list(range(len(header.names)))
    else:
        channels = [header.find(name, "columns", file) for name in request.columns]
    channels = [k for k in dict.fromkeys(channels) if k not in cycle and k not in named]
    return Selection(channels, times, cycle)


def _cycle_positions(header: Header, wanted: tuple[str, ...], file: str) -> tuple[int, ...]:
    """Columns of the cycle ids; none where cycles begin as time starts anew."""
    if RESET in wanted and RESET not in header.names:
        refuse_reset_beside(wanted)
        return ()
    found = tuple(header.find(name, "cycle", file) for name in wanted)
    if len(set(found)) < len(found):
        raise InvalidParameterError(
            f"{file}: cycle must name each column once; got {list(wanted)!r}"
        )
    return found


def refuse_reset_beside(wanted: tuple[str, ...]) -> None:
    """Raise for "reset" beside columns."""
    if len(wanted) > 1:
        raise InvalidParameterError(
            f"cycle must be {RESET!r} alone or name columns; got {list(wanted)!r}"
        )


def time_candidates(
    header: Header, kinds: Sequence[str], told: bool = False
) -> list[tuple[int, ...]]:
    """Columns that can be the time: those that are named so, else dates and times of day.

    Where it is `told` how the time is written, any text may be one.
    """
    named = [k for k in range(len(kinds)) if _is_named_time(header, k, kinds[k], told)]
    stamped = [k for k, kind in enumerate(kinds) if kind in ("date", "clock")]
    pair = _date_and_clock([*dict.fromkeys([*named, *stamped])], kinds)
    if pair is not None:
        rest = [k for k in named if k not in pair]
        return [pair, *((k,) for k in rest)]
    spoken = [k for k in named if time_unit_of(header.raw[k]) is None]  # more than a bare unit
    found = spoken or named or stamped or _in_units_of_time(header, kinds)
    return [(k,) for k in found]


def _with_milliseconds(
    times: Sequence[tuple[int, ...]], header: Header, kinds: Sequence[str]
) -> list[tuple[int, ...]]:
    """A column of milliseconds right behind a date or time of day belongs to it."""
    fine = {
        k
        for k, kind in enumerate(kinds)
        if kind in ("number", "empty") and is_milliseconds(header.raw[k])
    }
    stamped = [time for time in times if kinds[time[-1]] in ("date", "clock", "day")]
    own = {max(time) + 1 for time in stamped} & fine
    joined = [(*time, max(time) + 1) if max(time) + 1 in own else time for time in times]
    return [time for time in joined if len(time) > 1 or time[0] not in own]


def _is_named_time(header: Header, position: int, kind: str, told: bool) -> bool:
    stamp = time_name(header.raw[position])
    if not stamp.named or kind == "switch" or (kind == "text" and not told):
        return False
    unit = header.units[position]
    return (
        unit in (None, "-", "1", "") or counted_unit(unit) is not None or kind in ("date", "clock")
    )


def _date_and_clock(positions: Sequence[int], kinds: Sequence[str]) -> tuple[int, int] | None:
    """A column of days and one of times of day, side by side."""
    for k in positions:
        for other in (k + 1, k - 1):
            if kinds[k] == "day" and other in positions and kinds[other] == "clock":
                return (k, other)
    return None


def _in_units_of_time(header: Header, kinds: Sequence[str]) -> list[int]:
    """The first column, when it is one of numbers in a unit of time, such as ``x-axis`` in s."""
    unit = header.units[0] if header.units else None
    fits = bool(kinds) and kinds[0] in ("number", "quantity") and unit is not None
    others = [other for other in header.units[1:] if other and time_unit_of(other)]
    return [0] if fits and time_unit_of(unit or "") and not others else []


def refuse_no_time(file: str, header: Header) -> ReadError:
    """The error of a table without a time."""
    return ReadError(
        f"{file}: no time column found among {listed(header.names)}; name it with time=, or give "
        "rate="
    )
