"""Errors of all rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep._parameters import check_bootstrap
from signalprep.metrics._alignment import align
from signalprep.metrics._bootstrap import RandomState
from signalprep.metrics._table import check_interval, table_with_intervals

__all__ = ["overall_metrics"]


def overall_metrics(
    y_true: Any,
    y_pred: Any,
    cycles: Any = None,
    n_bootstrap: int = 1000,
    *,
    groups: Any = None,
    weight: str = "row",
    confidence: float = 0.95,
    min_cycles: int = 3,
    interval: str = "studentized",
    random_state: RandomState = 0,
    n_jobs: int | None = None,
) -> pd.Series:
    """Errors of all rows as one cell, with intervals that resample whole cycles.

    The metrics, the intervals and the parameters are those of
    :func:`~signalprep.metrics.regime_metrics`; with the same `random_state` both draw the same
    cycles.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Measured and predicted target, finite.
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    n_bootstrap : int, default=1000
        Resamples; 0 leaves the intervals NaN.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session): the group of each cycle by its id, or a
        function of the id. Whole groups are then resampled in place of cycles, and count as
        evidence.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has in the cell.
    confidence : float, default=0.95
        Nominal coverage of the intervals.
    min_cycles : int, default=3
        With fewer cycles the intervals are NaN and `evidence` is False.
    interval : {"studentized", "percentile"}, default="studentized"
        How the resamples make an interval.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the resampling.
    n_jobs : int, default=None
        Threads. Results do not depend on it.

    Returns
    -------
    metrics : Series
        Named as the columns of `regime_metrics`; ints, floats and one bool, so dtype object.

    Raises
    ------
    InvalidLogError, InvalidParameterError
        As `regime_metrics`.

    Examples
    --------
    >>> from signalprep.metrics import overall_metrics
    >>> errors, cycles = [1, 2, 1, 4, 2, 2, 3, 1], [1, 1, 2, 2, 3, 3, 4, 4]
    >>> result = overall_metrics([0] * 8, errors, cycles)
    >>> print(result["n_cycles"], result["mae"], result["mae_low"] < 1.5, result["mae_high"] > 2.5)
    4 2.0 True True
    """
    check_bootstrap(n_bootstrap, confidence, min_cycles, random_state, n_jobs)
    check_interval(interval)
    rows = align(y_true, y_pred, cycles, groups=groups, weight=weight)
    table = table_with_intervals(
        rows,
        np.zeros(len(rows.truth), dtype=np.int64),
        pd.Index(["overall"]),
        n_bootstrap=n_bootstrap,
        confidence=confidence,
        min_cycles=min_cycles,
        interval=interval,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    return table.astype(object).iloc[0]
