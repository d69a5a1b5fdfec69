"""Intake: what a step inside a stream takes, and what it refuses."""

from __future__ import annotations

import numpy as np

from signalprep._base import Refusal, SignalTransformer
from signalprep._kernels._kernel import INFINITY, is_refused
from signalprep.errors import InvalidLogError
from signalprep.streaming._stage import Place, channel_names

__all__ = ["ONE", "Intake", "borders"]

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
    path : str
        Where the step stands.
    names : list
        Of the channels.
    n_seen : int
        Samples since the last reset.
    refuses : float
        What is refused, as kernels take it.
    """

    def __init__(self, step: SignalTransformer, place: Place) -> None:
        self.path = place.path
        self.names = channel_names(step)
        self.refuses = Refusal(getattr(step, "nan_policy", "raise")).code
        self.n_seen = 0

    def accept(self, x: np.ndarray) -> np.ndarray:
        """Give samples as float64 or float32; raise for another number of channels."""
        if x.shape[0] != len(self.names):
            raise InvalidLogError(
                f"step {self.path!r} takes {len(self.names)} channels; got {x.shape[0]}"
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
            f"step {self.path!r} got {what}: channel {self.names[channel]!r}, "
            f"sample {self.n_seen + i} since the last reset{hint}"
        )
