"""Cold start: errors in the first tenth of each cycle against those in its second half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from signalprep.log import cycle_bounds
from signalprep.metrics import overall_metrics
from signalprep.wording import format_interval, format_number

START, SETTLED = 0.1, 0.5


@dataclass(frozen=True)
class ColdStart:
    """Errors at the start of the cycles, later in them, and the ratio of the two."""

    start: pd.Series
    settled: pd.Series
    ratio: float
    low: float
    high: float

    @property
    def is_shown(self) -> bool:
        return bool(self.low > 1.0)

    def words(self, unit: str) -> str:
        unit = f" {unit}" if unit else ""
        said = (
            f"RMSE {self.start['rmse']:.3g}{unit} in the first tenth of each cycle, "
            f"{self.settled['rmse']:.3g}{unit} in its second half"
        )
        if np.isnan(self.low):
            return f"a cold start cannot be told from so few cycles: {said}"
        if np.isinf(self.high):
            span = f"{format_number(self.low)} or more"
        else:
            span = format_interval(self.low, self.high)
        said += f"; within a cycle {format_number(self.ratio)} times as large ({span})"
        return f"cold start: {said}" if self.is_shown else f"no cold start is shown: {said}"


def cold_start(
    truth: pd.Series, prediction: pd.Series, age: np.ndarray, group: np.ndarray, **options: Any
) -> ColdStart:
    """Compare the two parts of each cycle, by its own length.

    `age` is the time since the start of the cycle, `group` the number of what each cycle belongs
    to. The options, `confidence` among them, go to `overall_metrics`.
    """
    bounds = cycle_bounds(truth)
    sizes = np.diff(bounds)
    lasts = np.repeat(age[bounds[1:] - 1], sizes)
    early, late = age <= START * lasts, age >= SETTLED * lasts
    square = (prediction.to_numpy(dtype=np.float64) - truth.to_numpy(dtype=np.float64)) ** 2
    cycle = np.repeat(np.arange(len(sizes)), sizes)
    start, settled, whole = (
        _mean(square[rows], cycle[rows]) for rows in (early, late, np.ones(len(age), dtype=bool))
    )
    known = (sizes > 1) & (whole > 0.0)
    number = np.unique(group[known], return_inverse=True)[1]
    shares = [_mean(part[known] / whole[known], number) for part in (start, settled)]
    ratio, low, high = _ratio(shares[0], shares[1], options["confidence"])
    return ColdStart(
        start=overall_metrics(truth[early], prediction[early], **options),
        settled=overall_metrics(truth[late], prediction[late], **options),
        ratio=ratio,
        low=low,
        high=high,
    )


def _mean(values: np.ndarray, number: np.ndarray) -> np.ndarray:
    return np.asarray(np.bincount(number, values) / np.bincount(number))


def _ratio(start: np.ndarray, settled: np.ndarray, confidence: float) -> tuple[float, float, float]:
    """Root of mean(start) over mean(settled), each a share of the cycle's own mean square.

    The ends are Fieller's: the ratios r for which a t test does not tell the mean of
    start - r * settled from zero. As a share of its own cycle a hard one counts no more than an
    easy one, and both shares are one on average where errors do not depend on the time.
    """
    n = len(start)
    over, under = (float(part.mean()) if n else np.nan for part in (start, settled))
    ratio = float(np.sqrt(over / under)) if under else np.nan
    if n < 2 or not under:
        return ratio, np.nan, np.nan
    t = float(stdtrit(n - 1, 0.5 + confidence / 2.0)) ** 2
    (a, b), (_, c) = np.cov(start, settled) / n
    square, mixed, rest = under**2 - t * c, over * under - t * b, over**2 - t * a
    # The ratios r with square r^2 - 2 mixed r + rest <= 0: from root to root, or beyond both.
    inside = mixed**2 - square * rest
    if square == 0.0 or inside <= 0.0:
        return ratio, 0.0, np.inf
    roots = sorted((mixed + side * np.sqrt(inside)) / square for side in (-1.0, 1.0))
    if square > 0.0:
        low, high = roots
    else:
        low, high = (roots[1], np.inf) if over / under >= roots[1] else (0.0, roots[0])
    return ratio, float(np.sqrt(max(low, 0.0))), float(np.sqrt(high))
