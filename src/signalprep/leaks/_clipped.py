"""Channels that were clipped before the split, at quantiles or fences of all rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding, some
from signalprep.leaks._statistics import is_odd
from signalprep.trial import Case

SHARES = (0.0005, 0.001, 0.005, 0.01, 0.02, 0.025, 0.03, 0.05, 0.1)
FEWEST_CLIPPED = 8
FEWEST_BEYOND = 3
"""Rows at each fence."""
STEP = 0.05
"""Fences lie at so many of these interquartile ranges from the quartiles."""
SAME = 1e-9


class Ends(NamedTuple):
    """A channel in order: its lowest and highest value, rows at them and at the next ones."""

    ordered: np.ndarray
    values: tuple[float, float]
    counts: tuple[int, int]
    beside: tuple[int, int]


def clip_findings(case: Case) -> Iterator[Finding]:
    """Channels of which as many rows lie at the ends as clipping by all rows leaves there."""
    by_share: dict[float, list[str]] = {}
    by_fence: dict[float, list[str]] = {}
    alone: set[str] = set()
    for k, name in enumerate(case.X.columns):
        if not pd.api.types.is_float_dtype(case.X.dtypes.iloc[k]):
            continue
        ends = _ends(case.X.iloc[:, k].to_numpy(dtype=np.float64))
        if ends is None:
            continue
        share, fence = _share(ends), _fence(ends)
        if share:
            by_share.setdefault(share, []).append(str(name))
        elif fence:
            by_fence.setdefault(fence, []).append(str(name))
        if max(ends.beside) == 1 and all(is_odd(end) for end in ends.values):
            alone.add(str(name))
    for share, names in by_share.items():
        if len(names) > 1 or alone & set(names):
            what = (
                f"{some(names)}: just {100 * share:g} % of the rows lie at the lowest and just as "
                "many at the highest value, as clipping at quantiles of all rows leaves them, "
                "test rows among them."
            )
            yield _finding(names, 2 * share, "share of rows", what)
    for fence, names in by_fence.items():
        if len(names) > 1 or alone & set(names):
            what = (
                f"{some(names)}: cut {fence:g} interquartile ranges of all rows, test rows among "
                "them, beyond the quartiles."
            )
            yield _finding(names, fence, "interquartile ranges", what)


def _finding(names: list[str], effect: float, unit: str, what: str) -> Finding:
    severity = "leak" if len(names) > 1 else "warning"
    return Finding(severity, "clipped_before_split", "input", ", ".join(names), effect, unit, what)


def _ends(values: np.ndarray) -> Ends | None:
    """None for a channel that is the same throughout, or in all but one step."""
    ordered = np.sort(values[np.isfinite(values)])
    if len(ordered) < 4 * FEWEST_CLIPPED or ordered[0] == ordered[-1]:
        return None
    counts, beside = [], []
    for places in (ordered, -ordered[::-1]):
        first = int(np.searchsorted(places, places[0], side="right"))
        second = int(np.searchsorted(places, places[first], side="right"))
        counts.append(first)
        beside.append(second - first)
    low, high = float(ordered[0]), float(ordered[-1])
    return Ends(ordered, (low, high), (counts[0], counts[1]), (beside[0], beside[1]))


def _share(ends: Ends) -> float:
    """The usual share of rows that lies at each end; 0 for none.

    Of coarse values some more do, those that were there before: about as many as at the next one.
    """
    n = len(ends.ordered)
    if min(ends.counts) < FEWEST_CLIPPED:
        return 0.0
    for share in SHARES:
        least = int(share * (n - 1))
        if all(
            -1 <= count - 1 - least <= 1.5 * beside and 2 * beside <= max(least, 2)
            for count, beside in zip(ends.counts, ends.beside, strict=True)
        ):
            return share
    return 0.0


def _fence(ends: Ends) -> float:
    """How many interquartile ranges both ends are from the quartiles; 0 where that is no fence."""
    lower, upper = np.quantile(ends.ordered, [0.25, 0.75])
    (low, high), range_ = ends.values, float(upper - lower)
    if range_ <= 0 or min(ends.counts) < FEWEST_BEYOND:
        return 0.0
    fence = round((lower - low) / range_ / STEP) * STEP
    close = SAME * max(abs(low), abs(high), range_)
    both = max(abs(lower - fence * range_ - low), abs(upper + fence * range_ - high))
    return round(fence, 9) if fence > 0 and both <= close else 0.0
