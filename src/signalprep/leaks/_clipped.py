"""Channels that were clipped before the split, at quantiles or fences of all rows."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.leaks._finding import Finding, some
from signalprep.leaks._statistics import is_odd
from signalprep.trial import Case

SHARES = (0.0005, 0.001, 0.005, 0.01, 0.02, 0.025, 0.03, 0.05, 0.1)
FEWEST_CLIPPED = 8
CHANCES = (0.1, 2e-3)
"""With which ends are met so well by limits of training rows: for a warning, and for a leak."""
LEFT_OUT = 0.3
"""Of all rows those that are not for training."""
FEWEST_BEYOND = 3
"""Rows at each fence."""
FEWEST_LEVELS = 20
STEP = 0.05
"""Fences lie at so many of these interquartile ranges from the quartiles."""
SAME = 1e-9


class Ends(NamedTuple):
    """A channel in order: its lowest and highest value, rows at them and at the next ones."""

    ordered: np.ndarray
    values: tuple[float, float]
    counts: tuple[int, int]
    beside: tuple[int, int]

    @property
    def piled(self) -> bool:
        """Whether many rows lie at each end, and fewer at the value next to it."""
        fewest = zip(self.counts, self.beside, strict=True)
        return all(count >= FEWEST_BEYOND and count > 2 * beside for count, beside in fewest)


def clip_findings(case: Case) -> Iterator[Finding]:
    """Channels of which as many rows lie at the ends as clipping by all rows leaves there."""
    piled = {}
    for k, name in enumerate(case.X.columns):
        if pd.api.types.is_float_dtype(case.X.dtypes.iloc[k]):
            ends = _ends(case.X.iloc[:, k].to_numpy(dtype=np.float64))
            if ends is not None and ends.piled:
                piled[str(name)] = ends
    yield from _at_shares(piled)
    yield from _at_fences(piled)


def _at_shares(piled: dict[str, Ends]) -> Iterator[Finding]:
    """Channels clipped at one share, all but a few of those that are clipped at odd limits.

    Limits of training rows leave about as many rows beyond, too, and meet the number by chance.
    """
    odd = [name for name, ends in piled.items() if all(is_odd(end) for end in ends.values)]
    for share in SHARES:
        chances = {name: _chance(ends, share) for name, ends in piled.items()}
        met = [name for name, chance in chances.items() if chance < 1.0]
        chance = prod(chances[name] for name in met)
        missed = [name for name in odd if chances[name] >= 1.0]
        if not met or chance > CHANCES[0] or 5 * len(missed) > len(met):
            continue
        if len(met) == 1 and met[0] not in odd:
            continue
        yield _finding(
            "leak" if chance <= CHANCES[1] and len(met) > 1 else "warning",
            met,
            2 * share,
            "share of rows",
            f"{some(met)}: just {100 * share:g} % of the rows lie at the lowest and just as many "
            "at the highest value, as clipping at quantiles of all rows leaves them, test rows "
            "among them.",
        )
        return


def _at_fences(piled: dict[str, Ends]) -> Iterator[Finding]:
    """Channels of which both ends lie at the same distance from the quartiles of all rows."""
    by_fence: dict[float, list[str]] = {}
    for name, ends in piled.items():
        fence = _fence(ends)
        if fence:
            by_fence.setdefault(fence, []).append(name)
    for fence, names in by_fence.items():
        yield _finding(
            "leak" if len(names) > 1 else "warning",
            names,
            fence,
            "interquartile ranges",
            f"{some(names)}: cut {fence:g} interquartile ranges of all rows, test rows among "
            "them, beyond the quartiles.",
        )


def _finding(severity: str, names: list[str], effect: float, unit: str, what: str) -> Finding:
    return Finding(severity, "clipped_before_split", "input", ", ".join(names), effect, unit, what)


def _ends(values: np.ndarray) -> Ends | None:
    """None for a channel that is too short, or the same throughout."""
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


def _chance(ends: Ends, share: float) -> float:
    """With which limits of training rows would leave such a share of all rows at both ends.

    1.0 where it is another share. Of coarse values some more lie at an end, those that were there
    before: about as many as at the next value.
    """
    least = int(share * (len(ends.ordered) - 1)) + 1
    deviation = sqrt(LEFT_OUT * least)
    chance = 1.0
    for count, beside in zip(ends.counts, ends.beside, strict=True):
        most = least + (1 if beside == 1 else 1.5 * beside)
        if count < FEWEST_CLIPPED or not least <= count <= most:
            return 1.0
        chance *= min(1.0, 0.4 * (most - least + 1) / deviation)
    return chance


def _fence(ends: Ends) -> float:
    """How many interquartile ranges both ends are from the quartiles; 0 where that is no fence."""
    lower, upper = np.quantile(ends.ordered, [0.25, 0.75])
    (low, high), range_ = ends.values, float(upper - lower)
    if range_ <= 0:
        return 0.0
    fence = round((lower - low) / range_ / STEP) * STEP
    close = SAME * max(abs(low), abs(high), range_)
    both = max(abs(lower - fence * range_ - low), abs(upper + fence * range_ - high))
    if fence <= 0 or both > close or _is_on_grid(ends):
        return 0.0
    return round(fence, 9)


def _is_on_grid(ends: Ends) -> bool:
    """Whether a channel is coarse and ends at one of its steps, where fences lie by chance."""
    levels = np.unique(ends.ordered)
    if len(levels) < FEWEST_LEVELS:
        return True
    if 4 * len(levels) > len(ends.ordered):
        return False
    step = float(np.diff(levels[1:-1]).min())
    outer = np.array([levels[1] - levels[0], levels[-1] - levels[-2]]) / step
    return bool((np.abs(outer - np.rint(outer)) < 1e-6).any())
