"""Try a step: leave the neighbours out, alter the future, alter the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from signalprep.flow import Stage
from signalprep.leaks._changes import Change, as_numbers, change_between
from signalprep.leaks._disturb import disturbed, floating, gapped, holed, limits, spiked, take
from signalprep.trial import nudged

BESIDE = 3
"""Rows next to a border or a moment that are made a gap or a spike."""
MOMENTS = 5
EARLY = (1, 3)
"""Rows after the start, one for each cycle that is tried: what fills the first rows from behind
looks ahead there alone. No cycle ends there: a step may let one pass that is too short for it."""
FORGOTTEN = 0.1
"""Part of a change that may be left: a recursive filter forgets by and by, and claims the memory
after which 0.1 % of a variance remains, 3 % of a deviation."""


class Reaches(NamedTuple):
    """How far a change of rows was seen, in samples, and the largest change it made."""

    samples: int
    change: Change


def bleeding(stage: Stage, data: Any, bounds: np.ndarray) -> tuple[int, Change] | None:
    """The cycle whose output changes most when the cycles beside it are left out."""
    worst: tuple[int, Change] | None = None
    edges = np.concatenate([np.r_[a : a + BESIDE, b - BESIDE : b] for a, b in pairwise(bounds)])
    for altered in _variants(stage, data, np.clip(edges, 0, bounds[-1] - 1)):
        try:
            together = _output(stage, altered)
            for k, (start, stop) in enumerate(pairwise(bounds)):
                cycle = take(altered, start, stop)
                change = change_between(
                    _output(stage, cycle), together[start:stop], _after_nudge(stage, cycle)
                )
                if change and (worst is None or change.relative > worst[1].relative):
                    worst = k, change
        except ValueError:
            if altered is data:
                raise
            continue  # refuses gaps or spikes: then they cannot show anything either
    return worst


def lookahead(
    stage: Stage, data: Any, bounds: np.ndarray, rng: np.random.Generator
) -> Reaches | None:
    """How far ahead an output was seen to change when only later rows do."""
    within = limits(data)
    farthest: Reaches | None = None
    for (start, stop), early in zip(pairwise(bounds), EARLY, strict=False):
        cycle = take(data, start, stop)
        moments = sorted({*_moments(cycle, rng), *([early] if len(cycle) > 4 else [])})
        before = np.concatenate([np.arange(max(t - BESIDE, 0), t) for t in [0, *moments]])
        for altered in _variants(stage, cycle, before.astype(np.intp)):
            for reaches in _futures(stage, altered, moments, within, altered is cycle):
                if farthest is None or reaches.samples > farthest.samples:
                    farthest = reaches
    return farthest


def memory(
    stage: Stage, data: Any, bounds: np.ndarray, rng: np.random.Generator, claimed: int
) -> Reaches | None:
    """How far back, where that is farther than claimed; only gross changes count."""
    within = limits(data)
    farthest: Reaches | None = None
    for start, stop in list(pairwise(bounds))[:2]:
        cycle = take(data, start, stop)
        moments = [t for t in _moments(cycle, rng) if t + claimed < len(cycle)]
        base = _output(stage, cycle) if moments else np.empty((0, 0))
        for t in moments:
            reaches = _past(stage, cycle, base, t, within, claimed)
            if reaches and (farthest is None or reaches.samples > farthest.samples):
                farthest = reaches
    return farthest


def _past(
    stage: Stage, cycle: Any, base: np.ndarray, t: int, within: np.ndarray, claimed: int
) -> Reaches | None:
    """Outputs that change with another past, after the memory claimed."""
    later = t + claimed
    found = _output(stage, disturbed(cycle, slice(0, t), within))
    change = change_between(base[later:], found[later:], _after_nudge(stage, cycle, later))
    if change is None:
        return None
    at_once = np.abs(base[t:later, change.column] - found[t:later, change.column])
    if change.size <= FORGOTTEN * np.nan_to_num(at_once).max(initial=0.0):
        return None
    return Reaches(claimed + int(np.flatnonzero(change.rows)[-1]) + 1, change)


def _futures(
    stage: Stage, cycle: Any, moments: list[int], within: np.ndarray, must: bool
) -> Iterator[Reaches]:
    """Outputs before a moment that change with another future, and with none.

    How long a cycle is, is not known before its end. What `must` go raises where it does not.
    """
    try:
        base = _output(stage, cycle) if moments else np.empty((0, 0))
    except ValueError:
        if must:
            raise
        return  # refuses gaps or spikes
    for t in moments:
        for cut in (False, True) if t not in EARLY else (False,):
            later = take(cycle, 0, t) if cut else disturbed(cycle, slice(t, None), within)
            if cut and _is_empty(later):
                continue
            try:
                change = change_between(
                    base[:t], _output(stage, later)[:t], _after_nudge(stage, cycle, 0, t)
                )
            except ValueError:
                if must and not cut:
                    raise
                continue  # refuses gaps, spikes, or a cycle as short as that
            if change is not None:
                yield Reaches(t - int(np.argmax(change.rows)), change)


def _is_empty(data: Any) -> bool:
    """Whether no row has a value, which no log that ends somewhere shows."""
    columns = floating(data)
    return bool(columns) and bool(np.isnan(as_numbers(data)[:, columns]).all())


def _moments(cycle: Any, rng: np.random.Generator) -> list[int]:
    """Rows at which to part past and future: drawn, and the end of a gap where there is one."""
    n = len(cycle)
    if n < 4:
        return []
    drawn = rng.integers(n // 4, max(3 * n // 4, n // 4 + 1), size=MOMENTS).tolist()
    columns = floating(cycle)
    if columns:
        missing = np.isnan(as_numbers(cycle)[:, columns]).any(axis=1)
        drawn += (np.flatnonzero(missing[:-1] & ~missing[1:]) + 1)[:1].tolist()
    return sorted(set(drawn))


def _variants(stage: Stage, data: Any, beside: np.ndarray) -> Iterator[Any]:
    """The data as they are; with spikes beside the border; with a gap there."""
    yield data
    columns = floating(data)
    if not columns or stage.final:
        return
    yield spiked(data, beside, limits(data))
    missing = gapped(data) or (columns if stage.allows_gaps() else [])
    if missing:
        yield holed(data, beside, missing)


def _output(stage: Stage, data: Any) -> np.ndarray:
    return as_numbers(stage.of(data))


def _after_nudge(
    stage: Stage, data: Any, start: int = 0, stop: int | None = None
) -> Callable[[], np.ndarray]:
    return lambda: _output(stage, nudged(data))[start:stop]
