"""Hampel filter with a least scale by regime, and the scales to learn it from."""

import numpy as np
from numba import njit

from ._hampel import (
    ABSENT,
    KEEP,
    MAD_TO_STD,
    HampelState,
    _distance,
    _median,
    hampel_reset,
    hampel_start,
    hampel_step,
)


@njit(nogil=True, cache=True)
def hampel_by_regime(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    mask: np.ndarray,
    window: int,
    causal: bool,
    threshold: float,
    regime: np.ndarray,
    min_scale: np.ndarray,
    action: int,
    omit: bool,
) -> None:
    """As `hampel`, with the least scale min_scale[c, r] for the rows i where regime[i] is r.

    The loop over `hampel_step`. ``mask`` or ``out`` may be of shape (n_channels, 0).
    """
    n_segments = bounds.size - 1
    lookahead = 0 if causal else window // 2
    state = hampel_start(window)
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        size = bounds[task % n_segments + 1] - begin
        output = out[channel, begin : begin + size]
        flags = mask[channel, begin : begin + size]
        hampel_reset(state)
        for i in range(size + lookahead):
            sample = np.float64(x[channel, begin + i]) if i < size else ABSENT
            judged = max(i - lookahead, 0)
            floor = min_scale[channel, regime[begin + judged]]
            result, flagged = hampel_step(state, sample, lookahead, threshold, floor, action, omit)
            if i >= lookahead:
                if output.size:
                    output[judged] = result
                if flags.size:
                    flags[judged] = flagged


@njit(nogil=True, cache=True)
def _scale(state: HampelState) -> float:
    """S of the numbers in the window; NaN without any."""
    ordered, n = state.ordered, state.counts[1]
    if n == 0:
        return np.nan
    middle = _median(ordered, n)
    deviation = _distance(ordered, n, middle, n >> 1)
    if n & 1 == 0:
        deviation = 0.5 * (_distance(ordered, n, middle, (n >> 1) - 1) + deviation)
    return MAD_TO_STD * deviation


@njit(nogil=True, cache=True)
def hampel_scales(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    window: int,
    causal: bool,
    omit: bool,
) -> None:
    """Fill ``out`` with S of the window of each sample; NaN where `hampel` gives NaN."""
    n_segments = bounds.size - 1
    lookahead = 0 if causal else window // 2
    state = hampel_start(window)
    for task in range(first, last):
        channel = task // n_segments
        begin = bounds[task % n_segments]
        size = bounds[task % n_segments + 1] - begin
        hampel_reset(state)
        for i in range(size + lookahead):
            sample = np.float64(x[channel, begin + i]) if i < size else ABSENT
            result, _ = hampel_step(state, sample, lookahead, 0.0, 0.0, KEEP, omit)
            if i >= lookahead:
                out[channel, begin + i - lookahead] = np.nan if np.isnan(result) else _scale(state)
