"""What validate() does for a classifier that it does not do for a regressor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import locate, shown
from signalprep.metrics import (
    TaskName,
    check_labels,
    classification_metrics,
    confusion_table,
    metrics_of,
)
from signalprep.results import PROBABILITY

__all__ = [
    "check_classes",
    "class_index",
    "class_probabilities",
    "classification_tables",
    "label_columns",
    "numeric_output",
]


def check_classes(y: pd.Series) -> pd.Series:
    """The target as plain labels, complete and of at least two classes."""
    missing = y.isna().to_numpy()
    if missing.any():
        where = locate(y.index, int(np.argmax(missing)))
        raise InvalidLogError(f"y must label every row; it has no label at {where}")
    labels = pd.Series(check_labels(y, "y"), y.index, name=y.name)
    if labels.nunique() < 2:
        alone = shown(labels.iloc[0])
        raise InvalidLogError(f"y must hold at least two classes; got {alone} alone")
    return labels


def class_probabilities(estimator: Any, tested: pd.DataFrame) -> pd.DataFrame | None:
    """Probability of each class that training knew, one column each; None when there are none."""
    if not hasattr(estimator, "predict_proba"):
        return None
    values = np.asarray(estimator.predict_proba(tested), dtype=np.float64)
    classes = np.asarray(estimator.classes_)
    if values.shape != (len(tested), len(classes)):
        raise InvalidLogError(
            f"predict_proba must give shape ({len(tested)}, {len(classes)}), one column a class; "
            f"got {values.shape}"
        )
    return pd.DataFrame(values, columns=classes)


def numeric_output(estimator: Any) -> Callable[[Any], np.ndarray]:
    """What a fitted classifier says of rows, as numbers that can be compared."""
    for name in ("predict_proba", "decision_function"):
        if hasattr(estimator, name):
            method: Callable[[Any], np.ndarray] = getattr(estimator, name)
            return method
    classes = pd.Index(estimator.classes_)
    return lambda X: classes.get_indexer(pd.Index(estimator.predict(X))).astype(np.float64)


def label_columns(
    y: pd.Series, prediction: list[np.ndarray], probability: list[pd.DataFrame | None]
) -> dict[str, np.ndarray]:
    """Columns of the predictions, fold after fold: the label and a probability a class."""
    classes = class_index(y)
    for k, labels in enumerate(prediction):
        strange = classes.get_indexer(pd.Index(labels)) < 0
        if strange.any():
            raise InvalidParameterError(
                "the estimator must predict classes of y, "
                f"{', '.join(map(repr, classes.tolist()))}; fold {k} predicts "
                f"{shown(labels[np.argmax(strange)])}"
            )
    columns = {"prediction": np.concatenate(prediction).astype(y.to_numpy().dtype)}
    tables = [table for table in probability if table is not None]
    if len(tables) == len(probability):
        # A class that the training rows of a fold did not hold has no chance there.
        known = [table.reindex(columns=classes, fill_value=0.0) for table in tables]
        values = np.concatenate(known)
        columns |= {f"{PROBABILITY}{name}": values[:, k] for k, name in enumerate(classes)}
    return columns


def class_index(y: pd.Series) -> pd.Index:
    """The classes, sorted."""
    return pd.Index(y.unique()).sort_values()


def classification_tables(
    predictions: pd.DataFrame, tested: pd.DataFrame | None, classes: pd.Index, **bootstrap: Any
) -> dict[str, Any]:
    """The tables that a ClassificationValidation holds."""
    truth, prediction = predictions["truth"], predictions["prediction"]
    names = [f"{PROBABILITY}{name}" for name in classes]
    scored: dict[str, Any] = {"classes": classes}
    if set(names) <= set(predictions.columns):
        scored["probabilities"] = predictions[names]
    overall = classification_metrics(truth, prediction, **scored, **bootstrap)
    cycle = predictions.index.get_level_values("cycle")
    ids = pd.Categorical(cycle, categories=cycle.unique())
    by_cycle = classification_metrics(
        truth, prediction, pd.Series(ids, predictions.index), n_bootstrap=0, **scored
    )
    scores = [metric.name for metric in metrics_of(TaskName.CLASSIFICATION)]
    by_cycle = by_cycle[["n", *scores]].set_axis(cycle.unique().rename("cycle"), axis=0)
    by_cycle.insert(0, "fold", predictions.groupby(level="cycle", sort=False)["fold"].first())
    by_regime = confused = None
    if tested is not None:
        by_regime = classification_metrics(truth, prediction, tested, **scored, **bootstrap)
        confused = confusion_table(truth, prediction, tested, classes=classes)
    return {
        "overall": overall.astype(object).iloc[0],
        "by_regime": by_regime,
        "by_cycle": by_cycle,
        "confusion": confusion_table(truth, prediction, classes=classes),
        "confusion_by_regime": confused,
    }
