"""The network of an estimator: itself, or what a pipeline ends in or AtRate slows down."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import BeforeModel, before_model
from signalprep.neural._network_regressor import NetworkRegressor

__all__ = ["fitted_network", "new_network"]


def new_network(estimator: Any, X: Any, y: Any) -> tuple[NetworkRegressor, Any, Any]:
    """A clone of the network, and rows and target as clones of what is around it make them.

    Raises
    ------
    InvalidParameterError
        There is no network at the end.
    """
    _before_network(estimator)
    before = before_model(clone(estimator))
    found = before.fitted(X, y, _same_rows)
    return before.model, found.X, found.y


def fitted_network(estimator: Any, X: Any, y: Any) -> tuple[NetworkRegressor, Any, Any]:
    """The fitted network, and rows and target as what is fitted around it makes them.

    Raises
    ------
    InvalidParameterError
        There is no network at the end.
    """
    before = _before_network(estimator)
    check_is_fitted(before.model, "weights_")
    found = before.passed(X, y, _same_rows)
    return before.model, found.X, found.y


def _before_network(estimator: Any) -> BeforeModel:
    before = before_model(estimator)
    if not isinstance(before.model, NetworkRegressor):
        raise InvalidParameterError(
            "estimator must be a RecurrentRegressor, a FeedForwardRegressor, or a Pipeline or "
            f"AtRate that ends in one; got {type(before.model).__name__}"
        )
    return before


def _same_rows(out: Any, X: Any) -> Any:
    if len(out) != len(X):
        raise InvalidLogError(
            f"the steps before the network must keep the rows; they made {len(out)} of {len(X)}"
        )
    return out
