"""Truth, prediction, regimes and cycles of the same rows, in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError

__all__ = ["AlignedErrors", "align"]

Pandas = pd.Series | pd.DataFrame


@dataclass(frozen=True)
class AlignedErrors:
    """Rows of a prediction: truth, error and cycle, all finite and in one order."""

    truth: np.ndarray
    """Measured target, float64 of shape (n_samples,)."""
    error: np.ndarray
    """Prediction minus truth, float64 of shape (n_samples,)."""
    cycle: np.ndarray
    """Position of each row's cycle in `cycles`, int64 of shape (n_samples,)."""
    cycles: pd.Index
    """Ids of the cycles, in order of appearance."""
    regimes: Any = None
    """Regime labels in the order of the rows, as they were given."""


def align(y_true: Any, y_pred: Any, cycles: Any, regimes: Any = None) -> AlignedErrors:
    """Bring all inputs into the row order of the first pandas one and check them.

    Pandas inputs are aligned by their index, everything else goes by position.

    Raises
    ------
    InvalidLogError
        Different labels or lengths, values that are not finite numbers, a missing cycle id, ids
        of mixed type, no cycles at all.
    InvalidParameterError
        A truth or prediction that is not one column.
    """
    given = {"y_true": y_true, "y_pred": y_pred, "regimes": regimes, "cycles": cycles}
    index = next((v.index for v in given.values() if isinstance(v, Pandas)), None)
    n_rows = len(np.atleast_1d(y_true)) if index is None else len(index)
    if n_rows == 0:
        raise InvalidLogError("y_true must hold at least one row; got none")
    rows = {name: _in_order(value, name, index, n_rows) for name, value in given.items()}
    cycle, ids = _encode_cycles(rows["cycles"], index)
    truth = _numbers(rows["y_true"], "y_true", ids, cycle)
    prediction = _numbers(rows["y_pred"], "y_pred", ids, cycle)
    return AlignedErrors(truth, prediction - truth, cycle, ids, rows["regimes"])


def _in_order(value: Any, name: str, index: pd.Index | None, n_rows: int) -> Any:
    """`value` with its rows in the order of `index`."""
    if value is None:
        return None
    if not isinstance(value, (pd.Series, pd.DataFrame, pd.Index)):
        value = np.asarray(value) if not hasattr(value, "dtype") else value
        if value.ndim == 0:
            raise InvalidParameterError(f"{name} must have one entry a row; got {value!r}")
    if isinstance(value, Pandas) and index is not None and not value.index.equals(index):
        return _reindexed(value, name, index)
    if len(value) != n_rows:
        raise InvalidLogError(
            f"{name} must have one entry a row ({n_rows}, as the other inputs); got {len(value)}"
        )
    return value


def _reindexed(value: Any, name: str, index: pd.Index) -> Any:
    advice = "pass inputs of the same rows, or arrays to go by position"
    if len(value) != len(index):
        raise InvalidLogError(
            f"{name} must have the index of the other inputs ({len(index)} rows); "
            f"got {len(value)} rows: {advice}"
        )
    if not (value.index.is_unique and index.is_unique):
        raise InvalidLogError(
            f"{name} must have the index of the other inputs; it differs and cannot be aligned "
            f"because labels repeat: {advice}"
        )
    order = value.index.get_indexer(index)
    if (order < 0).any():
        missing = index[int(np.argmax(order < 0))]
        raise InvalidLogError(
            f"{name} must have the index of the other inputs; it has no row {missing!r}: {advice}"
        )
    return value.iloc[order]


def _encode_cycles(cycles: Any, index: pd.Index | None) -> tuple[np.ndarray, pd.Index]:
    """Cycle of each row as codes, and the ids."""
    if cycles is None:
        if index is None or "cycle" not in index.names:
            raise InvalidLogError(
                "cycles must be given, or one of the inputs must be indexed by (cycle, time) "
                "(see as_log); got neither"
            )
        cycles = index.get_level_values("cycle")
    if np.ndim(cycles) != 1:
        raise InvalidParameterError(f"cycles must be one column of ids; got {np.ndim(cycles)}-D")
    codes, ids = pd.factorize(pd.Index(cycles))
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        raise InvalidLogError(f"the cycle id of every row must be known; row {row} has none")
    if pd.api.types.infer_dtype(ids, skipna=False) in ("mixed", "mixed-integer"):
        names = ", ".join(sorted({type(name).__name__ for name in ids}))
        raise InvalidLogError(f"cycle ids must be of one type; found {names}")
    return codes.astype(np.int64), ids.rename("cycle")


def _numbers(values: Any, name: str, ids: pd.Index, cycle: np.ndarray) -> np.ndarray:
    """One finite float64 column."""
    if values.ndim != 1:
        raise InvalidParameterError(f"{name} must be one column (1-D); got shape {values.shape}")
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    if not is_number or pd.api.types.is_complex_dtype(values.dtype):
        raise InvalidLogError(f"{name} must hold real numbers; got {values.dtype}")
    if isinstance(values, np.ndarray):
        numbers = values.astype(np.float64)
    else:
        numbers = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    finite = np.isfinite(numbers)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InvalidLogError(
            f"{name} must be finite; got {numbers[row]} in cycle {ids.tolist()[cycle[row]]!r}, "
            f"row {row}"
        )
    return numbers
