"""Errors by drive cycle."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.metrics._alignment import align
from signalprep.metrics._table import point_table

__all__ = ["cycle_metrics"]


def cycle_metrics(
    y_true: Any, y_pred: Any, cycles: Any = None, *, weight: str = "row"
) -> pd.DataFrame:
    """Errors in every drive cycle.

    The metrics are those of :func:`~signalprep.metrics.regime_metrics`. There are no intervals: a
    cycle is one draw, and the rows inside it are too much alike to stand for others.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Measured and predicted target, finite.
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has. Within a cycle both are the same; only share differs.

    Returns
    -------
    table : DataFrame of shape (n_cycles, n_columns)
        Columns n, bias, mae, rmse, p95, max, r2, share; one row a cycle, in order of appearance.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, values that are not finite, rows without cycle.
    InvalidParameterError
        A target of several columns.

    Examples
    --------
    >>> from signalprep.metrics import cycle_metrics
    >>> table = cycle_metrics([0, 0, 0, 0], [1, -3, 2, 2], cycles=["b", "b", "a", "a"])
    >>> print(table[["n", "bias", "mae", "max"]])
           n  bias  mae  max
    cycle
    b      2  -1.0  2.0  3.0
    a      2   2.0  2.0  2.0
    """
    rows = align(y_true, y_pred, cycles, weight=weight)
    return point_table(rows, rows.cycle, rows.cycles).drop(columns=["n_cycles", "n_groups"])
