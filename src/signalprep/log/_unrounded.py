"""Stamps of an even grid that were rounded when they were written, put back on that grid."""

from __future__ import annotations

import numpy as np

_DECIMALS = 10  # of a second
_NOISE = 1e-6  # of the resolution
_TELLING = 0.05  # of the resolution: what is less may be float noise
_GOLDEN = (5**0.5 - 1.0) / 2.0
_ROUNDS = 60


def unrounded(
    seconds: np.ndarray, bounds: np.ndarray, sample_time: float | None = None
) -> np.ndarray | None:
    """The even grid whose rounded stamps these are; None where they are those of none.

    Stamps are whole multiples of a resolution q, a power of ten of a second. They are put on a grid
    when one sample time dt holds for all cycles and none of them is off by more than q / 2 from
    ``t0 + k * dt``, with a t0 for each stretch between two gaps (a step above about 1.5 dt).
    A sample time that is a whole rate in Hz or a whole number of seconds comes first, then the one
    with the least greatest deviation. Where q is not smaller than dt / 2, or dt is a multiple of
    q, so that no rounding shows, there is no such grid.

    Parameters
    ----------
    seconds : ndarray of float64 of shape (n,)
        Stamps, increasing inside a cycle.
    bounds : ndarray of int64 of shape (n_cycles + 1,)
        Borders of the cycles.
    sample_time : float, default=None
        A sample time to try before all others.
    """
    unit = resolution(seconds)
    if unit is None:
        return None
    step = np.diff(seconds)
    inside = np.ones(len(step), dtype=bool)
    borders = bounds[(bounds > 0) & (bounds < len(seconds))]  # a cycle may have none
    inside[borders - 1] = False
    if not inside.any() or not (step[inside] > 0).all():
        return None
    gap = ~inside | (step > 1.5 * np.median(step[inside]) + 0.25 * unit)
    near = step[~gap]
    if not len(near) or not 0.5 < np.ptp(near) / unit < 2.5:
        return None  # even as it is, or more than rounding
    if not unit < 0.5 * near.mean():
        return None
    pieces = _Pieces(seconds, np.append(0, np.flatnonzero(gap) + 1), unit)
    dt = pieces.sample_time(sample_time)
    return None if dt is None else pieces.grid(dt)


def resolution(seconds: np.ndarray) -> float | None:
    """The largest power of ten (up to 1 s) of which all stamps are multiples; None: none is."""
    for decimals in range(_DECIMALS):
        if all(are_multiples(part, 10.0**-decimals) for part in (seconds[:100], seconds)):
            return 10.0**-decimals
    return None


def are_multiples(seconds: np.ndarray, unit: float) -> bool:
    """Whether all stamps are multiples of a unit, which floats of their size can tell."""
    if not len(seconds):
        return True
    noise = 4.0 * float(np.spacing(np.abs(seconds).max())) / unit
    ratio = seconds / unit
    return noise < _TELLING and bool((np.abs(ratio - np.rint(ratio)) <= max(noise, _NOISE)).all())


class _Pieces:
    """Stretches without gaps, and how far their stamps are from a grid."""

    def __init__(self, seconds: np.ndarray, starts: np.ndarray, unit: float) -> None:
        lengths = np.diff(np.append(starts, len(seconds)))
        self.starts, self.lengths, self.unit = starts, lengths, unit
        self.first = seconds[starts]
        self.number = np.arange(len(seconds)) - np.repeat(starts, lengths)
        self.elapsed = seconds - np.repeat(self.first, lengths)
        noise = 8.0 * float(np.spacing(np.abs(seconds).max()))
        self.allowed = unit * (1.0 + _NOISE) + noise

    def off(self, dt: float) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest distance of each stretch's stamps from the grid of its first."""
        distance = self.elapsed - self.number * dt
        return (
            np.minimum.reduceat(distance, self.starts),
            np.maximum.reduceat(distance, self.starts),
        )

    def spread(self, dt: float) -> float:
        least, greatest = self.off(dt)
        return float((greatest - least).max())

    def sample_time(self, wanted: float | None) -> float | None:
        """The sample time that explains all stamps, None where none does."""
        k = int(np.argmax(self.lengths))
        steps = self.lengths[k] - 1
        if steps < 1:
            return None
        length = self.elapsed[self.starts[k] + steps]
        low, high = (length - self.allowed) / steps, (length + self.allowed) / steps
        for dt in (wanted, 1.0 / max(1, round(steps / length)), float(round(length / steps))):
            if dt is not None and low <= dt <= high and self.explains(dt, self.spread(dt)):
                return dt
        return self._least_spread(low, high)

    def explains(self, dt: float, spread: float) -> bool:
        """Whether rounding alone moves the stamps: of a grid of whole units it moves none."""
        drift = abs(dt / self.unit - round(dt / self.unit)) * float(self.lengths.max())
        return spread <= self.allowed and drift >= _TELLING

    def _least_spread(self, low: float, high: float) -> float | None:
        """Golden section: the spread is a convex function of the sample time."""
        enough = 1e-3 * (high - low)
        inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
        spreads = [self.spread(dt) for dt in inner]
        for _ in range(_ROUNDS):
            best = int(spreads[1] < spreads[0])
            if high - low <= enough and self.explains(inner[best], spreads[best]):
                return inner[best]
            if best:
                low = inner[0]
                inner = [inner[1], low + _GOLDEN * (high - low)]
                spreads = [spreads[1], self.spread(inner[1])]
            else:
                high = inner[1]
                inner = [high - _GOLDEN * (high - low), inner[0]]
                spreads = [self.spread(inner[0]), spreads[0]]
        return None

    def grid(self, dt: float) -> np.ndarray:
        """Stamps on the grid: at multiples of `dt`, else from the first stamp, where that fits."""
        least, greatest = self.off(dt)
        half = 0.5 * self.allowed
        low, high = self.first + greatest - half, self.first + least + half
        middle = 0.5 * (low + high)
        start = np.where((low <= self.first) & (self.first <= high), self.first, middle)
        multiple = np.rint(middle / dt)
        whole = (low <= multiple * dt) & (multiple * dt <= high)
        number = self.number + np.repeat(np.where(whole, multiple, 0.0), self.lengths)
        hertz = round(1.0 / dt) if dt < 1.0 else 0
        steps = number / hertz if hertz and 1.0 / hertz == dt else number * dt
        return np.repeat(np.where(whole, 0.0, start), self.lengths) + steps
