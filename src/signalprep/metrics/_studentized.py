"""Studentised bootstrap over cycles: how far from the estimate, in standard errors, an end lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from signalprep._kernels._groups import exceedance_interval, resampled_ratios
from signalprep.metrics._sums import CellRows, PairSums

__all__ = ["FARTHEST", "RATIOS", "CycleTerms", "cycle_terms", "studentized_ends"]

RATIOS = ("bias", "mae", "rmse", "p95", "r2")
"""Metrics that follow from a ratio of two sums over cycles, whose standard error is known."""
P95 = RATIOS.index("p95")
R2 = RATIOS.index("r2")
SHARE_ABOVE_P95 = 0.05

WIDEST = 2.0
"""A resample of very few cycles may have hardly any spread; no end lies farther from the estimate
than this many Student quantiles."""
FARTHEST = 3.0
"""Nor farther from zero than this many times the largest error seen."""
UNSEEN = {"mae": 1, "rmse": 3, "r2": 3}
"""Cycles that an upper end allows for, each as hard as the hardest seen. Three of squared errors,
as a share of up to 3 / n cycles may be of a kind that n cycles do not show (rule of three)."""


@dataclass(frozen=True)
class CycleTerms:
    """The metrics of `RATIOS`, each a function of a ratio of sums over cycles.

    The first axis of `ratios`, `errors` and `n_squares` is that of `RATIOS`. The ratios are mean
    e, mean |e|, mean e^2, the share of |e| above its p95, and sum e^2 over the sum of squares of
    the truth about its mean, each in units that make the fourth power of a term safe.
    """

    sums: np.ndarray
    """Of each (cell, cycle) pair, shape (n_pairs, 7): rows, e, |e|, e^2, rows above the p95 of the
    cell, squares and values of the truth about the cell's mean; all by what the rows count for."""
    units: np.ndarray
    """Units of the ratios, shape (5, n_cells): from the largest |e| of the cell, and for r2 the
    sum of squares of the truth."""
    ratios: np.ndarray
    """Shape (5, n_cells)."""
    errors: np.ndarray
    """Standard error of each ratio when cycles are left out one at a time, shape (5, n_cells)."""
    n_squares: np.ndarray
    """How many cycles of equal weight the sum of squares in `errors` is worth if their terms are
    normal: 3 (sum u^2)^2 / sum u^4. Shape (5, n_cells)."""
    unseen: np.ndarray
    """Factor by which a ratio grows when the hardest of its cycles comes as often again as `UNSEEN`
    says; 1 for the bias and for p95. Shape (5, n_cells)."""

    def pivots(self, pairs: PairSums, cell: int, counts: np.ndarray) -> np.ndarray:
        """Studentised distance of each resample's metrics from those of the cell.

        `counts` says how often each cycle was drawn, shape (n_resamples, n_cycles). The result has
        shape (5, n_resamples) and is NaN for a resample of fewer than two of the cell's cycles.
        """
        own = slice(*np.searchsorted(pairs.cell, [cell, cell + 1]))
        drawn = np.ascontiguousarray(counts[:, pairs.cycle[own]])
        value, error = on_scale(*resampled_ratios(self.sums[own], drawn))
        center, _ = on_scale(self.ratios[:, [cell]], self.errors[:, [cell]])
        distance = value - np.where(np.isfinite(center), center, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            pivots = distance / error
        pivots[distance == 0.0] = 0.0
        # On the scale of the logarithm a ratio of 0 lies infinitely far below any other.
        return np.where(np.isinf(distance), distance, pivots)


def cycle_terms(pairs: PairSums, rows: CellRows, p95: np.ndarray) -> CycleTerms:
    """Sums of every (cell, cycle) pair, and ratios with their errors for every cell.

    Cells of fewer than two cycles have errors of NaN.
    """
    n, error, abs_error, squared_error, within, truth, between = pairs.sums
    cell = pairs.cell
    sizes = np.diff(rows.bounds)
    above = rows.abs_error > np.repeat(p95, sizes)
    pair = rows.pair + np.repeat(pairs.first_of_cell()[:-1], sizes)
    exceeding = np.bincount(pair, above * rows.weight_of(slice(0, len(above))), len(n))
    largest = np.zeros(pairs.n_cells)
    largest[sizes > 0] = rows.abs_error[rows.bounds[1:][sizes > 0] - 1]
    largest[largest == 0.0] = 1.0
    spread = np.bincount(cell, within + between, pairs.n_cells)
    spread[spread == 0.0] = 1.0
    e, y = largest[cell], np.sqrt(spread)[cell]
    top = np.stack([error / e, abs_error / e, squared_error / e**2, exceeding])
    top = np.concatenate([top, top[2:3]])
    bottom = np.stack([n, n, n, n, (within + between) / y**2])
    value = np.zeros_like(bottom)
    value[R2] = truth / y

    def total(terms: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(cell, row, pairs.n_cells) for row in terms])

    n_cycles = np.bincount(cell, minlength=pairs.n_cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_of_cell = np.bincount(cell, n, pairs.n_cells)
        mean = (total(value) / n_of_cell)[:, cell]
        whole = total(bottom) - total(value) ** 2 / n_of_cell
        ratios = total(top) / whole
        own = bottom - mean * (2.0 * value - mean * n)
        leverage = n_of_cell[cell] / (n_of_cell[cell] - n)
        excess = top - ratios[:, cell] * own
        u = leverage * excess / whole[:, cell]
        squares = total(u**2)
        errors = np.where(n_cycles >= 2, np.sqrt((n_cycles - 1) / n_cycles * squares), np.nan)
        n_squares = 3.0 * squares**2 / total(u**4)
        more = np.array([[UNSEEN.get(name, 0)] for name in RATIOS])
        growth = more * excess / (ratios * whole)[:, cell] / (1.0 + more * own / whole[:, cell])
    unseen = np.ones_like(ratios)
    for factor, of_pair in zip(unseen, growth, strict=True):
        np.maximum.at(factor, cell, 1.0 + np.where(np.isfinite(of_pair), of_pair, 0.0))
    sums = np.stack([n, *top[:4], bottom[R2], value[R2]], axis=1)
    units = np.stack([largest, largest, largest**2, np.ones(pairs.n_cells), largest**2 / spread])
    return CycleTerms(sums, units, ratios, errors, n_squares, unseen)


def on_scale(ratios: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ratios and their errors on the scale where the interval is built; first axis `RATIOS`.

    bias stays as it is, the share above p95 goes to its logit, the others to their logarithm.
    """
    value, error = np.array(ratios), np.array(errors)
    with np.errstate(divide="ignore", invalid="ignore"):
        value[1:] = np.log(ratios[1:])
        error[1:] = errors[1:] / ratios[1:]
        value[P95] -= np.log1p(-ratios[P95])
        error[P95] /= 1.0 - ratios[P95]
    return value, error


def studentized_ends(
    terms: CycleTerms,
    pairs: PairSums,
    rows: CellRows,
    cells: np.ndarray,
    quantiles: tuple[np.ndarray, np.ndarray],
    n_effective: np.ndarray,
    confidence: float,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Lower and upper end of each metric in the given cells, NaN where r2 is not defined.

    Parameters
    ----------
    quantiles : two ndarrays of shape (5, k)
        Lower and upper quantile of the pivots; NaN where there is no pivot.
    n_effective : ndarray of shape (k,)
        Effective number of cycles.
    """
    degrees = np.maximum(np.fmin(terms.n_squares[:, cells], n_effective - 1.0), 1.0)
    student = stdtrit(degrees, 0.5 + confidence / 2.0)
    down, up = (
        np.clip(np.where(np.isnan(q), student, q), student, WIDEST * student)
        for q in (quantiles[1], -quantiles[0])
    )
    ratios = terms.ratios[:, cells]
    value, error = on_scale(ratios, terms.errors[:, cells])
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = value - down * error, value + up * error
        low[1:], high[1:] = np.exp(low[1:]), np.exp(high[1:])
        high *= terms.unseen[:, cells]
        farthest = np.full_like(ratios, FARTHEST)
        farthest[2], farthest[R2] = FARTHEST**2, FARTHEST**2 * ratios[R2] / ratios[2]
        low, high = np.maximum(low, -farthest), np.minimum(high, farthest)
    same = np.isnan(value) | np.isinf(value) | (error == 0.0)
    units = terms.units[:, cells]
    low, high = units * np.where(same, ratios, low), units * np.where(same, ratios, high)
    low[P95], high[P95] = _p95_ends(pairs, rows, cells, down[P95], up[P95])
    return {
        "bias": (low[0], high[0]),
        "mae": (low[1], high[1]),
        "rmse": (np.sqrt(low[2]), np.sqrt(high[2])),
        "p95": (low[3], high[3]),
        "r2": (1.0 - high[4], 1.0 - low[4]),
    }


def _p95_ends(
    pairs: PairSums, rows: CellRows, cells: np.ndarray, down: np.ndarray, up: np.ndarray
) -> np.ndarray:
    """Thresholds of |e| that may be the p95: those that a share of 5 % may exceed."""
    first = np.searchsorted(pairs.cell, cells)
    last = np.searchsorted(pairs.cell, cells + 1)
    ends = np.empty((2, len(cells)))
    for k, cell in enumerate(cells):
        held = slice(rows.bounds[cell], rows.bounds[cell + 1])
        ends[:, k] = exceedance_interval(
            rows.abs_error[held],
            rows.pair[held],
            rows.weight_of(held),
            pairs.sums[0, first[k] : last[k]],
            SHARE_ABOVE_P95,
            up[k],
            down[k],
        )
    return ends
