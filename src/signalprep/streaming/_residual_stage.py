"""Stage of a residual filter: its models, the window over what they leave, and what is held."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Judged, Plan, Signals
from signalprep.flow import reach
from signalprep.preprocessing import ResidualFilter
from signalprep.streaming._intake import Intake
from signalprep.streaming._plan_stage import PlanStage
from signalprep.streaming._stage import (
    Place,
    Stage,
    check_regimes,
    check_runs,
    not_yet,
    open_stage,
)


class ResidualStage(PlanStage):
    """A residual filter whose models, and the window over what they leave, are stages.

    Parameters
    ----------
    step : ResidualFilter
        Fitted, causal.
    place : Place
        Where it stands.
    """

    def __init__(self, step: ResidualFilter, place: Place) -> None:
        self._filter = step
        names = Intake(step, place).names
        self._models: list[tuple[Stage, np.ndarray]] = []
        for channel, model in zip(step.channels_, step.models_, strict=True):
            if reach(model).memory > 0:  # it skips rows that miss an input
                raise not_yet(step, place, f"a model of {names[channel]!r} that remembers")
            of = Place(f"{place.path} > model of {names[channel]}", last=True)
            others = step.inputs_[step.inputs_ != channel]
            self._models.append((open_stage(model, of), others))
        self._window: Stage | None = None
        if step.detector == "hampel":
            self._window = open_stage(step.hampel_, place.within("hampelfilter"))
        super().__init__(step, place)

    def _plan_for(self, dtype: np.dtype) -> Plan:
        return super()._plan_for(dtype)._replace(judge=self._judge)

    def _judge(self, signals: Signals) -> Judged:
        values = signals.values
        predictions = self._predict(values)
        if self._window is None:
            return self._filter.judge(signals, predictions)
        out = self._window.push(values[self._filter.channels_] - predictions)
        nearest, flags = np.split(out, 2)
        return Judged(values, flags.astype(np.uint8), nearest + predictions)

    def _predict(self, x: np.ndarray) -> np.ndarray:
        """Predictions of the filtered channels; NaN where a sample cannot be judged."""
        found = np.full((len(self._models), x.shape[1]), np.nan)
        targets = x[self._filter.channels_]
        for values, target, (model, others) in zip(found, targets, self._models, strict=True):
            inputs = x[others].astype(np.float64)
            complete = ~(np.isnan(target) | np.isnan(inputs).any(axis=0))
            if complete.any():
                values[complete] = model.push(np.ascontiguousarray(inputs[:, complete]))
        return found

    def reset(self) -> None:
        super().reset()
        if self._window is not None:
            self._window.reset()

    def remember(self) -> Any:
        window = None if self._window is None else self._window.remember()
        return super().remember(), window

    def recall(self, memory: Any) -> None:
        own, window = memory
        super().recall(own)
        if self._window is not None:
            self._window.recall(window)


@open_stage.register
def _(step: ResidualFilter, place: Place) -> Stage:
    check_runs(step, place)
    check_regimes(step, place)
    return ResidualStage(step, place)
