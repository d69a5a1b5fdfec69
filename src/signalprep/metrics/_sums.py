"""Sums by cell and cycle, from which every metric but order statistics follows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from signalprep._kernels._blocks import thread_count
from signalprep._kernels._pair_sums import (
    gather_cells,
    group_by_pair,
    lowest,
    sample,
    sum_pairs,
    upper_quantiles,
)
from signalprep.metrics._alignment import LARGEST, SMALLEST, AlignedErrors, code_type, read_only
from signalprep.metrics._terms import ErrorTerms

__all__ = [
    "SUMS",
    "CellRows",
    "PairSums",
    "error_terms",
    "shares",
    "sort_by_cell",
    "sum_by_pair",
]

SUMS = ("n", "error", "abs_error", "squared_error", "within", "truth", "between")

CONSTANT = 1e-12
"""A truth whose spread is below this share of its squared offsets is constant: rounding."""

ROWS_PER_TASK = 250_000
VALUES_PER_TASK = 50_000
"""Values of which an order statistic is sought: dearer than rows that are summed."""

SAMPLED_PER_CELL = 1_500
"""Rows that tell where the quantile of a cell has to be looked for; at most one row in 16."""


@dataclass(frozen=True)
class PairSums:
    """Sums of the rows of every (cell, cycle) pair that occurs, sorted by cell, then cycle.

    Where cycles were put in groups, a cycle here is a group of them: what is drawn as a whole.
    """

    cell: np.ndarray
    """Cell of each pair, int64 of shape (n_pairs,)."""
    cycle: np.ndarray
    """Cycle of each pair, int64 of shape (n_pairs,)."""
    sums: np.ndarray
    """float64 of shape (7, n_pairs), in the order of `SUMS`. The truth enters by its squared
    deviation from the pair's mean (within) and by the deviations of that mean from the cell's mean
    (truth: n times the deviation, between: n times its square), so nothing large cancels. Where
    cycles count the same, the sums of each are over its rows: n is a number of cycles."""
    n_rows: np.ndarray
    """Rows of each pair, int64 of shape (n_pairs,), whatever they count for."""
    quantile: np.ndarray
    """Quantile of the absolute error of each cell, NaN without rows."""
    largest: np.ndarray
    """Largest absolute error of each cell, NaN without rows."""
    share: np.ndarray
    """Part of each cell in the squared error of all rows, NaN where there is none."""
    n_cells: int
    n_cycles: int
    rows: CellRows | None = None
    """The rows, where they had to be sorted for the sums."""

    def by_cell(self) -> np.ndarray:
        """Sums over the cycles, shape (7, n_cells)."""
        return np.stack([np.bincount(self.cell, row, self.n_cells) for row in self.sums])

    def terms(self) -> ErrorTerms:
        """What the metrics of each cell are computed from."""
        known = {"largest": self.largest, "share": self.share}
        return error_terms(self.by_cell(), lambda: self.quantile, **known)

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
    weight: np.ndarray | None = None
    """What each row counts for; None: one."""

    def weight_of(self, held: slice) -> np.ndarray:
        """What some of the rows count for."""
        n_rows = held.stop - held.start
        return np.ones(n_rows) if self.weight is None else self.weight[held]


@dataclass(frozen=True)
class _CycleRows:
    """Where the rows of each cycle lie, as the kernels take it."""

    rows: tuple[np.ndarray, np.ndarray, np.ndarray]
    """Truth, prediction and cell of each row."""
    runs: np.ndarray
    bounds: np.ndarray
    tasks: np.ndarray
    """Borders of ranges of cycles that hold about equally many rows, whoever works on them."""

    def run(self, kernel: Callable[..., Any], n_jobs: int | None, *args: Any) -> list[Any]:
        return _run(kernel, self.tasks, n_jobs, self.rows, self.runs, self.bounds, *args)


def sum_by_pair(
    rows: AlignedErrors,
    cell: np.ndarray,
    n_cells: int,
    n_jobs: int | None = None,
    *,
    quantile: float = 0.95,
) -> PairSums:
    """Sum the rows of each (cell, cycle) pair. Linear in rows.

    Raises
    ------
    InvalidLogError
        A truth or prediction that is not finite, or whose square is not.
    """
    by_cycle = _by_cycle(rows, cell, n_cells)
    found = by_cycle.run(sum_pairs, n_jobs, _low(by_cycle, n_cells, quantile, n_jobs))
    places, of_pair = (np.concatenate(parts) for parts in list(zip(*found, strict=True))[:2])
    places, of_pair = places.reshape(-1, 2), of_pair.reshape(-1, 8)
    if not _is_safe(of_pair):
        rows.require_finite()
        rows.require_squares()
    by_cell = np.argsort(places[:, 0], kind="stable")
    cell_of, cycle_of = places[by_cell].T.copy()
    n, error, abs_error, squares, shift, within, origin, _ = of_pair[by_cell].T
    mean = origin + shift
    first = np.searchsorted(cell_of, np.arange(n_cells + 1))
    offset = mean - mean[first[cell_of]]
    n_of_cell = np.bincount(cell_of, n, n_cells)
    offset -= (np.bincount(cell_of, n * offset, n_cells) / np.maximum(n_of_cell, 1))[cell_of]
    sums = np.stack([n, error, abs_error, squares, within, n * offset, n * offset**2])
    share = shares(np.bincount(cell_of, squares, n_cells))
    n_rows = n_of_cell.astype(np.int64)
    at, largest = _tail(found, n_rows, quantile, n_jobs)
    missed = (n_rows > 0) & np.isnan(at)
    if missed.any():  # the sampled rows were not like the others
        found = by_cycle.run(sum_pairs, n_jobs, np.where(missed, -np.inf, np.inf))
        at_missed, largest_missed = _tail(found, n_rows, quantile, n_jobs)
        at = np.where(missed, at_missed, at)
        largest = np.where(missed, largest_missed, largest)
    size = (n_cells, rows.n_groups)
    return PairSums(cell_of, cycle_of, sums, n.astype(np.int64), at, largest, share, *size)


def _is_safe(sums: np.ndarray) -> bool:
    """Whether sums over pairs say that all values are finite, and neither huge nor tiny."""
    with np.errstate(over="ignore", invalid="ignore"):
        size, squares = np.abs(sums).max(), sums[:, 3].sum()
    return bool(size < LARGEST and (squares > SMALLEST or not sums[:, 2].any()))


def sort_by_cell(
    rows: AlignedErrors, cell: np.ndarray, pairs: PairSums, n_jobs: int | None = None
) -> CellRows:
    """Sort |error| within each cell; n log n in the rows of a cell."""
    if pairs.rows is not None:
        return pairs.rows
    first, size = pairs.first_of_cell(), pairs.n_rows
    start = np.concatenate(([0], np.cumsum(size)))
    bounds = start[first]
    of_cycle = np.argsort(pairs.cycle, kind="stable")
    pair_bounds = np.searchsorted(pairs.cycle[of_cycle], np.arange(pairs.n_cycles + 1))
    places = np.stack([pairs.cell, start[:-1]], axis=1)[of_cycle]
    grouped = np.empty(len(rows.truth))
    _by_cycle(rows, cell, pairs.n_cells).run(group_by_pair, n_jobs, places, pair_bounds, grouped)
    local = np.empty(len(grouped), dtype=np.int32)

    def sort(begin: int, end: int) -> None:
        for k in range(begin, end):
            own, held = slice(first[k], first[k + 1]), slice(bounds[k], bounds[k + 1])
            by_size = np.argsort(grouped[held])
            grouped[held] = grouped[held][by_size]
            pair = np.arange(own.stop - own.start, dtype=np.int32)
            local[held] = np.repeat(pair, size[own])[by_size]

    _run(sort, _tasks(bounds), n_jobs)
    return CellRows(grouped, local, bounds)


def _by_cycle(rows: AlignedErrors, cell: np.ndarray, n_cells: int) -> _CycleRows:
    order = np.argsort(rows.run_group, kind="stable")
    runs = np.stack([rows.run_bounds[:-1][order], rows.run_bounds[1:][order]], axis=1)
    bounds = np.searchsorted(rows.run_group[order], np.arange(rows.n_groups + 1))
    before = np.concatenate(([0], np.cumsum(runs[:, 1] - runs[:, 0])))
    cell = read_only(cell.astype(code_type(n_cells), copy=False))
    read = (rows.truth, rows.prediction, cell)
    return _CycleRows(read, runs, bounds, _tasks(before[bounds]))


def _low(by_cycle: _CycleRows, n_cells: int, quantile: float, n_jobs: int | None) -> np.ndarray:
    """From where on the absolute errors of each cell are collected."""
    rows = by_cycle.rows
    n_rows = len(rows[0])
    step = max(16, n_rows // (SAMPLED_PER_CELL * n_cells))
    n_sampled = -(-n_rows // step)
    size, cell = np.empty(n_sampled), np.empty(n_sampled, dtype=rows[2].dtype)
    tasks = np.unique(np.linspace(0, n_sampled, 1 + -(-n_rows // ROWS_PER_TASK)).astype(np.int64))
    _run(sample, tasks, n_jobs, rows, step, size, cell)
    sampled, bounds = gather_cells(size, cell, n_cells)
    low = np.empty(n_cells)
    _run(lowest, _tasks(bounds, VALUES_PER_TASK), n_jobs, sampled, bounds, quantile, low)
    return low


def _tail(
    found: list[Any], n: np.ndarray, quantile: float, n_jobs: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Quantile and largest value of the absolute errors of each cell from the collected ones."""
    values, cell = (np.concatenate(parts) for parts in list(zip(*found, strict=True))[2:])
    values, bounds = gather_cells(values, cell, len(n))
    out, largest = np.full(len(n), np.nan), np.full(len(n), np.nan)
    _run(
        upper_quantiles,
        _tasks(bounds, VALUES_PER_TASK),
        n_jobs,
        values,
        bounds,
        n,
        quantile,
        out,
        largest,
    )
    return out, largest


