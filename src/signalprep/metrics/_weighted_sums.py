"""Sums by cell and cycle where each row counts the same, or each cycle."""

from __future__ import annotations

import numpy as np

from signalprep._kernels._groups import weighted_quantile
from signalprep.metrics._alignment import AlignedErrors
from signalprep.metrics._sums import CellRows, PairSums, shares, sort_by_cell, sum_by_pair

__all__ = ["sum_by_weight"]


def sum_by_weight(
    rows: AlignedErrors,
    cell: np.ndarray,
    n_cells: int,
    n_jobs: int | None = None,
    *,
    quantile: float = 0.95,
) -> PairSums:
    """Sums of each (cell, cycle) pair, as ``rows.weight`` says.

    Where cycles count the same, the sums of each cycle in a cell are over its rows there, so that
    means of the cell are means over its cycles; they are added up to groups thereafter. The part of
    a cell in the squared error of all rows is by the rows of each cycle in all cells, so that the
    parts make up one.

    Raises
    ------
    InvalidLogError
        A truth or prediction that is not finite.
    """
    if rows.weight == "row":
        return sum_by_pair(rows, cell, n_cells, n_jobs, quantile=quantile)
    each = sum_by_pair(rows.by_itself, cell, n_cells, n_jobs, quantile=quantile)
    in_order = sort_by_cell(rows.by_itself, cell, each, n_jobs)
    weight = 1.0 / each.n_rows
    code, of_group = np.unique(
        each.cell * rows.n_groups + rows.group_of_cycle[each.cycle], return_inverse=True
    )
    sums = np.stack([np.bincount(of_group, row) for row in _centred(each, weight)])
    n_rows = np.bincount(of_group, each.n_rows).astype(np.int64)
    cell_of, group = np.divmod(code, rows.n_groups)
    pair = in_order.pair + np.repeat(each.first_of_cell()[:-1], np.diff(in_order.bounds))
    first = np.searchsorted(cell_of, np.arange(n_cells))
    local = of_group[pair] - np.repeat(first, np.diff(in_order.bounds))
    weighted = CellRows(
        in_order.abs_error, local.astype(np.int32), in_order.bounds, weight=weight[pair]
    )
    of_cycle = np.bincount(each.cycle, each.n_rows, each.n_cycles)[each.cycle]
    share = shares(np.bincount(each.cell, each.sums[3] / of_cycle, n_cells))
    at = _quantiles(weighted, n_cells, quantile)
    size = (n_cells, rows.n_groups)
    return PairSums(cell_of, group, sums, n_rows, at, each.largest, share, *size, rows=weighted)


def _centred(each: PairSums, weight: np.ndarray) -> np.ndarray:
    """Sums times weight, the offsets of the truth counted from the weighted mean of the cell."""
    offset = each.sums[5] * weight
    n_cycles = np.bincount(each.cell, minlength=each.n_cells)
    mean = np.bincount(each.cell, offset, each.n_cells) / np.maximum(n_cycles, 1)
    offset -= mean[each.cell]
    return np.concatenate([each.sums[:5] * weight, [offset, offset**2]])


def _quantiles(rows: CellRows, n_cells: int, quantile: float) -> np.ndarray:
    """Weighted quantile of |error| of each cell, NaN without rows."""
    out = np.full(n_cells, np.nan)
    once = np.ones((1, 1), dtype=np.int32)
    for k in np.flatnonzero(np.diff(rows.bounds)):
        held = slice(rows.bounds[k], rows.bounds[k + 1])
        weight, n_rows = rows.weight_of(held), held.stop - held.start
        alone = np.zeros(n_rows, dtype=np.int32)
        sizes, totals = np.array([n_rows]), np.array([weight.sum()])
        values = rows.abs_error[held]
        out[k] = weighted_quantile(values, alone, weight, sizes, totals, once, quantile)[0]
    return out
