"""Sums by cell and cycle, from which every metric but order statistics follows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from signalprep.metrics._alignment import AlignedErrors

__all__ = ["SUMS", "CellRows", "PairSums", "metrics_from_sums", "sort_by_cell", "sum_by_pair"]

SUMS = ("n", "error", "abs_error", "squared_error", "within", "truth", "between")

CONSTANT = 1e-12
"""A truth whose spread is below this share of its squared offsets is constant: rounding."""


@dataclass(frozen=True)
class PairSums:
    """Sums of the rows of every (cell, cycle) pair that occurs, sorted by cell, then cycle."""

    cell: np.ndarray
    """Cell of each pair, int64 of shape (n_pairs,)."""
    cycle: np.ndarray
    """Cycle of each pair, int64 of shape (n_pairs,)."""
    sums: np.ndarray
    """float64 of shape (7, n_pairs), in the order of `SUMS`. The truth enters by its squared
    deviation from the pair's mean (within) and by the deviations of that mean from the cell's mean
    (truth: n times the deviation, between: n times its square), so nothing large cancels."""
    of_row: np.ndarray
    """Pair of each row, int64 of shape (n_samples,)."""
    n_cells: int
    n_cycles: int

    def by_cell(self) -> np.ndarray:
        """Sums over the cycles, shape (7, n_cells)."""
        return np.stack([np.bincount(self.cell, row, self.n_cells) for row in self.sums])

    def first_of_cell(self) -> np.ndarray:
        """Pairs of cell k are ``first[k]`` to ``first[k + 1] - 1``."""
        return np.searchsorted(self.cell, np.arange(self.n_cells + 1))


@dataclass(frozen=True)
class CellRows:
    """Absolute errors sorted by cell, then size, with the local number of their pair."""

    abs_error: np.ndarray
    pair: np.ndarray
    """Pair of each row counted from the first of its cell, int32 of shape (n_samples,)."""
    bounds: np.ndarray
    """Cell k holds rows ``bounds[k]`` to ``bounds[k + 1] - 1``."""


def sum_by_pair(rows: AlignedErrors, cell: np.ndarray, n_cells: int) -> PairSums:
    """Sum the rows of each (cell, cycle) pair. Linear in rows."""
    n_cycles = len(rows.cycles)
    code, pair = _unique(cell * n_cycles + rows.cycle)
    n_pairs = len(code)
    cell_of, cycle_of = np.divmod(code, n_cycles)
    error = rows.error
    n = np.bincount(pair, minlength=n_pairs).astype(np.float64)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(pair, values, n_pairs)

    # Deviations from a value of the pair are exactly 0 where the truth is constant.
    origin = np.empty(n_pairs)
    origin[pair] = rows.truth
    deviation = rows.truth - origin[pair]
    shift = total(deviation) / n
    within = total((deviation - shift[pair]) ** 2)
    mean = origin + shift
    first = np.searchsorted(cell_of, np.arange(n_cells + 1))
    start = first[cell_of]
    offset = mean - mean[start]
    n_of_cell = np.bincount(cell_of, n, n_cells)
    offset -= (np.bincount(cell_of, n * offset, n_cells) / np.maximum(n_of_cell, 1))[cell_of]
    sums = np.stack(
        [n, total(error), total(np.abs(error)), total(error**2), within, n * offset, n * offset**2]
    )
    return PairSums(cell_of, cycle_of, sums, pair, n_cells, n_cycles)


def sort_by_cell(rows: AlignedErrors, pairs: PairSums) -> CellRows:
    """Sort |error| within each cell; n log n in the rows of a cell."""
    cell = pairs.cell[pairs.of_row]
    bounds = np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=pairs.n_cells))))
    # Small unsigned integers are sorted by radix.
    order = np.argsort(cell.astype(np.min_scalar_type(pairs.n_cells)), kind="stable")
    abs_error = np.abs(rows.error)[order]
    local = (pairs.of_row - pairs.first_of_cell()[cell]).astype(np.int32)[order]
    for start, stop in pairwise(bounds):
        by_size = np.argsort(abs_error[start:stop])
        abs_error[start:stop] = abs_error[start:stop][by_size]
        local[start:stop] = local[start:stop][by_size]
    return CellRows(abs_error, local, bounds)


def metrics_from_sums(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Bias, MAE, RMSE and R2 from sums of shape (7, ...); NaN where there is no row.

    R2 is NaN where the truth is constant.
    """
    n, error, abs_error, squared_error, within, truth, between = sums
    n = np.where(n > 0, n, np.nan)
    spread = np.maximum(between - truth**2 / n, 0.0)
    spread = within + np.where(spread > CONSTANT * between, spread, 0.0)
    spread = np.where(spread > 0, spread, np.nan)
    return {
        "bias": error / n,
        "mae": abs_error / n,
        "rmse": np.sqrt(squared_error / n),
        "r2": 1.0 - squared_error / spread,
    }


def _unique(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``np.unique(code, return_inverse=True)`` without sorting the rows."""
    found, values = pd.factorize(code)
    order = np.argsort(values)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return values[order], rank[found]
