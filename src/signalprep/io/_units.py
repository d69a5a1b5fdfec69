"""Units: which words are one, and the factor between two."""

from __future__ import annotations

import re
from fractions import Fraction
from math import pi
from typing import NamedTuple

import numpy as np

from signalprep.errors import InvalidParameterError

_SYMBOL = re.compile(
    r"(?:[fpnuµμmckMGdh]|da)?"
    r"(?:m|s|g|A|V|W|Hz|N|Nm|J|Wh|Ah|As|eV|K|F|H|T|Wb|Pa|bar|Ohm|ohm|OHM|Ω|Ω|rad|l|L|mol|lx|cd"
    r"|VA|var|VAr|S|Vs|C|B|Bd|S/s|Sa/s)"
    r"|tr|giri|ppr|min|h|d|%|%%|‰|°|°C|°F|ºC|degC|degF|deg|Deg|DEG|rpm|RPM|rps|U|kph|kmh|km/h|mph|ppm|dB|dBm|el"
    r"|mech|pu|p\.u\.|t|psi|1|-|/min|min-1|s-1|mA|kn|lb|ft|in|lbft|hp|PS|bit|LSB|lsb|digits?|counts?"
    r"|raw|bool|enum|msec|sec|usec|hrs?|KM/H|NM|KW|MV|VDC|VAC|Vrms|Arms|Vpp|gal|inch|mile|miles"
)
_SPELLED = frozenset(
    "volt volts ampere amperes amp amps milliampere milliamps millivolt millivolts kilovolt watt "
    "watts kilowatt kilowatts newton newtons newtonmeter newtonmeters newtonmetre newtonmetres "
    "degree degrees celsius fahrenheit kelvin radian radians revolutions percent prozent hertz "
    "kilohertz second seconds millisecond milliseconds microsecond microseconds minute minutes "
    "hour hours meter meters metre metres kilometer kilometers kilometre ohm ohms farad henry "
    "tesla weber pascal bar grad sekunden stunden minuten count counts unitless dimensionless "
    "none units sec secs msec usec joule joules".split()
)
_JOIN = re.compile(r"\s*[/*·⋅. ]\s*|\^[-+]?\d|(?<=[smn])-?\d(?!\d)|[²³⁻¹]")
_PREFIX = {
    "": Fraction(1),
    "k": Fraction(1000),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "m": Fraction(1, 10**3),
    "u": Fraction(1, 10**6),
    "µ": Fraction(1, 10**6),
    "μ": Fraction(1, 10**6),
    "n": Fraction(1, 10**9),
    "c": Fraction(1, 100),
    "h": Fraction(100),
}
_TURN = 2.0 * pi


class _Scale(NamedTuple):
    """A unit as ``base = factor * value + offset``, and what it measures."""

    kind: str
    factor: float
    offset: float = 0.0


_NAMED = {
    "rad/s": _Scale("angular speed", 1.0),
    "rpm": _Scale("angular speed", _TURN / 60.0),
    "1/min": _Scale("angular speed", _TURN / 60.0),
    "min-1": _Scale("angular speed", _TURN / 60.0),
    "min^-1": _Scale("angular speed", _TURN / 60.0),
    "u/min": _Scale("angular speed", _TURN / 60.0),
    "tr/min": _Scale("angular speed", _TURN / 60.0),
    "giri/min": _Scale("angular speed", _TURN / 60.0),
    "rps": _Scale("angular speed", _TURN),
    "deg/s": _Scale("angular speed", pi / 180.0),
    "°/s": _Scale("angular speed", pi / 180.0),
    "rad": _Scale("angle", 1.0),
    "deg": _Scale("angle", pi / 180.0),
    "°": _Scale("angle", pi / 180.0),
    "m/s": _Scale("speed", 1.0),
    "km/h": _Scale("speed", 1.0 / 3.6),
    "kmh": _Scale("speed", 1.0 / 3.6),
    "kph": _Scale("speed", 1.0 / 3.6),
    "mph": _Scale("speed", 0.44704),
    "K": _Scale("temperature", 1.0),
    "degc": _Scale("temperature", 1.0, 273.15),
    "°c": _Scale("temperature", 1.0, 273.15),
    "ºc": _Scale("temperature", 1.0, 273.15),
    "celsius": _Scale("temperature", 1.0, 273.15),
    "degf": _Scale("temperature", 5.0 / 9.0, 459.67 * 5.0 / 9.0),
    "°f": _Scale("temperature", 5.0 / 9.0, 459.67 * 5.0 / 9.0),
    "1": _Scale("share", 1.0),
    "-": _Scale("share", 1.0),
    "%": _Scale("share", 0.01),
    "‰": _Scale("share", 0.001),
    "bar": _Scale("Pa", 1e5),
    "min": _Scale("s", 60.0),
    "h": _Scale("s", 3600.0),
    "wh": _Scale("J", 3600.0),
    "kwh": _Scale("J", 3.6e6),
    "ah": _Scale("As", 3600.0),
    "mah": _Scale("As", 3.6),
}
_BASES = "Nm Hz Ohm Ω Pa Wb Vs As A V W N J F H T m s g".split()


def is_unit(text: str) -> bool:
    """Tell whether the text reads like a unit."""
    text = text.strip()
    if text.casefold() in _SPELLED:
        return True
    parts = [part for part in _JOIN.split(text) if part]
    whole = _SYMBOL.fullmatch(text) is not None and not text.isdecimal()
    return whole or (
        bool(parts) and not text.isdecimal() and all(_SYMBOL.fullmatch(part) for part in parts)
    )


def bare_unit(text: str) -> str | None:
    """The unit of a cell in a row of units, without its bracket; None for other text."""
    text = text.strip()
    for opening, closing in ("[]", "()", "{}", "<>"):
        if text.startswith(opening) and text.endswith(closing):
            return text[1:-1].strip()
    return text if is_unit(text) else None


def convert(values: np.ndarray, name: str, unit: str | None, wanted: str) -> np.ndarray:
    """Values of a channel in another unit of the same quantity."""
    if unit is None:
        raise InvalidParameterError(
            f"units= cannot convert {name!r} to {wanted!r}: the file gives it no unit"
        )
    if unit == wanted:
        return values
    own, other = _scale(unit), _scale(wanted)
    if own is None or other is None or own.kind != other.kind:
        raise InvalidParameterError(
            f"units= cannot convert {name!r} from {unit!r} to {wanted!r}: "
            + ("they measure different things" if own and other else "no factor is known")
        )
    if own.offset == other.offset == 0.0:
        return values * (own.factor / other.factor)
    return (values * own.factor + (own.offset - other.offset)) / other.factor


def _scale(unit: str) -> _Scale | None:
    unit = unit.strip()
    if unit in _NAMED:
        return _NAMED[unit]
    for base in _BASES:
        prefix = unit.removesuffix(base)
        if unit.endswith(base) and prefix in _PREFIX:
            kind = {"Ω": "Ohm", "Vs": "Wb"}.get(base, base)
            factor = _PREFIX[prefix]
            return _Scale(kind, float(factor))
    return _NAMED.get(unit.casefold())
