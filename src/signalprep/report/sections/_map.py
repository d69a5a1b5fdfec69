"""Where it fails: the maps, and the worst cells as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep.metrics import main_metric
from signalprep.report._maps import map_content, map_facts
from signalprep.report._tables import (
    address_columns,
    as_table,
    confidence_text,
    count_column,
    interval_column,
    metric_column,
    seen_columns,
)
from signalprep.report.sections._section import Found, Section
from signalprep.results import worst_first

if TYPE_CHECKING:
    from signalprep.results import Validation

MOST_WORST = 10


def _facts(found: Found) -> dict[str, Any]:
    """Maps and worst cells; without regimes neither."""
    table = found.validation.by_regime
    maps = map_facts(found.validation, found.verdict)
    if table is None:
        return {"maps": maps, "worst": None}
    metric = main_metric(found.validation.task)
    worst = worst_first(table[table["evidence"]], metric).iloc[:MOST_WORST]
    return {
        "maps": maps,
        "worst": _worst(found.validation, worst),
        "n_worst": len(worst),
        "n_weak": int(metric.weak_in(worst).sum()),
    }


def _worst(validation: Validation, table: pd.DataFrame) -> dict[str, Any]:
    unit = validation.error_unit
    return as_table(
        [
            *address_columns(table.index, validation.units),
            metric_column(table, "rmse", unit),
            interval_column(table, "rmse", f"{confidence_text(validation)} interval"),
            metric_column(table, "bias", unit),
            metric_column(table, "p95", unit),
            *seen_columns(validation, table),
            count_column("rows", table["n"]),
            metric_column(table, "share", unit),
        ],
        main_metric(validation.task).weak_in(table),
    )


SECTION = Section("map", "body", _facts, lambda found: map_content(found.validation), link="Map")
