"""The table of metrics by cell, without and with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics._alignment import AlignedErrors
from signalprep.metrics._bootstrap import (
    INTERVALS,
    QUANTILE,
    RandomState,
    cycle_intervals,
)
from signalprep.metrics._catalogue import main_metric, metrics_of
from signalprep.metrics._sums import PairSums, sort_by_cell
from signalprep.metrics._task import TaskName
from signalprep.metrics._weighted_sums import sum_by_weight

__all__ = ["check_interval", "cycle_counts", "point_table", "table_with_intervals"]


def check_interval(interval: Any) -> None:
    """Raise InvalidParameterError unless there is such a kind of interval."""
    if interval not in INTERVALS:
        raise InvalidParameterError(
            f"interval must be one of {', '.join(map(repr, INTERVALS))}; got {interval!r}"
        )


def point_table(rows: AlignedErrors, cell: np.ndarray, cells: pd.Index) -> pd.DataFrame:
    """Counts and metrics of every cell."""
    return _points(rows, cell, sum_by_weight(rows, cell, len(cells), quantile=QUANTILE), cells)


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
    pairs = sum_by_weight(rows, cell, len(cells), n_jobs, quantile=QUANTILE)
    table = _points(rows, cell, pairs, cells)
    evidence = (table["n_groups"] >= min_cycles).to_numpy()
    unknown = np.full(len(cells), np.nan)
    known = metrics_of(TaskName.REGRESSION, interval=True)
    intervals = {metric.name: (unknown, unknown) for metric in known}
    if n_bootstrap > 0:
        intervals = cycle_intervals(
            pairs,
            sort_by_cell(rows, cell, pairs, n_jobs),
            table,
            n_bootstrap=n_bootstrap,
            confidence=confidence,
            interval=interval,
            random_state=random_state,
            n_jobs=n_jobs,
        )
    errs = (table["max"] > 0.0).to_numpy()  # without any error nothing tells how large one may be
    for name, (low, high) in intervals.items():
        defined = evidence & errs & table[name].notna().to_numpy()
        table[f"{name}_low"] = np.where(defined, low, np.nan)
        table[f"{name}_high"] = np.where(defined, high, np.nan)
    table["evidence"] = evidence
    table["weak"] = main_metric(TaskName.REGRESSION).weak_in(table)
    return table


def cycle_counts(
    rows: AlignedErrors, cell: np.ndarray, cell_of_pair: np.ndarray, n_cells: int
) -> dict[str, np.ndarray]:
    """How many cycles, and how many groups of them, see each cell.

    Parameters
    ----------
    cell_of_pair : ndarray of shape (n_pairs,)
        Cell of each (cell, group) pair that occurs.
    """
    n_groups = np.bincount(cell_of_pair, minlength=n_cells)
    n_cycles = rows.cycles_of_cells(cell, n_cells) if rows.grouped else n_groups
    return {"n_cycles": n_cycles, "n_groups": n_groups}


def _points(
    rows: AlignedErrors, cell: np.ndarray, pairs: PairSums, cells: pd.Index
) -> pd.DataFrame:
    terms = pairs.terms()
    counts = {
        "n": np.bincount(pairs.cell, pairs.n_rows, pairs.n_cells).astype(np.int64),
        **cycle_counts(rows, cell, pairs.cell, len(cells)),
    }
    values = {metric.name: metric.of(terms) for metric in metrics_of(TaskName.REGRESSION)}
    return pd.DataFrame(counts | values, index=cells)
