"""The network of an estimator: itself, or the last step of a pipeline behind the other steps."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.neural._network_regressor import NetworkRegressor

__all__ = ["fitted_network", "last_network", "new_network"]


def last_network(estimator: Any) -> NetworkRegressor:
    """The network itself.

    Raises
    ------
    InvalidParameterError
        Neither a network nor a pipeline that ends in one.
    """
    last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if not isinstance(last, NetworkRegressor):
        raise InvalidParameterError(
            "estimator must be a RecurrentRegressor, a FeedForwardRegressor or a Pipeline that "
            f"ends in one; got {type(last).__name__}"
        )
    return last


def new_network(estimator: Any, X: Any, y: Any) -> tuple[NetworkRegressor, Any]:
    """A clone of the network, and the rows as clones of the steps before it make them."""
    network: NetworkRegressor = clone(last_network(estimator))
    if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        X = _same_rows(clone(estimator[:-1]).fit_transform(X, y), y)
    return network, X


def fitted_network(estimator: Any, X: Any, y: Any) -> tuple[NetworkRegressor, Any]:
    """The fitted network, and the rows as the fitted steps before it make them."""
    network = last_network(estimator)
    check_is_fitted(network, "weights_")
    if isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        X = _same_rows(estimator[:-1].transform(X), y)
    return network, X


def _same_rows(X: Any, y: Any) -> Any:
    if len(X) != len(y):
        raise InvalidLogError(
            f"the steps before the network must keep the rows; they made {len(X)} of {len(y)}"
        )
    return X
