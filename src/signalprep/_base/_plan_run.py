"""PlanRun: a plan on one log, from the start of each segment."""

from __future__ import annotations

import numpy as np

from signalprep._base._plan import Plan, lay_out, see
from signalprep._base._signals import Signals
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._kernel import NOTHING, REFUSES
from signalprep._kernels._run import Task, run_kernel

__all__ = ["PlanRun"]


class PlanRun:
    """A plan on one log.

    Samples that nobody has looked through yet are looked through by the kernel on its way, where it
    sees all of them.

    Parameters
    ----------
    plan : Plan
        Of a fitted step.
    signals : Signals
        What it reads.
    n_jobs : int
        Threads.

    Attributes
    ----------
    plan, signals
        As given.
    values : ndarray of shape (n_channels, n_samples)
        What the kernel reads.
    """

    def __init__(self, plan: Plan, signals: Signals, n_jobs: int) -> None:
        self.plan = plan
        self.signals = signals
        self._n_jobs = n_jobs
        self._seen = see(plan, signals)
        self.values = self._seen.values

    def outputs(self) -> np.ndarray:
        """All channels of the output, (n_channels_out, n_samples)."""
        return lay_out(self.plan, self.values, self.fill)

    def flags(self) -> np.ndarray:
        """What the judge flags, uint8 of shape (n_chosen, n_samples)."""
        if self._seen.judged is not None:
            return self._seen.judged.flags
        x = chosen(self.values, self.plan.channels)
        flags = np.zeros(x.shape, dtype=np.uint8)
        self.fill(x, np.empty((len(x), 0), dtype=x.dtype), flags, "keep")
        return flags

    def fill(
        self, x: np.ndarray, out: np.ndarray, flags: np.ndarray, act: str | None = None
    ) -> None:
        """Run the kernel over the chosen channels ``x``, acting as planned, or by ``act``."""
        plan = self.plan if act is None else self.plan.acting(act)
        params, looks = plan.params, self.signals.refusal is not None
        if not looks:
            params = params.copy()
            params[:, REFUSES] = NOTHING
        flags = self._seen.flags_for(out, flags)
        task = Task(params, x, self.signals.bounds, self._seen.regime, out, flags)
        if run_kernel(plan.kernel, task, self._n_jobs):
            self.signals.check()
        elif looks:
            self.signals.refusal = None
