"""Which class is taken for which, by operating regime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.metrics._cells import levels_of
from signalprep.metrics._classification_labels import align_classes
from signalprep.metrics._classification_metrics import encode_rows

__all__ = ["confusion_table"]


def confusion_table(
    y_true: Any,
    y_pred: Any,
    regimes: Any = None,
    cycles: Any = None,
    *,
    classes: Any = None,
    weight: str = "row",
) -> pd.DataFrame:
    """Count the rows of each true class that were predicted as each class, by cell.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted class: text, ints or bools, none missing.
    regimes : Series, DataFrame or array of shape (n_samples, n_columns), default=None
        Labels of the regimes, as :func:`~signalprep.regime_metrics` takes them; None: all rows
        together.
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    classes : sequence, default=None
        The classes; None: those that occur, sorted.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has in the cell. A row of a cycle then counts 1 over the rows of the cycle in the
        cell, and the table holds numbers of cycles, not rows.

    Returns
    -------
    table : DataFrame of shape (n_cells * n_classes, n_classes)
        Rows: the levels of the regimes, if any, then ``truth``. Columns: ``prediction``. Cells
        without rows are listed as :func:`~signalprep.regime_metrics` lists them.

    Raises
    ------
    InvalidLogError, InvalidParameterError
        As :func:`classification_metrics`.

    Examples
    --------
    >>> from signalprep.metrics import confusion_table
    >>> table = confusion_table(["ok", "ok", "fault"], ["ok", "fault", "fault"], cycles=[1, 1, 2])
    >>> print(table)
    prediction  fault  ok
    truth
    fault           1   0
    ok              1   1
    """
    rows = align_classes(y_true, y_pred, cycles, regimes, None, classes, weight=weight)
    cell, cells = encode_rows(rows.rows)
    n_classes = len(rows.classes)
    code = (cell * n_classes + rows.truth) * n_classes + rows.prediction
    counts = np.bincount(code, rows.rows.weight_in(cell), len(cells) * n_classes**2)
    counts = counts.reshape(-1, n_classes)
    truth = rows.classes.take(np.tile(np.arange(n_classes), len(cells))).rename("truth")
    columns = rows.classes.rename("prediction")
    if rows.rows.regimes is None:
        return pd.DataFrame(counts, truth, columns)
    of_row = np.repeat(np.arange(len(cells)), n_classes)
    levels = [level.take(of_row) for level in levels_of(cells)]
    index = pd.MultiIndex.from_arrays([*levels, truth], names=[*cells.names, "truth"])
    return pd.DataFrame(counts, index, columns)
