"""Task: what a trial does in its own way for each kind of target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import shown

if TYPE_CHECKING:
    from signalprep.results import Validation
    from signalprep.trial._folds import FoldResult


class Task(ABC):
    """Checks the target, predicts it, and makes the tables of what came out.

    Siblings for one target, several, and classes; nothing that uses one asks which it is.

    Attributes
    ----------
    result : type
        What the tables of a target become.
    name : str
        In words.
    votes : tuple of str
        How the predictions of a cycle's rows can become one decision.
    """

    result: ClassVar[type[Validation]]
    name: ClassVar[str]
    votes: ClassVar[tuple[str, ...]]

    @abstractmethod
    def check(self, X: pd.DataFrame, y: Any, omitted: np.ndarray | None = None) -> Any:
        """The target, checked, with the index of the log: a Series, of several a DataFrame.

        In rows that are omitted a number may be missing.
        """

    @abstractmethod
    def predict(self, estimator: Any, tested: pd.DataFrame) -> np.ndarray:
        """Predictions of a fitted estimator, one a row."""

    @abstractmethod
    def vote(self, how: str, rows: np.ndarray, probability: pd.Series | None = None) -> Any:
        """One decision of a cycle from the predictions of its rows, by one of `votes`.

        Parameters
        ----------
        how : str
        rows : ndarray
            Predictions.
        probability : Series, default=None
            Mean probability of each class.
        """

    def check_vote(self, how: Any, estimator: Any) -> None:  # noqa: B027  not all have a rule
        """Refuse a vote on what an unfitted estimator will not give."""

    @abstractmethod
    def losses(self, truth: Any, prediction: np.ndarray) -> np.ndarray:
        """Loss of each row (and target), whose mean nested cross-validation looks at."""

    @abstractmethod
    def outputs(self, estimator: Any, y: Any) -> list[Callable[[Any], np.ndarray]]:
        """What a fitted estimator says of rows, as numbers of one scale each."""

    def probabilities(self, estimator: Any, tested: pd.DataFrame) -> pd.DataFrame | None:
        """Probability of each class that training knew; None when there are none."""
        return None

    @abstractmethod
    def columns(self, y: pd.Series, results: list[FoldResult]) -> dict[str, np.ndarray]:
        """Columns of the predictions, fold after fold, the truth first."""

    @abstractmethod
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
        """The tables that only a result of this task holds."""

    @abstractmethod
    def signals(self, X: pd.DataFrame, y: Any) -> pd.DataFrame:
        """Signals whose data quality is looked at."""

    def parts(self, y: Any, results: list[FoldResult]) -> list[tuple[pd.Series, list[FoldResult]]]:
        """Each target, and what the folds gave of it."""
        return [(y, results)]

    def joined(self, found: list[Validation]) -> Any:
        """What is handed back, from the results of the parts."""
        return found[0]


def one_target(X: pd.DataFrame, y: Any) -> pd.Series:
    """A target of one column, with the index of the log."""
    if isinstance(y, pd.DataFrame):
        if y.shape[1] != 1:
            raise not_one(y)
        y = y.iloc[:, 0]
    if isinstance(y, pd.Series):
        if not y.index.equals(X.index):
            raise InvalidLogError("y must carry the index of X; got another index")
        return y
    values = np.asarray(y)
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.shape != (len(X),):
        raise InvalidLogError(f"y must have shape ({len(X)},) as X; got {values.shape}")
    return pd.Series(values, index=X.index, name="target")


def not_one(y: Any) -> InvalidParameterError:
    """The refusal of a target that is not one column."""
    k = np.shape(y)[1]
    one = f"y[{shown(y.columns[0])}]" if isinstance(y, pd.DataFrame) and k else "y[:, 0]"
    how = f": pass them one at a time, such as {one}" if k else ""
    return InvalidParameterError(f"y must be one target; got {k} columns{how}")


def true_rows(y: pd.Series, results: list[FoldResult]) -> np.ndarray:
    """The truth of the tested rows, fold after fold."""
    return y.to_numpy()[np.concatenate([result.test for result in results])]
