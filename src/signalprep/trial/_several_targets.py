"""SeveralTargets: targets of several columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import shown
from signalprep.results import Validation, Validations
from signalprep.trial._folds import FoldResult
from signalprep.trial._regression import Regression, check_numbers


class SeveralTargets(Regression):
    """Several targets of finite numbers, which one set of fits predicts together."""

    def check(self, X: pd.DataFrame, y: Any, omitted: np.ndarray | None = None) -> Any:
        """The targets as a DataFrame, named by text, each once."""
        if not isinstance(y, pd.DataFrame):
            values = np.asarray(y)
            if len(values) != len(X):
                raise InvalidLogError(f"y must have {len(X)} rows as X; got {len(values)}")
            y = pd.DataFrame(values, X.index).add_prefix("target ")
        if not y.index.equals(X.index):
            raise InvalidLogError("y must carry the index of X; got another index")
        y = y.set_axis([str(name) for name in y.columns], axis=1)
        twice = y.columns[y.columns.duplicated()]
        if len(twice):
            raise InvalidParameterError(
                f"the columns of y must have different names; {shown(twice[0])} is there twice"
            )
        for name, column in y.items():
            check_numbers(column, f"y[{shown(name)}]", omitted)
        return y

    def outputs(self, estimator: Any, y: Any) -> list[Callable[[Any], np.ndarray]]:
        """Its predictions of each target, whose scales may differ much."""

        def output(k: int) -> Callable[[Any], np.ndarray]:
            return lambda X: np.asarray(estimator.predict(X))[:, k]

        return [output(k) for k in range(y.shape[1])]

    def signals(self, X: pd.DataFrame, y: Any) -> pd.DataFrame:
        """The inputs and the targets."""
        return X.assign(**{name: column.to_numpy() for name, column in y.items()})

    def parts(self, y: Any, results: list[FoldResult]) -> list[tuple[pd.Series, list[FoldResult]]]:
        """Each column, and the predictions of it."""
        return [
            (y.iloc[:, k], [replace(one, prediction=one.prediction[:, k]) for one in results])
            for k in range(y.shape[1])
        ]

    def joined(self, found: list[Validation]) -> Any:
        """One validation a target."""
        return Validations({one.target: one for one in found})
