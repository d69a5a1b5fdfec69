"""A column of time as seconds from a start, or as datetimes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, ReadError
from signalprep.io._cells import CLOCK, DATE, ISO, quoted
from signalprep.io._time_units import seconds_in

FAR = 1e7  # seconds: a later first stamp counts from long before the recording
SLOWEST, FASTEST = 0.1, 2e5  # Hz, of a time whose unit is stated nowhere
_DAY = 86_400_000_000_000  # ns
_FIRST, _LAST = 1e8, 4.2e9  # s: an epoch from 1973 to 2103
_FILETIME = (1.1e17, 1.6e17)  # 100 ns since 1601, from 1949 to 2108
_SHEET = (20_000, 80_000)  # days since 1900, from 1954 to 2119
_DATENUM = (7.1e5, 7.7e5)  # days since the year 0, from 1943 to 2108
_JULIAN = (2.43e6, 2.49e6)  # days of the Julian calendar, from 1941 to 2105
_EXCEL = np.datetime64("1899-12-30", "ns")
_MONTHS = {
    name: f"{k + 1:02d}"
    for k, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())
}
_DMY = re.compile(r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{1,4})")


@dataclass
class Stamps:
    """The time of the rows.

    Attributes
    ----------
    seconds : float64 seconds; from the recording's start where `start` says when that was.
    datetimes : datetime64[ns] in UTC or, without an offset in the file, as written; else None.
    start : when the recording began, in words, with its zone "utc", "offset" or "unknown".
    unit : unit of the stamps in the file, where they are numbers.
    """

    seconds: np.ndarray
    datetimes: np.ndarray | None = None
    start: str | None = None
    unit: str = ""


def from_numbers(values: np.ndarray, unit: str | None, name: str, file: str) -> Stamps:
    """Time from numbers in a unit; without one they must be seconds beyond doubt.

    Stamps that count from long before the recording (epochs, days of a spreadsheet) begin at 0;
    whole numbers and decimals stay exact until the start is subtracted.
    """
    known = values
    if values.dtype.kind == "f" and not (finite := np.isfinite(values)).all():
        known = values[finite]
    if not len(known):
        raise InvalidLogError(f"{file}: time {name!r} must be numbers; every cell is missing")
    first = float(known[0])
    if unit is None:
        _refuse_doubtful(known, name, file)
        return Stamps(np.asarray(values, dtype=np.float64), unit="s, as none is stated")
    factor = seconds_in(unit)
    if abs(first) * float(factor) < FAR:
        return Stamps(_scaled(values, factor), unit=unit)
    ticks, per_unit = _as_ticks(values)
    if ticks is None:
        moved = (values - first) * float(factor)
    else:
        start = ticks[int(np.argmax(np.isfinite(values)))] if values.dtype.kind == "f" else ticks[0]
        moved = _scaled((ticks - start).astype(np.float64), factor / per_unit)
        moved[~np.isfinite(values.astype(np.float64))] = np.nan
    return Stamps(moved, start=_epoch_start(first, unit), unit=unit)


def _scaled(values: np.ndarray, factor: Fraction) -> np.ndarray:
    """Values times an exact factor, rounded once where that is possible."""
    numbers = np.asarray(values, dtype=np.float64)
    if factor.numerator == 1:
        return numbers if factor.denominator == 1 else numbers / float(factor.denominator)
    return numbers * float(factor.numerator) / float(factor.denominator)


def _as_ticks(values: np.ndarray) -> tuple[np.ndarray | None, int]:
    """Whole numbers of the values' last decimal, and how many of them make one."""
    if values.dtype.kind in "iu":
        return values.astype(np.int64), 1
    known = np.nan_to_num(values, nan=float(values[np.isfinite(values)][0]))
    rounding = float(np.spacing(np.abs(known).max()))
    for decimals in range(10):
        scale = 10.0**decimals
        scaled = known * scale
        if np.abs(scaled).max() > 2.0**52 or rounding * scale > 0.25:
            return None, 1
        ticks = np.rint(scaled)
        if (np.abs(scaled - ticks) <= rounding * scale).all():
            return ticks.astype(np.int64), 10**decimals
    return None, 1


