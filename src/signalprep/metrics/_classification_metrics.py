"""Scores of a classifier by operating regime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep._parameters import check_bootstrap
from signalprep.metrics._alignment import AlignedErrors
from signalprep.metrics._catalogue import main_metric
from signalprep.metrics._cells import encode_cells
from signalprep.metrics._classification_intervals import class_intervals
from signalprep.metrics._classification_labels import AlignedClasses, align_classes
from signalprep.metrics._classification_sums import (
    ClassSums,
    draw_cycles,
    scores_from_sums,
    sum_classes,
)
from signalprep.metrics._table import cycle_counts
from signalprep.metrics._task import TaskName

__all__ = ["classification_metrics", "encode_rows", "sum_rows"]


def classification_metrics(
    y_true: Any,
    y_pred: Any,
    regimes: Any = None,
    cycles: Any = None,
    n_bootstrap: int = 1000,
    *,
    probabilities: Any = None,
    classes: Any = None,
    groups: Any = None,
    weight: str = "row",
    confidence: float = 0.95,
    min_cycles: int = 3,
    random_state: int | np.random.RandomState | None = 0,
) -> pd.DataFrame:
    r"""Scores of a classifier in every cell of the operating map, with intervals and evidence.

    Over the rows of a cell:

    ================= =============================================================================
    n                 rows
    n_cycles          cycles that see the cell
    n_groups          groups of cycles that see the cell; without `groups` each cycle is its own
    accuracy          share of rows with the right class
    balanced_accuracy mean over classes of the share of its rows that are found (recall), over the
                      classes that occur in the cell
    f1                mean over classes of :math:`2 \mathrm{TP} / (2 \mathrm{TP} + \mathrm{FP} +
                      \mathrm{FN})` (macro average), over the classes that occur in the cell as
                      truth or as prediction; two classes are averaged too
    log_loss          mean of minus the natural logarithm of the probability given to the true
                      class, which is kept 2.2e-16 away from 0 and 1; NaN without `probabilities`
    evidence          n_groups >= min_cycles
    weak              whether the interval of accuracy is wider than 0.3, so that it says little
    ================= =============================================================================

    Each score comes with ``<metric>_low`` and ``<metric>_high``. Rows of a cycle are alike, so the
    interval resamples cycles: whole cycles are drawn with replacement, as many as there are, and
    all cells share the drawn cycles. With n the effective number of cycles of the cell, each end is
    the farther of two: the percentile of the resampled score, widened for few cycles to the level
    :math:`\Phi(\sqrt{n / (n - 1)}\, t_{\alpha/2, n-1})` (Hesterberg 2015), and the score less or
    plus the standard deviation of the resamples times :math:`\sqrt{n / (n - 1)}\,
    t_{\alpha/2, n-1}`. The bad end (the lower one, of log loss the upper) then moves as far as the
    score would if the hardest cycle came three more times: a share of up to 3 / n of the cycles
    may be of a kind that n do not show.

    A share of the cycles of up to :math:`u = 1 - (\alpha/2)^{1/n}`, about 3.7 / n, may be of a kind
    that none of n shows (Clopper and Pearson 1934, the two-sided rule of three), and wrong
    altogether, or right. Where no row is wrong the lower end is 1 - u, and no cell of as many
    cycles has a higher one, because none is known better; where none is right the upper end is u,
    and no cell has a lower one. Where all cycles have the same score s, so that no resample can
    tell, the ends are s (1 - u) and s + u (1 - s). For balanced accuracy and f1, n is that of the
    cycles that hold a class, and the mean over classes counts.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        True and predicted class: text, ints or bools, none missing.
    regimes : Series, DataFrame or array of shape (n_samples, n_columns), default=None
        Labels of the regimes, as :func:`~signalprep.regime_metrics` takes them; None: all rows
        are one cell, "overall".
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    n_bootstrap : int, default=1000
        Resamples; 0 leaves the intervals NaN.
    probabilities : DataFrame or array of shape (n_samples, n_classes), default=None
        Probability of each class, columns in the order of `classes`.
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
        One row a cell; the index has one level for each column of `regimes`.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, missing or mixed labels, a label that is none of `classes`,
        rows without cycle or regime, probabilities that are none.
    InvalidParameterError
        An option out of its range, labels of several columns, real numbers instead of labels.

    Notes
    -----
    Each score is that of scikit-learn over the rows of the cell. A class that is absent from a cell
    does not count there, so scores of cells with different classes are not alike; see
    :func:`confusion_table` for what is behind them.

    The intervals are approximate for few cycles; what they hold is in the docs (``make
    statistics``): accuracy, 97 to 100 %, and no false passes at 1.25 times the errors allowed.

    Time: linear in rows, plus n_bootstrap times the cycles of each cell and the classes.

    References
    ----------
    T. Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician
    69(4), 371-386, doi:10.1080/00031305.2015.1089789. C. J. Clopper, E. S. Pearson (1934), The Use
    of Confidence or Fiducial Limits, Biometrika 26(4), 404-413, doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> from signalprep.metrics import classification_metrics
    >>> truth = ["ok", "ok", "fault", "ok", "fault", "fault"]
    >>> prediction = ["ok", "ok", "fault", "fault", "ok", "fault"]
    >>> table = classification_metrics(truth, prediction, list("aaabbb"), [1, 1, 2, 1, 2, 2])
    >>> print(table[["n", "accuracy", "balanced_accuracy", "f1"]].round(3))
            n  accuracy  balanced_accuracy    f1
    regime
    a       3     1.000               1.00  1.00
    b       3     0.333               0.25  0.25
    """
    check_bootstrap(n_bootstrap, confidence, min_cycles, random_state)
    rows = align_classes(y_true, y_pred, cycles, regimes, probabilities, classes, groups, weight)
    cell, cells = encode_rows(rows.rows)
    pairs = sum_rows(rows, cell, len(cells))
    table = pd.DataFrame(
        {
            "n": np.bincount(cell, minlength=len(cells)),
            **cycle_counts(rows.rows, cell, pairs.cell, len(cells)),
            **scores_from_sums(pairs.by_cell()),
        },
        index=cells,
    )
    evidence = (table["n_groups"] >= min_cycles).to_numpy()
    counts = draw_cycles(rows.rows.n_groups, n_bootstrap, random_state)
    bounds = class_intervals(pairs, counts, confidence)
    for name, (low, high) in bounds.items():
        point = table[name].to_numpy()
        table[f"{name}_low"] = np.where(evidence, np.minimum(low, point), np.nan)
        table[f"{name}_high"] = np.where(evidence, np.maximum(high, point), np.nan)
    table["evidence"] = evidence
    table["weak"] = main_metric(TaskName.CLASSIFICATION).weak_in(table)
    return table


def sum_rows(rows: AlignedClasses, cell: np.ndarray, n_cells: int) -> ClassSums:
    """Sums of each (cell, group) pair, by what the rows count for."""
    of_rows = rows.rows
    sizes = (len(rows.classes), cell, n_cells, of_rows.group, of_rows.n_groups)
    weight = of_rows.weight_in(cell)
    return sum_classes(rows.truth, rows.prediction, rows.loss, *sizes, weight)


def encode_rows(rows: AlignedErrors) -> tuple[np.ndarray, pd.Index]:
    """Cell of each row as codes, and the cells; one cell "overall" without regimes."""
    if rows.regimes is None:
        return np.zeros(len(rows.truth), dtype=np.int64), pd.Index(["overall"])
    return encode_cells(rows.regimes, rows.cycle, rows.cycles)
