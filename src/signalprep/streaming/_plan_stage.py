"""PlanStage: a signal transformer inside a stream, by the kernel that its plan names."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from signalprep._base import Plan, Signals, SignalTransformer, lay_out, see
from signalprep._kernels._kernel import NO_REGIME
from signalprep.streaming._signal_stage import Intake
from signalprep.streaming._stage import Place

__all__ = ["PlanStage"]

LONG = 64  # samples of a push for which the short cuts of a kernel pay
ONE = np.array([0, 1], dtype=np.int64)  # borders of a single sample


class PlanStage:
    """A signal transformer, by its kernel, whose state is kept between pushes.

    Parameters
    ----------
    step : SignalTransformer
        Fitted, causal, with a plan.
    place : Place
        Where it stands.
    """

    predicts = False

    def __init__(self, step: SignalTransformer, place: Place) -> None:
        self._step = step
        self._intake = Intake(step, place)
        self._n_channels = len(self._intake.names)
        plan = self._plan_for(np.dtype(np.float64))
        self._state = plan.kernel.start(plan.params, len(plan.channels))
        self._set(plan)

    def _plan_for(self, dtype: np.dtype) -> Plan:
        plan = self._step.plan(dtype)
        if plan is None:
            raise TypeError(f"{type(self._step).__name__} has no plan")
        self._dtype = dtype
        return plan

    def _set(self, plan: Plan) -> None:
        self._plan = plan
        self._advance = partial(plan.kernel.advance, *self._state, plan.params)
        self._many = partial(plan.kernel.many, *self._state, plan.params)
        every = np.array_equal(plan.channels, np.arange(self._n_channels))
        self._kernel_looks = every and plan.judge is None and plan.regimes is None
        self._plain = self._kernel_looks and (plan.act is None or not plan.appends)
        self._n_kept = self._n_channels if plan.keeps_inputs else 0
        self._n_out = self._n_kept + len(plan.channels) * (plan.features or plan.appends)
        flags = np.uint8 if plan.act is not None else self._dtype
        self._no_flags = np.empty((len(plan.channels), 0), flags)

    def push(self, x: np.ndarray) -> np.ndarray:
        n_channels, n_samples = x.shape
        if x.dtype is not self._dtype or n_channels != self._n_channels:
            x = self._intake.accept(x)
            if x.dtype != self._dtype:
                self._set(self._plan_for(x.dtype))
        one = self._plain and n_samples == 1  # the usual case, at less cost
        out = self._push_one(x) if one else self._push_any(x)
        self._intake.n_seen += n_samples
        return out

    def _push_one(self, x: np.ndarray) -> np.ndarray:
        out = np.empty((self._n_out, 1), self._dtype)
        into, flags = out, self._no_flags
        if self._plan.features:
            out[: self._n_kept] = x[: self._n_kept]
            into = out[self._n_kept :]
        elif self._plan.appends:
            into, flags = out[: self._n_kept], out[self._n_kept :]
        if self._advance(x, ONE, NO_REGIME, into, flags):
            self._intake.refuse(x)
        return out

    def _push_any(self, x: np.ndarray) -> np.ndarray:
        if not self._kernel_looks:
            self._intake.look(x)
        bounds = np.array([0, x.shape[1]], dtype=np.int64)
        dt, names, n_seen = self._step.sample_time_, self._intake.names, self._intake.n_seen
        seen = see(self._plan, Signals(x, bounds, None, dt, names, n_before=n_seen))
        long = x.shape[1] >= LONG

        def fill(part: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
            run = self._many if long else self._advance
            if long:
                part = part.view()
                part.setflags(write=False)  # as in the batch: one machine code does for both
            if run(part, bounds, seen.regime, out, seen.flags_for(out, flags)):
                self._intake.refuse(x)

        return lay_out(self._plan, seen.values, fill)

    def reset(self) -> None:
        self._intake.n_seen = 0
        self._plan.kernel.restart(*self._state)

    def remember(self) -> Any:
        return self._intake.n_seen, [part.copy() for part in self._state]

    def recall(self, memory: Any) -> None:
        self._intake.n_seen, parts = memory
        for part, value in zip(self._state, parts, strict=True):
            part[...] = value
