"""Words for units of time, and which headers name a time."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

_SPELLINGS = {
    "s": "s sec secs second seconds sek sekunde sekunden seconde secondes segundos secondi",
    "ms": "ms msec msecs milli millis millisec millisecs millisecond milliseconds "
    "millisekunde millisekunden millisecondes",
    "us": "us µs μs usec usecs µsec μsec micro micros microsec microsecs microsecond "
    "microseconds mikrosekunde mikrosekunden",
    "ns": "ns nsec nsecs nano nanos nanosec nanosecs nanosecond nanoseconds nanosekunden",
    "min": "min mins minute minutes minuten minuti minutos",
    "h": "h hr hrs hour hours stunde stunden std heure heures ore horas",
    "d": "d day days tag tage jour jours",
}
SECONDS = {
    "s": Fraction(1),
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}
_UNIT_OF = {word: unit for unit, words in _SPELLINGS.items() for word in words.split()}
_CORE = frozenset(
    "t time times timestamp timestamps timestamping timecode zeit zeitstempel uhrzeit messzeit "
    "laufzeit temps tiempo tempo datetime date datum clock elapsed".split()
)
_MODIFIERS = frozenset(
    "relative rel abs absolute test total log logger logging rec record recorded recording "
    "measurement measured meas sample sampling system sys epoch unix posix utc gmt gps local stamp "
    "of day today since start from the in axis x running run device host can bus trace step cycle "
    "program iso offset and und string str".split()
)
_FINE = frozenset(("ms", "us", "ns"))  # units that open a name, as in ms_today
_ALONE = _FINE | {"s"}  # units that are a name; a column "min" is a minimum
_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[\[({<]\s*(?P<unit>[^\[\](){}<>]*?)\s*[\])}>]?\s*$")
_BEHIND = re.compile(
    r"^(?P<name>.*?[^\s/_,;:.|-])(?:\s+in\s+|\s*[/_,;:.\s|-]\s*)(?P<unit>[^\s/_,;:|.\[\](){}<>-]+\.?)\s*$"
)
_COUNTED = re.compile(r"[x×*]?\s*(?P<count>\d+(?:[.,]\d+)?(?:/[1-9]\d*)?)\s*(?P<unit>[^\W\d_]+)\.?")
_BRACKETED = re.compile(r"[\[({<][^\[\](){}<>]*[\])}>]?\s*$")
_WORDS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class TimeName(NamedTuple):
    """What a header says of time: its name without the unit, the unit, whether it is a time."""

    name: str
    unit: str | None
    named: bool


def time_unit_of(word: str) -> str | None:
    """The unit that a word stands for, in any usual spelling; None for other words."""
    plain = word.strip().strip("[](){}<>").strip().rstrip(".").casefold()
    return _UNIT_OF.get(plain)


def counted_unit(word: str) -> str | None:
    """The unit of a time that counts multiples or parts of one; None for other words.

    Examples
    --------
    >>> counted_unit("x10 msec"), counted_unit("1/10 ms"), counted_unit("0,1 s"), counted_unit("V")
    ('10 ms', '1/10 ms', '0.1 s', None)
    """
    match = _COUNTED.fullmatch(word.strip())
    unit = time_unit_of(match["unit"]) if match else None
    count = match["count"].replace(",", ".") if match else ""
    if match is None or unit is None or not Fraction(count):
        return time_unit_of(word)
    return unit if Fraction(count) == 1 else f"{count} {unit}"


def seconds_in(unit: str) -> Fraction:
    """How many seconds a unit of time is, such as ``"ms"`` or ``"10 ms"``."""
    count, _, unit = unit.rpartition(" ")
    return Fraction(count or 1) * SECONDS[unit]


def is_milliseconds(header: str) -> bool:
    """Whether a header names the milliseconds of the clock beside it."""
    plain = header.strip().casefold().strip("[]()")
    return time_unit_of(plain) == "ms" or plain in ("millitm", "time_ms", "msec.")


def known_units() -> str:
    """The units in one spelling each."""
    return ", ".join(SECONDS)


def time_name(header: str) -> TimeName:
    """Read a header as the name of a time, with its unit in brackets, behind a mark, or in front.

    Examples
    --------
    >>> time_name("Test Time (hours)")
    TimeName(name='Test Time', unit='h', named=True)
    >>> time_name("timestamp_ms")
    TimeName(name='timestamp', unit='ms', named=True)
    >>> time_name("T_rise [ms]").named
    False
    """
    header = header.strip()
    for pattern in (_BRACKETS, _BEHIND):
        match = pattern.match(header)
        unit = time_unit_of(match["unit"]) if match and match["unit"] else None
        if match and unit is not None:
            name = match["name"].strip()
            extreme = pattern is _BEHIND and unit == "min" and name.casefold() == "t"
            named = not name or (_is_time(name, lower=False) and not extreme)
            return TimeName(name or header, unit, named)
        counted = counted_unit(match["unit"]) if match and pattern is _BRACKETS else None
        if match and counted is not None and _is_time(match["name"], lower=False):
            return TimeName(match["name"].strip(), counted, True)
    words = _words(header)
    unit = time_unit_of(header) if len(header) > 1 and header.isalpha() else None
    if unit in _ALONE:
        return TimeName(header, unit, True)
    rest = set(words[1:])
    if rest and (unit := time_unit_of(words[0])) in _FINE and rest <= _CORE | _MODIFIERS:
        return TimeName(header, unit, True)
    camel = _words(_CAMEL.sub(" ", header))
    counts = any(character.isdigit() for character in header)  # time_10ms is no time in ms
    unit = time_unit_of(camel[-1]) if len(camel) > 1 and not counts else None
    if unit is not None and _are_time(camel[:-1]):
        return TimeName(header, unit, True)
    return TimeName(header, None, _is_time(header, lower=True))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(text)]


def _is_time(name: str, lower: bool) -> bool:
    """Whether all words speak of time; a lone T is a temperature unless a unit says otherwise."""
    if lower and _BRACKETED.sub("", name).strip(" '\"(,") in ("T", ""):
        return False
    if any(character.isdigit() for character in name):
        return False
    return _are_time(_words(_CAMEL.sub(" ", name)) or _words(name)) or _are_time(_words(name))


def _are_time(words: list[str]) -> bool:
    return (
        bool(words)
        and any(word in _CORE for word in words)
        and all(word in _CORE or word in _MODIFIERS for word in words)
    )
