"""Which kind of task a model or a target is about."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError

__all__ = ["TaskName", "require_regressor", "task_of"]


class TaskName(StrEnum):
    """What is asked of a model: one number, several numbers, or a class."""

    REGRESSION = "regression"
    SEVERAL_TARGETS = "several targets"
    CLASSIFICATION = "classification"


def task_of(estimator: Any, y: Any = None) -> TaskName | None:
    """Tell the task from the estimator and the target, each as far as it is given.

    Every other part of signalprep asks here, so that all mean the same.

    Parameters
    ----------
    estimator : estimator or None
        Fitted or not. None: the target alone tells.
    y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
        Several columns are several targets. Without an estimator numbers are a regression, be they
        whole or not, and all else is labels of classes.

    Returns
    -------
    task : TaskName or None
        None for what neither regresses nor classifies, such as a transformer, or when nothing is
        given.

    Raises
    ------
    InvalidParameterError
        The class of an estimator in place of one.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression, Ridge
    >>> from signalprep.metrics import task_of
    >>> task_of(LogisticRegression()).value, task_of(Ridge(), [[1.0, 2.0]]).value
    ('classification', 'several targets')
    >>> task_of(None, ["hot", "cold"]).value
    'classification'
    """
    if estimator is None:
        task = None if y is None else _of_values(y)
    else:
        from sklearn.base import is_classifier, is_regressor

        if isinstance(estimator, type):
            name = estimator.__name__
            raise InvalidParameterError(
                f"estimator must be an estimator, not its class; got {name}: pass {name}()"
            )
        task = TaskName.REGRESSION if is_regressor(estimator) else None
        task = TaskName.CLASSIFICATION if is_classifier(estimator) else task
    several = y is not None and np.ndim(y) == 2 and np.shape(y)[1] > 1
    return TaskName.SEVERAL_TARGETS if several and task is TaskName.REGRESSION else task


def require_regressor(estimator: Any, name: str = "estimator") -> None:
    """Raise InvalidParameterError when an estimator is a classifier; None is no estimator."""
    if estimator is not None and task_of(estimator) is TaskName.CLASSIFICATION:
        raise InvalidParameterError(
            f"{name} must be a regressor; got the classifier {type(estimator).__name__}"
        )


def _of_values(y: Any) -> TaskName:
    columns = pd.DataFrame(y).dtypes
    numbers = all(pd.api.types.is_numeric_dtype(dtype) for dtype in columns)
    return TaskName.REGRESSION if numbers else TaskName.CLASSIFICATION
