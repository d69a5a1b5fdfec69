"""The rows of a clock: a grid over each stretch that was recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from signalprep.log._segments import GAP

EVEN = 1e-6  # of a step: stamps that differ by less differ by the rounding of floats


def tolerance(step: float, times: np.ndarray) -> float:
    """Seconds by which two stamps differ that are the same but for rounded floats."""
    largest = float(np.abs(times[[0, -1]]).max()) if len(times) else 0.0
    return max(EVEN * step if step > 0 else 0.0, 4.0 * float(np.spacing(largest)))


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
    counts = np.floor((last - first) * rate * (1.0 + 1e-12) + EVEN).astype(np.int64) + 1
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first, counts) + number / rate


def _runs(stamps: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last stamp of the runs that the limit bridges, and how far each is fresh."""
    if len(stamps) == 0:
        return stamps, stamps, stamps
    allowed = limit * (1.0 + 1e-9) + tolerance(0.0, stamps)
    cuts = np.flatnonzero(np.diff(stamps) > allowed)
    first = stamps[np.append(0, cuts + 1)]
    last = stamps[np.append(cuts, len(stamps) - 1)]
    return first, last, last + allowed
