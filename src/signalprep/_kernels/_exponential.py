"""Exponentially weighted mean and standard deviation, several memories in one pass.

With alpha the weight of the newest sample and g the number of samples missing since the last one,

    o = (1 - alpha)^(g + 1),    w = alpha / (o + alpha),    d = x - mean, mean <- mean + w d,    cov
    <- (1 - w) (cov + w d^2),    c <- (1 - w) (2 w + (1 - w) c),    std = sqrt(cov * (1 / c)).

c = 1 - sum of squared weights makes the variance unbiased. These are pandas' ``ewm(alpha=alpha,
adjust=False)`` ``.mean()`` and ``.std()`` (``ignore_na=False``), written so that a constant stays
itself bit by bit, and with a standard deviation of 0 in place of NaN while there is only one
sample.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._kernel import NOTHING, REFUSES, Kernel, is_refused
from ._njit import njit
from ._taps import FUSED

STATISTICS = ("mean", "std")

# columns of the parameters, after REFUSES
_OMIT = 1  # whether a missing sample gives the last values again; else NaN
MEAN_AT, STD_AT = 2, 3  # where the statistic is among those of a span
ALPHAS = 4  # weight of the newest sample for each span, from here on
ABSENT = -1.0  # of a statistic that is not wanted

# numbers of a span: mean, cov, c, and (1 - alpha)^g
_MEAN, _COV, _SPREAD, _OLD_WEIGHT = 0, 1, 2, 3
_SIZE = 4

_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time
_LITTLE = 1e-270  # two doubles that differ by less than _NOTHING, but differ, are both below it
_BLOCK = 512  # samples a pass over the spans
_TABLE = 1 << 14  # rows of a segment for which 1 / c is tabulated: it only depends on the row
_FOUR = 4  # spans side by side: each waits for its last result, four together do not


def exponential_params(
    alphas: NDArray[np.float64],
    statistics: Sequence[str],
    *,
    omit: bool,
    refuses: float = NOTHING,
) -> NDArray[np.float64]:
    """Parameters for all channels; a channel gives ``statistics`` span by span."""
    given = list(statistics)
    at = [given.index(name) if name in given else ABSENT for name in STATISTICS]
    return np.array([[refuses, omit, *at, *alphas]])


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return _SIZE * (row.size - ALPHAS), 0


def _memory(row: NDArray[np.float64]) -> int:
    return 0


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    state = numbers.reshape((-1, _SIZE))
    state[:, _MEAN] = np.nan
    state[:, _COV] = 0.0
    state[:, _SPREAD] = 0.0
    state[:, _OLD_WEIGHT] = 1.0


@njit(nogil=True, cache=True, fastmath=FUSED)
def _advance_mean(mean: float, sample: float, weight: float) -> float:
    distance = sample - mean
    if abs(distance) < _NOTHING:
        mean = sample
        distance = 0.0
    if np.isinf(distance):  # beyond doubles, where the mean is not
        half = 0.5 * sample - 0.5 * mean
        mean += weight * half
        return mean + weight * half
    return mean + weight * distance


@njit(nogil=True, cache=True, fastmath=FUSED)
def _advance_cov(cov: float, distance: float, weight: float, kept: float) -> float:
    return kept * (cov + weight * (distance * distance))


# Not fused: of its two products either could be.
@njit(nogil=True, cache=True)
def _advance_spread(spread: float, weight: float) -> float:
    kept = 1.0 - weight
    return kept * (2.0 * weight + kept * spread)


@njit(nogil=True, cache=True)
def _invert(spread: float) -> float:
    return 1.0 / spread if spread > 0.0 else 0.0  # cov is 0 where spread is


@njit(nogil=True, cache=True)
def _update(
    past: tuple[float, float, float, float], sample: float, alpha: float
) -> tuple[float, float, float, float]:
    """Push one sample for one span. A missing one changes no mean, it ages what has been."""
    mean, cov, spread, old_weight = past
    if np.isnan(sample):
        return mean, cov, spread, old_weight * (1.0 - alpha)
    if np.isnan(mean):
        return sample, 0.0, 0.0, 1.0
    weight = alpha
    if old_weight < 1.0:
        weight = alpha / (old_weight * (1.0 - alpha) + alpha)
    cov = _advance_cov(cov, sample - mean, weight, 1.0 - weight)
    if not cov >= _NOTHING:  # NaN: of infinity, nothing is kept
        cov = 0.0
    return _advance_mean(mean, sample, weight), cov, _advance_spread(spread, weight), 1.0


@njit(nogil=True, cache=True)
def _recall(memory: np.ndarray) -> tuple[float, float, float, float]:
    return memory[_MEAN], memory[_COV], memory[_SPREAD], memory[_OLD_WEIGHT]


@njit(nogil=True, cache=True)
def _remember(memory: np.ndarray, past: tuple[float, float, float, float]) -> None:
    memory[_MEAN], memory[_COV], memory[_SPREAD], memory[_OLD_WEIGHT] = past


@njit(nogil=True, cache=True)
def _push(numbers: np.ndarray, row: np.ndarray, signal: np.ndarray, output: np.ndarray) -> None:
    """Push samples one by one; ``output`` has a row for each statistic of each span."""
    omit, mean_at, std_at = row[_OMIT] != 0.0, int(row[MEAN_AT]), int(row[STD_AT])
    n_spans = row.size - ALPHAS
    step = output.shape[0] // n_spans
    for j in range(n_spans):
        memory, alpha = numbers[_SIZE * j : _SIZE * (j + 1)], row[ALPHAS + j]
        past = _recall(memory)
        for i in range(signal.size):
            sample = np.float64(signal[i])
            past = _update(past, sample, alpha)
            mean, cov, spread, _ = past
            known = not np.isnan(mean) and (omit or not np.isnan(sample))
            if mean_at >= 0:
                output[step * j + mean_at, i] = mean if known else np.nan
            if std_at >= 0:
                output[step * j + std_at, i] = np.sqrt(cov * _invert(spread)) if known else np.nan
        _remember(memory, past)


@njit(nogil=True, cache=True)
def _advance(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    for channel in range(x.shape[0]):
        n_rows = out.shape[0] // x.shape[0]
        below = out[channel * n_rows : (channel + 1) * n_rows]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _push(numbers[channel], params[0], x[channel, begin:end], below[:, begin:end])
    return False


class _Room(NamedTuple):
    """Scratch for a block of samples and all spans, filled up to a whole number of fours."""

    alphas: NDArray[np.float64]
    state: NDArray[np.float64]  # the numbers, a row for each span
    before: NDArray[np.float64]  # the same, before the block
    samples: NDArray[np.float64]
    means: NDArray[np.float64]  # (n_spans, _BLOCK), as the next two
    covs: NDArray[np.float64]
    inverses: NDArray[np.float64]  # 1 / c
    known: NDArray[np.int64]  # how many rows of the next two are filled in
    spreads: NDArray[np.float64]  # c for the first rows of a segment that misses nothing
    table: NDArray[np.float64]  # 1 / c for these


@njit(nogil=True, cache=True)
def _make_room(row: np.ndarray, longest: int) -> _Room:
    n_spans = row.size - ALPHAS
    padded = (n_spans + _FOUR - 1) // _FOUR * _FOUR
    alphas, state = np.ones(padded), np.full((padded, _SIZE), np.nan)
    alphas[:n_spans] = row[ALPHAS:]
    block, table = (padded, min(longest, _BLOCK)), (padded, min(longest, _TABLE))
    return _Room(
        alphas, state, state.copy(), np.empty(block[1]),
        np.empty(block), np.empty(block), np.empty(block),
        np.zeros(padded, np.int64), np.empty(table), np.empty(table),
    )  # fmt: skip


@njit(nogil=True, cache=True, fastmath=FUSED)
def _run_four(
    samples: np.ndarray,
    alphas: np.ndarray,
    memory: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
) -> None:
    """Means and covs of ``_run_block`` for four spans, a steady block, and nothing that fades."""
    a0, a1, a2, a3 = alphas[0], alphas[1], alphas[2], alphas[3]
    k0, k1, k2, k3 = 1.0 - a0, 1.0 - a1, 1.0 - a2, 1.0 - a3
    m0, m1, m2, m3 = memory[0, _MEAN], memory[1, _MEAN], memory[2, _MEAN], memory[3, _MEAN]
    c0, c1, c2, c3 = memory[0, _COV], memory[1, _COV], memory[2, _COV], memory[3, _COV]
    for i in range(samples.size):
        sample = samples[i]
        d0, d1, d2, d3 = sample - m0, sample - m1, sample - m2, sample - m3
        c0, c1 = _advance_cov(c0, d0, a0, k0), _advance_cov(c1, d1, a1, k1)
        c2, c3 = _advance_cov(c2, d2, a2, k2), _advance_cov(c3, d3, a3, k3)
        m0, m1, m2, m3 = m0 + a0 * d0, m1 + a1 * d1, m2 + a2 * d2, m3 + a3 * d3
        means[0, i], means[1, i], means[2, i], means[3, i] = m0, m1, m2, m3
        covs[0, i], covs[1, i], covs[2, i], covs[3, i] = c0, c1, c2, c3
    memory[0, _MEAN], memory[1, _MEAN], memory[2, _MEAN], memory[3, _MEAN] = m0, m1, m2, m3
    memory[0, _COV], memory[1, _COV], memory[2, _COV], memory[3, _COV] = c0, c1, c2, c3


@njit(nogil=True, cache=True, fastmath=FUSED)
def _run_four_means(
    samples: np.ndarray, alphas: np.ndarray, memory: np.ndarray, means: np.ndarray
) -> None:
    """The means of ``_run_four`` alone."""
    a0, a1, a2, a3 = alphas[0], alphas[1], alphas[2], alphas[3]
    m0, m1, m2, m3 = memory[0, _MEAN], memory[1, _MEAN], memory[2, _MEAN], memory[3, _MEAN]
    for i in range(samples.size):
        sample = samples[i]
        d0, d1, d2, d3 = sample - m0, sample - m1, sample - m2, sample - m3
        m0, m1, m2, m3 = m0 + a0 * d0, m1 + a1 * d1, m2 + a2 * d2, m3 + a3 * d3
        means[0, i], means[1, i], means[2, i], means[3, i] = m0, m1, m2, m3
    memory[0, _MEAN], memory[1, _MEAN], memory[2, _MEAN], memory[3, _MEAN] = m0, m1, m2, m3


@njit(nogil=True, cache=True)
def _run_spreads(
    alpha: float, memory: np.ndarray, spreads: np.ndarray, inverses: np.ndarray
) -> None:
    """1 / c for a steady block of one span; ``spreads`` of size 0 is left out."""
    spread = memory[_SPREAD]
    if _advance_spread(spread, alpha) == spread:  # settled for good
        inverses[:] = _invert(spread)
        spreads[:] = spread
        return
    for i in range(inverses.size):
        spread = _advance_spread(spread, alpha)
        inverses[i] = spread
        if spreads.size:
            spreads[i] = spread
    memory[_SPREAD] = spread
    for i in range(inverses.size):
        inverses[i] = _invert(inverses[i])


@njit(nogil=True, cache=True)
def _find_inverses(room: _Room, n_spans: int, row: int, m: int) -> None:
    """1 / c for a steady block of m samples, from row ``row`` of a segment that misses nothing.

    ``row`` is 0 where it is another segment.
    """
    end = row + m
    for j in range(n_spans):
        inverses = room.inverses[j, :m]
        if row == 0 or end > room.table.shape[1]:
            _run_spreads(room.alphas[j], room.state[j], inverses[:0], inverses)
            continue
        spreads, table = room.spreads[j, row:end], room.table[j, row:end]
        if room.known[j] < end:
            _run_spreads(room.alphas[j], room.state[j], spreads, table)
            room.known[j] = end
        inverses[:] = table
        room.state[j, _SPREAD] = spreads[-1]


@njit(nogil=True, cache=True)
def _is_steady(samples: np.ndarray, state: np.ndarray) -> bool:
    """Whether nothing is missing in the block, nor in the memories of the samples before."""
    missing = 0
    for i in range(samples.size):
        missing += int(np.isnan(samples[i]))
    for j in range(state.shape[0]):
        missing += int(np.isnan(state[j, _MEAN]) or state[j, _OLD_WEIGHT] < 1.0)
    return missing == 0


@njit(nogil=True, cache=True)
def _count_fading(samples: np.ndarray, means: np.ndarray) -> int:
    """How many means are about to fade to nothing."""
    fading = 0
    for i in range(samples.size):
        size = max(abs(means[i]), abs(samples[i]))
        fading += int(size < _LITTLE and means[i] != samples[i])
    return fading


@njit(nogil=True, cache=True)
def _give_means(samples: np.ndarray, means: np.ndarray, output: np.ndarray, omit: bool) -> int:
    """Fill a row of ``output``; return what ``_count_fading`` does."""
    fading = 0
    for i in range(samples.size):
        output[i] = means[i] if omit or not np.isnan(samples[i]) else np.nan
        size = max(abs(means[i]), abs(samples[i]))
        fading += int(size < _LITTLE and means[i] != samples[i])
    return fading


@njit(nogil=True, cache=True)
def _give_stds(
    samples: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    inverses: np.ndarray,
    output: np.ndarray,
    omit: bool,
) -> int:
    """Fill a row of ``output``; return how many covs have faded to nothing, or are none."""
    fading = 0
    for i in range(samples.size):
        known = not np.isnan(means[i]) and (omit or not np.isnan(samples[i]))
        std = np.sqrt(covs[i] * inverses[i])
        output[i] = std if known else np.nan
        fading += int(not covs[i] >= _NOTHING and covs[i] != 0.0)
    return fading


@njit(nogil=True, cache=True)
def _give(room: _Room, row: np.ndarray, output: np.ndarray, begin: int, m: int) -> int:
    """Fill m samples of ``output`` from ``begin`` on; return how many values are about to fade."""
    omit, mean_at, std_at = row[_OMIT] != 0.0, int(row[MEAN_AT]), int(row[STD_AT])
    n_spans = row.size - ALPHAS
    step = output.shape[0] // n_spans
    samples = room.samples[:m]
    fading = 0
    for j in range(n_spans):
        means = room.means[j]
        if mean_at >= 0:
            target = output[step * j + mean_at, begin : begin + m]
            fading += _give_means(samples, means, target, omit)
        else:
            fading += _count_fading(samples, means)
        if std_at >= 0:
            target = output[step * j + std_at, begin : begin + m]
            fading += _give_stds(samples, means, room.covs[j], room.inverses[j], target, omit)
    return fading


@njit(nogil=True, cache=True)
def _run_steady(room: _Room, row: np.ndarray, m: int, place: int) -> None:
    """Push a block that misses nothing; ``place`` as ``_find_inverses`` takes it."""
    samples, alphas, state = room.samples[:m], room.alphas, room.state
    for j in range(0, alphas.size, _FOUR):
        if row[STD_AT] == ABSENT:
            _run_four_means(samples, alphas[j:], state[j:], room.means[j:])
        else:
            _run_four(samples, alphas[j:], state[j:], room.means[j:], room.covs[j:])
    if row[STD_AT] != ABSENT:
        _find_inverses(room, row.size - ALPHAS, place, m)


@njit(nogil=True, cache=True)
def _run_any(room: _Room, n_spans: int, m: int) -> None:
    """Push a block, whatever is in it."""
    for j in range(n_spans):
        means, covs, inverses = room.means[j], room.covs[j], room.inverses[j]
        alpha, past = room.alphas[j], _recall(room.state[j])
        for i in range(m):
            past = _update(past, room.samples[i], alpha)
            means[i], covs[i], inverses[i] = past[_MEAN], past[_COV], _invert(past[_SPREAD])
        _remember(room.state[j], past)


@njit(nogil=True, cache=True)
def _push_many(
    numbers: np.ndarray,
    row: np.ndarray,
    signal: np.ndarray,
    output: np.ndarray,
    begin: int,
    room: _Room,
) -> None:
    """``_push`` block by block, to the columns of ``output`` from ``begin`` on."""
    n_spans = row.size - ALPHAS
    state, before = room.state[:n_spans], room.before[:n_spans]
    state[:] = numbers.reshape((n_spans, _SIZE))
    complete = np.isnan(state[0, _MEAN])  # nothing has been missing
    done = 0
    while done < signal.size:
        m = min(_BLOCK, signal.size - done) if done > 0 else 1  # the first is unlike the others
        samples = room.samples[:m]
        samples[:] = signal[done : done + m]
        steady = _is_steady(samples, state)
        complete = complete and (steady or (done == 0 and not np.isnan(samples[0])))
        if steady:
            before[:] = state
            _run_steady(room, row, m, done if complete else 0)
            fading = _give(room, row, output, begin + done, m)
            known = bool(np.isfinite(state[:, _MEAN]).all())  # no distance has overflowed
            steady = known and fading == 0
            if not steady:
                state[:] = before
        if not steady:
            _run_any(room, n_spans, m)
            _give(room, row, output, begin + done, m)
        done += m
    numbers[:] = state.ravel()


@njit(nogil=True, cache=True)
def _fast(
    numbers: np.ndarray,
    counts: np.ndarray,
    params: np.ndarray,
    x: np.ndarray,
    bounds: np.ndarray,
    regime: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> bool:
    if is_refused(x, bounds, params[0, REFUSES]):
        return True
    room = _make_room(params[0], np.diff(bounds).max())
    for channel in range(x.shape[0]):
        n_rows = out.shape[0] // x.shape[0]
        below = out[channel * n_rows : (channel + 1) * n_rows]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _push_many(numbers[channel], params[0], x[channel, begin:end], below, begin, room)
    return False


EXPONENTIAL = Kernel("exponential", _sizes, _reset, _advance, _fast, _memory)
