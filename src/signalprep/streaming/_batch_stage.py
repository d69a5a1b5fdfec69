"""BatchStage: a signal transformer without memory inside a stream, by its batch form."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep._base import Signals, SignalTransformer, outputs
from signalprep.streaming._intake import Intake, borders
from signalprep.streaming._stage import Place
from signalprep.streaming._words import beside_words

__all__ = ["BatchStage"]


class BatchStage:
    """A signal transformer that works row by row.

    Parameters
    ----------
    step : SignalTransformer
        Fitted, without memory.
    place : Place
        Where it stands.
    """

    predicts = False

    def __init__(self, step: SignalTransformer, place: Place) -> None:
        self._step = step
        self._intake = Intake(step, place)

    def push(self, x: np.ndarray) -> np.ndarray:
        if x.dtype == object:
            return beside_words(self._step, self._intake.path, self.push, x)
        x = self._intake.accept(x)
        self._intake.look(x)
        names, dt = self._intake.names, self._step.sample_time_
        out = outputs(self._step, Signals(x, borders(x), None, dt, names))
        self._intake.n_seen += x.shape[1]
        return out

    def reset(self) -> None:
        self._intake.n_seen = 0

    def remember(self) -> Any:
        return self._intake.n_seen

    def recall(self, memory: Any) -> None:
        self._intake.n_seen = memory
