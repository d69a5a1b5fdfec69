"""Activations of networks: from the sums of a layer to the codes that the next one takes.

Each gives its codes, their step and the code of 0. A range, where the function has none of its own,
is that of the sums.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit, ndtr

from signalprep.embedded.lowering._context import Context
from signalprep.embedded.program import Value

__all__ = ["ACTIVATIONS", "Codes"]

_LARGEST_GELU = 6.0  # from here on it is its argument, to less than 1e-8


class Codes(NamedTuple):
    """Numbers ``step * (value - zero + rest)``."""

    value: Value
    step: float
    zero: int
    rest: np.ndarray


Activation = Callable[[Context, Value, np.ndarray, int], Codes]


def _identity(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    low, high = _range(context, sums, steps)
    top = 1 << (bits - 1)
    step = _step(min(low, 0.0), max(high, 0.0), steps, bits)
    zero = int(np.floor(-top - min(low, 0.0) / step + 0.5))
    value = context.rescaled(sums, steps / step, zero=zero, low=-top, high=top - 1)
    return _codes(value, step, zero)


def _relu(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    _, high = _range(context, sums, steps)
    top = 1 << (bits - 1)
    step = _step(0.0, max(high, 0.0), steps, bits)
    value = context.rescaled(sums, steps / step, zero=-top, low=-top, high=top - 1)
    return _codes(value, step, -top)


def _tanh(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    """Symmetric about 0; the table ends at 8, where it is 1 to 2e-7."""
    top = (1 << (bits - 1)) - 1
    value = _tabled(context, sums, steps, bits, 8.0, lambda x: top * np.tanh(x), 0)
    return _codes(value, 1.0 / top, 0)


def _logistic(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    """Symmetric about 1/2; the table ends at 16, where it is 1 to 1e-7."""
    top = 1 << (bits - 1)
    value = _tabled(context, sums, steps, bits, 16.0, lambda x: (2 * top - 1) * expit(x) - top, -1)
    return _codes(value, 1.0 / (2 * top - 1), -top)


def _gelu(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    """The positive part less what is the same on both sides of 0, which is tabled."""
    builder, top = context.builder, 1 << (bits - 1)
    _, high = _range(context, sums, steps)
    step = _step(-0.17, max(high, 0.0), steps, bits)
    zero = int(np.ceil(-top + 0.17 / step))
    segments = _segments(bits)
    reach = _LARGEST_GELU / step
    shift = max(0, int(np.floor(np.log2(reach / segments))))
    places = np.arange(int(np.ceil(reach / 2.0**shift)) + 1) * 2.0**shift * step
    entries = np.floor(places * ndtr(-places) / step + 0.5).astype(np.int64)
    end = (len(entries) - 1) << shift
    most = max(end, 2 * top)
    x = context.rescaled(sums, steps / step, zero=0, low=-most, high=most)
    positive = builder.clamp(x, 0, most)
    size = builder.clamp(builder.subtract(positive, x, left=1), 0, end)
    found = builder.subtract(positive, builder.table(size, entries, shift))
    value = builder.clamp(builder.add(found, builder.const(zero)), -top, top - 1)
    return _codes(value, step, zero)


ACTIVATIONS: dict[str, Activation] = {
    "identity": _identity,
    "relu": _relu,
    "tanh": _tanh,
    "logistic": _logistic,
    "gelu": _gelu,
}


def _codes(value: Value, step: float, zero: int) -> Codes:
    return Codes(value, step, zero, np.zeros(value.size))


def _range(context: Context, sums: Value, steps: np.ndarray) -> tuple[float, float]:
    low, high = context.span(sums)
    return float((low * steps).min()), float((high * steps).max())


def _step(low: float, high: float, steps: np.ndarray, bits: int) -> float:
    """Of codes that reach from low to high; not finer than half of a sum's own step."""
    return max((high - low) / ((1 << bits) - 1), float(steps.max()) / 2)


def _segments(bits: int) -> int:
    """Straight lines of a table: as many as keep within two steps, 512 at most."""
    return 1 << min(bits // 2 + 2, 9)


def _tabled(
    context: Context,
    sums: Value,
    steps: np.ndarray,
    bits: int,
    end: float,
    function: Callable[[np.ndarray], np.ndarray],
    about: int,
) -> Value:
    """A function that is symmetric and flat from `end` on, of sums taken four bits finer."""
    segments = _segments(bits)
    shift = bits + 4 - segments.bit_length()
    most = segments << shift
    x = context.rescaled(sums, steps * (most / end), zero=0, low=-most, high=most)
    entries = np.floor(function(np.linspace(0.0, end, segments + 1)) + 0.5)
    return context.builder.table(x, entries.astype(np.int64), shift, about)
