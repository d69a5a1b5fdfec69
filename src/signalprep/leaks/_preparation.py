"""Preparation before the split, tried with other test rows, another future and another target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._changes import Change, as_numbers, change_between
from signalprep.leaks._disturb import disturbed, floating, limits, replaced, stretches
from signalprep.leaks._finding import Finding
from signalprep.leaks._own_cycles import beside_each_other, earlier_rows, own_target
from signalprep.leaks._prepare import Prepare, raw_of, steps_of, target_of
from signalprep.log import cycles, sample_time
from signalprep.model_selection import listed
from signalprep.trial import Case

FAR = 100.0


class Seen(NamedTuple):
    """What training rows of X showed of altered test rows of the raw log."""

    changed: pd.Index
    beside: bool
    channel: str
    change: Change | None


def preparation_findings(case: Case) -> Iterator[Finding]:
    """Training rows of X that depend on test rows, and rows that depend on later ones."""
    if case.raw is None:
        return
    steps = steps_of(case.prepare)
    for name, step in steps:
        seen = _training_rows(case, step)
        if seen is not None:
            yield _of_test_rows(name, seen)
            return  # everything after it, and every earlier row, depends on test rows, too
    for name, step in steps:
        found = beside_each_other(case, step)
        if found is not None:
            yield _of_test_rows(name, Seen(found[0], True, found[1], found[2]))
            return
    for name, step in steps:
        target = own_target(case, step)
        if target is not None:
            yield _of_the_target(case, name, *target)
            return  # of the whole cycle or of later rows: both are the target's
    for name, step in steps:
        ahead = earlier_rows(case, step)
        if ahead is not None and ahead[0] > case.lookahead * sample_time(raw_of(case)):
            yield _of_later_rows(name, *ahead)
            return


def _of_later_rows(name: str, seconds: float, channel: str, change: Change) -> Finding:
    return Finding(
        "leak",
        "lookahead",
        name,
        channel,
        seconds,
        "s",
        f"{name} looks at least {seconds:g} s ahead: {channel!r} changes by up to "
        f"{_size(change)} when only later rows of raw do, or end.",
    )


def _of_the_target(case: Case, name: str, channel: str, change: Change) -> Finding:
    return Finding(
        "leak",
        "target_in_inputs",
        name,
        channel,
        change.relative,
        "spreads of the channel",
        f"{name} puts the target {str(case.y.name)!r} into {channel!r}, which changes by up to "
        f"{_size(change)} when only the target of test rows does.",
    )


def _size(change: Change) -> str:
    if not np.isfinite(change.size):
        return "a value that is missing in one case only"
    return f"{change.size:.3g} ({change.relative:.2g} times its spread)"


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
        f"{listed(seen.changed)} changes by up to {_size(seen.change)}, "
        + ("across cycle borders." if seen.beside else "so it learned from test rows."),
    )


def _training_rows(case: Case, prepare: Prepare) -> Seen | None:
    """How training rows change when test rows of raw do, by the first alteration that shows it."""
    train, test = case.whole[0]
    raw, y = raw_of(case), target_of(case, raw_of(case))
    base = prepare(raw, y)
    tested, trained = cycles(case.X.iloc[test]), cycles(case.X.iloc[train])
    altered_rows = _rows_of(raw, tested)
    for raw_altered, y_altered in _alterations(raw, y, base, altered_rows):
        try:
            found = prepare(raw_altered, y_altered)
        except ValueError:
            continue  # it refuses such rows; the next alteration is another
        seen = _changed(base, found, trained)
        if seen is not None:
            return seen._replace(beside=_is_carried(case, prepare, base, seen, tested, trained))
    return None


def _changed(base: pd.DataFrame, found: pd.DataFrame, trained: pd.Index) -> Seen | None:
    """Which of the training cycles differ, and in which channel most."""
    if list(found.columns) != list(base.columns):
        other = sorted(map(str, set(base.columns) ^ set(found.columns)))
        return Seen(trained, False, ", ".join(other), None)
    kept = base[_rows_of(base, trained)]
    again = found.loc[found.index.isin(kept.index)]
    if len(again) != len(kept):
        every = Change(np.ones(len(kept), dtype=bool), 0, np.inf, np.inf)
        return Seen(trained, False, "rows", every)
    change = change_between(as_numbers(kept), as_numbers(again))
    if change is None:
        return None
    ids = pd.Index(kept.index[change.rows].get_level_values("cycle").unique())
    return Seen(ids, False, str(base.columns[change.column]), change)


def _is_carried(
    case: Case,
    prepare: Prepare,
    base: pd.DataFrame,
    seen: Seen,
    tested: pd.Index,
    trained: pd.Index,
) -> bool:
    """Whether rows depend on those before or after them, across cycle borders.

    A statistic of all rows is seen on both sides of a test cycle; what is carried on, on one.
    """
    if seen.change is None or seen.channel == "rows":
        return False
    raw = raw_of(case)
    order = cycles(raw)
    if bool(seen.changed.isin(_next_to(order, tested)).all()):
        return True
    places, known = order.get_indexer(tested), order.get_indexer(trained)
    sides = [min((known < place).sum(), (known > place).sum()) for place in places]
    if not max(sides):
        return False
    middle = int(np.argmax(sides))
    rows = _rows_of(raw, tested[middle : middle + 1])
    try:
        found = prepare(
            disturbed(raw, stretches(rows), limits(raw)),
            target_of(case, raw),
        )
    except ValueError:
        return False
    alone = _changed(base, found, trained)
    if alone is None or alone.change is None:
        return False
    changed = order.get_indexer(alone.changed)
    return bool((changed > places[middle]).all() or (changed < places[middle]).all())


def _next_to(ids: pd.Index, tested: pd.Index) -> pd.Index:
    """Cycles that come right before or after one of these, when not all do."""
    places = ids.get_indexer(tested)
    near = np.unique(np.concatenate([places - 1, places + 1]))
    found = ids[near[(near >= 0) & (near < len(ids))]].difference(tested)
    return found if len(found) < len(ids.difference(tested)) else ids[:0]


def _rows_of(log: pd.DataFrame, ids: pd.Index) -> np.ndarray:
    return np.asarray(log.index.get_level_values("cycle").isin(ids))


def _alterations(
    raw: pd.DataFrame, y: pd.Series | None, base: pd.DataFrame, rows: np.ndarray
) -> Iterator[tuple[pd.DataFrame, pd.Series | None]]:
    """Other test rows: possible, far, still, none; dropped channels as the target."""
    columns = floating(raw)
    turned = None if y is None else y.where(~rows, y.to_numpy()[::-1])
    yield disturbed(raw, stretches(rows), limits(raw)), turned
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
    yield raw[~rows], None if y is None else y[~rows]
