"""Columns of few values that are the target in bins: classes for a split that were left in.

In order of the target, such a column changes a few times only, each time between two neighbouring
values, however often the target passes there. What a gear, a mode or a sensor in coarse steps tells
of the target has noise, a delay or a hysteresis: it passes a border a row early or late, in some
cycle. Modes that lie far apart in the target leave a gap there, and a level that is one value of
the target (standing still) has no inside; both are left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

FEWEST_VALUES = 3
"""Of the target in each run along it."""
SPARSE = 10
"""Rows of a run at an end of the target, up to which it may have fewer values."""
FEWEST_PASSAGES = 6
"""More than the borders: rows in which the column changes as the target passes one of them."""
GAP = 12.0
"""Times the usual distance of the target's values beside a border: by chance some are as far."""
BESIDE = 10


class Binned(NamedTuple):
    """Into how many values a column bins the target, and how often it passes from one to another.

    `surely`: two bins may be a flag that a controller sets where a sensor of the target passes a
    limit; nobody sets three of them, or one bin amid the others.
    """

    n_levels: int
    passages: int
    surely: bool


def bins_of_target(of_row: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> Binned | None:
    """Whether the values of a column, numbered from 0, are bins of the target, or a row off."""
    place = np.arange(len(y))
    starts, ends = np.repeat(bounds[:-1], np.diff(bounds)), np.repeat(bounds[1:], np.diff(bounds))
    if _by_the_clock(of_row, place - starts):
        return None
    for lag in (0, 1, -1):
        found = _bins(of_row, y[np.clip(place - lag, starts, ends - 1)], bounds)
        if found is not None:
            return found
    return None


def _by_the_clock(of_row: np.ndarray, row: np.ndarray) -> bool:
    """Whether the row of its cycle tells the value, in whatever cycle: a counter of time."""
    pairs = len(np.unique(row * (int(of_row.max()) + 1) + of_row))
    return pairs == len(np.unique(row)) < len(row)


def _bins(of_row: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> Binned | None:
    order = np.lexsort((of_row, y))
    level, value = of_row[order], y[order]
    n_levels = int(level.max()) + 1
    edges = np.flatnonzero(np.diff(level)) + 1
    if len(edges) > max(n_levels - 1, 2) or (value[edges] == value[edges - 1]).any():
        return None
    edges = _between_full(value, edges)
    sharp = _n_sharp(value, edges)
    if sharp == 0 or 2 * sharp < len(edges):
        return None
    borders = (value[edges] + value[edges - 1]) / 2
    passages = sum(
        int(np.count_nonzero(np.diff(np.searchsorted(borders, y[a:b]))))
        for a, b in pairwise(bounds.tolist())
    )
    if passages < len(edges) + FEWEST_PASSAGES:
        return None
    return Binned(n_levels, passages, sharp > 1)


def _between_full(value: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Borders without those of sparse runs at both ends; none where another run is one value."""
    runs = list(pairwise([0, *edges.tolist(), len(value)]))
    full = [len(np.unique(value[a:b])) >= FEWEST_VALUES for a, b in runs]
    sparse = [not ok and b - a <= SPARSE for ok, (a, b) in zip(full, runs, strict=True)]
    first, last = 0, len(runs)
    while first < last and sparse[first]:
        first += 1
    while last > first and sparse[last - 1]:
        last -= 1
    return edges[first : last - 1] if all(full[first:last]) and last - first > 1 else edges[:0]


def _n_sharp(value: np.ndarray, edges: np.ndarray) -> int:
    """Borders to both sides of which the values lie within the usual distance."""
    levels = np.unique(value)
    steps = np.diff(levels)
    sharp = 0
    for at in np.searchsorted(levels, value[edges]).tolist():
        around = np.r_[steps[max(at - 1 - BESIDE, 0) : at - 1], steps[at : at + BESIDE]]
        sharp += bool(steps[at - 1] <= GAP * float(around.mean()))
    return sharp
