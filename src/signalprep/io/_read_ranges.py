"""read_ranges: what signals can be, from the description of a CAN bus."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError, ReadError
from signalprep.io._reading_report import units
from signalprep.io._units import convert

__all__ = ["read_ranges"]

SHOWN = 3  # names in a message
MESSAGE = re.compile(r"\s*BO_\s+\d+\s+(?P<name>\w+)\s*:")
BEGUN = re.compile(r"\s*SG_\s")
SIGNAL = re.compile(
    r"\s*SG_\s+(?P<name>\w+)\s*(?:[mM]\w*\s*)?:"  # its name, and by what it is multiplexed
    r"\s*\d+\s*\|\s*\d+\s*@\s*[01]\s*[+-]\s*\([^()]*\)"  # bits, order, sign, factor, offset
    r"\s*\[\s*(?P<low>[^\s|\]]+)\s*\|\s*(?P<high>[^\s|\]]+)\s*\]"
    r'\s*"(?P<unit>[^"]*)"'
)


class _Signal(NamedTuple):
    """A signal as the file describes it."""

    message: str
    name: str
    unit: str
    range: tuple[float, float] | None


def read_ranges(
    path: str | os.PathLike[str], log: pd.DataFrame, channels: Iterable[Hashable] | None = None
) -> dict[Hashable, tuple[float, float]]:
    """Read what the channels of a log can be from a DBC file, in the units of the log.

    Parameters
    ----------
    path : path-like
        A DBC file.
    log : DataFrame
        From :func:`~signalprep.read_log`, which knows the units of channels.
    channels : iterable of names, default=None
        The channels to look for; None: all of the log.

    Returns
    -------
    ranges : dict {channel: (low, high)}
        As :class:`~signalprep.PhysicalLimits` takes it. A channel is a signal of its name, or
        ``Message.Signal``. A signal stated as 0 to 0 has no range; of a name in several messages it
        is the widest, and only where all state one.

    Raises
    ------
    ReadError
        No such file, or none that can be read.
    InvalidLogError
        No channel is a signal with a range.
    InvalidParameterError
        Log and file give a channel units between which no factor is known, or a range from high to
        low.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.read_log("trips/")  # doctest: +SKIP
    >>> limits = sp.PhysicalLimits(sp.read_ranges("vehicle.dbc", log))  # doctest: +SKIP
    """
    file = Path(path).name
    signals: dict[str, list[_Signal]] = {}
    for signal in _signals(path):
        for name in (signal.name, f"{signal.message}.{signal.name}"):
            signals.setdefault(name, []).append(signal)
    wanted = list(log.columns if channels is None else channels)
    known = units(log)
    found: dict[Hashable, tuple[float, float]] = {}
    for channel in wanted:
        own = [
            _in_unit(channel, one, known.get(str(channel), ""), file)
            for one in signals.get(str(channel), [])
        ]
        stated = [pair for pair in own if pair is not None]
        if stated and len(stated) == len(own):
            found[channel] = min(low for low, _ in stated), max(high for _, high in stated)
    if not found:
        raise InvalidLogError(_nothing(file, wanted, signals))
    return found


def _in_unit(
    channel: Hashable, signal: _Signal, unit: str, file: str
) -> tuple[float, float] | None:
    """The range in the unit of the log; where one of the two is not known they are the same."""
    if signal.range is None:
        return None
    low, high = signal.range
    if low > high:
        raise InvalidParameterError(
            f"{file}: {signal.message}.{signal.name} is stated from {low:g} to {high:g}; put the "
            "file right, or state the limits of the channel by hand"
        )
    if not unit or not signal.unit:
        return signal.range
    try:
        ends = convert(np.array([low, high]), str(channel), signal.unit, unit)
    except InvalidParameterError as error:
        raise InvalidParameterError(
            f"{file} states {str(channel)!r} in {signal.unit!r}, the log has it in {unit!r}, and "
            "no factor between them is known: state the limits of this channel by hand, in "
            f"{unit!r}"
        ) from error
    return float(ends[0]), float(ends[1])


def _nothing(file: str, wanted: list[Hashable], signals: dict[str, list[_Signal]]) -> str:
    """Why no channel has a range."""
    met = [str(name) for name in wanted if str(name) in signals]
    if met:
        more = f" and {len(met) - SHOWN} more" if len(met) > SHOWN else ""
        named = ", ".join(map(repr, met[:SHOWN]))
        return f"{file} states no range of {named}{more}, and has no other channel of the log"
    some = list(dict.fromkeys(one.name for own in signals.values() for one in own))
    return (
        f"{file} has no signal that is a channel of the log. It has "
        f"{', '.join(map(repr, some[:SHOWN])) or 'none'}, the log "
        f"{', '.join(repr(str(name)) for name in wanted[:SHOWN])}: rename the channels to the "
        "signals, or to Message.Signal"
    )


def _signals(path: str | os.PathLike[str]) -> list[_Signal]:
    """The signals that a DBC file describes: each in a line of its own, below its message."""
    file = Path(path).name
    found: list[_Signal] = []
    message = ""
    text = _text(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if begun := MESSAGE.match(line):
            message = begun["name"]
        elif message and BEGUN.match(line):
            signal = SIGNAL.match(line)
            pair = _pair(signal) if signal else None
            if signal is None or pair is None:
                raise ReadError(
                    f"{file}: no signal of a DBC file, or cut off, in line {number}: {line:.60}"
                )
            stated = None if pair == (0.0, 0.0) else pair
            found.append(_Signal(message, signal["name"], signal["unit"].strip(), stated))
    if not message:
        raise ReadError(f"{file}: no DBC file: it describes no message (BO_)")
    return found


def _pair(signal: re.Match[str]) -> tuple[float, float] | None:
    try:
        low, high = float(signal["low"]), float(signal["high"])
    except ValueError:
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _text(path: str | os.PathLike[str]) -> str:
    """UTF-8, or what the tools of the trade write."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ReadError(f"{os.fspath(path)!r} cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
