"""What the lines above a table state: sampling rate, first stamp, unit of time, segments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from signalprep.io._cells import NUMBER
from signalprep.io._lines import uncommented
from signalprep.io._time_units import seconds_in, time_unit_of

_RATE = re.compile(
    r"\b(sampl\w*|acquisition|scan|logging|record\w*|abtast\w*)[ _]*(rate|freq\w*)\b|^fs$"
    r"|\babtast(rate|frequenz)\b|\bsamples per second\b|^(sample|sampling) ?rate"
)
_BARE_RATE = re.compile(r"^(data |log |update )?rate$")  # a rate of samples if it is one in Hz
_STEP = re.compile(
    r"\b(sampl\w*|acquisition|scan|logging|record\w*|horizontal|x|time|abtast\w*)[ _]*"
    r"(interval\w*|period\w*|incr\w*|step|delta|intervall)\b|^delta[ _]?t$|^dt$"
    r"|^hor\w* interval$|^[tx]inc\w*$|^delta[ _]?x$|^increment$|\babtast(intervall|zeit)\b"
    r"|^t ?step$|^h ?resolution$|^clock$|^sampl\w* ?time$"
)
_START = re.compile(r"^(x|hor\w*)[ _]?(origin|zero)$|^x_?0$|^h ?offset$")
_TIME_UNIT = re.compile(
    r"^(horizontal|hor|h|x|time|t|zeit)[ _-]*(axis)?[ _-]*units?\b|^units? of time"
)
_SEGMENTS = re.compile(r"^(segments|segment count|(fast)?frame ?count|number of segments)$")
_LENGTH = re.compile(r"^(record ?length|block ?size|segment ?size)$")
LONGEST = 40  # letters of a number that is a setting
_IN_SECONDS = re.compile(r"^LECROY", re.IGNORECASE)  # instruments that name no unit of time
_HERTZ = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_FREQUENCY = re.compile(r"(?P<prefix>[kmg]?)(?:hz|hertz|sa?/s|sps|s/sec|samples/s(?:ec)?)$")
_BRACKETED = re.compile(r"^(?P<key>.*?)[\[({](?P<unit>[^\[\](){}]*)[\])}]?$")
_PARTS = re.compile(r"[,;\t|]|(?<!\d):(?!\\)|=|:\s")
_PAIR = re.compile(
    r"(?P<key>.*?[^\d\s:=;,|])[\s:=;,|\"]+(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)"
    r"(?:[\s,;|\"]*(?P<unit>[^\W\d][\w/]*))?[;,|\s\"]*"
)
_VALUE = re.compile(r"(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>.*)")
_CHANNEL = re.compile(r"^[^\W\d][\w ]*:\s*(?=[-+.\d])")  # CH1:4.0e-08


@dataclass
class Stated:
    """Facts that a file states above its table; None where it does not.

    Attributes
    ----------
    rate : in Hz.
    step, start : time between two samples and of the first one, in s, exactly as written.
    time_unit : one of the known units of time.
    segments : number of recordings in the table.
    length : rows of each of them.
    where : the words that state rate or step.
    length_where : the words that state the length.
    """

    rate: float | None = None
    step: Fraction | None = None
    start: Fraction | None = None
    time_unit: str | None = None
    segments: int | None = None
    length: int | None = None
    where: str = ""
    length_where: str = ""


def stated_in(lines: Iterable[str]) -> Stated:
    """Read settings such as ``Sample Interval,0.0002,s`` or ``# rate: 10 kHz``."""
    found = Stated()
    for line in lines:
        plain = uncommented(line)
        if _IN_SECONDS.match(plain):
            found.time_unit = "s"
        parts = _parts(plain)
        for k in (0, 2):  # two settings may share a line: Segments,2,SegmentSize,502
            if len(parts) >= k + 2:
                _take(found, parts[k:], line.strip())
    return found


def _parts(line: str) -> list[str]:
    """Key, value and unit of a line of settings."""
    match = _PAIR.fullmatch(line)
    if match and not re.search(r"[,;\t]", match["key"]):
        return [
            part for part in (match["key"].strip(" \"'"), match["number"], match["unit"]) if part
        ]
    parts = [part.strip().strip("\"'") for part in _PARTS.split(_protected(line))]
    return [part.replace("\0", ":") for part in parts if part]


def _protected(line: str) -> str:
    """The line with the names of channels kept at their values, as in ``CH1:4.0e-08``."""
    return re.sub(r"(?<=[,;\t])\s*([^\W\d]\w*):(?=[-+.\d])", "\\1\0", line)


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
    match = _VALUE.fullmatch(_CHANNEL.sub("", parts[1]))
    if match is None or not NUMBER["."].fullmatch(match["number"].replace(",", ".")):
        return
    if len(match["number"]) > LONGEST:
        return
    value = Fraction(match["number"].replace(",", "."))
    later = list(parts[2:])
    while later and later[0] == parts[1]:  # the same value for each channel
        later.pop(0)
    behind = later[0] if later and not _CHANNEL.match(later[0]) else ""
    unit = unit or match["unit"].strip() or behind
    if _SEGMENTS.match(key) and value.denominator == 1:
        found.segments = int(value)
    elif _LENGTH.match(key):
        if value.denominator == 1 and time_unit_of(unit) is None:
            found.length, found.length_where = found.length or int(value), line
    elif _START.match(key):
        if (start := _seconds(value, unit)) is not None and found.start is None:
            found.start = start
    else:
        _take_rate(found, key, value, unit, line)


def _take_rate(found: Stated, key: str, value: Fraction, unit: str, line: str) -> None:
    if value <= 0 or found.rate is not None:
        return
    hertz = _FREQUENCY.match(unit.casefold())
    if _STEP.search(key) and not hertz:
        found.step = _seconds(value, unit)
    elif hertz and (_RATE.search(key) or _BARE_RATE.match(key)):
        found.step = 1 / (value * _HERTZ[hertz["prefix"]])
    elif _RATE.search(key) and not unit:
        found.step = 1 / value
    if found.step is not None:
        found.rate, found.where = float(1 / found.step), line


def _seconds(value: Fraction, unit: str) -> Fraction | None:
    """A duration in seconds; those are meant where no unit of time stands behind it."""
    known = time_unit_of(unit) if unit else "s"
    if known is None and NUMBER["."].fullmatch(unit):  # the value of another channel
        known = "s"
    return None if known is None else value * seconds_in(known)
