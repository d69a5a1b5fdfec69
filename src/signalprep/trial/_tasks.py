"""Which task stands for which kind of target."""

from __future__ import annotations

from typing import Any

from signalprep.metrics import TaskName, task_of
from signalprep.trial._classification import Classification
from signalprep.trial._regression import Regression
from signalprep.trial._several_targets import SeveralTargets
from signalprep.trial._task import Task, not_one

TASKS: dict[TaskName, Task] = {
    TaskName.REGRESSION: Regression(),
    TaskName.SEVERAL_TARGETS: SeveralTargets(),
    TaskName.CLASSIFICATION: Classification(),
}


def task_for(estimator: Any, y: Any = None, *, several: bool = False) -> Task:
    """The task of an estimator and a target; what says nothing of itself predicts numbers.

    Parameters
    ----------
    estimator : estimator
        What predicts.
    y : array-like, default=None
        What is predicted.
    several : bool, default=False
        Whether it may be several targets; else they are refused.
    """
    task = task_of(estimator, y) or TaskName.REGRESSION
    if task is TaskName.SEVERAL_TARGETS and not several:
        raise not_one(y)
    return TASKS[task]
