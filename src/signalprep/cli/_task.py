"""Whether a report is of a regressor or of a classifier, and what fits which."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.cli._limits import ERRORS, SCORES
from signalprep.errors import InvalidParameterError


def task_of_options(estimator: Any, classify: bool) -> str:
    """What is asked for: "classify" or "regress"; "" where that is for the target to say."""
    from sklearn.base import is_classifier

    if estimator is None:
        return "classify" if classify else ""
    if is_classifier(estimator):
        return "classify"
    if classify:
        raise InvalidParameterError(
            "--classify needs a classifier; the pipeline of --pipeline does not end in one"
        )
    return "regress"


def task_of_target(target: pd.Series) -> str:
    """What a target asks for: numbers are predicted, text is classified."""
    return "regress" if pd.api.types.is_numeric_dtype(target.dtype) else "classify"


def check_task(task: str, limits: dict[str, float], studies: list[str]) -> None:
    """Refuse limits and studies that belong to the other kind of model."""
    from signalprep.results import check_limits

    metrics, others = (SCORES, ERRORS) if task == "classify" else (ERRORS, SCORES)
    wrong = [name for name in limits if name in others]
    if wrong:
        why = (
            "the target holds labels"
            if task == "classify"
            else "the target holds numbers; --classify takes them as labels"
        )
        raise InvalidParameterError(
            f"--limit must name metrics of {', '.join(metrics)}; got {wrong[0]!r} ({why})"
        )
    if limits:
        check_limits(limits, metrics)
    refused = [option for option in studies if option != "--audit"]
    if task == "classify" and refused:
        raise InvalidParameterError(
            f"{', '.join(refused)}: for regressors only; a wrong class has no size"
        )
