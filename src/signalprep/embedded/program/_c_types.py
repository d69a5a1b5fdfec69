"""Types of C by the range of what they hold; numbers and values as C writes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from signalprep.embedded.program._intervals import bits_of

__all__ = ["CType", "CValue", "literal", "type_for", "type_of"]


class CType(NamedTuple):
    """A signed type: its name, and its bytes where a byte has eight bits."""

    name: str
    size: int


class CValue(NamedTuple):
    """How the value of an op is written."""

    name: str
    size: int
    kind: CType
    begin: int = 0  # where it begins in the array of that name

    def at(self, i: str) -> str:
        if self.size == 1:
            return self.name
        if self.begin == 0:
            return f"{self.name}[{i}]"
        return f"{self.name}[{int(i) + self.begin if i.isdigit() else f'{i} + {self.begin}U'}]"

    def part(self, begin: int, size: int) -> CValue:
        """Neighbours, read where they stand."""
        if self.size == 1:
            return self
        if size == 1:
            return CValue(self.at(str(begin)), 1, self.kind)
        return self._replace(size=size, begin=self.begin + begin)


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
