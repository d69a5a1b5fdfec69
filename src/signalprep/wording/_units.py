"""Units as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CELSIUS = frozenset({"°C", "℃", "degC", "deg C", "degree Celsius", "degrees Celsius", "Celsius"})
POWERS = ("", "", "²", "³", "⁴", "⁵", "⁶")


def error_unit(unit: str) -> str:
    """Unit of an error in a quantity of this unit.

    A difference of two temperatures in degrees Celsius is written in kelvin; any other unit is
    that of the quantity.

    Examples
    --------
    >>> error_unit("°C"), error_unit("A")
    ('K', 'A')
    """
    return "K" if unit.strip() in CELSIUS else unit


def rate_unit(unit: str, order: int = 1, *, per: str = "s") -> str:
    """Unit of a derivative with respect to time; none where that of the quantity is not known.

    Examples
    --------
    >>> rate_unit("rad"), rate_unit("m/s"), rate_unit("°C", 2), rate_unit("-")
    ('rad/s', 'm/s²', 'K/s²', '1/s')
    """
    unit = error_unit(unit.strip())
    if order == 0 or not unit:
        return unit
    unit = "1" if unit == "-" else unit
    for power in range(1, len(POWERS)):
        ending = f"/{per}{POWERS[power]}"
        if unit.endswith((ending, f"/{per}^{power}")):
            unit, order = unit[: unit.rindex("/")], order + power
            break
    return f"{unit}/{per}{POWERS[order] if order < len(POWERS) else f'^{order}'}"


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, kept on one line."""
    return f"{text} {unit}".replace(" ", "\N{NO-BREAK SPACE}") if unit else text


def signal_name(name: Any, units: Mapping[str, str]) -> str:
    """Name and unit of a signal."""
    unit = units.get(str(name), "")
    return f"{name} [{unit}]" if unit else str(name)
