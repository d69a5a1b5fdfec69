"""Joint regime cells: which cell each row falls into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep._kernels._pair_sums import mark, ranked
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics._alignment import AlignedErrors, code_type, read_only

__all__ = ["cells_of_rows", "encode_cells", "levels_of"]

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

    def name_of_row(row: int) -> str:
        return f"cycle {ids.tolist()[cycle[row]]!r}, row {row}"

    codes, cells = _encode(regimes, name_of_row)
    return codes.astype(np.int64), cells


def cells_of_rows(rows: AlignedErrors) -> tuple[np.ndarray, pd.Index]:
    """As `encode_cells`, with codes as int16 or, for many cells, int32."""
    return _encode(rows.regimes, rows.name_of_row)


def levels_of(cells: pd.Index) -> list[pd.Index]:
    """Labels of the cells, one index a column: by place, where names may be ints as well."""
    if not isinstance(cells, pd.MultiIndex):
        return [cells]
    parts = zip(cells.levels, cells.codes, strict=True)
    return [pd.Index(level.take(codes)) for level, codes in parts]


def _encode(regimes: Any, name_of_row: Callable[[int], str]) -> tuple[np.ndarray, pd.Index]:
    frame = _as_frame(regimes)
    columns = [_as_column(frame.iloc[:, k], name_of_row) for k in range(frame.shape[1])]
    shape = tuple(len(column.categories) for column in columns)
    n_joint = np.prod(shape, dtype=np.float64)
    if n_joint > MAX_CELLS:
        raise InvalidParameterError(
            f"regimes may span at most {MAX_CELLS} joint cells; got "
            + " x ".join(str(size) for size in shape)
        )
    dtype = code_type(int(n_joint))
    codes = columns[0].codes.astype(dtype, copy=False)
    for size, column in zip(shape[1:], columns[1:], strict=True):
        codes = codes * dtype(size)
        codes += column.codes.astype(dtype, copy=False)
    codes = read_only(codes)
    listed = np.zeros(int(n_joint), dtype=bool)
    if all(isinstance(dtype, pd.CategoricalDtype) for dtype in frame.dtypes):
        inside = [~column.categories.isin(OUTSIDE) for column in columns]
        listed[:] = np.all(np.meshgrid(*inside, indexing="ij"), axis=0).ravel()
    if not listed.all():
        mark(codes, listed)
    cells = _index(np.unravel_index(np.flatnonzero(listed), shape), columns, frame)
    if not listed.all():
        place = np.empty_like(codes)
        ranked(codes, (np.cumsum(listed) - 1).astype(dtype), place)
        codes = read_only(place)
    return codes, cells


@dataclass(frozen=True)
class _Column:
    """Labels of one column: their position in the categories, -1 where there is none."""

    codes: np.ndarray
    categories: pd.Index


def _index(
    positions: tuple[np.ndarray, ...], columns: list[_Column], frame: pd.DataFrame
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


def _as_column(labels: pd.Series, name_of_row: Callable[[int], str]) -> _Column:
    if isinstance(labels.dtype, pd.CategoricalDtype):
        column = _Column(labels.array.codes, labels.array.categories)
    elif isinstance(labels.dtype, np.dtype) and labels.dtype.kind in "iu":
        column = _integer_column(labels)
    else:
        categorical = pd.Categorical(labels)
        column = _Column(categorical.codes, categorical.categories)
    if column.codes.min() < 0:
        row = int(np.argmin(column.codes))
        raise InvalidLogError(
            f"regimes must label every row; {labels.name!r} has no label in {name_of_row(row)} "
            "(RegimeBinner says 'missing' for such rows)"
        )
    return column


def _integer_column(labels: pd.Series) -> _Column:
    """Codes of integers by a table of those between the least and the greatest, if it is short."""
    values = labels.to_numpy()
    least, n_between = int(values.min()), int(values.max()) - int(values.min()) + 1
    if n_between > MAX_CELLS:
        categorical = pd.Categorical(labels)
        return _Column(categorical.codes, categorical.categories)
    wide = values.astype(np.int64 if values.dtype.kind == "i" else np.uint64, copy=False)
    origin = wide.dtype.type(least)
    codes = read_only((wide - origin).astype(np.int32))
    seen = np.zeros(n_between, dtype=bool)
    mark(codes, seen)
    place = np.empty_like(codes)
    ranked(codes, (np.cumsum(seen) - 1).astype(np.int32), place)
    labels_seen = np.flatnonzero(seen).astype(wide.dtype) + origin
    return _Column(place, pd.Index(labels_seen.astype(values.dtype)))
