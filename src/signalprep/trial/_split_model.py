"""Take an estimator apart into the steps before its model and the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from signalprep.errors import InvalidLogError
from signalprep.flow import BeforeModel, Prepared, before_model


@dataclass(frozen=True)
class SplitModel:
    """Fitted steps before a model that is not, and what they gave for the rows they learned."""

    before: BeforeModel
    features: Prepared

    @property
    def model(self) -> Any:
        return self.before.model

    def apply(self, X: pd.DataFrame) -> Prepared:
        """Features of another log."""
        return self.before.passed(X, None, _framed)


def split_model(estimator: Any, X: pd.DataFrame, y: pd.Series) -> SplitModel:
    """Fit every step before the model on these rows.

    An AtRate is opened: its decimator is a step, and the features stand at the slower rate.
    """
    before = before_model(clone(estimator))
    return SplitModel(before, before.fitted(X, y, _framed))


def _framed(features: Any, X: pd.DataFrame) -> pd.DataFrame:
    if isinstance(features, pd.DataFrame):
        if not features.index.equals(X.index):
            raise InvalidLogError("every step must keep the rows and the index of the log")
        return features
    values = features.toarray() if hasattr(features, "toarray") else np.asarray(features)
    if values.shape[0] != len(X):
        raise InvalidLogError(
            f"every step must keep its rows; {len(X)} rows went in and {values.shape[0]} came out"
        )
    return pd.DataFrame(values, index=X.index, columns=[f"f{k}" for k in range(values.shape[1])])
