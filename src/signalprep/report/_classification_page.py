"""write_classification_report: a classifier's validation as one self-contained HTML page."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from signalprep._atomic import write_atomic
from signalprep.metrics import METRICS
from signalprep.report._audit_facts import audit_facts
from signalprep.report._class_trace_facts import class_trace_facts
from signalprep.report._map_facts import map_facts
from signalprep.report._method_facts import method_facts
from signalprep.report._next_test_facts import next_test_facts
from signalprep.report._quality_facts import quality_facts
from signalprep.report._step_facts import step_facts
from signalprep.report._studies import Studies
from signalprep.report._tables import (
    Column,
    as_table,
    count_column,
    interval_column,
    metric_column,
    shown_metrics,
    text_column,
)
from signalprep.report._verdict_facts import verdict_facts
from signalprep.report._write_report import render
from signalprep.results import confidence_text
from signalprep.wording import (
    format_count,
    format_interval,
    format_number,
    range_text,
    signal_name,
    with_unit,
)

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation

MOST_CYCLES = 200
MOST_CELLS = 60
"""Cells of the tables; those with the least accuracy are kept."""
MOST_COUNTS = 3000
"""Numbers of all confusion tables by cell together."""


def write_classification_report(
    validation: ClassificationValidation,
    path: str | os.PathLike[str],
    studies: Studies | None = None,
) -> None:
    """Write the validation of a classifier as one HTML page.

    Parameters
    ----------
    validation : ClassificationValidation
        What to show.
    path : path-like
        File to write; replaced in one step, never left half written.
    studies : Studies, default=None
        What else to show: verdict and audit.

    Raises
    ------
    InvalidParameterError
        The folder of `path` does not exist, `path` is no regular file, or a study is about another
        target.
    """
    studies = Studies() if studies is None else studies
    studies.check(validation)
    write_atomic(path, render(_facts(validation, studies), "classification.html"))


def _facts(validation: ClassificationValidation, studies: Studies) -> dict[str, Any]:
    verdict = studies.verdict
    scores = [metric.name for metric in shown_metrics(validation)]
    cells = _worst_cells(validation)
    return {
        "target": str(validation.target),
        "subtitle": _subtitle(validation),
        "cards": _cards(validation, scores),
        "leaks_allowed": bool(validation.settings.get("allow_leak", False)),
        "verdict": verdict_facts(validation, verdict),
        "maps": map_facts(validation, verdict),
        "cells": None if cells is None else _cells(validation, cells, scores),
        "classes": _classes(validation),
        "confusion": _confusion(validation.confusion),
        "confusions": [] if cells is None else _confusions(validation, cells),
        "trace": class_trace_facts(validation),
        "cycles": _cycles(validation, scores),
        "next_tests": next_test_facts(validation, verdict),
        "steps": step_facts(validation),
        "audit": None if studies.audit is None else audit_facts(studies.audit),
        "quality": quality_facts(validation.quality),
        "method": method_facts(validation),
    }


def _subtitle(validation: ClassificationValidation) -> list[str]:
    overall, names = validation.overall, validation.steps.iloc[:-1]["estimator"]
    return [
        f"{format_count(overall['n_cycles'], 'cycle', 'cycles')}, "
        f"{format_count(overall['n'], 'row', 'rows')} at {validation.rate:g} Hz",
        format_count(len(validation.folds), "fold", "folds"),
        format_count(len(validation.classes), "class", "classes"),
        "pipeline: " + " → ".join(str(text).split("(")[0] for text in names),
    ]


def _cards(validation: ClassificationValidation, scores: list[str]) -> list[dict[str, Any]]:
    overall, cards = validation.overall, []
    for name in scores:
        low, high = (float(overall[f"{name}_{end}"]) for end in ("low", "high"))
        interval = format_interval(low, high, 3) or "too few cycles for one"
        text = f"{METRICS[name].title}; {confidence_text(validation)} interval over cycles: "
        value = format_number(float(overall[name]), 3)
        cards.append({"value": value, "text": text + interval, "warn": False})
    table = validation.by_regime
    if table is not None:
        seen = f"{int(table['evidence'].sum()):,} of {len(table):,}"
        cards.append({"value": seen, "text": "cells with evidence", "warn": False})
    return cards


def _classes(validation: ClassificationValidation) -> dict[str, Any]:
    """Precision and recall of each class."""
    table = validation.by_class
    shares = [
        Column(title, [format_number(float(value), 3) for value in table[name]])
        for name, title in (("recall", "recall"), ("precision", "precision"), ("f1", "F1"))
    ]
    return as_table(
        [
            text_column("class", table.index),
            count_column("rows", table["n"]),
            count_column("predicted", table["n_predicted"]),
            *shares,
        ]
    )


def _confusion(counts: pd.DataFrame) -> dict[str, Any]:
    return as_table(
        [
            text_column("truth \\ prediction", counts.index),
            *(count_column(str(name), counts[name]) for name in counts.columns),
        ]
    )


def _worst_cells(validation: ClassificationValidation) -> pd.DataFrame | None:
    """Visited cells, the least accuracy first."""
    table = validation.by_regime
    if table is None:
        return None
    visited = table[(table["n"] > 0).to_numpy()]
    return visited.sort_values("accuracy", kind="stable").iloc[:MOST_CELLS]


def _cells(
    validation: ClassificationValidation, table: pd.DataFrame, scores: list[str]
) -> dict[str, Any]:
    assert validation.by_regime is not None
    level = confidence_text(validation)
    address = [
        text_column(
            signal_name(name, validation.units),
            [range_text(label) for label in table.index.get_level_values(k)],
        )
        for k, name in enumerate(table.index.names)
    ]
    columns = [count_column("rows", table["n"]), count_column("cycles", table["n_cycles"])]
    for name in scores:
        columns.append(metric_column(table, name, ""))
        columns.append(interval_column(table, name, level))
    return {
        "table": as_table([*address, *columns]),
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
        own = counts.iloc[first : first + n_classes].droplevel(list(table.index.names))
        labels = cell if isinstance(cell, tuple) else (cell,)
        where = [
            with_unit(f"{name} {range_text(label)}", validation.units.get(str(name), ""))
            for name, label in zip(table.index.names, labels, strict=True)
        ]
        found.append({"where": ", ".join(where), "table": _confusion(own)})
    return found


def _cycles(validation: ClassificationValidation, scores: list[str]) -> dict[str, Any]:
    worst_first = validation.by_cycle.sort_values("accuracy", kind="stable")
    table = worst_first.iloc[:MOST_CYCLES]
    columns = [
        text_column("cycle", table.index),
        text_column("fold", table["fold"]),
        count_column("rows", table["n"]),
        *(metric_column(table, name, "") for name in scores),
    ]
    return {"table": as_table(columns), "n": len(worst_first), "n_shown": len(table)}
