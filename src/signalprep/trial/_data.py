"""The log and its target, checked before anything is fitted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log import as_log, cycle_bounds, is_log, why_no_log
from signalprep.trial._task import Task


def check_data(
    X: Any, y: Any, task: Task, *, timed: bool = True
) -> tuple[pd.DataFrame, Any, dict[str, str]]:
    """The log and its target, checked, without their attrs, and the units from those.

    Parameters
    ----------
    X, y : DataFrame, Series or DataFrame
        The log and its target.
    task : Task
        What is to be predicted.
    timed : bool, default=True
        Whether the rate must be known, which cycles of one row each do not tell.
    """
    if not (isinstance(X, pd.DataFrame) and is_log(X)):
        raise InvalidLogError(
            f"X must be a log, a DataFrame indexed by (cycle, time); {why_no_log(X)}"
        )
    as_log(X)
    bounds = cycle_bounds(X)
    if timed and len(bounds) > len(X):
        raise InvalidLogError(
            "X must hold a cycle of two rows or more, so that its rate is known; every cycle has "
            "one. A log has one row a sample: for one row a recording, scikit-learn's "
            "cross_validate takes groups="
        )
    if len(bounds) < 3:
        raise InvalidLogError(
            "X must hold at least two cycles, to test on a cycle unseen in training; got one"
        )
    units = {**X.attrs.get("units", {}), **_units_of(y)}
    X, y = X.copy(deep=False), task.check(X, y).copy(deep=False)
    X.attrs, y.attrs = {}, {}  # pandas copies them deeply at every slice
    return X, y, units


def _units_of(y: Any) -> dict[str, str]:
    units: dict[str, str] = getattr(y, "attrs", {}).get("units", {})
    return units
