"""Where a classifier fails: the maps, cells as a table, and what is confused in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

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
    shown_metrics,
)
from signalprep.report.sections._classes import confusion_of
from signalprep.report.sections._section import Found, Section
from signalprep.results import worst_first
from signalprep.wording import place_text

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation

MOST_CELLS = 60
"""Cells of the tables; those with the least accuracy are kept."""
MOST_COUNTS = 3000
"""Numbers of all confusion tables by cell together."""


def _facts(found: Found) -> dict[str, Any]:
    """Maps and tables of cells; without regimes neither."""
    validation = cast("ClassificationValidation", found.validation)
    cells = _worst_cells(validation)
    return {
        "maps": map_facts(validation, found.verdict),
        "cells": None if cells is None else _cells(validation, cells),
        "confusions": [] if cells is None else _confusions(validation, cells),
    }


def _worst_cells(validation: ClassificationValidation) -> pd.DataFrame | None:
    """Visited cells, the least accuracy first; then weak ones, then those without evidence."""
    table = validation.by_regime
    if table is None:
        return None
    visited = table[(table["n"] > 0).to_numpy()]
    return worst_first(visited, main_metric(validation.task)).iloc[:MOST_CELLS]


def _cells(validation: ClassificationValidation, table: pd.DataFrame) -> dict[str, Any]:
    assert validation.by_regime is not None
    level = confidence_text(validation)
    columns = [count_column("rows", table["n"]), *seen_columns(validation, table)]
    for metric in shown_metrics(validation):
        columns.append(metric_column(table, metric.name, ""))
        columns.append(interval_column(table, metric.name, level))
    weak = main_metric(validation.task).weak_in(table)
    return {
        "table": as_table([*address_columns(table.index, validation.units), *columns], weak),
        "n_shown": len(table),
        "n_visited": int((validation.by_regime["n"] > 0).sum()),
    }


def _confusions(validation: ClassificationValidation, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Confusion of the cells with the least accuracy."""
    counts, n_classes = validation.confusion_by_regime, len(validation.classes)
    assert counts is not None
    assert validation.by_regime is not None
    shown = table[(table["accuracy"] < 1.0).to_numpy()].iloc[: MOST_COUNTS // n_classes**2]
    place = {cell: k for k, cell in enumerate(validation.by_regime.index)}
    found = []
    for cell in shown.index:
        first = place[cell] * n_classes
        own = counts.iloc[first : first + n_classes].droplevel(list(range(table.index.nlevels)))
        where = place_text(table.index.names, cell, validation.units)
        found.append({"where": where, "table": confusion_of(own)})
    return found


SECTION = Section(
    "class_map",
    "body",
    _facts,
    lambda found: map_content(found.validation),
    link="Map",
    anchor="map",
)
