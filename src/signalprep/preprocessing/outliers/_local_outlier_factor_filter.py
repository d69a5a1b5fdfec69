"""LocalOutlierFactorFilter: rows in thinner places than their neighbours."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from sklearn.neighbors import LocalOutlierFactor
from sklearn.utils import check_random_state

from signalprep._base import Plan, Signals
from signalprep.errors import InvalidParameterError
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._row_judge import (
    RowJudge,
    check_contamination,
    learn_row_judge,
)

__all__ = ["LocalOutlierFactorFilter"]


class LocalOutlierFactorFilter(OutlierFilter):
    r"""Local outlier factor: a row in a thinner place than its neighbours is an outlier.

    Judges each row alone, by its distances to training rows in all chosen channels together. Finds
    rows beside a dense cloud that an isolation forest takes for normal, at a higher cost. All
    chosen channels of a flagged row are acted on.

    Parameters
    ----------
    n_neighbors : int, default=20
        Training rows that make up the neighbourhood, at least 1; at most one less than there are.
        With fewer than a burst of outliers has rows, the burst is its own neighbourhood.
    contamination : "auto" or float, default="auto"
        Share of the training rows used that count as outliers, in (0, 0.5]; "auto" flags factors
        above 1.5.
    max_rows : int, default=20_000
        Most training rows to keep, at least 2; more are drawn from at random. Repeated rows count
        once, as at standstill, where distances of 0 would make every other row an outlier.
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
        Seed of the draw where there are more than `max_rows` training rows.
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 in flagged rows, else 0) for each chosen channel.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate" and "omit" both leave a NaN where it is. A row with a NaN in a chosen channel
        cannot be judged: it is not flagged, and training leaves it out.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    detector_ : sklearn.neighbors.LocalOutlierFactor
        Fitted on all training rows.
    detectors_ : dict {int: detector}
        Those of the regimes, by the row of ``split_.labels_``; empty without `by`.
    start_ : ndarray of shape (n_chosen,)
        Medians of the training rows that are not flagged.
    scale_ : ndarray of shape (n_chosen,)
        What channels are divided by, so that their units do not matter: the interquartile range
        over training rows, the standard deviation where that is 0, 1 for a constant channel.
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
        No training row without a NaN, or fewer than two different ones.

    Notes
    -----
    With the local density :math:`\rho(x)`, the inverse of the mean reachability distance to the
    neighbours N(x), the factor is the mean of :math:`\rho(y) / \rho(x)` over y in N(x). Computed by
    scikit-learn on a k-d tree, so that a row's answer does not depend on the rows judged with it.
    Cost: about 0.1 ms a row and more in many channels.

    References
    ----------
    M. M. Breunig, H.-P. Kriegel, R. T. Ng, J. Sander, "LOF: identifying density-based local
    outliers", ACM SIGMOD, 2000, pp. 93-104, doi:10.1145/342009.335388.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> x = np.random.default_rng(0).normal(size=(500, 2))
    >>> step = sp.LocalOutlierFactorFilter().fit(x)
    >>> step.flag(np.array([[0.0, 0.0], [9.0, 9.0]])).tolist()
    [[False, False], [True, True]]
    """

    def __init__(
        self,
        n_neighbors: int = 20,
        *,
        contamination: float | str = "auto",
        max_rows: int = 20_000,
        action: str = "hold",
        columns: Sequence[Hashable] | None = None,
        by: Any = None,
        min_rows: int = 30,
        random_state: int | np.random.RandomState | None = None,
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.contamination = contamination
        self.max_rows = max_rows
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
        for name, least in (("n_neighbors", 1), ("max_rows", 2)):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < least:
                raise InvalidParameterError(
                    f"{name} must be an int of at least {least}; got {value!r}"
                )
        self.cycles_ = signals.cycles()
        found = learn_row_judge(self, signals, y, self._detector, _scales)
        self.channels_, self.scale_, self.detector_, self.detectors_, self.split_ = found.judge
        self.start_ = found.start
        self._claim(signals, found.bad)

    def _judge(self, dtype: np.dtype) -> Plan:
        fitted = (self.detector_, self.detectors_, self.split_)
        judge = RowJudge(self.channels_, self.scale_, *fitted)
        return judge.plan(self.start_, self._refuses(), self._n_threads())

    def _detector(self, rows: np.ndarray) -> LocalOutlierFactor | None:
        if len(rows) > self.max_rows:
            draw = check_random_state(self.random_state)
            rows = rows[draw.choice(len(rows), int(self.max_rows), replace=False)]
        rows = np.unique(rows, axis=0)
        if len(rows) < 2:
            return None
        return LocalOutlierFactor(
            n_neighbors=min(int(self.n_neighbors), len(rows) - 1),
            algorithm="kd_tree",
            contamination=self.contamination,
            novelty=True,
        ).fit(rows)


def _scales(rows: np.ndarray) -> np.ndarray:
    """What each channel is divided by."""
    q1, q3 = np.quantile(rows, [0.25, 0.75], axis=0)
    deviation = rows.std(axis=0)
    return np.where(q3 > q1, q3 - q1, np.where(deviation > 0, deviation, 1.0))
