"""Cycles that are pieces of one recording: one begins where another ends, by clock or by values."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import binom

from signalprep.log import cycle_bounds
from signalprep.trial import Case

FEWEST_BORDERS = 3
SHARE = 0.3
"""Borders, of all, at which values go on."""
CHANCE = 1e-4
STEP = 3.0
"""Usual steps from row to row within which a value goes on."""
MOST = 90.0
RESTING = 0.2  # of a channel's deviation
ALL = 0.9  # of the channels that tell
MOST_OTHERS = 40


def touching_by_clock(spans: np.ndarray, dt: float) -> list[tuple[int, int]]:
    """Pairs of which the second starts a sample after the first ends; spans are first and last."""
    order = np.argsort(spans[:, 0], kind="stable")
    gaps = [(int(a), int(b), float(spans[b, 0] - spans[a, 1])) for a, b in pairwise(order)]
    return [(a, b) for a, b, gap in gaps if 0 < gap <= 1.5 * dt]


def touching_by_values(case: Case) -> list[tuple[int, int]]:
    """Neighbours in the log of which the second goes on where the first ends.

    Drives that end and start at rest say nothing, although a charge goes on: of the channels that
    change mostly within cycles, if there are any, one must be moving at their ends. Two channels
    must tell, as their ends differ from cycle to cycle by more than they change from row to row.
    """
    bounds = cycle_bounds(case.X)
    numeric = [k for k, dtype in enumerate(case.X.dtypes) if pd.api.types.is_numeric_dtype(dtype)]
    columns = [case.X.iloc[:, k].to_numpy(np.float64, na_value=np.nan) for k in numeric]
    values = np.column_stack([*columns, case.numbers()])
    n = len(bounds) - 1
    if n <= FEWEST_BORDERS:
        return []
    first, last = values[bounds[:-1]], values[bounds[1:] - 1]
    inside = np.ones(len(values) - 1, dtype=bool)
    inside[bounds[1:-1] - 1] = False
    with np.errstate(invalid="ignore"):
        steps = np.abs(np.diff(values, axis=0))[inside]
    known = np.isfinite(values).all(axis=0)
    if not known.any():
        return []
    values, first, last = values[:, known], first[:, known], last[:, known]
    allowed = STEP * np.percentile(steps[:, known], MOST, axis=0)
    beside = np.abs(first[1:] - last[:-1]) <= allowed
    others = np.concatenate(
        [np.abs(np.roll(first, -shift, axis=0) - last) <= allowed for shift in _shifts(n)]
    )
    telling = others.mean(axis=0) <= 0.5
    fast = _is_fast(values, bounds)
    at_rest = np.std(np.concatenate([first, last]), axis=0) < RESTING * np.std(values, axis=0)
    if telling.sum() < 2 or (fast.any() and not (fast & ~at_rest).any()):
        return []
    found = np.flatnonzero(beside[:, telling].mean(axis=1) >= ALL)
    usual = max(float((others[:, telling].mean(axis=1) >= ALL).mean()), 1.0 / len(others))
    few = len(found) < max(FEWEST_BORDERS, SHARE * (n - 1))
    if few or binom.sf(len(found) - 1, n - 1, usual) > CHANCE:
        return []
    return [(int(k), int(k) + 1) for k in found]


def between_neighbours(case: Case, touching: list[tuple[int, int]]) -> float:
    """Share of the target's variance that follows the line between the pieces beside a piece.

    From the last value of the piece before to the first of the piece after; of one, its value.
    """
    bounds, y = cycle_bounds(case.X), case.numbers()
    before, after = {b: a for a, b in touching}, dict(touching)
    truth, line = [], []
    for k in sorted({*before, *after}):
        start, stop = int(bounds[k]), int(bounds[k + 1])
        ends = [y[bounds[before[k] + 1] - 1]] if k in before else []
        ends += [y[bounds[after[k]]]] if k in after else []
        truth.append(y[start:stop])
        line.append(np.linspace(ends[0], ends[-1], stop - start + 2)[1:-1])
    one, other = np.concatenate(truth), np.concatenate(line)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    likeness = float(np.corrcoef(one, other)[0, 1])
    return likeness**2 if likeness > 0 else 0.0


def _shifts(n: int) -> range:
    """Cycles farther on, with which a cycle is compared to know what is usual."""
    return range(2, min(n - 1, MOST_OTHERS))


def _is_fast(values: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Channels that change more within cycles than from cycle to cycle."""
    within = [np.var(values[a:b], axis=0) * (b - a) for a, b in pairwise(bounds)]
    return np.asarray(np.sum(within, axis=0) >= 0.5 * np.var(values, axis=0) * len(values))
