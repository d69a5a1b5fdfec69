"""Mean or least-squares line of each segment, subtracted.

With d = x - x_0, where x_0 is the first number of the segment, and the row i counted from its
centre c,

    mean = sum(d) / n,    slope = sum((i - c) d) / sum((i - c)^2),    out = d - (mean + slope (i -
    c)).

Sums of distances from x_0 keep the digits of a small signal on a large offset, and a constant gives
0 to the last bit.
"""

import numpy as np

from ._njit import njit
from ._taps import first_number

_LANES = 64  # sums side by side, as vector instructions want them


@njit(nogil=True, cache=True)
def _sums(
    signal: np.ndarray, origin: float, lanes: np.ndarray, facts: np.ndarray
) -> tuple[float, float]:
    """sum(d) and sum(i * d) for all rows i, with d = signal - origin; NaN when one is.

    ``facts`` gets sum(d), the least and the greatest value, NaN passed over.
    """
    plain, by_block, lows, highs = lanes[0], lanes[1], lanes[2], lanes[3]
    n = signal.size
    plain[:] = 0.0
    by_block[:] = 0.0
    lows[:] = np.inf
    highs[:] = -np.inf
    for begin in range(0, n, _LANES):
        block = signal[begin : begin + _LANES]
        number = float(begin // _LANES)
        for j in range(block.size):
            value = np.float64(block[j])
            distance = value - origin
            plain[j] += distance
            by_block[j] += number * distance
            lows[j] = value if value < lows[j] else lows[j]
            highs[j] = value if value > highs[j] else highs[j]
    total = 0.0
    moment = 0.0
    low = np.inf
    high = -np.inf
    for j in range(min(n, _LANES)):
        total += plain[j]
        moment += _LANES * by_block[j] + j * plain[j]
        low = min(low, lows[j])
        high = max(high, highs[j])
    facts[0], facts[1], facts[2] = total, low, high
    return total, moment


@njit(nogil=True, cache=True)
def _line_through_numbers(
    signal: np.ndarray, origin: float, linear: bool
) -> tuple[float, float, float]:
    """(mean, slope, centre) of the samples that are not NaN, in two passes."""
    n = 0
    total = 0.0
    rows = 0.0
    for i in range(signal.size):
        if not np.isnan(signal[i]):
            n += 1
            rows += i
            total += signal[i] - origin
    if n == 0:
        return np.nan, 0.0, 0.0
    mean = total / n
    centre = rows / n
    moment = 0.0
    squares = 0.0
    for i in range(signal.size):
        if not np.isnan(signal[i]):
            moment += (i - centre) * (signal[i] - origin - mean)
            squares += (i - centre) ** 2
    slope = moment / squares if linear and n > 1 else 0.0
    return mean, slope, centre


@njit(nogil=True, cache=True)
def _line(
    signal: np.ndarray,
    origin: float,
    lanes: np.ndarray,
    linear: bool,
    omit: bool,
    facts: np.ndarray,
) -> tuple[float, float, float]:
    """(mean, slope, centre) of the line through ``signal - origin``."""
    n = signal.size
    total, moment = _sums(signal, origin, lanes, facts)
    if omit and np.isnan(total):
        return _line_through_numbers(signal, origin, linear)
    centre = 0.5 * (n - 1)
    slope = 0.0
    if linear and n > 1:
        slope = (moment - centre * total) / (n * (float(n) * n - 1.0) / 12.0)
    return total / n, slope, centre


@njit(nogil=True, cache=True)
def detrend(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    linear: bool,
    omit: bool,
    facts: np.ndarray,
) -> None:
    """Subtract from each segment its mean, or its least-squares line when ``linear``.

    A NaN makes its segment NaN, or stays alone with ``omit``: the line is then fitted to the
    numbers. ``facts`` (n_channels, n_segments, 3) gets the sum, finite where all samples are, the
    least and the greatest value. Time: rows.
    """
    n_segments = bounds.size - 1
    lanes = np.empty((4, _LANES))
    for task in range(first, last):
        channel = task // n_segments
        signal = x[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        output = out[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        origin = np.float64(first_number(signal))
        found = facts[channel, task % n_segments]
        mean, slope, centre = _line(signal, origin, lanes, linear, omit, found)
        if slope == 0.0:
            for i in range(signal.size):
                output[i] = (signal[i] - origin) - mean
        else:
            for i in range(signal.size):
                output[i] = (signal[i] - origin) - (mean + slope * (i - centre))
