"""Stages of the steps that judge each sample by its row and then act on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Signals, SignalTransformer
from signalprep._kernels import _push
from signalprep._kernels._actions import CODES
from signalprep.flow import reach
from signalprep.preprocessing import (
    IQRFilter,
    IsolationForestFilter,
    LocalOutlierFactorFilter,
    PhysicalLimits,
    ResidualFilter,
    SignedCodes,
    ZScoreFilter,
)
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


@open_stage.register(PhysicalLimits)
@open_stage.register(ZScoreFilter)
@open_stage.register(IQRFilter)
def _(step: Any, place: Place) -> SignalStage:
    check_runs(step, place)
    check_regimes(step, place)
    held = np.full((len(step.channels_), 1), np.nan)
    limits = {kind: step._rounded_limits(kind) for kind in map(np.dtype, (np.float64, np.float32))}
    action, indicate = CODES[step.action], bool(step.add_indicator)

    def push(x: np.ndarray, out: np.ndarray) -> None:
        low, high = limits[x.dtype]
        _push.push_limits(x, out, step.channels_, held, low, high, action, indicate)

    def push_by_regime(x: np.ndarray, out: np.ndarray) -> None:
        low, high = limits[x.dtype]
        regime = step._regimes(as_signals(step, x))
        state = (step.channels_, held, regime)
        _push.push_regime_limits(x, out, *state, low, high, action, indicate)

    if getattr(step, "split_", None) is not None:
        push = push_by_regime
    return SignalStage(step, place, push, (), [held], lambda: held.fill(np.nan))


@open_stage.register(IsolationForestFilter)
@open_stage.register(LocalOutlierFactorFilter)
def _(step: Any, place: Place) -> SignalStage:
    check_runs(step, place)
    check_regimes(step, place)
    held = np.full((len(step.channels_), 1), np.nan)
    how = (CODES[step.action], bool(step.add_indicator))

    def push(x: np.ndarray, out: np.ndarray) -> None:
        mask = step._flags(as_signals(step, x))
        instead = np.repeat(step.start_[:, np.newaxis], x.shape[1], axis=1)
        _push.push_flagged(x, out, step.channels_, held, mask, instead, *how)

    return SignalStage(step, place, push, (), [held], lambda: held.fill(np.nan))


@open_stage.register
def _(step: SignedCodes, place: Place) -> SignalStage:
    check_runs(step, place)
    held = np.full((len(step.channels_), 1), np.nan)
    n_seen = np.zeros(1, dtype=np.int64)
    how = (CODES[step.action], bool(step.add_indicator))

    def push(x: np.ndarray, out: np.ndarray) -> None:
        values, flags = step._decode(x, lambda i: f"sample {n_seen[0] + i} since the last reset")
        instead = np.repeat(step.start_[:, np.newaxis], x.shape[1], axis=1)
        _push.push_flagged(values, out, step.channels_, held, flags, instead, *how)
        n_seen[0] += x.shape[1]

    def forget() -> None:
        held.fill(np.nan)
        n_seen.fill(0)

    return SignalStage(step, place, push, (), [held, n_seen], forget)


@open_stage.register
def _(step: ResidualFilter, place: Place) -> Stage:
    check_runs(step, place)
    check_regimes(step, place)
    return ResidualStage(step, place)


class ResidualStage(SignalStage):
    """A residual filter: its models, the window over what they leave, and what is held.

    Parameters
    ----------
    step : ResidualFilter
        Fitted, causal.
    place : Place
        Where it stands.
    """

    def __init__(self, step: ResidualFilter, place: Place) -> None:
        held = np.full((len(step.channels_), 1), np.nan)
        how = (CODES[step.action], bool(step.add_indicator))

        def push(x: np.ndarray, out: np.ndarray) -> None:
            mask, instead = self._judge(x)
            _push.push_flagged(x, out, step.channels_, held, mask, instead, *how)

        super().__init__(step, place, push, (), [held], lambda: held.fill(np.nan))
        self._step = step
        names = channel_names(step)
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

    def _judge(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flags and the nearest good values, both (n_chosen, n_samples)."""
        predictions = self._predict(x)
        if self._window is None:
            return self._step._judge(as_signals(self._step, x), predictions)
        out = self._window.push(x[self._step.channels_] - predictions)
        nearest, mask = np.split(out, 2)
        return mask.astype(np.uint8), nearest + predictions

    def _predict(self, x: np.ndarray) -> np.ndarray:
        """Predictions of the filtered channels; NaN where a sample cannot be judged."""
        found = np.full((len(self._models), x.shape[1]), np.nan)
        targets = x[self._step.channels_]
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


def as_signals(step: SignalTransformer, x: np.ndarray) -> Signals:
    """The next samples, as the batch form of a step reads them."""
    bounds = np.array([0, x.shape[1]], dtype=np.int64)
    return Signals(x, bounds, None, step.sample_time_, channel_names(step))
