"""SignalStage: a signal transformer inside a stream, by the steps of its kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from signalprep._base import SignalTransformer
from signalprep._kernels._push import find_unusable
from signalprep.errors import InvalidLogError
from signalprep.streaming._stage import Place, channel_names

__all__ = ["Checks", "SignalStage"]


class Checks:
    """Refuses what a step refuses in its input, and counts its samples.

    Parameters
    ----------
    step : SignalTransformer
        Fitted, causal.
    place : Place
        Where it stands.
    """

    def __init__(self, step: SignalTransformer, place: Place) -> None:
        self._path = place.path
        self._names = channel_names(step)
        self._nan_is_usable = getattr(step, "nan_policy", "raise") != "raise"
        self._n_seen = 0

    def check(self, x: np.ndarray) -> np.ndarray:
        """Give samples as the step wants them; raise when there is one it cannot use."""
        if x.dtype not in (np.float64, np.float32):
            x = x.astype(np.float64)
        if x.shape[0] != len(self._names):
            raise InvalidLogError(
                f"step {self._path!r} takes {len(self._names)} channels; got {x.shape[0]}"
            )
        found = find_unusable(x, self._nan_is_usable)
        if found >= 0:
            channel, i = divmod(found, x.shape[1])
            what = "NaN" if np.isnan(x[channel, i]) else "infinity"
            hint = "" if what == "infinity" else "; nan_policy= says what to do about it"
            raise InvalidLogError(
                f"step {self._path!r} got {what}: channel {self._names[channel]!r}, "
                f"sample {self._n_seen + i} since the last reset{hint}"
            )
        self._n_seen += x.shape[1]
        return x

    def reset(self) -> None:
        """Count from 0 again."""
        self._n_seen = 0

    def remember(self) -> int:
        """How many samples were seen since the last reset."""
        return self._n_seen

    def recall(self, memory: int) -> None:
        """Go on from there."""
        self._n_seen = memory


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
        self._checks = Checks(step, place)
        self._n_out = len(step.get_feature_names_out())
        self._push = push
        self._args = args
        self._states = list(states)
        self._forget = forget

    def push(self, x: np.ndarray) -> np.ndarray:
        x = self._checks.check(x)
        out = np.empty((self._n_out, x.shape[1]), dtype=x.dtype)
        self._push(x, out, *self._args)
        return out

    def reset(self) -> None:
        self._checks.reset()
        if self._forget is not None:
            self._forget()

    def remember(self) -> Any:
        return self._checks.remember(), [state.copy() for state in self._states]

    def recall(self, memory: Any) -> None:
        n_seen, states = memory
        self._checks.recall(n_seen)
        for state, value in zip(self._states, states, strict=True):
            state[...] = value
