"""How narrow intervals will be with more cycles, and how many make them narrow enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from signalprep.metrics import METRICS

__all__ = ["MOST_CYCLES", "Forecast", "first_enough", "forecast"]

MOST_CYCLES = 100
"""More cycles than nobody records for one cell."""
NOISE = 1.0
"""Variance of the logarithm of the spread found over n cycles, times n - 1: 0.6 to 2.4 when tried
with 3 to 24 cycles."""


@dataclass(frozen=True)
class Forecast:
    """Ends of each cell's interval with 1 to `MOST_CYCLES` more cycles, (n_cells, MOST_CYCLES)."""

    low: np.ndarray
    high: np.ndarray

    @property
    def width(self) -> np.ndarray:
        return self.high - self.low


def first_enough(enough: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least number of more cycles that is enough, and whether there is one."""
    found = np.asarray(enough.any(axis=1))
    return np.where(found, enough.argmax(axis=1) + 1, MOST_CYCLES), found


def forecast(
    metric: str,
    value: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    n_cycles: np.ndarray,
    confidence: float,
) -> Forecast:
    """Intervals of one metric in all cells, as they are to be expected if the values stay.

    An interval over n cycles reaches t(n - 1) s / sqrt(n) from the value, with Student's quantile t
    and the spread s over cycles; errors do so on the scale of the logarithm. The spread found in a
    cell is as uncertain as few cycles make it, and the widest interval is so by chance too: the
    cycles to come are expected to bring it towards the spread of all cells.
    """
    n = np.maximum(n_cycles.astype(np.float64), 2.0)[:, np.newaxis]
    more = np.arange(1.0, MOST_CYCLES + 1.0)
    level = 0.5 + confidence / 2.0
    student = stdtrit(n - 1.0, level) / np.sqrt(n)
    positive = (METRICS[metric].better == "less") & (low > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(positive, np.log(high / low), high - low)
        change = _regressed(reach / student[:, 0], n[:, 0] - 1.0)[:, np.newaxis] ** 2
        spread = np.sqrt((n - 1.0 + more * change) / (n - 1.0 + more))
        shrink = spread * stdtrit(n + more - 1.0, level) / np.sqrt(n + more) / student
        at = value[:, np.newaxis]
        ends = [
            np.where(positive[:, np.newaxis], at * (end / at) ** shrink, at + (end - at) * shrink)
            for end in (low[:, np.newaxis], high[:, np.newaxis])
        ]
    return Forecast(*ends)


def _regressed(spread: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """What cells as these are expected to have, over what was found.

    Empirical Bayes with limited translation: no cell is moved by more than one standard error, so
    that one that is truly different is not taken for chance.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(spread)
    known = np.isfinite(found)
    change = np.ones(len(spread))
    if known.sum() < 3:
        return change
    found, noise = found[known], NOISE / degrees[known]
    true = max(float(found.var(ddof=1) - noise.mean()), 0.0)
    middle = np.average(found, weights=1.0 / (true + noise))
    move = noise / (true + noise) * (middle - found)
    change[known] = np.exp(np.clip(move, -np.sqrt(noise), np.sqrt(noise)))
    return change
