"""Errors of drive cycles whose true metrics are known, in the kinds that fleets show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter

LONGEST = 240
CORRELATION = 0.95


@dataclass(frozen=True)
class Errors:
    """Rows of many data sets: which data set, which cycle, which group, error and true value."""

    data_set: np.ndarray
    cycle: np.ndarray
    group: np.ndarray
    error: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True)
class Kind:
    """How cycles differ: AR(1) errors about an offset of the cycle, times a scale of the cycle.

    Attributes
    ----------
    offset : float
        Standard deviation of the cycles' offsets; that of the AR(1) is 1.
    scale : float
        Standard deviation of the logarithm of the cycles' scales.
    long_is_worse : float
        Correlation of the logarithms of scale and length.
    degrees : float
        Of the Student distribution of a cycle's scale in place of the log-normal, if finite.
    hard : float
        Share of cycles that err three times as much.
    cycles_a_group : int
        Cycles of one day: 60 % of the variance of offset and log-scale is the day's.
    weight : {"row", "cycle"}
        How errors are averaged, in the true metrics too.
    """

    offset: float = 0.7
    scale: float = 0.2
    long_is_worse: float = 0.0
    degrees: float = np.inf
    hard: float = 0.0
    cycles_a_group: int = 1
    weight: str = "row"

    def draw(self, n_data_sets: int, n_cycles: int, rng: np.random.Generator) -> Errors:
        """Errors of `n_data_sets` data sets of `n_cycles` cycles."""
        shape = (n_data_sets, n_cycles)
        of_scale, of_offset = self._normal(shape, rng), self._normal(shape, rng)
        of_length = rng.normal(size=shape)
        w = self.long_is_worse
        of_length = w * of_scale + np.sqrt(1.0 - w**2) * of_length
        length = np.clip(np.round(60.0 * np.exp(0.6 * of_length)), 6, LONGEST).astype(int)
        scale = np.exp(self.scale * of_scale - self.scale**2)  # of unit mean square
        if np.isfinite(self.degrees):  # errors are then Student's
            scale = np.sqrt((self.degrees - 2.0) / rng.chisquare(self.degrees, shape))
        scale = scale * np.where(rng.random(shape) < self.hard, 3.0, 1.0)
        noise = _ar1((*shape, LONGEST), rng) + self.offset * of_offset[..., None]
        error = noise * scale[..., None]
        truth = 2.0 * _ar1((*shape, LONGEST), rng) + rng.normal(size=(*shape, 1))
        kept = np.arange(LONGEST) < length[..., None]
        data_set, cycle, _ = np.nonzero(kept)
        return Errors(data_set, cycle, cycle // self.cycles_a_group, error[kept], truth[kept])

    def true_metrics(self) -> dict[str, float]:
        """Metrics of the distribution, from 60,000 cycles."""
        parts = [self.draw(20, 200, np.random.default_rng([9, k])) for k in range(15)]
        error = np.concatenate([part.error for part in parts])
        truth = np.concatenate([part.truth for part in parts])
        counts = np.concatenate([self.counts(part) for part in parts])
        square = float(np.average(error**2, weights=counts))
        spread = np.average((truth - np.average(truth, weights=counts)) ** 2, weights=counts)
        order = np.argsort(np.abs(error))
        at = np.searchsorted(np.cumsum(counts[order]), 0.95 * counts.sum())
        return {
            "bias": 0.0,
            "mae": float(np.average(np.abs(error), weights=counts)),
            "rmse": square**0.5,
            "p95": float(np.abs(error)[order[at]]),
            "r2": 1.0 - square / float(spread),
        }

    def counts(self, errors: Errors) -> np.ndarray:
        """What each row counts for."""
        of_cycle = np.unique([errors.data_set, errors.cycle], axis=1, return_inverse=True)[1]
        length = np.bincount(of_cycle)[of_cycle]
        return 1.0 / length if self.weight == "cycle" else np.ones(len(length))

    def _normal(self, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        own = rng.normal(size=shape)
        if self.cycles_a_group == 1:
            return own
        n_groups = -(-shape[1] // self.cycles_a_group)
        day = np.repeat(rng.normal(size=(shape[0], n_groups)), self.cycles_a_group, axis=1)
        return np.sqrt(0.6) * day[:, : shape[1]] + np.sqrt(0.4) * own


KINDS = {
    "alike": Kind(),
    "scales differ by 40 %": Kind(scale=0.4),
    "scales differ by 80 %": Kind(scale=0.8),
    "heavy tails": Kind(degrees=5.0),
    "long cycles are worse": Kind(scale=0.5, long_is_worse=0.6),
    "rare hard cycles": Kind(hard=0.1),
    "same day, by cycle": Kind(scale=0.4, cycles_a_group=4),
    "same day, by day": Kind(scale=0.4, cycles_a_group=4),
    "alike, by cycle": Kind(weight="cycle"),
    "long worse, by cycle": Kind(scale=0.5, long_is_worse=0.6, weight="cycle"),
}
"""Those of the same day are one kind, resampled without and with the groups; in the last two every
cycle counts the same."""


def _ar1(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    drive = rng.normal(size=shape)
    drive[..., 1:] *= np.sqrt(1.0 - CORRELATION**2)  # stationary from the first row
    return np.asarray(lfilter([1.0], [1.0, -CORRELATION], drive, axis=-1))


def batches(kind: Kind, n_data_sets: int, n_cycles: int, size: int = 50) -> list[Errors]:
    """The same data sets on every call, in batches that share the drawn cycles."""
    starts = range(0, n_data_sets, size)
    return [kind.draw(size, n_cycles, np.random.default_rng([n_cycles, k])) for k in starts]


def percent(shares: pd.DataFrame) -> pd.DataFrame:
    """Shares as whole percents."""
    return (100.0 * shares).round().astype(int)
