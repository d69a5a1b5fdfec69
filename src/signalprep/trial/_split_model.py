"""Take an estimator apart into the steps before its model and the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from signalprep.compose import AtRate
from signalprep.errors import InvalidLogError
from signalprep.preprocessing import Decimator


@dataclass(frozen=True)
class Features:
    """What the steps make of a log, and the rows of the log that it stands at."""

    table: pd.DataFrame
    rows: np.ndarray


@dataclass(frozen=True)
class SplitModel:
    """Fitted steps, what they gave for the rows they were fitted on, and an unfitted model."""

    steps: list[Any]
    features: Features
    model: Any

    def apply(self, X: pd.DataFrame) -> Features:
        """Features of another log."""
        table, rows = X, np.arange(len(X))
        for step in self.steps:
            if isinstance(step, Decimator):
                rows = rows[step.kept_rows(table)]
                table = step.transform(table)
            else:
                table = _framed(step.transform(table), table.index)
        return Features(table, rows)


def split_model(estimator: Any, X: pd.DataFrame, y: pd.Series) -> SplitModel:
    """Fit every step before the model on these rows.

    An AtRate is opened: its decimator is a step, and the features stand at the slower rate.
    """
    if isinstance(estimator, AtRate):
        first: Any = Decimator(
            estimator.factor,
            causal=estimator.causal,
            nan_policy=estimator.nan_policy,
            n_jobs=estimator.n_jobs,
        )
        table = first.fit(X).transform(X)
        rows = first.kept_rows(X)
        rest = estimator.estimator
    elif isinstance(estimator, Pipeline) and len(estimator.steps) > 1:
        first = clone(estimator[:-1])
        table = _framed(first.fit_transform(X, y), X.index)
        rows = np.arange(len(X))
        rest = estimator.steps[-1][1]
    elif isinstance(estimator, Pipeline):
        return split_model(estimator.steps[-1][1], X, y)
    else:
        return SplitModel([], Features(X, np.arange(len(X))), estimator)
    inner = split_model(rest, table, y.iloc[rows].set_axis(table.index))
    features = Features(inner.features.table, rows[inner.features.rows])
    return SplitModel([first, *inner.steps], features, inner.model)


def _framed(features: Any, index: pd.Index) -> pd.DataFrame:
    if isinstance(features, pd.DataFrame):
        if not features.index.equals(index):
            raise InvalidLogError("every step must keep the rows and the index of the log")
        return features
    values = features.toarray() if hasattr(features, "toarray") else np.asarray(features)
    if values.shape[0] != len(index):
        raise InvalidLogError(
            f"every step must keep its rows; {len(index)} rows went in and "
            f"{values.shape[0]} came out"
        )
    return pd.DataFrame(values, index=index, columns=[f"f{k}" for k in range(values.shape[1])])
