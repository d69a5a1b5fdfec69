"""Number, mean, sum of squared deviations, least and largest value of channels, in one pass.

Rows are taken in blocks that stay in the cache. A block has its own mean and squares about it, and
two blocks, or two logs, join as

    n = n_a + n_b,    d = m_b - m_a,    m = m_a + d n_b / n,    M = M_a + M_b + d^2 n_a n_b / n.

Means are distances from one value of the channel, its ``shift``. A small spread on a large mean
keeps its digits so, and a shift far from the mean is itself part of the spread. The result depends
on the order of blocks only, not on who computes them.

Source: T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance,
The American Statistician 37 (1983), doi:10.1080/00031305.1983.10483115.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._blocks import run_blocks
from ._njit import njit
from ._scan import LANES, total_and_ends
from ._taps import first_number

_ROWS = 4096  # rows of a block: two passes over it find it in the cache


@dataclass(frozen=True)
class Moments:
    """What is known of some channels: each an array (n_channels,)."""

    _stored = True  # the mark of `_base.Stored`, which is above

    shift: NDArray[np.float64]  # a value of the channel, NaN while there is none
    count: NDArray[np.float64]  # numbers seen
    missing: NDArray[np.float64]  # NaN seen
    mean: NDArray[np.float64]  # less ``shift``
    squares: NDArray[np.float64]  # sum of squared deviations from the mean
    low: NDArray[np.float64]  # +inf while there is none
    high: NDArray[np.float64]  # -inf while there is none


def no_moments(n_channels: int) -> Moments:
    """Moments of channels nothing is known of."""
    return Moments(
        shift=np.full(n_channels, np.nan),
        count=np.zeros(n_channels),
        missing=np.zeros(n_channels),
        mean=np.zeros(n_channels),
        squares=np.zeros(n_channels),
        low=np.full(n_channels, np.inf),
        high=np.full(n_channels, -np.inf),
    )


# The compiler may choose the order of additions, so that it works on vectors.
@njit(nogil=True, cache=True, fastmath={"reassoc"})
def _sum_and_squares(block: np.ndarray, shift: float, mean: float) -> tuple[float, float]:
    """Sums of d and of d^2 for d = (block - shift) - mean."""
    total = 0.0
    squares = 0.0
    for i in range(block.size):
        d = (np.float64(block[i]) - shift) - mean
        total += d
        squares += d * d
    return total, squares


@njit(nogil=True, cache=True)
def _describe(block: np.ndarray, total: float, shift: float, found: np.ndarray) -> None:
    """Fill count, mean and squares in ``found``, of numbers that sum up to ``total``."""
    mean = total / block.size
    rest, squares = _sum_and_squares(block, shift, mean)
    found[0] = block.size
    found[1] = mean + rest / block.size
    found[2] = max(squares - rest * rest / block.size, 0.0)


@njit(nogil=True, cache=True)
def _describe_blocks(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    channels: np.ndarray,
    shift: np.ndarray,
    found: np.ndarray,
) -> None:
    """Describe the blocks between ``bounds``: ``found`` (channels.size, n_blocks, 5).

    The five are count, mean, squares, least, largest.
    """
    n_blocks = bounds.size - 1
    numbers = np.empty(_ROWS)
    lanes = np.empty((3, LANES))
    for task in range(first, last):
        channel = task // n_blocks
        block = x[channels[channel], bounds[task % n_blocks] : bounds[task % n_blocks + 1]]
        here = found[channel, task % n_blocks]
        total, here[3], here[4] = total_and_ends(block, shift[channel], lanes)
        if not np.isnan(total):
            _describe(block, total, shift[channel], here)
            continue
        n_numbers = 0
        for i in range(block.size):
            if not np.isnan(block[i]):
                numbers[n_numbers] = block[i]
                n_numbers += 1
        here[0] = n_numbers
        if n_numbers > 0:
            rest = numbers[:n_numbers]
            total, _, _ = total_and_ends(rest, shift[channel], lanes)
            _describe(rest, total, shift[channel], here)


def facts_of(moments: Moments) -> NDArray[np.float64]:
    """What ``scan`` gives, (n_channels, 3); of the sum, only whether it is finite."""
    infinite = np.isinf(moments.low) | np.isinf(moments.high)
    spoilt = (moments.missing > 0) | (infinite & (moments.count > 0))
    return np.stack([np.where(spoilt, np.nan, 0.0), moments.low, moments.high], axis=1)


@njit(nogil=True, cache=True)
def _join(total: np.ndarray, found: np.ndarray) -> None:
    """Add descriptions (n_blocks, 5), one after the other, to ``total`` (5,)."""
    for block in found:
        if block[0] == 0:
            continue
        count = total[0] + block[0]
        apart = block[1] - total[1]
        total[1] += apart * (block[0] / count)
        total[2] += block[2] + apart * apart * (total[0] * block[0] / count)
        total[0] = count
        total[3] = min(total[3], block[3])
        total[4] = max(total[4], block[4])


def add_moments(
    known: Moments,
    x: np.ndarray,
    n_jobs: int | None,
    channels: NDArray[np.int64] | None = None,
) -> Moments:
    """Moments of samples known before and of those of ``x`` (n_channels, n_samples) together.

    ``channels`` are the rows of ``x`` that ``known`` is about; None is all of them.
    """
    channels = np.arange(len(x)) if channels is None else channels
    n_channels, n_samples = channels.size, x.shape[1]
    shift = known.shift.copy()
    for k in np.flatnonzero(np.isnan(shift)):
        shift[k] = first_number(x[channels[k]])
    bounds = np.append(np.arange(0, n_samples, _ROWS), n_samples)
    found = np.empty((n_channels, bounds.size - 1, 5))
    run_blocks(_describe_blocks, bounds, n_channels, n_jobs, x, bounds, channels, shift, found)
    totals = np.stack([known.count, known.mean, known.squares, known.low, known.high], axis=1)
    for channel in range(n_channels):
        _join(totals[channel], found[channel])
    count, mean, squares, low, high = totals.T.copy()
    missing = known.missing + n_samples - (count - known.count)
    return Moments(shift, count, missing, mean, squares, low, high)
