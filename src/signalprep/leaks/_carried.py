"""Columns that were made of another column across cycle borders, or of its later rows.

Within cycles a column that is the sum, the exponential or moving mean, the difference or the shift
of another follows from it to the last digits. Whether it does so at the borders, too, with the
rows of the cycle before, says whether it was made cycle by cycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding
from signalprep.log import cycle_bounds
from signalprep.trial import Case

CLOSE = 1e-5
"""Of how much a column changes from row to row; exponential means forget their start by and by."""
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)
SIZES = np.r_[1:61, 64, 75, 80, 90, 100, 120, 128, 150, 180, 200, 240, 250, 256, 300, 360, 400]
SIZES = np.r_[SIZES, 480, 500, 512, 600, 720, 900, 1000, 1200, 1440, 1800, 2000, 3000, 3600]
"""Rows of shifts and windows that are tried."""
SHOWN = 64
"""Rows that settle which of them it is."""
MOST_CHANNELS = 40
MOST_ROWS = 20_000


class Made(NamedTuple):
    """How a column follows from another, where, and how it would from rows before the border.

    Attributes
    ----------
    inside, across : ndarray of bool
        Rows that show that it does, and rows that show whether it does so across borders.
    shown, misses : ndarray
        What follows from the other column, and by how much it is off.
    ahead : int
        Rows that it looks ahead.
    """

    words: str
    inside: np.ndarray
    across: np.ndarray
    shown: np.ndarray
    misses: np.ndarray
    ahead: int = 0


class Rows(NamedTuple):
    """Of each row, how many of its cycle come before and after it, and whether it is late."""

    before: np.ndarray
    after: np.ndarray
    late: np.ndarray


def carried_findings(case: Case) -> Iterator[Finding]:
    """Columns that follow from another one across borders, or from its later rows."""
    numeric = [k for k, dtype in enumerate(case.X.dtypes) if pd.api.types.is_float_dtype(dtype)]
    bounds = cycle_bounds(case.X)
    enough = max(int(np.searchsorted(bounds, MOST_ROWS)), 4)
    bounds = bounds[: enough + 1]
    n, rows = int(bounds[-1]), _rows(bounds)
    values = {k: case.X.iloc[:n, k].to_numpy(np.float64) for k in numeric[:MOST_CHANNELS]}
    values = {k: v for k, v in values.items() if np.isfinite(v).all() and np.ptp(v) > 0}
    for k, made in values.items():
        for j, source in values.items():
            found = None if j == k else _made_of(made, source, rows)
            if found is None:
                continue
            name, other = str(case.X.columns[k]), str(case.X.columns[j])
            if found.ahead > 0:
                kind, effect, unit = "lookahead", float(found.ahead), "samples"
                ends = f"which looks {found.ahead} samples ahead"
            else:
                kind, effect, unit = "bleeding", 1.0, "share of borders"
                ends = "across cycle borders: it starts with rows of the cycle before"
            what = f"Channel {name!r} is {found.words} of {other!r}, {ends}."
            yield Finding("leak", kind, "input", name, effect, unit, what)
            break


def way_within(c: np.ndarray, x: np.ndarray, bounds: np.ndarray) -> str:
    """How a column was made of another, be it cycle by cycle, in words; "" for no way known."""
    allowed = _allowed(c)
    if allowed is None:
        return ""
    rows = _rows(bounds)
    for made in _ways(c, x, rows, allowed):
        if made.inside.sum() >= SHOWN and np.abs(made.misses[made.inside]).max() <= allowed:
            return made.words
    return ""


def _rows(bounds: np.ndarray) -> Rows:
    n, lengths = int(bounds[-1]), np.diff(bounds)
    place = np.arange(n)
    before = place - np.repeat(bounds[:-1], lengths)
    return Rows(before, np.repeat(bounds[1:], lengths) - 1 - place, place > n // 2)


def _allowed(c: np.ndarray) -> float | None:
    """By how much what follows may be off; None where rounding is all there is."""
    step = np.diff(c)
    allowed = max(CLOSE * float(np.std(step)), ROUNDING * float(np.abs(c).max()))
    return None if allowed > 0.01 * float(np.std(step)) else allowed


def _made_of(c: np.ndarray, x: np.ndarray, rows: Rows) -> Made | None:
    """How one column was made of another, where it should not have been."""
    allowed = _allowed(c)
    if allowed is None:
        return None
    for made in _ways(c, x, rows, allowed):
        if made.inside.sum() < SHOWN or not np.abs(made.misses[made.inside]).max() <= allowed:
            continue
        if made.ahead > 0:
            return made
        # at a standstill what was made cycle by cycle and across borders is the same
        if made.across.sum() < 3 or np.ptp(made.shown[made.across]) <= 100 * allowed:
            return None
        return made if np.mean(np.abs(made.misses[made.across]) <= allowed) > 0.9 else None
    return None


def _ways(c: np.ndarray, x: np.ndarray, rows: Rows, allowed: float) -> Iterator[Made]:
    """What a column may be of another, with how far each row is from being it."""
    dc, dx = np.diff(c, prepend=np.nan), np.diff(x, prepend=np.nan)
    later = np.arange(len(c)) > 0
    inside, border = later & (rows.before > 0), later & (rows.before == 0)
    some = _some(inside & rows.late)
    slope = _slope(x[some], dc[some])
    if slope and _is_small(dc[some] - slope * x[some], allowed) and _runs_on(c, rows):
        yield Made("the running sum", inside, border, dc, dc - slope * x)
    if _is_small(c[some] - dx[some], allowed) and not _runs_on(x, rows):
        yield Made("the difference from row to row", inside, border, c, c - dx)
    before = np.r_[np.nan, c[:-1]]
    alpha = _slope((x - before)[some], dc[some])
    if 0 < alpha < 1 and _is_small(dc[some] - alpha * (x - before)[some], allowed):
        misses = dc - alpha * (x - before)
        yield Made("the exponential mean", inside & rows.late, border & rows.late, dc, misses)
    yield from _shifts(c, x, rows, allowed)
    yield from _windows(c, dc, x, rows, allowed)


def _shifts(c: np.ndarray, x: np.ndarray, rows: Rows, allowed: float) -> Iterator[Made]:
    """Rows before or after."""
    lags, place = _sizes(rows, 1), np.arange(len(c))
    some = _some(rows.before >= lags[-1])
    starts = rows.before == 0
    jumps = [float(np.abs(np.diff(values, prepend=values[0]))[starts].mean()) for values in (c, x)]
    for lag in _fitting(c[some, None], x[some[:, None] - lags], allowed, lags):
        if jumps[0] >= jumps[1]:
            continue  # the other one was made of this
        across = (rows.before < lag) & (place >= lag)
        words = f"the value {lag} rows before"
        yield Made(words, rows.before >= lag, across, c, c - _moved(x, lag))
    some = _some(rows.after >= lags[-1])
    for lag in _fitting(c[some, None], x[some[:, None] + lags], allowed, lags):
        made_here = _is_filled(c, rows.after < lag, rows) and not _is_filled(
            x, rows.before < lag, rows
        )
        carried = rows.after < lag
        moved = _moved(x, -lag)
        carried_on = bool(np.mean(np.abs(c - moved)[carried] <= allowed) > 0.5)
        if not (made_here or (carried_on and jumps[0] < jumps[1])):
            continue
        words = f"the value {lag} rows after"
        yield Made(words, rows.after >= lag, rows.after < 0, c, c - _moved(x, -lag), lag)


def _windows(
    c: np.ndarray, dc: np.ndarray, x: np.ndarray, rows: Rows, allowed: float
) -> Iterator[Made]:
    """Moving means that end at the row, or lie around it."""
    widths, place = _sizes(rows, 2), np.arange(len(c))
    some = _some(rows.before >= widths[-1])
    steps = (x[some, None] - x[some[:, None] - widths]) / widths
    for w in _fitting(dc[some, None], steps, allowed, widths):
        misses = dc - (x - _moved(x, w)) / w
        across = (rows.before < w) & (rows.before > 0) & (place >= w)
        yield Made(f"the moving mean over {w} rows", rows.before >= w, across, dc, misses)
    half = widths[: len(widths) // 2] - 1
    if not len(half):
        return
    some = _some((rows.before > half[-1]) & (rows.after >= half[-1]))
    steps = (x[some[:, None] + half] - x[some[:, None] - half - 1]) / (2 * half + 1)
    for h in _fitting(dc[some, None], steps, allowed, half):
        misses = dc - (_moved(x, -h) - _moved(x, h + 1)) / (2 * h + 1)
        words = f"the mean over {2 * h + 1} rows around each"
        inside = (rows.before > h) & (rows.after >= h)
        yield Made(words, inside, rows.after < 0, dc, misses, h)


def _runs_on(c: np.ndarray, rows: Rows) -> bool:
    """Whether a column wanders, and does not jump where cycles begin, as a sum over all rows."""
    steps = np.abs(np.diff(c, prepend=c[0]))
    jump, usual = steps[rows.before == 0].mean(), steps[rows.before > 0].mean()
    return bool(np.std(c) > 5 * np.std(np.diff(c)) and jump <= 3 * usual)


def _is_filled(c: np.ndarray, edge: np.ndarray, rows: Rows) -> bool:
    """Whether rows at an edge of all cycles hold one value, or each cycle the one beside them."""
    if np.ptp(c[edge]) == 0:
        return True
    neighbours = edge & (rows.before > 0)
    return bool((np.diff(c, prepend=np.nan)[neighbours] == 0).all())


def _sizes(rows: Rows, least: int) -> np.ndarray:
    """Shifts and windows that the longest cycle shows in enough rows."""
    return SIZES[(least <= SIZES) & (max(int(rows.before.max()) - SHOWN, least) >= SIZES)]


def _some(rows: np.ndarray) -> np.ndarray:
    found = np.flatnonzero(rows)
    return found[np.linspace(0, len(found) - 1, min(SHOWN, len(found))).astype(np.intp)]


def _is_small(misses: np.ndarray, allowed: float) -> bool:
    return len(misses) > 0 and bool(np.abs(misses).max() <= allowed)


def _fitting(wanted: np.ndarray, given: np.ndarray, allowed: float, sizes: np.ndarray) -> list[int]:
    """The smallest size at which some rows fit, if any, and these rows move."""
    if not len(wanted) or np.ptp(wanted) <= 100 * allowed:
        return []
    fits = np.abs(given - wanted).max(axis=0) <= allowed
    return [int(size) for size in sizes[fits][:1]]


def _moved(x: np.ndarray, lag: int) -> np.ndarray:
    """Values so many rows before (after, where negative); NaN where there are none."""
    out = np.full(len(x), np.nan)
    if lag > 0:
        out[lag:] = x[:-lag]
    else:
        out[:lag] = x[-lag:]
    return out


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Of the line through the origin."""
    size = float(x @ x)
    return float(x @ y) / size if size > 0 else 0.0
