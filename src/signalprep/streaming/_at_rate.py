"""Stage of AtRate: a decimator, a stage that runs at the lower rate, and a hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._kernels._decimate import decimate_reset, decimate_start
from signalprep._kernels._push import push_decimator, stack, unstack
from signalprep.flow import Slow
from signalprep.streaming._signal_stage import Intake
from signalprep.streaming._stage import Place, Stage


class AtRateStage:
    """Runs a stage at every `factor`-th sample and holds its prediction.

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
        decimator = node.decimator.estimator
        self._slow = slow
        self._intake = Intake(decimator, place)
        self._factor = int(decimator.factor)
        state = decimate_start(len(decimator.taps_))
        self._states = stack(state, int(decimator.n_features_in_))
        omit = decimator.nan_policy == "omit"
        self._args = (*self._states, self._factor, decimator.taps_, decimator.edges_, omit)
        self._held: np.ndarray | None = None

    def push(self, x: np.ndarray) -> np.ndarray:
        x = self._intake.accept(x)
        self._intake.look(x)
        n_samples = x.shape[1]
        self._intake.n_seen += n_samples
        to_next = int(self._states.counts[0, 2])
        room = np.empty((x.shape[0], n_samples // self._factor + 1), dtype=x.dtype)
        n_kept = push_decimator(x, room, *self._args)
        known = [] if self._held is None else [self._held]
        if n_kept > 0:
            known.append(self._slow.push(np.ascontiguousarray(room[:, :n_kept])))
        predictions = np.concatenate(known)
        self._held = predictions[-1:]
        borders = [0, *range(to_next, n_samples, self._factor), n_samples]
        return np.repeat(predictions, np.diff(borders)[-len(predictions) :], axis=0)

    def reset(self) -> None:
        self._intake.n_seen = 0
        self._slow.reset()
        self._held = None
        for state in unstack(self._states):
            decimate_reset(state)

    def remember(self) -> Any:
        states = [state.copy() for state in self._states]
        return self._intake.n_seen, self._slow.remember(), states, self._held

    def recall(self, memory: Any) -> None:
        self._intake.n_seen, slow, states, self._held = memory
        self._slow.recall(slow)
        for state, value in zip(self._states, states, strict=True):
            state[...] = value
