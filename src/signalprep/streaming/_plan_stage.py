"""PlanStage: a signal transformer inside a stream, by the kernel that its plan names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from signalprep._base import Plan, Seen, Signals, SignalTransformer, lay_out, see
from signalprep._kernels._chosen_channels import rows_of
from signalprep._kernels._kernel import NO_REGIME
from signalprep.streaming._intake import ONE, Intake, borders
from signalprep.streaming._relay import Relay
from signalprep.streaming._stage import Place
from signalprep.streaming._words import beside_words

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
        self._given = (*self._state, plan.params)
        self._alone = plan.judge is None and plan.regimes is None  # nobody else sees the samples
        self._every = np.array_equal(plan.channels, np.arange(self._n_channels))
        self._one: Relay | None = None

    def push(self, x: np.ndarray) -> np.ndarray:
        if x.dtype == object:
            return beside_words(self._step, self._intake.path, self.push, x)
        if x.shape[1] != 1:
            x = self._taken(x)
            out = self._push_any(x)
            self._intake.n_seen += x.shape[1]
            return out
        if self._one is None or not self._one.fits(x):
            x = self._taken(x)
            self._one = Relay([self], x)
        return self._one.push(x)

    def _taken(self, x: np.ndarray) -> np.ndarray:
        if x.dtype != self._dtype or len(x) != self._n_channels:
            x = self._intake.accept(x)
            if x.dtype != self._dtype:
                self._set(self._plan_for(x.dtype))
        return x

    def run_on(self, x: np.ndarray) -> tuple[np.ndarray, Callable[[], object]]:
        """Where the outputs of one sample that stands in `x` will stand, and what makes them."""
        x = self._taken(x)
        plan, intake, every = self._plan, self._intake, self._every
        if not self._alone or (plan.appends and plan.act is not None):
            return self._run_any_on(x)
        n_kept = self._n_channels if plan.keeps_inputs else 0
        out = np.empty((n_kept + len(plan.channels) * (plan.features or plan.appends), 1), x.dtype)
        kept, below = out[:n_kept], out[n_kept:]
        rows = rows_of(plan.channels)
        apart = not isinstance(rows, slice)  # then these are copies
        part, found = x[rows], below if plan.features else kept[rows]
        flags = below if plan.appends else self._no_flags()
        advance = partial(plan.kernel.advance, *self._given, part, ONE, NO_REGIME, found, flags)
        before: list[Callable[[], object]] = [] if every else [partial(intake.look, x)]
        if n_kept > 0 and (plan.features > 0 or not every):
            before.append(partial(kept.__setitem__, ..., x))
        if apart:
            before.append(lambda: np.copyto(part, x[rows]))
        after = [partial(kept.__setitem__, rows, found)] if apart and not plan.features else []

        def run() -> None:
            if advance():
                intake.refuse(x)
            intake.n_seen += 1

        return out, _in_turn([*before, run, *after])

    def _no_flags(self) -> np.ndarray:
        dtype = self._dtype if self._plan.act is None else np.uint8
        return np.empty((len(self._plan.channels), 0), dtype)

    def _run_any_on(self, x: np.ndarray) -> tuple[np.ndarray, Callable[[], object]]:
        out = np.empty((len(self._step.get_feature_names_out()), 1), x.dtype)

        def run() -> None:
            out[:] = self._push_any(x)
            self._intake.n_seen += 1

        return out, run

    def _push_any(self, x: np.ndarray) -> np.ndarray:
        bounds = borders(x)
        if not self._alone or not self._every:
            self._intake.look(x)
        seen = self._see(x, bounds)
        long = x.shape[1] >= LONG

        def fill(part: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
            run = self._plan.kernel.many if long else self._plan.kernel.advance
            if long:
                part = part.view()
                part.setflags(write=False)  # as in the batch: one machine code does for both
            flags = seen.flags_for(out, flags)
            if run(*self._given, part, bounds, seen.regime, out, flags):
                self._intake.refuse(x)

        return lay_out(self._plan, seen.values, fill)

    def _see(self, x: np.ndarray, bounds: np.ndarray) -> Seen:
        if self._alone:
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


def _in_turn(acts: list[Callable[[], object]]) -> Callable[[], object]:
    """All of them as one, which costs nothing where there is but one."""
    if len(acts) == 1:
        return acts[0]

    def run() -> None:
        for act in acts:
            act()

    return run
