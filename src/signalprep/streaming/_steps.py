"""Which stage a signal transformer becomes in a stream, and which it cannot."""

from __future__ import annotations

import numpy as np

from signalprep._base import SignalTransformer
from signalprep.errors import InvalidParameterError
from signalprep.flow import reach, walk
from signalprep.preprocessing import Decimator, Detrender
from signalprep.streaming._batch_stage import BatchStage
from signalprep.streaming._plan_stage import PlanStage
from signalprep.streaming._stage import (
    Place,
    Stage,
    check_regimes,
    check_runs,
    not_yet,
    open_stage,
)


@open_stage.register
def _(step: SignalTransformer, place: Place) -> Stage:
    """By the kernel of its plan; without one by its batch form, if it works row by row."""
    check_runs(step, place)
    if step.plan(np.dtype(np.float64)) is not None:
        check_regimes(step, place)
        return PlanStage(step, place)
    held = [one for _, one in walk(step) if isinstance(one, SignalTransformer) and one is not step]
    if held or reach(step).memory > 0:
        raise not_yet(step, place)
    return BatchStage(step, place)


@open_stage.register
def _(step: Decimator, place: Place) -> Stage:
    raise InvalidParameterError(
        f"step {place.path!r} changes the number of rows, so it cannot be streamed: "
        "wrap what comes after it in AtRate"
    )


@open_stage.register
def _(step: Detrender, place: Place) -> Stage:
    check_runs(step, place)
    if step.method != "highpass":
        raise not_yet(step, place, f"method={step.method!r}")
    return open_stage.dispatch(SignalTransformer)(step, place)
