"""Words of the command line as arguments of `read_log`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from signalprep.cli._comma_lists import split, split_all
from signalprep.errors import InvalidParameterError

SEPARATORS = {
    "tab": "\t",
    "\\t": "\t",
    "blank": " ",
    "space": " ",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "colon": ":",
}
MARKS = {"point": ".", "dot": ".", "comma": ",", "blank": " ", "space": " ", "apostrophe": "'"}


def _in(words: Mapping[str, str]) -> Callable[[str], str]:
    return lambda text: words.get(text.strip().lower(), text)


def _time(text: str) -> str | list[str] | bool:
    parts = split(text)
    if text.lower() == "none":
        return False
    return parts if len(parts) > 1 else parts[0] if parts else text


def _cycle(texts: list[str]) -> str | list[str]:
    names = _names(texts)
    return names if len(names) > 1 else names[0]


def _names(texts: list[str]) -> list[str]:
    """Names in their order; a name given twice is for `read_log` to judge."""
    split_all(texts)
    return [name for text in texts for name in split(text)]


def _units(text: str) -> bool | dict[str, str]:
    return False if text.lower() == "none" else _pairs(text, "--units", "omega_m=rad/s,T=degC")


def _hold(text: str) -> str | float | dict[str, str | float | None] | None:
    if "=" not in text:
        return _limit(text)
    limits = _pairs(text, "--hold", "T_coolant=5s,speed=none")
    return {name: _limit(limit) for name, limit in limits.items()}


def _limit(text: str) -> str | float | None:
    """A duration, a number of seconds, or no limit."""
    if text.lower() == "none":
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _pairs(text: str, option: str, example: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in split(text):
        name, equals, value = (piece.strip() for piece in part.rpartition("="))
        if not (equals and name and value):
            raise InvalidParameterError(f"{option} must look like {example!r}; got {part!r}")
        if name in pairs:
            raise InvalidParameterError(f"{option} must name a channel once; {name!r} is twice")
        pairs[name] = value
    if not pairs:
        raise InvalidParameterError(f"{option} must look like {example!r}; got {text!r}")
    return pairs


def _long_form(text: str) -> dict[str, str]:
    parts = split(text)
    if len(parts) not in (2, 3):
        raise InvalidParameterError(
            f"--long-form must be two or three columns, NAME,VALUE[,UNIT]; got {text!r}"
        )
    return dict(zip(("name", "value", "unit"), parts, strict=False))


def _interpolate(texts: list[str]) -> str | list[str]:
    channels = split_all(texts)
    return "linear" if channels == ["linear"] else channels


def _max_bytes(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError) as error:
        raise InvalidParameterError(
            f"--max-bytes must be a number of bytes, such as 8e9; got {text!r}"
        ) from error


PARSERS: dict[str, Callable[[Any], Any]] = {
    "cycle": _cycle,
    "time": _time,
    "columns": split_all,
    "names": _names,
    "sep": _in(SEPARATORS),
    "decimal": _in(MARKS),
    "thousands": _in(MARKS),
    "units": _units,
    "na_values": split_all,
    "long_form": _long_form,
    "interpolate": _interpolate,
    "hold": _hold,
    "max_bytes": _max_bytes,
}
"""What to make of the words of an option, by the parameter of `read_log`; others go as they are."""
