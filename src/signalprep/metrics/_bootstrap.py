"""Bootstrap over cycles: whole cycles drawn with replacement, for all cells at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed

from signalprep._kernels._groups import repeated_quantile, weighted_quantile
from signalprep.metrics._catalogue import Metric, metrics_of
from signalprep.metrics._implied_ends import Bounds, widen_to_agree
from signalprep.metrics._studentized import RATIOS, CycleTerms, cycle_terms, studentized_ends
from signalprep.metrics._sums import CellRows, PairSums, error_terms
from signalprep.metrics._task import TaskName

__all__ = [
    "INTERVALS",
    "QUANTILE",
    "cell_quantiles",
    "cycle_intervals",
    "effective_cycles",
    "percentile_levels",
    "resampled_metrics",
]

QUANTILE = 0.95
"""The quantile of |error| that is reported as p95."""

INTERVALS = ("studentized", "percentile")

RandomState = int | np.random.Generator | np.random.RandomState | None

_COUNTS_HELD = 8_000_000  # draws of cycles in memory at a time (96 MB)
_VALUES_HELD = 1_000_000  # resampled values of one metric in memory at a time


def cycle_intervals(
    pairs: PairSums,
    rows: CellRows,
    points: pd.DataFrame,
    *,
    n_bootstrap: int,
    confidence: float,
    interval: str,
    random_state: RandomState,
    n_jobs: int | None,
) -> Bounds:
    """Lower and upper bound of each metric in each cell.

    All cells share the drawn cycles. Cells seen by fewer than two cycles have no interval (NaN).

    Parameters
    ----------
    points : DataFrame of shape (n_cells, ...)
        The metrics of the cells.
    interval : str
        One of `INTERVALS`.

    Returns
    -------
    bounds : dict of (low, high), each of shape (n_cells,)
        For every metric that has an interval. One that is not studentised, because it is no ratio
        of sums, has the percentiles of its resamples, widened for few cycles.
    """
    metrics = metrics_of(TaskName.REGRESSION, interval=True)
    studentized = interval == INTERVALS[0]
    entropy = _entropy(random_state)
    n_effective = effective_cycles(pairs)
    bounds = {
        metric.name: (np.full(pairs.n_cells, np.nan), np.full(pairs.n_cells, np.nan))
        for metric in metrics
    }
    cells = np.flatnonzero(~np.isnan(n_effective))
    if n_bootstrap == 0 or len(cells) == 0:
        return bounds
    terms = cycle_terms(pairs, rows, points["p95"].to_numpy()) if studentized else None
    drawn = [metric for metric in metrics if not studentized or metric.name not in RATIOS]
    size = max(1, _VALUES_HELD // max(n_bootstrap, pairs.n_cycles))
    for start in range(0, len(cells), size):
        chunk = cells[start : start + size]
        n_cycles, found = n_effective[chunk], {}
        if terms is not None:
            blocks = _draw_cycles(n_bootstrap, pairs.n_cycles, entropy)
            pivots = _draw_pivots(terms, pairs, chunk, n_bootstrap, blocks, n_jobs)
            ends = _pivot_quantiles(pivots, confidence)
            found = studentized_ends(terms, pairs, rows, chunk, ends, n_cycles, confidence)
        if drawn:
            blocks = _draw_cycles(n_bootstrap, pairs.n_cycles, entropy)
            draws = _draw_metrics(drawn, pairs, rows, chunk, n_bootstrap, blocks, n_jobs)
            found |= _percentiles(draws, *percentile_levels(n_cycles, confidence, studentized))
        for name, ends in found.items():
            for whole, of_cells in zip(bounds[name], ends, strict=True):
                whole[chunk] = of_cells
    if terms is not None:  # a studentised interval holds its point, whatever the rounding
        for name, (low, high) in bounds.items():
            np.minimum(low, points[name], out=low)
            np.maximum(high, points[name], out=high)
        widen_to_agree(bounds, points)
    return bounds


def percentile_levels(
    n_cycles: np.ndarray, confidence: float, expand: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Levels of the bootstrap distribution at which the interval ends.

    Without `expand` they are (1 - confidence) / 2 and its complement. The spread of a resample is
    too small by the factor sqrt((n - 1) / n) and the normal quantile too short for few cycles;
    `expand` corrects both: the lower level is Phi(sqrt(n / (n - 1)) t), with t the quantile of the
    Student distribution with n - 1 degrees of freedom (Hesterberg 2015).

    Parameters
    ----------
    n_cycles : ndarray of float of shape (n_cells,)
        Effective number of cycles that see each cell; NaN where there is no interval.
    """
    low = np.where(np.isnan(n_cycles), np.nan, (1.0 - confidence) / 2.0)
    if expand:
        # Close to one cycle the quantile overflows: the interval ends at the extreme resamples.
        n = np.maximum(n_cycles, 1.01)
        low = ndtr(np.sqrt(n / (n - 1.0)) * stdtrit(n - 1.0, low))
    return low, 1.0 - low


def effective_cycles(pairs: PairSums) -> np.ndarray:
    """How many cycles of equal length a cell's cycles are worth: (sum n)^2 / sum n^2 (Kish).

    Where cycles count the same, n is what a cycle (or a group of them) counts for, whatever its
    rows. NaN for cells seen by fewer than two cycles.
    """
    n = pairs.sums[0]
    total = np.bincount(pairs.cell, n, pairs.n_cells)
    squares = np.bincount(pairs.cell, n**2, pairs.n_cells)
    several = np.bincount(pairs.cell, minlength=pairs.n_cells) >= 2
    return np.where(several, total**2 / np.where(several, squares, 1.0), np.nan)


