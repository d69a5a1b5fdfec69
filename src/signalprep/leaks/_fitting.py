"""Fit the estimator on one fold, and run a few cycles through its steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError
from signalprep.flow import Chain, dense, tree
from signalprep.leaks._finding import Finding
from signalprep.leaks._stages import Trace
from signalprep.log import is_log
from signalprep.trial import Case, naming_missing


def fit_and_trace(case: Case) -> Trace | Finding:
    """The probe on its way through a clone fitted on the first fold's training rows.

    A pipeline that cannot be fitted or run because a step lost the index gives the finding.
    """
    train, _ = case.whole[0]
    X, y = case.X.iloc[train], case.y.iloc[train]
    fitted = clone(case.estimator)
    try:
        with naming_missing(X):
            fitted.fit(X, y)
        return Trace.of(fitted, case.probe())
    except (LostIndexError, InvalidLogError, InvalidParameterError) as error:
        for name, step in _losing(case.estimator, X, y):
            return Finding(
                "leak",
                "lost_index",
                name,
                "",
                np.nan,
                "",
                f"Step {name!r} ({type(step).__name__}) gives rows without the (cycle, time) "
                f"index, and a step after it cannot work without: {error}",
            )
        raise


def _losing(estimator: Any, X: pd.DataFrame, y: pd.Series) -> Iterator[tuple[str, Any]]:
    """The step of a pipeline, if any, whose output no longer carries the index."""
    node = tree(estimator)
    data: Any = X
    for name, step in node.steps[:-1] if isinstance(node, Chain) else ():
        if isinstance(step, Chain) and not step.steps:
            continue  # passed through
        data = dense(clone(step.estimator).fit_transform(data, y), len(X))
        if not (is_log(data) and data.index.equals(X.index)):
            yield name, step.estimator
            return
