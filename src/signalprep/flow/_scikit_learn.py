"""The composites of scikit-learn: what each hands its rows to.

Ensembles, calibrated, chained and one-against-the-rest models need no entry: they are opaque, and
all that they hold counts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline

from signalprep.flow._columns import positions
from signalprep.flow._nodes import Branch, Branches, Chain, Handed, Leaf, Opaque, is_fitted
from signalprep.flow._tree import handed, handed_to_best, tree


@tree.register
def _(estimator: Pipeline) -> Chain:
    return Chain(estimator, tuple((name, tree(step)) for name, step in estimator.steps))


@tree.register
def _(estimator: FeatureUnion) -> Branches:
    weights = estimator.transformer_weights or {}
    branches = [
        Branch(name, tree(step), weight=weights.get(name))
        for name, step in estimator.transformer_list
        if step != "drop"
    ]
    return Branches(estimator, tuple(branches), is_fitted(estimator))


@tree.register
def _columns(estimator: ColumnTransformer) -> Branches:
    fitted = hasattr(estimator, "transformers_")
    parts = [*estimator.transformers, ("remainder", estimator.remainder, None)]
    weights = estimator.transformer_weights or {}
    branches = []
    for name, step, columns in estimator.transformers_ if fitted else parts:
        if step == "drop":
            continue
        place = positions(columns, estimator) if fitted else None
        if place is None or np.size(place) > 0:  # without channels it is left unfitted
            branches.append(Branch(name, tree(step), place, weights.get(name)))
    return Branches(estimator, tuple(branches), fitted, None if fitted else _choosing(parts))


def _choosing(parts: list[tuple[str, Any, Any]]) -> Callable[[Any], tuple[Branch, ...]]:
    """What gives the branches of a ColumnTransformer on rows, by its own choice of channels."""

    def choose(rows: Any) -> tuple[Branch, ...]:
        passed = [(name, step if step == "drop" else "passthrough", at) for name, step, at in parts]
        alike = ColumnTransformer(passed[:-1], remainder=passed[-1][1]).fit(rows)
        steps = {name: tree(step) for name, step, _ in parts}
        found = _columns(alike).branches
        return tuple(replace(branch, node=steps[branch.name]) for branch in found)

    return choose


@tree.register(GridSearchCV)
@tree.register(RandomizedSearchCV)
def _(estimator: Any) -> Handed:
    return handed_to_best(estimator)


@tree.register
def _(estimator: FrozenEstimator) -> Handed:
    inner = tree(estimator.estimator)
    return Handed(estimator, "estimator", inner, is_fitted(estimator), frozen=True)


@tree.register
def _(estimator: TransformedTargetRegressor) -> Handed:
    after = _target_of(estimator)
    return handed(estimator, "regressor", LinearRegression, after=after, alters=True)


@tree.register(StackingRegressor)
@tree.register(StackingClassifier)
def _(estimator: Any) -> Opaque:
    if not hasattr(estimator, "final_estimator_"):
        held = tuple(one for _, one in estimator.estimators)
        return Opaque(estimator, held, tree(estimator.final_estimator))
    return Opaque(estimator, tuple(estimator.estimators_), tree(estimator.final_estimator_))


@tree.register
def _(estimator: SequentialFeatureSelector) -> Leaf:
    return Leaf(estimator)  # gives some of its channels; what it holds has chosen them


class _Given:
    """Stands for a regressor that has predicted already."""

    def __init__(self, prediction: Any) -> None:
        self.prediction = prediction

    def predict(self, rows: Any) -> Any:
        return self.prediction


def _target_of(estimator: TransformedTargetRegressor) -> Callable[[Any, Any], Any]:
    """Targets from the predictions of the regressor inside, by the very code of ``predict``."""

    def after(prediction: Any, rows: Any) -> Any:
        around = copy.copy(estimator)
        around.regressor_ = _Given(prediction)
        return around.predict(rows)

    return after
