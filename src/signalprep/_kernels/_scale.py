"""Bring samples to a scale: less a centre, divided by a spread."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def scale_step(sample: float, center: float, scale: float, constant: bool) -> float:
    """The scaled sample; 0 for a ``constant`` channel, whose spread is not known. NaN stays."""
    if constant and not np.isnan(sample):
        return 0.0
    return (sample - center) / scale


@njit(nogil=True, cache=True)
def scale(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    center: np.ndarray,
    scales: np.ndarray,
    constant: np.ndarray,
) -> None:
    """Scale channel c by ``center[c]`` and ``scales[c]``, none of which is 0."""
    n_segments = bounds.size - 1
    for task in range(first, last):
        channel = task // n_segments
        signal = x[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        output = out[channel, bounds[task % n_segments] : bounds[task % n_segments + 1]]
        for i in range(signal.size):
            output[i] = scale_step(
                np.float64(signal[i]), center[channel], scales[channel], constant[channel]
            )
