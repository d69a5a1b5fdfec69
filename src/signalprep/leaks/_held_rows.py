"""Steps and preparation that hold rows of test cycles, or tables of what they are on average.

What a step holds is compared with the log: rows that only test cycles have, statistics of test
cycles, means of the target by the levels of a channel. A match counts as a leak only if the step
gives other values for test rows when what it holds is altered: a frame may be held for the names
of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._altered import altered, tables_in
from signalprep.leaks._changes import as_numbers, change_between
from signalprep.leaks._finding import Finding
from signalprep.leaks._held_in_fit import changes_the_fit
from signalprep.leaks._made_of_target import made_of_target
from signalprep.leaks._prepare import function_of, raw_of, target_of
from signalprep.leaks._proxies import copied
from signalprep.leaks._stages import Trace, opening
from signalprep.leaks._whole_cycle import STATISTICS
from signalprep.log import cycle_bounds, cycles, is_log
from signalprep.trial import Case

FEWEST = 10
"""Values of test rows alone, of many digits."""
SHARE = 0.2
FEWEST_CYCLES = 2
MOST_LEVELS = 100
MOST_VALUES = 2000
DIGITS = 6
SAME = 1e-11
_TARGET = "\0target"


class Known(NamedTuple):
    """Numbers of the log that only who has seen test rows has, by what they are."""

    kind: str
    words: str
    numbers: np.ndarray
    fewest: int


def held_row_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Test rows of the log, and tables made of them, inside steps and preparation."""
    held = [(one, list(tables_in(one.stage.estimator))) for one in trace.passed]
    prepared = [] if case.raw is None else list(tables_in(case.prepare))
    if not prepared and not any(tables for _, tables in held):
        return
    known = list(_known(case))
    told = False
    for k, (one, tables) in enumerate(held):
        for path, table in tables:
            match = _match(table, known) or _aligned(case, table)
            if match is None or _is_told(case, trace, k):
                told |= match is not None
                continue
            other = altered(one.stage.estimator, table)
            try:
                apply = other.predict if one.stage.final else other.transform
                found = (
                    as_numbers(one.stage.of(one.given)),
                    as_numbers(replace(one.stage, apply=apply).of(one.given)),
                )
            except (ValueError, LookupError, AttributeError):
                continue
            if change_between(*found) is not None:
                yield _of(match, one.stage.name, opening(one.stage), path)
                told = True
                break
    if not told:
        yield from _in_fit(case, trace, known)
    yield from _in_preparation(case, prepared, known)


def _in_fit(case: Case, trace: Trace, known: list[Known]) -> Iterator[Finding]:
    """Test rows that change what is learned; targets first, which most say what to learn."""
    tables = list(tables_in(case.estimator))
    matches = [
        (match, path, table)
        for path, table in tables
        if (match := _match(table, known) or _aligned(case, table))
    ]
    matches.sort(key=lambda found: found[0].kind != "target_in_inputs")
    only = [table for *_, table in matches]
    for found in changes_the_fit(case, trace.fitted, trace.log, only):
        match, path, _ = next(one for one in matches if one[2] is found)
        name = type(case.estimator).__name__
        what = (
            f"{name} holds {match.words} ({path}), and fit gives another model when these alone "
            "are others: it stops, chooses or learns by them."
        )
        yield Finding("leak", "test_statistics", path, "", np.nan, "", what)
        return


def _in_preparation(
    case: Case, tables: list[tuple[str, Any]], known: list[Known]
) -> Iterator[Finding]:
    """The same of what prepared the inputs."""
    for path, table in tables:
        match = _match(table, known) or _aligned(case, table)
        if match is None:
            continue
        run = function_of(altered(case.prepare, table))
        try:
            found_X = run(raw_of(case), target_of(case, raw_of(case)))
        except (ValueError, LookupError):
            continue
        if not found_X.index.equals(case.X.index) or list(found_X) != list(case.X):
            continue
        if change_between(as_numbers(case.X), as_numbers(found_X)) is not None:
            name = getattr(case.prepare, "__name__", type(case.prepare).__name__)
            yield _of(match, f"prepare > {name}", f"The preparation {name}", path)
            break


def _is_told(case: Case, trace: Trace, k: int) -> bool:
    """Whether the target comes out of a step as a column, which is told of by itself."""
    one = trace.passed[k]
    y = pd.Series(case.numbers(), case.y.index).reindex(trace.log.index).to_numpy()[one.rows]
    return np.ptp(y) > 0 and copied(one.out, y, trace.bounds(k)) is not None


def _of(match: Known, step: str, opening_: str, path: str) -> Finding:
    what = f"{opening_} holds {match.words} ({path}), and gives other values for them without."
    return Finding("leak", match.kind, step, "", np.nan, "", what)


def _match(table: Any, known: list[Known]) -> Known | None:
    """What of the log a table holds; None for nothing."""
    numbers = np.unique(_numbers(table))
    for one in known:
        if len(numbers) and _among(one.numbers, numbers) >= one.fewest:
            return one
    return None


