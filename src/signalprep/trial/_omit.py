"""Rows whose target is not to be believed: out of fits and scores, seen by every step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import fit_rows, taken, weight_params
from signalprep.log import at_each_row, check_same_index
from signalprep.model_selection import Folds
from signalprep.trial._missing import naming_missing
from signalprep.trial._vote import Vote

__all__ = ["as_omitted", "check_omitted", "fit_on"]


def as_omitted(omit: Any, X: pd.DataFrame) -> np.ndarray | None:
    """Whether each row of X is left out; None where nothing is.

    Raises
    ------
    InvalidLogError
        A series that carries another index than `X`.
    InvalidParameterError
        Not one bool a row.
    """
    if omit is None:
        return None
    omit = at_each_row(omit, X, "omit")
    check_same_index(X, omit, "omit")
    mask = np.asarray(omit)
    if mask.shape != (len(X),) or mask.dtype != bool:
        raise InvalidParameterError(
            f"omit must be one bool for each of the {len(X)} rows of X, or for each cycle by its "
            f"id; got {mask.dtype} of shape {mask.shape}"
        )
    return mask if mask.any() else None


def check_omitted(omitted: np.ndarray | None, folds: Folds, vote: Vote | None) -> None:
    """Refuse folds in which nothing is left to learn or to score, and decisions about parts."""
    if omitted is None:
        return
    if vote is not None:
        raise InvalidParameterError(
            "omit leaves out rows, and decide='cycle' has one decision a cycle: pass one of them, "
            "and leave cycles out of X"
        )
    for k, (train, _) in enumerate(folds):
        if omitted[train].all():
            raise InvalidLogError(f"omit leaves no row to learn in fold {k}")
    if all(omitted[test].all() for _, test in folds):
        raise InvalidLogError("omit leaves no row to score")


def fit_on(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    train: np.ndarray,
    weight: np.ndarray | None,
    omitted: np.ndarray | None,
) -> Any:
    """Fit an estimator on the training rows but those left out, and give the fitted."""
    trained, target = X.iloc[train], y.iloc[train]
    own = taken(weight, train)
    kept = None if omitted is None else ~omitted[train]
    with naming_missing(trained):
        if kept is not None and not kept.all():
            return fit_rows(estimator, trained, target, kept, own)
        return estimator.fit(trained, target, **weight_params(estimator, own))
