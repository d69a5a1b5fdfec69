"""Traces that preparation before the split leaves in the inputs: numbers, scales."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding, some
from signalprep.leaks._statistics import is_odd
from signalprep.log import cycle_bounds, time_in_seconds
from signalprep.trial import Case

FEWEST_CYCLES = 4


def identifier_findings(case: Case) -> Iterator[Finding]:
    """Columns that number rows or cycles, or repeat the clock."""
    bounds = cycle_bounds(case.X)
    index: Any = case.X.index
    seconds = time_in_seconds(index)
    for k, name in enumerate(case.X.columns):
        found = _identifies(case.X.iloc[:, k], bounds, seconds)
        if found is not None:
            severity, words = found
            yield Finding(
                severity,
                "identifier",
                "input",
                str(name),
                1.0,
                "share of rows",
                f"Channel {str(name)!r} {words}.",
            )


def scale_findings(case: Case) -> Iterator[Finding]:
    """Channels scaled by statistics of all rows, test rows among them, or of each cycle."""
    names = [str(name) for name in case.X.columns]
    numbers = [k for k in range(len(names)) if pd.api.types.is_float_dtype(case.X.dtypes.iloc[k])]
    bounds = cycle_bounds(case.X)
    by_kind: dict[str, list[str]] = {}
    for k in numbers:
        values = case.X.iloc[:, k].to_numpy(dtype=np.float64)
        kind = _scaled_as(values, bounds, case.X.dtypes.iloc[k] == np.float32)
        if kind and not (kind == "cycle" and _is_difference(case.X, k, bounds)):
            by_kind.setdefault(kind, []).append(names[k])
    told = {name for channels in by_kind.values() for name in channels}
    for ends, channels in _same_ends(case.X, numbers, bounds).items():
        if len(channels) > 1 and not told & set(channels):
            yield Finding(
                "leak",
                "scaled_before_split",
                "input",
                ", ".join(channels),
                float(len(channels)),
                "channels",
                f"{some(channels)}: from {ends[0]:g} to {ends[1]:g} over all rows, each end met "
                "by one cycle only, as a scaler that learned from test rows, too, leaves it.",
            )
    told |= {name for names in _same_ends(case.X, numbers, bounds).values() for name in names[1:]}
    widest = [k for k in _drawn_to_one(case.X, numbers, bounds) if names[k] not in told]
    if len(widest) > 1:
        by_kind["widest"] = [names[k] for k in widest]
    for kind, channels in by_kind.items():
        sure = kind in ("z-score", "cycle") or len(channels) > 1
        yield Finding(
            "leak" if sure else "warning",
            "lookahead" if kind == "cycle" else "scaled_before_split",
            "input",
            ", ".join(channels),
            float(len(channels)),
            "channels",
            _SCALED[kind].format(channels=some(channels)),
        )


_SCALED = {
    "z-score": "{channels}: mean 0 and standard deviation 1 over all rows to the last digits, so "
    "the scaler learned from test rows, too.",
    "robust": "{channels}: median 0 and interquartile range 1 over all rows to the last digits, "
    "so the scaler learned from test rows, too.",
    "minmax": "{channels}: from 0 to 1 over all rows, each end met by one cycle only, as a "
    "scaler that learned from test rows, too, leaves it.",
    "widest": "{channels}: 1 at the most over all rows, to either side of 0, met by one cycle "
    "only, as a scaler that learned from test rows, too, leaves it.",
    "centred": "{channels}: mean 0 over all rows to the last digits, so what centred it learned "
    "from test rows, too.",
    "cycle": "{channels}: mean 0 within every cycle to the last digits, which takes the whole "
    "cycle, its future included.",
}


def _identifies(
    channel: pd.Series, bounds: np.ndarray, seconds: np.ndarray
) -> tuple[str, str] | None:
    """Severity and words for a column that numbers rows or cycles."""
    if not pd.api.types.is_numeric_dtype(channel.dtype):
        return _names_cycles(channel, bounds)
    values = channel.to_numpy(dtype=np.float64, na_value=np.nan)
    if len(values) < 3 or not np.isfinite(values).all():
        return None
    step = np.diff(values)
    inside = np.ones(len(step), dtype=bool)
    inside[bounds[1:-1] - 1] = False
    if step[0] != 0 and np.allclose(step, step[0], rtol=1e-6, atol=0):
        return "leak", "grows by the same amount from row to row: it counts rows"
    if _linear(values, seconds):
        relative = all(seconds[start] == seconds[0] for start in bounds[:-1])
        where = "since the start of the cycle" if relative else "of the clock"
        return ("warning" if relative else "leak"), f"is the time {where}"
    if not step[inside].any():
        return _numbers_cycles(values[bounds[:-1]])
    words = ""
    if inside.any() and (step[inside] == 1).all():
        words = "counts the rows of each cycle, which is the time since its start"
    if _goes_with(values, seconds, bounds):
        words = "is the time, with a start of its own in each cycle, which it names"
    return ("warning", words) if words else None


def _names_cycles(channel: pd.Series, bounds: np.ndarray) -> tuple[str, str] | None:
    """For a column without numbers."""
    first = channel.iloc[bounds[:-1]]
    starts = np.zeros(len(channel), dtype=bool)
    starts[bounds[:-1]] = True
    changes = channel.ne(channel.shift()).to_numpy() & ~starts
    if len(first) < FEWEST_CYCLES or changes.any() or not first.is_unique:
        return None
    return "leak", "has one value in each cycle and another in every cycle: it names them"


def _numbers_cycles(values: np.ndarray) -> tuple[str, str] | None:
    """For a column that has one value in each cycle."""
    levels = np.unique(values)
    if len(levels) < FEWEST_CYCLES or len(levels) < len(values):
        return None
    if (np.diff(levels) == 1).all():
        return "leak", "numbers the cycles: one value in each, the next higher one in another"
    if np.array_equal(levels, np.round(levels)):
        return "warning", "has one value in each cycle and another in every cycle"
    return None


def _linear(values: np.ndarray, seconds: np.ndarray) -> bool:
    """Whether values are a linear function of time."""
    if np.ptp(seconds) == 0 or np.ptp(values) == 0:
        return False
    slope, offset = np.polyfit(seconds, values, 1)
    return bool(np.abs(slope * seconds + offset - values).max() <= 1e-6 * np.ptp(values))


def _goes_with(values: np.ndarray, seconds: np.ndarray, bounds: np.ndarray) -> bool:
    """Whether a column grows with time alike in all cycles, each from where no other starts."""
    starts = values[bounds[:-1]]
    if len(starts) < FEWEST_CYCLES or len(np.unique(starts)) < len(starts):
        return False
    own = np.repeat(np.arange(len(starts)), np.diff(bounds))
    risen, passed = values - starts[own], seconds - seconds[bounds[:-1]][own]
    if not passed.any() or not risen.any():
        return False
    slope = float(risen @ passed / (passed @ passed))
    return bool(np.abs(risen - slope * passed).max() <= 1e-6 * np.ptp(risen))


def _scaled_as(values: np.ndarray, bounds: np.ndarray, short: bool) -> str:
    """What kind of scaling over all rows left this column; "" for none."""
    known = values[np.isfinite(values)]
    if len(known) < 10 or np.ptp(known) == 0:
        return ""
    close = 1e-4 if short else 1e-8
    deviation = float(known.std())
    centred = abs(float(known.mean())) <= close * deviation
    if centred:
        parts = [known_in[np.isfinite(known_in)] for known_in in _parts(values, bounds)]
        if all(len(p) == 0 or abs(float(p.mean())) <= close * deviation for p in parts):
            return "" if _is_one_programme(parts) else "cycle"
        sample = float(known.std(ddof=1))
        return "z-score" if min(abs(deviation - 1), abs(sample - 1)) <= close else "centred"
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
    amid = known.min() < low < median < high < known.max()
    if amid and abs(median) <= close and abs(high - low - 1) <= close:
        return "robust"
    if abs(known.min()) <= close and abs(known.max() - 1) <= close:
        ends = [
            sum(1 for part in _parts(values, bounds) if np.any(np.abs(part - end) <= close))
            for end in (known.min(), known.max())
        ]
        return "minmax" if min(ends) == 1 and max(ends) == 1 else ""
    return ""


def _is_one_programme(parts: list[np.ndarray]) -> bool:
    """Whether all cycles hold the same values, in any order: as hours of whole weeks do."""
    first = np.sort(parts[0])
    return all(len(p) == len(first) and np.array_equal(np.sort(p), first) for p in parts[1:])


def _same_ends(
    X: pd.DataFrame, numbers: list[int], bounds: np.ndarray
) -> dict[tuple[float, float], list[str]]:
    """Channels by their lowest and highest value, where one cycle meets each."""
    found: dict[tuple[float, float], list[int]] = {}
    for k in numbers:
        values = X.iloc[:, k].to_numpy(dtype=np.float64)
        known = values[np.isfinite(values)]
        if len(known) < 10 or np.ptp(known) == 0:
            continue
        ends = float(known.min()), float(known.max())
        met = [_met(values, end, bounds) for end in ends]
        if met == [1, 1] and not any(is_odd(end) for end in ends):
            key = round(ends[0] + 0.0, 9), round(ends[1] + 0.0, 9)
            others = found.setdefault(key, [])
            if not any(_is_of(values, X.iloc[:, j].to_numpy(np.float64)) for j in others):
                others.append(k)
    return {ends: [str(X.columns[k]) for k in places] for ends, places in found.items()}


def _met(values: np.ndarray, end: float, bounds: np.ndarray) -> int:
    """In how many cycles a value is met."""
    rows = np.flatnonzero(_at(values, end))
    return len(np.unique(np.searchsorted(bounds, rows, side="right")))


def _at(values: np.ndarray, end: float) -> np.ndarray:
    return np.asarray(np.abs(values - end) <= 1e-9 * (np.nanmax(values) - np.nanmin(values)))


def _is_of(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a channel was made of another: it has most of its values, or both ends where it has.

    A mean, a lag or a limit of a channel may start with its lowest and reach its highest value.
    Of channels that a scaler drew to the same ends, each has them in rows of its own.
    """
    if _share_values(one[np.isfinite(one)], other):
        return True
    return all(
        bool((_at(one, of(one)) & _at(other, of(other))).any()) for of in (np.nanmin, np.nanmax)
    )


