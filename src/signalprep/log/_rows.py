"""The rows of a clock: stamps of a channel, or a grid over each stretch that was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signalprep.errors import InvalidLogError
from signalprep.log._samples import EVEN
from signalprep.log._segments import GAP, JITTER

_MOST = 10**9


@dataclass(frozen=True, eq=False)
class Rows:
    """When the rows are.

    Attributes
    ----------
    stamps : ndarray of float64 of shape (n_rows,)
        Seconds; on their even grid where they are such a grid, rounded.
    recorded : ndarray of float64 of shape (n_rows,), or None
        The same as they were recorded; None for a grid that nobody recorded.
    bounds : ndarray of int64 of shape (n_cycles + 1,)
        Borders of the cycles.
    step : float
        Seconds between two rows; NaN where that is not known.
    """

    stamps: np.ndarray
    recorded: np.ndarray | None
    bounds: np.ndarray
    step: float

    @property
    def tolerance(self) -> float:
        """Seconds by which stamps differ that are the same but for the rounding of floats."""
        return max(EVEN * self.step if self.step > 0 else 0.0, noise(self.stamps))

    @property
    def shown(self) -> np.ndarray:
        """The stamps as recorded where these are regular, else on their even grid."""
        if self.recorded is None or self.recorded is self.stamps:
            return self.stamps
        regular = np.abs(np.diff(self.recorded) - self.step) <= JITTER * self.step
        gaps = np.diff(self.stamps) > GAP * self.step
        return self.recorded if (regular | gaps).all() else self.stamps

    def chosen(self, keep: np.ndarray) -> Rows:
        """Some of the rows."""
        recorded = None if self.recorded is None else self.recorded[keep]
        bounds = np.append(0, np.cumsum(keep))[self.bounds]
        return Rows(self.stamps[keep], recorded, bounds, self.step)

    def before(self) -> Rows:
        """The row before each, where there is one within 1.5 steps; else a step before it."""
        step = self.step if self.step > 0 else 0.0
        first = np.zeros(len(self.stamps), dtype=bool)
        first[self.bounds[:-1][self.bounds[:-1] < len(first)]] = True
        near = ~first & (np.diff(self.stamps, prepend=0.0) <= GAP * step)

        def moved(stamps: np.ndarray) -> np.ndarray:
            return np.where(near, np.roll(stamps, 1), stamps - step)

        recorded = None if self.recorded is None else moved(self.recorded)
        return Rows(moved(self.stamps), recorded, self.bounds, self.step)


def noise(stamps: np.ndarray) -> float:
    """Seconds that floats of this size cannot tell apart."""
    return 4.0 * float(np.spacing(np.abs(stamps).max())) if len(stamps) else 0.0


def grid(stamps: Sequence[np.ndarray], limits: Sequence[float], rate: float) -> np.ndarray:
    """Times at `rate` over the stretches of one cycle in which some channel is fresh.

    A stretch ends with its last stamp, and the grid starts anew with the first stamp after a
    stretch in which nothing was fresh.

    Parameters
    ----------
    stamps : sequence of ndarray
        Stamps of the samples of each channel.
    limits : sequence of float
        How long each is fresh; a stretch lasts 1.5 steps of the grid at least.
    rate : float
        In Hz.
    """
    runs = [_runs(own, max(limit, GAP / rate)) for own, limit in zip(stamps, limits, strict=True)]
    first, last, reach = (np.concatenate(part) for part in zip(*runs, strict=True))
    if len(first) == 0:
        return first
    order = np.argsort(first, kind="stable")
    first, last, reach = first[order], last[order], np.maximum.accumulate(reach[order])
    parts = np.append(0, np.flatnonzero(first[1:] > reach[:-1]) + 1)
    first, last = first[parts], np.maximum.reduceat(last, parts)
    counts = np.floor((last - first) * rate + EVEN).astype(np.int64) + 1
    if counts.sum() > _MOST:
        raise InvalidLogError(
            f"a grid must have {_MOST:.3g} rows at most; rate={rate:g} Hz from {first[0]:.6g} s to "
            f"{last.max():.6g} s would have {counts.sum():.3g}. Lower rate=, leave out the channel "
            "with stamps of another time, or set hold= to what a value is worth"
        )
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first, counts) + number / rate


def _runs(stamps: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last stamp of the runs that the limit bridges, and how far each is fresh."""
    if len(stamps) == 0:
        return stamps, stamps, stamps
    allowed = limit * (1.0 + EVEN) + noise(stamps[[0, -1]])
    cuts = np.flatnonzero(np.diff(stamps) > allowed)
    first = stamps[np.append(0, cuts + 1)]
    last = stamps[np.append(cuts, len(stamps) - 1)]
    return first, last, last + allowed