def resolution(values: np.ndarray) -> float | None:
    """The last decimal of the values; None where they have too many."""
    ticks, per_unit = _as_ticks(values)
    return None if ticks is None else 1.0 / per_unit


def _epoch_start(first: float, unit: str) -> str | None:
    """When a recording began, where its stamps count from 1970 or are days of a spreadsheet."""
    seconds = first * float(seconds_in(unit))
    if unit == "d" and 1.0 <= first < _DATENUM[0]:
        moment = _EXCEL + np.timedelta64(round(seconds * 1e6), "us")
        return f"{moment.astype('datetime64[ms]')} (unknown)"
    if not _FIRST <= seconds <= _LAST:
        return None
    return f"{np.datetime64(round(seconds * 1e3), 'ms')} (utc)"


def may_count_from(first: float, unit: str) -> bool:
    """Whether a first stamp in a unit can count from the recording's start, or from 1970.

    Digits such as 20240211235919 are no seconds.
    """
    seconds = abs(first) * float(seconds_in(unit))
    return seconds < FAR or _FIRST <= seconds <= _LAST


def _refuse_doubtful(values: np.ndarray, name: str, file: str) -> None:
    """Raise unless numbers of no stated unit can be taken for seconds."""
    numbers = values[:100_000].astype(np.float64)
    steps = np.diff(numbers)
    steps = steps[steps > 0]
    step = float(np.median(steps)) if len(steps) else None
    first = float(numbers[0])
    _refuse_clock_digits(numbers, name, file)
    days = any(low <= first <= high for low, high in (_SHEET, _DATENUM, _JULIAN))
    days = days and step is not None and step < 1e-3
    if first < FAR and not days and (step is None or SLOWEST <= 1.0 / step <= FASTEST):
        return
    what = f"starts at {first:.15g}" + ("" if step is None else f" and goes on by {step:.6g}")
    raise ReadError(
        f"{file}: the unit of time {name!r} is stated nowhere, and {what} are no seconds of a "
        f"log; it may be {' or '.join(_readings(first, step))}"
    )


def _refuse_clock_digits(numbers: np.ndarray, name: str, file: str) -> None:
    """Digits such as 140759, 140800 are hours, minutes and seconds, with no gap between."""
    if (numbers[:1000] % 100 >= 60).any():
        return
    hours, minutes, seconds = numbers // 1e4, numbers // 100 % 100, numbers % 100
    if not ((numbers >= 0) & (hours < 24) & (minutes < 60) & (seconds < 60)).all():
        return
    as_clock = np.diff(hours * 3600 + minutes * 60 + seconds)
    skips = np.diff(numbers) - as_clock
    usual = float(np.median(as_clock)) if len(as_clock) else 0.0
    if not (skips >= 40).any() or not usual > 0 or usual != float(np.median(np.diff(numbers))):
        return
    if (as_clock[skips >= 40] > 1.5 * usual).any():
        return
    fraction = "" if (numbers == np.rint(numbers)).all() else ".%f"
    raise ReadError(
        f"{file}: the unit of time {name!r} is stated nowhere, and no value has more than 59 in "
        f"its last two places: hours, minutes and seconds (time_format='%H%M%S{fraction}') or "
        "seconds with gaps (time_unit='s')"
    )


