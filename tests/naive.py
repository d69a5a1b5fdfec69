"""Slow twins of the kernels: one segment of one channel, written from the definition."""

from fractions import Fraction
from math import factorial

import numpy as np


def median(values):
    """Middle value, or the mean of the two middle ones."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    half = ordered.size // 2
    if ordered.size % 2:
        return ordered[half]
    return 0.5 * (ordered[half - 1] + ordered[half])


def hampel(x, window, causal, threshold, min_scale=0.0, action="median", omit=False):
    """(output, mask) of the Hampel filter; the least scale may differ from sample to sample."""
    x = np.asarray(x, dtype=np.float64)
    least = np.broadcast_to(min_scale, x.shape)
    output = x.copy()
    mask = np.zeros(x.size, dtype=np.uint8)
    held = np.nan
    before, after = (window - 1, 0) if causal else (window // 2, window // 2)
    for i, value in enumerate(x):
        samples = x[max(0, i - before) : i + after + 1]
        missing = np.isnan(samples)
        if np.isnan(value) or (missing.any() and not omit):
            output[i] = np.nan
            continue
        samples = samples[~missing]
        middle = median(samples)
        scale = 1.4826 * median(np.abs(samples - middle))
        limit = threshold * max(scale, least[i])
        if not abs(value - middle) > limit:
            held = value
            continue
        mask[i] = 1
        output[i] = {
            "keep": value,
            "nan": np.nan,
            "hold": middle if np.isnan(held) else held,
            "median": middle,
            "clip": middle + limit if value > middle else middle - limit,
        }[action]
    return output, mask


def limits(x, low, high, action):
    """(output, mask) of limits, which may differ from sample to sample."""
    x = np.asarray(x, dtype=np.float64)
    lows, highs = np.broadcast_to(low, x.shape), np.broadcast_to(high, x.shape)
    output, mask, held = x.copy(), np.zeros(x.size, dtype=np.uint8), np.nan
    for i, value in enumerate(x):
        if not (value < lows[i] or value > highs[i]):
            held = held if np.isnan(value) else value
            continue
        mask[i] = 1
        nearest = lows[i] if value < lows[i] else highs[i]
        output[i] = {
            "keep": value,
            "nan": np.nan,
            "hold": nearest if np.isnan(held) else held,
            "clip": nearest,
        }[action]
    return output, mask


def exact_fit(n, polyorder, position, deriv=0):
    """Coefficients of the differentiated least-squares polynomial, as exact fractions."""
    order = min(polyorder, n - 1)
    times = [Fraction(2 * i - (n - 1), 2) for i in range(n)]
    at = times[position]
    moments = [sum(t**p for t in times) for p in range(2 * order + 1)]
    rows = [
        [moments[i + j] for j in range(order + 1)]
        + [
            Fraction(factorial(i), factorial(i - deriv)) * at ** (i - deriv)
            if i >= deriv
            else Fraction(0)
        ]
        for i in range(order + 1)
    ]
    for i in range(order + 1):
        pivot = next(r for r in range(i, order + 1) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(order + 1):
            if r != i and rows[r][i]:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [sum(rows[j][-1] * t**j for j in range(order + 1)) for t in times]


def fit_at(window, position, polyorder, deriv=0, sample_time=1.0):
    """Differentiated least-squares polynomial through the numbers in ``window`` at ``position``."""
    there = np.flatnonzero(~np.isnan(window))
    if there.size == 0:
        return np.nan
    order = min(polyorder, there.size - 1)
    if deriv > order:
        return 0.0
    unit = max((len(window) - 1) / 2, 1)
    times = (there - position) / unit
    matrix = np.vander(times, order + 1, increasing=True)
    coefficients = np.linalg.lstsq(matrix, window[there], rcond=None)[0]
    return coefficients[deriv] * factorial(deriv) / (unit * sample_time) ** deriv


def savgol(
    x, window, polyorder, deriv=0, sample_time=1.0, causal=True, edge="polynomial", fill=0.0,
    omit=False
):  # fmt: skip
    """Savitzky-Golay filter, one least-squares fit a sample."""
    x = np.asarray(x, dtype=np.float64)
    k = window // 2
    output = np.empty(x.size)
    pad = {"nearest": "edge", "mirror": "reflect", "constant": "constant"}.get(edge)
    for i in range(x.size):
        if causal:
            samples = x[max(0, i + 1 - window) : i + 1]
            position = samples.size - 1
        elif pad:
            extra = {"constant_values": fill} if edge == "constant" else {}
            samples = np.pad(x, k, mode=pad, **extra)[i : i + window]
            position = k
        elif edge == "nan" and not k <= i < x.size - k:
            output[i] = np.nan
            continue
        else:
            begin = min(max(i - k, 0), x.size - window)
            samples = x[begin : begin + window]
            position = i - begin
        if np.isnan(samples).any() and not omit:
            output[i] = np.nan
        else:
            output[i] = fit_at(samples, position, polyorder, deriv, sample_time)
    return output


def decimate(x, factor, taps, edges, causal, omit=False):
    """Outputs at every `factor`-th sample, a Fraction perhaps, one sum each.

    Places are counted in 1 / up of a sample, at which the taps stand.
    """
    x = np.asarray(x, dtype=np.float64)
    down, up = factor.numerator, factor.denominator
    at = np.arange(x.size) * up
    reach = taps.size // 2
    output = []
    for k, place in enumerate(range(0, at[-1] + 1, down)):
        middle = place - reach if causal else place
        taken = np.abs(at - middle) <= reach
        whole = -(-place // up)  # the sample with which the output comes
        if whole - 2 * reach // up >= 0 if causal else min(whole, x.size - 1 - whole) * up >= reach:
            weights = taps[at[taken] - middle + reach]
        elif causal:
            weights = edges[k, : taken.sum()]
        else:
            m = min(place, at[-1] - place) // down
            taken = np.abs(at - place) <= (m * down if m else up - 1)
            weights = edges[m * up + whole * up - place, : taken.sum()]
        samples = x[taken]
        there = ~np.isnan(samples)
        if there.all() or not omit:
            output.append(weights @ samples)
        elif not there.any():
            output.append(np.nan)
        else:
            weights = weights[there]
            if weights.sum() < 0.5:
                weights = np.abs(weights)
            output.append(weights @ samples[there] / weights.sum())
    return np.array(output)


def exponential(x, alpha, omit=False):
    """(mean, std) from the weights of all samples so far, normalised at each sample there."""
    x = np.asarray(x, dtype=np.float64)
    weights = np.zeros(x.size)
    means = np.full(x.size, np.nan)
    stds = np.full(x.size, np.nan)
    for i, value in enumerate(x):
        weights *= 1 - alpha
        if not np.isnan(value):
            weights[i] = alpha if weights.any() else 1.0
            weights /= weights.sum()
        seen = ~np.isnan(x[: i + 1])
        if not seen.any() or (np.isnan(value) and not omit):
            continue
        w = weights[: i + 1][seen] / weights[: i + 1][seen].sum()
        means[i] = w @ x[: i + 1][seen]
        rest = 1 - w @ w
        spread = w @ (x[: i + 1][seen] - means[i]) ** 2
        stds[i] = np.sqrt(spread / rest) if seen.sum() > 1 else 0.0
    return means, stds


def interpolate_flagged(x, mask):
    """Straight lines in place of flagged samples."""
    x = np.asarray(x, dtype=np.float64)
    good = (mask == 0) & ~np.isnan(x)
    if not good.any():
        return np.where(mask == 0, x, np.nan)
    rows = np.arange(x.size)
    return np.where(mask == 0, x, np.interp(rows, rows[good], x[good]))


def published_smoothing_coefficients(window, deriv=0):
    """Closed forms for a quadratic (smoothing) and a linear (first derivative) fit."""
    k = window // 2
    i = np.arange(-k, k + 1)
    if deriv == 1:
        return 3 * i / (k * (k + 1) * window)
    return 3 * (3 * k**2 + 3 * k - 1 - 5 * i**2) / ((2 * k - 1) * window * (2 * k + 3))


def detrend(x, linear, omit=False):
    """Distance from the mean, or from the least-squares line."""
    x = np.asarray(x, dtype=np.float64)
    there = ~np.isnan(x)
    if not there.any() or not (omit or there.all()):
        return np.full(x.size, np.nan)
    rows = np.arange(x.size)
    order = min(int(linear), there.sum() - 1)
    origin = rows[there][0]
    line = np.polynomial.Polynomial.fit(rows[there] - origin, x[there], order, (0, x.size))
    return x - line(rows - origin)


def highpass(x, sections):
    """Cascade of second-order sections in direct form I, by the recursion as it is written."""
    x = np.asarray(x, dtype=np.float64)
    there = np.flatnonzero(~np.isnan(x))
    output = np.full(x.size, np.nan)
    if there.size == 0:
        return output
    begin = there[0]
    held = np.array([x[there[there <= i][-1]] for i in range(begin, x.size)])
    values = list((held - x[begin]).astype(np.longdouble))
    for section in sections:
        b, a = section[:3].astype(np.longdouble), section[3:].astype(np.longdouble)
        fed, values = values, []
        for i in range(len(fed)):
            total = sum(b[k] * fed[i - k] for k in range(3) if i >= k)
            values.append(total - sum(a[k] * values[i - k] for k in (1, 2) if i >= k))
    output[begin:] = values
    output[np.isnan(x)] = np.nan
    return output


def local_trend(x, q_level, q_slope, r, lag=0, omit=False, slope=False):
    """Level of a local linear trend (``q_slope=None``: local level) from samples up to ``lag`` on.

    The most likely path of level and slope, by least squares over all rows at once. With ``slope``
    its slope.
    """
    x = np.asarray(x, dtype=np.float64)
    output = np.full(x.size, np.nan)
    for i in range(x.size):
        seen = x[: i + lag + 1]
        there = np.flatnonzero(~np.isnan(seen))
        if there.size == 0 or there[0] > i or (np.isnan(x[i]) and not omit):
            continue
        if there.size == 1:
            output[i] = 0.0 if slope else seen[there[0]]
        else:
            path = _most_likely_path(seen[there[0] :], q_level, q_slope, r)
            output[i] = path[int(slope), i - there[0]]
    return output


def _most_likely_path(samples, q_level, q_slope, r):
    n = samples.size
    rows, values = [], []

    def expect(weights, value, variance):
        row = np.zeros(2 * n)  # levels, then slopes
        for position, weight in weights.items():
            row[position] = weight
        rows.append(row / np.sqrt(variance))
        values.append(value / np.sqrt(variance))

    for i, sample in enumerate(samples):
        if not np.isnan(sample):
            expect({i: 1.0}, sample, r)
        if i > 0:
            slope = {} if q_slope is None else {n + i - 1: -1.0}
            expect({i: 1.0, i - 1: -1.0} | slope, 0.0, q_level)
            if q_slope is not None:
                expect({n + i: 1.0, n + i - 1: -1.0}, 0.0, q_slope)
    return np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0].reshape(2, n)
