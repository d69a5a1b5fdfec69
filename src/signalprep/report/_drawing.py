"""Coordinates of the page's drawings: axes with round ticks, and lines as SVG paths."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from signalprep.wording import decimals_for, format_number

ROUND = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0)
SLACK = 1e-9  # of a step, for a multiple that rounding has put beyond an end


@dataclass(frozen=True)
class Scale:
    """A linear scale from values to the coordinates of a drawing."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Coordinate of a value, to a tenth of a pixel."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.stop - self.start), 1)

    def ticks(self, most: int) -> list[dict[str, object]]:
        """At most `most` + 1 round values within the scale, with their coordinates."""
        step, values = round_values(self.low, self.high, most)
        decimals = max(decimals_for([step], 1), decimals_for([step], 2) if step % 1 else 0)
        return [{"at": self(v), "text": format_number(v, decimals)} for v in values]


def round_values(low: float, high: float, most: int) -> tuple[float, list[float]]:
    """The least round step that leaves at most `most` spans between two values, and its multiples.

    Where fewer than two multiples lie between them, the next smaller step.
    """
    span = (high - low) / most
    power = 10.0 ** math.floor(math.log10(span))
    steps = [size * power for size in ROUND]
    last = next(k for k, step in enumerate(steps) if step >= span)
    for step in reversed(steps[: last + 1]):
        first, end = math.ceil(low / step - SLACK), math.floor(high / step + SLACK)
        if end > first:
            break
    return step, [k * step for k in range(first, end + 1)]


def scale_for(values: np.ndarray, start: float, stop: float, pad: float = 0.05) -> Scale:
    """A scale that holds the values with some room at both ends."""
    low, high = float(np.min(values)), float(np.max(values))
    room = pad * (high - low) if high > low else pad * abs(high) or 1.0
    return Scale(low - room, high + room, start, stop)


def thin(times: np.ndarray, values: np.ndarray, buckets: int) -> np.ndarray:
    """Rows of the smallest and largest value in each of `buckets` equal spans of time, in order.

    What a line drawn at that width would show, in at most ``2 * buckets`` points.
    """
    if len(times) <= 2 * buckets:
        return np.arange(len(times))
    width = (times[-1] - times[0]) / buckets
    bucket = np.minimum(((times - times[0]) / width).astype(np.int64), buckets - 1)
    order = np.lexsort((values, bucket))
    edges = np.flatnonzero(np.diff(bucket[order])) + 1
    first = np.concatenate(([0], edges))
    last = np.concatenate((edges, [len(order)])) - 1
    return np.unique(np.concatenate((order[first], order[last])))


def path(
    times: np.ndarray, values: np.ndarray, x: Scale, y: Scale, sample_time: float, buckets: int
) -> str:
    """A line as an SVG path, broken where the log has a gap."""
    rows = thin(times, values, buckets)
    longest = 1.5 * sample_time
    if len(rows) < len(times):
        longest = max(longest, 2.01 * (times[-1] - times[0]) / buckets)
    parts = []
    for k, row in enumerate(rows):
        starts = k == 0 or times[row] - times[rows[k - 1]] > longest
        parts.append(f"{'M' if starts else 'L'}{x(times[row]):g} {y(values[row]):g}")
        if starts:
            parts.append("h0")
    return "".join(parts)


def seconds_of(times: pd.Index) -> np.ndarray:
    """Times in seconds; points in calendar time count from the first."""
    if isinstance(times, pd.DatetimeIndex):
        times = times - times[0]
    if isinstance(times, pd.TimedeltaIndex):
        return times.total_seconds().to_numpy(dtype=float)
    return times.to_numpy(dtype=float)
