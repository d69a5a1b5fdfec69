"""The folds of a log, from whatever `cv` may be."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv

from signalprep.errors import InvalidParameterError
from signalprep.log import cycles, groups_of_cycles
from signalprep.model_selection import CycleKFold

Folds = list[tuple[np.ndarray, np.ndarray]]


def as_splitter(cv: Any) -> Any:
    """CycleKFold for None and a number; splitters and lists of folds as they are."""
    if cv is None:
        return CycleKFold(5)
    if isinstance(cv, numbers.Integral):
        return CycleKFold(int(cv))
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
    checked = check_cv(splitter)
    of_rows = _groups_of_rows(splitter, X, groups)
    folds = [(_positions(a), _positions(b)) for a, b in checked.split(X, y, of_rows)]
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
    cycle = X.index.get_level_values("cycle")
    return cycle if groups is None else groups.reindex(cycle).to_numpy()


def _asks_for_groups(splitter: Any) -> bool:
    routing = getattr(splitter, "get_metadata_routing", None)
    return routing is not None and "groups" in routing().consumes("split", ["groups"])


def _positions(rows: Any) -> np.ndarray:
    """Positions of rows given by position or by a mask."""
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows
