"""What a report shows beside the errors, on request."""

from __future__ import annotations

from typing import Any

import pandas as pd

import signalprep as sp


def run_studies(
    estimator: Any, X: pd.DataFrame, y: pd.Series, asked: list[str], options: Any
) -> dict[str, Any]:
    """What the options ask for, under the names that page and tables take it by."""
    found: dict[str, Any] = {}
    if "--price" in asked:
        # The test in time takes a cycle more than it has folds.
        n_splits = max(2, min(options["cv"], len(sp.cycles(X)) - 1))
        found["prices"] = sp.price_of_leaks(estimator, X, y, n_splits=n_splits, **options)
    if "--audit" in asked:
        found["audit"] = sp.audit(estimator, X, y, **options)
    if "--learning-curve" in asked:
        mapless = {name: options[name] for name in ("cv", "n_jobs")}
        found["learning_curve"] = sp.cycle_learning_curve(estimator, X, y, **mapless)
    return found
