"""Whether values beside the rows of a log were made of its target: smoothed, filtered, coarse."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from signalprep.leaks._carried import way_within
from signalprep.leaks._proxies import COPY, best_match

TAPS = 20
"""Rows before and after of which a filter is looked for."""
SETTLED = 0.5
"""Part of a cycle after which an exponential mean has forgotten its start."""
FEWEST_LEVELS = 3
EXACT, PLAIN = 1e-6, 1e-3
"""Of how much the values change from row to row."""


def made_of_target(values: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> str:
    """What of the target values are, in words with a place for it; "" for another sensor."""
    if not np.isfinite(values).all() or np.ptp(values) == 0 or np.ptp(y) == 0:
        return ""
    if best_match(values, y, bounds).explained >= COPY:
        return "{}, shifted, scaled or smoothed"
    if _is_coarse(values, y, bounds):
        return "{} in coarse steps"
    if np.corrcoef(values, y)[0, 1] ** 2 < 0.5:
        return ""
    way = way_within(values, y, bounds)
    if way:
        return f"{way} of {{}}"
    return "{} behind a filter" * _is_filtered(values, y, bounds)


def _is_coarse(values: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> bool:
    """Whether values never fall where the target rises, although they change within cycles."""
    levels = np.unique(values)
    moving = np.mean([np.ptp(values[a:b]) > 0 for a, b in pairwise(bounds)])
    if not FEWEST_LEVELS <= len(levels) <= len(values) // 2 or moving < 0.5:
        return False
    order = np.lexsort((values, y))
    rises = np.diff(values[order])
    return bool((rises >= 0).all() or (np.diff(values[np.lexsort((-values, y))]) <= 0).all())


def _is_filtered(values: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> bool:
    """Whether values follow, to the last digits, from the target beside them and from their own.

    What follows from their own alone, as a line or a wave does, says nothing.
    """
    rows = [
        np.arange(max(a + int(SETTLED * (b - a)), a + TAPS), b - TAPS) for a, b in pairwise(bounds)
    ]
    place = np.concatenate(rows)
    own = np.column_stack([values[place - 1], values[place - 2], np.ones(len(place))])
    given = y[place[:, None] + np.arange(-TAPS, TAPS + 1)]
    step = float(np.std(np.diff(values)))
    if len(place) < 3 * (own.shape[1] + given.shape[1]) or step == 0:
        return False

    def left(inputs: np.ndarray) -> float:
        found = np.linalg.lstsq(inputs, values[place], rcond=None)[0]
        return float(np.abs(inputs @ found - values[place]).max())

    return left(own) > PLAIN * step and left(np.hstack([own, given])) <= EXACT * step
