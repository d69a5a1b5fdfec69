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

_LEAST_GELU = -0.1701
_LARGEST_GELU = 6.0  # from here on it is its argument, to less than 1e-8


class Codes(NamedTuple):
    """Numbers ``step * (value - zero + rest)``."""

    value: Value
    step: float
    zero: int
    rest: np.ndarray


Activation = Callable[[Context, Value, np.ndarray, int], Codes]


def _identity(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    return _straight(context, sums, steps, bits, -np.inf)


def _relu(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    return _straight(context, sums, steps, bits, 0.0)


def _straight(context: Context, sums: Value, steps: np.ndarray, bits: int, floor: float) -> Codes:
    """The sums, or `floor` where they are below."""
    top = 1 << (bits - 1)
    low, high = context.reach(sums, steps, 0.0, bits, floor)
    step, zero = context.grid(low, high, bits, _finest(steps))
    value = context.rescaled(
        sums, steps / step, zero=zero, low=zero if floor == 0.0 else -top, high=top - 1,
        names=_units(sums), floor=floor == 0.0,
    )  # fmt: skip
    return _codes(value, step, zero)


def _tanh(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    """Symmetric about 0; the table ends at 8, where it is 1 to 2e-7."""
    top = (1 << (bits - 1)) - 1
    scale = top + 1 if context.options.power_of_two else top
    value = _tabled(
        context, sums, steps, bits, 8.0, lambda x: np.minimum(scale * np.tanh(x), top), 0
    )
    return _codes(value, 1.0 / scale, 0)


def _logistic(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    """Symmetric about 1/2; the table ends at 16, where it is 1 to 1e-7."""
    top = 1 << (bits - 1)
    if context.options.power_of_two:
        value = _tabled(
            context, sums, steps, bits, 16.0, lambda x: np.minimum(top * expit(x), top - 1), top
        )
        return _codes(context.builder.clamp(value, 0, top - 1), 1.0 / top, 0)
    value = _tabled(context, sums, steps, bits, 16.0, lambda x: (2 * top - 1) * expit(x) - top, -1)
    return _codes(value, 1.0 / (2 * top - 1), -top)


def _gelu(context: Context, sums: Value, steps: np.ndarray, bits: int) -> Codes:
    """The positive part less what is the same on both sides of 0, which is tabled."""
    builder, top = context.builder, 1 << (bits - 1)
    _, high = context.reach(sums, steps, 0.0, bits)
    step, zero = context.grid(_LEAST_GELU, high, bits, _finest(steps))
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
    value = builder.clamp(
        builder.add(found, builder.const(zero)), -top, top - 1, names=_units(sums)
    )
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


def _finest(steps: np.ndarray) -> float:
    """Half of a sum's own step: there is nothing to be seen below."""
    return float(steps.max()) / 2


def _units(sums: Value) -> tuple[str, ...]:
    return tuple(f"unit {k + 1}" for k in range(sums.size))


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
