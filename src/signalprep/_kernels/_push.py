"""Push samples through the steps of all channels, with the states kept between calls.

``x`` (n_channels, n_samples) holds the next samples of every channel, often one. A function works
on the rows ``channels`` of it and copies the others to ``out``. States are those of the steps, one
channel below the other (``stack``), and are passed array by array: numba unpacks a named tuple more
slowly than it runs a step.
"""

from typing import Any

import numpy as np
from numba import njit

from ._fir import SavgolState, savgol_step


def stack(state: Any, n_channels: int) -> Any:
    """The fresh state of one channel for all of them: its arrays, ``n_channels`` times."""
    return type(state)(*(np.repeat(part[np.newaxis], n_channels, axis=0) for part in state))


def unstack(states: Any) -> list[Any]:
    """The state of each channel, as views of the arrays of ``states``."""
    return [type(states)(*parts) for parts in zip(*states, strict=True)]


@njit(nogil=True, cache=True)
def push_savgol(
    x: np.ndarray,
    out: np.ndarray,
    channels: np.ndarray,
    recent: np.ndarray,
    counts: np.ndarray,
    rows: np.ndarray,
    polyorder: int,
    deriv: int,
    sample_time: float,
    omit: bool,
) -> None:
    """Causal Savitzky-Golay filter."""
    out[: x.shape[0]] = x
    for j in range(channels.size):
        state = SavgolState(recent[j], counts[j])
        for i in range(x.shape[1]):
            sample = np.float64(x[channels[j], i])
            out[channels[j], i] = savgol_step(
                state, sample, rows, 0, polyorder, deriv, sample_time, omit
            )
