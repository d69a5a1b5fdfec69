"""Exponentially weighted mean and standard deviation, several memories in one pass.

With alpha the weight of the newest sample and g the number of samples missing since the last one,

    o = (1 - alpha)^(g + 1),    w = alpha / (o + alpha),    d = x - mean, mean <- mean + w d,    cov
    <- (1 - w) (cov + w d^2),    c <- (1 - w) (2 w + (1 - w) c),    std = sqrt(cov / c).

c = 1 - sum of squared weights makes the variance unbiased. These are pandas' ``ewm(alpha=alpha,
adjust=False)`` ``.mean()`` and ``.std()`` (``ignore_na=False``), written so that a constant stays
itself bit by bit, and with a standard deviation of 0 in place of NaN while there is only one
sample.
"""

import numpy as np
from numba import njit

_MEAN, _COV, _SPREAD, _OLD_WEIGHT = (
    0,
    1,
    2,
    3,
)  # columns of the state; _SPREAD is c, _OLD_WEIGHT (1 - alpha)^g

MEAN = 1  # what ``exponential`` gives: the sum of these
STD = 2

_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time
_BLOCK = 256  # samples a pass over the spans
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


@njit(nogil=True, cache=True)
def _advance_mean(mean: float, sample: float, weight: float) -> float:
    distance = sample - mean
    if abs(distance) < _NOTHING:
        mean = sample
        distance = 0.0
    return mean + weight * distance


@njit(nogil=True, cache=True)
def _advance(
    mean: float, cov: float, spread: float, sample: float, weight: float
) -> tuple[float, float, float]:
    kept = 1.0 - weight
    distance = sample - mean
    cov = kept * (cov + weight * (distance * distance))
    if cov < _NOTHING:
        cov = 0.0
    spread = kept * (2.0 * weight + kept * spread)
    return _advance_mean(mean, sample, weight), cov, spread


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
        std = np.sqrt(cov / spread) if spread > 0.0 else 0.0
        output[2 * j] = mean if known else np.nan
        output[2 * j + 1] = std if known else np.nan


