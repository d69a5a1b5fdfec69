"""Cycles of a recording whose time starts anew, and rows that repeat a stamp."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._index import log_index
from signalprep.log._samples import valid_rows

_NEAR = 3.0  # steps: how far from its first stamp time may start anew


def restarted_cycles(seconds: np.ndarray) -> np.ndarray:
    """Cycle ids 0, 1, 2, ..., the next wherever time starts anew.

    Parameters
    ----------
    seconds : ndarray of float64 of shape (n_rows,)
        Stamps of all cycles, one after the other.

    Returns
    -------
    ids : ndarray of int64 of shape (n_rows,)

    Raises
    ------
    InvalidLogError
        When time goes back to another moment than (within three steps) its first.

    Examples
    --------
    >>> restarted_cycles(np.array([0.0, 0.1, 0.2, 0.0, 0.1, 0.0]))
    array([0, 0, 0, 1, 1, 2])
    """
    step = np.diff(seconds)
    back = step < 0
    if not back.any():
        return np.zeros(len(seconds), dtype=np.int64)
    forward = step[step > 0]
    near = _NEAR * float(np.median(forward)) if len(forward) else 0.0
    strange = back & ~(np.abs(seconds[1:] - seconds[0]) <= near * (1.0 + 1e-6))
    if strange.any():
        row = int(np.argmax(strange)) + 1
        raise InvalidLogError(
            f"cycle='reset' needs time that only goes back to its first stamp, {seconds[0]:.9g} s; "
            f"row {row} goes back from {seconds[row - 1]:.9g} s to {seconds[row]:.9g} s"
        )
    return np.append(0, np.cumsum(back))


def without_repeats(log: pd.DataFrame) -> pd.DataFrame:
    """One row for each stamp of a cycle: the last, with the last value of each column.

    Rows that repeat a stamp need not fill the same columns, so a missing value is none.
    """
    index = log_index(log)
    ids, stamps = index.codes
    same = (ids[1:] == ids[:-1]) & (stamps[1:] == stamps[:-1]) & (stamps[1:] >= 0)
    if not same.any():
        return log
    last = np.flatnonzero(np.append(~same, True))
    first = np.append(0, last[:-1] + 1)
    rows = np.arange(len(log))
    kept = log.iloc[last].copy()
    for k in range(log.shape[1]):
        column = log.iloc[:, k]
        valued = np.maximum.reduceat(np.where(valid_rows(column.array), rows, -1), first)
        source = np.where(valued >= 0, valued, last)
        if (source != last).any():
            kept.isetitem(k, column.iloc[source].array)
    return kept
