"""How many independent samples the rows of a cell are worth."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.fft import irfft, rfft

from signalprep.metrics._alignment import align
from signalprep.metrics._cells import encode_cells

__all__ = ["effective_samples"]

NO_PAIR = 1e-10
"""A sum of products below this share of the sum of squares has no pair of rows: rounding."""


def effective_samples(
    y_true: Any, y_pred: Any, regimes: Any = None, cycles: Any = None
) -> pd.DataFrame:
    r"""Effective number of independent samples of every cell, from the errors' autocorrelation.

    Neighbouring errors of a drive are alike, so n rows tell less than n independent ones. With d
    the error less its mean over the cell, and :math:`s_k` the sum of :math:`d_i d_j` over the
    pairs of rows of one cycle that lie in the cell k rows apart, the integrated autocorrelation
    time is

    .. math:: \tau = 1 + 2 \sum_{k=1}^{K} s_k / s_0, \qquad n_{\mathrm{effective}} = n / \tau.

    The sum stops where :math:`s_{2m} + s_{2m+1}` first is negative (initial positive sequence,
    Geyer 1992), lags that no pair of rows has left aside. All cycles of a cell share one sum, so
    an error that differs from cycle to cycle, and hardly within, is worth as many samples as there
    are cycles.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Measured and predicted target, finite, in time order within a cycle.
    regimes : Series, DataFrame or array of shape (n_samples, n_columns), default=None
        Labels of the regimes, as :func:`~signalprep.regime_metrics` takes them; None: all rows
        are one cell, "overall".
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.

    Returns
    -------
    table : DataFrame of shape (n_cells, 4)
        ``n`` and ``n_cycles``, ``autocorrelation_time`` in rows (at least 1) and ``n_effective``
        (at least 1, at most n). The last two are NaN where the error is constant; a cell without
        rows has ``n_effective`` 0.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, values that are not finite, rows without cycle or label.
    InvalidParameterError
        A target of several columns.

    Notes
    -----
    Lags count rows of a cycle; a gap is one step. The number is that for the mean of the error
    (the bias); squared errors forget faster, so for RMSE and MAE it errs on the careful side. With
    very few cycles the mean of the cell follows them, and the number comes out too large.

    Time: one Fourier transform for each cycle and cell, over the rows from the first to the last
    visit.

    References
    ----------
    C. J. Geyer (1992), Practical Markov Chain Monte Carlo, Statistical Science 7(4), 473-483,
    doi:10.1214/ss/1177011137.

    Examples
    --------
    >>> import numpy as np
    >>> from signalprep.metrics import effective_samples
    >>> error = np.repeat(np.random.default_rng(0).normal(size=400), 10)  # ten rows alike
    >>> table = effective_samples(np.zeros(4000), error, cycles=np.arange(4000) // 1000)
    >>> int(table.loc["overall", "n"]), int(table.loc["overall", "n_effective"].round(-2))
    (4000, 400)
    """
    rows = align(y_true, y_pred, cycles, regimes)
    if rows.regimes is None:
        cell, cells = np.zeros(len(rows.truth), dtype=np.int64), pd.Index(["overall"])
    else:
        cell, cells = encode_cells(rows.regimes, rows.cycle, rows.cycles)
    n = np.bincount(cell, minlength=len(cells))
    mean = np.bincount(cell, rows.error, len(cells)) / np.maximum(n, 1)
    deviation = rows.error - mean[cell]
    position = _position_in_cycle(rows.cycle)
    order = np.lexsort((position, rows.cycle, cell))
    cell, cycle = cell[order], rows.cycle[order]
    deviation, position = deviation[order], position[order]
    starts = np.flatnonzero(np.diff(cell, prepend=-1) | np.diff(cycle, prepend=-1))
    bounds = np.append(starts, len(cell))
    first = np.searchsorted(cell[starts], np.arange(len(cells) + 1))
    tau = np.full(len(cells), np.nan)
    scale = np.abs(rows.error).max(initial=0.0)
    for k in np.flatnonzero(n):
        visits = bounds[first[k] : first[k + 1] + 1]
        tau[k] = _autocorrelation_time(_sums_of_products(deviation, position, visits), n[k], scale)
    return pd.DataFrame(
        {
            "n": n,
            "n_cycles": np.diff(first),
            "autocorrelation_time": tau,
            "n_effective": np.where(n > 0, np.maximum(n / tau, 1.0), 0.0),
        },
        index=cells,
    )


def _position_in_cycle(cycle: np.ndarray) -> np.ndarray:
    """Number of each row within its cycle, in the order of the rows."""
    order = np.argsort(cycle, kind="stable")
    n = np.bincount(cycle)
    position = np.empty(len(cycle), dtype=np.int64)
    position[order] = np.arange(len(cycle)) - np.repeat(np.cumsum(n) - n, n)
    return position


def _sums_of_products(
    deviation: np.ndarray, position: np.ndarray, visits: np.ndarray
) -> np.ndarray:
    """Sum of the products of all pairs at each lag, over the cycles of a cell.

    The rows of one cycle lie between two entries of `visits`.
    """
    power: dict[int, np.ndarray] = {}
    for start, stop in pairwise(visits):
        at = position[start:stop] - position[start]
        size = 1 << int(2 * at[-1] + 1).bit_length()  # room for every lag without wrapping round
        padded = np.zeros(size)
        padded[at] = deviation[start:stop]
        spectrum = rfft(padded)
        power[size] = power.get(size, 0.0) + spectrum.real**2 + spectrum.imag**2
    sums = np.zeros(max(power) // 2)
    for size, total in power.items():
        sums[: size // 2] += irfft(total, size)[: size // 2]
    return sums


def _autocorrelation_time(sums: np.ndarray, n: int, scale: float) -> float:
    """Initial positive sequence of sums of products; NaN where there is no spread."""
    if sums[0] <= n * (1e-12 * scale) ** 2:
        return 1.0 if n == 1 else np.nan
    if len(sums) % 2:
        sums = np.append(sums, 0.0)
    pairs = sums.reshape(-1, 2).sum(axis=1) / sums[0]
    negative = pairs < -NO_PAIR
    stop = int(np.argmax(negative)) if negative.any() else len(pairs)
    return max(2.0 * float(pairs[:stop][pairs[:stop] > NO_PAIR].sum()) - 1.0, 1.0)
