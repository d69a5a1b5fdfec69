"""Studies: what else is known about a validated model."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from signalprep.errors import InvalidParameterError

if TYPE_CHECKING:
    from signalprep.results import Audit, Diagnosis, LeakPrices, LearningCurve, Validation, Verdict


@dataclass(frozen=True)
class Studies:
    """What page and JSON show besides the validation itself; None for what was not asked for.

    Attributes
    ----------
    verdict : Verdict or None
        The cells held against limits.
    diagnosis : Diagnosis or None
        What the errors look like over time and over the prediction.
    prices : LeakPrices or None
        What less honest tests would have said.
    audit : Audit or None
        What leaks.
    learning_curve : LearningCurve or None
        What would help.
    """

    verdict: Verdict | None = None
    diagnosis: Diagnosis | None = None
    prices: LeakPrices | None = None
    audit: Audit | None = None
    learning_curve: LearningCurve | None = None

    def check(self, validation: Validation) -> None:
        """Refuse a study of another target.

        Parameters
        ----------
        validation : Validation
            What they must belong to.

        Raises
        ------
        InvalidParameterError
            A study of another target.
        """
        for field in fields(self):
            study = getattr(self, field.name)
            if study is not None and str(study.target) != str(validation.target):
                raise InvalidParameterError(
                    f"{field.name} must be about the target {validation.target!r} of the "
                    f"validation; got {study.target!r}"
                )
