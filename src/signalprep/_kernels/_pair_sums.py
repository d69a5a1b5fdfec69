"""Sums and upper quantiles of errors by cycle and cell, each row read where it lies.

``rows`` are three arrays of shape (n_rows,): truth, prediction and cell of each row.
"""

from __future__ import annotations

import numpy as np

from ._njit import njit

__all__ = [
    "gather_cells",
    "group_by_pair",
    "lowest",
    "mark",
    "ranked",
    "sample",
    "sum_pairs",
    "upper_quantiles",
]

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]

FEWEST = 200
"""With fewer sampled values nothing is said about a quantile."""
DEVIATIONS = 4.0
"""How far below the expected rank in the sample to be sure, in standard deviations of the rank."""
CANCELLED = 1e3
"""A sum of squares about the mean below the correction over this is summed anew, about the mean."""


@njit(nogil=True, cache=True)
def mark(codes: np.ndarray, seen: np.ndarray) -> None:
    """Set ``seen[code]`` for every code."""
    for i in range(codes.size):
        seen[codes[i]] = True


@njit(nogil=True, cache=True)
def ranked(codes: np.ndarray, rank: np.ndarray, out: np.ndarray) -> None:
    """Fill ``out`` with ``rank[codes]``."""
    for i in range(codes.size):
        out[i] = rank[codes[i]]


@njit(nogil=True, cache=True)
def sample(
    first: int, last: int, rows: Rows, step: int, size: np.ndarray, size_cell: np.ndarray
) -> None:
    """Take every `step`-th row: absolute errors to ``size[first:last]``, cells to `size_cell`."""
    truth, prediction, cell = rows
    for j in range(first, last):
        i = j * step
        size[j] = abs(prediction[i] - truth[i])
        size_cell[j] = cell[i]


@njit(nogil=True, cache=True)
def gather_cells(
    values: np.ndarray, cell: np.ndarray, n_cells: int
) -> tuple[np.ndarray, np.ndarray]:
    """Bring the values of each cell together, in their order.

    Returns
    -------
    gathered : array like `values`
    bounds : int64 array of shape (n_cells + 1,)
        Those of cell k are ``gathered[bounds[k]:bounds[k + 1]]``.
    """
    bounds = np.zeros(n_cells + 1, dtype=np.int64)
    for i in range(cell.size):
        bounds[np.int64(cell[i]) + 1] += 1
    bounds = np.cumsum(bounds)
    place = bounds[:-1].copy()
    gathered = np.empty_like(values)
    for i in range(cell.size):
        k = cell[i]
        gathered[place[k]] = values[i]
        place[k] += 1
    return gathered, bounds


@njit(nogil=True, cache=True)
def lowest(
    first: int, last: int, sampled: np.ndarray, bounds: np.ndarray, q: float, low: np.ndarray
) -> None:
    """Fill ``low[first:last]`` with values that lie below the cells' quantiles, but not far.

    As the sampled values ``sampled[bounds[k]:bounds[k + 1]]`` of a cell tell; -inf where they are
    too few.
    """
    for k in range(first, last):
        n = bounds[k + 1] - bounds[k]
        rank = int(q * n - DEVIATIONS * np.sqrt(n * q * (1.0 - q)))
        if n < FEWEST or rank < 0:
            low[k] = -np.inf
        else:
            low[k] = np.partition(sampled[bounds[k] : bounds[k + 1]], rank)[rank]


@njit(nogil=True, cache=True)
def _grown(array: np.ndarray, n: int) -> np.ndarray:
    """A copy with room for `n` more entries and for as many again as there are."""
    grown = np.empty(2 * array.size + n, dtype=array.dtype)
    grown[: array.size] = array
    return grown


