"""Which task stands for which kind of target."""

from __future__ import annotations

from typing import Any

from signalprep.metrics import TaskName, task_of
from signalprep.trial._classification import Classification
from signalprep.trial._regression import Regression
from signalprep.trial._several_targets import SeveralTargets
from signalprep.trial._task import Task

TASKS: dict[TaskName, Task] = {
    TaskName.REGRESSION: Regression(),
    TaskName.SEVERAL_TARGETS: SeveralTargets(),
    TaskName.CLASSIFICATION: Classification(),
}


def task_for(estimator: Any, y: Any = None) -> Task:
    """The task of an estimator and a target; what says nothing of itself predicts numbers."""
    return TASKS[task_of(estimator, y) or TaskName.REGRESSION]
