"""Columns that are another one counted from, or measured by, a statistic of each whole cycle.

In each cycle such a column is the other on a straight line, to the last digits; the line's zero or
its unit is the other's last value, mean, maximum and so on. An offset or a gain that a sensor has
in each drive, a tare before it, a value of the first rows: none of these is in four cycles or more,
to six digits, what the whole cycle says and its early rows do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

Parts = list[np.ndarray]
StatisticOf = Callable[[np.ndarray, Parts], str]
FEWEST_CYCLES = 4
ON_A_LINE = 1e-9
"""Of a column's deviation in a cycle."""
SAME = 1e-9
EXTREMES = ("minimum", "maximum")


class Counted(NamedTuple):
    """Which column is another, or its running sum, counted or measured how, in words."""

    column: int
    source: int
    summed: bool
    words: str


def counted_from_end(
    values: np.ndarray,
    bounds: np.ndarray,
    n_columns: int,
    told: set[int],
    statistic_of: StatisticOf,
) -> Iterator[Counted]:
    """Each column that is on a line of a row of `values`, (channels, rows), in every cycle.

    The first rows of `values` are the columns that are judged; the others are sources alone, such
    as the target. Running sums of all are sources, too. What is told of already, and what is told
    here of later columns, which are more often made of earlier ones, is no source.
    """
    sums = np.concatenate([values[:, a:b].cumsum(axis=1) for a, b in pairwise(bounds)], axis=1)
    both = np.vstack([values, sums])
    told = set(told)
    for column, source in _on_lines(both, bounds, n_columns):
        if column in told or source % len(values) in {*told, column}:
            continue
        lines = _lines(both[column], both[source], bounds)
        if lines is None:
            continue
        unit, zero, parts = lines
        words = _words(unit, zero, parts, statistic_of, source >= len(values))
        if words:
            told.add(column)
            yield Counted(column, source % len(values), source >= len(values), words)


def _words(
    unit: np.ndarray, zero: np.ndarray, parts: Parts, statistic_of: StatisticOf, summed: bool
) -> str:
    """What the line's zero or unit is in all cycles.

    The extreme of a running sum tells nothing: a channel that touches a bound in every cycle, such
    as a speed with a stop or a pedal let go, is its own differences counted from there.
    """
    for numbers, words in ((zero, "counted from its {}"), (unit, "measured by its {}")):
        if np.ptp(numbers) > SAME * np.abs(numbers).max():
            found = statistic_of(numbers, parts)
            if found and not (summed and found in EXTREMES):
                return words.format(found)
    return ""


def _on_lines(both: np.ndarray, bounds: np.ndarray, n_columns: int) -> list[tuple[int, int]]:
    """Pairs on a line in the cycle in which most channels move."""
    pieces = [both[:, a:b] for a, b in pairwise(bounds) if b - a > 2]
    if not pieces:
        return []
    one = max(pieces, key=lambda piece: int((np.ptp(piece, axis=1) > 0).sum()))
    one = one - one.mean(axis=1, keepdims=True)
    size = np.sqrt(np.sum(one**2, axis=1))
    one = np.divide(one, size[:, None], out=np.zeros_like(one), where=size[:, None] > 0)
    like = one[:n_columns] @ one.T
    columns, sources = np.nonzero(1 - np.abs(like) <= 1e-12)
    return list(zip(columns[::-1].tolist(), sources[::-1].tolist(), strict=True))


def _lines(
    c: np.ndarray, x: np.ndarray, bounds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Parts] | None:
    """Unit and zero in each cycle in which the source moves, and these cycles of it."""
    units, zeros, parts = [], [], []
    for a, b in pairwise(bounds):
        there, here = x[a:b], c[a:b]
        if np.ptp(there) == 0:
            if np.ptp(here) > 0:
                return None
            continue
        away = there - there.mean()
        slope = float(away @ here / (away @ away))
        left = here - here.mean() - slope * away
        rounding = 1e-14 * max(float(np.abs(here).max()), abs(slope) * float(np.abs(there).max()))
        if slope == 0 or np.abs(left).max() > ON_A_LINE * float(here.std()) + rounding:
            return None
        units.append(1.0 / slope)
        zeros.append(float(there.mean()) - float(here.mean()) / slope)
        parts.append(there)
    if len(parts) < FEWEST_CYCLES:
        return None
    return np.array(units), np.array(zeros), parts