@njit(nogil=True, cache=True)
def _sum_run(
    rows: Rows,
    low: np.ndarray,
    table: np.ndarray,
    seen: np.ndarray,
    n_seen: int,
    large: np.ndarray,
    large_cell: np.ndarray,
) -> tuple[int, int]:
    """Add the rows of a run to the sums of their cells.

    A row of `table` holds rows; sums of e, |e|, e^2, of the truth's deviations from a value of the
    cell and of their squares; and that value. Cells met for the first time go to `seen`, absolute
    errors that are at least `low` to `large`. Gives the numbers of both.
    """
    truth, prediction, cell = rows
    n_large = 0
    for i in range(cell.size):
        k = np.uint64(cell[i])
        if table[k, 0] == 0.0:
            table[k, 6] = truth[i]
            seen[n_seen] = cell[i]
            n_seen += 1
        e = prediction[i] - truth[i]
        size = abs(e)
        deviation = truth[i] - table[k, 6]
        table[k, 0] += 1.0
        table[k, 1] += e
        table[k, 2] += size
        table[k, 3] += e * e
        table[k, 4] += deviation
        table[k, 5] += deviation * deviation
        large[n_large] = size
        large_cell[n_large] = cell[i]
        n_large += int(size >= low[k])
    return n_seen, n_large


@njit(nogil=True, cache=True)
def _center(
    truth: np.ndarray,
    cell: np.ndarray,
    runs: np.ndarray,
    seen: np.ndarray,
    table: np.ndarray,
) -> None:
    """Turn sums of deviations into what to add for the mean, sums of squares about the mean.

    Where nearly all of a sum of squares cancels, the rows are read again.
    """
    anew = False
    for k in seen:
        correction = table[k, 4] ** 2 / table[k, 0]
        table[k, 4] /= table[k, 0]
        table[k, 5] = max(table[k, 5] - correction, 0.0)
        anew |= correction > CANCELLED * table[k, 5]
    if not anew:
        return
    for k in seen:
        table[k, 5] = 0.0
    for run in range(runs.shape[0]):
        for i in range(runs[run, 0], runs[run, 1]):
            k = cell[i]
            table[k, 5] += ((truth[i] - table[k, 6]) - table[k, 4]) ** 2


