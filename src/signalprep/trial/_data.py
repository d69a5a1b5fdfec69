"""The log and its target, checked before anything is fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import as_log, cycle_bounds, is_log, locate
from signalprep.trial._classification import check_classes


def check_data(
    X: Any, y: Any, *, labels: bool = False
) -> tuple[pd.DataFrame, pd.Series, dict[str, str]]:
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
    if isinstance(y, pd.DataFrame):
        if y.shape[1] != 1:
            raise InvalidParameterError(f"y must be one target; got {y.shape[1]} columns")
        y = y.iloc[:, 0]
    if isinstance(y, pd.Series):
        if not y.index.equals(X.index):
            raise InvalidLogError("y must carry the index of X; got another index")
    else:
        values = np.asarray(y)
        if values.shape != (len(X),):
            raise InvalidLogError(f"y must have shape ({len(X)},) as X; got {values.shape}")
        y = pd.Series(values, index=X.index, name="target")
    units = {**X.attrs.get("units", {}), **y.attrs.get("units", {})}
    if labels:
        y = check_classes(y)
    else:
        _check_numbers(y)
    X, y = X.copy(deep=False), y.copy(deep=False)
    X.attrs, y.attrs = {}, {}  # pandas copies them deeply at every slice
    return X, y, units


def _check_numbers(y: pd.Series) -> None:
    if not pd.api.types.is_numeric_dtype(y.dtype):
        raise InvalidLogError(f"y must be numbers; got {y.dtype}")
    finite = np.isfinite(y.to_numpy(dtype=np.float64))
    if not finite.all():
        row = int(np.argmin(finite))
        raise InvalidLogError(f"y must be finite; got {y.iloc[row]} at {locate(y.index, row)}")
