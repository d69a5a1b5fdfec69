"""What would do better, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalprep.report.opening._leaks import leaks_allowed
from signalprep.report.opening._sentence import Sentence, sentence
from signalprep.report.sections._learning_curve import better_words
from signalprep.results import MOST_CYCLES
from signalprep.wording import format_count, place_text

if TYPE_CHECKING:
    from signalprep.report.sections import Found
    from signalprep.results import LearningCurve

__all__ = ["better_model", "next_step"]

CALLS_FOR = {
    "overfit": "try that model",
    "underfit": "try that model",
    "more cycles would help": "record more cycles ({why})",
    "irreducible": "look beyond the model ({why})",
}
"""What a verdict of the learning curve calls for, whether limits fail or not."""


def better_model(found: Found) -> list[Sentence]:
    """The other model that does better, if the learning curve has one."""
    curve = found.studies.get("learning_curve")
    words = "" if curve is None else better_words(curve)
    return [sentence(words)] if words else []


def next_step(found: Found) -> list[Sentence]:
    """The first thing to do: nothing else counts before it is done."""
    for step in (_stop_leaks, _mend_log, _improve, _record, _name_regimes):
        if words := step(found):
            return [sentence(f"next, {words}")]
    return []


def _stop_leaks(found: Found) -> str:
    audit = found.studies.get("audit")
    if audit is not None and not audit.ok:
        leaks = audit.findings[(audit.findings["severity"] == "leak").to_numpy()]
        return f"stop the leak: {leaks['remedy'].iloc[0]}"
    return "validate without allow_leak=True" if leaks_allowed(found.validation) else ""


def _mend_log(found: Found) -> str:
    return "" if found.validation.quality.usable else "put the log right"


def _improve(found: Found) -> str:
    """What the learning curve calls for, or without one what fails; nothing where limits pass."""
    curve: LearningCurve | None = found.studies.get("learning_curve")
    answer = "" if found.verdict is None else found.verdict.answer
    if curve is not None and answer != "pass":
        default = "record more cycles ({why})" if answer == "fail" else ""
        return CALLS_FOR.get(curve.verdict, default).format(why=curve.sentence)
    if answer != "fail":
        return ""
    return "find a better model: what fails calls for one, not for more cycles"


def _record(found: Found) -> str:
    """The first of the next tests that takes no more cycles than there are."""
    validation = found.validation
    if validation.by_regime is None:
        return ""
    tests = validation.next_tests(None, limits=found.verdict)
    most = min(int(validation.overall["n_groups"]), MOST_CYCLES - 1)
    tests = tests[(tests["more_cycles"] <= most).to_numpy()]
    if tests.empty:
        return ""
    one = "cycle" if validation.groups is None else "group of cycles"
    more = format_count(tests["more_cycles"].iloc[0], f"more {one}", f"more {validation.resampled}")
    place = place_text(tests.index.names, tests.index[0], validation.units)
    return f"record {more} at {place} ({tests['why'].iloc[0]})"


def _name_regimes(found: Found) -> str:
    if found.validation.by_regime is not None:
        return ""
    return "validate with operating regimes, which show where it fails"
