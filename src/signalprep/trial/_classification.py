"""Classification: a target of labels."""

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
from signalprep.results import PROBABILITY, ClassificationValidation
from signalprep.trial._folds import FoldResult
from signalprep.trial._task import Task, one_target, true_rows


class Classification(Task):
    """One target of labels: text, ints or bools."""

    result = ClassificationValidation
    name = "classes"
    votes = ("mean", "majority")

    def check(self, X: pd.DataFrame, y: Any, omitted: np.ndarray | None = None) -> Any:
        """The target as plain labels, complete and of at least two classes."""
        y = one_target(X, y)
        missing = y.isna().to_numpy()
        if missing.any():
            where = locate(y.index, int(np.argmax(missing)))
            raise InvalidLogError(f"y must label every row; it has no label at {where}")
        labels = pd.Series(check_labels(y, "y"), y.index, name=y.name)
        if labels.nunique() < 2:
            alone = shown(labels.iloc[0])
            raise InvalidLogError(f"y must hold at least two classes; got {alone} alone")
        return labels

    def predict(self, estimator: Any, tested: pd.DataFrame) -> np.ndarray:
        """The predicted labels."""
        return np.asarray(estimator.predict(tested))

    def vote(self, how: str, rows: np.ndarray, probability: pd.Series | None = None) -> Any:
        """The class of the highest mean probability, or of most rows; of several the first."""
        if how == "mean" and probability is not None:
            return probability.idxmax()
        labels, counts = np.unique(rows, return_counts=True)
        return labels[np.argmax(counts)]

    def check_vote(self, how: Any, estimator: Any) -> None:
        """Refuse the mean of probabilities that a classifier does not give."""
        if how == "mean" and not hasattr(estimator, "predict_proba"):
            raise InvalidParameterError(
                f"vote='mean' needs probabilities, which {type(estimator).__name__} does not give: "
                "pass vote='majority'"
            )

    def losses(self, truth: Any, prediction: np.ndarray) -> np.ndarray:
        """Whether each row was given the wrong class."""
        return (truth.to_numpy() != prediction).astype(np.float64)

    def outputs(self, estimator: Any, y: Any) -> list[Callable[[Any], np.ndarray]]:
        """Probabilities or distances where there are any, else the number of the class."""
        for name in ("predict_proba", "decision_function"):
            if hasattr(estimator, name):
                method: Callable[[Any], np.ndarray] = getattr(estimator, name)
                return [method]
        classes = pd.Index(estimator.classes_)
        return [lambda X: classes.get_indexer(pd.Index(estimator.predict(X))).astype(np.float64)]

    def probabilities(self, estimator: Any, tested: pd.DataFrame) -> pd.DataFrame | None:
        """Probability of each class that training knew, one column each."""
        if not hasattr(estimator, "predict_proba"):
            return None
        values = np.asarray(estimator.predict_proba(tested), dtype=np.float64)
        classes = np.asarray(estimator.classes_)
        if values.shape != (len(tested), len(classes)):
            raise InvalidLogError(
                f"predict_proba must give shape ({len(tested)}, {len(classes)}), one column a "
                f"class; got {values.shape}"
            )
        return pd.DataFrame(values, columns=classes)

    def columns(self, y: pd.Series, results: list[FoldResult]) -> dict[str, np.ndarray]:
        """True and predicted label, and a probability a class."""
        classes = _classes(y)
        for result in results:
            strange = classes.get_indexer(pd.Index(result.prediction)) < 0
            if strange.any():
                raise InvalidParameterError(
                    "the estimator must predict classes of y, "
                    f"{', '.join(map(repr, classes.tolist()))}; fold {result.fold} predicts "
                    f"{shown(result.prediction[np.argmax(strange)])}"
                )
        found = np.concatenate([result.prediction for result in results])
        columns = {"truth": true_rows(y, results), "prediction": found.astype(y.to_numpy().dtype)}
        tables = [result.probability for result in results if result.probability is not None]
        if len(tables) == len(results):
            # A class that the training rows of a fold did not hold has no chance there.
            known = [table.reindex(columns=classes, fill_value=0.0) for table in tables]
            values = np.concatenate(known)
            columns |= {f"{PROBABILITY}{name}": values[:, k] for k, name in enumerate(classes)}
        return columns

    def tables(
        self,
        y: pd.Series,
        predictions: pd.DataFrame,
        tested: pd.DataFrame | None,
        *,
        groups: pd.Series | None,
        n_jobs: int | None,
        **bootstrap: Any,
    ) -> dict[str, Any]:
        """Scores over all rows, by cell and by cycle, and which class is taken for which."""
        classes = _classes(y)
        truth, prediction = predictions["truth"], predictions["prediction"]
        names = [f"{PROBABILITY}{name}" for name in classes]
        scored: dict[str, Any] = {"classes": classes}
        drawn = {"groups": groups, **bootstrap}
        if set(names) <= set(predictions.columns):
            scored["probabilities"] = predictions[names]
        overall = classification_metrics(truth, prediction, **scored, **drawn)
        by_regime = confused = None
        if tested is not None:
            by_regime = classification_metrics(truth, prediction, tested, **scored, **drawn)
            confused = confusion_table(truth, prediction, tested, classes=classes)
        return {
            "overall": overall.astype(object).iloc[0],
            "by_regime": by_regime,
            "by_cycle": _by_cycle(predictions, scored),
            "confusion": confusion_table(truth, prediction, classes=classes),
            "confusion_by_regime": confused,
        }

    def signals(self, X: pd.DataFrame, y: Any) -> pd.DataFrame:
        """The inputs alone: labels are no signal."""
        return X


def _classes(y: pd.Series) -> pd.Index:
    """The classes, sorted."""
    return pd.Index(y.unique()).sort_values()


def _by_cycle(predictions: pd.DataFrame, scored: dict[str, Any]) -> pd.DataFrame:
    cycle = predictions.index.get_level_values("cycle")
    ids = pd.Series(pd.Categorical(cycle, categories=cycle.unique()), predictions.index)
    table = classification_metrics(
        predictions["truth"], predictions["prediction"], ids, n_bootstrap=0, **scored
    )
    names = [metric.name for metric in metrics_of(TaskName.CLASSIFICATION)]
    table = table[["n", *names]].set_axis(cycle.unique().rename("cycle"), axis=0)
    table.insert(0, "fold", predictions.groupby(level="cycle", sort=False)["fold"].first())
    return table
