"""IsolationForestFilter: rows that few random cuts set apart from the training rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from signalprep._base import Plan, Signals
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._row_judge import (
    RowJudge,
    check_contamination,
    learn_row_judge,
)

__all__ = ["IsolationForestFilter"]


class IsolationForestFilter(OutlierFilter):
    r"""Isolation forest: a row that few random cuts set apart from the others is an outlier.

    Judges each row alone, by all chosen channels together, so it finds values that are unusual only
    in combination. All chosen channels of a flagged row are acted on. Assumes training rows that
    cover normal operation: what is rare there counts as an outlier. The unit of a channel does not
    matter.

    Parameters
    ----------
    contamination : "auto" or float, default="auto"
        Share of the training rows to flag, in (0, 0.5]; "auto" flags scores below -0.5, as the
        original paper does. On drive cycles, which visit most of their range only in passing, that
        can be a third of all rows: state a share.
    n_estimators : int, default=100
        Number of trees.
    max_samples : "auto", int or float, default="auto"
        Training rows drawn for a tree, at most all of them; "auto" is 256. A float is a share of
        the rows (of those of the regime, with `by`), at least two rows.
    action : {"hold", "nan", "interpolate", "keep"}, default="hold"
        What takes the place of the samples of a flagged row: the last good ones of the segment
        (`start_` while there is none); NaN; a straight line between the good neighbours, which
        looks ahead (the nearest good one at an end of a segment, `start_` in a segment without
        any); or the samples themselves (to flag only).
    columns : list of channels, default=None
        Which channels to judge by and to act on; None is all of them but `by`. The others pass
        through.
    by : channel or transformer, default=None
        A detector for each regime: a channel, each of whose values is a regime, or a transformer
        that gives labels, such as :class:`~signalprep.RegimeBinner`, which is cloned and fitted on
        the training rows. A regime that training never saw, one with fewer than `min_rows` rows,
        and rows whose regime is missing are judged by the detector of all rows together.
    min_rows : int, default=30
        Least number of training rows in a regime for a detector of its own.
    random_state : int, RandomState or None, default=None
        Seed of draws and cuts.
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 in flagged rows, else 0) for each chosen channel.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate" and "omit" both leave a NaN where it is. A row with a NaN in a chosen channel
        cannot be judged: it is not flagged, and training leaves it out.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    detector_ : sklearn.ensemble.IsolationForest
        Fitted on all training rows.
    detectors_ : dict {int: detector}
        Those of the regimes, by the row of ``split_.labels_``; empty without `by`.
    start_ : ndarray of shape (n_chosen,)
        Medians of the training rows that are not flagged.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for arrays.
    lookahead_ : int
        0; the longest segment seen in fit, less one sample, for ``action="interpolate"``.
    memory_ : int
        0; the longest run of flagged rows in fit for "hold" and "interpolate".
    delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, ``action="clip"`` (there is no limit of a single channel),
        an unknown channel, or `by` without a regime of `min_rows` training rows.
    InvalidLogError
        No training row without a NaN.

    Notes
    -----
    With the mean depth :math:`h` at which the trees isolate a row, and :math:`c(m)`, that of a
    search tree of m samples, the score is :math:`-2^{-h / c(m)}`. Computed by scikit-learn. Cost:
    O(rows * n_estimators * log max_samples); a share for `contamination` scores all training rows
    once more.

    References
    ----------
    F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation forest", IEEE International Conference on Data
    Mining, 2008, pp. 413-422, doi:10.1109/ICDM.2008.17.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> x = np.random.default_rng(0).normal(size=(500, 2))
    >>> x[[7, 70]] = 9.0
    >>> step = sp.IsolationForestFilter(contamination=0.004, random_state=0).fit(x)
    >>> np.flatnonzero(step.flag(x).any(axis=1)).tolist()
    [7, 70]
    """

    def __init__(
        self,
        contamination: float | str = "auto",
        *,
        n_estimators: int = 100,
        max_samples: int | float | str = "auto",
        action: str = "hold",
        columns: Sequence[Hashable] | None = None,
        by: Any = None,
        min_rows: int = 30,
        random_state: int | np.random.RandomState | None = None,
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.contamination = contamination
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.action = action
        self.columns = columns
        self.by = by
        self.min_rows = min_rows
        self.random_state = random_state
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_contamination(self.contamination)
        self.cycles_ = signals.cycles()
        found = learn_row_judge(self, signals, y, self._detector)
        self.channels_, _, self.detector_, self.detectors_, self.split_ = found.judge
        self.start_ = found.start
        self._claim(signals, found.bad)

    def _judge(self, dtype: np.dtype) -> Plan:
        fitted = (self.detector_, self.detectors_, self.split_)
        judge = RowJudge(self.channels_, 1.0, *fitted)
        return judge.plan(self.start_, self._refuses(), self._n_threads())

    def _detector(self, rows: np.ndarray) -> IsolationForest:
        most = self.max_samples
        if isinstance(most, (int, np.integer)) and most > len(rows):
            most = len(rows)
        if isinstance(most, float) and 0 < most * len(rows) < 2:
            most = min(2, len(rows))
        return IsolationForest(
            n_estimators=self.n_estimators,
            max_samples=most,
            contamination=self.contamination,
            random_state=self.random_state,
            n_jobs=self._n_threads(),
        ).fit(rows)
