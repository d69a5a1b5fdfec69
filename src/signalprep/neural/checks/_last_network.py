"""The network of an estimator: itself, or what a pipeline ends in or AtRate slows down."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from signalprep.compose import AtRate
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.neural._network_regressor import NetworkRegressor

__all__ = ["fitted_network", "new_network"]


def new_network(estimator: Any, X: Any, y: Any) -> tuple[NetworkRegressor, Any, Any]:
    """A clone of the network, and rows and target as clones of what is around it make them.

    Raises
    ------
    InvalidParameterError
        There is no network at the end.
    """
    network = _network(estimator)
    if isinstance(estimator, AtRate):
        around = clone(estimator).set_params(estimator=DummyRegressor()).fit(X, y)
        return new_network(estimator.estimator, *around.decimate(X, y))
    if isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            X = _same_rows(clone(estimator[:-1]).fit_transform(X, y), y)
        return new_network(estimator.steps[-1][1], X, y)
    return clone(network), X, y


def fitted_network(estimator: Any, X: Any, y: Any) -> tuple[NetworkRegressor, Any, Any]:
    """The fitted network, and rows and target as what is fitted around it makes them.

    Raises
    ------
    InvalidParameterError
        There is no network at the end.
    """
    network = _network(estimator)
    if isinstance(estimator, AtRate):
        check_is_fitted(estimator)
        return fitted_network(estimator.estimator_, *estimator.decimate(X, y))
    if isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            X = _same_rows(estimator[:-1].transform(X), y)
        return fitted_network(estimator.steps[-1][1], X, y)
    check_is_fitted(network, "weights_")
    return network, X, y


def _network(estimator: Any) -> NetworkRegressor:
    """The network as it was given, fitted or not."""
    if isinstance(estimator, AtRate):
        return _network(estimator.estimator)
    if isinstance(estimator, Pipeline):
        return _network(estimator.steps[-1][1])
    if not isinstance(estimator, NetworkRegressor):
        raise InvalidParameterError(
            "estimator must be a RecurrentRegressor, a FeedForwardRegressor, or a Pipeline or "
            f"AtRate that ends in one; got {type(estimator).__name__}"
        )
    return estimator


def _same_rows(X: Any, y: Any) -> Any:
    if len(X) != len(y):
        raise InvalidLogError(
            f"the steps before the network must keep the rows; they made {len(X)} of {len(y)}"
        )
    return X
