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

_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time
_BLOCK = 512  # samples a pass over the spans


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
    kept = 1.0 - weight
    distance = sample - mean
    cov = kept * (cov + weight * (distance * distance))
    if abs(distance) < _NOTHING:
        mean = sample
        distance = 0.0
    if cov < _NOTHING:
        cov = 0.0
    spread = kept * (2.0 * weight + kept * spread)
    return mean + weight * distance, cov, spread, 1.0


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
def _give(
    samples: np.ndarray,
    means: np.ndarray,
    covs: np.ndarray,
    spreads: np.ndarray,
    mean_out: np.ndarray,
    std_out: np.ndarray,
    omit: bool,
) -> None:
    """Write means and standard deviations of a block, apart from the recurrence: as vectors."""
    for i in range(samples.size):
        known = omit or not np.isnan(samples[i])
        mean_out[i] = means[i] if known else np.nan
    for i in range(samples.size):
        known = not np.isnan(means[i]) and (omit or not np.isnan(samples[i]))
        spread = spreads[i] if spreads[i] > 0.0 else 1.0  # cov is 0 where spread is
        std = np.sqrt(covs[i] / spread)
        std_out[i] = std if known else np.nan


@njit(nogil=True, cache=True)
def exponential(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    alphas: np.ndarray,
    omit: bool,
) -> None:
    """Mean and standard deviation for each of ``alphas``, of each segment.

    ``out`` (n_channels * 2 * n_spans, n_samples) holds, channel by channel and span by span, a row
    of means and a row of standard deviations. Rows before the first number of a segment are NaN.
    Time: rows * spans.
    """
    n_segments = bounds.size - 1
    n_spans = alphas.size
    state = exponential_start(n_spans)
    samples = np.empty(_BLOCK)
    means = np.empty(_BLOCK)
    covs = np.empty(_BLOCK)
    spreads = np.empty(_BLOCK)
    for task in range(first, last):
        channel = task // n_segments
        end = bounds[task % n_segments + 1]
        exponential_reset(state)
        for begin in range(bounds[task % n_segments], end, _BLOCK):
            m = min(_BLOCK, end - begin)
            source = x[channel, begin : begin + m]
            for i in range(m):
                samples[i] = source[i]
            for j in range(n_spans):
                row = 2 * (channel * n_spans + j)
                _run_block(samples[:m], alphas[j], state[j], means, covs, spreads)
                _give(
                    samples[:m], means, covs, spreads,
                    out[row, begin : begin + m], out[row + 1, begin : begin + m], omit,
                )  # fmt: skip
