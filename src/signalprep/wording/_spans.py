"""Intervals and stretches of time as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from signalprep.wording._numbers import format_number
from signalprep.wording._units import with_unit


def range_text(label: Any) -> str:
    """An interval without its brackets; any other label as it is."""
    text = str(label)
    low, comma, high = text.partition(", ")
    if comma and text[0] in "[(" and text[-1] in ")]" and "," not in high:
        return f"{low[1:]} to {high[:-1]}"
    return text


def place_text(names: Iterable[Any], cell: Any, units: Mapping[str, str]) -> str:
    """A cell of the operating map: its variables, ranges and units.

    Examples
    --------
    >>> place_text(["omega_m", "T_m"], ("[400, 700)", "below"), units={})
    'omega_m 400 to 700, T_m below'
    """
    labels = cell if isinstance(cell, tuple) else (cell,)
    said = []
    for name, label in zip(names, labels, strict=True):
        text, unit = range_text(label), units.get(str(name), "")
        measured = unit and text != str(label)
        said.append(f"{name} {text}" + (f"\N{NO-BREAK SPACE}{unit}" if measured else ""))
    return ", ".join(said)


def samples_text(samples: int, rate: float) -> str:
    """A number of samples and how long that is, if there is a rate."""
    noun = "sample" if samples == 1 else "samples"
    if samples == 0 or math.isnan(rate):
        return f"{samples:,} {noun}"
    return f"{samples:,} {noun} ({with_unit(format_number(samples / rate), 's')})"


def time_text(time: Any) -> str:
    """A point of the time level of a log."""
    if isinstance(time, pd.Timestamp):
        return time.isoformat(sep=" ")
    seconds = time.total_seconds() if isinstance(time, pd.Timedelta) else float(time)
    return with_unit(format_number(seconds), "s")