def _readings(first: float, step: float | None) -> list[str]:
    """What numbers may be, each with the parameter that says so."""
    found = []
    year = int(first // 10**10) if first < 1e15 else int(first // 10**13)
    if 1990 <= year <= 2100 and first >= 1e13 and _is_compact(first):
        found.append(
            "yyyymmddHHMMSS (time_format='%Y%m%d%H%M%S" + ("%f')" if first >= 1e15 else "')")
        )
    if _FILETIME[0] <= first <= _FILETIME[1]:
        return ["100 ns since 1601 (time_unit='100 ns')"]
    later = _DATENUM[0] <= first <= _DATENUM[1] or _JULIAN[0] <= first <= _JULIAN[1]
    if later and step is not None and step < 1e-3:
        found.append("days of a calendar (time_unit='d')")
        return [*found, "seconds (time_unit='s')"] if 1.0 / step <= FASTEST else found
    fine = abs(first) < FAR and step is not None and step < 1.0 / FASTEST
    if fine:
        found.append("s (time_unit='s')")
    for unit in ("s", "ms", "us", "ns"):
        seconds = first * float(seconds_in(unit))
        if _FIRST <= seconds <= _LAST and _is_possible(step, unit):
            found.append(f"{unit} since 1970 (time_unit={unit!r})")
    if _SHEET[0] <= first <= _SHEET[1] and step is not None and step < 1e-3:
        found.append("days of a spreadsheet (time_unit='d')")
        if 1.0 / step <= FASTEST:
            found.append("seconds (time_unit='s')")
    if not found or fine:
        for unit in ("ms", "us", "ns", "min", "h", "d", "s"):
            if _is_possible(step, unit) and first * float(seconds_in(unit)) < _LAST:
                whole = unit == "ms" and 1e6 <= first < 86_400_000
                found.append(f"{unit}{' of the day' * whole} (time_unit={unit!r})")
    if first < FAR and not any("'s'" in words for words in found):
        found.append("seconds (time_unit='s')")
    return found or ["seconds (time_unit='s')"]


def _is_possible(step: float | None, unit: str) -> bool:
    return step is None or SLOWEST / 60 <= 1.0 / (step * float(seconds_in(unit))) <= FASTEST


def _is_compact(first: float) -> bool:
    """Whether the digits read as year, month, day, hour, minute and second."""
    text = f"{int(first)}"[:14]
    parts = [int(text[k : k + 2]) for k in (4, 6, 8, 10, 12)]
    return 1 <= parts[0] <= 12 and 1 <= parts[1] <= 31 and parts[2] < 24 and max(parts[3:]) < 60


def from_text(text: pd.Series, name: str, file: str, time_format: str | None = None) -> Stamps:
    """Time from dates, times of day or durations written as text.

    Raises
    ------
    ReadError
        Dates that can be read in two ways, or that lie outside the range of nanoseconds.
    InvalidLogError
        A cell that is no such time.
    """
    stripped = text.astype(str).str.strip().where(text.notna(), None)
    if time_format is not None:
        return _by_format(stripped, name, file, time_format)
    present = stripped.dropna()
    probe = str(present.iloc[0]) if len(present) else ""
    if ISO.fullmatch(probe):
        return from_iso(stripped, name, file)
    if DATE.fullmatch(probe):
        return _from_local_dates(stripped, name, file)
    if CLOCK.fullmatch(probe):
        return _from_clock(stripped, name, file)
    raise InvalidLogError(
        f"{file}: time {name!r} must be numbers, ISO 8601 datetimes, dates or times of day; found "
        f"{quoted(probe)}: time_format= says how it is written"
    )


def from_iso(text: pd.Series, name: str, file: str) -> Stamps:
    """Time from ISO 8601 text; stamps with an offset become UTC."""
    commas = text.str.replace(",", ".", regex=False) if _any(text, ",") else text
    if _any(text, "UTC") or _any(text, "GMT"):
        commas = commas.str.replace(r" (?:UTC|GMT)$", "Z", regex=True)
    stamps = pd.to_datetime(commas, format="ISO8601", errors="coerce", utc=True)
    wrong = (stamps.isna() & text.notna()).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        cell = str(text.iloc[row])
        if ISO.fullmatch(cell) and not "1678" <= cell[:4] < "2262":  # old pandas reads no others
            raise _of_other_century(name, file, row, cell)
        raise InvalidLogError(
            f"{file}: time {name!r} must be numbers or ISO 8601 datetimes; "
            f"found {quoted(cell)} at row {row}"
        )
    probe = next(iter(text.dropna()), "")
    if probe.endswith(("Z", "UTC", "GMT")):
        zone = "utc"
    else:
        zone = "offset" if re.search(r"\d ?[+-]\d\d(:?\d\d)?$", probe[10:]) else "unknown"
    return from_datetimes(stamps.dt.tz_localize(None), name, file, zone)


def with_milliseconds(stamps: Stamps, fine: np.ndarray, name: str, file: str) -> Stamps:
    """Time of whole seconds and, beside it, the milliseconds of each row."""
    known = np.isfinite(fine) & np.isfinite(stamps.seconds)
    whole = (fine[known] == np.rint(fine[known])) & (fine[known] >= 0) & (fine[known] < 1000)
    seconds = stamps.seconds[known]
    if not known.any() or not whole.all() or (seconds != np.rint(seconds)).any():
        raise ReadError(
            f"{file}: time {name!r} must be whole seconds and milliseconds from 0 to 999; time= "
            "names the columns of another time"
        )
    parts = np.where(known, fine, 0.0)
    if stamps.datetimes is None:
        first = int(np.argmax(known))
        moved = stamps.seconds + (parts - parts[first]) / 1e3
        return Stamps(np.where(known, moved, np.nan), start=stamps.start, unit=stamps.unit)
    exact = stamps.datetimes + (parts * 1e6).astype("timedelta64[ns]")
    exact[~known] = np.datetime64("NaT")
    zone = (stamps.start or "(unknown)").rpartition("(")[2].rstrip(")")
    return from_datetimes(pd.Series(exact), name, file, zone)


def _any(text: pd.Series, mark: str) -> bool:
    return any(mark in cell for cell in text.dropna().iloc[:20])


def from_datetimes(stamps: pd.Series, name: str, file: str, zone: str) -> Stamps:
    """Time from datetimes of any resolution, which must fit into nanoseconds."""
    exact = as_nanoseconds(stamps, name, file)
    known = exact[~np.isnat(exact)]
    if not len(known):
        raise InvalidLogError(f"{file}: time {name!r} must be known; every cell is missing")
    seconds = (exact - known[0]).astype(np.float64) / 1e9
    seconds[np.isnat(exact)] = np.nan
    start = f"{np.datetime_as_string(known[0], unit='ms')} ({zone})"
    return Stamps(seconds, exact, start)


def as_nanoseconds(stamps: pd.Series, name: str, file: str) -> np.ndarray:
    """Datetimes in nanoseconds; those of other centuries are refused and never wrap around."""
    try:
        return stamps.dt.as_unit("ns").to_numpy(dtype="datetime64[ns]")
    except pd.errors.OutOfBoundsDatetime as error:
        low, high = np.datetime64("1678-01-01"), np.datetime64("2262-01-01")
        days = stamps.to_numpy(dtype="datetime64[s]")
        row = int(np.argmax((days < low) | (days > high)))
        raise _of_other_century(name, file, row, stamps.iloc[row]) from error


def _of_other_century(name: str, file: str, row: int, stamp: object) -> ReadError:
    return ReadError(
        f"{file}: time {name!r} must lie between the years 1678 and 2262; row {row} says {stamp} "
        "(the logger had no clock?): time=False with rate= does without"
    )


def _by_format(text: pd.Series, name: str, file: str, time_format: str) -> Stamps:
    zoned = "%z" in time_format.casefold()
    try:
        stamps = pd.to_datetime(text, format=time_format, errors="coerce", utc=zoned)
    except (ValueError, re.error) as error:
        raise ReadError(f"{file}: time_format={time_format!r} cannot be used ({error})") from error
    wrong = (stamps.isna() & text.notna()).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ReadError(
            f"{file}: time {name!r} must be written as time_format={time_format!r} says; found "
            f"{quoted(text.iloc[row])} at row {row}"
        )
    if zoned:
        stamps = stamps.dt.tz_localize(None)
    if any(mark in time_format for mark in ("%Y", "%y", "%j", "%x", "%c", "%G", "%d")):
        return from_datetimes(stamps, name, file, "offset" if zoned else "unknown")
    nanoseconds = as_nanoseconds(stamps, name, file)
    return _of_day((nanoseconds - nanoseconds.astype("datetime64[D]")).astype(np.int64), stamps)


def _of_day(nanoseconds: np.ndarray, cells: pd.Series) -> Stamps:
    """Seconds from the first time of day; each step back by half a day and more is a midnight."""
    missing = cells.isna().to_numpy()
    known = nanoseconds[~missing]
    if not len(known):
        raise InvalidLogError("time must be known; every cell is missing")
    midnights = np.cumsum(np.concatenate(([0], np.diff(known) < -_DAY // 2)))
    running = known + midnights * _DAY
    seconds = np.full(len(nanoseconds), np.nan)
    seconds[~missing] = (running - running[0]) / 1e9
    first = pd.Timedelta(int(known[0]), unit="ns").components
    clock = f"{first.hours:02d}:{first.minutes:02d}:{first.seconds:02d}.{first.milliseconds:03d}"
    return Stamps(seconds, start=f"{clock}, day not stated (unknown)")


def from_time_of_day(counts: pd.Series, per_second: int) -> Stamps:
    """Time from whole counts since midnight."""
    whole = counts.fillna(0).to_numpy(dtype=np.int64) * (1_000_000_000 // per_second)
    return _of_day(whole, counts)


def _from_clock(text: pd.Series, name: str, file: str) -> Stamps:
    """Times of day, or durations where hours go beyond 23 or days stand in front."""
    parts = text.str.extract(CLOCK.pattern).where(text.notna())
    whole = text.fillna("").map(lambda cell: CLOCK.fullmatch(cell) is not None or cell == "")
    if not whole.all():
        row = int(np.argmin(whole.to_numpy()))
        raise InvalidLogError(
            f"{file}: time {name!r} must be times of day or durations; found "
            f"{quoted(text.iloc[row])} at row {row}"
        )
    short = parts["seconds"].isna() & text.notna()
    if short.any() and parts["fraction"].isna()[short].any():
        raise ReadError(
            f"{file}: time {name!r} such as {quoted(text[short].iloc[0])} may be hours and minutes "
            "or minutes and seconds; give time_format='%H:%M' or time_format='%M:%S'"
        )
    number = {
        key: parts[key].fillna("0").astype(np.int64).to_numpy()
        for key in ("days", "hours", "minutes", "seconds")
    }
    if short.any():  # minutes, seconds and a fraction
        number["seconds"], number["minutes"] = number["minutes"], number["hours"]
        number["hours"] = np.zeros_like(number["hours"])
    half = parts["half"].fillna("").str.strip().str.casefold().str[:1].to_numpy()
    hours = np.where(half == "p", number["hours"] % 12 + 12, number["hours"])
    hours = np.where(half == "a", hours % 12, hours)
    fraction = parts["fraction"].fillna("0").str.ljust(9, "0").astype(np.int64).to_numpy()
    seconds = ((number["days"] * 24 + hours) * 60 + number["minutes"]) * 60 + number["seconds"]
    nanoseconds = seconds * 1_000_000_000 + fraction
    nanoseconds = np.where(text.fillna("").str.startswith("-"), -nanoseconds, nanoseconds)
    if parts["days"].notna().any() or (hours > 23).any() or (text.fillna("").str[:1] == "-").any():
        found = nanoseconds / 1e9
        return Stamps(np.where(text.isna(), np.nan, found), unit="durations")
    return _of_day(nanoseconds, text)


def _from_local_dates(text: pd.Series, name: str, file: str) -> Stamps:
    """Dates such as 1.5.2024 or 05-Mar-2024, with a time of day behind them."""
    split = text.str.extract(r"^(?P<date>[^\sT,]+(?: [A-Za-z]{3} \d{4})?)[\sT,]*(?P<clock>.*)$")
    dates = split["date"].map(_named_month, na_action="ignore")
    unique = [str(date) for date in dates.dropna().unique()]
    cells = split["clock"].fillna("").str.strip()
    if foreign := [date for date in unique if any(map(str.isalpha, date))]:
        raise InvalidLogError(
            f"{file}: dates of time {name!r} must have numbers or English short names for months; "
            f"found {quoted(foreign[0])}; time=False with rate= does without"
        )
    order = _order_of(unique, name, file, _clock_format(next(iter(cells[cells != ""]), "")))
    iso = {date: _iso_date(date, order) for date in unique}
    wrong = [date for date, found in iso.items() if found is None]
    if wrong:
        row = int(np.argmax((dates == wrong[0]).to_numpy()))
        raise InvalidLogError(
            f"{file}: time {name!r} must be dates; found {quoted(text.iloc[row])} at row {row}"
        )
    clocks = split["clock"].fillna("").str.strip()
    nanoseconds = np.zeros(len(text), dtype=np.int64)
    if (clocks != "").any():
        nanoseconds = _nanoseconds_of_day(clocks.where(text.notna()), name, file)
    days = pd.to_datetime(dates.map(iso), format="%Y-%m-%d", errors="coerce")
    wrong_day = (days.isna() & text.notna()).to_numpy()
    if wrong_day.any():
        row = int(np.argmax(wrong_day))
        raise InvalidLogError(
            f"{file}: time {name!r} must be dates; found {quoted(text.iloc[row])} at row {row}"
        )
    exact = as_nanoseconds(days, name, file) + nanoseconds.astype("timedelta64[ns]")
    return from_datetimes(pd.Series(exact), name, file, "unknown")


def _nanoseconds_of_day(clocks: pd.Series, name: str, file: str) -> np.ndarray:
    unique = clocks.dropna().unique()
    found = {}
    for cell in unique:
        match = CLOCK.fullmatch(cell)
        if match is None or match["days"]:
            raise InvalidLogError(
                f"{file}: time {name!r} must be dates with times of day; found {quoted(cell)}"
            )
        hours = int(match["hours"])
        half = (match["half"] or " ").strip().casefold()[:1]
        hours = hours % 12 + 12 * (half == "p") if half else hours
        seconds = (hours * 60 + int(match["minutes"])) * 60 + int(match["seconds"] or 0)
        fraction = int((match["fraction"] or "0").ljust(9, "0"))
        found[cell] = seconds * 1_000_000_000 + fraction
    return clocks.map(found).fillna(0).to_numpy(dtype=np.int64)


def _named_month(date: str) -> str:
    """05-Mar-2024 as 05-03-2024, marked so that day and month keep their places."""
    match = re.fullmatch(r"(\d{1,2})[- ]([A-Za-z]{3})[- ](\d{4})", date)
    if match is None or match[2].casefold() not in _MONTHS:
        return date
    return f"{match[3]}-{_MONTHS[match[2].casefold()]}-{int(match[1]):02d}"


def _clock_format(cell: str) -> str:
    """How a time of day behind a date is written, with the blank before it."""
    match = CLOCK.fullmatch(cell)
    if match is None:
        return ""
    fraction = f"{cell[match.start('fraction') - 1]}%f" if match["fraction"] else ""
    hours = "%I" if match["half"] else "%H"
    half = f"{' ' * match['half'].startswith(' ')}%p" if match["half"] else ""
    return f" {hours}:%M{':%S' * bool(match['seconds'])}{fraction}{half}"


def _order_of(dates: list[str], name: str, file: str, clock: str) -> str:
    """Which of the three numbers is what: "ymd", "dmy" or "mdy"; asks where two would do."""
    parts = [match for date in dates if (match := _DMY.fullmatch(date))]
    if parts and all(len(match["a"]) == 4 for match in parts):
        return "ymd"
    if any(len(match["c"]) != 4 for match in parts):
        raise ReadError(
            f"{file}: dates of time {name!r} such as {quoted(dates[0])} can be read in several "
            f"ways; give time_format={_formats(dates[0], clock)}"
        )
    if all("." in date for date in dates):
        return "dmy"
    day_first = any(int(match["a"]) > 12 for match in parts)
    month_first = any(int(match["b"]) > 12 for match in parts)
    if day_first != month_first:
        return "dmy" if day_first else "mdy"
    raise ReadError(
        f"{file}: dates of time {name!r} such as {quoted(dates[0])} may begin with the day or the "
        f"month; give time_format={_formats(dates[0], clock)}"
    )


def _formats(date: str, clock: str) -> str:
    """Formats in which a date with its time of day can be read."""
    match = _DMY.fullmatch(date)
    mark = date[match.end("a")] if match else "/"
    year = "%Y" if match and len(match["c"]) == 4 else "%y"
    orders = [("%d", "%m", year), ("%m", "%d", year)]
    if year == "%y":
        orders.append((year, "%m", "%d"))
    return " or ".join(repr(mark.join(order) + clock) for order in orders)


def _iso_date(date: str, order: str) -> str | None:
    match = _DMY.fullmatch(date)
    if match is None:
        return None
    place = {letter: int(match[group]) for letter, group in zip(order, "abc", strict=True)}
    return f"{place['y']:04d}-{place['m']:02d}-{place['d']:02d}"
