"""Which task a report is about, and what fits it."""

from __future__ import annotations

from typing import Any

from signalprep.cli._studies import options_of
from signalprep.errors import InvalidParameterError
from signalprep.metrics import METRICS, TaskName, metrics_of, task_of
from signalprep.report import studies_of


def task_of_options(estimator: Any, classify: bool) -> TaskName | None:
    """What is asked for; None where that is for the target to say."""
    if estimator is None:
        return TaskName.CLASSIFICATION if classify else None
    task = task_of(estimator) or TaskName.REGRESSION
    if classify and task is not TaskName.CLASSIFICATION:
        raise InvalidParameterError(
            "--classify needs a classifier; the pipeline of --pipeline does not end in one"
        )
    return task


def check_task(task: TaskName, limits: dict[str, float], asked: list[str]) -> None:
    """Refuse limits and studies that belong to the other kind of model."""
    from signalprep.results import check_limits

    wrong = [name for name in limits if METRICS[name].task is not task]
    if wrong:
        why = (
            "the target holds labels"
            if task is TaskName.CLASSIFICATION
            else "the target holds numbers; --classify takes them as labels"
        )
        names = ", ".join(metric.name for metric in metrics_of(task, limited=True))
        raise InvalidParameterError(
            f"--limit must name metrics of {names}; got {wrong[0]!r} ({why})"
        )
    if limits:
        check_limits(limits, task)
    refused = options_of([name for name in asked if name not in studies_of(task)])
    if refused:
        raise InvalidParameterError(
            f"{', '.join(refused)}: for regressors only; a wrong class has no size"
        )
