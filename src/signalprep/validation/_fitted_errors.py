"""Errors of estimators that are fitted already, as validations of which every row is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import cycle_bounds, rate
from signalprep.quality import check_log
from signalprep.results import Validation
from signalprep.trial import Task, cell_names, naming_missing, steps_table, told_steps

__all__ = ["Teller", "predictions_of", "shared_of"]


def predictions_of(model: Any, name: str, X: pd.DataFrame, task: Task) -> np.ndarray:
    """Predictions of a fitted model, one a row.

    Parameters
    ----------
    model : estimator
    name : str
        What it is called in the signature.
    X : DataFrame
    task : Task
    """
    with naming_missing(X):
        found = task.predict(model, X)
    if found.ndim == 2 and found.shape[1] > 1:
        raise InvalidParameterError(
            f"{name} must predict one target; {type(model).__name__} gives {found.shape[1]}: "
            "quantize a model of each target"
        )
    if found.shape != (len(X),):
        raise InvalidLogError(
            f"{name} must give one prediction a row; got shape {found.shape} for {len(X)} rows"
        )
    return found


def shared_of(reference: Any, X: pd.DataFrame, y: pd.Series, task: Task) -> dict[str, Any]:
    """What is the same in the errors of all that predict these rows."""
    n_cycles = len(cycle_bounds(X)) - 1
    folds = pd.DataFrame(
        {
            "n_train_cycles": [0], "n_test_cycles": [n_cycles], "n_train_rows": [0],
            "n_test_rows": [len(X)], "fit_seconds": [0.0], "predict_seconds": [np.nan],
        },
        index=pd.RangeIndex(1, name="fold"),
    )  # fmt: skip
    return {
        "target": "target" if y.name is None else str(y.name),
        "folds": folds,
        "steps": steps_table([told_steps(reference)]),
        "quality": check_log(task.signals(X, y)),
        "rate": rate(X) if n_cycles < len(X) else np.nan,
    }


@dataclass(frozen=True)
class Teller:
    """Makes the validation of predictions that are there.

    Attributes
    ----------
    X : DataFrame
    task : Task
    labelled : ndarray
        Truth and predictions of all: the classes, of a classifier.
    drawn : dict
        How intervals are drawn.
    shared : dict
        What all validations hold.
    """

    X: pd.DataFrame
    task: Task
    labelled: np.ndarray
    drawn: dict[str, Any]
    shared: dict[str, Any]

    def __call__(self, truth: np.ndarray, prediction: np.ndarray) -> Validation:
        """Errors of predictions against what is taken for the truth."""
        labels, groups = self.shared["regimes"], self.shared["groups"]
        columns = {"fold": 0, "truth": truth, "prediction": prediction}
        rows = pd.DataFrame(columns, index=self.X.index)
        if labels is not None:
            rows["regime"] = cell_names(labels).array
        tables = self.task.tables(
            pd.Series(self.labelled), rows, labels, groups=groups, **self.drawn
        )
        return self.task.result(predictions=rows, **tables, **self.shared)
