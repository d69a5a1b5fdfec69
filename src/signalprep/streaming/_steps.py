"""Stages of signalprep's own steps: each pushes samples through the steps of its kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from signalprep._base import Signals, SignalTransformer, outputs
from signalprep._kernels import (
    _fir,
    _push,
)
from signalprep.errors import InvalidParameterError
from signalprep.flow import reach, walk
from signalprep.preprocessing import (
    Decimator,
    Detrender,
    SavitzkyGolayFilter,
)
from signalprep.streaming._plan_stage import PlanStage
from signalprep.streaming._signal_stage import SignalStage
from signalprep.streaming._stage import (
    Place,
    Stage,
    channel_names,
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
    names = channel_names(step)

    def push(x: np.ndarray, out: np.ndarray) -> None:
        bounds = np.array([0, x.shape[1]], dtype=np.int64)
        out[:] = outputs(step, Signals(x, bounds, None, step.sample_time_, names))

    return SignalStage(step, place, push, ())


@open_stage.register
def _(step: Decimator, place: Place) -> SignalStage:
    raise InvalidParameterError(
        f"step {place.path!r} changes the number of rows, so it cannot be streamed: "
        "wrap what comes after it in AtRate"
    )


@open_stage.register
def _(step: SavitzkyGolayFilter, place: Place) -> SignalStage:
    check_runs(step, place)
    states = _push.stack(_fir.savgol_start(step.window_), len(step.channels_))
    fit = (int(step.polyorder), int(step.deriv), float(step.sample_time_ or 1.0))
    args = (step.channels_, *states, step.weights_, *fit, step.nan_policy == "omit")
    forget = _resets(states, _fir.savgol_reset)
    return SignalStage(step, place, _push.push_savgol, args, states, forget)


@open_stage.register
def _(step: Detrender, place: Place) -> Stage:
    check_runs(step, place)
    if step.method != "highpass":
        raise not_yet(step, place, f"method={step.method!r}")
    return open_stage.dispatch(SignalTransformer)(step, place)


def _resets(states: Any, reset: Callable[[Any], None]) -> Callable[[], None]:
    """Bring the states of all channels back to the start."""
    one_by_one = _push.unstack(states)

    def forget() -> None:
        for state in one_by_one:
            reset(state)

    return forget
