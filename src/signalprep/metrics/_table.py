"""The table of metrics by cell, without and with intervals."""

from __future__ import annotations

import numbers

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics._alignment import AlignedErrors
from signalprep.metrics._bootstrap import (
    INTERVALS,
    RandomState,
    cell_quantiles,
    cycle_intervals,
)
from signalprep.metrics._sums import (
    CellRows,
    PairSums,
    metrics_from_sums,
    sort_by_cell,
    sum_by_pair,
)

__all__ = ["check_options", "point_table", "table_with_intervals"]


def check_options(
    n_bootstrap: int, confidence: float, min_cycles: int, interval: str = INTERVALS[0]
) -> None:
    """Raise InvalidParameterError unless the options can work."""
    for name, value, least in (("n_bootstrap", n_bootstrap, 0), ("min_cycles", min_cycles, 1)):
        is_count = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not is_count or value < least:
            raise InvalidParameterError(f"{name} must be an int >= {least}; got {value!r}")
    if not 0 < confidence < 1:
        raise InvalidParameterError(
            f"confidence must lie between 0 and 1 (0.95 means 95 %); got {confidence!r}"
        )
    if interval not in INTERVALS:
        raise InvalidParameterError(
            f"interval must be one of {', '.join(map(repr, INTERVALS))}; got {interval!r}"
        )


def point_table(rows: AlignedErrors, cell: np.ndarray, cells: pd.Index) -> pd.DataFrame:
    """Counts and metrics of every cell."""
    pairs = sum_by_pair(rows, cell, len(cells))
    return _points(pairs, sort_by_cell(rows, pairs), cells)


def table_with_intervals(
    rows: AlignedErrors,
    cell: np.ndarray,
    cells: pd.Index,
    *,
    n_bootstrap: int,
    confidence: float,
    min_cycles: int,
    interval: str,
    random_state: RandomState,
    n_jobs: int | None,
) -> pd.DataFrame:
    """Counts, metrics, intervals and evidence of every cell."""
    pairs = sum_by_pair(rows, cell, len(cells))
    by_cell = sort_by_cell(rows, pairs)
    table = _points(pairs, by_cell, cells)
    evidence = (table["n_cycles"] >= min_cycles).to_numpy()
    intervals = cycle_intervals(
        pairs,
        by_cell,
        table,
        n_bootstrap=n_bootstrap,
        confidence=confidence,
        interval=interval,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    for name, (low, high) in intervals.items():
        defined = evidence & table[name].notna().to_numpy()
        table[f"{name}_low"] = np.where(defined, low, np.nan)
        table[f"{name}_high"] = np.where(defined, high, np.nan)
    table["evidence"] = evidence
    return table


def _points(pairs: PairSums, rows: CellRows, cells: pd.Index) -> pd.DataFrame:
    sums = pairs.by_cell()
    n = sums[0].astype(np.int64)
    values = metrics_from_sums(sums)
    seen = np.flatnonzero(n)
    p95 = np.full(len(cells), np.nan)
    once = np.ones((1, pairs.n_cycles), dtype=np.int32)
    p95[seen] = cell_quantiles(pairs, rows, seen, once, None)[:, 0]
    largest = np.full(len(cells), np.nan)
    largest[seen] = rows.abs_error[rows.bounds[seen + 1] - 1]
    total = sums[3].sum()
    return pd.DataFrame(
        {
            "n": n,
            "n_cycles": np.bincount(pairs.cell, minlength=len(cells)),
            "bias": values["bias"],
            "mae": values["mae"],
            "rmse": values["rmse"],
            "p95": p95,
            "max": largest,
            "r2": values["r2"],
            "share": sums[3] / total if total > 0 else np.nan,
        },
        index=cells,
    )