def _aligned(case: Case, table: Any) -> Known | None:
    """What of test rows, or of test cycles, a table holds where its keys or rows are theirs.

    Rounded values are the same in many rows: only at their own places do they say something.
    """
    if isinstance(table, Mapping):
        table = pd.Series(dict(table))
    if isinstance(table, np.ndarray) and len(table) == len(case.X) and table.dtype.kind in "fiu":
        table = pd.DataFrame(table.reshape(len(table), -1), index=case.X.index)
    if isinstance(table, pd.Series):
        table = table.to_frame()
    if not isinstance(table, pd.DataFrame) or not table.index.is_unique:
        return None
    tested = case.X.iloc[case.whole[0][1]]
    log = tested.assign(**{_TARGET: case.numbers()[case.whole[0][1]]}).select_dtypes("number")
    if is_log(table) and tested.index.isin(table.index).sum() >= FEWEST:
        held = table.select_dtypes("number").reindex(tested.index)
        same = _same_column(case, held, {"{} of test rows": log}, FEWEST)
        return same or _of_target(case, held, log[_TARGET])
    index: pd.Index = table.index
    if isinstance(index, pd.MultiIndex) or index.isin(cycles(tested)).sum() < FEWEST_CYCLES:
        return None
    by_cycle = log.groupby(level="cycle", sort=False)
    names = {"mean": "mean", "last value": "last", "maximum": "max", "minimum": "min"}
    made = {f"the {words} of {{}} in test cycles": by_cycle.agg(of) for words, of in names.items()}
    held = table.select_dtypes("number").reindex(cycles(tested))
    return _same_column(case, held, made, FEWEST_CYCLES)


def _of_target(case: Case, held: pd.DataFrame, target: pd.Series) -> Known | None:
    """What of the target of test rows a column is that was made of it."""
    y, bounds = target.to_numpy(np.float64), cycle_bounds(held.index)
    for k in range(held.shape[1]):
        values = held.iloc[:, k].to_numpy(np.float64)
        words = made_of_target(values, y, bounds)
        if words:
            what = words.format(f"the target {str(case.y.name)!r} of test rows")
            return Known("target_in_inputs", what, values, FEWEST)
    return None


def _same_column(
    case: Case, held: pd.DataFrame, made: dict[str, pd.DataFrame], fewest: int
) -> Known | None:
    for words, frame in made.items():
        for name in frame:
            wanted = frame[name].to_numpy(np.float64)
            for k in range(held.shape[1]):
                values = held.iloc[:, k].to_numpy(np.float64)
                same = np.isclose(values, wanted, rtol=1e-9, atol=0.0)
                if same.sum() >= fewest and same.mean() > 0.9 and np.ptp(wanted[same]) > 0:
                    target = name == _TARGET
                    what = f"the target {case.y.name!r}" if target else f"channel {name!r}"
                    kind = "target_in_inputs" if target else "test_statistics"
                    return Known(kind, words.format(what), wanted, fewest)
    return None


def _among(wanted: np.ndarray, numbers: np.ndarray) -> int:
    """How many numbers are among sorted ones, to the last digits."""
    place = np.searchsorted(numbers, wanted)
    near = [numbers[np.clip(place - shift, 0, len(numbers) - 1)] for shift in (0, 1)]
    away = np.minimum(*(np.abs(one - wanted) for one in near))
    return int((away <= SAME * np.abs(wanted)).sum())


def _known(case: Case) -> Iterator[Known]:
    """What of the log a step must not hold."""
    train, test = case.whole[0]
    bounds = cycle_bounds(case.X)
    y = case.numbers()
    numeric = [k for k, dtype in enumerate(case.X.dtypes) if pd.api.types.is_numeric_dtype(dtype)]
    name = str(case.y.name)
    channels: dict[int | None, np.ndarray] = {None: y}
    channels |= {k: case.X.iloc[:, k].to_numpy(np.float64, na_value=np.nan) for k in numeric}
    in_test = np.zeros(len(y), dtype=bool)
    in_test[test] = True
    borders = [(a, b) for a, b in pairwise(bounds.tolist()) if in_test[a]]
    for k, values in channels.items():
        what = f"the target {name!r}" if k is None else f"channel {str(case.X.columns[k])!r}"
        kind = "target_in_inputs" if k is None else "test_statistics"
        some = test[:: max(1, len(test) // MOST_VALUES)]
        own = np.setdiff1d(_long(values[some]), values[train])
        fewest = max(FEWEST, int(SHARE * len(own)))
        if len(own) >= FEWEST:
            yield Known(kind, f"{what} of test rows", own, fewest)
        for statistic, of in STATISTICS.items():
            parts = [values[a:b] for a, b in borders]
            levels = np.array([of(part) for part in parts if np.isfinite(part).all()])
            own = np.setdiff1d(_long(levels), values[train])
            if len(own) >= FEWEST_CYCLES:
                words = f"the {statistic} of {what} in test cycles"
                yield Known(kind, words, own, max(FEWEST_CYCLES, len(own) // 2))
    yield from _means_by_level(case, y, name, train)


def _means_by_level(case: Case, y: np.ndarray, name: str, train: np.ndarray) -> Iterator[Known]:
    """Means of the target by the levels of a channel over all rows."""
    target = pd.Series(y)
    for k in range(case.X.shape[1]):
        levels = pd.Series(pd.factorize(case.X.iloc[:, k])[0])
        if not 2 <= levels.nunique() <= MOST_LEVELS:
            continue
        whole = target.groupby(levels).mean().to_numpy()
        trained = target.iloc[train].groupby(levels.iloc[train]).mean().to_numpy()
        own = np.setdiff1d(_long(whole), trained)
        if len(own) >= 2:
            words = f"the mean of the target {name!r} by {str(case.X.columns[k])!r} over all rows"
            yield Known("target_in_inputs", words, own, max(2, len(own) // 2))


def _numbers(table: Any) -> np.ndarray:
    if isinstance(table, pd.DataFrame):
        table = table.select_dtypes("number")
    if isinstance(table, Mapping):
        table = list(table.values())
    array = np.asarray(table)
    array = array.astype(np.float64).ravel() if array.dtype.kind in "fiu" else np.empty(0)
    return array[np.isfinite(array)]


def _long(values: np.ndarray) -> np.ndarray:
    """Distinct numbers of many digits."""
    known = np.unique(values[np.isfinite(values)])
    return known[known != np.array([float(f"{v:.{DIGITS - 1}g}") for v in known])]
