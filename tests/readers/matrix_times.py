"""How a table may write its time: the text of the cells, and the seconds they stand for.

Nothing here reads: every form is written from whole numbers, so that the seconds are known exactly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

WORDS = {
    "s": ("s", "S", "sec", "Sec", "secs", "second", "seconds", "Seconds"),
    "ms": ("ms", "msec", "mSec", "millisecond", "milliseconds", "Milliseconds"),
    "us": ("us", "µs", "μs", "usec", "microsecond", "microseconds"),
    "ns": ("ns", "nsec", "nanoseconds"),
    "min": ("min", "Min", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours", "Hours"),
}
SECONDS = {
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
    "us": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
    "min": Fraction(60),
    "h": Fraction(3600),
}
STEPS = {
    "s": ("0.1", "0.01", "0.05", "0.5", "1", "0.004", "0.0001"),
    "ms": ("100", "10", "1", "0.5", "20"),
    "us": ("1000", "100", "50", "12.5"),
    "min": ("0.005", "0.001", "0.01", "1"),
    "h": ("0.0001", "0.0002", "0.001"),
}
EPOCH_STEPS = {
    "s": ("1", "2", "0.1", "0.01"),
    "ms": ("1000", "100", "10", "1"),
    "us": ("1000", "100", "50", "10"),
    "ns": ("1000000", "100000", "20000"),
}
NAMES = ("time", "Time", "TIME", "t", "timestamp", "timestamps", "Test Time", "Elapsed Time")
PLAIN_NAMES = ("time", "Time", "TIME", "t")
STAMP_NAMES = ("time", "Time", "timestamp", "Timestamp", "datetime", "Zeit")
EXCEL_ZERO = datetime(1899, 12, 30)
UNIX_ZERO = datetime(1970, 1, 1)


@dataclass(frozen=True)
class OneOf:
    """Values of a parameter that would all be right; a reader may know only some of them."""

    values: tuple[Any, ...]


@dataclass
class Setting:
    """What a form of time needs to know of the table around it.

    Attributes
    ----------
    ticks : number of steps from the start, of each row.
    mark : decimal mark.
    place : where a unit can be stated: "header" or "units row".
    blanks : whether names and cells may hold blanks.
    greek : whether the encoding has the Greek letter mu.
    """

    rng: random.Random
    ticks: list[int]
    mark: str
    place: str
    blanks: bool
    greek: bool

    @property
    def restarts(self) -> bool:
        return 0 in self.ticks[1:]

    def number(self, value: Decimal) -> str:
        return f"{value:f}".replace(".", self.mark)


@dataclass
class Stamps:
    """The time columns of a table, and the truth.

    Attributes
    ----------
    headers : names of the time columns as the header says them; empty: no time column.
    cells : one list a column, one text a row.
    seconds : time of each row, exact.
    units : what a units row says of these columns.
    from_start : whether only the time since the first row is told by the file.
    zero : seconds since 1970 of ``seconds == 0``, for logs indexed by datetimes; None: no date.
    tolerance : what a float64 of the text itself may be off, in seconds.
    facts : parameters of read_log that are true.
    """

    headers: list[str]
    cells: list[list[str]]
    seconds: list[Fraction]
    units: list[str] = field(default_factory=list)
    from_start: bool = True
    zero: Fraction | None = None
    tolerance: Fraction = Fraction(0)
    facts: dict[str, Any] = field(default_factory=dict)


def _name(setting: Setting, names: Sequence[str]) -> str:
    return setting.rng.choice([name for name in names if setting.blanks or " " not in name])


def _spelling(setting: Setting, unit: str) -> str:
    return setting.rng.choice([word for word in WORDS[unit] if setting.greek or "μ" not in word])


def _headed(setting: Setting, unit: str, names: Sequence[str] = NAMES) -> tuple[str, str]:
    """Header of a time column with its unit, and what the units row says."""
    rng, name, word = setting.rng, _name(setting, names), _spelling(setting, unit)
    if setting.place == "units row":
        return name, word
    style = rng.choice(("[]", "()", "{}", "/", "_"))
    if style == "_":
        long = {"min": "minutes", "h": "hours"}
        return f"{name.replace(' ', '_')}_{long.get(unit, word)}", ""
    if style == "/":
        return f"{name}{rng.choice((' / ', '/')) if setting.blanks else '/'}{word}", ""
    gap = rng.choice((" ", "")) if setting.blanks else ""
    return f"{name}{gap}{style[0]}{word}{style[1]}", ""


def _column(setting: Setting, start: Decimal, step: Decimal) -> tuple[list[str], list[Decimal]]:
    """Text and value of start + tick * step, exact, with a fixed number of digits or without."""
    values = [start + tick * step for tick in setting.ticks]
    if setting.rng.random() < 0.5:  # 0.0, 0.1, ... 1.0 or 0, 0.1, ... 1
        values = [value.normalize() if value else Decimal(0) for value in values]
    return [setting.number(value) for value in values], values


def stated(unit: str) -> Callable[[Setting], Stamps]:
    """Numbers whose unit stands in the header or in the units row."""

    def make(setting: Setting) -> Stamps:
        rng = setting.rng
        step = Decimal(rng.choice(STEPS[unit]))
        header, word = _headed(setting, unit)
        start = 0 if setting.restarts else rng.choice((0, 0, 3, 125))
        text, values = _column(setting, step * start, step)
        seconds = [Fraction(value) * SECONDS[unit] for value in values]
        facts = {"time": header, "time_unit": unit}
        return Stamps([header], [text], seconds, [word], from_start=False, facts=facts)

    return make


def unstated(unit: str, steps: Sequence[str]) -> Callable[[Setting], Stamps]:
    """Numbers whose unit stands nowhere."""

    def make(setting: Setting) -> Stamps:
        step = Decimal(setting.rng.choice(steps))
        name = _name(setting, PLAIN_NAMES)
        start = 0 if setting.restarts else setting.rng.choice((0, 0, 10))
        text, values = _column(setting, step * start, step)
        seconds = [Fraction(value) * SECONDS[unit] for value in values]
        facts = {"time": name, "time_unit": unit}
        return Stamps([name], [text], seconds, [""], from_start=False, facts=facts)

    return make


def epoch(unit: str, told: bool) -> Callable[[Setting], Stamps]:
    """Seconds, ms, us or ns since 1970, with or without the unit."""

    def make(setting: Setting) -> Stamps:
        rng = setting.rng
        step = Decimal(rng.choice(EPOCH_STEPS[unit]))
        per_second = int(1 / SECONDS[unit])
        start = Decimal(1_726_650_000 + rng.randrange(10**7)) * per_second
        start += step * rng.randrange(100)
        if told:
            header, word = _headed(setting, unit, ("time", "Time", "timestamp"))
        else:
            header, word = _name(setting, PLAIN_NAMES), ""
        values = [start + tick * step for tick in setting.ticks]
        text = [setting.number(value) for value in values]
        seconds = [Fraction(value) * SECONDS[unit] for value in values]
        facts = {"time": header, "time_unit": unit}
        return Stamps([header], [text], seconds, [word], zero=Fraction(0), facts=facts)

    return make


def excel_days(setting: Setting) -> Stamps:
    """Days since 1899-12-30, rounded to 9 to 12 digits as spreadsheets do."""
    rng = setting.rng
    step = Decimal(rng.choice(("0.1", "1", "0.5")))
    start = Decimal(45_413 + rng.randrange(300)) + Decimal(rng.randrange(86_000)) / 86_400
    digits = Decimal(1).scaleb(-rng.choice((9, 10, 12)))
    values = [(start + tick * step / 86_400).quantize(digits) for tick in setting.ticks]
    name = _name(setting, PLAIN_NAMES)
    return Stamps(
        [name],
        [[setting.number(value) for value in values]],
        [Fraction(value) * 86_400 for value in values],
        [""],
        zero=Fraction(int((EXCEL_ZERO - UNIX_ZERO).total_seconds())),
        tolerance=Fraction(2, 10**6),  # float64 of 45413 days
        facts={"time": name, "time_unit": OneOf(("d", "days", "day", "excel"))},
    )


@dataclass(frozen=True)
class _Instant:
    """A point in time, exact."""

    day: datetime
    fraction: Fraction

    def text(self, pattern: str, mark: str = ".", digits: int = 0) -> str:
        """strftime, with "@" for the fraction of the second, its mark included."""
        part = f"{mark}{int(self.fraction * 10**digits):0{digits}d}" if digits else ""
        return self.day.strftime(pattern).replace("@", part)


def _instants(setting: Setting, step: Fraction, *, midnight: bool) -> list[_Instant]:
    rng, ticks = setting.rng, setting.ticks
    start = datetime(2024, rng.randint(1, 12), rng.randint(1, 28))
    start += timedelta(seconds=rng.randrange(86_000))
    if midnight:
        half = int(ticks[len(ticks) // 2] * step) + 1
        start = start.replace(hour=0, minute=0, second=0) - timedelta(seconds=half)
    found = []
    for tick in ticks:
        whole, fraction = divmod(tick * step, 1)
        found.append(_Instant(start + timedelta(seconds=int(whole)), fraction))
    return found


def _since_1970(instants: Sequence[_Instant]) -> list[Fraction]:
    return [
        Fraction(int((instant.day - UNIX_ZERO).total_seconds())) + instant.fraction
        for instant in instants
    ]


def _resolution(setting: Setting) -> tuple[Fraction, int]:
    """A step, and the digits of the second that write it."""
    step, digits = setting.rng.choice(((1, 0), (Fraction(1, 10), 1), (Fraction(1, 100), 3)))
    return Fraction(step), digits


def compact(setting: Setting) -> Stamps:
    """yyyymmddHHMMSS, half of them across a full minute."""
    rng = setting.rng
    step = Fraction(rng.choice((1, 2)))
    instants = _instants(setting, step, midnight=rng.random() < 0.5)
    name = _name(setting, PLAIN_NAMES)
    return Stamps(
        [name],
        [[instant.text("%Y%m%d%H%M%S") for instant in instants]],
        _since_1970(instants),
        [""],
        zero=Fraction(0),
        facts={"time": name, "time_format": "%Y%m%d%H%M%S"},
    )


def iso(kind: str) -> Callable[[Setting], Stamps]:
    """ISO 8601: "T", "blank", "offset", "Z", "fraction", "python" (no fraction on full seconds)."""

    def make(setting: Setting) -> Stamps:
        rng = setting.rng
        step, digits = _resolution(setting)
        if kind in ("fraction", "python"):
            step, digits = Fraction(1, 10), 6 if kind == "python" else rng.choice((1, 3, 6, 9))
        instants = _instants(setting, step, midnight=rng.random() < 0.3)
        mark = "." if kind == "python" or digits == 9 else rng.choice((".", setting.mark))
        join = " " if kind == "blank" else "T"
        hours = rng.choice((-5, 1, 2)) if kind == "offset" else 0
        zone = {"offset": f"{hours:+03d}:00", "Z": "Z"}.get(kind, "")
        pattern = f"%Y-%m-%d{join}%H:%M:%S@"
        text = [
            instant.text(pattern, mark, digits if instant.fraction or kind != "python" else 0)
            + zone
            for instant in instants
        ]
        name = _name(setting, STAMP_NAMES)
        facts: dict[str, Any] = {"time": name}
        if kind != "python" and digits < 9:
            facts["time_format"] = pattern.replace("@", f"{mark}%f" if digits else "") + (
                "%z" if zone else ""
            )
        zero = Fraction(-3600 * hours)
        return Stamps([name], [text], _since_1970(instants), [""], zero=zero, facts=facts)

    return make


def clock(setting: Setting) -> Stamps:
    """hh:mm:ss of the day, mostly past midnight."""
    rng = setting.rng
    step, digits = _resolution(setting)
    instants = _instants(setting, step, midnight=rng.random() < 0.7)
    mark = rng.choice((".", setting.mark))
    name = _name(setting, ("time", "Time", "clock", "Uhrzeit"))
    return Stamps(
        [name],
        [[instant.text("%H:%M:%S@", mark, digits) for instant in instants]],
        _since_1970(instants),
        [""],
        facts={"time": name, "time_format": "%H:%M:%S" + (f"{mark}%f" if digits else "")},
    )


def local_date(day: str) -> Callable[[Setting], Stamps]:
    """d.m.Y or m/d/Y and a time of day, in one column."""

    def make(setting: Setting) -> Stamps:
        rng = setting.rng
        step, digits = _resolution(setting)
        instants = _instants(setting, step, midnight=rng.random() < 0.5)
        mark = rng.choice((".", setting.mark))
        pattern = f"{day} %H:%M:%S@"
        if day.startswith("%m") and rng.random() < 0.4:
            pattern, digits = f"{day} %I:%M:%S %p", 0
            instants = _instants(setting, Fraction(1), midnight=rng.random() < 0.5)
        name = _name(setting, STAMP_NAMES)
        return Stamps(
            [name],
            [[instant.text(pattern, mark, digits) for instant in instants]],
            _since_1970(instants),
            [""],
            zero=Fraction(0),
            facts={
                "time": name,
                "time_format": pattern.replace("@", f"{mark}%f" if digits else ""),
            },
        )

    return make


def two_columns(setting: Setting) -> Stamps:
    """A date and a time of day in columns of their own."""
    rng = setting.rng
    step, digits = _resolution(setting)
    instants = _instants(setting, step, midnight=rng.random() < 0.5)
    mark = rng.choice((".", setting.mark))
    day = rng.choice(("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"))
    names = list(rng.choice((("Date", "Time"), ("date", "time"), ("Datum", "Uhrzeit"))))
    facts: dict[str, Any] = {"time": names}
    if day != "%Y-%m-%d":
        facts["time_format"] = f"{day} %H:%M:%S" + (f"{mark}%f" if digits else "")
    return Stamps(
        names,
        [
            [instant.text(day) for instant in instants],
            [instant.text("%H:%M:%S@", mark, digits) for instant in instants],
        ],
        _since_1970(instants),
        ["", ""],
        zero=Fraction(0),
        facts=facts,
    )


def two_clocks(setting: Setting) -> Stamps:
    """A wall clock in full seconds, too coarse for the rows, beside the seconds since the start."""
    step = Decimal(setting.rng.choice(("0.1", "0.05")))
    header, word = _headed(setting, "s", ("time", "Time", "Elapsed Time"))
    text, values = _column(setting, Decimal(0), step)
    coarse = _instants(setting, Fraction(step), midnight=setting.rng.random() < 0.3)
    return Stamps(
        ["Timestamp", header],
        [[instant.text("%Y-%m-%dT%H:%M:%S") for instant in coarse], text],
        [Fraction(value) for value in values],
        ["", word],
        from_start=False,
        facts={"time": header, "time_unit": "s"},
    )


def duration(kind: str) -> Callable[[Setting], Stamps]:
    """Hours beyond 24, "days" (a day prefix), or "colon" (hh:mm:ss:fff)."""

    def make(setting: Setting) -> Stamps:
        rng = setting.rng
        step, digits = _resolution(setting)
        digits = 3 if kind == "colon" else digits
        half = int(setting.ticks[len(setting.ticks) // 2] * step) + 1
        start = rng.choice((86_400 - half, 0, 97_200))
        seconds = [start + tick * step for tick in setting.ticks]
        mark = {"colon": ":", "days": "."}.get(kind) or rng.choice((".", setting.mark))
        text = [_duration_text(value, kind, mark, digits) for value in seconds]
        name = _name(setting, ("time", "Time", "Test Time"))
        return Stamps([name], [text], seconds, [""], facts={"time": name})

    return make


def _duration_text(value: Fraction, kind: str, mark: str, digits: int) -> str:
    whole, fraction = divmod(value, 1)
    days, rest = divmod(int(whole), 86_400) if kind == "days" else (0, int(whole))
    prefix = f"{days} days " if kind == "days" else ""
    part = f"{mark}{int(fraction * 10**digits):0{digits}d}" if digits else ""
    return f"{prefix}{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{part}"


def none(setting: Setting) -> Stamps:
    """No time column: rows at a rate that only the caller knows."""
    rate = setting.rng.choice((1, 10, 100, 1000, 12.5))
    seconds = [Fraction(row) / Fraction(rate) for row in range(len(setting.ticks))]
    return Stamps([], [], seconds, from_start=False, facts={"rate": float(rate)})


FORMS: dict[str, Callable[[Setting], Stamps]] = {
    **{unit: stated(unit) for unit in STEPS},
    "unstated s": unstated("s", ("0.1", "0.01", "0.5", "1", "0.004", "0.0001", "5")),
    "unstated ms": unstated("ms", ("20", "50", "100", "500", "1000")),
    **{f"epoch {unit}": epoch(unit, told=True) for unit in EPOCH_STEPS},
    **{f"unstated epoch {unit}": epoch(unit, told=False) for unit in EPOCH_STEPS},
    "Excel days": excel_days,
    "yyyymmddHHMMSS": compact,
    **{f"ISO {kind}": iso(kind) for kind in ("T", "blank", "offset", "Z", "fraction", "python")},
    "clock": clock,
    "d.m.Y": local_date("%d.%m.%Y"),
    "m/d/Y": local_date("%m/%d/%Y"),
    "two columns": two_columns,
    "two clocks": two_clocks,
    "duration": duration("hours"),
    "duration with days": duration("days"),
    "duration with colon": duration("colon"),
    "no time": none,
}
STATED = (*STEPS, *(f"epoch {unit}" for unit in EPOCH_STEPS), "two clocks")
RESTARTING = (*STEPS, "unstated s", "unstated ms")
WITH_BLANKS = ("ISO blank", "d.m.Y", "m/d/Y", "duration with days")
