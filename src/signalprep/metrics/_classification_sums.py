"""Sums by cell and cycle, from which every classification metric follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from signalprep.metrics._bootstrap import percentile_levels
from signalprep.metrics._catalogue import metrics_of
from signalprep.metrics._task import TaskName
from signalprep.metrics._terms import ClassTerms

__all__ = [
    "ClassSums",
    "draw_cycles",
    "resampled_scores",
    "scores_from_sums",
    "sum_classes",
]


@dataclass(frozen=True)
class ClassSums:
    """Sums of the rows of every (cell, cycle) pair that occurs, sorted by cell, then cycle."""

    cell: np.ndarray
    """Cell of each pair, int64 of shape (n_pairs,)."""
    cycle: np.ndarray
    """Cycle of each pair, int64 of shape (n_pairs,)."""
    sums: np.ndarray
    """float64 of shape (n_pairs, 3 n_classes + 1): rows of each class that were predicted right,
    rows of each class, rows predicted as each class, and the sum of the log loss (NaN without
    probabilities); all by what the rows count for."""
    n_cells: int
    n_cycles: int

    def by_cell(self) -> np.ndarray:
        """Sums over the cycles, shape (n_cells, 3 n_classes + 1)."""
        total = np.zeros((self.n_cells, self.sums.shape[1]))
        np.add.at(total, self.cell, self.sums)
        return total


def sum_classes(
    truth: np.ndarray,
    prediction: np.ndarray,
    loss: np.ndarray | None,
    n_classes: int,
    cell: np.ndarray,
    n_cells: int,
    cycle: np.ndarray,
    n_cycles: int,
    weight: np.ndarray | None,
) -> ClassSums:
    """Count the classes of each (cell, cycle) pair. Linear in rows.

    Parameters
    ----------
    truth, prediction : ndarray of int64 of shape (n_samples,)
        Number of the class.
    loss : ndarray of float64 of shape (n_samples,) or None
        Log loss of each row.
    weight : ndarray of float64 of shape (n_samples,) or None
        What each row counts for; None: one.
    """
    pair, code = pd.factorize(cell * n_cycles + cycle, sort=True)
    n_pairs = len(code)

    def count(label: np.ndarray, rows: np.ndarray) -> np.ndarray:
        own = None if weight is None else weight[rows]
        of_label = pair[rows] * n_classes + label[rows]
        of_pair = np.bincount(of_label, own, minlength=n_pairs * n_classes)
        return of_pair.reshape(n_pairs, n_classes).astype(np.float64)

    every = np.ones(len(truth), dtype=bool)
    if loss is not None and weight is not None:
        loss = loss * weight
    lost = np.full(n_pairs, np.nan) if loss is None else np.bincount(pair, loss, n_pairs)
    sums = np.concatenate(
        [
            count(truth, truth == prediction),
            count(truth, every),
            count(prediction, every),
            lost[:, None],
        ],
        axis=1,
    )
    return ClassSums(*np.divmod(code, n_cycles), sums, n_cells, n_cycles)


def scores_from_sums(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Scores from sums of shape (..., 3 n_classes + 1); NaN where there is no row."""
    n_classes = sums.shape[-1] // 3
    right, true, predicted = np.moveaxis(
        sums[..., :-1].reshape(*sums.shape[:-1], 3, n_classes), -2, 0
    )
    terms = ClassTerms(true.sum(axis=-1), right, true, predicted, sums[..., -1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return {metric.name: metric.of(terms) for metric in metrics_of(TaskName.CLASSIFICATION)}


def draw_cycles(n_cycles: int, n_bootstrap: int, random_state: Any) -> np.ndarray:
    """How often each cycle is drawn in each resample, shape (n_bootstrap, n_cycles)."""
    share = np.full(n_cycles, 1.0 / n_cycles)
    if isinstance(random_state, np.random.Generator):
        random_state = int(random_state.integers(2**31 - 1))
    return check_random_state(random_state).multinomial(n_cycles, share, size=n_bootstrap)


def resampled_scores(
    pairs: ClassSums, counts: np.ndarray, confidence: float
) -> Iterator[tuple[int, float, np.ndarray, dict[str, np.ndarray]]]:
    """Each cell that two or more cycles see, how many they are worth, levels, resampled scores.

    Parameters
    ----------
    counts : ndarray of shape (n_resamples, n_cycles)
        How often each cycle was drawn.
    """
    first = np.searchsorted(pairs.cell, np.arange(pairs.n_cells + 1))
    n_classes = pairs.sums.shape[1] // 3
    drawn = counts.astype(np.float64)
    for cell in range(pairs.n_cells):
        own = slice(first[cell], first[cell + 1])
        if own.stop - own.start < 2:
            continue
        n = pairs.sums[own, n_classes : 2 * n_classes].sum(axis=1)
        effective = np.array([n.sum() ** 2 / np.square(n).sum()])  # Kish: cycles of equal length
        levels = np.concatenate(percentile_levels(effective, confidence, expand=True))
        yield (
            cell,
            float(effective[0]),
            levels,
            scores_from_sums(drawn[:, pairs.cycle[own]] @ pairs.sums[own]),
        )
