"""Cells of the operating map as tables: the worst first, and all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.report._tables import (
    Column,
    as_table,
    count_column,
    interval_column,
    metric_column,
    shown_metrics,
    text_column,
)
from signalprep.report._verdict_facts import cell_statuses
from signalprep.results import confidence_text, unit_of_error
from signalprep.wording import range_text, signal_name

if TYPE_CHECKING:
    from signalprep.results import Validation, Verdict

MOST_WORST = 10
MOST_CELLS = 400
"""Cells in the full table; the worst are kept."""


def cell_facts(validation: Validation, verdict: Verdict | None = None) -> dict[str, Any] | None:
    """Tables of the worst and of all visited cells; None without regimes."""
    if validation.by_regime is None:
        return None
    table = validation.by_regime
    evidence = table["evidence"].to_numpy(dtype=bool)
    visited = table[(table["n"] > 0).to_numpy()]
    worst = table[evidence].sort_values("rmse", ascending=False, kind="stable")
    shown = visited
    if len(visited) > MOST_CELLS:
        keep = visited["rmse"].rank(method="first", ascending=False) <= MOST_CELLS
        shown = visited[keep.to_numpy()]
    return {
        "worst": _worst(validation, worst.iloc[:MOST_WORST]),
        "n_worst": min(len(worst), MOST_WORST),
        "all": _all(validation, shown, verdict),
        "n_shown": len(shown),
        "n_visited": len(visited),
        "n_empty": len(table) - len(visited),
    }


def _address(validation: Validation, table: pd.DataFrame, exact: bool) -> list[Column]:
    return [
        text_column(
            signal_name(name, validation.units),
            [
                str(label) if exact else range_text(label)
                for label in table.index.get_level_values(level)
            ],
        )
        for level, name in enumerate(table.index.names)
    ]


def _worst(validation: Validation, table: pd.DataFrame) -> dict[str, Any]:
    unit = unit_of_error(validation)
    return as_table(
        [
            *_address(validation, table, exact=False),
            metric_column(table, "rmse", unit),
            interval_column(table, "rmse", f"{confidence_text(validation)} interval"),
            metric_column(table, "bias", unit),
            metric_column(table, "p95", unit),
            count_column("cycles", table["n_cycles"]),
            count_column("rows", table["n"]),
            metric_column(table, "share", unit),
        ]
    )


def _verdict_column(
    validation: Validation, table: pd.DataFrame, verdict: Verdict | None
) -> list[Column]:
    if verdict is None or validation.by_regime is None:
        return []
    words = dict(zip(validation.by_regime.index, cell_statuses(verdict), strict=True))
    return [text_column("verdict", [words[cell] for cell in table.index])]


def _all(validation: Validation, table: pd.DataFrame, verdict: Verdict | None) -> dict[str, Any]:
    unit, level = unit_of_error(validation), confidence_text(validation)
    evidence = ["yes" if known else "no" for known in table["evidence"]]
    metrics = []
    for metric in shown_metrics(validation):
        metrics.append(metric_column(table, metric.name, unit))
        if metric.mapped:
            title = f"{metric.short_title} {level}"
            metrics.append(interval_column(table, metric.name, title))
    return as_table(
        [
            *_address(validation, table, exact=True),
            count_column("rows", table["n"]),
            count_column("cycles", table["n_cycles"]),
            text_column("evidence", evidence),
            *_verdict_column(validation, table, verdict),
            *metrics,
        ]
    )
