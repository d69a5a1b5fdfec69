"""Order statistics and ratios of groups under resampling weights."""

from __future__ import annotations

import numpy as np

from ._njit import njit

__all__ = [
    "exceedance_interval",
    "repeated_quantile",
    "resampled_ratios",
    "weighted_quantile",
]

CONSTANT = 1e-12
"""A denominator below this share of its terms is zero: rounding."""


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


@njit(nogil=True, cache=True)
def weighted_quantile(
    values: np.ndarray,
    owners: np.ndarray,
    weights: np.ndarray,
    sizes: np.ndarray,
    totals: np.ndarray,
    counts: np.ndarray,
    q: float,
) -> np.ndarray:
    """Quantile of weighted values that are each repeated as often as their owner was drawn.

    Order statistics are steps, each as long as its weight, of a stair of length W. The quantile is
    the mean height of the stair from q (W - w) to q (W - w) + w, where w = W / n is the mean weight
    of the n values: with equal weights that is the linear interpolation between order statistics
    of `repeated_quantile`, and with any it changes continuously with the weights.

    Parameters
    ----------
    values, owners, sizes, counts, q : as in `repeated_quantile`
    weights : float64 array of shape (n,)
        Of each value, above zero.
    totals : float64 array of shape (n_owners,)
        Weight of the values of each owner together.

    Returns
    -------
    float64 array of shape (n_resamples,)
        NaN where no owner was drawn.
    """
    out = np.full(counts.shape[0], np.nan)
    for b in range(counts.shape[0]):
        drawn = counts[b]
        whole, n = 0.0, np.int64(0)
        for owner in range(sizes.size):
            whole += drawn[owner] * totals[owner]
            n += np.int64(drawn[owner]) * sizes[owner]
        if n == 0:
            continue
        # From the top the stair is read between `start` and `end`.
        start = (1.0 - q) * (whole - whole / n)
        end = start + whole / n
        seen, read, missing, top = 0.0, 0.0, 0.0, np.nan
        i = values.size
        while seen < end and i > 0:
            i -= 1
            step = drawn[owners[i]] * weights[i]
            part = min(seen + step, end) - max(seen, start)
            seen += step
            if part > 0.0:
                if read == 0.0:
                    top = values[i]
                read += part
                missing += part * (top - values[i])
        out[b] = top - missing / read
    return out


