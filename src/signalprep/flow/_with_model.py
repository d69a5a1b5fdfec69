"""with_model: the same preparation before another model."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from signalprep.flow._nodes import Chain, Handed, Leaf, Node, Opaque, Slow
from signalprep.flow._tree import tree

__all__ = ["holds_own_steps", "with_model"]


def with_model(estimator: Any, model: Any) -> Any:
    """A clone of the estimator with a clone of another model in the place of its own.

    Steps and lower rates stay, and so does what alters the rows or the target that a model learns.
    What only fits a model, or several alike, gives way to the other model: a search, bands, a model
    for each regime, an ensemble of one kind. Its steps then are as it was given them.

    Parameters
    ----------
    estimator : estimator
        Fitted or not. Of one that holds steps in a way of its own (`holds_own_steps`) nothing
        stays.
    model : estimator
    """
    return _put(tree(estimator), model)


def holds_own_steps(estimator: Any) -> Any:
    """What would give way to another model together with its steps; None where none are lost."""
    node = tree(estimator)
    while not isinstance(node, Leaf):
        inner = _inner(node)
        if inner is None:
            return node.estimator if _prepares(node) else None
        node = inner
    return None


def _put(node: Node, model: Any) -> Any:
    inner = _inner(node)
    if inner is None:
        return clone(model)
    match node:
        case Chain():
            place = node.steps[-1][0]
        case Slow() | Handed(alters=True):
            place = node.parameter
        case _:
            return _put(inner, model)
    return clone(node.estimator).set_params(**{place: _put(inner, model)})


def _inner(node: Node) -> Node | None:
    """Where the model is to be found; None for what is one, or holds one in a way of its own."""
    match node:
        case Chain() if node.steps:
            return node.steps[-1][1]
        case Slow() | Handed():
            return node.inner
        case Opaque(held=(one,), last=None):
            return tree(one)
    return None


def _prepares(node: Node) -> bool:
    """Whether anything stands before its models, or alters what they learn."""
    match node:
        case Chain():
            return len(node.steps) > 1 or any(_prepares(step) for _, step in node.steps)
        case Handed():
            return node.alters or _prepares(node.inner)
        case Opaque():
            nodes = [*map(tree, node.held), *([] if node.last is None else [node.last])]
            return any(map(_prepares, nodes))
    return isinstance(node, Slow)
