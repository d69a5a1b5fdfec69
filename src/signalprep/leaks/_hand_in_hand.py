"""Cycles of which each row lies beside a row of another: dealt out of one recording, or a copy.

Every second row as a drive of its own, or a copy with a little noise: then no channel is farther
from that of the other cycle than from its own next row. A course that is driven again keeps so
close in what the course sets, and not in what is slow: temperatures, charge, the target.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from signalprep.log import cycle_bounds
from signalprep.trial import Case

FEWEST_ROWS = 20
FEWEST_CHANNELS = 2
MOST = 0.8
SMOOTH = 0.45
"""A channel tells where it changes from row to row by less, of how far it goes from its median."""
LIKE = 0.3
"""Correlation of what is left with its next row, from which it is a drift and no noise."""
LITTLE = 0.1
"""Of the usual step: what is left then is nothing, be it a drift or not."""
RARE = 5.0
"""Times as far from it as its like are other cycles, half of them, but for their level."""
MOST_OTHERS = 20
NEIGHBOURS = 12
"""Cycles next to a cycle, in order of their first values, with which it is compared."""


def hand_in_hand(case: Case, apart: np.ndarray) -> list[tuple[int, int, int]]:
    """Pairs of cycles on both sides of a fold, and how many channels tell that they are."""
    values = numbers_by_channel(case)
    bounds = cycle_bounds(case.X)
    parts = [values[:, a:b] for a, b in pairwise(bounds.tolist())]
    found = []
    for a, b in sorted(_candidates(parts)):
        if apart[a, b]:
            telling = _telling(parts[a], parts[b])
            if telling.any() and _is_rare(parts, a, b, telling):
                found.append((a, b, int(telling.sum())))
    return found


def numbers_by_channel(case: Case) -> np.ndarray:
    """Channels of numbers without gaps, the target among them, (channels, rows)."""
    columns = [
        case.X.iloc[:, k].to_numpy(np.float64, na_value=np.nan)
        for k, dtype in enumerate(case.X.dtypes)
        if pd.api.types.is_numeric_dtype(dtype)
    ]
    values = np.array([*columns, case.numbers()])
    return values[np.isfinite(values).all(axis=1)]


def _candidates(parts: list[np.ndarray]) -> set[tuple[int, int]]:
    """Pairs of equal length whose channels begin next to each other, by any of them."""
    lengths = np.array([part.shape[1] for part in parts])
    firsts = np.array([part[:, 0] for part in parts]).T
    pairs: set[tuple[int, int]] = set()
    for first in firsts:
        order = np.argsort(first, kind="stable")
        for shift in range(1, min(NEIGHBOURS, len(order) - 1) + 1):
            for a, b in zip(order[:-shift].tolist(), order[shift:].tolist(), strict=True):
                if abs(lengths[a] - lengths[b]) <= 1 and min(lengths[a], lengths[b]) > FEWEST_ROWS:
                    pairs.add((min(a, b), max(a, b)))
    return pairs


def _is_rare(parts: list[np.ndarray], a: int, b: int, telling: np.ndarray) -> bool:
    """Whether other cycles are far less like it, levels apart: else all follow one programme."""
    others = [k for k in range(len(parts)) if k not in (a, b)][:MOST_OTHERS]
    if not others:
        return False
    usual = np.median([_shape_away(parts[a], parts[k]) for k in others], axis=0)
    rare = usual >= RARE * _shape_away(parts[a], parts[b])
    return int((rare & telling).sum()) >= FEWEST_CHANNELS


def _shape_away(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    n = min(a.shape[1], b.shape[1])
    away = b[:, :n] - a[:, :n]
    return np.asarray(away.std(axis=1))


def _telling(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Smooth channels in which two cycles go hand in hand; none where they part in one of them."""
    n = min(a.shape[1], b.shape[1])
    a, b = a[:, :n], b[:, :n]
    none = np.zeros(len(a), dtype=bool)
    step = _usual(np.diff(a, axis=1))
    away = _usual(b - a)
    smooth = (step > 0) & (step < SMOOTH * _usual(a - np.median(a, axis=1, keepdims=True)))
    if (away[smooth] > step[smooth]).any():
        return none
    telling = smooth & (away > 1e-9 * step)  # the same to the last digit: a programme, or a copy
    if telling.sum() < FEWEST_CHANNELS:
        return none
    a, b, step = a[telling], b[telling], step[telling, None]
    ahead, beside = (np.diff(a, axis=1) / step).ravel(), ((b - a)[:, :-1] / step).ravel()
    part = float(ahead @ beside / (ahead @ ahead))  # of a step, the same for all channels
    left = (b - a)[:, :-1] - part * np.diff(a, axis=1)
    size = np.sum(left**2, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        like = np.sum(left[:, 1:] * left[:, :-1], axis=1) / size
    little = np.sqrt(size / left.shape[1]) <= LITTLE * step[:, 0]
    return telling if (little | (like <= LIKE)).all() else none


def _usual(values: np.ndarray) -> np.ndarray:
    """The size that most values do not exceed, whatever a start or a stop does to the others."""
    return np.asarray(np.quantile(np.abs(values), MOST, axis=1))
