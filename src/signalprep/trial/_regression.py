"""Regression: a target of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log import locate
from signalprep.metrics import cycle_metrics, overall_metrics, regime_metrics
from signalprep.results import Validation
from signalprep.trial._folds import FoldResult
from signalprep.trial._task import Task, one_target, true_rows


class Regression(Task):
    """One target of finite numbers."""

    result = Validation
    name = "numbers"
    votes = ("mean",)

    def check(self, X: pd.DataFrame, y: Any, omitted: np.ndarray | None = None) -> Any:
        """The target as it is, if it holds finite numbers alone."""
        return check_numbers(one_target(X, y), "y", omitted)

    def predict(self, estimator: Any, tested: pd.DataFrame) -> np.ndarray:
        """Predictions as float64."""
        return np.asarray(estimator.predict(tested), dtype=np.float64)

    def vote(self, how: str, rows: np.ndarray, probability: pd.Series | None = None) -> Any:
        """Mean of the predictions."""
        return rows.mean(axis=0)

    def losses(self, truth: Any, prediction: np.ndarray) -> np.ndarray:
        """Squared errors; what is too large for one, the tables refuse."""
        with np.errstate(over="ignore"):
            return np.square(prediction - truth.to_numpy(dtype=np.float64))

    def outputs(self, estimator: Any, y: Any) -> list[Callable[[Any], np.ndarray]]:
        """Its predictions."""
        return [estimator.predict]

    def columns(self, y: pd.Series, results: list[FoldResult]) -> dict[str, np.ndarray]:
        """Truth and prediction."""
        found = np.concatenate([result.prediction for result in results])
        return {"truth": true_rows(y.astype(np.float64), results), "prediction": found}

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
        """Errors over all rows, by cell and by cycle."""
        truth, prediction = predictions["truth"], predictions["prediction"]
        options = {"groups": groups, "n_jobs": n_jobs, **bootstrap}
        by_cycle = cycle_metrics(truth, prediction, weight=bootstrap["weight"])
        by_cycle.insert(0, "fold", predictions.groupby(level="cycle", sort=False)["fold"].first())
        by_regime = None if tested is None else regime_metrics(truth, prediction, tested, **options)
        overall = overall_metrics(truth, prediction, **options)
        return {"overall": overall, "by_regime": by_regime, "by_cycle": by_cycle}

    def signals(self, X: pd.DataFrame, y: Any) -> pd.DataFrame:
        """The inputs and the target."""
        return X.assign(**{"target" if y.name is None else str(y.name): y.to_numpy()})


def check_numbers(y: pd.Series, name: str, omitted: np.ndarray | None = None) -> pd.Series:
    """The target as it is, if it holds finite numbers alone."""
    if not pd.api.types.is_numeric_dtype(y.dtype) or pd.api.types.is_complex_dtype(y.dtype):
        raise InvalidLogError(f"{name} must be numbers; got {y.dtype}")
    finite = np.isfinite(y.to_numpy(dtype=np.float64))
    if omitted is not None:
        finite |= omitted
    if not finite.all():
        row = int(np.argmin(finite))
        raise InvalidLogError(f"{name} must be finite; got {y.iloc[row]} at {locate(y.index, row)}")
    return y
