"""ZScoreFilter: samples many standard deviations from the mean of the training rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from signalprep._base import Plan, Signals
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._moments import add_moments, no_moments
from signalprep.preprocessing.outliers._act import check_action
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._regime_split import filtered_channels
from signalprep.preprocessing.outliers._thresholds import (
    Rule,
    check_factor,
    learn_thresholds,
    threshold_judge,
)

__all__ = ["ZScoreFilter", "mean_and_deviation"]


class ZScoreFilter(OutlierFilter):
    r"""Z-score filter: a sample far from the mean of its channel is an outlier.

    Judges each row alone, by thresholds from training rows. Assumes a channel whose level does not
    wander, such as a residual, or one that is steady within a regime (`by`), and outliers that are
    few: they widen the standard deviation that is to find them. A high spike hides the lower ones,
    and equal spikes on 10 % of the samples are never beyond 3 standard deviations, however high.
    :class:`~signalprep.HampelFilter` and :class:`~signalprep.IQRFilter` stand up to both.

    Parameters
    ----------
    threshold : float, default=3.0
        Allowed distance from the mean in standard deviations, >= 0.
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
    center_, scale_ : ndarray of shape (n_filtered,)
        Mean and standard deviation (divisor n) of all training rows together.
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
    An outlier has :math:`|x - \bar x| / s >` `threshold`. In a channel (or regime) that is constant
    in training, every other value is infinitely many standard deviations away, so an outlier; the
    constant itself is none. Cost: O(rows).

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> current = pd.DataFrame({"i_d": [1.0, 1.1, 0.9, 1.0, 50.0, 1.1, 0.9]})
    >>> sp.ZScoreFilter(threshold=2.0).fit_transform(current)["i_d"].tolist()
    [1.0, 1.1, 0.9, 1.0, 1.0, 1.1, 0.9]
    """

    def __init__(
        self,
        threshold: float = 3.0,
        *,
        action: str = "hold",
        columns: Sequence[Hashable] | None = None,
        by: Any = None,
        min_rows: int = 30,
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.threshold = threshold
        self.action = action
        self.columns = columns
        self.by = by
        self.min_rows = min_rows
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: Any) -> None:
        check_factor(self.threshold, "threshold")
        check_action(self.action)
        self.channels_ = filtered_channels(self, signals.names)
        self.cycles_ = signals.cycles()
        x = chosen(signals.values, self.channels_)
        found = learn_thresholds(self, x, Rule(self._statistics, self._limits), signals, y)
        self.center_, self.scale_ = found.statistics.T
        self.low_, self.high_, self.thresholds_ = found.low, found.high, found.table
        self._used, self.split_ = found.used, found.split
        self._claim(signals)

    def _judge(self, dtype: np.dtype) -> Plan:
        return threshold_judge(self.channels_, self._used, self.split_, dtype, self._refuses())

    def _statistics(self, x: np.ndarray) -> np.ndarray:
        return mean_and_deviation(x, self._n_threads())

    def _limits(self, statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        center, scale = statistics[..., 0], statistics[..., 1]
        return center - self.threshold * scale, center + self.threshold * scale


def mean_and_deviation(x: np.ndarray, n_threads: int) -> np.ndarray:
    """Mean and standard deviation (divisor n) of each channel, (n_channels, 2), NaN left out."""
    found = add_moments(no_moments(len(x)), x, n_threads)
    n = np.where(found.count > 0, found.count, np.nan)
    return np.stack([found.shift + found.mean, np.sqrt(found.squares / n)], axis=1)
