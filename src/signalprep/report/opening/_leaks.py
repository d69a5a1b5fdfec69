"""What makes the numbers better than they are, and what was looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalprep.report.opening._sentence import Sentence, sentence
from signalprep.report.sections._audit import done_words, leak_words
from signalprep.wording import samples_text

if TYPE_CHECKING:
    from signalprep.report.sections import Found
    from signalprep.results import Validation

__all__ = ["audited", "leaks_allowed", "warnings"]

MOST_LEAKS = 3
"""Leaks that are named."""


def warnings(found: Found) -> list[Sentence]:
    """Leaks found and allowed, a look at the future, errors in the log."""
    leaks = [*_found(found), *_allowed(found)]
    if leaks:
        leaks.append("unseen cycles may not reach the numbers on this page")
    told = [*leaks, *_ahead(found), *_errors_in_log(found)]
    return [sentence(words, warn=True) for words in told]


def leaks_allowed(validation: Validation) -> bool:
    """Whether the guards were off."""
    return bool(validation.settings.get("allow_leak", False))


def audited(found: Found) -> list[Sentence]:
    """That the audit found no leak, or that there was none; leaks are told by `warnings`."""
    audit = found.studies.get("audit")
    if audit is None:
        return [sentence("no audit has looked for leaks")]
    return [sentence(f"the audit found no leak ({done_words(audit)})")] if audit.ok else []


def _found(found: Found) -> list[str]:
    audit = found.studies.get("audit")
    if audit is None or audit.ok:
        return []
    leaks = leak_words(audit)
    more = len(leaks) - MOST_LEAKS
    named = "; ".join(leaks[:MOST_LEAKS]) + (f"; and {more:,} more" if more > 0 else "")
    return [f"{'leak' if len(leaks) == 1 else 'leaks'} found: {named}"]


def _allowed(found: Found) -> list[str]:
    if not leaks_allowed(found.validation):
        return []
    told = [
        "leaks were allowed (allow_leak=True): the checks for test cycles seen in training and for "
        "values that cross cycles were off"
    ]
    parted = found.validation.settings.get("groups_parted")
    return [*told, "folds train on groups that they test"] if parted else told


def _ahead(found: Found) -> list[str]:
    total = int(found.validation.steps["lookahead"].iloc[-1])
    if not total:
        return []
    ahead = samples_text(total, found.validation.rate)
    return [
        f"the model looks ahead by {ahead}, which a controller does not have yet: these numbers "
        "cannot be reached in real time"
    ]


def _errors_in_log(found: Found) -> list[str]:
    if found.validation.quality.usable:
        return []
    return ["the log has errors that should be put right first: see data quality below"]
