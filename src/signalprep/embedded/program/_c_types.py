"""Types of C by the range of what they hold, and numbers as C writes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from signalprep.embedded.program._intervals import bits_of

__all__ = ["CType", "literal", "type_of"]


class CType(NamedTuple):
    """A signed type: its name, and its bytes where a byte has eight bits."""

    name: str
    size: int


_TYPES = {
    8: CType("int_least8_t", 1),
    16: CType("int16_t", 2),
    32: CType("int32_t", 4),
    64: CType("int64_t", 8),
}


def type_of(low: int, high: int) -> CType:
    """The least type that holds both."""
    bits = bits_of(low, high)
    return next(kind for width, kind in _TYPES.items() if bits <= width)


def type_for(numbers: np.ndarray) -> CType:
    """The least type that holds all."""
    return type_of(int(numbers.min()), int(numbers.max()))


def literal(number: int) -> str:
    """A number of at most 32 bits as a constant of C, or a longer one."""
    number = int(number)
    if number == -(2**31):
        return "(-2147483647 - 1)"
    if bits_of(number, number) > 32:
        return f"INT64_C({number})" if number >= 0 else f"(-INT64_C({-number}))"
    return str(number) if number >= 0 else f"({number})"
