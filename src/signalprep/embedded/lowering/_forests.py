"""Decision trees, forests and gradient boosting: every leaf is the same, its value is rounded once.

An output errs by at most half a step of its leaves: of the mean over the trees of a forest; of
boosted trees, times their number and the learning rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._classes import chosen, class_at, row_of_zeros
from signalprep.embedded.lowering._context import Context, side_by_side
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._trees import Forest
from signalprep.flow import Node

__all__: list[str] = []


@lowers.register
def _(model: DecisionTreeRegressor, node: Node, context: Context, channels: Channels) -> Channels:
    return _mean(Forest.of(model, [model], context, channels), context, channels)


@lowers.register(RandomForestRegressor)
@lowers.register(ExtraTreesRegressor)
def _(model: Any, node: Node, context: Context, channels: Channels) -> Channels:
    return _mean(Forest.of(model, model.estimators_, context, channels), context, channels)


@lowers.register
def _(model: DecisionTreeClassifier, node: Node, context: Context, channels: Channels) -> Channels:
    _check_one_label(model, context)
    forest = Forest.of(model, [model], context, channels)
    best = np.argmax(forest.values()[:, 0], axis=1)
    return class_at(forest.walk(context, channels, best[:, None]), model.classes_)


@lowers.register(RandomForestClassifier)
@lowers.register(ExtraTreesClassifier)
def _(model: Any, node: Node, context: Context, channels: Channels) -> Channels:
    _check_one_label(model, context)
    forest = Forest.of(model, model.estimators_, context, channels)
    shares = forest.values()[:, 0]
    codes = np.round(shares / forest.step(np.ones(len(shares)))).astype(np.int64)
    names = [f"class {k}" for k in range(shares.shape[1])]
    value = forest.walk(context, channels, codes)
    scores = channels.made(value, lsb=1.0, offset=0.0, names=names)
    return chosen(context, scores, model.classes_)


@lowers.register
def _(
    model: GradientBoostingRegressor, node: Node, context: Context, channels: Channels
) -> Channels:
    return _boosted(model, context, channels, np.ravel(model.predict(row_of_zeros(model))))


@lowers.register
def _(
    model: GradientBoostingClassifier, node: Node, context: Context, channels: Channels
) -> Channels:
    start = np.ravel(model.decision_function(row_of_zeros(model)))
    scores = _boosted(model, context, channels, start)
    return chosen(context, scores, model.classes_, second_at_zero=True)


@lowers.register(HistGradientBoostingRegressor)
@lowers.register(HistGradientBoostingClassifier)
def _(model: Any, node: Node, context: Context, channels: Channels) -> Channels:
    context.refuse(
        model, "scikit-learn does not give its trees; use GradientBoosting or a random forest"
    )


def _check_one_label(model: Any, context: Context) -> None:
    if model.n_outputs_ > 1:
        context.refuse(model, "it gives several labels a row")


def _mean(forest: Forest, context: Context, channels: Channels) -> Channels:
    """The mean over the trees, of each output."""
    values = forest.values()[:, :, 0]
    steps = np.array([forest.step(values[:, k]) for k in range(values.shape[1])])
    codes = np.round(values / steps).astype(np.int64)
    names = [f"y{k}" for k in range(len(steps))]
    value = forest.walk(context, channels, codes)
    return channels.made(value, lsb=steps / len(forest.trees), offset=0.0, names=names)


def _boosted(model: Any, context: Context, channels: Channels, at: np.ndarray) -> Channels:
    """The sums of boosted trees, one for each class; `at` is what the model gives for zeros."""
    if not (isinstance(model.init_, DummyClassifier | DummyRegressor) or model.init_ == "zero"):
        context.refuse(model, f"init={type(model.init_).__name__} is no constant; leave it out")
    parts, rate = [], model.learning_rate
    zeros = np.zeros((1, model.n_features_in_))
    for k in range(model.estimators_.shape[1]):
        trees = list(model.estimators_[:, k])
        forest = Forest.of(model, trees, context, channels)
        values = forest.values()[:, 0, 0]
        step = forest.step(values)
        codes = np.round(values / step).astype(np.int64)
        value = forest.walk(context, channels, codes[:, None])
        start = at[k] - rate * sum(float(tree.predict(zeros)[0]) for tree in trees)
        parts.append(channels.made(value, lsb=rate * step, offset=start, names=[f"y{k}"]))
    return side_by_side(context, parts)
