"""Sum, least and greatest value of each channel in one pass: all that most checks need to know."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._blocks import run_blocks, task_ranges
from ._njit import njit

LANES = 64  # running values side by side, which the compiler turns into vector instructions
_ROWS = 1 << 15  # scanned before a kernel takes them, which finds them in the cache


@njit(nogil=True, cache=True)
def total_and_ends(
    samples: np.ndarray, shift: float, lanes: np.ndarray
) -> tuple[float, float, float]:
    """Sum of samples - shift, least and greatest value; ``lanes`` (3, LANES) is scratch.

    NaN makes the sum NaN and is passed over by the other two, +inf and -inf without a number.
    """
    totals, lows, highs = lanes[0], lanes[1], lanes[2]
    totals[:] = 0.0
    lows[:] = np.inf
    highs[:] = -np.inf
    whole = samples.size // (4 * LANES) * (4 * LANES)
    for begin in range(0, whole, 4 * LANES):  # four to a lane: it is read and written once
        v0 = samples[begin : begin + LANES]
        v1 = samples[begin + LANES : begin + 2 * LANES]
        v2 = samples[begin + 2 * LANES : begin + 3 * LANES]
        v3 = samples[begin + 3 * LANES : begin + 4 * LANES]
        for k in range(LANES):
            a, b, c, d = np.float64(v0[k]), np.float64(v1[k]), np.float64(v2[k]), np.float64(v3[k])
            totals[k] += ((a - shift) + (b - shift)) + ((c - shift) + (d - shift))
            low = a if a < lows[k] else lows[k]
            low = b if b < low else low
            low = c if c < low else low
            lows[k] = d if d < low else low
            high = a if a > highs[k] else highs[k]
            high = b if b > high else high
            high = c if c > high else high
            highs[k] = d if d > high else high
    for begin in range(whole, samples.size, LANES):
        rest = samples[begin : begin + LANES]
        for k in range(rest.size):
            value = np.float64(rest[k])
            totals[k] += value - shift
            lows[k] = value if value < lows[k] else lows[k]
            highs[k] = value if value > highs[k] else highs[k]
    return _fold(lanes)


@njit(nogil=True, cache=True)
def _fold(lanes: np.ndarray) -> tuple[float, float, float]:
    """Sum, least and greatest of the three rows of lanes, half by half."""
    totals, lows, highs = lanes[0], lanes[1], lanes[2]
    half = LANES // 2
    while half > 0:
        for k in range(half):
            totals[k] += totals[half + k]
            lows[k] = min(lows[k], lows[half + k])
            highs[k] = max(highs[k], highs[half + k])
        half //= 2
    return totals[0], lows[0], highs[0]


# The compiler may choose the order of additions, so that it works on vectors.
@njit(nogil=True, cache=True, fastmath={"reassoc"})
def total(samples: np.ndarray) -> float:
    """Their sum, to judge whether all are finite: its last digits depend on the machine."""
    found = 0.0
    for i in range(samples.size):
        found += np.float64(samples[i])
    return found


@njit(nogil=True, cache=True)
def _scan_samples(samples: np.ndarray, ends: bool, facts: np.ndarray) -> None:
    """facts[:] = (sum, least, greatest); without ``ends`` only the sum."""
    if ends:
        facts[0], facts[1], facts[2] = total_and_ends(samples, 0.0, np.empty((3, LANES)))
    else:
        facts[0], facts[1], facts[2] = total(samples), np.nan, np.nan


@njit(nogil=True, cache=True)
def scan(first: int, last: int, x: np.ndarray, facts: np.ndarray) -> None:
    """facts[c] = (sum, least, greatest) of channel c, for first <= c < last.

    The sum is NaN or infinite where a channel holds NaN or an infinity, or is too large for a
    double; its last digits are not those of numpy. NaN is passed over by the other two, which are
    +inf and -inf where there is no number.
    """
    for channel in range(first, last):
        _scan_samples(x[channel], True, facts[channel])


def join_facts(facts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Facts of channels, (n_channels, 3), from those of their parts, (n_channels, n_parts, 3)."""
    with np.errstate(invalid="ignore", over="ignore"):
        totals = facts[:, :, 0].sum(axis=1)
    return np.stack([totals, facts[:, :, 1].min(axis=1), facts[:, :, 2].max(axis=1)], axis=1)


def scan_and_run(
    kernel: Callable[..., Any],
    bounds: NDArray[np.int64],
    n_channels: int,
    n_jobs: int | None,
    x: np.ndarray,
    *args: Any,
) -> NDArray[np.float64]:
    """As ``run_blocks``, and give what ``scan`` gives but least and greatest: (n_channels, 3).

    Samples are scanned some rows at a time just before the kernel wants them, so that the two read
    the memory once. The kernel must bear whatever the scan is to find.
    """
    n_segments = bounds.size - 1
    cuts = task_ranges(bounds, 1, max(1, int(bounds[-1] - bounds[0]) // _ROWS))
    rows = np.asarray(bounds)[cuts]
    n_pieces = cuts.size - 1
    facts = np.empty((n_channels, n_pieces, 3))

    def scan_first(first: int, last: int, signal: np.ndarray, *rest: Any) -> None:
        for task in range(first, last):
            channel, piece = divmod(task, n_pieces)
            _scan_samples(
                signal[channel, rows[piece] : rows[piece + 1]], False, facts[channel, piece]
            )
            before = channel * n_segments
            kernel(before + cuts[piece], before + cuts[piece + 1], signal, *rest)

    run_blocks(scan_first, rows, n_channels, n_jobs, x, *args)
    return join_facts(facts)
