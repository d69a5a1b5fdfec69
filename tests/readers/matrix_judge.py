"""Read a table with read_log and compare the log with the truth of the table."""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matrix_text import Table, truth_in_seconds
from matrix_times import OneOf

import signalprep as sp
from signalprep.errors import SignalprepError

EXACT, REMEDIED = "exact", "refused and remedied"
ANOTHER, RAW, USELESS = "another log", "raw error", "useless refusal"
FAILURES = (ANOTHER, RAW, USELESS)
UNITS_OF_CELLS = ("%", "A", "V", "Nm", "rpm", "bar", "degC", "°C", "km/h")
_KNOWN = (
    *("path", "cycle", "time", "rate", "clock", "columns", "names", "pattern", "sep", "decimal"),
    *("thousands", "encoding", "skip", "header", "units", "na_values", "long_form", "time_unit"),
    *("time_format", "coerce", "truncated", "duplicates", "jitter", "interpolate", "hold"),
    *("start", "ages", "reduce", "check", "max_bytes"),
)
_NAMED = re.compile(rf"(?<![\w.])({'|'.join(_KNOWN)})=")
_NS = 10**9


class Outcome(NamedTuple):
    """What became of a table, and in words why."""

    kind: str
    words: str
    refusal: str = ""


def read_and_judge(table: Table, folder: Path) -> Outcome:
    """Read the table as a user would: first as it is, then with what the message asks for.

    A parameter that a message names is given as it is true of the table; when the messages name
    nothing new, everything that is true is given.
    """
    path = folder / f"{table.title}.csv"
    path.write_bytes(table.content)
    given: dict[str, Any] = {}
    first = ""
    while True:
        log, error = _try(path, given)
        if not isinstance(error, SignalprepError):
            return _verdict(log, error, table, given, first)
        message = str(error)
        first = first or message
        wrong = _wrong_advice(message, path, given, table)
        if wrong:
            return Outcome(ANOTHER, wrong, first)
        asked = dict.fromkeys(_NAMED.findall(message))
        if not asked:
            return Outcome(USELESS, f"names no parameter{_with(given)}: {message}", first)
        new = {name: table.facts[name] for name in asked if name in table.facts}
        if set(new) <= set(given) or any(isinstance(value, OneOf) for value in new.values()):
            return _all_facts(path, table, first)
        given |= new


def _verdict(
    log: Any, error: Exception | None, table: Table, given: dict[str, Any], first: str
) -> Outcome:
    """Judge a reading that was no refusal."""
    if error is not None:
        return Outcome(RAW, f"{type(error).__name__}{_with(given)}: {error}", first)
    differs = difference(log, table)
    if differs:
        return Outcome(ANOTHER, differs + _with(given), first)
    return Outcome(REMEDIED if first else EXACT, _with(given), first)


def _try(path: Path, given: Mapping[str, Any]) -> tuple[Any, Exception | None]:
    unknown = set(given) - set(inspect.signature(sp.read_log).parameters)
    try:
        if unknown:
            raise TypeError(f"read_log has no parameter {', '.join(sorted(unknown))}")
        return sp.read_log(path, **given), None
    except Exception as error:
        return None, error


def _all_facts(path: Path, table: Table, first: str) -> Outcome:
    """Give everything that is true; where a value may be said in several ways, one must do."""
    message = ""
    for given in _ways(table.facts):
        log, error = _try(path, given)
        if not isinstance(error, SignalprepError):
            return _verdict(log, error, table, given, first)
        message = message or f"{error}{_with(given)}"
    return Outcome(USELESS, message, first)