def cell_quantiles(
    pairs: PairSums,
    rows: CellRows,
    cells: np.ndarray,
    counts: np.ndarray,
    n_jobs: int | None,
) -> np.ndarray:
    """`QUANTILE` of |error| in cells for resamples of the cycles.

    Parameters
    ----------
    cells : ndarray of int of shape (k,)
    counts : ndarray of int32 of shape (n_resamples, n_cycles)
        How often each cycle was drawn.

    Returns
    -------
    ndarray of shape (k, n_resamples)
    """
    first = pairs.first_of_cell()

    def one(cell: int) -> np.ndarray:
        own = slice(first[cell], first[cell + 1])
        held = slice(rows.bounds[cell], rows.bounds[cell + 1])
        values, pair, sizes = rows.abs_error[held], rows.pair[held], pairs.n_rows[own]
        drawn = np.ascontiguousarray(counts[:, pairs.cycle[own]])
        if rows.weight is None:
            return repeated_quantile(values, pair, sizes, drawn, QUANTILE)
        totals = pairs.sums[0, own]
        return weighted_quantile(values, pair, rows.weight[held], sizes, totals, drawn, QUANTILE)

    values = Parallel(n_jobs=n_jobs, prefer="threads", require="sharedmem")(
        delayed(one)(cell) for cell in cells
    )
    return np.stack(values)


def _draw_pivots(
    terms: CycleTerms,
    pairs: PairSums,
    cells: np.ndarray,
    n_bootstrap: int,
    blocks: Iterator[tuple[slice, np.ndarray]],
    n_jobs: int | None,
) -> np.ndarray:
    """Studentised distances of the resamples, shape (5, n_cells, n_bootstrap)."""
    pivots = np.empty((len(RATIOS), len(cells), n_bootstrap))
    for columns, counts in blocks:
        found = Parallel(n_jobs=n_jobs, prefer="threads", require="sharedmem")(
            delayed(terms.pivots)(pairs, cell, counts) for cell in cells
        )
        pivots[..., columns] = np.stack(found, axis=1)
    return pivots


def _pivot_quantiles(pivots: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Both tails of the pivots, each of shape (5, n_cells). Sorts the pivots."""
    pivots.sort(axis=-1)
    tail = np.full(pivots.shape[1], (1.0 - confidence) / 2.0)
    return (
        np.stack([_quantiles_of_sorted(values, tail) for values in pivots]),
        np.stack([_quantiles_of_sorted(values, 1.0 - tail) for values in pivots]),
    )


def _draw_metrics(
    metrics: list[Metric],
    pairs: PairSums,
    rows: CellRows,
    cells: np.ndarray,
    n_bootstrap: int,
    blocks: Iterator[tuple[slice, np.ndarray]],
    n_jobs: int | None,
) -> dict[str, np.ndarray]:
    """Metrics of the cells in every resample, each of shape (n_cells, n_bootstrap)."""
    draws = {metric.name: np.empty((len(cells), n_bootstrap)) for metric in metrics}
    for columns, counts in blocks:
        for name, values in resampled_metrics(metrics, pairs, rows, cells, counts, n_jobs).items():
            draws[name][:, columns] = values
    return draws


def resampled_metrics(
    metrics: list[Metric],
    pairs: PairSums,
    rows: CellRows,
    cells: np.ndarray,
    counts: np.ndarray,
    n_jobs: int | None,
) -> dict[str, np.ndarray]:
    """Metrics of cells for resamples of the cycles, each of shape (k, n_resamples).

    Parameters
    ----------
    cells, counts
        As `cell_quantiles` takes them.
    """
    place = np.full(pairs.n_cells, -1)
    place[cells] = np.arange(len(cells))
    kept = place[pairs.cell] >= 0
    sums = np.zeros((len(pairs.sums), len(cells), pairs.n_cycles))
    sums[:, place[pairs.cell[kept]], pairs.cycle[kept]] = pairs.sums[:, kept]
    terms = error_terms(
        sums @ counts.T.astype(np.float64),
        lambda: cell_quantiles(pairs, rows, cells, counts, n_jobs),
    )
    return {metric.name: metric.of(terms) for metric in metrics}


def _percentiles(
    draws: dict[str, np.ndarray], low: np.ndarray, high: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Percentiles of the metrics of the cells over the resamples. Sorts the draws."""
    for values in draws.values():
        values.sort(axis=1)
    return {
        name: (_quantiles_of_sorted(values, low), _quantiles_of_sorted(values, high))
        for name, values in draws.items()
    }


def _draw_cycles(
    n_bootstrap: int, n_cycles: int, entropy: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of resamples: their columns and how often each cycle was drawn, int32."""
    size = max(1, _COUNTS_HELD // n_cycles)
    for start in range(0, n_bootstrap, size):
        n_drawn = min(size, n_bootstrap - start)
        rng = np.random.default_rng([entropy, start])
        drawn = rng.integers(n_cycles, size=(n_drawn, n_cycles))
        drawn += n_cycles * np.arange(n_drawn)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=n_drawn * n_cycles)
        yield slice(start, start + n_drawn), counts.reshape(n_drawn, n_cycles).astype(np.int32)


def _quantiles_of_sorted(values: np.ndarray, level: np.ndarray) -> np.ndarray:
    """One quantile a row (linear between order statistics) of sorted rows that end in NaN."""
    n = np.count_nonzero(~np.isnan(values), axis=1)
    position = np.maximum(n - 1, 0) * level
    rank = np.floor(position).astype(np.int64)
    row = np.arange(len(values))
    below = values[row, rank]
    above = values[row, np.minimum(rank + 1, np.maximum(n - 1, 0))]
    with np.errstate(invalid="ignore"):
        between = below + (above - below) * (position - rank)
    return np.where(below == above, below, between)  # also where both are infinite


def _entropy(random_state: RandomState) -> int:
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))
