"""The models that --model names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.metrics import TaskName

MODELS = ("ridge", "hgb", "mlp")


def build_model(
    model: str,
    spans: list[str],
    task: TaskName = TaskName.REGRESSION,
    first: Sequence[Any] = (),
    groups: pd.Series | None = None,
) -> Any:
    """Build the pipeline of a model's name: cleaning, exponential features, scaler, model.

    Parameters
    ----------
    model : {"ridge", "hgb", "mlp"}
        Of trees, which need no scaler, there is none.
    spans : list of str
        Of the exponential features.
    task : TaskName, default=TaskName.REGRESSION
        Classifiers are of the same kind, "ridge" is logistic regression with a ridge penalty, and
        all give probabilities.
    first : sequence of steps, default=()
        What cleans the inputs.
    groups : Series, default=None
        Group of each cycle: what chooses a penalty on held-out cycles keeps groups whole.
    """
    check_model(model)
    last = _classifier(model) if task is TaskName.CLASSIFICATION else _regressor(model, groups)
    scaler = [] if model == "hgb" else [sp.Scaler()]
    return sp.make_pipeline(*first, sp.ExponentialFeatures(spans=spans), *scaler, last)


def check_model(model: str) -> None:
    """Refuse a name that is none of `MODELS`."""
    if model not in MODELS:
        raise InvalidParameterError(f"--model must be one of {', '.join(MODELS)}; got {model!r}")


def _regressor(model: str, groups: pd.Series | None) -> Any:
    if model == "hgb":
        from sklearn.ensemble import HistGradientBoostingRegressor

        # Early stopping would hold out random rows, which are no unseen cycle.
        return HistGradientBoostingRegressor(early_stopping=False, random_state=0)
    if model == "mlp":
        from sklearn.neural_network import MLPRegressor

        return MLPRegressor(hidden_layer_sizes=(32,), max_iter=50, random_state=0)
    return sp.CycleRidgeCV(groups=None if groups is None else groups.to_dict())


def _classifier(model: str) -> Any:
    if model == "hgb":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    if model == "mlp":
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(hidden_layer_sizes=(32,), max_iter=50, random_state=0)
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)
