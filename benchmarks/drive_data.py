"""A log that looks like a drive's: slow and fast sines, noise, an offset a cycle, spikes."""

from __future__ import annotations

import numpy as np
import pandas as pd

import signalprep as sp

__all__ = ["drive_log"]

RATE = 1000.0  # Hz
SPIKES = 0.005  # of the samples


def drive_log(n_rows: int, n_cycles: int, n_channels: int = 8, seed: int = 0) -> pd.DataFrame:
    """A log of float64 channels without NaN; cycles differ in length by up to 40 %."""
    rng = np.random.default_rng(seed)
    lengths = _lengths(n_rows, n_cycles, rng)
    time = np.arange(n_rows) / RATE
    values = np.empty((n_channels, n_rows))
    for k, channel in enumerate(values):
        channel[:] = 50.0 * np.sin(2 * np.pi * 0.05 * (k + 1) * time)
        channel += 10.0 * np.sin(2 * np.pi * 11.0 * (1 + k / 10) * time)
        channel += np.repeat(rng.normal(0.0, 20.0, n_cycles), lengths)
        channel += rng.normal(0.0, 0.5, n_rows)
        spikes = np.flatnonzero(rng.random(n_rows) < SPIKES)
        channel[spikes] += rng.choice([-1.0, 1.0], spikes.size) * rng.uniform(20, 80, spikes.size)
    frame = pd.DataFrame(values.T, columns=[f"x{k}" for k in range(n_channels)], copy=False)
    return sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), lengths), rate=RATE)


def _lengths(n_rows: int, n_cycles: int, rng: np.random.Generator) -> np.ndarray:
    """Whole numbers that sum to n_rows."""
    if n_cycles == 1:
        return np.array([n_rows])
    ends = np.cumsum(rng.uniform(0.6, 1.4, n_cycles))
    ends = np.rint(ends * (n_rows / ends[-1])).astype(np.int64)
    return np.diff(ends, prepend=0)
