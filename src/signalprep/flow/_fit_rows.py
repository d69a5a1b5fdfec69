"""fit_rows: an estimator fitted on some of the rows, whose steps see all of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow._nodes import Chain, Node, Slow
from signalprep.flow._reach import reach
from signalprep.flow._tree import tree
from signalprep.flow._weights import weight_params

__all__ = ["fit_rows", "summed_to", "taken"]


def taken(values: Any, rows: np.ndarray) -> Any:
    """Some rows of a frame or an array; None stays None."""
    if values is None:
        return None
    return values.iloc[rows] if hasattr(values, "iloc") else values[rows]


def summed_to(kept: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
    """Weight of each kept row and the rows after it, up to the next; None stays None."""
    return None if weight is None else np.add.reduceat(weight, kept)


def fit_rows(
    estimator: Any, X: Any, y: Any, rows: np.ndarray, weight: np.ndarray | None = None
) -> Any:
    """Fit on some of the rows, and give the fitted; what works over time still sees all of them.

    Parameters
    ----------
    estimator : estimator
        Is fitted itself.
    X, y : frame or array
        All rows.
    rows : ndarray of bool of shape (n_samples,)
        Which of them the model learns.
    weight : ndarray of shape (n_samples,), default=None

    Raises
    ------
    InvalidParameterError
        It works over time inside something else than a pipeline or AtRate, or has nothing to fit.
    InvalidLogError
        A step changes the number of rows, or no row is left.
    """
    return _fit_rows(tree(estimator), X, y, rows, weight)


def _fit_rows(node: Node, X: Any, y: Any, rows: np.ndarray, weight: np.ndarray | None) -> Any:
    """Fit on some of the rows; what works over time still sees all of them."""
    match node:
        case Chain() if node.steps:
            return _fit_last(node, X, y, rows, weight)
        case Slow():
            return node.fit_by(X, y, partial(_fit_kept, rows, weight))
    estimator = node.estimator
    if not hasattr(estimator, "fit"):
        raise InvalidParameterError(f"estimator must end in something to fit; got {estimator!r}")
    weights = weight_params(estimator, taken(weight, rows))
    estimator.fit(taken(X, rows), taken(y, rows), **weights)
    if any(reach(estimator)):
        name = type(estimator).__name__
        raise InvalidParameterError(
            f"rows cannot be left out of {name}, which works over time: it would see gaps. Put the "
            f"steps in front of it, in a pipeline, and only the model inside: "
            f"make_pipeline(steps, {name}(model, ...))"
        )
    return estimator


def _fit_last(node: Chain, X: Any, y: Any, rows: np.ndarray, weight: np.ndarray | None) -> Any:
    """Fit the steps of a pipeline on all rows, the last one on some."""
    head, (name, last) = node.head, node.steps[-1]
    if head is not None:
        X = head.fit_transform(X, y)
    if X.shape[0] != len(rows):
        raise InvalidLogError(
            f"steps before {name!r} must keep rows ({len(rows)}); got {X.shape[0]}"
        )
    before = [] if head is None else head.steps  # a memory may have fitted others
    node.estimator.steps = [*before, (name, _fit_rows(last, X, y, rows, weight))]
    return node.estimator


def _fit_kept(
    rows: np.ndarray, weight: np.ndarray | None, inner: Any, X: Any, y: Any, kept: np.ndarray
) -> Any:
    """Fit what runs at a lower rate on some of the rows that it keeps."""
    if not rows[kept].any():
        raise InvalidLogError(f"every row that AtRate keeps is flagged ({len(kept)} of them)")
    return fit_rows(inner, X, y, rows[kept], summed_to(kept, weight))
