"""Scores by cycle, the least accuracy first."""

from __future__ import annotations

from typing import Any

from signalprep.report._tables import (
    as_table,
    count_column,
    metric_column,
    shown_metrics,
    text_column,
)
from signalprep.report.sections._cycles import cycle_content
from signalprep.report.sections._section import Found, Section

MOST_CYCLES = 200


def _facts(found: Found) -> dict[str, Any]:
    validation = found.validation
    worst_first = validation.by_cycle.sort_values("accuracy", kind="stable")
    table = worst_first.iloc[:MOST_CYCLES]
    columns = [
        text_column("cycle", table.index),
        text_column("fold", table["fold"]),
        count_column("rows", table["n"]),
        *(metric_column(table, metric.name, "") for metric in shown_metrics(validation)),
    ]
    return {"table": as_table(columns), "n": len(worst_first), "n_shown": len(table)}


SECTION = Section("class_cycles", "details", _facts, cycle_content)
