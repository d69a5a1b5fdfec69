"""Relay: steps with kernels hand one sample on through arrays that stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

__all__ = ["Relay", "Runner"]


class Runner(Protocol):
    """A stage that can take part."""

    def run_on(self, x: np.ndarray) -> tuple[np.ndarray, Callable[[], object]]:
        """Where the outputs of one sample that stands in `x` will stand, and what makes them."""


class Relay:
    """Pushes one sample at a time at little more than what the kernels cost.

    All arguments of all kernels are known before the first sample.

    Parameters
    ----------
    stages : sequence of Runner
        One after the other.
    like : ndarray of shape (n_channels, 1)
        A sample.

    """

    def __init__(self, stages: Sequence[Runner], like: np.ndarray) -> None:
        self._into = self._out = like.copy()
        self._runs = []
        for stage in stages:
            self._out, run = stage.run_on(self._out)
            self._runs.append(run)

    def fits(self, x: np.ndarray) -> bool:
        """Whether it is made for such samples: so many channels of this type."""
        return x.shape == self._into.shape and x.dtype == self._into.dtype

    def push(self, x: np.ndarray) -> np.ndarray:
        """Outputs of one sample, (n_channels_out, 1)."""
        self._into[...] = x
        for run in self._runs:
            run()
        return self._out.copy()
