"""The folds of a log, from whatever `cv` may be, and the cycles and groups that they keep whole."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError, LeakError
from signalprep.log import cycle_bounds, cycles, groups_of_cycles, is_log, shown
from signalprep.model_selection._cycle_k_fold import CycleKFold

__all__ = [
    "STUDY",
    "Folds",
    "as_splitter",
    "check_fold_borders",
    "check_groups_whole",
    "cv_text",
    "groups_for",
    "listed",
    "shared_cycles",
    "shared_groups",
    "split",
]

Folds = list[tuple[np.ndarray, np.ndarray]]

STUDY = ", or study the leak: validate(..., allow_leak=True)"
"""The way out of a refused leak."""


def as_splitter(cv: Any) -> Any:
    """CycleKFold for None and a number; splitters and lists of folds as they are."""
    if cv is None:
        return CycleKFold(5)
    if isinstance(cv, numbers.Integral) and not isinstance(cv, bool):
        return CycleKFold(int(cv))
    if isinstance(cv, type):
        raise InvalidParameterError(
            f"cv must be a splitter, not its class; got {cv.__name__}: pass {cv.__name__}()"
        )
    if isinstance(cv, str) or not (hasattr(cv, "split") or isinstance(cv, Iterable)):
        raise InvalidParameterError(
            "cv must be a number of folds, a splitter or a list of (train, test) rows; got "
            f"{cv!r}: pass an int, such as cv=5"
        )
    return cv


def groups_for(groups: Any, cv: Any, X: pd.DataFrame) -> pd.Series | None:
    """Group of each cycle: those given, else those that the splitter keeps together."""
    given = getattr(cv, "together", None) if groups is None else groups
    return None if given is None else groups_of_cycles(given, cycles(X))


def split(
    splitter: Any,
    X: pd.DataFrame,
    y: Any,
    groups: pd.Series | None = None,
    *,
    once: bool = True,
) -> Folds:
    """Row positions (train, test) of each fold, checked: no empty fold, no row tested twice.

    Parameters
    ----------
    groups : Series, default=None
        Group of each cycle. None: each cycle is its own.
    once : bool, default=True
        Whether a row tested by several folds is refused.
    """
    given = splitter
    if hasattr(splitter, "split"):
        given = splitter.split(X, y, _groups_of_rows(splitter, X, groups))
    folds = [_positions(fold, k, X.shape[0]) for k, fold in enumerate(given)]
    if not folds:
        raise InvalidParameterError("cv must give at least one fold; got none")
    for k, (train, test) in enumerate(folds):
        if len(train) == 0 or len(test) == 0:
            raise InvalidParameterError(
                f"cv must give training and test rows; fold {k} has {len(train)} and {len(test)}"
            )
    tested = np.concatenate([test for _, test in folds])
    if once and len(np.unique(tested)) < len(tested):
        raise InvalidParameterError(
            "cv must test a row at most once (intervals count it once); a row is in several folds"
        )
    return folds


def _groups_of_rows(splitter: Any, X: pd.DataFrame, groups: pd.Series | None) -> Any:
    """What the splitter is told of each row: nothing, its cycle, or its group."""
    if hasattr(splitter, "together"):  # it reads the cycles from the index
        if groups is None or splitter.together is not None:
            return None
    elif not _asks_for_groups(splitter):
        return None
    if not is_log(X):
        raise InvalidParameterError(
            f"cv={splitter!r} asks for groups, which a log has, indexed by (cycle, time): see "
            "as_log"
        )
    cycle = X.index.get_level_values("cycle")
    return cycle if groups is None else groups.reindex(cycle).to_numpy()


def _asks_for_groups(splitter: Any) -> bool:
    routing = getattr(splitter, "get_metadata_routing", None)
    return routing is not None and "groups" in routing().consumes("split", ["groups"])


def _positions(fold: Any, k: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows of a fold, given by position or by a mask."""
    parts = list(fold) if isinstance(fold, Iterable) else []
    if len(parts) != 2:
        raise InvalidParameterError(f"cv must give (train, test) rows; fold {k} is {fold!r:.80}")
    found = []
    for name, part in zip(("train", "test"), parts, strict=True):
        rows = np.asarray(part)
        if rows.dtype == bool and rows.shape == (n_rows,):
            rows = np.flatnonzero(rows)
        if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
            raise InvalidParameterError(
                f"cv must give rows by their positions, ints, or by a mask of {n_rows} bools; "
                f"{name} of fold {k} has {rows.dtype} of shape {rows.shape}"
            )
        beyond = rows[(rows < 0) | (rows >= n_rows)]
        if beyond.size:
            raise InvalidParameterError(
                f"cv must give positions of rows, 0 to {n_rows - 1}; {name} of fold {k} has "
                f"{beyond[0]}"
            )
        found.append(rows.astype(np.int64, copy=False))
    return found[0], found[1]


def cv_text(splitter: Any, folds: Folds) -> str:
    """The splitter in words; of folds that were given as they are, their number."""
    if hasattr(splitter, "split"):
        return repr(splitter)
    return f"{len(folds)} {'fold' if len(folds) == 1 else 'folds'} given by their rows"


def check_fold_borders(log: pd.DataFrame, folds: Folds, otherwise: str = STUDY) -> None:
    """Raise LeakError when a fold trains on rows of a cycle that it tests.

    Parameters
    ----------
    otherwise : str
        What else may be done, in words.
    """
    ids = cycles(log)
    for k, shared in enumerate(shared_cycles(log, folds)):
        if len(shared):
            raise LeakError(
                f"test cycles must be unseen in training; fold {k} trains on rows of "
                f"{listed(ids[shared])}, which it also tests. Use CycleKFold{otherwise}"
            )


def check_groups_whole(
    log: pd.DataFrame, folds: Folds, groups: pd.Series | None, otherwise: str = STUDY
) -> None:
    """Raise LeakError when a fold trains on cycles of a group that it tests.

    Parameters
    ----------
    otherwise : str
        What else may be done, in words.
    """
    for k, shared in enumerate(shared_groups(log, folds, groups)):
        if len(shared):
            raise LeakError(
                f"groups must be whole: fold {k} trains on cycles of "
                f"{listed(shared, what='group')}, which it also tests. Leave cv to the default, "
                f"use a CycleKFold or a splitter that takes groups{otherwise}"
            )


def shared_cycles(log: pd.DataFrame, folds: Folds) -> Iterator[np.ndarray]:
    """Give for each fold the positions of the cycles that it both trains on and tests."""
    bounds = cycle_bounds(log)
    cycle_of_row = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    for train, test in folds:
        yield np.intersect1d(cycle_of_row[train], cycle_of_row[test])


def shared_groups(log: pd.DataFrame, folds: Folds, groups: pd.Series | None) -> Iterator[pd.Index]:
    """Give for each fold the groups that it both trains on and tests; nothing without groups."""
    if groups is None:
        return
    codes, names = pd.factorize(groups)
    of_row = np.repeat(codes, np.diff(cycle_bounds(log)))
    for train, test in folds:
        yield pd.Index(names[np.intersect1d(of_row[train], of_row[test])])


def listed(ids: pd.Index, most: int = 3, what: str = "cycle") -> str:
    """The first of some ids in words, and how many more there are."""
    names = ", ".join(shown(i) for i in ids[:most].tolist())
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return f"{what}{'s' if len(ids) > 1 else ''} {names}{more}"