def _ways(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    values = [v.values if isinstance(v, OneOf) else (v,) for v in facts.values()]
    for chosen in itertools.product(*values):
        yield dict(zip(facts, chosen, strict=True))


def _wrong_advice(message: str, path: Path, given: dict[str, Any], table: Table) -> str:
    """What a message advises in full must not make another log."""
    advised: dict[str, Any] = {}
    if "coerce=True" in message:
        advised["coerce"] = True
    rate = re.search(r"\brate=(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b", message)
    if rate:
        advised["rate"] = float(rate[1])
    for name, value in advised.items():
        if given.get(name) == value:
            continue
        log, error = _try(path, given | {name: value})
        differs = "" if error is not None else difference(log, table)
        if differs:
            return f"advised {name}={value!r}{_with(given)}: {differs}; the advice: {message}"
    return ""


def _with(given: Mapping[str, Any]) -> str:
    return f" with {dict(given)}" if given else ""


def difference(log: pd.DataFrame, table: Table) -> str:
    """Words for the first thing that is not as it must be; empty when all is right."""
    log = _without_counters(log, table)
    n_rows = table.bounds[-1]
    allowed = (n_rows, n_rows - 1) if table.may_lack_last_row else (n_rows,)
    if len(log) not in allowed:
        return f"{len(log)} rows instead of {n_rows}"
    try:
        return (
            _names_differ(log, table)
            or _values_differ(log, table)
            or _cycles_differ(log, table)
            or _time_differs(log, table)
            or _rate_differs(log, table)
        )
    except (SignalprepError, ValueError, OverflowError) as error:  # a time that is no number
        return f"the log cannot be used: {error}"


def _without_counters(log: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The log without columns that count rows or hold a second clock, which may be channels."""
    expected = {name for right in table.names for name, _ in right}
    aside = []
    for name in log.columns:
        column = log[name]
        if name in expected:
            continue
        counts = column.dtype.kind in "fiu" and (column.diff().dropna() == 1).all()
        if counts or column.dtype.kind not in "fiub":
            aside.append(name)
    attrs = log.attrs
    log = log.drop(columns=aside)
    log.attrs = attrs
    return log


def _names_differ(log: pd.DataFrame, table: Table) -> str:
    found = list(zip(log.columns, sp.units(log).fillna("").tolist(), strict=True))
    expected = [right[0] for right in table.names]
    if len(found) != len(expected):
        return f"channels {found} instead of {expected}"
    for pair, right in zip(found, table.names, strict=True):
        told_by_cells = pair[1] in UNITS_OF_CELLS and any(
            pair[0] == name and not unit for name, unit in right
        )
        if pair not in right and not told_by_cells:
            return f"channel and unit {pair} instead of {right[0]}"
    return ""


def _values_differ(log: pd.DataFrame, table: Table) -> str:
    for position, values in enumerate(table.values):
        column = log.iloc[:, position]
        if column.dtype.kind not in "fiub":
            return f"channel {column.name!r} is of type {column.dtype}: {column.iloc[0]!r} ..."
        found = column.to_numpy(dtype=np.float64)
        expected = np.array(values[: len(found)])
        wrong = ~((found == expected) | (np.isnan(found) & np.isnan(expected)))
        if wrong.any():
            row = int(np.argmax(wrong))
            return (
                f"channel {column.name!r}: {found[row]!r} instead of {expected[row]!r} at row "
                f"{row} ({int(wrong.sum())} such)"
            )
    return ""


def _bounds(log: pd.DataFrame) -> list[int]:
    codes = log.index.codes[0]
    return [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(log)]


def _cycles_differ(log: pd.DataFrame, table: Table) -> str:
    expected = [*table.bounds[:-1], len(log)]
    found = _bounds(log)
    return "" if found == expected else f"cycles begin at rows {found} instead of {expected}"


def stamps_of(log: pd.DataFrame) -> tuple[list[Fraction], str]:
    """Time of each row as it is in the log, in seconds, and the kind of its type."""
    level = log.index.get_level_values("time")
    kind = level.dtype.kind
    if kind == "M":
        level = level.tz_convert("UTC").tz_localize(None) if level.tz is not None else level
        whole = level.to_numpy().astype("datetime64[ns]").view(np.int64)
        return [Fraction(int(stamp), _NS) for stamp in whole], kind
    if kind == "m":
        whole = level.to_numpy().astype("timedelta64[ns]").view(np.int64)
        return [Fraction(int(stamp), _NS) for stamp in whole], kind
    return [Fraction(float(stamp)) for stamp in level], kind


def _time_differs(log: pd.DataFrame, table: Table) -> str:
    found, kind = stamps_of(log)
    stamps, bounds = table.stamps, [*table.bounds[:-1], len(log)]
    expected = truth_in_seconds(stamps, bounds)
    if kind == "M" and stamps.zero is not None:
        zeros = (
            {stamps.zero, Fraction(0)} if table.choices["time"] == "ISO offset" else {stamps.zero}
        )
        off = min(abs(found[0] - stamps.seconds[0] - zero) for zero in zeros)
        if off > Fraction(2, _NS) + stamps.tolerance:
            return f"the log begins {float(off)!r} s off, at {log.index[0][1]}"
    step = min(b - a for a, b in itertools.pairwise(expected[0]))
    for first, part in zip(bounds[:-1], expected, strict=True):
        own = found[first : first + len(part)]
        base = stamps.seconds[first] if kind == "f" and not stamps.from_start else Fraction(0)
        start = Fraction(0) if kind == "f" and not stamps.from_start else own[0]
        for row, (stamp, truth) in enumerate(zip(own, part, strict=True)):
            right = base + truth
            digits = Fraction(4 * math.ulp(float(abs(right)))) + Fraction(1, _NS) * (kind != "f")
            if abs(stamp - start - right) > max(step / 10**9, digits) + stamps.tolerance:
                return (
                    f"time {float(stamp - start)!r} s instead of {float(right)!r} s at row "
                    f"{first + row}"
                )
    return ""


def _rate_differs(log: pd.DataFrame, table: Table) -> str:
    stamps, bounds = table.stamps, [*table.bounds[:-1], len(log)]
    steps = sorted(
        after - before
        for part in truth_in_seconds(stamps, bounds)
        for before, after in itertools.pairwise(part)
    )
    step = steps[len(steps) // 2]
    found = sp.rate(log)
    tolerance = 5e-6 + 4 * float(stamps.tolerance / step)
    if abs(found * float(step) - 1) > tolerance:
        return f"rate {found!r} Hz instead of {1 / float(step)!r} Hz"
    return ""
