"""Linear classifiers: the class of the greatest weighted sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (
    LogisticRegression,
    LogisticRegressionCV,
    Perceptron,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
)
from sklearn.svm import LinearSVC

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._classes import chosen, row_of_zeros
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._linear import weighted_sum
from signalprep.flow import Node

__all__: list[str] = []


@lowers.register(LogisticRegression)
@lowers.register(LogisticRegressionCV)
@lowers.register(RidgeClassifier)
@lowers.register(RidgeClassifierCV)
@lowers.register(SGDClassifier)
@lowers.register(Perceptron)
@lowers.register(LinearSVC)
@lowers.register(LinearDiscriminantAnalysis)
def _(model: Any, node: Node, context: Context, channels: Channels) -> Channels:
    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    if np.ndim(model.predict(row_of_zeros(model))) > 1:
        context.refuse(model, "it gives several labels a row")
    scores = weighted_sum(context, channels, weights, np.broadcast_to(
        np.ravel(model.intercept_), (len(weights),)
    ))  # fmt: skip
    return chosen(context, scores, model.classes_)
