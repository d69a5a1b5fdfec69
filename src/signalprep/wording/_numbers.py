"""Numbers as text: sensible digits, thousands separated, a dash where there is no value."""

from __future__ import annotations

import math
from collections.abc import Iterable

DASH = "–"
MINUS = "−"
MOST_DECIMALS = 6
LARGEST_PLAIN = 1e9
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals_for(values: Iterable[float], digits: int = 3) -> int:
    """Decimals that give the typical (median) value `digits` significant digits.

    One number of decimals for a column or a map keeps its values comparable at a glance.

    Examples
    --------
    >>> decimals_for([0.52, 3.4, 21.0])
    2
    """
    sizes = sorted(abs(float(v)) for v in values if math.isfinite(v) and v != 0)
    if not sizes:
        return 0
    return max(digits - 1 - _exponent(sizes[len(sizes) // 2], digits), 0)


def format_number(value: float, decimals: int | None = None, *, signed: bool = False) -> str:
    """Text of a number.

    Parameters
    ----------
    value : float
        NaN gives an en dash.
    decimals : int, default=None
        Digits after the point; None: three significant digits.
    signed : bool, default=False
        Whether positive values carry a plus sign.

    Examples
    --------
    >>> [format_number(v) for v in (0.123456, 12345.6, float("nan"))]
    ['0.123', '12,346', '–']
    """
    value = float(value)
    if math.isnan(value):
        return DASH
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    if math.isinf(value):
        return f"{sign}∞"
    if decimals is None:
        decimals = decimals_for([value])
    if decimals > MOST_DECIMALS or abs(value) >= LARGEST_PLAIN:
        return sign + _scientific(abs(value))
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        sign = ""
    return sign + text


def format_interval(low: float, high: float, decimals: int | None = None) -> str:
    """Text of an interval; empty where it is not known.

    Examples
    --------
    >>> format_interval(2.61, 4.3, 1), format_interval(-1.0, 2.0, 1)
    ('2.6–4.3', '−1.0 to 2.0')
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    between = " to " if low < 0 or high < 0 else "–"
    return format_number(low, decimals) + between + format_number(high, decimals)


def format_count(value: float, one: str = "", many: str = "") -> str:
    """Text of a count, with its noun.

    Examples
    --------
    >>> format_count(1, "cycle", "cycles"), format_count(12345, "row", "rows")
    ('1 cycle', '12,345 rows')
    """
    noun = one if value == 1 else many
    return f"{int(value):,} {noun}".rstrip()


def _exponent(size: float, digits: int) -> int:
    """Power of ten of the first digit after rounding to `digits` significant digits."""
    return int(f"{size:.{digits - 1}e}".split("e")[1])


def _scientific(size: float) -> str:
    if size == 0:
        return "0"
    mantissa, exponent = f"{size:.2e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
