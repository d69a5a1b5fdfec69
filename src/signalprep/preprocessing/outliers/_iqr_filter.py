"""IQRFilter: samples far outside the quartiles of the training rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from signalprep._base import Plan, Signals
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._quantiles import quantiles
from signalprep.preprocessing.outliers._act import check_action
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._regime_split import filtered_channels
from signalprep.preprocessing.outliers._thresholds import (
    Rule,
    check_factor,
    learn_thresholds,
    threshold_judge,
)

__all__ = ["IQRFilter"]


class IQRFilter(OutlierFilter):
    r"""Interquartile filter: a sample beyond Tukey's fences is an outlier.

    Judges each row alone, by thresholds from training rows. Assumes a channel whose level does not
    wander, or one that is steady within a regime (`by`). Outliers on less than a quarter of the
    training rows to either side move the fences little, however large they are. Of Gaussian noise
    0.7 % lies beyond k = 1.5.

    Parameters
    ----------
    k : float, default=1.5
        Distance of the fences from the quartiles in interquartile ranges, >= 0.
    action : {"hold", "nan", "clip", "interpolate", "keep"}, default="hold"
        What takes the place of an outlier: the last good sample of the segment (the threshold
        while there is none); NaN; the threshold (winsorising); a straight line between the good
        neighbours, which looks ahead (the nearest good one at an end of a segment, the threshold
        in a segment without any); or the sample itself (to flag only).
    columns : list of channels, default=None
        Which channels to filter; None is all of them but `by`. The others pass through.
    by : channel or transformer, default=None
        Thresholds by regime: a channel, each of whose values is a regime, or a transformer that
        gives labels, such as :class:`~signalprep.RegimeBinner`, which is cloned and fitted on the
        training rows. A regime that training never saw, one with fewer than `min_rows` values, and
        rows whose regime is missing have the thresholds of all rows together.
    min_rows : int, default=30
        Least number of training values of a channel in a regime for thresholds of its own.
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 for outliers, else 0) for each filtered channel.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate" and "omit" both leave a NaN where it is and out of the statistics; it is
        neither an outlier nor held.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    q1_, q3_ : ndarray of shape (n_filtered,)
        Quartiles of all training rows together, by linear interpolation.
    low_, high_ : ndarray of shape (n_filtered,)
        Thresholds of all training rows together.
    thresholds_ : DataFrame
        Thresholds low and high and the number n of training values, by channel; with `by`, by
        regime and channel, and whether the regime has its own.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for arrays.
    lookahead_ : int
        0; the longest segment seen in fit, less one sample, for ``action="interpolate"``.
    memory_ : int
        0; the longest run of outliers in fit for "hold" and "interpolate".
    delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, an unknown channel, or `by` without a regime of `min_rows`
        training rows.
    InvalidLogError
        A channel without any training value.

    Notes
    -----
    An outlier lies outside :math:`[Q_1 - k (Q_3 - Q_1),\, Q_3 + k (Q_3 - Q_1)]`. A channel that has
    one value on more than three quarters of the training rows has no interquartile range: every
    other value is an outlier. Cost: O(rows).

    References
    ----------
    J. W. Tukey, "Exploratory Data Analysis", Addison-Wesley, 1977, ISBN 0-201-07616-0.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> current = pd.DataFrame({"i_d": [1.0, 1.1, 0.9, 1.0, 50.0, 1.1, 0.9]})
    >>> sp.IQRFilter().fit_transform(current)["i_d"].tolist()
    [1.0, 1.1, 0.9, 1.0, 1.0, 1.1, 0.9]
    """

    def __init__(
        self,
        k: float = 1.5,
        *,
        action: str = "hold",
        columns: Sequence[Hashable] | None = None,
        by: Any = None,
        min_rows: int = 30,
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.k = k
        self.action = action
        self.columns = columns
        self.by = by
        self.min_rows = min_rows
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_factor(self.k, "k")
        check_action(self.action)
        self.channels_ = filtered_channels(self, signals.names)
        self.cycles_ = signals.cycles()
        x = chosen(signals.values, self.channels_)
        found = learn_thresholds(self, x, Rule(self._statistics, self._limits), signals, y)
        self.q1_, self.q3_ = found.statistics.T
        self.low_, self.high_, self.thresholds_ = found.low, found.high, found.table
        self._used, self.split_ = found.used, found.split
        self._claim(signals)

    def _judge(self, dtype: np.dtype) -> Plan:
        return threshold_judge(self.channels_, self._used, self.split_, dtype, self._refuses())

    def _statistics(self, x: np.ndarray) -> np.ndarray:
        found = np.empty((len(x), 2))
        whole = np.array([0, x.shape[1]], dtype=np.int64)
        run_blocks(quantiles, whole, len(x), self._n_threads(), x, np.array([0.25, 0.75]), found)
        return found

    def _limits(self, statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        q1, q3 = statistics[..., 0], statistics[..., 1]
        reach = self.k * (q3 - q1)
        return q1 - reach, q3 + reach
