"""Test rows that an estimator holds for its own fit: to stop by, to choose by, to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from signalprep.leaks._altered import Chosen, altered
from signalprep.leaks._changes import as_numbers, change_between
from signalprep.trial import Case

MOST_FITS = 3


def changes_the_fit(case: Case, fitted: Any, log: Any, tables: list[Any]) -> Iterator[Any]:
    """Tables of which another, in the place of test rows alone, gives another model.

    A few fits on the training rows of the first fold. An estimator that gives another model each
    time cannot be told.
    """
    test_only = _of_test(case)
    base = as_numbers(_predicted(fitted, log))
    steady: bool | None = None
    for table in tables[:MOST_FITS]:
        other = _refitted(case, altered(case.estimator, table, test_only))
        found = None if other is None else _predicted(other, log)
        if found is None or change_between(base, as_numbers(found)) is None:
            continue
        if steady is None:
            again = _refitted(case, case.estimator)
            steady = (
                again is not None
                and change_between(base, as_numbers(_predicted(again, log))) is None
            )
        if steady:
            yield table


def _of_test(case: Case) -> Chosen:
    """Chooses the values of test rows: by their place in the log, else as no training row has."""
    train, test = case.whole[0]
    numbers = np.column_stack([case.X.select_dtypes("number").to_numpy(np.float64), case.numbers()])
    test_only = np.setdiff1d(numbers[test], numbers[train])
    tested = case.X.index[test]

    def chosen(values: Any) -> np.ndarray:
        if isinstance(values, pd.Series) and values.index.nlevels == tested.nlevels:
            return np.asarray(values.index.isin(tested))
        return np.isin(values, test_only)

    return chosen


def _refitted(case: Case, estimator: Any) -> Any | None:
    train, _ = case.whole[0]
    try:
        return clone(estimator).fit(case.X.iloc[train], case.y.iloc[train])
    except (ValueError, LookupError, TypeError):
        return None


def _predicted(fitted: Any, log: Any) -> np.ndarray:
    found = np.asarray(fitted.predict(log))
    return found.reshape(len(found), -1)
