"""What to record next, as a ranked table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from signalprep.plotting import format_number
from signalprep.report._tables import Column, as_table, count_column, text_column
from signalprep.report._wording import range_text, signal_name, with_unit

if TYPE_CHECKING:
    from signalprep.validation import Validation, Verdict

MOST_TESTS = 15


def next_test_facts(validation: Validation, verdict: Verdict | None) -> dict[str, Any] | None:
    """The first tests of the ranking; None without regimes."""
    if validation.by_regime is None:
        return None
    ranked = validation.next_tests(None, limits=verdict)
    first = ranked.iloc[:MOST_TESTS]
    address = [
        text_column(
            signal_name(name, validation.units),
            [range_text(label) for label in first.index.get_level_values(level)],
        )
        for level, name in enumerate(first.index.names)
    ]
    columns = [
        *address,
        text_column("why", first["why"]),
        count_column("cycles so far", first["n_cycles"]),
        count_column("more cycles", first["more_cycles"]),
        Column("time in the cell", [_duration(seconds) for seconds in first["seconds"]]),
    ]
    return {
        "table": as_table(columns),
        "n": len(ranked),
        "n_shown": len(first),
        "limits": verdict is not None,
    }


def _duration(seconds: float) -> str:
    """A time in the unit that keeps it short."""
    if math.isnan(seconds):
        return "–"
    unit, size = next(
        ((unit, size) for unit, size in (("h", 3600.0), ("min", 60.0)) if seconds >= 2 * size),
        ("s", 1.0),
    )
    return with_unit(format_number(seconds / size, 0 if seconds / size >= 10 else 1), unit)
