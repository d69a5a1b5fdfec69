"""Exponentially weighted mean and standard deviation, several memories in one pass.

With alpha the weight of the newest sample and g the number of samples missing since the last one,

    o = (1 - alpha)^(g + 1),    w = alpha / (o + alpha),    d = x - mean, mean <- mean + w d,    cov
    <- (1 - w) (cov + w d^2),    c <- (1 - w) (2 w + (1 - w) c),    std = sqrt(cov * (1 / c)).

c = 1 - sum of squared weights makes the variance unbiased. These are pandas' ``ewm(alpha=alpha,
adjust=False)`` ``.mean()`` and ``.std()`` (``ignore_na=False``), written so that a constant stays
itself bit by bit, and with a standard deviation of 0 in place of NaN while there is only one
sample.
"""

import numpy as np
from numba import njit

from ._taps import FUSED

_MEAN, _COV, _SPREAD, _OLD_WEIGHT = (
    0,
    1,
    2,
    3,
)  # columns of the state; _SPREAD is c, _OLD_WEIGHT (1 - alpha)^g

MEAN = 1  # what ``exponential`` gives: the sum of these
STD = 2

_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time
_LITTLE = 1e-270  # two doubles that differ by less than _NOTHING, but differ, are both below it
_BLOCK = 512  # samples a pass over the spans
_TABLE = 1 << 14  # rows of a segment for which 1 / c is tabulated: it only depends on the row
_FOUR = 4  # spans side by side: each waits for its last result, four together do not


@njit(nogil=True, cache=True)
def exponential_start(n_spans: int) -> np.ndarray:
    """State (n_spans, 4), ready for the first sample."""
    state = np.empty((n_spans, 4))
    exponential_reset(state)
    return state


@njit(nogil=True, cache=True)
def exponential_reset(state: np.ndarray) -> None:
    """Forget everything: the next sample is the first of a segment."""
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
def _advance(
    mean: float, cov: float, spread: float, sample: float, weight: float
) -> tuple[float, float, float]:
    cov = _advance_cov(cov, sample - mean, weight, 1.0 - weight)
    if cov < _NOTHING:
        cov = 0.0
    return _advance_mean(mean, sample, weight), cov, _advance_spread(spread, weight)


@njit(nogil=True, cache=True)
def _invert(spread: float) -> float:
    return 1.0 / spread if spread > 0.0 else 0.0  # cov is 0 where spread is


@njit(nogil=True, cache=True)
def _update(
    mean: float, cov: float, spread: float, old_weight: float, sample: float, alpha: float
) -> tuple[float, float, float, float]:
    if np.isnan(sample):
        return mean, cov, spread, old_weight * (1.0 - alpha)
    if np.isnan(mean):
        return sample, 0.0, 0.0, 1.0
    weight = alpha
    if old_weight < 1.0:
        weight = alpha / (old_weight * (1.0 - alpha) + alpha)
    mean, cov, spread = _advance(mean, cov, spread, sample, weight)
    return mean, cov, spread, 1.0


@njit(nogil=True, cache=True)
def exponential_step(
    state: np.ndarray, sample: float, alphas: np.ndarray, output: np.ndarray, omit: bool
) -> None:
    """Push one sample; fill ``output`` (2 * n_spans,), mean and standard deviation span by span.

    A missing sample changes no mean, it only ages what has been; with ``omit`` the last values are
    given again, else NaN.
    """
    for j in range(alphas.size):
        mean, cov, spread, old_weight = _update(
            state[j, _MEAN], state[j, _COV], state[j, _SPREAD], state[j, _OLD_WEIGHT],
            sample, alphas[j],
        )  # fmt: skip
        state[j, _MEAN] = mean
        state[j, _COV] = cov
        state[j, _SPREAD] = spread
        state[j, _OLD_WEIGHT] = old_weight
        known = not np.isnan(mean) and (omit or not np.isnan(sample))
        std = np.sqrt(cov * _invert(spread))
        output[2 * j] = mean if known else np.nan
        output[2 * j + 1] = std if known else np.nan


