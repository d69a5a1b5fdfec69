"""The log and its target, checked before anything is fitted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log import as_log, cycle_bounds, is_log
from signalprep.trial._task import Task


def check_data(X: Any, y: Any, task: Task) -> tuple[pd.DataFrame, Any, dict[str, str]]:
    """The log and its target, checked, without their attrs, and the units from those."""
    if not (isinstance(X, pd.DataFrame) and is_log(X)):
        raise InvalidLogError(
            f"X must be a log, a DataFrame indexed by (cycle, time); got {type(X).__name__}. "
            "See as_log and read_log"
        )
    as_log(X)
    if len(cycle_bounds(X)) < 3:
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
