"""The head of a classifier's page: what was validated, and the answer in a few numbers."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any, cast

from signalprep.report._json_tables import plain
from signalprep.report._tables import confidence_text, cycles_text, shown_metrics
from signalprep.report.sections._section import Found, Section
from signalprep.report.sections._summary import (
    allowed_leaks,
    evidence_card,
    rows_text,
    weighed_text,
)
from signalprep.wording import format_count, format_interval, format_number, interval_text

if TYPE_CHECKING:
    from signalprep.results import ClassificationValidation


def _facts(found: Found) -> dict[str, Any]:
    """Title, subtitle, cards and warnings."""
    validation = cast("ClassificationValidation", found.validation)
    return {
        "title": f"{validation.target}: classification",
        "heading": f"Classification of {validation.target}",
        "unit": "",
        "subtitle": _subtitle(validation),
        "cards": _cards(validation),
        "warnings": allowed_leaks(validation),
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
    overall, cards = validation.overall, []
    for metric in shown_metrics(validation):
        name = metric.name
        low, high = (float(overall[f"{name}_{end}"]) for end in ("low", "high"))
        value = float(overall[name])
        between = format_interval(low, high, 3) or "too few cycles for one"
        interval = interval_text(between, bool(metric.is_weak(value, low, high)))
        text = (
            f"{metric.title}; {confidence_text(validation)} interval over {validation.resampled}: "
        )
        shown = format_number(value, 3)
        cards.append({"value": shown, "text": text + interval, "warn": False})
    if validation.by_regime is not None:
        cards.append(evidence_card(validation))
    return cards


def _content(found: Found) -> dict[str, Any]:
    validation = cast("ClassificationValidation", found.validation)
    overall = plain(validation.overall.to_dict())
    return {"classes": plain(validation.classes), "overall": overall}


SECTION = Section("class_summary", "head", _facts, _content)
