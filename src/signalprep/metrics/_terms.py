"""What the rows of a cell are reduced to, and from what every metric is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["ClassTerms", "ErrorTerms", "mean_over_classes"]


class ErrorTerms(NamedTuple):
    """Of errors that have a size; arrays of one shape, one value a cell or a resample of it."""

    n: np.ndarray
    """Rows, or what they count for, NaN where there is none."""
    error: np.ndarray
    """Sum of prediction minus truth."""
    abs_error: np.ndarray
    squared_error: np.ndarray
    spread: np.ndarray
    """Sum of the squared deviations of the truth from its mean, NaN where it is constant."""
    quantile: Callable[[], np.ndarray]
    """95th percentile of the absolute errors: dear, so found when it is asked for."""
    largest: np.ndarray | None = None
    """Largest absolute error; of a resample not known."""
    share: np.ndarray | None = None
    """Part of the squared error of all rows, NaN where there is none; of a resample not known."""


class ClassTerms(NamedTuple):
    """Of classes; the last axis of the counts is that of the classes."""

    n: np.ndarray
    """Rows, or what they count for; so are all counts."""
    right: np.ndarray
    """Rows of each class that were predicted right."""
    true: np.ndarray
    """Rows of each class."""
    predicted: np.ndarray
    """Rows predicted as each class."""
    loss: np.ndarray
    """Sum of the log loss, NaN without probabilities."""


def mean_over_classes(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Mean over the classes whose value is known."""
    return np.where(known, values, 0.0).sum(axis=-1) / known.sum(axis=-1)
