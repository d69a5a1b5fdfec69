"""Stages of the neural regressors: the same kernels as `predict`, the state kept between rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep.errors import InvalidLogError
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor
from signalprep.neural.forward import FeedForwardPass, RecurrentPass, RecurrentState
from signalprep.streaming._stage import Place, channel_names, check_runs, open_stage


class NetworkStage:
    """A fitted network; `push` gives its predictions, one a sample.

    Parameters
    ----------
    model : FeedForwardRegressor or RecurrentRegressor
        Fitted.
    place : Place
        Where it stands.
    """

    predicts = True

    def __init__(self, model: Any, place: Place) -> None:
        check_runs(model, place)
        self._model = model
        self._path = place.path
        self._names = channel_names(model)
        self._n_seen = 0
        self._recurrent: RecurrentPass | None = None
        if isinstance(model, RecurrentRegressor):
            self._recurrent = RecurrentPass(model.weights_, model.cell_)
        else:
            self._rows = FeedForwardPass(model.weights_, model.activation_)
        self._state: RecurrentState | None = None

    def push(self, x: np.ndarray) -> np.ndarray:
        rows = np.ascontiguousarray(x.T, dtype=np.float64)
        self._check(rows)
        if len(rows) == 0:
            return np.empty((0, self._model.n_targets_) if self._model.n_targets_ else 0)
        self._n_seen += len(rows)
        scaled = np.ascontiguousarray(self._model.inputs_.forward(rows))
        if self._recurrent is None:
            found = self._rows.run(scaled)
        else:
            if self._state is None:
                self._state = self._recurrent.start(scaled[0])
            found = self._recurrent.advance(scaled, self._state)
        found = self._model.targets_.backward(found)
        return found if self._model.n_targets_ else found[:, 0]

    def _check(self, rows: np.ndarray) -> None:
        if rows.shape[1] != len(self._names):
            raise InvalidLogError(
                f"step {self._path!r} takes {len(self._names)} channels; got {rows.shape[1]}"
            )
        usable = np.isfinite(rows)
        if not usable.all():
            i, channel = divmod(int(np.argmin(usable)), rows.shape[1])
            raise InvalidLogError(
                f"step {self._path!r} got {rows[i, channel]}: channel {self._names[channel]!r}, "
                f"sample {self._n_seen + i} since the last reset"
            )

    def reset(self) -> None:
        self._state = None
        self._n_seen = 0

    def remember(self) -> Any:
        kept = None if self._state is None else [one.copy() for one in self._state]
        return self._n_seen, kept

    def recall(self, memory: Any) -> None:
        self._n_seen, kept = memory
        self._state = None if kept is None else [one.copy() for one in kept]


@open_stage.register
def _(model: RecurrentRegressor, place: Place) -> NetworkStage:
    return NetworkStage(model, place)


@open_stage.register
def _(model: FeedForwardRegressor, place: Place) -> NetworkStage:
    return NetworkStage(model, place)
