"""Units as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CELSIUS = frozenset({"°C", "℃", "degC", "deg C", "degree Celsius", "degrees Celsius", "Celsius"})


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


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, kept on one line."""
    return f"{text} {unit}".replace(" ", "\N{NO-BREAK SPACE}") if unit else text


def signal_name(name: Any, units: Mapping[str, str]) -> str:
    """Name and unit of a signal."""
    unit = units.get(str(name), "")
    return f"{name} [{unit}]" if unit else str(name)