@njit(nogil=True, cache=True)
def _run_block(
    samples: np.ndarray,
    alpha: float,
    memory: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    spreads: np.ndarray,
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
        spreads[i] = spread
    memory[_MEAN] = mean
    memory[_COV] = cov
    memory[_SPREAD] = spread
    memory[_OLD_WEIGHT] = old_weight


@njit(nogil=True, cache=True)
def _run_four(
    samples: np.ndarray,
    alphas: np.ndarray,
    memory: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    spreads: np.ndarray,
) -> None:
    """``_run_block`` for four spans and a block in which nothing is, or was just, missing."""
    a0, a1, a2, a3 = alphas[0], alphas[1], alphas[2], alphas[3]
    m0, c0, s0 = memory[0, _MEAN], memory[0, _COV], memory[0, _SPREAD]
    m1, c1, s1 = memory[1, _MEAN], memory[1, _COV], memory[1, _SPREAD]
    m2, c2, s2 = memory[2, _MEAN], memory[2, _COV], memory[2, _SPREAD]
    m3, c3, s3 = memory[3, _MEAN], memory[3, _COV], memory[3, _SPREAD]
    for i in range(samples.size):
        sample = samples[i]
        m0, c0, s0 = _advance(m0, c0, s0, sample, a0)
        m1, c1, s1 = _advance(m1, c1, s1, sample, a1)
        m2, c2, s2 = _advance(m2, c2, s2, sample, a2)
        m3, c3, s3 = _advance(m3, c3, s3, sample, a3)
        means[0, i], covs[0, i], spreads[0, i] = m0, c0, s0
        means[1, i], covs[1, i], spreads[1, i] = m1, c1, s1
        means[2, i], covs[2, i], spreads[2, i] = m2, c2, s2
        means[3, i], covs[3, i], spreads[3, i] = m3, c3, s3
    last = samples.size - 1
    memory[:_FOUR, _MEAN] = means[:_FOUR, last]
    memory[:_FOUR, _COV] = covs[:_FOUR, last]
    memory[:_FOUR, _SPREAD] = spreads[:_FOUR, last]


@njit(nogil=True, cache=True)
def _run_four_means(
    samples: np.ndarray, alphas: np.ndarray, memory: np.ndarray, means: np.ndarray
) -> None:
    """The means of ``_run_four`` alone."""
    a0, a1, a2, a3 = alphas[0], alphas[1], alphas[2], alphas[3]
    m0, m1, m2, m3 = memory[0, _MEAN], memory[1, _MEAN], memory[2, _MEAN], memory[3, _MEAN]
    for i in range(samples.size):
        m0 = _advance_mean(m0, samples[i], a0)
        m1 = _advance_mean(m1, samples[i], a1)
        m2 = _advance_mean(m2, samples[i], a2)
        m3 = _advance_mean(m3, samples[i], a3)
        means[0, i], means[1, i], means[2, i], means[3, i] = m0, m1, m2, m3
    memory[:_FOUR, _MEAN] = means[:_FOUR, samples.size - 1]


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
def _run_spans(
    samples: np.ndarray,
    alphas: np.ndarray,
    state: np.ndarray,
    wanted: int,
    means: np.ndarray,
    covs: np.ndarray,
    spreads: np.ndarray,
) -> None:
    """Push a block of samples for all spans, a whole number of fours."""
    if not _is_steady(samples, state):
        for j in range(alphas.size):
            _run_block(samples, alphas[j], state[j], means[j], covs[j], spreads[j])
        return
    for j in range(0, alphas.size, _FOUR):
        if wanted == MEAN:
            _run_four_means(samples, alphas[j:], state[j:], means[j:])
        else:
            _run_four(samples, alphas[j:], state[j:], means[j:], covs[j:], spreads[j:])


@njit(nogil=True, cache=True)
def _give_means(samples: np.ndarray, means: np.ndarray, output: np.ndarray, omit: bool) -> None:
    for i in range(samples.size):
        output[i] = means[i] if omit or not np.isnan(samples[i]) else np.nan


@njit(nogil=True, cache=True)
def _give_stds(
    samples: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    spreads: np.ndarray,
    output: np.ndarray,
    omit: bool,
) -> None:
    """Apart from the recurrence: as vectors."""
    for i in range(samples.size):
        known = not np.isnan(means[i]) and (omit or not np.isnan(samples[i]))
        spread = spreads[i] if spreads[i] > 0.0 else 1.0  # cov is 0 where spread is
        std = np.sqrt(covs[i] / spread)
        output[i] = std if known else np.nan


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
    n_wanted = 2 if wanted == MEAN + STD else 1
    padded = np.ones((n_spans + _FOUR - 1) // _FOUR * _FOUR)
    padded[:n_spans] = alphas
    state = exponential_start(padded.size)
    buffer = np.empty(_BLOCK)
    means = np.empty((padded.size, _BLOCK))
    covs = np.empty((padded.size, _BLOCK))
    spreads = np.empty((padded.size, _BLOCK))
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        end = bounds[task % n_segments + 1]
        exponential_reset(state)
        m = 1  # the first sample alone: it is unlike the others
        while begin < end:
            source = x[channel, begin : begin + m]
            samples = buffer[:m]
            for i in range(m):
                samples[i] = source[i]
            _run_spans(samples, padded, state, wanted, means, covs, spreads)
            for j in range(n_spans):
                row = n_wanted * (channel * n_spans + j)
                if wanted != STD:
                    _give_means(samples, means[j], out[row, begin : begin + m], omit)
                if wanted != MEAN:
                    target = out[row + n_wanted - 1, begin : begin + m]
                    _give_stds(samples, means[j], covs[j], spreads[j], target, omit)
            begin += m
            m = min(_BLOCK, end - begin)
