"""The folds of a log, from whatever `cv` may be."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv

from signalprep.errors import InvalidParameterError
from signalprep.model_selection import CycleKFold

Folds = list[tuple[np.ndarray, np.ndarray]]


def as_splitter(cv: Any) -> Any:
    """CycleKFold for None and a number; splitters and lists of folds as they are."""
    if cv is None:
        return CycleKFold(5)
    if isinstance(cv, numbers.Integral):
        return CycleKFold(int(cv))
    return cv


def split(splitter: Any, X: pd.DataFrame, y: pd.Series, *, once: bool = True) -> Folds:
    """Row positions (train, test) of each fold, checked: no empty fold, no row tested twice.

    Without `once`, a row may be tested by several folds.
    """
    checked = check_cv(splitter)
    groups = X.index.get_level_values("cycle") if _asks_for_groups(splitter) else None
    folds = [(_positions(a), _positions(b)) for a, b in checked.split(X, y, groups)]
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


def _asks_for_groups(splitter: Any) -> bool:
    routing = getattr(splitter, "get_metadata_routing", None)
    return routing is not None and "groups" in routing().consumes("split", ["groups"])


def _positions(rows: Any) -> np.ndarray:
    """Positions of rows given by position or by a mask."""
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows
