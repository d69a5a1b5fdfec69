"""before_model: the steps before a model, and what these make of rows and target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_consistent_length

from signalprep.flow._nodes import Chain, Slow
from signalprep.flow._tree import tree
from signalprep.log import check_same_index, is_log

__all__ = ["BeforeModel", "Prepared", "before_model", "target_at"]


class Prepared(NamedTuple):
    """Rows and target as a model gets them, and where they stand among the rows that were given."""

    X: Any
    y: Any
    rows: np.ndarray


@dataclass(frozen=True)
class BeforeModel:
    """What stands before a model.

    Attributes
    ----------
    steps : tuple of estimator
        Pipelines of all steps up to the next model or lower rate, and decimators; the estimator's
        own, fitted where it is.
    model : estimator
    """

    steps: tuple[Any, ...] = ()
    model: Any = None

    def fitted(self, X: Any, y: Any, keep: Callable[[Any, Any], Any]) -> Prepared:
        """Fit the steps on rows and let these pass, as in :meth:`passed`."""
        return self._pass(X, y, keep, fit=True)

    def passed(self, X: Any, y: Any, keep: Callable[[Any, Any], Any]) -> Prepared:
        """Let rows and target pass the fitted steps.

        Parameters
        ----------
        X, y : frame or array
            The target may be None.
        keep : callable
            ``keep(out, X)`` gives what a pipeline made of rows in the form wanted, or raises.
        """
        return self._pass(X, y, keep, fit=False)

    def _pass(self, X: Any, y: Any, keep: Callable[[Any, Any], Any], *, fit: bool) -> Prepared:
        rows = np.arange(np.shape(X)[0])
        for step in self.steps:
            if not hasattr(step, "kept_rows"):
                X = keep(step.fit_transform(X, y) if fit else step.transform(X), X)
                continue
            slow = step.fit(X).transform(X) if fit else step.transform(X)
            kept = step.kept_rows(X)
            X, y, rows = slow, target_at(kept, y, X, slow), rows[kept]
        return Prepared(X, y, rows)


def before_model(estimator: Any) -> BeforeModel:
    """Part the model at the end of pipelines and slower tasks from the steps before it.

    Parameters
    ----------
    estimator : estimator
        Fitted or not. What hands its rows on in another way is a model.
    """
    node = tree(estimator)
    steps: list[Any] = []
    while True:
        match node:
            case Slow():
                steps.append(node.decimator.estimator)
                node = node.inner
            case Chain() if node.steps:
                head = node.head
                if head is not None:
                    steps.append(head)
                node = node.steps[-1][1]
            case _:
                return BeforeModel(tuple(steps), node.estimator)


def target_at(kept: np.ndarray, y: Any, X: Any, slow: Any) -> Any:
    """The target at the rows that a decimator keeps of X, with the index of what it makes of X."""
    if y is None:
        return None
    check_same_index(X, y)
    check_consistent_length(X, y)
    if not isinstance(y, (pd.Series, pd.DataFrame)):
        return np.asarray(y)[kept]
    return y.iloc[kept].set_axis(slow.index) if is_log(X) else y.iloc[kept]
