"""opening: the sentences, in the order in which they are said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signalprep.report.opening._errors import error, kept_limits, omitted
from signalprep.report.opening._leaks import audited, warnings
from signalprep.report.opening._map import unknown, worst, worst_class
from signalprep.report.opening._next import better_model, next_step
from signalprep.report.opening._sentence import Sentence

if TYPE_CHECKING:
    from signalprep.report.sections import Found

__all__ = ["opening"]

ORDER = (
    warnings,
    error,
    kept_limits,
    worst,
    worst_class,
    unknown,
    omitted,
    audited,
    better_model,
    next_step,
)
"""What leaks; how wrong, how sure; where worst, where nobody knows; what would help."""


def opening(found: Found) -> list[Sentence]:
    """What was found, for a reader in a hurry: a leak outranks everything."""
    return [sentence for say in ORDER for sentence in say(found)]
