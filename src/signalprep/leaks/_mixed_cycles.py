"""Cycles that are means of two others, row by row: drives mixed before the split."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from signalprep.leaks._hand_in_hand import numbers_by_channel
from signalprep.log import cycle_bounds
from signalprep.trial import Case

ROWS = 12
"""First rows of each cycle, which are enough: what is mixed lies on a line to the last digit."""
FEWEST_CHANNELS = 2
MOST_CYCLES = 400
SAME = 1e-10
RICH = 1e-6
"""Of a channel's deviation: by which it must differ otherwise than by a constant."""


def mixed_cycles(case: Case, apart: np.ndarray) -> list[tuple[int, int, int]]:
    """A cycle, and the two between which it lies, one of them on the other side of a fold."""
    values, bounds = numbers_by_channel(case), cycle_bounds(case.X)
    starts = np.array([a for a, b in pairwise(bounds.tolist()) if b - a >= ROWS])
    ids = np.flatnonzero(np.diff(bounds) >= ROWS)
    spread = values.std(axis=1)
    values = values[spread > 0] / spread[spread > 0, None]
    if not 3 <= len(starts) <= MOST_CYCLES or len(values) < FEWEST_CHANNELS:
        return []
    firsts = np.array([values[:, a : a + ROWS] for a in starts])
    found = []
    for k in range(len(starts)):
        for a, b in _on_lines_through(firsts, k):
            cycle, one, other = int(ids[k]), int(ids[a]), int(ids[b])
            if apart[cycle, one] or apart[cycle, other]:
                found.append((cycle, one, other))
    return found


def _on_lines_through(firsts: np.ndarray, k: int) -> list[tuple[int, int]]:
    """Pairs of others that lie on one line with this one, to either side of it."""
    away = firsts - firsts[k]
    rich = (np.ptp(away, axis=2) > RICH).sum(axis=1) >= FEWEST_CHANNELS
    flat = away.reshape(len(away), -1)
    size = np.linalg.norm(flat, axis=1)
    others = np.flatnonzero(rich & (size > 0))
    if len(others) < 2:
        return []
    flat = flat[others] / size[others, None]
    side = flat @ np.random.default_rng(0).normal(size=flat.shape[1])
    order = np.argsort(np.abs(side), kind="stable")
    pairs = []
    for a, b in pairwise(order.tolist()):
        near = abs(abs(side[a]) - abs(side[b])) <= SAME
        if near and side[a] * side[b] < 0 and np.abs(flat[a] + flat[b]).max() <= SAME:
            pairs.append((int(others[a]), int(others[b])))
    return pairs
