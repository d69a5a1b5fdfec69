"""What preparation makes of test cycles: of their future, their end, their gaps, their target.

All test cycles are altered in one run, each after a moment of its own, so that a run tries many
moments. Training cycles stay as they are: what was learned from them may be used.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._changes import Change, as_numbers, change_between
from signalprep.leaks._disturb import disturbed, floating, gapped, holed, limits, spiked
from signalprep.leaks._prepare import Prepare, raw_of, target_of
from signalprep.log import cycle_bounds, cycles, sample_time, time_in_seconds
from signalprep.trial import Case

MOMENTS = 8
"""Moments that are tried, over all test cycles and runs."""
FEWEST_RUNS, MOST_RUNS = 2, 4
BESIDE = 3
EARLY = (1, 3)
"""Rows after the start of one cycle at which past and future part, in turn."""


class Cycle(NamedTuple):
    """A test cycle of raw: where it stands, its seconds, and the rows after its gaps."""

    name: Any
    start: int
    stop: int
    seconds: np.ndarray
    after_gaps: np.ndarray


def earlier_rows(case: Case, prepare: Prepare) -> tuple[float, str, Change] | None:
    """Farthest look-ahead in seconds: rows of X before a moment that change with raw after it."""
    raw, y, tested = raw_of(case), target_of(case, raw_of(case)), _tested(case)
    if not tested:
        return None
    within, rng = limits(raw), case.rng()
    runs = int(np.clip(math.ceil(MOMENTS / len(tested)), FEWEST_RUNS, MOST_RUNS))
    farthest: tuple[float, str, Change] | None = None
    plain = prepare(raw, y)
    for run in range(runs):
        if run >= FEWEST_RUNS and farthest is not None:
            break
        moments = [_moment(cycle, rng, at_gap=run % 2 == 1) for cycle in tested]
        if len(tested) > 1 or run >= FEWEST_RUNS:
            moments[0] = EARLY[run % 2]  # where first rows are filled from behind
        for given in _variants(raw, tested, moments, within, run < FEWEST_RUNS):
            base = plain if given is raw else _tried(prepare, given, y)
            if base is None:
                continue
            for later, later_y in _futures(given, y, tested, moments, within):
                found = _tried(prepare, later, later_y)
                ahead = None if found is None else _ahead(raw, base, found, tested, moments)
                if ahead is not None and (farthest is None or ahead[0] > farthest[0]):
                    farthest = ahead
    return farthest


def own_target(case: Case, prepare: Prepare) -> tuple[str, Change] | None:
    """The channel of test rows that changes most when only their own target does.

    The first row of a cycle keeps its target: how a drive starts may be known.
    """
    raw, y = raw_of(case), target_of(case, raw_of(case))
    rows = np.zeros(len(raw), dtype=bool)
    for cycle in _tested(case):
        rows[cycle.start + 1 : cycle.stop] = True
    copies = [k for k in range(raw.shape[1]) if _is_target(case, raw.iloc[:, k])]
    if y is None and not copies:
        return None
    altered = raw.copy(deep=False)
    for k in copies:
        altered.isetitem(k, _other_target(raw.iloc[:, k], rows).array)
    found = _tried(prepare, altered, None if y is None else _other_target(y, rows))
    if found is None:
        return None
    base = prepare(raw, y)
    one, other = _shared(base, found, _rows_of(base, [cycle.name for cycle in _tested(case)]))
    change = change_between(as_numbers(one), as_numbers(other))
    return None if change is None else (str(base.columns[change.column]), change)


def beside_each_other(case: Case, prepare: Prepare) -> tuple[pd.Index, str, Change] | None:
    """Test cycles that change when other test cycles do: nothing was fitted on these."""
    raw, y, tested = raw_of(case), target_of(case, raw_of(case)), _tested(case)
    if len(tested) < 2:
        return None
    slices = [slice(cycle.start, cycle.stop) for cycle in tested[::2]]
    found = _tried(prepare, disturbed(raw, slices, limits(raw)), y)
    if found is None or list(found.columns) != list(case.X.columns):
        return None
    base = prepare(raw, y)
    one, other = _shared(base, found, _rows_of(base, [cycle.name for cycle in tested[1::2]]))
    change = change_between(as_numbers(one), as_numbers(other))
    if change is None:
        return None
    ids = pd.Index(one.index[change.rows].get_level_values("cycle").unique())
    return ids, str(base.columns[change.column]), change


def _tested(case: Case) -> list[Cycle]:
    """The test cycles of the first fold that are long enough to be parted."""
    raw = raw_of(case)
    index: Any = raw.index
    seconds, dt = time_in_seconds(index), sample_time(raw)
    wanted = set(cycles(case.X.iloc[case.whole[0][1]]))
    columns = gapped(raw)
    missing = np.isnan(as_numbers(raw.iloc[:, columns])).any(axis=1) if columns else None
    found = []
    for name, (start, stop) in zip(cycles(raw), pairwise(cycle_bounds(raw).tolist()), strict=True):
        if name not in wanted or stop - start < 4:
            continue
        own = seconds[start:stop]
        after = np.flatnonzero(np.diff(own) > 1.5 * dt) + 1
        if missing is not None:
            lost = missing[start:stop]
            after = np.union1d(after, np.flatnonzero(lost[:-1] & ~lost[1:]) + 1)
        found.append(Cycle(name, start, stop, own, after))
    return found


def _moment(cycle: Cycle, rng: np.random.Generator, at_gap: bool) -> int:
    """A row of the cycle at which past and future part: drawn, or the end of a gap."""
    n = cycle.stop - cycle.start
    drawn = int(rng.integers(n // 4, max(3 * n // 4, n // 4 + 1)))
    if at_gap and len(cycle.after_gaps):
        return int(cycle.after_gaps[rng.integers(len(cycle.after_gaps))])
    return max(drawn, 1)


def _variants(
    raw: pd.DataFrame, tested: list[Cycle], moments: list[int], within: np.ndarray, all_: bool
) -> Iterator[pd.DataFrame]:
    """Raw as it is; with spikes before the moments; with gaps there, where it has gaps."""
    yield raw
    if not all_ or not floating(raw):
        return
    beside = [
        np.arange(cycle.start + max(t - BESIDE, 0), cycle.start + t)
        for cycle, t in zip(tested, moments, strict=True)
    ]
    yield spiked(raw, np.concatenate(beside), within)
    if gapped(raw):
        yield holed(raw, np.concatenate(beside), gapped(raw))


def _futures(
    raw: pd.DataFrame,
    y: pd.Series | None,
    tested: list[Cycle],
    moments: list[int],
    within: np.ndarray,
) -> Iterator[tuple[pd.DataFrame, pd.Series | None]]:
    """Another future after each moment, and none."""
    after = np.zeros(len(raw), dtype=bool)
    for cycle, t in zip(tested, moments, strict=True):
        after[cycle.start + t : cycle.stop] = True
    parts = [slice(c.start + t, c.stop) for c, t in zip(tested, moments, strict=True)]
    yield disturbed(raw, parts, within), y
    yield raw[~after], None if y is None else y[~after]


def _tried(prepare: Prepare, raw: pd.DataFrame, y: pd.Series | None) -> pd.DataFrame | None:
    """What preparation gives; None where it refuses such rows."""
    try:
        return prepare(raw, y)
    except (ValueError, LookupError, ZeroDivisionError):
        return None


def _ahead(
    raw: pd.DataFrame,
    base: pd.DataFrame,
    found: pd.DataFrame,
    tested: list[Cycle],
    moments: list[int],
) -> tuple[float, str, Change] | None:
    """How far before its moment a row changed; rows that are gone say nothing."""
    if list(found.columns) != list(base.columns):
        return None
    moment = pd.Series({c.name: c.seconds[t] for c, t in zip(tested, moments, strict=True)})
    place = moment.index.get_indexer(base.index.get_level_values("cycle"))
    own = _seconds_like(base, raw)
    until = np.where(place >= 0, moment.to_numpy()[place], -np.inf)
    one, other = _shared(base, found, own < until)
    change = change_between(as_numbers(one), as_numbers(other))
    if change is None:
        return None
    rows = base.index.get_indexer(one.index[change.rows])
    return float((until - own)[rows].max()), str(base.columns[change.column]), change


def _shared(
    base: pd.DataFrame, found: pd.DataFrame, rows: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of one that are in the other, too, from both."""
    wanted = base[rows]
    places = found.index.get_indexer(wanted.index)
    return wanted[places >= 0], found.iloc[places[places >= 0]]


