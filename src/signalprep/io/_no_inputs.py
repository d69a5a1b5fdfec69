"""Columns that count rows or time: no inputs, but witnesses against a wrong rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from signalprep.errors import InvalidLogError
from signalprep.io._header import Header
from signalprep.io._request import Request
from signalprep.io._time_choice import Clock
from signalprep.io._time_column import resolution
from signalprep.io._time_units import seconds_in, time_name, time_unit_of

JITTER = 0.01  # of a step, as everywhere
_SHARE = 0.9  # of the steps must go forward where a column is a time
_COUNTER = re.compile(
    r"#|index|idx|unnamed(?:: ?\d+)?|(?:row|rec|record|sample|scan|line|data ?point|point|sequence|"
    r"seq|reading|entry|measurement|messung|messwert|zeilen?|lfd\.?|lfd ?nr)"
    r"[ _.]*(?:no|nr|num|number|nummer|index|idx|id|count|counter|#)?\.?|counter|count|no\.?|nr\.?",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"zeit|time|stamp|uhr|temps|tiempo|tempo|datum|date|clock|elapsed|sekunde|second|millis|micros",
    re.IGNORECASE,
)


def no_inputs(
    file: str,
    header: Header,
    numbers: Mapping[int, Any],
    clock: Clock | None,
    request: Request,
    place: Callable[[int], str],
) -> list[int]:
    """Positions of columns that count rows or time and were not asked for by name.

    Raises
    ------
    InvalidLogError
        Without a time, the caller's rate contradicts such a column.
    """
    times = [k for k in numbers if may_be_time(header, k) and is_time(numbers[k])]
    if clock is None and request.rate is not None and request.time is None:
        for k in times:
            check_even(file, header, k, numbers[k], request.rate, place)
    if request.columns is not None or request.time is False:
        return []
    counters = [k for k in numbers if is_counter(header.raw[k], numbers[k])]
    others = [] if clock is None else [k for k in clock.others if k in numbers]
    return sorted({*times, *counters, *others})


def note_of(header: Header, aside: Sequence[int]) -> list[str]:
    """What the reading report says of columns that are no inputs of a model."""
    names = ", ".join(repr(header.names[k]) for k in aside)
    return [f"only count rows or time, no inputs of a model: {names}"] if aside else []


def is_counter(header: str, values: np.ndarray) -> bool:
    """Whether a column of such a name counts the rows, perhaps anew in each run."""
    plain = header.strip()
    if plain and not _COUNTER.fullmatch(plain):
        return False
    if len(values) < 3 or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        return False
    ahead = np.diff(values) == 1
    return bool((ahead | (values[1:] == values[0])).all() and ahead.any())


def may_be_time(header: Header, position: int) -> bool:
    """Whether name or unit of a column speak of time."""
    unit = header.units[position]
    return (
        (unit is not None and time_unit_of(unit) is not None)
        or time_name(header.raw[position]).named
        or _WORDS.search(header.names[position]) is not None
    )


def is_time(values: np.ndarray) -> bool:
    """Whether numbers run on as a time does, apart from restarts."""
    if values.dtype.kind not in "fiu" or len(values) < 3 or not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    return bool((steps > 0).mean() >= _SHARE)


def check_even(
    file: str,
    header: Header,
    position: int,
    values: np.ndarray,
    rate: float,
    place: Callable[[int], str],
) -> None:
    """Raise where a column of time contradicts a rate: by its step, a gap, a restart, jitter.

    Numbers whose unit is stated nowhere are checked for even steps only.
    """
    steps = np.diff(values.astype(np.float64))
    unit = header.units[position]
    known = time_unit_of(unit) if unit else time_name(header.raw[position]).unit
    median = float(np.median(steps))
    step = median if known is None else 1.0 / (rate * float(seconds_in(known)))
    allowed = JITTER * step
    tick = resolution(values)
    if tick is not None and 2.0 * tick < step and abs(float(steps.mean()) - step) <= JITTER * step:
        allowed += 1.01 * tick
    wrong = np.abs(steps - step) > allowed
    if not wrong.any():
        return
    row = int(np.argmax(wrong)) + 1
    name = header.names[position]
    behind = f" {known}" if known else ""
    raise InvalidLogError(
        f"{file}: rate={rate!r} contradicts column {name!r}, which goes on by "
        f"{steps[row - 1]:.6g}{behind} at {place(row)} where {step:.6g}{behind} is expected; "
        f"time={name!r} takes that column for the time, time=False insists on rate="
    )