@njit(nogil=True, cache=True)
def _run_block(
    samples: np.ndarray,
    alpha: float,
    memory: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    inverses: np.ndarray,
) -> None:
    """Push a block of samples for one span; ``memory`` (4,) is its row of the state."""
    mean = memory[_MEAN]
    cov = memory[_COV]
    spread = memory[_SPREAD]
    old_weight = memory[_OLD_WEIGHT]
    for i in range(samples.size):
        mean, cov, spread, old_weight = _update(mean, cov, spread, old_weight, samples[i], alpha)
        means[i] = mean
        covs[i] = cov
        inverses[i] = _invert(spread)
    memory[_MEAN] = mean
    memory[_COV] = cov
    memory[_SPREAD] = spread
    memory[_OLD_WEIGHT] = old_weight


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
def _tabulate(alphas: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """c and 1 / c for each span and the first n rows of a segment that misses nothing."""
    spreads = np.zeros((alphas.size, n))
    inverses = np.zeros((alphas.size, n))
    memory = np.zeros(4)
    for j in range(alphas.size):
        memory[_SPREAD] = 0.0
        _run_spreads(alphas[j], memory, spreads[j, 1:], inverses[j, 1:])
    return spreads, inverses


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
    """Fill a row of ``output``; return how many covs have faded to nothing."""
    fading = 0
    for i in range(samples.size):
        known = not np.isnan(means[i]) and (omit or not np.isnan(samples[i]))
        std = np.sqrt(covs[i] * inverses[i])
        output[i] = std if known else np.nan
        fading += int(covs[i] < _NOTHING and covs[i] != 0.0)
    return fading


@njit(nogil=True, cache=True)
def _run_steady(
    samples: np.ndarray,
    alphas: np.ndarray,
    state: np.ndarray,
    wanted: int,
    means: np.ndarray,
    covs: np.ndarray,
) -> None:
    """Means and covs of a steady block for all spans, a whole number of fours."""
    for j in range(0, alphas.size, _FOUR):
        if wanted == MEAN:
            _run_four_means(samples, alphas[j:], state[j:], means[j:])
        else:
            _run_four(samples, alphas[j:], state[j:], means[j:], covs[j:])


@njit(nogil=True, cache=True)
def _give(
    samples: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    inverses: np.ndarray,
    first: int,
    out: np.ndarray,
    row: int,
    n_spans: int,
    begin: int,
    wanted: int,
    omit: bool,
) -> int:
    """Fill the rows of ``out`` from ``row`` on; return how many values are about to fade.

    ``inverses`` count from column ``first`` on, samples go to column ``begin``.
    """
    m = samples.size
    fading = 0
    for j in range(n_spans):
        if wanted != STD:
            fading += _give_means(samples, means[j], out[row, begin : begin + m], omit)
            row += 1
        else:
            fading += _count_fading(samples, means[j])
        if wanted != MEAN:
            known = inverses[j, first : first + m]
            target = out[row, begin : begin + m]
            fading += _give_stds(samples, means[j], covs[j], known, target, omit)
            row += 1
    return fading


@njit(nogil=True, cache=True)
def _push_block(
    samples: np.ndarray,
    alphas: np.ndarray,
    state: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    inverses: np.ndarray,
) -> None:
    """Push a block for all spans, whatever is in it."""
    for j in range(alphas.size):
        _run_block(samples, alphas[j], state[j], means[j], covs[j], inverses[j])


@njit(nogil=True, cache=True)
def _spread_block(alphas: np.ndarray, state: np.ndarray, m: int, inverses: np.ndarray) -> None:
    """1 / c for a steady block of m samples, for all spans."""
    none = inverses[0, :0]
    for j in range(alphas.size):
        _run_spreads(alphas[j], state[j], none, inverses[j, :m])


@njit(nogil=True, cache=True)
def _copy(source: np.ndarray, target: np.ndarray) -> None:
    for j in range(source.shape[0]):
        for k in range(source.shape[1]):
            target[j, k] = source[j, k]


@njit(nogil=True, cache=True)
def _load(x: np.ndarray, channel: int, begin: int, samples: np.ndarray) -> None:
    source = x[channel, begin : begin + samples.size]
    for i in range(samples.size):
        samples[i] = source[i]


@njit(nogil=True, cache=True)
def _run_segment(
    x: np.ndarray,
    channel: int,
    begin: int,
    end: int,
    out: np.ndarray,
    n_spans: int,
    alphas: np.ndarray,
    omit: bool,
    wanted: int,
    table: tuple[np.ndarray, np.ndarray],
    state: np.ndarray,
    before: np.ndarray,
    buffer: np.ndarray,
    blocks: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Features of one segment; ``before``, ``buffer`` and ``blocks`` are scratch."""
    spreads, inverses = table
    means, covs, own = blocks
    first_row = channel * n_spans * (2 if wanted == MEAN + STD else 1)
    exponential_reset(state)
    complete = True  # nothing has been missing
    row = 0
    while row < end - begin:
        m = min(_BLOCK, end - begin - row) if row > 0 else 1  # the first is unlike the others
        samples = buffer[:m]
        _load(x, channel, begin + row, samples)
        steady = _is_steady(samples, state)
        complete = complete and (steady or (row == 0 and not np.isnan(samples[0])))
        to = (out, first_row, n_spans, begin + row, wanted, omit)
        fading = 0
        if steady:
            _copy(state, before)
            _run_steady(samples, alphas, state, wanted, means, covs)
            if complete and row + m <= inverses.shape[1]:
                for j in range(alphas.size):
                    state[j, _SPREAD] = spreads[j, row + m - 1]
                fading = _give(samples, means, covs, inverses, row, *to)
            else:
                _spread_block(alphas, state, m, own)
                fading = _give(samples, means, covs, own, 0 * row, *to)
            if fading > 0:
                _copy(before, state)
        if not steady or fading > 0:
            _push_block(samples, alphas, state, means, covs, own)
            _give(samples, means, covs, own, 0 * row, *to)
        row += m


@njit(nogil=True, cache=True)
def exponential(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    alphas: np.ndarray,
    omit: bool,
    wanted: int = MEAN + STD,
) -> None:
    """Mean and standard deviation for each of ``alphas``, of each segment.

    ``out`` (n_channels * n_wanted * n_spans, n_samples) holds, channel by channel and span by span,
    a row of means and a row of standard deviations; with ``wanted`` MEAN or STD only one of them.
    Rows before the first number of a segment are NaN. Time: rows * spans.
    """
    n_segments = bounds.size - 1
    n_spans = alphas.size
    padded = np.ones((n_spans + _FOUR - 1) // _FOUR * _FOUR)
    for j in range(n_spans):
        padded[j] = alphas[j]
    longest = 0
    for segment in range(n_segments):
        longest = max(longest, bounds[segment + 1] - bounds[segment])
    table = _tabulate(padded, min(longest, _TABLE))
    state = exponential_start(padded.size)
    before = exponential_start(padded.size)
    shape = (padded.size, _BLOCK)
    blocks = (np.empty(shape), np.empty(shape), np.empty(shape))
    buffer = np.empty(_BLOCK)
    for task in range(first, last):
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        _run_segment(
            x, task // n_segments, begin, end, out, n_spans, padded, omit, wanted,
            table, state, before, buffer, blocks,
        )  # fmt: skip
