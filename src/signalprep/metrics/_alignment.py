"""Truth, prediction, regimes and cycles of the same rows, in the same order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import groups_of_cycles
from signalprep.metrics._weight import check_weight

__all__ = ["AlignedErrors", "align", "code_type", "read_only"]

Pandas = pd.Series | pd.DataFrame

LARGEST, SMALLEST = 1e140, 1e-140
"""Of values and of errors, so that sums of squares are finite and not lost."""


@dataclass(frozen=True)
class AlignedErrors:
    """Rows of a prediction in one order, and the cycles they belong to."""

    truth: np.ndarray
    """Measured target, float64 of shape (n_samples,), read-only."""
    prediction: np.ndarray
    """Predicted target, float64 of shape (n_samples,), read-only."""
    run_bounds: np.ndarray
    """Rows ``run_bounds[r]`` to ``run_bounds[r + 1] - 1`` are of one cycle, int64."""
    run_cycle: np.ndarray
    """Position of the cycle of each run in `cycles`, int64 of shape (n_runs,)."""
    cycles: pd.Index
    """Ids of the cycles, in order of appearance."""
    group_of_cycle: np.ndarray
    """Number of the group of each cycle, int64; without groups each cycle is its own."""
    regimes: Any = None
    """Regime labels in the order of the rows, as they were given."""
    weight: str = "row"
    """What counts the same: "row", or "cycle" whatever its rows in a cell."""

    @cached_property
    def error(self) -> np.ndarray:
        """Prediction minus truth, float64 of shape (n_samples,)."""
        return self.prediction - self.truth

    @cached_property
    def cycle(self) -> np.ndarray:
        """Position of each row's cycle in `cycles`, int64 of shape (n_samples,)."""
        return np.repeat(self.run_cycle, np.diff(self.run_bounds))

    @cached_property
    def run_group(self) -> np.ndarray:
        """Number of the group of each run, int64 of shape (n_runs,)."""
        return self.group_of_cycle[self.run_cycle]

    @cached_property
    def group(self) -> np.ndarray:
        """Number of the group of each row, int64 of shape (n_samples,)."""
        return np.repeat(self.run_group, np.diff(self.run_bounds))

    @property
    def grouped(self) -> bool:
        """Whether a group holds several cycles."""
        return self.n_groups < len(self.cycles)

    @cached_property
    def n_groups(self) -> int:
        """How many groups there are: what is drawn in a resample."""
        return int(self.group_of_cycle.max()) + 1

    @cached_property
    def by_itself(self) -> AlignedErrors:
        """The same rows, each counting one and each cycle a group of its own."""
        alone = np.arange(len(self.cycles), dtype=np.int64)
        return replace(self, group_of_cycle=alone, weight="row")

    def weight_in(self, cell: np.ndarray) -> np.ndarray | None:
        """What each row counts for in its cell; None: one."""
        if self.weight == "row":
            return None
        pair = pd.factorize(cell.astype(np.int64) * len(self.cycles) + self.cycle)[0]
        return np.asarray(1.0 / np.bincount(pair)[pair])

    def cycles_of_cells(self, cell: np.ndarray, n_cells: int) -> np.ndarray:
        """How many cycles see each cell."""
        pairs = np.unique(cell.astype(np.int64) * len(self.cycles) + self.cycle)
        return np.bincount(pairs // len(self.cycles), minlength=n_cells)

    def require_finite(self) -> None:
        """Raise InvalidLogError at the first truth or prediction that is not finite."""
        _check_finite(self.truth, "y_true", self)
        _check_finite(self.prediction, "y_pred", self)

    def require_squares(self) -> None:
        """Raise InvalidLogError where squares of errors or of the truth are no numbers."""
        with np.errstate(over="ignore"):
            swing = self.truth - self.truth[0]
            sizes = {"y_pred": np.abs(self.error), "y_true": np.abs(swing)}
        for name, size in sizes.items():
            row = int(np.argmax(size))
            if size[row] > LARGEST:
                value = (self.prediction if name == "y_pred" else self.truth)[row]
                raise InvalidLogError(
                    f"{name} must stay within {LARGEST:g} of the truth, so that squares are "
                    f"finite; got {value:g} in {self.name_of_row(row)}: look at the fit there, it "
                    "may have diverged"
                )
        largest = float(sizes["y_pred"].max())
        if 0.0 < largest < SMALLEST:
            raise InvalidLogError(
                f"errors must reach {SMALLEST:g}, so that squares are not zero; the largest is "
                f"{largest:g}: give y_true and y_pred in a smaller unit"
            )

    def name_of_row(self, row: int) -> str:
        """Cycle and number of a row, for messages."""
        run = int(np.searchsorted(self.run_bounds, row, side="right")) - 1
        return f"cycle {self.cycles.tolist()[self.run_cycle[run]]!r}, row {row}"


def align(
    y_true: Any,
    y_pred: Any,
    cycles: Any,
    regimes: Any = None,
    *,
    groups: Any = None,
    weight: str = "row",
    finite: bool = True,
) -> AlignedErrors:
    """Bring all inputs into the row order of the first pandas one and check them.

    Pandas inputs are aligned by their index, everything else goes by position. Without `finite`,
    whoever sums the errors looks whether they are.

    Raises
    ------
    InvalidLogError
        Different labels or lengths, values that are not finite numbers, a missing cycle id, ids
        of mixed type, no cycles at all.
    InvalidParameterError
        A truth or prediction that is not one column, groups that miss a cycle, an unknown `weight`.
    """
    check_weight(weight)
    given = {"y_true": y_true, "y_pred": y_pred, "regimes": regimes, "cycles": cycles}
    index = next((v.index for v in given.values() if isinstance(v, Pandas)), None)
    n_rows = len(np.atleast_1d(y_true)) if index is None else len(index)
    if n_rows == 0:
        raise InvalidLogError("y_true must hold at least one row; got none")
    rows = {name: _in_order(value, name, index, n_rows) for name, value in given.items()}
    runs = _cycle_runs(rows["cycles"], index)
    truth, prediction = _numbers(rows["y_true"], "y_true"), _numbers(rows["y_pred"], "y_pred")
    group = _numbered(groups, runs[2])
    aligned = AlignedErrors(truth, prediction, *runs, group, rows["regimes"], weight)
    if finite:
        aligned.require_finite()
        aligned.require_squares()
    return aligned


def _numbered(groups: Any, cycles: pd.Index) -> np.ndarray:
    """Number of the group of each cycle, in order of appearance."""
    if groups is None:
        return np.arange(len(cycles), dtype=np.int64)
    return pd.factorize(groups_of_cycles(groups, cycles))[0].astype(np.int64)


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


def _cycle_runs(cycles: Any, index: pd.Index | None) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Bounds of the runs of rows of one cycle, the cycle of each run as codes, and the ids."""
    if cycles is None:
        if index is None or "cycle" not in index.names:
            raise InvalidLogError(
                "cycles must be given, or one of the inputs must be indexed by (cycle, time) "
                "(see as_log); got neither"
            )
        bounds = _run_bounds(_comparable(index, "cycle"))
        of_runs = index.take(bounds[:-1]).get_level_values("cycle")
    else:
        if np.ndim(cycles) != 1:
            raise InvalidParameterError(
                f"cycles must be one column of ids; got {np.ndim(cycles)}-D"
            )
        of_rows = pd.Index(cycles)
        bounds = _run_bounds(_comparable(of_rows, 0))
        of_runs = of_rows.take(bounds[:-1])
    codes, ids = pd.factorize(of_runs)
    if (codes < 0).any():
        row = int(bounds[np.argmax(codes < 0)])
        raise InvalidLogError(f"the cycle id of every row must be known; row {row} has none")
    if pd.api.types.infer_dtype(ids, skipna=False) in ("mixed", "mixed-integer"):
        names = ", ".join(sorted({type(name).__name__ for name in ids}))
        raise InvalidLogError(f"cycle ids must be of one type; found {names}")
    return bounds, codes.astype(np.int64), ids.rename("cycle")


def _comparable(index: pd.Index, level: str | int) -> np.ndarray:
    """Numbers that differ from one row to the next where the cycle does."""
    if isinstance(index, pd.MultiIndex):
        if index.names.count(level) == 1:
            return index.codes[index.names.index(level)]
        index = index.get_level_values(level)
    if isinstance(index, pd.CategoricalIndex):
        return np.asarray(index.codes)
    if isinstance(index.dtype, np.dtype) and index.dtype.kind in "biufmM":
        return index.to_numpy()
    return pd.factorize(index)[0]


def _run_bounds(values: np.ndarray) -> np.ndarray:
    """First rows of the runs of equal values, and the number of rows."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    return np.concatenate(([0], changes, [len(values)])).astype(np.int64)


def _numbers(values: Any, name: str) -> np.ndarray:
    """One float64 column, read-only; a view where the values are float64 already."""
    if values.ndim != 1:
        raise InvalidParameterError(f"{name} must be one column (1-D); got shape {values.shape}")
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    if not is_number or pd.api.types.is_complex_dtype(values.dtype):
        raise InvalidLogError(f"{name} must hold real numbers; got {values.dtype}")
    if isinstance(values, np.ndarray):
        numbers = values
    else:
        numbers = pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)
    return read_only(np.ascontiguousarray(numbers, dtype=np.float64))


def _check_finite(numbers: np.ndarray, name: str, rows: AlignedErrors) -> None:
    """Raise InvalidLogError at the first value that is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(numbers.sum()):  # no sum over NaN or an infinite value is finite
            return
    finite = np.isfinite(numbers)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InvalidLogError(
            f"{name} must be finite; got {numbers[row]} in {rows.name_of_row(row)}"
        )


def code_type(n_codes: int) -> type[np.signedinteger]:
    """Type of codes below `n_codes`, at most 2**31: few types, as each is compiled."""
    return np.int16 if n_codes <= np.iinfo(np.int16).max else np.int32


def read_only(array: np.ndarray) -> np.ndarray:
    """A view that compiled functions take as they take the arrays of pandas: of one type."""
    view = array.view()
    view.flags.writeable = False
    return view