def _drawn_to_one(X: pd.DataFrame, numbers: list[int], bounds: np.ndarray) -> list[int]:
    """Channels of many values whose largest is 1 or -1, in one cycle, none a shift of another."""
    found: list[int] = []
    for k in numbers:
        values = np.abs(X.iloc[:, k].to_numpy(dtype=np.float64))
        known = values[np.isfinite(values)]
        if len(known) < 10 or abs(known.max() - 1) > 1e-12:
            continue
        met = sum(1 for part in _parts(values, bounds) if np.any(np.abs(part - 1) <= 1e-12))
        fine = 2 * len(np.unique(known)) > len(known)
        others = (np.abs(X.iloc[:, j].to_numpy(dtype=np.float64)) for j in found)
        if met == 1 and fine and not any(_share_values(known, other) for other in others):
            found.append(k)
    return found


def _share_values(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether most values of one channel are in the other: it is a shift of it, or its like."""
    return float(np.mean(np.isin(one, other))) > 0.5


def _is_difference(X: pd.DataFrame, k: int, bounds: np.ndarray) -> bool:
    """Whether a channel is how another one changes, which sums to nothing from rest to rest."""
    parts = _parts(X.iloc[:, k].to_numpy(dtype=np.float64), bounds)
    summed = np.concatenate([np.cumsum(part) for part in parts])
    for j, dtype in enumerate(X.dtypes):
        if j == k or not pd.api.types.is_numeric_dtype(dtype):
            continue
        others = _parts(X.iloc[:, j].to_numpy(dtype=np.float64, na_value=np.nan), bounds)
        risen = np.concatenate([part - part[0] for part in others])
        moves = np.isfinite(risen).all() and np.ptp(risen) > 0
        if moves and np.corrcoef(summed, risen)[0, 1] > 0.99:
            return True
    return False


def _parts(values: np.ndarray, bounds: np.ndarray) -> list[np.ndarray]:
    return [values[start:stop] for start, stop in pairwise(bounds)]
