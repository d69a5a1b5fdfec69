"""Format: how the codes of a raw channel stand for a physical quantity."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError

__all__ = ["Format"]

_MOST_BITS = 32


@dataclass(frozen=True)
class Format:
    """How the codes of a raw channel stand for a physical quantity: ``lsb * code + offset``.

    Parameters
    ----------
    lsb : float
        Of one step of the code, in the unit of the channel.
    offset : float, default=0.0
        Of the code 0, in the unit of the channel.
    bits : int, default=16
        Of the code, from 2 to 32. What is beyond them saturates.
    signed : bool, default=True
        Whether codes begin at ``-2**(bits - 1)`` or at 0.
    not_available : int, default=None
        The code that says that there is no value. The last value is held then.

    Raises
    ------
    InvalidParameterError
        `lsb` is not above 0, `bits` does not fit, `not_available` is no code of the format.

    Examples
    --------
    >>> from signalprep.embedded import Format
    >>> temperature = Format(lsb=0.1, offset=-40.0, bits=12, signed=False, not_available=4095)
    >>> temperature.low, temperature.high
    (0, 4095)
    >>> temperature.encode([-40.0, 25.03, 1000.0, float("nan")])
    array([   0,  650, 4094, 4095])
    """

    lsb: float
    offset: float = 0.0
    bits: int = 16
    signed: bool = True
    not_available: int | None = None

    def __post_init__(self) -> None:
        if not (_is_real(self.lsb) and 0 < self.lsb < math.inf):
            raise InvalidParameterError(f"lsb must be a number above 0; got {self.lsb!r}")
        if not (_is_real(self.offset) and math.isfinite(self.offset)):
            raise InvalidParameterError(f"offset must be a finite number; got {self.offset!r}")
        if not isinstance(self.signed, bool | np.bool_):
            raise InvalidParameterError(f"signed must be True or False; got {self.signed!r}")
        most = _MOST_BITS if self.signed else _MOST_BITS - 1
        whole = isinstance(self.bits, numbers.Integral) and not isinstance(self.bits, bool)
        if not whole or not 2 <= self.bits <= most:
            kind = "a signed" if self.signed else "an unsigned"
            raise InvalidParameterError(
                f"bits of {kind} format must be an int from 2 to {most}; got {self.bits!r}"
            )
        code = self.not_available
        if code is not None and not (
            isinstance(code, numbers.Integral) and self.low <= code <= self.high
        ):
            raise InvalidParameterError(
                f"not_available must be a code from {self.low} to {self.high}; got {code!r}"
            )
        plain: dict[str, Any] = {"lsb": float, "offset": float, "bits": int, "signed": bool}
        plain |= {} if code is None else {"not_available": int}
        for field, kind in plain.items():  # numbers of NumPy cannot be written to JSON
            made: Any = kind(getattr(self, field))
            object.__setattr__(self, field, made)

    @property
    def low(self) -> int:
        """The least code."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The greatest code."""
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1

    @property
    def container(self) -> int:
        """Bits of the signed number type that holds the code."""
        needs = self.bits if self.signed else self.bits + 1
        return 16 if needs <= 16 else 32

    def encode(self, values: object) -> np.ndarray:
        """The nearest codes, ties up; what is beyond the format saturates, at a code with a value.

        Parameters
        ----------
        values : array-like of float
            In the unit of the channel.

        Returns
        -------
        codes : int64 ndarray

        Raises
        ------
        InvalidParameterError
            A value is NaN, and the format names no code that says so.
        """
        numbers_ = np.asarray(values, dtype=np.float64)
        missing = np.isnan(numbers_)
        if missing.any() and self.not_available is None:
            raise InvalidParameterError(
                "a value is NaN and its format names no code for it; give the format "
                "not_available=, or fill the value"
            )
        codes = np.floor((np.where(missing, 0.0, numbers_) - self.offset) / self.lsb + 0.5)
        low, high = self.low, self.high
        least = low + (self.not_available == low)
        most = high - (self.not_available == high)
        codes = np.where(codes < low, least, np.where(codes > high, most, codes)).astype(np.int64)
        return codes if self.not_available is None else np.where(missing, self.not_available, codes)

    def beyond(self, values: object) -> np.ndarray:
        """Whether values saturate.

        Parameters
        ----------
        values : array-like of float
            In the unit of the channel.

        Returns
        -------
        beyond : ndarray of bool
            False where there is no value.
        """
        given = (np.asarray(values, dtype=np.float64) - self.offset) / self.lsb
        codes = np.floor(given + 0.5)
        return np.asarray((codes < self.low) | (codes > self.high))

    def decode(self, codes: object) -> np.ndarray:
        """The values of codes, in the unit of the channel; NaN where there is none.

        Parameters
        ----------
        codes : array-like of int

        Returns
        -------
        values : float64 ndarray
        """
        whole = np.asarray(codes, dtype=np.int64)
        values = self.lsb * whole.astype(np.float64) + self.offset
        return (
            values
            if self.not_available is None
            else np.where(whole == self.not_available, np.nan, values)
        )


def _is_real(number: object) -> bool:
    return isinstance(number, numbers.Real) and not isinstance(number, bool)
