"""Studies: what else may be known about a validated model."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from signalprep import results


class Studies(TypedDict, total=False):
    """What page and JSON show on request, by the name of its section.

    The result of each has a ``target``, which must be that of the validation, and may say by its
    ``ok`` whether all is well.
    """

    prices: results.LeakPrices | None
    audit: results.Audit | None
    learning_curve: results.LearningCurve | None
    loss: results.RegimeLoss | None
