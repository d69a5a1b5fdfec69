"""What to record next, as a ranked table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from signalprep.report._json_tables import cells
from signalprep.report._tables import Column, address_columns, as_table, count_column, text_column
from signalprep.report.sections._section import Found, Section
from signalprep.wording import format_number, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from signalprep.results import Validation

FIRST, MOST_TESTS = 5, 15
"""Tests that are shown at once, and tests that are shown at all."""


def _facts(found: Found) -> dict[str, Any]:
    """The first tests of the ranking."""
    ranked = found.validation.next_tests(None, limits=found.verdict)
    return {
        "first": _table(found.validation, ranked.iloc[:FIRST]),
        "others": _table(found.validation, ranked.iloc[FIRST:MOST_TESTS]),
        "n": len(ranked),
        "n_shown": min(len(ranked), MOST_TESTS),
        "limits": found.verdict is not None,
    }


def _table(validation: Validation, tests: pd.DataFrame) -> dict[str, Any]:
    columns = [
        *address_columns(tests.index, validation.units),
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


def _content(found: Found) -> dict[str, Any]:
    return {"next_tests": cells(found.validation.next_tests(None, limits=found.verdict))}


SECTION = Section(
    "next",
    "body",
    _facts,
    _content,
    applies=lambda found: found.validation.by_regime is not None,
    link="What to record next",
)
