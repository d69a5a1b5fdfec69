"""Preparation before the split, tried with other test rows and another future."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Chain, tree
from signalprep.leaks._changes import Change, as_numbers, change_between
from signalprep.leaks._disturb import disturbed, floating, limits, replaced
from signalprep.leaks._finding import Finding
from signalprep.log import check_is_log, cycle_bounds, cycles, is_log, sample_time, time_in_seconds
from signalprep.trial import Case, listed

FAR = 100.0
MOMENTS = 6
Prepare = Callable[[pd.DataFrame, pd.Series | None], pd.DataFrame]


class Seen(NamedTuple):
    """What training rows of X showed of altered test rows of the raw log."""

    changed: pd.Index
    beside: bool
    channel: str
    change: Change | None


def check_preparation(case: Case) -> None:
    """Raise unless ``prepare(raw)`` gives X, so that what is tried is what was done."""
    if (case.raw is None) != (case.prepare is None):
        raise InvalidParameterError("raw and prepare must be given together; got one of them")
    if case.raw is None:
        return
    check_is_log(case.raw, "raw")
    found = _function(case.prepare, case.X)(case.raw, _target(case, case.raw))
    if not found.index.equals(case.X.index) or list(found.columns) != list(case.X.columns):
        raise InvalidParameterError(
            "prepare(raw) must give X: its rows and columns; got "
            f"{found.shape[0]} rows of {', '.join(map(str, found.columns[:5]))}"
        )
    one, other = as_numbers(case.X), as_numbers(found)
    if not np.allclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True):
        row, k = np.argwhere(~np.isclose(one, other, rtol=1e-6, atol=1e-9, equal_nan=True))[0]
        raise InvalidParameterError(
            f"prepare(raw) must give X; channel {case.X.columns[k]!r} differs at row {row}: "
            f"{other[row, k]:g}, not {one[row, k]:g}"
        )


def preparation_findings(case: Case) -> Iterator[Finding]:
    """Training rows of X that depend on test rows, and rows that depend on later ones."""
    if case.raw is None:
        return
    steps = _steps(case.prepare)
    guilty = ""
    for name, step in steps:
        seen = _training_rows(case, step)
        if seen is not None:
            guilty = name
            yield _of_test_rows(name, seen)
            break
    if guilty:
        return  # everything after it, and every earlier row, depends on test rows, too
    for name, step in steps:
        ahead = _earlier_rows(case, step)
        if ahead is not None and ahead[0] > case.lookahead * _raw_step(case):
            seconds, channel, change = ahead
            yield Finding(
                "leak",
                "lookahead",
                name,
                channel,
                seconds,
                "s",
                f"{name} looks at least {seconds:g} s ahead: {channel!r} changes by up to "
                f"{change.size:.3g} ({change.relative:.2g} times its spread) when only later rows "
                "of raw do.",
            )
            return


def _of_test_rows(name: str, seen: Seen) -> Finding:
    if seen.change is None:
        return Finding(
            "leak",
            "feature_selection",
            name,
            seen.channel,
            float(len(seen.channel.split(", "))),
            "channels",
            f"{name} chooses other channels when only test rows of raw change ({seen.channel}): "
            "they were selected with test rows.",
        )
    return Finding(
        "leak",
        "bleeding" if seen.beside else "test_statistics",
        name,
        seen.channel,
        seen.change.relative,
        "spreads of the channel",
        f"{name} gives other training rows when only test rows of raw change: {seen.channel!r} of "
        f"{listed(seen.changed)} changes by up to {seen.change.size:.3g} "
        f"({seen.change.relative:.2g} times its spread), "
        + ("across cycle borders." if seen.beside else "so it learned from test rows."),
    )


def _training_rows(case: Case, prepare: Prepare) -> Seen | None:
    """How training rows change when test rows of raw do, by the first alteration that shows it."""
    train, test = case.whole[0]
    raw, y = _raw(case), _target(case, _raw(case))
    base = prepare(raw, y)
    tested = cycles(case.X.iloc[test])
    altered_rows = np.asarray(raw.index.get_level_values("cycle").isin(tested))
    trained = cycles(case.X.iloc[train])
    for raw_altered, y_altered in _alterations(raw, y, base, altered_rows):
        try:
            found = prepare(raw_altered, y_altered)
        except ValueError:
            continue  # it refuses such rows; the next alteration is another
        if list(found.columns) != list(base.columns):
            other = sorted(map(str, set(base.columns) ^ set(found.columns)))
            return Seen(trained, False, ", ".join(other), None)
        rows = np.asarray(base.index.get_level_values("cycle").isin(trained))
        kept = base.index[rows]
        if found.index.isin(kept).sum() != len(kept):
            return Seen(trained, False, "rows", _all_changed(len(kept)))
        one = as_numbers(base[rows])
        other_rows = as_numbers(found.loc[found.index.isin(kept)])
        change = change_between(one, other_rows)
        if change is not None:
            ids = pd.Index(base.index[rows][change.rows].get_level_values("cycle").unique())
            beside = bool(ids.isin(_next_to(cycles(raw), tested)).all())
            return Seen(ids, beside, str(base.columns[change.column]), change)
    return None


def _next_to(ids: pd.Index, tested: pd.Index) -> pd.Index:
    """Cycles that come right before or after one of these, when not all do."""
    places = ids.get_indexer(tested)
    near = np.unique(np.concatenate([places - 1, places + 1]))
    found = ids[near[(near >= 0) & (near < len(ids))]].difference(tested)
    return found if len(found) < len(ids.difference(tested)) else ids[:0]


def _alterations(
    raw: pd.DataFrame, y: pd.Series | None, base: pd.DataFrame, rows: np.ndarray
) -> Iterator[tuple[pd.DataFrame, pd.Series | None]]:
    """Other test rows: possible ones, far ones, still ones; dropped channels as the target."""
    columns = floating(raw)
    turned = None if y is None else y.where(~rows, y.to_numpy()[::-1])
    possible = raw
    positions = np.flatnonzero(rows)
    borders = np.flatnonzero(np.diff(positions) > 1) + 1
    for part in np.split(positions, borders):
        possible = disturbed(possible, slice(part[0], part[-1] + 1), limits(raw))
    yield possible, turned
    center = limits(raw).mean(axis=0)
    far = replaced(raw, rows, columns, lambda v, k: center[k] + FAR * (v - center[k]))
    yield far, turned
    yield replaced(raw, rows, columns, lambda v, k: np.full_like(v, center[k])), turned
    dropped = [k for k in columns if raw.columns[k] not in base.columns]
    if y is not None and dropped:
        truth, spread = y.to_numpy(dtype=np.float64), FAR * (float(y.std()) or 1.0)
        big = y.where(~rows, y.mean() + FAR * (truth - float(y.mean())) + spread)
        kept = [k for k in columns if k not in dropped]
        swapped = replaced(raw, rows, dropped, lambda v, k: big.to_numpy()[rows].astype(v.dtype))
        yield replaced(swapped, rows, kept, lambda v, k: np.full_like(v, center[k])), big


def _earlier_rows(case: Case, prepare: Prepare) -> tuple[float, str, Change] | None:
    """Farthest look-ahead in seconds: rows of X before a moment that change with raw after it."""
    raw, y = _raw(case), _target(case, _raw(case))
    base, rng = prepare(raw, y), case.rng()
    bounds, within = cycle_bounds(raw), limits(raw)
    start, stop = max(pairwise(bounds.tolist()), key=lambda b: b[1] - b[0])
    cycle = raw.index[start][0]
    index: Any = raw.index
    seconds = time_in_seconds(index)
    before = np.asarray(base.index.get_level_values("cycle") == cycle)
    own = _seconds_like(base, raw)
    n = int(stop - start)
    farthest: tuple[float, str, Change] | None = None
    for t in sorted(rng.integers(n // 4, max(3 * n // 4, n // 4 + 1), size=MOMENTS).tolist()):
        moment = seconds[start + t]
        rows = before & (own < moment)
        try:
            found = prepare(disturbed(raw, slice(start + t, stop), within), y)
        except ValueError:
            continue  # it refuses such rows
        if not found.index.equals(base.index) or list(found.columns) != list(base.columns):
            continue
        one, other = as_numbers(base[rows]), as_numbers(found[rows])
        change = change_between(one, other)
        if change is not None:
            ahead = float(moment - own[rows][np.argmax(change.rows)])
            if farthest is None or ahead > farthest[0]:
                farthest = ahead, str(base.columns[change.column]), change
    return farthest


def _seconds_like(base: pd.DataFrame, raw: pd.DataFrame) -> np.ndarray:
    """Seconds of the prepared rows by the clock of the raw ones: datetimes have no zero."""
    index: Any = base.index
    stamps = index.get_level_values("time")
    if isinstance(stamps, pd.DatetimeIndex):
        clock: Any = raw.index
        first = clock.levels[1].min()
        return np.asarray((stamps - first).total_seconds())
    return time_in_seconds(index)


def _steps(prepare: Any) -> list[tuple[str, Prepare]]:
    """The preparation up to each of its steps, by name."""
    node = tree(prepare)
    if isinstance(node, Chain):
        return [
            (f"prepare > {name}", _function(prepare[: k + 1], None))
            for k, (name, _) in enumerate(node.steps)
        ]
    name = getattr(prepare, "__name__", type(prepare).__name__)
    return [(f"prepare > {name}", _function(prepare, None))]


def _function(prepare: Any, X: pd.DataFrame | None) -> Prepare:
    """The preparation as a function of a raw log and its target, with a log as its result."""

    def run(raw: pd.DataFrame, y: pd.Series | None) -> pd.DataFrame:
        if isinstance(prepare, BaseEstimator):
            step = clone(prepare)
            if X is None and hasattr(step, "set_output"):
                step.set_output(transform="pandas")  # so that chosen channels have names
            out = step.fit_transform(raw, y)
        elif callable(prepare):
            out = prepare(raw, y) if _takes_target(prepare) else prepare(raw)
        else:
            raise InvalidParameterError(
                f"prepare must be a function or a transformer; got {type(prepare).__name__}"
            )
        return _as_log(out, raw, X)

    return run


def _as_log(out: Any, raw: pd.DataFrame, X: pd.DataFrame | None) -> pd.DataFrame:
    if isinstance(out, pd.DataFrame):
        if not is_log(out) and len(out) == len(raw):
            out = out.set_axis(raw.index)
        if is_log(out):
            return out
    elif len(out) == len(raw):
        values = np.asarray(out.toarray() if hasattr(out, "toarray") else out)
        fits = X is not None and values.ndim == 2 and values.shape[1] == X.shape[1]
        names = list(X.columns) if fits and X is not None else None
        return pd.DataFrame(values, index=raw.index, columns=names)
    raise InvalidLogError(
        f"prepare must give a log, indexed by (cycle, time); got {type(out).__name__}"
    )


def _takes_target(function: Any) -> bool:
    """Whether a function asks for a second argument."""
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    asked = [p for p in parameters if p.kind in kinds and p.default is inspect.Parameter.empty]
    return len(asked) >= 2


def _target(case: Case, raw: pd.DataFrame) -> pd.Series | None:
    """The target on the rows of raw; None where these are other rows."""
    return case.y if raw.index.equals(case.y.index) else None


def _raw(case: Case) -> pd.DataFrame:
    if case.raw is None:
        raise InvalidParameterError("raw must be given with prepare; got None")
    return case.raw


def _raw_step(case: Case) -> float:
    return sample_time(_raw(case))


def _all_changed(n_rows: int) -> Change:
    return Change(np.ones(n_rows, dtype=bool), 0, np.inf, np.inf)
