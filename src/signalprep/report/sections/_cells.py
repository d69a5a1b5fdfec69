"""All cells of the operating map as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.metrics import main_metric
from signalprep.report._tables import (
    Column,
    address_columns,
    as_table,
    confidence_text,
    count_column,
    interval_column,
    metric_column,
    seen_columns,
    shown_metrics,
    text_column,
)
from signalprep.report._verdict_marks import cell_statuses
from signalprep.report.sections._section import Found, Section
from signalprep.results import worst_first

if TYPE_CHECKING:
    from signalprep.results import Validation, Verdict

MOST_CELLS = 400
"""Cells in the full table; the worst are kept."""


def _facts(found: Found) -> dict[str, Any]:
    """Table of the visited cells."""
    table = found.validation.by_regime
    assert table is not None
    visited = table[(table["n"] > 0).to_numpy()]
    shown = visited
    if len(visited) > MOST_CELLS:
        worst = worst_first(visited, main_metric(found.validation.task)).iloc[:MOST_CELLS]
        shown = visited[visited.index.isin(worst.index)]
    return {
        "all": _all(found.validation, shown, found.verdict),
        "n_shown": len(shown),
        "n_visited": len(visited),
        "n_empty": len(table) - len(visited),
    }


def _verdict_column(
    validation: Validation, table: pd.DataFrame, verdict: Verdict | None
) -> list[Column]:
    if verdict is None or validation.by_regime is None:
        return []
    words = dict(zip(validation.by_regime.index, cell_statuses(verdict), strict=True))
    return [text_column("verdict", [words[cell] for cell in table.index])]


def _all(validation: Validation, table: pd.DataFrame, verdict: Verdict | None) -> dict[str, Any]:
    unit, level = validation.error_unit, confidence_text(validation)
    evidence = ["yes" if known else "no" for known in table["evidence"]]
    metrics = []
    for metric in shown_metrics(validation):
        metrics.append(metric_column(table, metric.name, unit))
        if metric.mapped:
            title = f"{metric.short_title} {level}"
            metrics.append(interval_column(table, metric.name, title))
    return as_table(
        [
            *address_columns(table.index, validation.units, exact=True),
            count_column("rows", table["n"]),
            *seen_columns(validation, table),
            text_column("evidence", evidence),
            *_verdict_column(validation, table, verdict),
            *metrics,
        ],
        main_metric(validation.task).weak_in(table),
    )


SECTION = Section(
    "cells",
    "details",
    _facts,
    applies=lambda found: found.validation.by_regime is not None,
)
