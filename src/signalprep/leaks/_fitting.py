"""Fit the estimator on one fold, and run a few cycles through its steps."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone

from signalprep.leaks._finding import Finding
from signalprep.leaks._stages import Trace
from signalprep.trial import Case, losing_steps, naming_missing


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
    except ValueError as error:  # of a search, which does not hand on what its fits raise
        for name, step in losing_steps(case.estimator, X, y):
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
