"""Weights of rows: checked, and handed to the fit of whatever holds the model."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.validation import has_fit_parameter

from signalprep.errors import InvalidParameterError
from signalprep.flow._nodes import Chain, Handed, Node, Opaque, Slow, below, inside
from signalprep.flow._tree import tree
from signalprep.log import check_same_index

__all__ = ["as_weights", "weight_params"]

WEIGHT = "sample_weight"


def as_weights(sample_weight: Any, X: Any) -> np.ndarray | None:
    """Weights of the rows of X as float64, checked; None stays None.

    Raises
    ------
    InvalidLogError
        A series that carries another index than its log.
    InvalidParameterError
        Not one finite number of at least 0 a row.
    """
    if sample_weight is None:
        return None
    check_same_index(X, sample_weight, WEIGHT)
    try:
        weight = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(
            f"{WEIGHT} must be numbers; got {type(sample_weight).__name__} of others ({error})"
        ) from error
    n_rows = X.shape[0] if hasattr(X, "shape") else len(np.asarray(X))
    if weight.shape != (n_rows,):
        raise InvalidParameterError(
            f"{WEIGHT} must have shape ({n_rows},), one weight a row of X; got {weight.shape}"
        )
    bad = ~(np.isfinite(weight) & (weight >= 0.0))
    if bad.any():
        row = int(np.argmax(bad))
        raise InvalidParameterError(
            f"{WEIGHT} must be finite and at least 0; got {weight[row]:g} in row {row}"
        )
    return weight


def weight_params(estimator: Any, weight: np.ndarray | None) -> dict[str, Any]:
    """Arguments by which the fit of an estimator takes the weights of its rows; none for None.

    Weights reach the model alone: steps before it learn from all rows alike. Where metadata routing
    of scikit-learn is on, its composites hand weights to what asks for them.

    Raises
    ------
    InvalidParameterError
        A model takes no weights, or none of the rows that it is to learn weighs anything.
    """
    if weight is None:
        return {}
    if not weight.any():
        raise InvalidParameterError(
            f"{WEIGHT} must not be zero in every row that {type(estimator).__name__} is fitted "
            f"on; it is in all {len(weight)}"
        )
    node = tree(estimator)
    return {_name(node, inside("", node)): weight}


def _name(node: Node, path: str) -> str:
    """Name under which the fit of a node takes weights."""
    estimator = node.estimator
    if isinstance(node, Chain) and node.steps:
        name, last = node.steps[-1]
        inner = _name(last, below(path, name))
        return _routed(estimator, path) if _routing() else f"{name}__{inner}"
    if isinstance(node, Handed) and node.frozen:
        raise _refused(path, estimator, "it is frozen and learns nothing")
    named = hasattr(estimator, "fit") and has_fit_parameter(estimator, WEIGHT)
    if isinstance(node, (Handed, Slow)):
        inner = _name(node.inner, inside(path, node.inner))
        if named:
            return WEIGHT
        if _takes_any(estimator):
            return _routed(estimator, path) if _routing() else inner
    elif isinstance(node, Opaque):
        models = [tree(one) for one in node.held if is_regressor(one) or is_classifier(one)]
        plain = all(_name(one, inside(path, one)) == WEIGHT for one in models)
        if named and plain:
            return WEIGHT
        if models and _takes_any(estimator) and (plain or _routing()):
            return _routed(estimator, path) if _routing() else WEIGHT
    elif named:
        return WEIGHT
    raise _refused(path, estimator, f"its fit has no {WEIGHT}")


def _takes_any(estimator: Any) -> bool:
    parameters = inspect.signature(estimator.fit).parameters.values()
    return any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)


def _routing() -> bool:
    return bool(get_config()["enable_metadata_routing"])


def _routed(estimator: Any, path: str) -> str:
    """The plain name, if anything inside has asked scikit-learn for weights."""
    if not estimator.get_metadata_routing().consumes("fit", [WEIGHT]):
        raise InvalidParameterError(
            f"metadata routing is on, and nothing in {type(estimator).__name__} asks for "
            f"{WEIGHT}. Call set_fit_request({WEIGHT}=True) on its model"
        )
    return WEIGHT


def _refused(path: str, estimator: Any, why: str) -> InvalidParameterError:
    name = type(estimator).__name__
    return InvalidParameterError(
        f"{WEIGHT} cannot reach {path or name!r} ({name}): {why}. Leave {WEIGHT} out, or end in a "
        "model whose fit takes it, such as Ridge"
    )
