"""Gaps that were filled with a statistic of all rows, or of the whole cycle, before the split."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding, some
from signalprep.leaks._statistics import is_odd
from signalprep.log import cycle_bounds
from signalprep.trial import Case

FEWEST = 5
"""Rows that hold the value, and how many times as often as any other: gaps, and not a level."""
FEWEST_CYCLES = 3
SHARE = 0.8
"""Of the cycles in which a value comes again, those in which it is the mean of the others."""
SAME = 1e-9
"""Of the deviation."""


FEWEST_CHANNELS = (2, 3)
"""That tell the same for a warning, and for a leak, where chance may meet one."""


class Filled(NamedTuple):
    """By what gaps were filled; sure where chance does not meet it."""

    kind: str
    statistic: str
    sure: bool


def filled_findings(case: Case) -> Iterator[Finding]:
    """Channels in which one value comes again and is the mean or median of all the others."""
    bounds = cycle_bounds(case.X)
    found: dict[Filled, list[str]] = {}
    for k, name in enumerate(case.X.columns):
        if pd.api.types.is_float_dtype(case.X.dtypes.iloc[k]):
            filled = _filled(case.X.iloc[:, k].to_numpy(np.float64), bounds)
            if filled is not None:
                found.setdefault(filled, []).append(str(name))
    for filled, names in found.items():
        least, sure = (1, 1) if filled.sure else FEWEST_CHANNELS
        if len(names) < least:
            continue
        whole = filled.kind == "lookahead"
        of = "of the rest of their cycle" if whole else "of all other rows"
        who = "nobody knows before the cycle ends" if whole else "was learned from test rows, too"
        yield Finding(
            "leak" if len(names) >= sure else "warning",
            filled.kind,
            "input",
            ", ".join(names),
            float(len(names)),
            "channels",
            f"{some(names)}: gaps hold the {filled.statistic} {of}, which {who}.",
        )


def _filled(values: np.ndarray, bounds: np.ndarray) -> Filled | None:
    known = np.sort(values[np.isfinite(values)])
    if len(known) < 4 * FEWEST or known[0] == known[-1]:
        return None
    value, count, next_count = _most_frequent(known)
    if count >= FEWEST and count > FEWEST * next_count and is_odd(value):
        sure = _middle(known, value, count)
        if sure:
            return sure
    if count >= 2:
        return _filled_by_cycle(values, bounds)
    return None


def _most_frequent(ordered: np.ndarray) -> tuple[float, int, int]:
    """The value that comes most often, how often, and how often the next one does."""
    starts = np.flatnonzero(np.r_[True, np.diff(ordered) > 0])
    counts = np.diff(np.r_[starts, len(ordered)])
    most = int(np.argmax(counts))
    others = np.delete(counts, most)
    return float(ordered[starts[most]]), int(counts[most]), int(others.max(initial=0))


def _middle(ordered: np.ndarray, value: float, count: int) -> Filled | None:
    """Whether a value is the mean or the median of the others."""
    first = int(np.searchsorted(ordered, value))
    rest = np.delete(ordered, np.s_[first : first + count])
    close = SAME * float(rest.std())
    if abs(float(rest.mean()) - value) <= close:
        return Filled("test_statistics", "mean", True)
    if len(rest) % 2 == 0 and abs(float(np.median(rest)) - value) <= close:
        return Filled("test_statistics", "median", True)
    if len(rest) % 2 == 0 and 2 * first == len(rest):  # one of them is the median of an odd number
        return Filled("test_statistics", "median", False)
    return None


def _filled_by_cycle(values: np.ndarray, bounds: np.ndarray) -> Filled | None:
    """Whether the value that comes again in a cycle is in the middle of the others, in most."""
    told = again = 0
    for start, stop in pairwise(bounds.tolist()):
        part = values[start:stop]
        part = np.sort(part[np.isfinite(part)])
        if len(part) < FEWEST or part[0] == part[-1]:
            continue
        value, count, next_count = _most_frequent(part)
        if count < 2 or count <= next_count or not is_odd(value):
            continue
        again += 1
        rest = part[part != value]
        mean = abs(float(rest.mean()) - value) <= SAME * float(rest.std())
        told += mean or 2 * int((rest < value).sum()) == len(rest)
    if told >= FEWEST_CYCLES and told >= SHARE * again:
        return Filled("lookahead", "mean or median", True)
    return None
