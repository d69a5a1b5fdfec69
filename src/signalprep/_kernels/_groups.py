"""Order statistics of groups under resampling weights."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["repeated_quantile"]


@njit(nogil=True, cache=True)
def repeated_quantile(
    values: np.ndarray,
    owners: np.ndarray,
    sizes: np.ndarray,
    counts: np.ndarray,
    q: float,
) -> np.ndarray:
    """Quantile of values that are each repeated as often as their owner was drawn.

    Equal, to the last bit, to ``np.quantile(np.repeat(values, counts[b, owners]), q)`` for every
    resample b, without building the repeated array. The sorted values are walked from the top, so
    the cost of a resample is about ``(1 - q) * n`` for n values.

    Parameters
    ----------
    values : float64 array of shape (n,)
        In ascending order.
    owners : int array of shape (n,)
        Which owner (cycle) each value belongs to, 0 to n_owners - 1.
    sizes : int64 array of shape (n_owners,)
        Number of values of each owner.
    counts : int array of shape (n_resamples, n_owners)
        How often each owner was drawn in each resample.
    q : float
        Quantile in [0, 1], by linear interpolation between order statistics.

    Returns
    -------
    float64 array of shape (n_resamples,)
        NaN where no owner was drawn.
    """
    out = np.full(counts.shape[0], np.nan)
    for b in range(counts.shape[0]):
        drawn = counts[b]
        total = 0
        for owner in range(sizes.size):
            total += np.int64(drawn[owner]) * sizes[owner]
        if total == 0:
            continue
        position = q * (total - 1)
        rank = int(np.floor(position))
        fraction = position - rank
        next_rank = min(rank + 1, total - 1)
        # `seen` values lie at or above values[i]; a rank is reached with total - rank of them.
        i = values.size
        seen = np.int64(0)
        while seen < total - next_rank:
            i -= 1
            seen += drawn[owners[i]]
        upper = values[i]
        while seen < total - rank:
            i -= 1
            seen += drawn[owners[i]]
        lower = values[i]
        # The two forms of the interpolation, as numpy chooses them.
        step = upper - lower
        if fraction >= 0.5:
            out[b] = upper - step * (1.0 - fraction)
        else:
            out[b] = lower + step * fraction
    return out
