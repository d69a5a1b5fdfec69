"""A lower rate, as so many rows of a log to one of its own."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from numbers import Real

from signalprep.errors import InvalidParameterError
from signalprep.log._segments import RATE_NEEDED, WHOLE

MOST = 10_000  # rows of a log to some at the lower rate, where these are more than one
_EXACT = 1e-9  # what a quotient of two rates is off by rounding
_HERTZ = re.compile(r"\s*(?P<number>\d+\.?\d*|\.\d+)\s*(?P<prefix>[mkM]?)[Hh]z\s*")
_PREFIXES = {"m": Fraction(1, 1000), "": Fraction(1), "k": Fraction(1000), "M": Fraction(10**6)}


def rows_to_one(rate: float | str, sample_time: float | None) -> Fraction:
    """How many rows of a log make one at a lower rate: 10/3 from 10 Hz to "3Hz".

    The simplest quotient that meets the rate to 1e-6, which is as exact as that of a log is known;
    but that of the very numbers where it is as simple.

    Parameters
    ----------
    rate : float or str
        In Hz, or with its unit ("1Hz", "44.1 Hz", "2 kHz").
    sample_time : float or None
        Seconds between the rows; None when unknown.

    Raises
    ------
    InvalidParameterError
        No rate, one above that of the log or without a simple quotient, or an unknown sample time.
    """
    hertz = _in_hertz(rate)
    if sample_time is None:
        raise InvalidParameterError(f"rate={rate!r} {RATE_NEEDED}. Give factor= instead")
    ratio = float(hertz) * sample_time
    if ratio > 1.0 + WHOLE:
        raise InvalidParameterError(
            f"rate must not be above that of the log, {1.0 / sample_time:.6g} Hz, since a log "
            f"cannot be given more rows than were recorded; got {rate!r}. Lower it, or leave the "
            "log as it is"
        )
    for off in (_EXACT, WHOLE):
        found = _simplest(Fraction(ratio * (1.0 - off)), Fraction(ratio * (1.0 + off)))
        if found.numerator == 1 or found.denominator <= MOST:
            return 1 / found
    near = min(
        (Fraction(ratio).limit_denominator(MOST), Fraction(1, round(1.0 / ratio))),
        key=lambda one: abs(one - Fraction(ratio)),
    )
    raise InvalidParameterError(
        f"rate must be p / q of the rate of the log, {1.0 / sample_time:.6g} Hz, for whole numbers "
        f"with q at most {MOST} unless p is 1; got {rate!r}. The nearest such is "
        f"rate={float(near) / sample_time:.9g}; or lower the rate in two steps"
    )


def _in_hertz(rate: float | str) -> Fraction:
    if isinstance(rate, str):
        found = _HERTZ.fullmatch(rate)
        hertz = Fraction(found["number"]) * _PREFIXES[found["prefix"]] if found else Fraction(0)
    elif isinstance(rate, Real) and not isinstance(rate, bool) and math.isfinite(rate):
        hertz = Fraction(float(rate))
    else:
        hertz = Fraction(0)
    if hertz <= 0:
        raise InvalidParameterError(
            f"rate must be a positive number in Hz, or with its unit such as '1Hz'; got {rate!r}"
        )
    return hertz


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator from low to high."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    rest = whole - 1
    return rest + 1 / _simplest(1 / (high - rest), 1 / (low - rest))
