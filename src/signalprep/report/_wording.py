"""Words that several sections of the page share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.plotting import error_unit, format_number

if TYPE_CHECKING:
    from signalprep.validation import Validation


def unit_of_error(validation: Validation) -> str:
    """Unit of the errors, "" when that of the target is not known."""
    return error_unit(validation.units.get(validation.target, ""))


def with_unit(text: str, unit: str) -> str:
    """A number and its unit, kept on one line."""
    return f"{text} {unit}".replace(" ", "\N{NO-BREAK SPACE}") if unit else text


def signal_name(name: Any, units: Mapping[str, str]) -> str:
    """Name and unit of a signal."""
    unit = units.get(str(name), "")
    return f"{name} [{unit}]" if unit else str(name)


def confidence_text(validation: Validation) -> str:
    """Level of the intervals, such as "95 %"."""
    return f"{100 * float(validation.settings.get('confidence', 0.95)):g}\N{NO-BREAK SPACE}%"


def range_text(label: Any) -> str:
    """An interval without its brackets; any other label as it is."""
    text = str(label)
    low, comma, high = text.partition(", ")
    if comma and text[0] in "[(" and text[-1] in ")]" and "," not in high:
        return f"{low[1:]} to {high[:-1]}"
    return text


def samples_text(samples: int, rate: float) -> str:
    """A number of samples and how long that is."""
    noun = "sample" if samples == 1 else "samples"
    if samples == 0:
        return f"0 {noun}"
    return f"{samples:,} {noun} ({with_unit(format_number(samples / rate), 's')})"


def time_text(time: Any) -> str:
    """A point of the time level of a log."""
    if isinstance(time, pd.Timestamp):
        return time.isoformat(sep=" ")
    seconds = time.total_seconds() if isinstance(time, pd.Timedelta) else float(time)
    return with_unit(format_number(seconds), "s")
