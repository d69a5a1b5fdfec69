"""Intervals of a classifier's scores: resampled cycles, and what those may not show."""

from __future__ import annotations

import numpy as np

from signalprep.metrics._catalogue import Metric, metrics_of
from signalprep.metrics._classification_sums import ClassSums, resampled_scores, scores_from_sums
from signalprep.metrics._student_ends import student_ends
from signalprep.metrics._task import TaskName

__all__ = ["class_intervals", "unseen_share"]

UNSEEN = 3
"""Cycles that the bad end allows for, each as hard as the hardest seen: rule of three."""
WORST_LOSS = -np.log(np.finfo(np.float64).eps)
"""Log loss of a row whose true class was given no probability."""
ROUNDING = 1e-9


def class_intervals(
    pairs: ClassSums, counts: np.ndarray, confidence: float
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Ends of the interval of each score in each cell; NaN with fewer than two cycles.

    Parameters
    ----------
    counts : ndarray of shape (n_resamples, n_cycles)
        How often each cycle was drawn.
    """
    metrics = metrics_of(TaskName.CLASSIFICATION, interval=True)
    bounds = {
        metric.name: (np.full(pairs.n_cells, np.nan), np.full(pairs.n_cells, np.nan))
        for metric in metrics
    }
    if len(counts) == 0:
        return bounds
    for cell, n_effective, levels, draws in resampled_scores(pairs, counts, confidence):
        sums = pairs.sums[pairs.cell == cell]
        points = scores_from_sums(sums.sum(axis=0))
        harder = scores_from_sums(sums.sum(axis=0) + UNSEEN * sums)
        share = unseen_share(np.array([n_effective]), confidence)
        of_classes = unseen_share(_cycles_of_classes(sums), confidence)
        for metric in metrics:
            name = metric.name
            ends = _ends(float(points[name]), draws[name], levels, n_effective, confidence)
            ends = _with_unseen(metric, ends, harder[name] - points[name])
            unseen = float((share if metric.main else of_classes).mean())
            ends = _no_surer_than_extremes(metric, ends, float(points[name]), unseen)
            least, most = (0.0, np.inf if metric.better == "less" else 1.0)
            bounds[name][0][cell], bounds[name][1][cell] = np.clip(ends, least, most)
    return bounds


def unseen_share(n_cycles: np.ndarray, confidence: float) -> np.ndarray:
    """Largest share of cycles that may be of a kind that none of `n_cycles` showed.

    About 3.7 / n at 95 % to both sides (3 / n to one side: the rule of three), exactly
    1 - (alpha / 2) ** (1 / n): the end of the interval of Clopper and Pearson (1934).
    """
    return 1.0 - ((1.0 - confidence) / 2.0) ** (1.0 / n_cycles)


def _ends(
    point: float, draws: np.ndarray, levels: np.ndarray, n_cycles: float, confidence: float
) -> np.ndarray:
    """The wider of two intervals at each end: percentiles, and the Student quantile."""
    known = draws[~np.isnan(draws)]
    if len(known) == 0:
        return np.full(2, np.nan)
    low, high = np.quantile(known, levels)
    (down,), (up,) = student_ends(np.array([point]), known[None], np.array([n_cycles]), confidence)
    return np.array([np.fmin(low, down), np.fmax(high, up)])


def _with_unseen(metric: Metric, ends: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """Move the bad end as far as the score moves when one cycle comes `UNSEEN` more times."""
    low, high = ends
    if metric.better == "less":
        return np.array([low, high + np.nanmax(changes, initial=0.0)])
    return np.array([low + np.nanmin(changes, initial=0.0), high])


def _cycles_of_classes(sums: np.ndarray) -> np.ndarray:
    """How many cycles of equal length the rows of each class that occurs are worth (Kish)."""
    n_classes = sums.shape[1] // 3
    rows = sums[:, n_classes : 2 * n_classes]
    rows = rows[:, rows.any(axis=0)]
    return rows.sum(axis=0) ** 2 / np.square(rows).sum(axis=0)


def _no_surer_than_extremes(
    metric: Metric, ends: np.ndarray, point: float, share: float
) -> np.ndarray:
    """Ends that are no nearer than where no row is wrong, or none is right.

    A share of cycles of a kind that none showed may be wrong altogether, or right. No cell of as
    many cycles is known better than a faultless one, or a hopeless one; and where cycles do not
    differ at all, the share is counted in full.
    """
    low, high = ends
    bare = high - low < ROUNDING
    if metric.better == "less":  # a loss without spread: one row may lose any amount
        return np.array([low, high + share * WORST_LOSS if bare else high])
    most, least = (point, point) if bare else (1.0, 0.0)
    return np.array(
        [np.fmin(low, most * (1.0 - share)), np.fmax(high, least + share * (1.0 - least))]
    )
