"""Pairs of cycles that may be one drive, among very many cycles, without comparing all with all.

A window of one channel becomes a number of a few bits: on which side of some random planes it
lies. Windows that resemble each other have the same number more often than others. Windows at
every eighth block of each cycle are kept by their number; a few places of each cycle, at eight
neighbouring blocks each, so that one of them fits, look their numbers up. Two cycles in which
several places meet at one lag are a pair to compare. A number that too many windows have says
nothing and is left out, so the cost grows in proportion to the cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from signalprep.model_selection._drive_match import blocks, level_of, searched_channels

__all__ = ["ALL_PAIRS", "candidates"]

ALL_PAIRS = 100
"""Cycles up to which all are compared with all."""
WINDOW = 64
GRID = 8
SPARE_BITS = 16
PLACES = 24
TABLES = 8
LEAST_MEETINGS = 24
TOLERANCE = 4  # blocks that a lag may be off
CROWDED = 16  # windows of one number, above which it says nothing
STILL = 0.1  # of a channel's variance, below which nothing happens in a window


class Windows(NamedTuple):
    """Numbers of windows, the cycles they are of, where they start, and at which place that is."""

    numbers: np.ndarray
    cycles: np.ndarray
    starts: np.ndarray
    places: np.ndarray


def candidates(sums: Sequence[np.ndarray], judged: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs among the cycles, the smaller position first."""
    own = {c: level_of(sums[c].shape[1] - 1, sums[c].shape[1] - 1) for c in judged}
    found: set[tuple[int, int]] = set()
    for level in sorted(set(own.values())):
        longer = [c for c in judged if own[c] >= level]
        found |= _of_level(sums, longer, [c for c in longer if own[c] == level], level)
    return sorted(found)


def _of_level(
    sums: Sequence[np.ndarray], kept: list[int], asking: list[int], level: int
) -> set[tuple[int, int]]:
    """Pairs of cycles in blocks of this level, one of which has no more samples than they need."""
    channels = searched_channels([sums[c] for c in kept], level)[:TABLES]
    tables = {c: blocks(sums[c], level)[channels] for c in kept}
    n_windows = sum(table.shape[1] for table in tables.values()) / GRID
    n_bits = int(np.ceil(np.log2(max(n_windows, 1)))) + SPARE_BITS
    rng = np.random.default_rng(0)
    meetings = []
    for table in range(TABLES):
        planes = rng.normal(size=(WINDOW, n_bits))
        k = table % len(channels)
        index = _windows(tables, kept, k, planes, everywhere=True)
        asked = _windows(tables, asking, k, planes, everywhere=False)
        meetings.append(_meetings(index, asked, table))
    return _pairs(np.concatenate(meetings, axis=1))


def _windows(
    tables: dict[int, np.ndarray], cycles: list[int], k: int, planes: np.ndarray, everywhere: bool
) -> Windows:
    """Numbers of the windows of one channel that move: at every eighth block, or some places."""
    weights = 1 << np.arange(planes.shape[1], dtype=np.int64)
    empty = np.empty(0, dtype=np.int64)
    parts = [(empty, empty, empty, empty)]
    for cycle in cycles:
        values = tables[cycle][k]
        last = len(values) - WINDOW + 1
        if last < GRID:
            continue
        first = np.arange(0, last, GRID) if everywhere else np.linspace(0, last - GRID, PLACES)
        beside = np.zeros(1) if everywhere else np.arange(GRID)
        starts = np.add.outer(first, beside).astype(np.int64)
        place = np.repeat(np.arange(len(first)), len(beside))
        starts = starts.ravel()
        shown = sliding_window_view(values, WINDOW)[starts]
        shown = shown - shown.mean(axis=1, keepdims=True)
        moves = np.mean(shown**2, axis=1) > STILL
        numbers = (shown[moves] @ planes > 0) @ weights
        parts.append((numbers, np.full(len(numbers), cycle), starts[moves], place[moves]))
    return Windows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _meetings(index: Windows, asked: Windows, table: int) -> np.ndarray:
    """Asking cycle, kept cycle, lag and place of windows of the same number, as four rows."""
    order = np.argsort(index.numbers, kind="stable")
    ranked = index.numbers[order]
    first = np.searchsorted(ranked, asked.numbers, side="left")
    count = np.searchsorted(ranked, asked.numbers, side="right") - first
    count[count > CROWDED] = 0
    who = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    there = order[first[who] + nth]
    one, other = asked.cycles[who], index.cycles[there]
    lag = asked.starts[who] - index.starts[there]
    swapped = one > other
    lag[swapped] *= -1
    place = asked.places[who] + PLACES * (swapped + 2 * table)
    found = np.array([np.minimum(one, other), np.maximum(one, other), lag, place])
    return found[:, one != other]


def _pairs(meetings: np.ndarray) -> set[tuple[int, int]]:
    """Pairs that meet at several places at one lag."""
    one, other, lag, place = meetings - meetings.min(axis=1, keepdims=True, initial=0)
    found: set[tuple[int, int]] = set()
    for shift in (0, TOLERANCE // 2):
        near = (lag + shift) // TOLERANCE
        sizes = [int(values.max(initial=0)) + 1 for values in (one, other, near, place)]
        key = np.sort(np.ravel_multi_index((one, other, near, place), sizes))
        key = key[np.diff(key, prepend=-1) > 0] // sizes[3]  # a place counts once
        border = np.flatnonzero(np.diff(key, prepend=-1, append=-1))
        together, count = key[border[:-1]], np.diff(border)
        who = np.unravel_index(together[count >= LEAST_MEETINGS], sizes[:3])
        found |= set(zip(who[0].tolist(), who[1].tolist(), strict=True))
    return found
