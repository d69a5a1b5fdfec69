"""How much a likeness of two cycles says: whether chance makes it, and whether one is a copy.

Of n_lags lags searched for n_pairs pairs some are alike by chance. At one lag the correlation of
two unlike channels has the deviation 1/sqrt(n), where n is not the number of blocks but what is
left of it: blocks in which both move count, and of neighbours that resemble each other one. The
correlation that chance reaches in one search of a hundred follows, by Fisher's transformation.

A copy differs from its original by a straight line and rounding, or by noise that is new at each
block about the same levels. Where the same course is driven again, the difference has a shape of
its own, by another driver, or slow channels start elsewhere: another temperature, another charge.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import norm

__all__ = ["chance", "is_copy"]

LEVEL = 0.01
"""Share of searches in which chance may find a pair."""
LEAST = 1.0  # of freedom
SHAPE = 0.4
"""Likeness of a difference to itself one block later, above which it has a shape."""
ROUNDING = 1e-6  # of a channel's variance
SMALL = 1e-3
SAME_LEVEL = 0.05  # of a channel's deviation
LOBES = 64
TELLING = 0.5
ROUGHER = 0.5


def chance(x: np.ndarray, y: np.ndarray, n_lags: int, n_pairs: int) -> np.ndarray:
    """The correlation that chance may reach, for each of the channels (channels, blocks)."""
    energy = np.sum(x**2, axis=1) * np.sum(y**2, axis=1)
    blocks = energy / np.maximum(np.sum(x**2 * y**2, axis=1), 1e-12 * energy)
    width = np.maximum(_lobe(x, y), 1.0)
    freedom = np.maximum(blocks / width - 3.0, LEAST)
    searched = n_pairs * np.maximum(n_lags / width, 1.0)
    return np.tanh(norm.isf(LEVEL / searched) / np.sqrt(freedom))


def is_copy(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether all channels (channels, blocks), trends included, differ as those of a copy do."""
    moving = (np.ptp(x, axis=1) > 0) & (np.ptp(y, axis=1) > 0)
    x, y = x[moving], y[moving]
    level = np.abs(x.mean(axis=1) - y.mean(axis=1)) / x.std(axis=1)
    x, y = (values - values.mean(axis=1, keepdims=True) for values in (x, y))
    slope = np.sum(x * y, axis=1, keepdims=True) / np.sum(x**2, axis=1, keepdims=True)
    rest = y - slope * x
    left, whole = np.sum(rest**2, axis=1), np.sum(y**2, axis=1)
    if np.all(left <= ROUNDING * whole):
        return True
    later = np.sum(rest[:, 1:] * rest[:, :-1], axis=1)
    shapeless = (left <= SMALL * whole) | (later <= SHAPE * left)
    alike = bool(np.all(shapeless & (level <= SAME_LEVEL)))
    return alike and not _is_run_again(slope * x, y, rest)


def _is_run_again(x: np.ndarray, y: np.ndarray, rest: np.ndarray) -> bool:
    """Whether each of both has noise of its own, as two runs of one programme have.

    What noise adds to a copy makes it rougher than the first by just their difference, in all
    channels. Of two runs each is as rough as the other, and less rough than what they differ by.
    Channels that are rough by themselves, as set points in steps are, do not tell.
    """
    own_x, own_y, between = _roughness(x), _roughness(y), _roughness(rest)
    telling = (between > 0) & (between >= TELLING * np.minimum(own_x, own_y))
    if not telling.any():
        return False
    more = (own_y - own_x)[telling] / between[telling]
    return bool(abs(float(more.mean())) < ROUGHER)


def _roughness(values: np.ndarray) -> np.ndarray:
    """Variance of white noise, from how each block differs from the mean of those beside it."""
    return np.asarray(np.mean(np.diff(values, 2, axis=1) ** 2, axis=1) / 6.0)


def _lobe(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Blocks that count as one: the sum of the product of both channels' likeness to themselves."""
    n = x.shape[1]
    most = min(LOBES, n // 2)
    n_fft = next_fast_len(2 * n, real=True)
    both = 1.0
    for values in (x, y):
        own = irfft(np.abs(rfft(values, n_fft, axis=1)) ** 2, n_fft, axis=1)[:, :most]
        both = both * own / own[:, :1]
    return np.asarray(1.0 + 2.0 * np.sum(np.asarray(both)[:, 1:], axis=1))
