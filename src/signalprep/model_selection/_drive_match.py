"""How alike two cycles are at the lag at which they are most alike.

A cycle is a table of running sums, (channels, samples + 1), on an even time grid: means over blocks
of samples are differences of it, at any start. Slow trends resemble each other in any two drives
(everything warms up), so what is compared are block means less their moving mean over 32 blocks,
and only channels that keep moving: (sum d**2)**2 / sum d**4, the effective number of blocks that
carry the variation, must reach 48. Of the channels' correlations the upper quartile counts, so that
neither noise that drowns slow channels nor a broken sensor hides a copy; and two channels must be
more alike than chance makes them (`_drive_evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from signalprep.model_selection._drive_evidence import chance, is_copy

__all__ = [
    "LEAST_BLOCKS",
    "Coarse",
    "Match",
    "blocks",
    "coarse",
    "fft_length",
    "level_of",
    "match",
    "moves",
    "searched_channels",
]

BLOCKS = 512  # the shorter cycle has at least so many blocks, if it has as many samples
MOST_BLOCKS = 16_384  # of the longer cycle
LEAST_BLOCKS = 64
TREND = 32  # blocks of the moving mean that is taken away
EVIDENCE = 48.0  # effective blocks
QUARTILE = 0.75
CANDIDATE = 0.45  # similarity at whole blocks from which the lag is refined
UNIQUE = 0.5  # likeness to itself below which a drive does not repeat itself
MOST_SEARCHED = 16  # channels that look for the lag
REPEATED = 0.25  # of what a drive that repeats itself differs by from itself, shifted
LOBE = 8  # blocks by which a cycle is like itself in any case


class Match(NamedTuple):
    """The best lag of two cycles: b[t] is like a[t + lag]."""

    similarity: float
    lag: int  # samples
    overlap: int  # samples
    n_channels: int
    copy: bool = False  # it differs as a copy does


@dataclass(frozen=True)
class Coarse:
    """One cycle in blocks: what the search for the lag reads."""

    channels: np.ndarray  # numbers of the channels that move
    spectra: np.ndarray
    energy: np.ndarray  # running sums of squares, (channels, blocks + 1)
    n_blocks: int
    own: float = 0.0  # likeness to itself, shifted by more than the lobe


def level_of(shorter: int, longer: int) -> int:
    """Blocks of two cycles have 2**level samples."""
    level = max(0, int(np.log2(max(shorter, 1) / BLOCKS)))
    level = max(level, int(np.ceil(np.log2(max(longer, 1) / MOST_BLOCKS))))
    return max(0, min(level, int(np.log2(max(shorter, 1) / LEAST_BLOCKS))))


def fft_length(n_blocks: int) -> int:
    """Length at which no lag of two cycles of so many blocks wraps around."""
    return int(next_fast_len(2 * n_blocks, real=True))


def searched_channels(tables: list[np.ndarray], level: int) -> np.ndarray:
    """Numbers of the channels that look for the lag: those with the least noise.

    Noise is what makes a block unlike the next one.
    """
    smooth = np.zeros(len(tables[0]))
    for sums in tables:
        moving = blocks(sums, level)
        likeness = np.mean(moving[:, 1:] * moving[:, :-1], axis=1)
        smooth += np.where(_evidence(moving) >= EVIDENCE, likeness, 0.0)
    return np.sort(np.argsort(-smooth, kind="stable")[:MOST_SEARCHED])


def coarse(
    sums: np.ndarray, searched: np.ndarray, level: int, n_fft: int, min_overlap: float
) -> Coarse:
    """Blocks of a cycle, ready for the search."""
    moving = blocks(sums, level)[searched]
    shown = _evidence(moving) >= EVIDENCE
    channels, moving = searched[shown], moving[shown]
    spectra = rfft(moving, n_fft, axis=1)
    energy = np.pad(np.cumsum(moving**2, axis=1), ((0, 0), (1, 0)))
    n_blocks = moving.shape[1]
    alone = Coarse(channels, spectra, energy, n_blocks)
    lags, likeness = _likeness(alone, alone, n_fft, min_overlap)
    shifted = np.where(np.abs(lags) > LOBE, likeness, 0.0)
    if not shifted.any():
        return alone
    best = int(np.argmax(shifted))
    own = float(shifted[best])
    if own >= UNIQUE:
        own = _refined(sums, sums, int(lags[best]), level).similarity
    return replace(alone, own=own)


def moves(sums: np.ndarray, n_channels: int) -> bool:
    """Whether a cycle is long enough, and so many channels move enough, to be told from others."""
    n_rows = sums.shape[1] - 1
    if n_rows < LEAST_BLOCKS:
        return False
    shown = _evidence(blocks(sums, level_of(n_rows, n_rows))) >= EVIDENCE
    return int(shown.sum()) >= n_channels


def match(
    a: np.ndarray,
    b: np.ndarray,
    coarse_a: Coarse,
    coarse_b: Coarse,
    level: int,
    n_fft: int,
    min_overlap: float,
    n_pairs: int,
    n_agreeing: int,
) -> Match | None:
    """Best lag of two cycles; None when they are plainly different or cannot be told.

    So many channels must agree better than chance does, for so many pairs that are searched.
    """
    lags, likeness = _likeness(coarse_a, coarse_b, n_fft, min_overlap)
    if len(lags) == 0 or likeness.max() < CANDIDATE:
        return None
    best = _refined(a, b, int(lags[np.argmax(likeness)]), level)
    shortest = min(a.shape[1], b.shape[1]) - 1
    if best.overlap < min_overlap * shortest - (2 << level):
        return None
    # A drive that repeats itself is like any other of its kind: only a better likeness tells.
    own = max(coarse_a.own, coarse_b.own)
    if own >= UNIQUE and 1 - best.similarity > REPEATED * (1 - own):
        return None
    x, y = _means_of_both(a, b, best.lag, 1 << level)
    moving_x, moving_y, _ = _moving(x, y)
    agree = _correlation(moving_x, moving_y) > chance(moving_x, moving_y, len(lags), n_pairs)
    if int(agree.sum()) < n_agreeing:
        return None
    return best._replace(copy=is_copy(x, y))


def _refined(a: np.ndarray, b: np.ndarray, lag: int, level: int) -> Match:
    """The best match near a lag in blocks, to the sample."""
    block = step = 1 << level
    best = _judged(a, b, lag << level, block)
    while step > 1:
        step //= 2
        for other in (best.lag - step, best.lag + step):
            best = max(best, _judged(a, b, other, block))
    return best


def _likeness(
    a: Coarse, b: Coarse, n_fft: int, min_overlap: float
) -> tuple[np.ndarray, np.ndarray]:
    """Lags in blocks, and the upper quartile of the channels' correlations at each."""
    common, in_a, in_b = np.intersect1d(a.channels, b.channels, return_indices=True)
    least = max(LEAST_BLOCKS, int(np.ceil(min_overlap * min(a.n_blocks, b.n_blocks))))
    lags = np.arange(least - b.n_blocks, a.n_blocks - least + 1)
    if len(common) == 0 or len(lags) == 0:
        return lags[:0], np.zeros(0)
    products = irfft(a.spectra[in_a] * np.conj(b.spectra[in_b]), n_fft, axis=1)[:, lags % n_fft]
    first = np.maximum(lags, 0)
    last = np.minimum(a.n_blocks, b.n_blocks + lags)
    energy = a.energy[in_a[:, None], last] - a.energy[in_a[:, None], first]
    energy *= b.energy[in_b[:, None], last - lags] - b.energy[in_b[:, None], first - lags]
    whole = a.energy[in_a, -1:] * b.energy[in_b, -1:]
    share = (last - first) ** 2 / (a.n_blocks * b.n_blocks)
    quiet = energy < 0.01 * share * whole  # hardly anything happens there
    correlation = np.where(quiet, 0.0, products / np.sqrt(np.where(quiet, 1.0, energy)))
    return lags, _upper_quartile(correlation)


