"""Recursive high-pass filter in second-order sections, at rest on the first sample of a segment.

Each section (b0, b1, b2, 1, a1, a2) is the transposed direct form II,

    y = b0 v + z0,    z0 <- b1 v - a1 y + z1,    z1 <- b2 v - a2 y,

fed with the distance from the first number of the segment. A high-pass gives 0 for a constant, so
that is the steady state for that number, without its rounding: a constant gives 0 bit by bit.

A missing sample gives NaN and is replaced, in the memory of the filter, by the number before it.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time
_BLOCK = 512  # samples a pass over the sections


class HighpassState(NamedTuple):
    """What the filter remembers of one segment of one channel."""

    memory: NDArray[np.float64]  # z0 and z1 of each section
    held: NDArray[np.float64]  # first and last number of the segment


@njit(nogil=True, cache=True)
def highpass_start(n_sections: int) -> HighpassState:
    """State ready for the first sample."""
    state = HighpassState(np.empty((n_sections, 2)), np.empty(2))
    highpass_reset(state)
    return state


@njit(nogil=True, cache=True)
def highpass_reset(state: HighpassState) -> None:
    """Forget everything: the next sample is the first of a segment."""
    state.memory[:] = 0.0
    state.held[:] = np.nan


@njit(nogil=True, cache=True)
def _take(state: HighpassState, sample: float) -> float:
    """The distance from the first number that the filter is fed; NaN while there is none."""
    if not np.isnan(sample):
        if np.isnan(state.held[0]):
            state.held[0] = sample
        state.held[1] = sample
    return state.held[1] - state.held[0]


@njit(nogil=True, cache=True)
def _filter_sections(values: np.ndarray, sections: np.ndarray, memory: np.ndarray) -> None:
    """Run ``values`` through the sections, in place."""
    for s in range(sections.shape[0]):
        b0, b1, b2 = sections[s, 0], sections[s, 1], sections[s, 2]
        a1, a2 = sections[s, 4], sections[s, 5]
        z0 = memory[s, 0]
        z1 = memory[s, 1]
        for i in range(values.size):
            v = values[i]
            y = b0 * v + z0
            z0 = b1 * v - a1 * y + z1
            z1 = b2 * v - a2 * y
            if abs(z0) < _NOTHING:
                z0 = 0.0
            if abs(z1) < _NOTHING:
                z1 = 0.0
            values[i] = y
        memory[s, 0] = z0
        memory[s, 1] = z1


@njit(nogil=True, cache=True)
def highpass_step(state: HighpassState, sample: float, sections: np.ndarray) -> float:
    """Push one sample; return the filtered one. ``sections`` is (n_sections, 6)."""
    value = np.empty(1)
    value[0] = _take(state, sample)
    if np.isnan(value[0]):
        return np.nan
    _filter_sections(value, sections, state.memory)
    return np.nan if np.isnan(sample) else value[0]


@njit(nogil=True, cache=True)
def highpass(
    first: int,
    last: int,
    x: np.ndarray,
    bounds: np.ndarray,
    out: np.ndarray,
    sections: np.ndarray,
) -> None:
    """Filter each segment. Time: rows * sections."""
    n_segments = bounds.size - 1
    state = highpass_start(sections.shape[0])
    values = np.empty(_BLOCK)
    for task in range(first, last):
        channel = task // n_segments
        end = bounds[task % n_segments + 1]
        highpass_reset(state)
        for begin in range(bounds[task % n_segments], end, _BLOCK):
            samples = x[channel, begin : min(begin + _BLOCK, end)]
            output = out[channel, begin : begin + samples.size]
            start = 0  # rows before the first number do not enter the filter
            for i in range(samples.size):
                values[i] = _take(state, np.float64(samples[i]))
                if np.isnan(values[i]):
                    start = i + 1
            _filter_sections(values[start : samples.size], sections, state.memory)
            for i in range(samples.size):
                output[i] = np.nan if np.isnan(samples[i]) else values[i]
