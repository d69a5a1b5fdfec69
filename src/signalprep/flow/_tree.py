"""tree: what an estimator is made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from signalprep.flow._nodes import Chain, Handed, Leaf, Node, Opaque
from signalprep.flow._walk import held_by

__all__ = ["handed", "handed_to_best", "tree"]


@singledispatch
def tree(estimator: Any) -> Node:
    """Tell what an estimator is made of, fitted or not.

    Parameters
    ----------
    estimator : estimator
        A composite is registered with its class, once, where it is defined; those of scikit-learn
        are in this package. A search that is not is known by ``best_estimator_``. Any other that
        holds estimators and makes no claims of its own is opaque; one that holds none is a leaf.

    Returns
    -------
    node : Leaf, Chain, Branches, Handed, Slow or Opaque
        Says whether it is fitted. What asks for fitted parts of a node that is not raises
        NotFittedError.
    """
    if hasattr(estimator, "best_estimator_"):
        return handed_to_best(estimator)
    claims = hasattr(estimator, "lookahead_")
    held = () if claims else tuple(held_by(estimator))
    return Opaque(estimator, held) if held else Leaf(estimator, claims)


@tree.register(str)
@tree.register(type(None))
def _(nothing: Any) -> Chain:
    return Chain(nothing)


def handed(
    estimator: Any, parameter: str, default: Callable[[], Any] | None = None, **more: Any
) -> Handed:
    """The node of an estimator that keeps what it fits under the name of the parameter and "_".

    Parameters
    ----------
    estimator : estimator
    parameter : str
    default : callable, default=None
        Makes what None stands for.
    **more : dict
        Other attributes of the node.
    """
    fitted = f"{parameter}_" in vars(estimator)
    inner = vars(estimator)[f"{parameter}_" if fitted else parameter]
    if inner is None and default is not None:
        inner = default()
    return Handed(estimator, parameter, tree(inner), fitted, **more)


def handed_to_best(search: Any, **more: Any) -> Handed:
    """The node of a search: its best estimator does all that it is asked."""
    fitted = hasattr(search, "best_estimator_")
    inner = search.best_estimator_ if fitted else search.estimator
    return Handed(search, "estimator", tree(inner), fitted, **more)
