"""reach: how far a fitted estimator looks ahead and back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from sklearn.utils.validation import check_is_fitted

from signalprep.flow._nodes import (
    Branches,
    Chain,
    Handed,
    Leaf,
    Node,
    Opaque,
    Slow,
    check_node,
)
from signalprep.flow._tree import tree

__all__ = ["Reach", "reach", "reach_of"]


class Reach(NamedTuple):
    """Look-ahead, memory and delay in samples of the log.

    Attributes
    ----------
    lookahead : int
        How far into the future an output sees.
    memory : int
        How far into the past.
    delay : int
        Group delay.
    """

    lookahead: int
    memory: int
    delay: int

    def then(self, other: Reach) -> Reach:
        """Reach of two steps one after the other: their sums.

        Parameters
        ----------
        other : Reach
            Of the other step.
        """
        return Reach(*(a + b for a, b in zip(self, other, strict=True)))

    def beside(self, other: Reach) -> Reach:
        """Reach of two steps side by side: the larger of each.

        Parameters
        ----------
        other : Reach
            Of the other step.
        """
        return Reach(*(max(a, b) for a, b in zip(self, other, strict=True)))

    def slowed(self, factor: int | Fraction) -> Reach:
        """Reach in samples of the log, rounded up, of a step that gets one for `factor` of them.

        Parameters
        ----------
        factor : int or Fraction
        """
        return Reach(*(math.ceil(factor * samples) for samples in self))


NOWHERE = Reach(0, 0, 0)


def reach(estimator: Any) -> Reach:
    """Add up how far a fitted estimator sees, from the claims of its steps.

    Parameters
    ----------
    estimator : estimator
        Fitted. Steps of a pipeline add up, branches of a ColumnTransformer or FeatureUnion count
        by the largest; what gives the regimes of a filter (`by`) adds to the filter. What hands its
        rows to another estimator (searches, FrozenEstimator, TransformedTargetRegressor) counts as
        that; any other that claims nothing and holds estimators (ensembles, calibrated models,
        those of other packages) as the largest of all that it holds. One that holds none
        (scikit-learn's own) works row by row and counts as zero.

    Returns
    -------
    reach : Reach
        ``lookahead``, ``memory``, ``delay`` in samples.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        A step that makes claims is not fitted yet, or what hands its rows on.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((50, 2)), rate=10.0)
    >>> sp.reach(sp.HampelFilter(window_length=11, causal=False).fit(log))
    Reach(lookahead=5, memory=5, delay=0)
    """
    return reach_of(tree(estimator))


def reach_of(node: Node, above: tuple[int, ...] = ()) -> Reach:
    """The same of a node; `above` are the opaque ones around it, which it may hold in turn."""
    match node:
        case Leaf():
            own = _claims(node.estimator) if node.claims else NOWHERE
            asked = _widest(reach_of(one, above) for one in node.asks)
            return own.then(asked._replace(delay=0))
        case Chain():
            total = NOWHERE
            for _, step in node.steps:
                total = total.then(reach_of(step, above))
            return total
        case Branches():
            return _widest(reach_of(branch.node, above) for branch in node.branches)
        case Handed():
            check_node(node)
            return reach_of(node.inner, above)
        case Slow():
            check_node(node)
            return hold_of(node).then(reach_of(node.inner, above).slowed(node.factor))
        case Opaque():
            return _of_all(node, above)


def hold_of(node: Slow) -> Reach:
    """Reach of the filter and of the hold around what runs at a lower rate."""
    return reach_of(node.decimator).then(Reach(0, math.ceil(node.factor) - 1, 0))


def _claims(estimator: Any) -> Reach:
    check_is_fitted(estimator)
    return Reach(
        int(estimator.lookahead_),
        int(getattr(estimator, "memory_", 0)),
        int(getattr(estimator, "delay_", 0)),
    )


def _of_all(node: Opaque, above: tuple[int, ...]) -> Reach:
    """The widest of all that it holds; what it was given counts where it has fitted no such."""
    if id(node.estimator) in above:
        return NOWHERE  # counted further out
    held = [tree(one) for one in node.held]
    kinds = {type(one.estimator) for one in held if one.fitted}
    counted = [one for one in held if one.fitted or type(one.estimator) not in kinds]
    inside = (*above, id(node.estimator))
    seen = _widest(reach_of(one, inside) for one in counted)
    return seen if node.last is None else seen.then(reach_of(node.last, inside))


def _widest(reaches: Iterable[Reach]) -> Reach:
    total = NOWHERE
    for one in reaches:
        total = total.beside(one)
    return total
