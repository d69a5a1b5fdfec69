"""Stage of AtRate: a decimator, a stage that runs at the lower rate, and a hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._kernels._decimate import kept_samples
from signalprep.flow import Slow
from signalprep.streaming._plan_stage import PlanStage
from signalprep.streaming._stage import Place, Stage


class AtRateStage:
    """Runs a stage on what a decimator gives and holds its prediction until the next.

    Parameters
    ----------
    node : Slow
        Fitted, with a causal decimator.
    place : Place
        Where it stands.
    slow : Stage
        Of what runs at the lower rate.
    """

    predicts = True

    def __init__(self, node: Slow, place: Place, slow: Stage) -> None:
        self._slow = slow
        self._decimate = PlanStage(node.decimator.estimator, place)
        self._factor = node.factor
        self._to_next = 0
        self._held: np.ndarray | None = None

    def push(self, x: np.ndarray) -> np.ndarray:
        n_samples = x.shape[1]
        kept, to_next = kept_samples(self._to_next, n_samples, self._factor)
        out = self._decimate.push(x)
        self._to_next = to_next
        known = [] if self._held is None else [self._held]
        if kept:
            known.append(self._slow.push(np.ascontiguousarray(out[:, : len(kept)])))
        predictions = np.concatenate(known)
        self._held = predictions[-1:]
        borders = [0, *kept, n_samples]
        return np.repeat(predictions, np.diff(borders)[-len(predictions) :], axis=0)

    def reset(self) -> None:
        self._to_next, self._held = 0, None
        self._slow.reset()
        self._decimate.reset()

    def remember(self) -> Any:
        return self._to_next, self._held, self._slow.remember(), self._decimate.remember()

    def recall(self, memory: Any) -> None:
        self._to_next, self._held, slow, decimate = memory
        self._slow.recall(slow)
        self._decimate.recall(decimate)