@njit(nogil=True, cache=True)
def resampled_ratios(sums: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ratios of sums over drawn owners, and their standard errors by leaving one owner out.

    Each owner c has the sums n, a, b, c, d, w and m. Over the drawn owners (one drawn twice counts
    twice) the ratios are A / N, B / N, C / N, D / N and C / W', with W' = W - M^2 / N: where m and
    w are the sums of a value and of its square, W' is the sum of squares about the mean.

    The error of A / N is sqrt((K - 1) / K * sum u^2) for K drawn owners, where
    u = (a - A / N * n) / (N - n) is the change of the ratio without the owner: the jackknife. For
    C / W' it is the same to first order, u = N / (N - n) * (c - C / W' * w') / W', with
    w' = w - 2 M / N * m + (M / N)^2 * n.

    Parameters
    ----------
    sums : float64 array of shape (n_owners, 7)
        n, a, b, c, d, w, m of each owner; n above zero.
    counts : int array of shape (n_resamples, n_owners)
        How often each owner was drawn in each resample.

    Returns
    -------
    ratios, errors : float64 arrays of shape (5, n_resamples)
        NaN where fewer than two different owners were drawn, and the last where W' is zero.
    """
    ratios = np.full((5, counts.shape[0]), np.nan)
    errors = np.full((5, counts.shape[0]), np.nan)
    drawn = np.empty(sums.shape[0], dtype=np.int64)
    for r in range(counts.shape[0]):
        n_different, n_drawn = 0, 0
        n_, a_, b_, c_, d_, w_, m_ = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for owner in range(sums.shape[0]):
            if counts[r, owner] == 0:
                continue
            drawn[n_different] = owner
            n_different += 1
            n_drawn += counts[r, owner]
            n_ += counts[r, owner] * sums[owner, 0]
            a_ += counts[r, owner] * sums[owner, 1]
            b_ += counts[r, owner] * sums[owner, 2]
            c_ += counts[r, owner] * sums[owner, 3]
            d_ += counts[r, owner] * sums[owner, 4]
            w_ += counts[r, owner] * sums[owner, 5]
            m_ += counts[r, owner] * sums[owner, 6]
        if n_different < 2:
            continue
        spread = w_ - m_ * m_ / n_
        defined = spread > CONSTANT * w_
        shift = m_ / n_
        ra, rb, rc, rd = a_ / n_, b_ / n_, c_ / n_, d_ / n_
        rw = c_ / spread if defined else 0.0
        ea, eb, ec, ed, ew = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(n_different):
            owner = drawn[i]
            n = sums[owner, 0]
            weight = counts[r, owner] / ((n_ - n) * (n_ - n))
            ea += weight * (sums[owner, 1] - ra * n) ** 2
            eb += weight * (sums[owner, 2] - rb * n) ** 2
            ec += weight * (sums[owner, 3] - rc * n) ** 2
            ed += weight * (sums[owner, 4] - rd * n) ** 2
            own = sums[owner, 5] - shift * (2.0 * sums[owner, 6] - shift * n)
            ew += weight * (sums[owner, 3] - rw * own) ** 2
        scale = np.sqrt((n_drawn - 1.0) / n_drawn)
        ratios[0, r], ratios[1, r], ratios[2, r], ratios[3, r] = ra, rb, rc, rd
        errors[0, r], errors[1, r] = scale * np.sqrt(ea), scale * np.sqrt(eb)
        errors[2, r], errors[3, r] = scale * np.sqrt(ec), scale * np.sqrt(ed)
        if defined:
            ratios[4, r] = rw
            errors[4, r] = scale * np.sqrt(ew) * n_ / spread
    return ratios, errors


@njit(nogil=True, cache=True)
def exceedance_interval(
    values: np.ndarray,
    owners: np.ndarray,
    weights: np.ndarray,
    totals: np.ndarray,
    share: float,
    below: float,
    above: float,
) -> tuple[float, float]:
    """Thresholds that a given share of values may exceed.

    For a threshold q, let p be the share of the values above it, by their weight,
    z = (logit p - logit share) / e, and e the standard error of logit p when owners are left out
    one at a time. The upper end is the largest q with z >= -below, the lower end the first q below
    it with z > above.

    Parameters
    ----------
    values : float64 array of shape (n,)
        In ascending order.
    owners : int array of shape (n,)
        Which owner each value belongs to.
    weights : float64 array of shape (n,)
        What each value counts for, above zero.
    totals : float64 array of shape (n_owners,)
        What the values of each owner count for together; two owners or more.
    share : float
        In (0, 1).
    below, above : float
        How many standard errors p may lie below and above `share`.

    Returns
    -------
    low, high : float
        Two of the values.
    """
    n = values.size
    n_owners = totals.size
    whole = np.sum(totals)
    target = np.log(share / (1.0 - share))
    scale = 1.0 / (whole - totals) ** 2
    exceeding = np.zeros(n_owners)
    # Sums over owners of x^2, x n and n^2, each scaled.
    beyond, xx, xn, nn = 0.0, 0.0, 0.0, np.sum(scale * totals**2)
    high = values[n - 1]
    found = False
    for j in range(1, n):
        owner, weight = owners[n - j], weights[n - j]
        xx += scale[owner] * weight * (2.0 * exceeding[owner] + weight)
        xn += scale[owner] * weight * totals[owner]
        exceeding[owner] += weight
        beyond += weight
        if values[n - j - 1] == values[n - j]:
            continue
        p = beyond / whole
        variance = (n_owners - 1.0) / n_owners * (xx - p * (2.0 * xn - p * nn))
        distance = (np.log(p / (1.0 - p)) - target) * p * (1.0 - p)
        error = np.sqrt(max(variance, 0.0))
        if not found and distance >= -below * error:
            found = True
            high = values[n - j]
        if found and p > share and distance > above * error:
            return values[n - j], high
    return values[0], high