@njit(nogil=True, cache=True)
def sum_pairs(
    first: int, last: int, rows: Rows, runs: np.ndarray, bounds: np.ndarray, low: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sum the errors of each cell in each of the cycles `first` to ``last - 1``.

    The error e is prediction minus truth. Rows are read in their order: a sum does not depend on
    how cycles are shared out over calls.

    Parameters
    ----------
    rows : float64, float64 and int array of shape (n_rows,)
        Truth, prediction and cell, 0 to n_cells - 1, of each row.
    runs : int64 array of shape (n_runs, 2)
        First row of each run of rows of one cycle, and the row after it, sorted by cycle.
    bounds : int64 array of shape (n_cycles + 1,)
        Cycle c consists of the runs ``bounds[c]`` to ``bounds[c + 1] - 1``.
    low : float64 array of shape (n_cells,)
        From where on absolute errors are collected.

    Returns
    -------
    places : int64 array of shape (2 n_pairs,)
        Cell and cycle of each pair that occurs; by cycle, cells in order of appearance.
    sums : float64 array of shape (8 n_pairs,)
        Of each pair: rows; sums of e, |e| and e^2; what to add to a value of the truth for its
        mean; the sum of its squared deviations from the mean; that value; and 0.
    large, large_cell : arrays of shape (n_large,)
        Absolute errors that are at least `low`, and their cells.
    """
    truth, prediction, cell = rows
    places, sums = np.empty(0, dtype=np.int64), np.empty(0)
    large, large_cell = np.empty(0), np.empty(0, dtype=cell.dtype)
    table = np.zeros((low.size, 8))
    seen = np.empty(low.size, dtype=np.int64)
    n_pairs, n_large = 0, 0
    for c in range(first, last):
        n_seen = 0
        for run in range(bounds[c], bounds[c + 1]):
            i, j = runs[run, 0], runs[run, 1]
            if large.size < n_large + j - i:
                large, large_cell = _grown(large, j - i), _grown(large_cell, j - i)
            room, room_cell = large[n_large:], large_cell[n_large:]
            of_run = truth[i:j], prediction[i:j], cell[i:j]
            n_seen, found = _sum_run(of_run, low, table, seen, n_seen, room, room_cell)
            n_large += found
        _center(truth, cell, runs[bounds[c] : bounds[c + 1]], seen[:n_seen], table)
        if places.size < 2 * (n_pairs + n_seen):
            places, sums = _grown(places, 2 * n_seen), _grown(sums, 8 * n_seen)
        for k in seen[:n_seen]:
            places[2 * n_pairs], places[2 * n_pairs + 1] = k, c
            for m in range(8):
                sums[8 * n_pairs + m] = table[k, m]
                table[k, m] = 0.0
            n_pairs += 1
    return places[: 2 * n_pairs], sums[: 8 * n_pairs], large[:n_large], large_cell[:n_large]


@njit(nogil=True, cache=True)
def upper_quantiles(
    first: int,
    last: int,
    values: np.ndarray,
    bounds: np.ndarray,
    n: np.ndarray,
    q: float,
    out: np.ndarray,
    largest: np.ndarray,
) -> None:
    """Fill ``out[first:last]`` with quantiles of groups of which the largest values are known.

    By linear interpolation, equal to numpy.quantile to the last bit. ``largest[first:last]`` gets
    the largest values. Groups of which too few values are known keep what the arrays hold.

    Parameters
    ----------
    values : float64 array
        Known values: those of group g, in any order, are ``values[bounds[g]:bounds[g + 1]]``.
    bounds : int64 array of shape (n_groups + 1,)
    n : int64 array of shape (n_groups,)
        Number of all values of each group.
    q : float
        Quantile in [0, 1].
    """
    for g in range(first, last):
        known = values[bounds[g] : bounds[g + 1]]
        position = q * (n[g] - 1)
        rank = int(np.floor(position))
        fraction = position - rank
        k = rank - (n[g] - known.size)
        if n[g] == 0 or k < 0:
            continue
        parted = np.partition(known, k)
        lower = parted[k]
        upper = lower
        if k + 1 < known.size:
            upper = np.min(parted[k + 1 :])
        largest[g] = np.max(parted[k:])
        # The two forms of the interpolation, as numpy chooses them.
        step = upper - lower
        if fraction >= 0.5:
            out[g] = upper - step * (1.0 - fraction)
        else:
            out[g] = lower + step * fraction


@njit(nogil=True, cache=True)
def group_by_pair(
    first: int,
    last: int,
    rows: Rows,
    runs: np.ndarray,
    bounds: np.ndarray,
    pairs: np.ndarray,
    pair_bounds: np.ndarray,
    out: np.ndarray,
) -> None:
    """Bring the absolute errors of the cycles `first` to ``last - 1`` to the places of their pairs.

    Parameters
    ----------
    rows, runs, bounds : as in `sum_pairs`
    pairs : int64 array of shape (n_pairs, 2)
        Cell of each pair, and where its rows begin in `out`; by cycle.
    pair_bounds : int64 array of shape (n_cycles + 1,)
        The pairs of cycle c are ``pairs[pair_bounds[c]:pair_bounds[c + 1]]``.
    out : float64 array of shape (n_rows,)
    """
    truth, prediction, cell = rows
    place = np.empty(pairs[:, 0].max() + 1, dtype=np.int64)
    for c in range(first, last):
        for j in range(pair_bounds[c], pair_bounds[c + 1]):
            place[pairs[j, 0]] = pairs[j, 1]
        for run in range(bounds[c], bounds[c + 1]):
            for i in range(runs[run, 0], runs[run, 1]):
                k = cell[i]
                out[place[k]] = abs(prediction[i] - truth[i])
                place[k] += 1
