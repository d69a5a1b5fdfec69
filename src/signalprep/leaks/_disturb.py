"""Alter some rows of a table and leave the others: the future, a gap, a spike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.leaks._changes import uniform

SPIKE = 20.0


def take(data: Any, start: int, stop: int) -> Any:
    """Rows of a frame or an array."""
    return data.iloc[start:stop] if isinstance(data, pd.DataFrame) else data[start:stop]


def column(data: Any, k: int) -> np.ndarray:
    """Values of a column by its position."""
    return data.iloc[:, k].to_numpy() if isinstance(data, pd.DataFrame) else data[:, k]


def limits(data: Any) -> np.ndarray:
    """Lowest and highest value of each floating-point column, (2, n_columns); NaN for others."""
    found = np.full((2, data.shape[1]), np.nan)
    for k in floating(data):
        values = column(data, k)
        known = values[np.isfinite(values)]
        if len(known):
            found[:, k] = known.min(), known.max()
    return found


def floating(data: Any) -> list[int]:
    """Positions of the floating-point columns."""
    if isinstance(data, pd.DataFrame):
        kinds = enumerate(data.dtypes)
        return [k for k, kind in kinds if isinstance(kind, np.dtype) and kind.kind == "f"]
    return list(range(data.shape[1])) if is_floating(data) else []


def is_floating(values: Any) -> bool:
    """Whether an array holds floating-point numbers."""
    return isinstance(values, np.ndarray) and values.dtype.kind == "f"


def disturbed(data: Any, rows: slice | Sequence[slice], within: np.ndarray) -> Any:
    """Rows in reverse order and drawn to the farther limit: other, but possible, values.

    Of several stretches of rows each is reversed by itself.
    """
    stretches = [rows] if isinstance(rows, slice) else rows
    places = [np.arange(len(data))[stretch] for stretch in stretches]
    borders = np.cumsum([len(place) for place in places])[:-1]

    def other(values: np.ndarray, k: int) -> np.ndarray:
        turned = np.concatenate([part[::-1] for part in np.split(values, borders)])
        if not is_floating(values) or np.isnan(within[0, k]):
            return turned
        low, high = within[:, k]
        known = values[np.isfinite(values)]
        middle = known.mean() if len(known) else low
        far = high if high - middle > middle - low else low
        return 0.7 * turned + 0.3 * far

    return replaced(data, np.concatenate(places), range(data.shape[1]), other) if places else data


def stretches(rows: np.ndarray) -> list[slice]:
    """Runs of rows that are chosen, as slices."""
    edges = np.flatnonzero(np.diff(rows.astype(np.int8), prepend=0, append=0))
    return [slice(start, stop) for start, stop in edges.reshape(-1, 2).tolist()]


def spiked(data: Any, rows: Any, within: np.ndarray) -> Any:
    """Rows far above anything seen; of three in a row the outer two, each a spike of one row."""
    rows = np.setdiff1d(rows, np.intersect1d(np.asarray(rows) + 1, np.asarray(rows) - 1))

    def spike(values: np.ndarray, k: int) -> np.ndarray:
        low, high = within[:, k]
        return np.full_like(values, high + SPIKE * max(high - low, 1.0))

    return replaced(data, rows, [k for k in floating(data) if within[0, k] == within[0, k]], spike)


def holed(data: Any, rows: Any, columns: list[int]) -> Any:
    """Rows of some columns without values."""
    return replaced(data, rows, columns, lambda values, _: np.full_like(values, np.nan))


def gapped(data: Any) -> list[int]:
    """Positions of the floating-point columns that miss a value somewhere."""
    return [k for k in floating(data) if np.isnan(column(data, k)).any()]


def replaced(data: Any, rows: Any, columns: Any, make: Any) -> Any:
    """A copy with some rows of some columns made anew by ``make(values, column)``."""
    if isinstance(data, pd.DataFrame) and uniform(data):
        values = replaced(data.to_numpy(), rows, columns, make)
        return pd.DataFrame(values, index=data.index, columns=data.columns, copy=False)
    out = data.copy()
    for k in columns:
        if isinstance(out, pd.DataFrame):
            values = column(data, k).copy()
            values[rows] = make(values[rows], k)
            out.isetitem(k, values)
        else:
            out[rows, k] = make(out[rows, k], k)
    return out
