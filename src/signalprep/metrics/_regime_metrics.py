"""Errors by operating regime."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep._parameters import check_bootstrap
from signalprep.errors import InvalidParameterError
from signalprep.metrics._alignment import align
from signalprep.metrics._bootstrap import RandomState
from signalprep.metrics._cells import cells_of_rows
from signalprep.metrics._table import check_interval, table_with_intervals

__all__ = ["regime_metrics"]


def regime_metrics(
    y_true: Any,
    y_pred: Any,
    regimes: Any,
    cycles: Any = None,
    n_bootstrap: int = 1000,
    *,
    groups: Any = None,
    weight: str = "row",
    confidence: float = 0.95,
    min_cycles: int = 3,
    interval: str = "studentized",
    random_state: RandomState = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    r"""Errors in every cell of the operating map, with intervals and evidence.

    With the error :math:`e = \hat y - y` of the rows of a cell:

    ======== ====================================================================
    n        rows
    n_cycles cycles that see the cell
    n_groups groups of cycles that see the cell; without `groups` each cycle is its own
    bias     mean of e
    mae      mean of \|e\|
    rmse     square root of the mean of e²
    p95      95th percentile of \|e\|, linear between order statistics
    max      largest \|e\|
    r2       1 - sum(e²) / sum((y - mean y)²) within the cell; NaN where y is constant
    share    squared error of the cell over that of all rows; NaN when no row has an error
    evidence n_groups >= min_cycles
    weak     whether the upper end of rmse is more than 3 times its value, so that it says little
    ======== ====================================================================

    bias, mae, rmse, p95 and r2 come with ``<metric>_low`` and ``<metric>_high``. max has no
    interval: no resample holds a larger value than the sample, and nothing bounds it from above.
    Where no row has any error nothing has an interval: nothing tells how large one may be.

    Rows of a cycle are alike, so the interval resamples cycles: whole cycles are drawn with
    replacement, as many as there are, and all cells share the drawn cycles. The intervals assume
    that cycles are independent of each other. Where they are not, as drives of one day or laps of
    one session, name what belongs together in `groups`: whole groups are then drawn, and "cycle"
    below is a group of cycles.

    With ``weight="cycle"`` each row counts 1 over the rows of its cycle in the cell. So bias, MAE
    and mean e² are means over cycles of what each has in the cell; p95 and r2 count rows by the
    same weight, share by 1 over all rows of the cycle, so that shares sum to 1. n, n_cycles and max
    stay what they are. :math:`n_c` below is then 1, of a group its number of cycles.

    The interval is studentised. With a metric on a scale g and s its standard error there, from
    leaving out one cycle of the cell at a time, each resample gives
    :math:`t^* = (g^* - g) / s^*`, and the ends are

    .. math:: g - t^*_{1-\alpha/2}\, s \quad\text{and}\quad g - t^*_{\alpha/2}\, s.

    g is the bias itself, the logarithm of MAE, of mean e² and of 1 - r2. For p95 it is the logit of
    the share of rows with \|e\| above a threshold: the interval holds the thresholds q whose share
    may be 5 %, :math:`(g(q) - g_{5\,\%}) / s(q)` between the two quantiles of :math:`t^*`. Ends
    lie between one and two times :math:`t_{1-\alpha/2,\nu}\, s` from the estimate, with the Student
    quantile for :math:`\nu = \min(n - 1, 3 (\sum u_c^2)^2 / \sum u_c^4)`, at least 1,
    where :math:`n = (\sum n_c)^2 / \sum n_c^2` is the effective number of cycles of :math:`n_c`
    rows in the cell and :math:`u_c` the change of the metric without cycle c; nor farther from 0
    than three times the largest \|e\|. Resamples with fewer than two different cycles of the cell
    are left out.

    The sample may lack the hardest cycles: a share of up to 3 / n of all cycles may be of a kind
    that n cycles do not show. So upper ends are raised by the factor by which the metric grows when
    the hardest cycle of the cell comes again, three more times in mean e² and 1 - r2, once in MAE.
    Where cycles are alike that makes intervals a fifth to two fifths longer. The upper end of p95
    is as far above it as that of RMSE, relative to the value, and at least its own; no sample can
    tell a threshold above its largest value. Ends are then widened until they
    obey \|bias\| <= MAE <= RMSE and p95 <= :math:`\sqrt{20}` RMSE, the only bounds that hold
    whatever the errors are: an upper end of RMSE may well lie above the largest error seen.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,)
        Measured and predicted target, finite. Prediction minus truth is the error.
    regimes : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_columns)
        Labels of the regimes, as `RegimeBinner` gives them; several columns make joint cells. When
        every column is categorical, cells without a row are listed too (n = 0, metrics NaN), apart
        from cells with a label "below", "above" or "missing".
    cycles : array-like of shape (n_samples,), default=None
        Id of the drive cycle of each row. None: from the (cycle, time) index of the inputs.
    n_bootstrap : int, default=1000
        Resamples; 0 leaves the intervals NaN.
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
        A cell seen by fewer cycles (groups) has no evidence: its values are given, its intervals
        are NaN.
        Cells seen by one cycle never have an interval: there is nothing to resample.
    interval : {"studentized", "percentile"}, default="studentized"
        "percentile" takes the plain percentiles of the resampled metric. They are too narrow for
        few cycles, and for cells that one cycle dominates.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the resampling.
    n_jobs : int, default=None
        Threads, shared out over cells. Results do not depend on it.

    Returns
    -------
    table : DataFrame of shape (n_cells, n_columns)
        One row a cell, in the order of the categories. The index has one level for each column of
        `regimes`.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, values that are not finite, or so large or small that their
        squares are not (beyond 1e140, all errors below 1e-140), rows without cycle or label.
    InvalidParameterError
        An option out of its range, a target of several columns.

    Notes
    -----
    Pandas inputs are aligned by their index, arrays go by position. Time: linear in rows;
    with intervals n log n in the rows of a cell, plus n_bootstrap times the cycles of each cell
    ("percentile": and 5 % of the rows). Intervals of r2 are wide where the truth hardly moves in a
    cell.

    The interval is approximate. The docs print what it holds, by metric, number of cycles and kind
    of error (``make statistics``): 94 to 99 % of the true values of like cycles; where the size of
    the errors differs much from cycle to cycle, or long cycles are the hard ones, 90 to 98 %, and
    nearly all misses lie above the interval.

    References
    ----------
    P. Hall (1988), Theoretical Comparison of Bootstrap Confidence Intervals, The Annals of
    Statistics 16(3), 927-953, doi:10.1214/aos/1176350933, for studentised resampling. R. S.
    Woodruff (1952), Confidence Intervals for Medians and Other Position Measures, Journal of the
    American Statistical Association 47(260), 635-646, doi:10.1080/01621459.1952.10483443, for
    quantiles by way of shares. L. Kish (1965), Survey Sampling, Wiley, for the effective number.

    Examples
    --------
    >>> import numpy as np
    >>> from signalprep.metrics import regime_metrics
    >>> truth, cycles = np.zeros(6), [1, 1, 2, 2, 3, 3]
    >>> table = regime_metrics(truth, [1, 2, 1, 4, 3, 2], list("abaaab"), cycles)
    >>> print(table[["n", "n_cycles", "mae", "max", "evidence"]])
            n  n_cycles   mae  max  evidence
    regime
    a       4         3  2.25  4.0      True
    b       2         2  2.00  2.0     False
    """
    check_bootstrap(n_bootstrap, confidence, min_cycles, random_state, n_jobs)
    check_interval(interval)
    if regimes is None:
        raise InvalidParameterError(
            "regimes must label the rows; got None (overall_metrics takes all rows as one cell)"
        )
    rows = align(y_true, y_pred, cycles, regimes, groups=groups, weight=weight, finite=False)
    cell, cells = cells_of_rows(rows)
    return table_with_intervals(
        rows,
        cell,
        cells,
        n_bootstrap=n_bootstrap,
        confidence=confidence,
        min_cycles=min_cycles,
        interval=interval,
        random_state=random_state,
        n_jobs=n_jobs,
    )
