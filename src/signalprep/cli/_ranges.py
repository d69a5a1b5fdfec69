"""What signals can be: read from words, from DBC files, and from what the log's own files state."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

import signalprep as sp
from signalprep.cli._comma_lists import split_all
from signalprep.errors import InvalidParameterError

Limits = dict[Any, tuple[float | None, float | None]]


class Ranges(NamedTuple):
    """What --limits says: files that describe signals, and limits by hand, which go first."""

    files: list[str]
    by_hand: Limits

    def of(self, log: pd.DataFrame) -> Limits:
        """What the signals of a log can be; what --limits says counts more than its own files."""
        found: Limits = dict(log.attrs.get("ranges", {}))
        others = [name for name in log.columns if name not in self.by_hand]
        for file in self.files:
            found |= sp.read_ranges(file, log, others)
        return found | self.by_hand


def parse_ranges(texts: list[str]) -> Ranges:
    """Read "coolant=-40:150,speed=:2000" into the limits of what can be; a side may be open.

    A part that names a DBC file has the limits of the signals that it describes.

    Examples
    --------
    >>> parse_ranges(["coolant=-40:150, speed=:2000"]).by_hand
    {'coolant': (-40.0, 150.0), 'speed': (None, 2000.0)}
    """
    files: list[str] = []
    by_hand: Limits = {}
    for part in split_all(texts):
        if part.lower().endswith(".dbc"):
            if not Path(part).is_file():
                raise InvalidParameterError(f"--limits: no such file {part!r}")
            files.append(part)
            continue
        name, _, value = (piece.strip() for piece in part.rpartition("="))
        low, colon, high = value.partition(":")
        try:
            pair = float(low) if low.strip() else None, float(high) if high.strip() else None
        except ValueError:
            colon = ""
        if not (name and colon) or pair == (None, None) or any(map(_no_number, pair)):
            raise InvalidParameterError(
                "--limits must look like 'coolant=-40:150,speed=:2000', in the unit of the signal, "
                f"or name a file.dbc; got {part!r}"
            )
        if name in by_hand:
            raise InvalidParameterError(f"--limits must name a signal once; {name!r} is twice")
        by_hand[name] = pair
    return Ranges(files, by_hand)


def _no_number(value: float | None) -> bool:
    return value is not None and math.isnan(value)
