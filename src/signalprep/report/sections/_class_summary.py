"""The head of a classifier's page: what was validated, and the answer in a few numbers."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any, cast

from signalprep.report._json_tables import plain
from signalprep.report._tables import certainty_text, cycles_text, shown_metrics, value_text
from signalprep.report.sections._section import Found, Section
from signalprep.report.sections._summary import (
    evidence_card,
    rows_text,
    weighed_text,
)
from signalprep.wording import format_count

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation


def _facts(found: Found) -> dict[str, Any]:
    """Title, subtitle and cards."""
    validation = cast("ClassificationValidation", found.validation)
    return {
        "title": f"{validation.target}: classification",
        "heading": f"Classification of {validation.target}",
        "unit": "",
        "subtitle": _subtitle(validation),
        "cards": _cards(validation),
    }


def _subtitle(validation: ClassificationValidation) -> list[str]:
    names = validation.steps.iloc[:-1]["estimator"]
    at = "" if validation.decided or isnan(validation.rate) else f" at {validation.rate:g} Hz"
    return [
        f"{cycles_text(validation)}, {rows_text(validation)}{at}",
        *([validation.decided] if validation.decided else []),
        format_count(len(validation.folds), "fold", "folds"),
        format_count(len(validation.classes), "class", "classes"),
        "pipeline: " + " → ".join(str(text).split("(")[0] for text in names),
        *weighed_text(validation),
    ]


def _cards(validation: ClassificationValidation) -> list[dict[str, Any]]:
    cards = []
    for metric in shown_metrics(validation):
        shown = value_text(metric, float(validation.overall[metric.name]), "")
        text = f"{metric.title}; {certainty_text(validation, metric)}"
        cards.append({"value": shown, "text": text, "warn": False})
    if validation.by_regime is not None:
        cards.append(evidence_card(validation))
    return cards


def _content(found: Found) -> dict[str, Any]:
    validation = cast("ClassificationValidation", found.validation)
    overall = plain(validation.overall.to_dict())
    return {"classes": plain(validation.classes), "overall": overall}


SECTION = Section("class_summary", "head", _facts, _content)
