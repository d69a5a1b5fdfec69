"""Errors by operating regime."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.metrics._alignment import align
from signalprep.metrics._bootstrap import RandomState
from signalprep.metrics._cells import encode_cells
from signalprep.metrics._table import check_options, table_with_intervals

__all__ = ["regime_metrics"]


def regime_metrics(
    y_true: Any,
    y_pred: Any,
    regimes: Any,
    cycles: Any = None,
    n_bootstrap: int = 1000,
    *,
    confidence: float = 0.95,
    min_cycles: int = 3,
    expand: bool = True,
    random_state: RandomState = 0,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    r"""Errors in every cell of the operating map, with intervals and evidence.

    With the error :math:`e = \hat y - y` of the rows of a cell:

    ======== ====================================================================
    n        rows
    n_cycles cycles that see the cell
    bias     mean of e
    mae      mean of \|e\|
    rmse     square root of the mean of e²
    p95      95th percentile of \|e\|, linear between order statistics
    max      largest \|e\|
    r2       1 - sum(e²) / sum((y - mean y)²) within the cell; NaN where y is constant
    share    squared error of the cell over that of all rows; NaN when no row has an error
    evidence n_cycles >= min_cycles
    ======== ====================================================================

    bias, mae, rmse, p95 and r2 come with ``<metric>_low`` and ``<metric>_high``. max has no
    interval: no resample holds a larger value than the sample, so its bootstrap is not valid.

    Rows of a cycle are alike, so the interval resamples cycles: whole cycles are drawn with
    replacement, as many as there are, all cells share the drawn cycles, and the interval lies
    between two percentiles of the resampled metric. A resample without a row of a cell is left
    out for that cell. The intervals assume that cycles are independent of each other.

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
    confidence : float, default=0.95
        Nominal coverage of the intervals.
    min_cycles : int, default=3
        A cell seen by fewer cycles has no evidence: its values are given, its intervals are NaN.
        Cells seen by one cycle never have an interval: there is nothing to resample.
    expand : bool, default=True
        Widen the percentiles for few cycles: the lower one is
        :math:`\Phi(\sqrt{n/(n-1)}\, t_{\alpha/2, n-1})` instead of :math:`\alpha/2`, with the
        effective number of cycles :math:`n = (\sum n_c)^2 / \sum n_c^2` for cycles of
        :math:`n_c` rows in the cell. Plain percentiles are too narrow for few cycles, and for
        cells that one cycle dominates.
    random_state : int, Generator, RandomState or None, default=0
        Seed of the resampling.
    n_jobs : int, default=None
        Threads for the resampled p95. Results do not depend on it.

    Returns
    -------
    table : DataFrame of shape (n_cells, 20)
        One row a cell, in the order of the categories. The index has one level for each column of
        `regimes`.

    Raises
    ------
    InvalidLogError
        Inputs that cannot be aligned, values that are not finite, rows without cycle or label.
    InvalidParameterError
        An option out of its range, a target of several columns.

    Notes
    -----
    Pandas inputs are aligned by their index, arrays go by position. Time: n log n in the rows of a
    cell, plus n_bootstrap times 5 % of the rows for p95. Intervals of r2 are wide where the truth
    hardly moves in a cell.

    The interval is approximate. In simulations (``benchmarks/interval_coverage.py``) the nominal
    95 % become 93 to 95 % for bias and MAE from 24 cycles on; RMSE and p95 reach that later,
    because large errors of rare cycles are not in the sample.

    References
    ----------
    T. Hesterberg (2015), What Teachers Should Know About the Bootstrap, The American Statistician
    69(4), 371-386, doi:10.1080/00031305.2015.1089789. L. Kish (1965), Survey Sampling, Wiley, for
    the effective number.

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
    check_options(n_bootstrap, confidence, min_cycles)
    if regimes is None:
        raise InvalidParameterError(
            "regimes must label the rows; got None (overall_metrics takes all rows as one cell)"
        )
    rows = align(y_true, y_pred, cycles, regimes)
    cell, cells = encode_cells(rows.regimes, rows.cycle, rows.cycles)
    return table_with_intervals(
        rows,
        cell,
        cells,
        n_bootstrap=n_bootstrap,
        confidence=confidence,
        min_cycles=min_cycles,
        expand=expand,
        random_state=random_state,
        n_jobs=n_jobs,
    )
