"""The log and its target, checked before anything is fitted."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import walk
from signalprep.log import as_log, at_each_row, cycle_bounds, is_log, why_no_log
from signalprep.metrics import task_of
from signalprep.trial._omit import as_omitted
from signalprep.trial._task import Task


class Data(NamedTuple):
    """The log and its target without their attrs, the units from those, and what is left out."""

    X: pd.DataFrame
    y: Any
    units: dict[str, str]
    omitted: np.ndarray | None


def check_data(X: Any, y: Any, task: Task, estimator: Any, omit: Any = None) -> Data:
    """The log and its target, checked.

    Where every cycle is a single row, what works over time is refused.
    """
    _check_estimator(estimator)
    if not (isinstance(X, pd.DataFrame) and is_log(X)):
        raise InvalidLogError(
            f"X must be a log, a DataFrame indexed by (cycle, time); {why_no_log(X)}"
        )
    as_log(X)
    if len(cycle_bounds(X)) < 3:
        raise InvalidLogError(
            "X must hold at least two cycles, to test on a cycle unseen in training; got one"
        )
    _check_time(estimator, X)
    units = {**X.attrs.get("units", {}), **_units_of(y)}
    y = at_each_row(y, X, "y")
    omitted = as_omitted(omit, X)
    X, y = X.copy(deep=False), task.check(X, y, omitted).copy(deep=False)
    X.attrs, y.attrs = {}, {}  # pandas copies them deeply at every slice
    return Data(X, y, units, omitted)


def _check_estimator(estimator: Any) -> None:
    """Raise InvalidParameterError unless it can be fitted and predicts."""
    # What predicts once it is fitted may show no predict before, such as a stack.
    has = {
        "fit": hasattr(estimator, "fit"),
        "predict": hasattr(estimator, "predict") or task_of(estimator) is not None,
    }
    lacking = [name for name, known in has.items() if not known]
    if lacking:
        raise InvalidParameterError(
            f"estimator must have fit and predict; {type(estimator).__name__} has no "
            f"{' and no '.join(lacking)}: pass a regressor or a classifier, or a pipeline that "
            "ends with one (and a search with refit=True)"
        )


def _check_time(estimator: Any, X: pd.DataFrame) -> None:
    """Refuse a step that works over time where no cycle has any."""
    if len(cycle_bounds(X)) <= len(X):
        return
    for path, step in walk(estimator):
        if getattr(step, "combines_rows", False):
            raise InvalidLogError(
                f"{path} works over time, and every cycle of X has one row: leave it out, or pass "
                "the rows of each recording (with decide='cycle' for one decision about it)"
            )


def _units_of(y: Any) -> dict[str, str]:
    units: dict[str, str] = getattr(y, "attrs", {}).get("units", {})
    return units
