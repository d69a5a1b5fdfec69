"""Recursive high-pass filter in second-order sections, at rest on the first sample of a segment.

Each section (b0, b1, b2, 1, a1, a2) is the transposed direct form II,

    y = b0 v + z0,    z0 <- b1 v - a1 y + z1,    z1 <- b2 v - a2 y,

fed with the distance from the first number of the segment. A high-pass gives 0 for a constant, so
that is the steady state for that number, without its rounding: a constant gives 0 bit by bit.

A missing sample gives NaN and is replaced, in the memory of the filter, by the number before it.
"""

import numpy as np
from numpy.typing import NDArray

from ._kernel import NOTHING, REFUSES, Kernel, is_refused
from ._njit import njit

SECTIONS = 1  # column from which on the sections are, one after the other
_SIZE = 6  # of a section

# Numbers: z0 and z1 of each section, first and last number of the segment.
_FIRST = -2

_NOTHING = 1e-290  # below it a fading value is 0: subnormal numbers would cost tenfold time
_BLOCK = 512  # samples a pass over the sections


def highpass_params(sections: NDArray[np.float64], refuses: float = NOTHING) -> NDArray[np.float64]:
    """Parameters for all channels; ``sections`` is (n_sections, 6)."""
    return np.concatenate([[refuses], sections.ravel()])[np.newaxis]


def _sizes(row: NDArray[np.float64]) -> tuple[int, int]:
    return 2 * ((row.size - SECTIONS) // _SIZE) + 2, 0


def _memory(row: NDArray[np.float64]) -> int:
    return 0


@njit(nogil=True, cache=True)
def _reset(numbers: np.ndarray, counts: np.ndarray) -> None:
    numbers[:] = 0.0
    numbers[_FIRST:] = np.nan


@njit(nogil=True, cache=True)
def _filter_sections(values: np.ndarray, row: np.ndarray, numbers: np.ndarray) -> None:
    """Run ``values`` through the sections, in place."""
    for s in range((row.size - SECTIONS) // _SIZE):
        section = row[SECTIONS + _SIZE * s : SECTIONS + _SIZE * (s + 1)]
        b0, b1, b2 = section[0], section[1], section[2]
        a1, a2 = section[4], section[5]
        z0 = numbers[2 * s]
        z1 = numbers[2 * s + 1]
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
        numbers[2 * s] = z0
        numbers[2 * s + 1] = z1


@njit(nogil=True, cache=True)
def _take(samples: np.ndarray, held: np.ndarray, values: np.ndarray) -> int:
    """Distances from the first number, ``held[0]``; how many rows come before that.

    A missing sample is replaced by the number before it, ``held[1]``.
    """
    missing = 0
    for i in range(samples.size):
        missing += int(np.isnan(samples[i]))
    if missing == 0:
        first = np.float64(samples[0]) if np.isnan(held[0]) else held[0]
        for i in range(samples.size):
            values[i] = np.float64(samples[i]) - first
        held[0], held[1] = first, samples[-1]
        return 0 * missing
    n_before = 0 * missing
    for i in range(samples.size):
        sample = np.float64(samples[i])
        if not np.isnan(sample):
            if np.isnan(held[0]):
                held[0] = sample
            held[1] = sample
        values[i] = held[1] - held[0]
        if np.isnan(values[i]):
            n_before = i + 1
    return n_before


@njit(nogil=True, cache=True)
def _push(
    numbers: np.ndarray, row: np.ndarray, signal: np.ndarray, output: np.ndarray, room: np.ndarray
) -> None:
    """Push samples block by block; ``room`` is scratch for a block."""
    begin = 0
    while begin < signal.size:
        samples = signal[begin : begin + room.size]
        values = room[: samples.size]
        n_before = _take(samples, numbers[_FIRST:], values)
        _filter_sections(values[n_before:], row, numbers)
        for i in range(samples.size):
            output[begin + i] = np.nan if np.isnan(samples[i]) else values[i]
        begin += room.size


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
    room = np.empty(min(_BLOCK, max(1, bounds[-1] - bounds[0])))
    for channel in range(x.shape[0]):
        row = params[channel if params.shape[0] > 1 else 0]
        for segment in range(bounds.size - 1):
            begin, end = bounds[segment], bounds[segment + 1]
            if segment > 0:
                _reset(numbers[channel], counts[channel])
            _push(numbers[channel], row, x[channel, begin:end], out[channel, begin:end], room)
    return False


HIGHPASS = Kernel("high-pass", _sizes, _reset, _advance, None, _memory)
