"""PlanStage: a signal transformer inside a stream, by the kernel that its plan names."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Plan, Seen, Signals, SignalTransformer, lay_out, see
from signalprep._kernels._chosen_channels import rows_of
from signalprep._kernels._kernel import NO_REGIME
from signalprep.streaming._intake import ONE, Intake, borders
from signalprep.streaming._stage import Place

__all__ = ["PlanStage"]

LONG = 64  # samples of a push for which the short cuts of a kernel pay


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
        self._advance, self._many = plan.kernel.advance, plan.kernel.many
        self._known = (*self._state, plan.params)
        every = np.array_equal(plan.channels, np.arange(self._n_channels))
        knows = plan.judge is None and plan.regimes is None
        self._kernel_looks = every and knows
        self._plain = knows and (not plan.appends or (every and plan.act is None))
        self._chosen = rows_of(plan.channels)
        self._others_pass = not every and not plan.features
        self._n_above = self._n_channels if plan.features and plan.keeps_inputs else 0
        self._n_found = len(plan.channels) * (plan.features or 1)
        n_below = len(plan.channels) * plan.appends
        self._shape = (self._n_above + self._n_found + n_below, 1)
        flags = np.uint8 if plan.act is not None else self._dtype
        self._no_flags = np.empty((len(plan.channels), 0), flags)

    def push(self, x: np.ndarray) -> np.ndarray:
        n_channels, n_samples = x.shape
        if x.dtype is not self._dtype or n_channels != self._n_channels:
            x = self._intake.accept(x)
            if x.dtype != self._dtype:
                self._set(self._plan_for(x.dtype))
        if n_samples == 1 and self._plain:  # the usual case, at less cost
            part = x if self._kernel_looks else self._take(x)
            out = found = np.empty(self._shape, self._dtype)
            flags = self._no_flags
            if self._n_above:
                out[: self._n_above], found = x, out[self._n_above :]
            elif self._plan.appends:
                found, flags = out[: self._n_found], out[self._n_found :]
            if self._advance(*self._known, part, ONE, NO_REGIME, found, flags):
                self._intake.refuse(x)
            if self._others_pass:
                out = x.copy()
                out[self._chosen] = found
        else:
            out = self._push_any(x)
        self._intake.n_seen += n_samples
        return out

    def _take(self, x: np.ndarray) -> np.ndarray:
        """The chosen channels of one sample."""
        self._intake.look(x)
        return x[self._chosen]

    def _push_any(self, x: np.ndarray) -> np.ndarray:
        bounds = borders(x)
        if not self._kernel_looks:
            self._intake.look(x)
        seen = self._see(x, bounds)
        long = x.shape[1] >= LONG

        def fill(part: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
            run = self._many if long else self._advance
            if long:
                part = part.view()
                part.setflags(write=False)  # as in the batch: one machine code does for both
            flags = seen.flags_for(out, flags)
            if run(*self._known, part, bounds, seen.regime, out, flags):
                self._intake.refuse(x)

        return lay_out(self._plan, seen.values, fill)

    def _see(self, x: np.ndarray, bounds: np.ndarray) -> Seen:
        if self._plan.judge is None and self._plan.regimes is None:
            return Seen(x, NO_REGIME, None)
        dt, names, n_seen = self._step.sample_time_, self._intake.names, self._intake.n_seen
        return see(self._plan, Signals(x, bounds, None, dt, names, n_before=n_seen))

    def reset(self) -> None:
        self._intake.n_seen = 0
        self._plan.kernel.restart(*self._state)

    def remember(self) -> Any:
        return self._intake.n_seen, [part.copy() for part in self._state]

    def recall(self, memory: Any) -> None:
        self._intake.n_seen, parts = memory
        for part, value in zip(self._state, parts, strict=True):
            part[...] = value
