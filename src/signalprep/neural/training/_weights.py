"""Weights of rows, so that rare regimes count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from signalprep.errors import InvalidParameterError
from signalprep.regimes import RegimeBinner

__all__ = ["row_weights"]


def row_weights(X: Any, regimes: Any, balance: float, training: np.ndarray) -> np.ndarray:
    """Weight of each row: (mean rows of a cell / rows of its cell)^balance, 1 on average.

    Parameters
    ----------
    X : DataFrame or array
        What is trained on, with the columns that `regimes` bins.
    regimes : RegimeBinner, dict of bins or None
        None weighs all rows alike.
    balance : float
        0: all alike, 1: every cell alike.
    training : ndarray of int
        Rows that are counted; the others are weighed as these are.
    """
    if regimes is None or balance == 0:
        return np.ones(len(X))
    cell = _cells(X, regimes, training)
    counts = np.bincount(cell[training], minlength=int(cell.max()) + 1)
    seen = counts > 0
    by_cell = np.ones(len(counts))
    by_cell[seen] = (counts[seen].mean() / counts[seen]) ** balance
    weight = by_cell[cell]
    return weight / weight[training].mean()


def _cells(X: Any, regimes: Any, training: np.ndarray) -> np.ndarray:
    """Number of the cell of each row."""
    if isinstance(regimes, Mapping):
        regimes = RegimeBinner(regimes)
    if not isinstance(regimes, RegimeBinner):
        raise InvalidParameterError(
            "regimes must be a RegimeBinner, its dict of bins or None; "
            f"got {type(regimes).__name__}"
        )
    binner = clone(regimes).set_output(transform="default")
    rows = X.iloc[training] if isinstance(X, pd.DataFrame) else X[training]
    labels = pd.DataFrame(binner.fit(rows).transform(X))
    return labels.groupby(list(labels), observed=True).ngroup().to_numpy()
