"""How wrong the model is, how sure that is, and whether it keeps its limits."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from signalprep.metrics import TaskName, main_metric
from signalprep.report._tables import certainty_text, cycles_text, value_text
from signalprep.report.opening._leaks import leaks_allowed
from signalprep.report.opening._sentence import Sentence, sentence
from signalprep.report.sections._cleaning import omitted_words
from signalprep.wording import WEAK, format_number

if TYPE_CHECKING:
    from signalprep.report.sections import Found

__all__ = ["error", "kept_limits", "omitted"]

SAID = {
    TaskName.REGRESSION: "predicts {target} with an error of {value} (RMSE; {certainty})",
    TaskName.CLASSIFICATION: "predicts {target} with an accuracy of {value} ({certainty})",
}
ANSWERS = {
    "pass": "it keeps its limits",
    "fail": "it fails its limits",
    "cannot tell": "whether it keeps its limits cannot be told yet",
}


def error(found: Found) -> list[Sentence]:
    """The main metric over all rows, its interval, and what both rest on."""
    validation = found.validation
    overall, metric = validation.overall, main_metric(validation.task)
    value, low, high = (float(overall[f"{metric.name}{end}"]) for end in ("", "_low", "_high"))
    said = SAID[validation.task].format(
        target=validation.target,
        value=value_text(metric, value, validation.error_unit),
        certainty=certainty_text(validation, metric),
    )
    unseen = "" if leaks_allowed(validation) else " that it was not trained on"
    told = [f"on {cycles_text(validation)}{unseen}, the model {said}"]
    if metric.is_weak(value, low, high):
        told.append(WEAK)
    if overall.get("r2", 1.0) <= 0.0:
        told.append(f"always saying the mean would do no worse (R² {format_number(overall['r2'])})")
    if validation.decided:
        told.append(f"there is {validation.decided}")
    if validation.weighed:
        told.append(f"weights: {validation.weighed}")
    if validation.left_out and not isnan(low):
        told.append(f"the interval leaves out {validation.left_out}")
    return [sentence(words) for words in told]


def kept_limits(found: Found) -> list[Sentence]:
    """The answer of the verdict, the limits, and what it rests on."""
    verdict = found.verdict
    if verdict is None:
        return []
    limits = ", ".join(verdict.limit_text(metric) for metric in verdict.limits)
    return [sentence(f"{ANSWERS[verdict.answer]} ({limits}): {verdict.sentence}")]


def omitted(found: Found) -> list[Sentence]:
    """Rows whose target is not believed, left out of every number."""
    words = omitted_words(found.validation)
    if words is None:
        return []
    rows, text = words
    return [sentence(f"{rows} {'is' if rows == '1 row' else 'are'} {text}")]