def _judged(a: np.ndarray, b: np.ndarray, lag: int, block: int) -> Match:
    """Likeness at a lag in samples, from all channels that move within the overlap."""
    first = max(lag, 0)
    n_rows = min(a.shape[1] - 1, b.shape[1] - 1 + lag) - first
    n_blocks = n_rows // block
    if n_blocks < LEAST_BLOCKS:
        return Match(-1.0, lag, n_rows, 0)
    x, y, n_channels = _moving(*_means_of_both(a, b, lag, block))
    if n_channels == 0:
        return Match(-1.0, lag, n_rows, 0)
    similarity = min(1.0, float(_upper_quartile(_correlation(x, y)[:, None])[0]))
    return Match(similarity, lag, n_rows, n_channels)


def _means_of_both(
    a: np.ndarray, b: np.ndarray, lag: int, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of both cycles where they overlap."""
    first = max(lag, 0)
    n_blocks = (min(a.shape[1] - 1, b.shape[1] - 1 + lag) - first) // block
    return _means(a, first, n_blocks, block), _means(b, first - lag, n_blocks, block)


def _moving(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """The channels that keep moving in both, without trend and mean, and how many they are."""
    x, y = _without_trend(x), _without_trend(y)
    moving = (_evidence(x) >= EVIDENCE) & (_evidence(y) >= EVIDENCE)
    x, y = x[moving], y[moving]
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    return x, y, int(moving.sum())


def _correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of each channel."""
    return np.sum(x * y, axis=1) / np.sqrt(np.sum(x**2, axis=1) * np.sum(y**2, axis=1))


def _upper_quartile(correlation: np.ndarray) -> np.ndarray:
    """Over the channels: of few, nearer to the smaller one."""
    rank = int(np.floor(QUARTILE * (len(correlation) - 1)))
    return np.partition(correlation, rank, axis=0)[rank]


def blocks(sums: np.ndarray, level: int) -> np.ndarray:
    """The whole cycle in blocks, without trend."""
    return _without_trend(_means(sums, 0, (sums.shape[1] - 1) >> level, 1 << level))


def _means(sums: np.ndarray, first: int, n_blocks: int, block: int) -> np.ndarray:
    edges = first + block * np.arange(n_blocks + 1)
    return np.diff(sums[:, edges], axis=1) / block


def _without_trend(means: np.ndarray) -> np.ndarray:
    """Less the moving mean, whose window is cut off at the ends; unit deviation."""
    n = means.shape[1]
    sums = np.pad(np.cumsum(means, axis=1), ((0, 0), (1, 0)))
    place = np.arange(n)
    first, last = np.maximum(place - TREND // 2, 0), np.minimum(place + TREND // 2, n)
    moving = means - (sums[:, last] - sums[:, first]) / (last - first)
    scale = np.sqrt(np.mean(moving**2, axis=1, keepdims=True))
    rounding = 1e-9 * np.abs(means).max(axis=1, keepdims=True)
    return np.where(scale > rounding, moving / np.where(scale > 0, scale, 1.0), 0.0)


def _evidence(moving: np.ndarray) -> np.ndarray:
    fourth = np.sum(moving**4, axis=1)
    return np.sum(moving**2, axis=1) ** 2 / np.where(fourth > 0, fourth, 1.0)
