"""Columns that follow the part of the cycle that is done, or the time that is left, in any shape.

Stages by thirds of a life, a countdown bent by a logarithm: nobody knows them before the end. What
a sensor, a set point or a clock tells does not stretch with the length of the cycle: an event comes
in a row, or so many rows before the end, but not in each cycle of another length at the same share
to the row. A programme that is stretched to a length known before would; that is told, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

Parts = list[np.ndarray]
FEWEST_ROWS = 10
LENGTHS_APART = 5
"""Rows between the longest and the shortest cycle: else all of them are of one length."""
CHANCE = 1e-4
"""With which events in fixed rows would come at one share."""
WITHIN = 0.98
"""Rows of a curve that lie between the values beside their share in the longest cycle."""
SAME = 1e-9


def follows_the_end(parts: Parts, seconds: Parts) -> str:
    """Words for a column that is a function of the part done or of the rows left."""
    n = np.array([len(part) for part in parts])
    if n.min() < FEWEST_ROWS or np.ptp(n) < LENGTHS_APART or len(set(n.tolist())) < 3:
        return ""
    if _by_steps(parts, seconds):
        return "goes in steps by the part of the cycle that is done"
    fine = all(2 * len(np.unique(part)) > len(part) for part in parts)
    if not fine or _alike(parts):
        return ""  # coarse, or a function of the time since the start
    if _alike([part[::-1] for part in parts]):
        return "is a function of the time to the cycle's end"
    return "is a function of the part of the cycle that is done" * _is_stretched(parts, seconds)


def _by_steps(parts: Parts, seconds: Parts) -> bool:
    """Whether the same levels follow each other and change at the same shares."""
    changes = [np.flatnonzero(np.diff(part)) + 1 for part in parts]
    n_changes = len(changes[0])
    if not 1 <= n_changes <= min(len(part) for part in parts) // 4:
        return False
    if any(len(rows) != n_changes for rows in changes):
        return False
    levels = np.array([part[np.r_[0, rows]] for part, rows in zip(parts, changes, strict=True)])
    if np.ptp(levels, axis=0).max() > SAME * np.ptp(levels):
        return False
    rows = np.array(changes)
    if _chance(rows, np.array([float(len(part)) for part in parts])) > CHANCE:
        return False
    return any(_meet(share, rows) for share in _shares(seconds))


def _shares(seconds: Parts) -> Iterator[Parts]:
    """Part of each cycle that is done in each row, in the ways in which it is counted."""
    rows = [np.arange(float(len(part))) for part in seconds]
    for before, more in ((0, 0), (0, -1), (1, 0)):
        yield [(part + before) / (len(part) + more) for part in rows]
    if all(np.ptp(part) > 0 for part in seconds):
        yield [(part - part[0]) / (part[-1] - part[0]) for part in seconds]


def _meet(shares: Parts, rows: np.ndarray) -> bool:
    """Whether one share lies between the row of each change and the row before, in all cycles."""
    after = np.array([share[at] for share, at in zip(shares, rows, strict=True)])
    before = np.array([share[at - 1] for share, at in zip(shares, rows, strict=True)])
    return bool((before.max(axis=0) <= after.min(axis=0) + SAME).all())


def _chance(rows: np.ndarray, n: np.ndarray) -> float:
    """Of events that come so many rows after the start, or before the end, to meet at a share."""
    share = (rows / n[:, None]).mean(axis=0)
    spread = np.minimum(share, 1 - share) * np.ptp(n) / n.max()
    widths = 2.0 / (n[1:, None] * np.maximum(spread, 1e-12))
    return float(np.prod(np.minimum(widths, 1.0)))


def _alike(parts: Parts) -> bool:
    """Whether all cycles hold the same values as far as they go."""
    longest = max(parts, key=len)
    close = SAME * float(np.ptp(longest))
    return all(bool((np.abs(part - longest[: len(part)]) <= close).all()) for part in parts)


def _is_stretched(parts: Parts, seconds: Parts) -> bool:
    """Whether all cycles follow the longest, drawn to their length."""
    at = int(np.argmax([len(part) for part in parts]))
    longest, n = parts[at], len(parts[at])
    reach = np.stack([longest[np.clip(np.arange(n) + k, 0, n - 1)] for k in (-1, 0, 1, 2)])
    low, high = reach.min(axis=0), reach.max(axis=0)

    def inside(part: np.ndarray, share: np.ndarray, of_longest: np.ndarray) -> float:
        place = np.searchsorted(of_longest, share + SAME, side="right").clip(1) - 1
        return float(np.mean((part >= low[place]) & (part <= high[place])))

    return _differ_in_time(parts) and any(
        all(inside(part, own, share[at]) >= WITHIN for part, own in zip(parts, share, strict=True))
        for share in _shares(seconds)
    )


def _differ_in_time(parts: Parts) -> bool:
    """Whether row by row, cycles are farther apart than when stretched: they are no constants."""
    shortest = min(len(part) for part in parts)
    step = max(float(np.abs(np.diff(part)).max()) for part in parts)
    away = max(
        float(np.abs(one[:shortest] - other[:shortest]).max()) for one, other in pairwise(parts)
    )
    return away > step
