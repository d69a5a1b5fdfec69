"""reach: how far a fitted estimator looks ahead and back."""

from __future__ import annotations

from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_is_fitted

from signalprep._base import SignalTransformer
from signalprep.preprocessing import ResidualFilter, TrainOnly


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


NOWHERE = Reach(0, 0, 0)


@singledispatch
def reach(estimator: Any) -> Reach:
    """Add up how far a fitted estimator sees, from the claims of its steps.

    Parameters
    ----------
    estimator : estimator
        Fitted. Steps of a pipeline add up, branches of a ColumnTransformer or FeatureUnion count
        by the largest; what gives the regimes of a filter (`by`) adds to the filter. An estimator
        that claims nothing and fits others (searches, ensembles, TransformedTargetRegressor)
        counts as these do; one that fits none (scikit-learn's own) works row by row and counts as
        zero.

    Returns
    -------
    reach : Reach
        ``lookahead``, ``memory``, ``delay`` in samples.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        A step that makes claims is not fitted yet.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((50, 2)), rate=10.0)
    >>> sp.reach(sp.HampelFilter(window_length=11, causal=False).fit(log))
    Reach(lookahead=5, memory=5, delay=0)
    """
    if isinstance(estimator, SignalTransformer):
        check_is_fitted(estimator)
    if not hasattr(estimator, "lookahead_"):
        inner = _widest(_fitted_by(estimator))
        last = getattr(estimator, "final_estimator_", None)
        return inner if last is None else inner.then(reach(last))
    own = Reach(
        int(estimator.lookahead_),
        int(getattr(estimator, "memory_", 0)),
        int(getattr(estimator, "delay_", 0)),
    )
    return own.then(_of_regimes(estimator))


@reach.register
def _(estimator: TrainOnly) -> Reach:
    check_is_fitted(estimator)
    return reach(estimator.transformer_)


@reach.register
def _(estimator: ResidualFilter) -> Reach:
    check_is_fitted(estimator)
    own = Reach(estimator.lookahead_, estimator.memory_, estimator.delay_)
    seen = _widest(estimator.models_).beside(_of_regimes(estimator))
    return own.then(Reach(seen.lookahead, seen.memory, 0))


def _of_regimes(estimator: Any) -> Reach:
    """Reach of the transformer that gives the regimes of a filter with ``by=``; it delays none."""
    split = getattr(estimator, "split_", None)
    if split is None or not hasattr(split.by_, "transform"):
        return NOWHERE
    regimes = reach(split.by_)
    return Reach(regimes.lookahead, regimes.memory, 0)


@reach.register
def _(estimator: Pipeline) -> Reach:
    total = NOWHERE
    for _, step in estimator.steps:
        if step is not None and step != "passthrough":
            total = total.then(reach(step))
    return total


@reach.register
def _(estimator: ColumnTransformer) -> Reach:
    return _widest(step for _, step, _ in estimator.transformers_)


@reach.register
def _(estimator: FeatureUnion) -> Reach:
    return _widest(step for _, step in estimator.transformer_list)


def _fitted_by(estimator: Any) -> list[Any]:
    """The estimators that a meta-estimator has fitted."""
    for name in ("best_estimator_", "regressor_", "estimators_", "estimator_"):
        found = getattr(estimator, name, None)
        if isinstance(found, np.ndarray):
            found = found.ravel().tolist()
        if found is not None:
            return found if isinstance(found, list) else [found]
    return []


def _widest(steps: Any) -> Reach:
    total = NOWHERE
    for step in steps:
        if not isinstance(step, str):
            total = total.beside(reach(step))
    return total
