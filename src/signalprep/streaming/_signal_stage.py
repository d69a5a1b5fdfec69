"""SignalStage: a signal transformer inside a stream, by the steps of its kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from signalprep._base import Refusal, SignalTransformer
from signalprep._kernels._kernel import INFINITY, is_refused
from signalprep.errors import InvalidLogError
from signalprep.streaming._stage import Place, channel_names

__all__ = ["ONE", "Intake", "SignalStage", "borders"]

ONE = np.array([0, 1], dtype=np.int64)  # borders of a single sample


def borders(x: np.ndarray) -> np.ndarray:
    """Borders of samples that are pushed, as kernels take them."""
    return ONE if x.shape[1] == 1 else np.array([0, x.shape[1]], dtype=np.int64)


class Intake:
    """Takes the samples of a step, refuses what the step refuses, and counts.

    Parameters
    ----------
    step : SignalTransformer
        Fitted, causal.
    place : Place
        Where it stands.

    Attributes
    ----------
    names : list
        Of the channels.
    n_seen : int
        Samples since the last reset.
    refuses : float
        What is refused, as kernels take it.
    """

    def __init__(self, step: SignalTransformer, place: Place) -> None:
        self._path = place.path
        self.names = channel_names(step)
        self.refuses = Refusal(getattr(step, "nan_policy", "raise")).code
        self.n_seen = 0

    def accept(self, x: np.ndarray) -> np.ndarray:
        """Give samples as float64 or float32; raise for another number of channels."""
        if x.shape[0] != len(self.names):
            raise InvalidLogError(
                f"step {self._path!r} takes {len(self.names)} channels; got {x.shape[0]}"
            )
        return x if x.dtype in (np.float64, np.float32) else x.astype(np.float64)

    def look(self, x: np.ndarray) -> None:
        """Raise when there is a sample that the step cannot use."""
        if is_refused(x, borders(x), self.refuses):
            self.refuse(x)

    def refuse(self, x: np.ndarray) -> None:
        """Raise, and name the first sample that the step cannot use."""
        bad = np.isinf(x) if self.refuses == INFINITY else ~np.isfinite(x)
        channel, i = np.argwhere(bad)[0]
        what = "NaN" if np.isnan(x[channel, i]) else "infinity"
        hint = "" if what == "infinity" else "; nan_policy= says what to do about it"
        raise InvalidLogError(
            f"step {self._path!r} got {what}: channel {self.names[channel]!r}, "
            f"sample {self.n_seen + i} since the last reset{hint}"
        )


class SignalStage:
    """A signal transformer, by a function that pushes samples through its kernel.

    Parameters
    ----------
    step : SignalTransformer
        Fitted, causal.
    place : Place
        Where it stands.
    push : callable
        ``push(x, out, *args)`` fills ``out`` (n_channels_out, n_samples).
    args : tuple
        States and parameters.
    states : sequence of ndarray, default=()
        All that `push` remembers, written to in place.
    forget : callable, default=None
        Brings the states back to the start of a segment.
    """

    predicts = False

    def __init__(
        self,
        step: SignalTransformer,
        place: Place,
        push: Callable[..., Any],
        args: tuple[Any, ...],
        states: Sequence[np.ndarray] = (),
        forget: Callable[[], None] | None = None,
    ) -> None:
        self._intake = Intake(step, place)
        self._n_out = len(step.get_feature_names_out())
        self._push = push
        self._args = args
        self._states = list(states)
        self._forget = forget

    def push(self, x: np.ndarray) -> np.ndarray:
        x = self._intake.accept(x)
        self._intake.look(x)
        out = np.empty((self._n_out, x.shape[1]), dtype=x.dtype)
        self._push(x, out, *self._args)
        self._intake.n_seen += x.shape[1]
        return out

    def reset(self) -> None:
        self._intake.n_seen = 0
        if self._forget is not None:
            self._forget()

    def remember(self) -> Any:
        return self._intake.n_seen, [state.copy() for state in self._states]

    def recall(self, memory: Any) -> None:
        self._intake.n_seen, states = memory
        for state, value in zip(self._states, states, strict=True):
            state[...] = value