def _tasks(rows_before: np.ndarray, size: int = ROWS_PER_TASK) -> np.ndarray:
    """Borders of ranges that hold about `size` rows each: the same for any number of threads."""
    inner = np.arange(size, int(rows_before[-1]) - size // 2, size)
    return np.unique([0, *np.searchsorted(rows_before, inner), len(rows_before) - 1])


def _run(
    function: Callable[..., Any], borders: np.ndarray, n_jobs: int | None, *args: Any
) -> list[Any]:
    """Results of ``function(first, last, *args)`` for every range, on `n_jobs` threads."""
    ranges = list(pairwise(borders.tolist()))
    n_threads = min(thread_count(n_jobs), len(ranges))
    if n_threads == 1:
        return [function(first, last, *args) for first, last in ranges]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(lambda ends: function(*ends, *args), ranges))


def shares(squared_error: np.ndarray) -> np.ndarray:
    """Part of each cell in the squared error of all; NaN where there is none."""
    total = float(squared_error.sum())
    return squared_error / (total if total > 0 else np.nan)


def error_terms(sums: np.ndarray, quantile: Callable[[], np.ndarray], **known: Any) -> ErrorTerms:
    """What metrics are computed from, of sums of shape (7, ...)."""
    n, error, abs_error, squared_error, within, truth, between = sums
    n = np.where(n > 0, n, np.nan)
    spread = np.maximum(between - truth**2 / n, 0.0)
    spread = within + np.where(spread > CONSTANT * between, spread, 0.0)
    spread = np.where(spread > 0, spread, np.nan)
    return ErrorTerms(n, error, abs_error, squared_error, spread, quantile, **known)
