"""Difference of two predictions of the same rows, by regime, with intervals over cycles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from signalprep._parameters import check_bootstrap
from signalprep.errors import InvalidLogError
from signalprep.metrics._alignment import AlignedErrors, align
from signalprep.metrics._bootstrap import effective_cycles, resampled_metrics
from signalprep.metrics._catalogue import metrics_compared, metrics_of
from signalprep.metrics._cells import encode_cells
from signalprep.metrics._student_ends import student_ends
from signalprep.metrics._sums import CellRows, PairSums, sort_by_cell
from signalprep.metrics._table import point_table
from signalprep.metrics._task import TaskName
from signalprep.metrics._weighted_sums import sum_by_weight

__all__ = ["paired_metrics"]

_VALUES_HELD = 2_000_000  # resampled values of one metric in memory at a time


def paired_metrics(
    y_true: Any,
    y_pred_a: Any,
    y_pred_b: Any,
    regimes: Any = None,
    cycles: Any = None,
    n_bootstrap: int = 1000,
    *,
    groups: Any = None,
    weight: str = "row",
    confidence: float = 0.95,
    min_cycles: int = 3,
    random_state: int | np.random.RandomState | None = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    r"""Metric of a less metric of b, in every cell, with intervals over paired cycles.

    A cycle that is hard for one model is hard for the other. So both are resampled by the same
    cycles and the difference is taken resample by resample: what the cycles have in common drops
    out, and the interval of the difference is narrower than those of the two models suggest.

    The metrics are those of :func:`~signalprep.regime_metrics`; the bias enters by its size, so the
    difference of ``bias`` is negative where the bias of a is the smaller one.

    Parameters
    ----------
    y_true, y_pred_a, y_pred_b : array-like of shape (n_samples,)
        Measured target and two predictions of it, finite.
    regimes : Series, DataFrame or array of shape (n_samples, n_columns), default=None
        Labels of the regimes; None: all rows are one cell, "overall".
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    n_bootstrap : int, default=1000
        Resamples; 0 leaves the intervals NaN.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session): the group of each cycle by its id, or a
        function of the id. Whole groups are then resampled in place of cycles, and count as
        evidence.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has in the cell.
    confidence : float, default=0.95
        Nominal coverage of the intervals.
    min_cycles : int, default=3
        A cell seen by fewer cycles has no evidence: its intervals are NaN.
    random_state : int, RandomState or None, default=0
        Seed of the resampling.
    n_jobs : int, default=None
        Threads for the resampled p95.

    Returns
    -------
    table : DataFrame of shape (n_cells, n_columns)
        ``n``, ``n_cycles``, ``n_groups``, ``evidence``; for bias, mae, rmse, p95, max and r2 the
        values ``<metric>_a`` and ``<metric>_b`` (of the bias, signed) and their difference
        ``<metric>``; for all but max, ``<metric>_low`` and ``<metric>_high``.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, values that are not finite, rows without cycle or label.
    InvalidParameterError
        An option out of its range, a target of several columns.

    Notes
    -----
    A difference is spread evenly to both sides, so its interval reaches as far down as up: by the
    standard deviation of the resampled difference, times :math:`\sqrt{n / (n - 1)}` and the Student
    quantile for :math:`n - 1` degrees of freedom, where n is the effective number of cycles,
    :math:`(\sum n_c)^2 / \sum n_c^2` for cycles of :math:`n_c` rows in the cell. Of cells in which
    two models of one law are compared, 1 to 6 % show a difference at the 95 % level, whether 3 or
    24 cycles see them (``make statistics``). Cost: twice that of the percentiles of
    :func:`~signalprep.regime_metrics`.

    References
    ----------
    T. Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician
    69(4), 371-386, doi:10.1080/00031305.2015.1089789, for the factor and the Student quantile.

    Examples
    --------
    >>> from signalprep.metrics import paired_metrics
    >>> truth, cycles = [0.0, 0, 0, 0, 0, 0], [1, 1, 2, 2, 3, 3]
    >>> a, b = [1, 1, 5, 5, 3, 3], [2, 2, 6, 6, 4, 4]  # b is worse by 1, whatever the cycle
    >>> table = paired_metrics(truth, a, b, cycles=cycles)
    >>> print(table[["mae_a", "mae_b", "mae", "mae_low", "mae_high"]].round(2))
             mae_a  mae_b  mae  mae_low  mae_high
    overall    3.0    4.0 -1.0     -1.0      -1.0
    """
    check_bootstrap(n_bootstrap, confidence, min_cycles, random_state, n_jobs)
    rows_a = align(y_true, y_pred_a, cycles, regimes, groups=groups, weight=weight)
    rows_b = align(y_true, y_pred_b, cycles, regimes, groups=groups, weight=weight)
    if not np.array_equal(rows_a.truth, rows_b.truth):
        raise InvalidLogError(
            "y_pred_a and y_pred_b must be of the same rows in the same order; got two orders"
        )
    if rows_a.regimes is None:
        cell, cells = np.zeros(len(rows_a.truth), dtype=np.int64), pd.Index(["overall"])
    else:
        cell, cells = encode_cells(rows_a.regimes, rows_a.cycle, rows_a.cycles)
    table = _points(rows_a, rows_b, cell, cells)
    table["evidence"] = (table["n_groups"] >= min_cycles).to_numpy()
    models = [_sums(rows, cell, len(cells)) for rows in (rows_a, rows_b)]
    bounds = _intervals(models, table, n_bootstrap, confidence, random_state, n_jobs)
    for metric, (low, high) in bounds.items():
        defined = (table["evidence"] & table[metric].notna()).to_numpy()
        table[f"{metric}_low"] = np.where(defined, low, np.nan)
        table[f"{metric}_high"] = np.where(defined, high, np.nan)
    return table


def _points(
    rows_a: AlignedErrors, rows_b: AlignedErrors, cell: np.ndarray, cells: pd.Index
) -> pd.DataFrame:
    """Counts, both values of each metric and their difference."""
    a, b = point_table(rows_a, cell, cells), point_table(rows_b, cell, cells)
    table = a[["n", "n_cycles", "n_groups"]].copy()
    for metric in metrics_compared(TaskName.REGRESSION):
        name = metric.name
        table[f"{name}_a"], table[f"{name}_b"] = a[name], b[name]
        table[name] = metric.sized(a[name]) - metric.sized(b[name])
    return table


def _sums(rows: AlignedErrors, cell: np.ndarray, n_cells: int) -> tuple[PairSums, CellRows]:
    pairs = sum_by_weight(rows, cell, n_cells)
    return pairs, sort_by_cell(rows, cell, pairs)


def _intervals(
    models: list[tuple[PairSums, CellRows]],
    points: pd.DataFrame,
    n_bootstrap: int,
    confidence: float,
    random_state: Any,
    n_jobs: int | None,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Bounds of the difference of each metric in each cell."""
    pairs = models[0][0]
    metrics = metrics_of(TaskName.REGRESSION, interval=True)
    bounds = {
        metric.name: (np.full(pairs.n_cells, np.nan), np.full(pairs.n_cells, np.nan))
        for metric in metrics
    }
    n_effective = effective_cycles(pairs)
    cells = np.flatnonzero(~np.isnan(n_effective))
    if n_bootstrap == 0 or len(cells) == 0:
        return bounds
    n_cycles = pairs.n_cycles
    counts = check_random_state(random_state).multinomial(
        n_cycles, np.full(n_cycles, 1.0 / n_cycles), size=n_bootstrap
    )
    counts = counts.astype(np.int32)
    size = max(1, _VALUES_HELD // max(n_bootstrap, n_cycles))
    for start in range(0, len(cells), size):
        chunk = cells[start : start + size]
        a, b = (resampled_metrics(metrics, *model, chunk, counts, n_jobs) for model in models)
        for metric in metrics:
            name = metric.name
            difference = metric.sized(a[name]) - metric.sized(b[name])
            point = points[name].to_numpy()[chunk]
            ends = student_ends(point, difference, n_effective[chunk], confidence)
            for whole, of_chunk in zip(bounds[name], ends, strict=True):
                whole[chunk] = of_chunk
    return bounds
