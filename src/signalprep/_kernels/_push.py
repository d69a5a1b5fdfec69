"""Push samples through the steps of all channels, with the states kept between calls.

``x`` (n_channels, n_samples) holds the next samples of every channel, often one. A function works
on the rows ``channels`` of it and copies the others to ``out``. States are those of the steps, one
channel below the other (``stack``), and are passed array by array: numba unpacks a named tuple more
slowly than it runs a step.
"""

from typing import Any

import numpy as np
from numba import njit

from ._decimate import DecimatorState, decimate_step
from ._local_trend import LocalTrendState, Noise, local_trend_step


def stack(state: Any, n_channels: int) -> Any:
    """The fresh state of one channel for all of them: its arrays, ``n_channels`` times."""
    return type(state)(*(np.repeat(part[np.newaxis], n_channels, axis=0) for part in state))


def unstack(states: Any) -> list[Any]:
    """The state of each channel, as views of the arrays of ``states``."""
    return [type(states)(*parts) for parts in zip(*states, strict=True)]


@njit(nogil=True, cache=True)
def push_local_trend(
    x: np.ndarray,
    out: np.ndarray,
    channels: np.ndarray,
    now: np.ndarray,
    past: np.ndarray,
    rows: np.ndarray,
    models: np.ndarray,
    sample_time: float,
    trend: bool,
    omit: bool,
) -> None:
    """Kalman filter without lag; ``models`` (n_channels, 8) as for the batch form.

    Slopes go to the rows of ``out`` after those of x, when it has them.
    """
    n_channels = x.shape[0]
    out[:n_channels] = x
    for j in range(channels.size):
        state = LocalTrendState(now[j], past[j], rows[j])
        model = models[j]
        noise = Noise(
            model[0], model[1], model[2], trend,
            model[3], model[4], model[5], model[6], model[7],
        )  # fmt: skip
        for i in range(x.shape[1]):
            sample = np.float64(x[channels[j], i])
            level, slope = local_trend_step(state, sample, noise, omit)
            out[channels[j], i] = level
            if out.shape[0] > n_channels:
                out[n_channels + j, i] = slope / sample_time


@njit(nogil=True, cache=True)
def push_decimator(
    x: np.ndarray,
    out: np.ndarray,
    recent: np.ndarray,
    counts: np.ndarray,
    factor: int,
    taps: np.ndarray,
    edges: np.ndarray,
    omit: bool,
) -> int:
    """Causal decimator; returns how many samples were kept. ``out`` has room for all of them."""
    n_kept = 0
    for channel in range(x.shape[0]):
        state = DecimatorState(recent[channel], counts[channel])
        n_kept = 0
        for i in range(x.shape[1]):
            sample = np.float64(x[channel, i])
            kept, value = decimate_step(state, sample, factor, taps, edges, omit)
            if kept:
                out[channel, n_kept] = value
                n_kept += 1
    return n_kept
