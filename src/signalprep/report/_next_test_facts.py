"""What to record next, as a ranked table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from signalprep.report._tables import Column, as_table, count_column, text_column
from signalprep.wording import format_number, range_text, signal_name, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from signalprep.results import Validation, Verdict

FIRST, MOST_TESTS = 5, 15
"""Tests that are shown at once, and tests that are shown at all."""


def next_test_facts(validation: Validation, verdict: Verdict | None) -> dict[str, Any] | None:
    """The first tests of the ranking; None without regimes."""
    if validation.by_regime is None:
        return None
    ranked = validation.next_tests(None, limits=verdict)
    return {
        "first": _table(validation, ranked.iloc[:FIRST]),
        "others": _table(validation, ranked.iloc[FIRST:MOST_TESTS]),
        "n": len(ranked),
        "n_shown": min(len(ranked), MOST_TESTS),
        "limits": verdict is not None,
    }


def _table(validation: Validation, tests: pd.DataFrame) -> dict[str, Any]:
    address = [
        text_column(
            signal_name(name, validation.units),
            [range_text(label) for label in tests.index.get_level_values(level)],
        )
        for level, name in enumerate(tests.index.names)
    ]
    columns = [
        *address,
        text_column("why", tests["why"]),
        count_column("cycles so far", tests["n_cycles"]),
        count_column("more cycles", tests["more_cycles"]),
        Column("time in the cell", [_duration(seconds) for seconds in tests["seconds"]]),
    ]
    return as_table(columns)


def _duration(seconds: float) -> str:
    """A time in the unit that keeps it short."""
    if math.isnan(seconds):
        return "–"
    unit, size = next(
        ((unit, size) for unit, size in (("h", 3600.0), ("min", 60.0)) if seconds >= 2 * size),
        ("s", 1.0),
    )
    return with_unit(format_number(seconds / size, 0 if seconds / size >= 10 else 1), unit)
