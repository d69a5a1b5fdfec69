"""write_targets: several targets on one HTML page, and write_targets_json: in one JSON file."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from signalprep._atomic import write_atomic
from signalprep.metrics import METRICS, Metric, TaskName
from signalprep.report._json_schema import VERSION
from signalprep.report._json_tables import plain
from signalprep.report._pages import TARGETS, found_of_targets, sections_of
from signalprep.report._tables import Column, as_table, confidence_text, text_column
from signalprep.report._write_json import entries, write
from signalprep.report._write_report import cards_of, parts_of, render
from signalprep.report.sections import Found
from signalprep.wording import format_interval, format_number, interval_text, with_unit

if TYPE_CHECKING:
    from signalprep.results import Validations, Verdicts

TOLD = ("rmse", "bias", "p95", "r2")
"""Metrics of the table of all targets; the first with its interval."""


def write_targets(
    validations: Validations,
    path: str | os.PathLike[str],
    verdicts: Verdicts | None = None,
    **studies: Any,
) -> None:
    """Write the validations of several targets as one HTML page, like `write_report`.

    A section each target, then once what does not depend on it: steps, data quality and method.
    The page is at most some 500 kB a target.

    Parameters
    ----------
    validations : Validations
        What to show.
    path : path-like
        File to write; replaced in one step, never left half written.
    verdicts : Verdicts, default=None
        The cells of each target held against its limits.
    **studies
        What else to show: by the name of its section a mapping from target to study.

    Raises
    ------
    InvalidParameterError
        As `write_report`, or something given for what is no target.
    """
    founds = found_of_targets(validations, verdicts, studies)
    write_atomic(path, render(_collect(validations, founds, verdicts), "targets.html"))


def write_targets_json(
    validations: Validations,
    path: str | os.PathLike[str],
    verdicts: Verdicts | None = None,
    **studies: Any,
) -> None:
    """Write the numbers of several targets as JSON, without the predictions, like `write_json`.

    Parameters
    ----------
    validations : Validations
        What to write.
    path : path-like
        File to write; replaced in one step.
    verdicts : Verdicts, default=None
        The cells of each target held against its limits.
    **studies
        As `write_targets` takes them.

    Raises
    ------
    InvalidParameterError
        As `write_targets`.
    """
    founds = found_of_targets(validations, verdicts, studies)
    sections = sections_of(TaskName.REGRESSION)
    own = [section for section in sections if not section.shared]
    content = {
        "schema": f"signalprep-{TARGETS}",
        "schema_version": VERSION,
        "units": plain(dict(validations.units)),
        "rate_hz": plain(validations.rate),
        **entries(_lead(validations, founds), [each for each in sections if each.shared]),
    }
    content["targets"] = {
        target: {"target": target, **entries(found, own)}
        for target, found in zip(validations, founds, strict=True)
    }
    write(path, content)


def _lead(validations: Validations, founds: list[Found]) -> Found:
    """What the shared sections are made of."""
    # definitions speak of kelvin where the target is a temperature
    lead = next((f for f in founds if f.validation.error_unit == "K"), founds[0])
    return Found(replace(lead.validation, settings=validations.settings))


def _collect(
    validations: Validations, founds: list[Found], verdicts: Verdicts | None
) -> dict[str, Any]:
    """Everything the page says: of each target, and once what they share."""
    sections = sections_of(TaskName.REGRESSION)
    own = [section for section in sections if not section.shared]
    shared = parts_of(
        _lead(validations, founds), [section for section in sections if section.shared]
    )
    targets = [_target(k, found, parts_of(found, own)) for k, found in enumerate(founds)]
    first, *others = (target["opening"] for target in targets)
    warnings = [each for each in first if each["warn"] and all(each in told for told in others)]
    for target in targets:
        target["opening"] = [each for each in target["opening"] if each not in warnings]
    head = targets[0]["head"]
    return {
        "level": 2,
        "prefix": "",
        "n": len(founds),
        "names": ", ".join(str(found.validation.target) for found in founds),
        "subtitle": head["subtitle"],
        "verdicts": None if verdicts is None else _answer(verdicts),
        "table": _table(founds),
        "cards": [card for card in head["cards"] if card["shared"]],
        "warnings": warnings,
        "targets": targets,
        "shared": shared,
    }


def _target(k: int, found: Found, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The section of a target; `prefix` keeps its anchors apart from those of the others."""
    head = next(part["facts"] for part in parts if part["place"] == "head")
    return {
        "name": str(found.validation.target),
        "unit": head["unit"],
        "prefix": f"target-{k + 1}-",
        "head": head,
        "parts": parts,
        "cards": [card for card in cards_of(parts) if not card.get("shared", False)],
        "opening": next(part["facts"]["sentences"] for part in parts if part["place"] == "opening"),
    }


def _answer(verdicts: Verdicts) -> dict[str, str]:
    return {"answer": verdicts.answer, "sentence": verdicts.sentence}


def _table(founds: list[Found]) -> dict[str, Any]:
    """One row a target: each with its own unit."""
    validations = [found.validation for found in founds]
    columns = [text_column("target", [validation.target for validation in validations])]
    if any(found.verdict is not None for found in founds):
        answers = ["–" if found.verdict is None else found.verdict.answer for found in founds]
        columns.append(text_column("verdict", answers))
    for name in TOLD:
        metric = METRICS[name]
        values = [float(validation.overall[name]) * metric.factor for validation in validations]
        units = [metric.unit_text(validation.error_unit) for validation in validations]
        texts = [
            with_unit(format_number(value, signed=metric.signed), unit)
            for value, unit in zip(values, units, strict=True)
        ]
        columns.append(Column(metric.short_title, texts))
        if name == TOLD[0]:
            columns.append(_intervals(founds, metric))
    return as_table(columns)


def _intervals(founds: list[Found], metric: Metric) -> Column:
    """Interval of a metric for each target; weak ones say so."""
    cells = []
    for found in founds:
        overall, name = found.validation.overall, metric.name
        low, high = (float(overall[f"{name}_{end}"]) for end in ("low", "high"))
        weak = bool(metric.is_weak(float(overall[name]), low, high))
        cells.append(interval_text(format_interval(low, high), weak) or "–")
    return Column(f"{confidence_text(founds[0].validation)} interval", cells)
