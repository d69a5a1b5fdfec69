"""Pairs of cycles that hold the same rows, digit for digit: copies too short or still to compare.

Eight rows in a row, of all channels, become one number. What is still for eight rows says nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from signalprep.log import cycle_bounds
from signalprep.model_selection._drive_match import Match

__all__ = ["same_rows"]

RUN = 8
FEWEST = 10
FACTOR = np.uint64(0x9E3779B97F4A7C15)


def same_rows(log: pd.DataFrame, min_overlap: float) -> dict[tuple[int, int], Match]:
    """Copies by the positions of both cycles, the smaller first; of several copies a chain."""
    bounds = cycle_bounds(log)
    number, cycle, row = _runs(log, bounds)
    order = np.lexsort((cycle, number))
    number, cycle, row = number[order], cycle[order], row[order]
    once = np.ones(len(number), dtype=bool)  # each run counts once in a cycle
    once[1:] = (number[1:] != number[:-1]) | (cycle[1:] != cycle[:-1])
    number, cycle, row = number[once], cycle[once], row[once]
    n_runs = np.bincount(cycle, minlength=len(bounds) - 1)
    meet = np.flatnonzero(number[1:] == number[:-1])
    lags: dict[tuple[int, int], list[int]] = defaultdict(list)
    for a, b, lag in zip(
        cycle[meet].tolist(),
        cycle[meet + 1].tolist(),
        (row[meet] - row[meet + 1]).tolist(),
        strict=True,
    ):
        lags[a, b].append(lag)
    found = {}
    for (a, b), all_ in lags.items():
        lag, count = Counter(all_).most_common(1)[0]
        if count >= max(FEWEST, min_overlap * min(n_runs[a], n_runs[b])):
            found[a, b] = Match(1.0, lag, count + RUN - 1, log.shape[1], True)
    return found


def _runs(log: pd.DataFrame, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, cycle and first row of each run of rows in which something changes."""
    rows = pd.util.hash_pandas_object(log, index=False).to_numpy()
    n = len(rows) - RUN + 1
    if n < 1:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, empty
    cycle = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    moves = np.zeros(n, dtype=bool)
    number: np.ndarray = np.zeros(n, dtype=np.uint64)
    for k in range(RUN):
        with np.errstate(over="ignore"):
            number = number * FACTOR + rows[k : n + k]
        moves |= rows[k : n + k] != rows[:n]
    whole = moves & (cycle[:n] == cycle[RUN - 1 :])
    place = np.arange(len(rows)) - bounds[cycle]
    return number[whole], cycle[:n][whole], place[:n][whole]
