"""Joint regime cells: which cell each row falls into."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError

__all__ = ["encode_cells"]

OUTSIDE = ("below", "above", "missing")
"""Categories that are no part of the map: their cells are listed only where rows fall."""

MAX_CELLS = 1_000_000


def encode_cells(regimes: Any, cycle: np.ndarray, ids: pd.Index) -> tuple[np.ndarray, pd.Index]:
    """Cell of each row as codes, and the cells.

    Several columns make joint cells. When every column is categorical, cells without a row are
    listed too, apart from cells with one of the labels "below", "above" and "missing".

    Parameters
    ----------
    regimes : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_columns)
        Labels.
    cycle, ids : ndarray of int, Index
        Cycle of each row and the cycle ids, to name the row of a missing label.

    Returns
    -------
    codes : ndarray of int64 of shape (n_samples,)
    cells : Index or MultiIndex of shape (n_cells,)
    """
    frame = _as_frame(regimes)
    columns = [_as_categorical(frame.iloc[:, k], cycle, ids) for k in range(frame.shape[1])]
    shape = tuple(len(column.categories) for column in columns)
    if np.prod(shape, dtype=np.float64) > MAX_CELLS:
        raise InvalidParameterError(
            f"regimes may span at most {MAX_CELLS} joint cells; got "
            + " x ".join(str(size) for size in shape)
        )
    flat = np.ravel_multi_index([column.codes.astype(np.int64) for column in columns], shape)
    listed = np.zeros(int(np.prod(shape)), dtype=bool)
    if all(isinstance(dtype, pd.CategoricalDtype) for dtype in frame.dtypes):
        inside = [~column.categories.isin(OUTSIDE) for column in columns]
        listed[:] = np.all(np.meshgrid(*inside, indexing="ij"), axis=0).ravel()
    listed[flat] = True
    cells = _index(np.unravel_index(np.flatnonzero(listed), shape), columns, frame)
    return (np.cumsum(listed) - 1)[flat], cells


def _index(
    positions: tuple[np.ndarray, ...], columns: list[pd.Categorical], frame: pd.DataFrame
) -> pd.Index:
    """Labels of the listed cells: categorical where the column is, else of its own type."""
    labels: list[pd.Index] = []
    for position, column, dtype in zip(positions, columns, frame.dtypes, strict=True):
        if isinstance(dtype, pd.CategoricalDtype):
            labels.append(pd.Index(pd.Categorical.from_codes(position, dtype=dtype)))
        else:
            labels.append(column.categories.take(position))
    if len(labels) == 1:
        return labels[0].rename(frame.columns[0])
    return pd.MultiIndex.from_arrays(labels, names=list(frame.columns))


def _as_frame(regimes: Any) -> pd.DataFrame:
    if isinstance(regimes, pd.DataFrame):
        frame = regimes
    elif isinstance(regimes, pd.Series):
        frame = regimes.to_frame("regime" if regimes.name is None else regimes.name)
    elif regimes.ndim == 1:
        frame = pd.Series(regimes).to_frame("regime")
    elif regimes.ndim == 2:
        frame = pd.DataFrame(regimes).add_prefix("regime_")
    else:
        raise InvalidParameterError(f"regimes must be 1-D or 2-D; got {regimes.ndim}-D")
    if frame.shape[1] == 0:
        raise InvalidParameterError("regimes must have at least one column; got none")
    return frame


def _as_categorical(labels: pd.Series, cycle: np.ndarray, ids: pd.Index) -> pd.Categorical:
    missing = labels.isna().to_numpy()
    if missing.any():
        row = int(np.argmax(missing))
        raise InvalidLogError(
            f"regimes must label every row; {labels.name!r} has no label in cycle "
            f"{ids.tolist()[cycle[row]]!r}, row {row} (RegimeBinner says 'missing' for such rows)"
        )
    return pd.Categorical(labels)
