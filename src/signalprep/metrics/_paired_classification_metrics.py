"""Difference of two classifiers on the same rows, by regime, with intervals over cycles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep._parameters import check_bootstrap
from signalprep.metrics._catalogue import metrics_compared, metrics_of
from signalprep.metrics._classification_intervals import unseen_share
from signalprep.metrics._classification_labels import align_classes
from signalprep.metrics._classification_metrics import encode_rows, sum_rows
from signalprep.metrics._classification_sums import (
    ClassSums,
    draw_cycles,
    resampled_scores,
    scores_from_sums,
)
from signalprep.metrics._student_ends import student_ends
from signalprep.metrics._table import cycle_counts
from signalprep.metrics._task import TaskName

__all__ = ["paired_classification_metrics"]


def paired_classification_metrics(
    y_true: Any,
    y_pred_a: Any,
    y_pred_b: Any,
    regimes: Any = None,
    cycles: Any = None,
    n_bootstrap: int = 1000,
    *,
    probabilities_a: Any = None,
    probabilities_b: Any = None,
    classes: Any = None,
    groups: Any = None,
    weight: str = "row",
    confidence: float = 0.95,
    min_cycles: int = 3,
    random_state: int | np.random.RandomState | None = 0,
) -> pd.DataFrame:
    """Score of a less score of b, in every cell, with intervals over paired cycles.

    Both are resampled by the same cycles and the difference is taken resample by resample, as
    :func:`~signalprep.metrics.paired_metrics` does for errors that have a size. The scores are
    those of :func:`~signalprep.metrics.classification_metrics`.

    Parameters
    ----------
    y_true, y_pred_a, y_pred_b : array-like of shape (n_samples,)
        True class and two predictions of it: text, ints or bools, none missing.
    regimes : Series, DataFrame or array of shape (n_samples, n_columns), default=None
        Labels of the regimes; None: all rows are one cell, "overall".
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    n_bootstrap : int, default=1000
        Resamples; 0 leaves the intervals NaN.
    probabilities_a, probabilities_b : array of shape (n_samples, n_classes), default=None
        Probability of each class, columns in the order of `classes`. Where one is missing, the
        difference in log loss is NaN.
    classes : sequence, default=None
        The classes; None: those that occur, sorted.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session): the group of each cycle by its id, or a
        function of the id. Whole groups are then resampled in place of cycles, and count as
        evidence.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has in the cell.
    confidence : float, default=0.95
        Nominal coverage of the intervals.
    min_cycles : int, default=3
        A cell seen by fewer cycles has no evidence: its intervals are NaN.
    random_state : int, RandomState or None, default=0
        Seed of the resampling.

    Returns
    -------
    table : DataFrame of shape (n_cells, n_columns)
        ``n``, ``n_cycles``, ``n_groups``, ``evidence``; for accuracy, balanced_accuracy, f1 and
        log_loss the values ``<metric>_a`` and ``<metric>_b``, their difference ``<metric>``, and
        its interval ``<metric>_low`` and ``<metric>_high``.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, missing or mixed labels, rows without cycle or regime.
    InvalidParameterError
        An option out of its range, labels of several columns, real numbers instead of labels.

    Notes
    -----
    The interval is that of :func:`paired_metrics`: the standard deviation of the resampled
    difference times a Student quantile. Where both models do alike in every cycle nothing varies; a
    share of the cycles of up to 1 - (alpha / 2) ** (1 / n), about 3.7 / n, may still tell them
    apart, and the interval reaches as far to both sides.

    References
    ----------
    T. Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician
    69(4), 371-386, doi:10.1080/00031305.2015.1089789.

    Examples
    --------
    >>> from signalprep.metrics import paired_classification_metrics
    >>> truth, cycles = list("aabbaabb"), [1, 1, 1, 1, 2, 2, 3, 3]
    >>> a, b = list("aabbaabb"), list("abbbabbb")  # b takes every other a for b
    >>> table = paired_classification_metrics(truth, a, b, cycles=cycles)
    >>> print(table[["accuracy_a", "accuracy_b", "accuracy"]])
             accuracy_a  accuracy_b  accuracy
    overall         1.0        0.75      0.25
    """
    check_bootstrap(n_bootstrap, confidence, min_cycles, random_state)
    if classes is None:  # those of both, so that both count the same ones
        one, other = (
            align_classes(y_true, y_pred, cycles, regimes, None, None)
            for y_pred in (y_pred_a, y_pred_b)
        )
        classes = one.classes.union(other.classes)
    how = (groups, weight)
    rows_a = align_classes(y_true, y_pred_a, cycles, regimes, probabilities_a, classes, *how)
    rows_b = align_classes(y_true, y_pred_b, cycles, regimes, probabilities_b, classes, *how)
    cell, cells = encode_rows(rows_a.rows)
    models = [sum_rows(rows, cell, len(cells)) for rows in (rows_a, rows_b)]
    a, b = (scores_from_sums(sums.by_cell()) for sums in models)
    n_seen = cycle_counts(rows_a.rows, cell, models[0].cell, len(cells))
    table = pd.DataFrame({"n": np.bincount(cell, minlength=len(cells)), **n_seen}, index=cells)
    for metric in metrics_compared(TaskName.CLASSIFICATION):
        name = metric.name
        table[f"{name}_a"], table[f"{name}_b"] = a[name], b[name]
        table[name] = metric.sized(a[name]) - metric.sized(b[name])
    evidence = n_seen["n_groups"] >= min_cycles
    table["evidence"] = evidence
    counts = draw_cycles(models[0].n_cycles, n_bootstrap, random_state)
    bounds = _intervals(models, table, counts, confidence)
    for name, (low, high) in bounds.items():
        point = table[name].to_numpy()
        table[f"{name}_low"] = np.where(evidence, np.minimum(low, point), np.nan)
        table[f"{name}_high"] = np.where(evidence, np.maximum(high, point), np.nan)
    return table


def _intervals(
    models: list[ClassSums], points: pd.DataFrame, counts: np.ndarray, confidence: float
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Bounds of the difference of each score in each cell."""
    metrics = metrics_of(TaskName.CLASSIFICATION, interval=True)
    unknown = np.full((len(metrics), 2, models[0].n_cells), np.nan)
    bounds = {
        metric.name: (low, high) for metric, (low, high) in zip(metrics, unknown, strict=True)
    }
    if len(counts) == 0:
        return bounds
    both = (resampled_scores(sums, counts, confidence) for sums in models)
    for (cell, n, _, a), (_, _, _, b) in zip(*both, strict=True):
        effective = np.array([n])
        (share,) = unseen_share(effective, confidence)
        for metric in metrics:
            name = metric.name
            difference = metric.sized(a[name]) - metric.sized(b[name])
            point = points[name].to_numpy()[[cell]]
            ends = student_ends(point, difference[None], effective, confidence)
            (low,), (high,) = ends
            if low == high:  # every resample alike: other cycles may differ
                low, high = low - share, high + share
            bounds[name][0][cell], bounds[name][1][cell] = low, high
    return bounds
