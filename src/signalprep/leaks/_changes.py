"""What changed between two outputs of a step, beyond rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.trial import ROUNDINGS


class Change(NamedTuple):
    """Where two outputs differ.

    Attributes
    ----------
    rows : ndarray of bool of shape (n_rows,)
        Rows that changed in any column.
    column : int
        The column that changed most, by its own spread.
    size : float
        Its largest change; infinite where a value is missing in one output only.
    relative : float
        The same over the spread of the column.
    """

    rows: np.ndarray
    column: int
    size: float
    relative: float


def change_between(
    one: np.ndarray, other: np.ndarray, moved: Callable[[], np.ndarray] | None = None
) -> Change | None:
    """The change, or None when it is rounding.

    Parameters
    ----------
    one, other : ndarray of float of shape (n_rows, n_columns)
    moved : callable, default=None
        Gives the first output again, from inputs moved by their last digit: a model may amplify
        rounding, so a change counts only if it is far beyond what that does.
    """
    size = _sizes(one, other)
    known = np.where(np.isfinite(one), np.abs(one), 0.0)
    allowed = (1e-4 if one.dtype == np.float32 else 1e-8) * known.max(axis=0, initial=0.0)
    changed = size > allowed
    if not changed.any():
        return None
    if moved is not None:
        changed &= size > ROUNDINGS * _sizes(one, moved()).max(axis=0, initial=0.0)
        if not changed.any():
            return None
    size = np.where(changed, size, 0.0)
    spread = np.array([spread_of(one[:, k]) for k in range(one.shape[1])])
    largest = size.max(axis=0)
    ranked = np.where(np.isinf(largest), 1e300, largest / spread)
    k = int(np.argmax(ranked))
    return Change(changed.any(axis=1), k, float(largest[k]), float(largest[k] / spread[k]))


def as_numbers(output: Any) -> np.ndarray:
    """A 2-D array of floats; what is no number becomes a code for its value."""
    if isinstance(output, pd.DataFrame):
        if uniform(output):
            return output.to_numpy()
        columns = [_codes(output.iloc[:, k]) for k in range(output.shape[1])]
        kinds = {values.dtype for values in columns}
        kind = np.float32 if kinds == {np.dtype(np.float32)} else np.float64
        return np.column_stack(columns).astype(kind) if columns else np.empty((len(output), 0))
    if output.dtype.kind == "f":
        return np.asarray(output)
    if output.dtype.kind in "biu":
        return np.asarray(output, dtype=np.float64)
    return np.column_stack([_codes(pd.Series(output[:, k])) for k in range(output.shape[1])])


def uniform(frame: pd.DataFrame) -> bool:
    """Whether all columns hold floating-point numbers of one size, which is taken at once."""
    kinds = set(frame.dtypes)
    return len(kinds) == 1 and kinds <= {np.dtype(np.float64), np.dtype(np.float32)}


def _codes(values: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return numbers.astype(np.float32) if values.dtype == np.float32 else numbers
    hashed = pd.util.hash_pandas_object(values.astype(str), index=False)
    return hashed.to_numpy() % np.uint64(2**48) / 1.0


def _sizes(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        size = np.abs(one - other)
    size[(one == other) | (np.isnan(one) & np.isnan(other))] = 0.0
    return np.nan_to_num(size, nan=np.inf)


def spread_of(values: np.ndarray) -> float:
    known = values[np.isfinite(values)].astype(np.float64)
    spread = float(known.std()) if len(known) else 0.0
    return spread if spread > 0 else max(float(np.abs(known).max(initial=0.0)), 1.0)
