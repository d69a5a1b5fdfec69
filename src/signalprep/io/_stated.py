"""What the lines above a table state: sampling rate, unit of time, segments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signalprep.io._cells import NUMBER
from signalprep.io._lines import uncommented
from signalprep.io._time_units import SECONDS, time_unit_of

_RATE = re.compile(
    r"\b(sampl\w*|acquisition|scan|logging|record\w*|abtast\w*)[ _]*(rate|freq\w*)\b|^fs$"
    r"|\babtast(rate|frequenz)\b|\bsamples per second\b|^(sample|sampling) ?rate"
)
_STEP = re.compile(
    r"\b(sampl\w*|acquisition|scan|logging|record\w*|horizontal|x|time|abtast\w*)[ _]*"
    r"(interval\w*|period\w*|incr\w*|step|delta|intervall)\b|^delta[ _]?t$|^dt$|^t ?step$"
    r"|^hor\w* interval$|^xinc\w*$|^delta[ _]?x$|^increment$|\babtastintervall\b"
)
_TIME_UNIT = re.compile(
    r"^(horizontal|hor|x|time|t|zeit)[ _-]*(axis)?[ _-]*units?\b|^units? of time"
)
_SEGMENTS = re.compile(r"^(segments|segment count|frame ?count|number of segments)$")
_HERTZ = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
_FREQUENCY = re.compile(r"(?P<prefix>[kmg]?)(?:hz|hertz|sa?/s|sps|s/sec|samples/s(?:ec)?)$")
_BRACKETED = re.compile(r"^(?P<key>.*?)[\[({](?P<unit>[^\[\](){}]*)[\])}]?$")
_PARTS = re.compile(r"[,;\t|]|(?<!\d):(?!\\)|=|:\s")
_PAIR = re.compile(
    r"(?P<key>.*?[^\d\s:=;,|])[\s:=;,|\"]+(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)"
    r"(?:[\s,;|\"]*(?P<unit>[^\W\d][\w/]*))?[;,|\s\"]*"
)
_VALUE = re.compile(r"(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>.*)")


@dataclass
class Stated:
    """Facts that a file states above its table; None where it does not.

    Attributes
    ----------
    rate : in Hz.
    time_unit : one of the known units of time.
    segments : number of recordings in the table.
    where : the words that state rate or step.
    """

    rate: float | None = None
    time_unit: str | None = None
    segments: int | None = None
    where: str = ""


def stated_in(lines: Iterable[str]) -> Stated:
    """Read settings such as ``Sample Interval,0.0002,s`` or ``# rate: 10 kHz``."""
    found = Stated()
    for line in lines:
        parts = _parts(uncommented(line))
        if len(parts) >= 2:
            _take(found, parts, line.strip())
    return found


def _parts(line: str) -> list[str]:
    """Key, value and unit of a line of settings."""
    if match := _PAIR.fullmatch(line):
        return [
            part for part in (match["key"].strip(" \"'"), match["number"], match["unit"]) if part
        ]
    parts = [part.strip().strip("\"'") for part in _PARTS.split(line)]
    return [part for part in parts if part]


def _take(found: Stated, parts: Sequence[str], line: str) -> None:
    key, unit = parts[0].rstrip(" =:"), ""
    if match := _BRACKETED.match(key):
        key, unit = match["key"].strip(), match["unit"].strip()
    key = key.casefold()
    if _TIME_UNIT.search(key) and (stated := time_unit_of(parts[1])):
        found.time_unit = found.time_unit or stated
        return
    if key == "x_dimension" and parts[1].casefold() == "time":
        found.time_unit = found.time_unit or "s"
        return
    if _SEGMENTS.match(key) and parts[1].isdecimal():
        found.segments = int(parts[1])
        return
    match = _VALUE.fullmatch(parts[1])
    if match is None or not NUMBER["."].fullmatch(match["number"].replace(",", ".")):
        return
    value = float(match["number"].replace(",", "."))
    later = list(parts[2:])
    while later and later[0] == parts[1]:  # the same value for each channel
        later.pop(0)
    unit = unit or match["unit"].strip() or (later[0] if later else "")
    if value <= 0 or found.rate is not None:
        return
    if _STEP.search(key):
        step = time_unit_of(unit or "s")
        if step is not None:
            found.rate, found.where = 1.0 / (value * float(SECONDS[step])), line
    elif _RATE.search(key) and (hertz := _FREQUENCY.match((unit or "Hz").casefold())):
        found.rate, found.where = value * _HERTZ[hertz["prefix"]], line
