"""Interval from the spread of resamples and the Student quantile of the number of cycles."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

__all__ = ["student_ends"]


def student_ends(
    points: np.ndarray, draws: np.ndarray, n_cycles: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval of each cell, shape (k,); NaN where the spread is not known.

    The ends lie t sqrt(n / (n - 1)) s from the value, with s the standard deviation of the
    resamples, which is too small by that root, n the effective number of cycles and t the Student
    quantile for n - 1 degrees of freedom, at least 1. Percentiles cannot do this: a handful of
    cycles has a handful of different resamples, and none lies far enough out.

    Parameters
    ----------
    points : ndarray of shape (k,)
        Value of each cell.
    draws : ndarray of shape (k, n_resamples)
        The same in every resample, NaN where a resample has none.
    n_cycles : ndarray of shape (k,)
        Effective number of cycles, more than 1.
    """
    known = ~np.isnan(draws)
    n_known = known.sum(axis=1)
    n = np.maximum(n_cycles, 1.01)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = np.where(known, draws - points[:, None], 0.0)
        mean = offset.sum(axis=1) / n_known
        squares = (np.where(known, offset - mean[:, None], 0.0) ** 2).sum(axis=1)
        spread = np.sqrt(squares / np.where(n_known > 1, n_known - 1.0, np.nan) * n / (n - 1.0))
    reach = stdtrit(np.maximum(n - 1.0, 1.0), 0.5 + confidence / 2.0) * spread
    return points - reach, points + reach