def _rows_of(log: pd.DataFrame, ids: list[Any]) -> np.ndarray:
    return np.asarray(log.index.get_level_values("cycle").isin(ids))


def _is_target(case: Case, channel: pd.Series) -> bool:
    """Whether a channel of raw is the target in its own numbers."""
    numeric = pd.api.types.is_numeric_dtype
    if not numeric(channel.dtype) or not numeric(case.y.dtype):
        return channel.dtype == case.y.dtype and channel.reindex(case.y.index).equals(case.y)
    there = channel.reindex(case.y.index).to_numpy(dtype=np.float64, na_value=np.nan)
    y = case.y.to_numpy(dtype=np.float64)
    known = np.isfinite(there)
    if 2 * known.sum() < len(y) or np.ptp(y[known]) == 0:
        return False
    return bool(np.allclose(there[known], y[known], rtol=1e-6, atol=1e-9))


def _other_target(y: pd.Series, rows: np.ndarray) -> pd.Series:
    """The target, turned upside down in some rows and pushed; labels are changed for the next."""
    if pd.api.types.is_float_dtype(y.dtype):
        low, high = float(y.min()), float(y.max())
        return y.where(~rows, 0.7 * (low + high - y) + 0.3 * high)
    levels = np.sort(y.dropna().unique())
    following = dict(zip(levels.tolist(), np.roll(levels, 1).tolist(), strict=True))
    return y.where(~rows, y.map(following)).astype(y.dtype)


def _seconds_like(base: pd.DataFrame, raw: pd.DataFrame) -> np.ndarray:
    """Seconds of the prepared rows by the clock of the raw ones: datetimes have no zero."""
    index: Any = base.index
    stamps = index.get_level_values("time")
    if isinstance(stamps, pd.DatetimeIndex):
        clock: Any = raw.index
        first = clock.levels[1].min()
        return np.asarray((stamps - first).total_seconds())
    return time_in_seconds(index)
