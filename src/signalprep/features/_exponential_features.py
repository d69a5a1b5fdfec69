"""ExponentialFeatures: fading means and standard deviations of the past."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from signalprep._base import Plan, Signals, SignalTransformer
from signalprep._kernels._exponential import EXPONENTIAL, STATISTICS, exponential_params
from signalprep.errors import InvalidParameterError
from signalprep.log import to_samples
from signalprep.wording import error_unit

__all__ = ["ExponentialFeatures"]

FORGOTTEN = 1e-3  # weight of all that lies further back than `memory_`


class ExponentialFeatures(OneToOneFeatureMixin, SignalTransformer):
    r"""Exponentially weighted mean and standard deviation, for each channel and span.

    The memory of slow states, such as temperatures, for models that see one row at a time. Causal;
    every segment starts anew with its first sample (mean: that sample, std: 0). A wrapped
    angle is refused.

    Parameters
    ----------
    spans : sequence of int or str, default=(10, 100)
        Each in samples, >= 1, or a duration such as "10min".
    statistics : sequence of {"mean", "std"}, default=("mean", "std")
        What to compute.
    columns : list of channels, default=None
        Of which channels; None is all of them.
    keep_inputs : bool, default=True
        Give the channels of the input too, before the features.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        A missing sample changes no mean; the ones before it grow older. "propagate": its own row
        is NaN. "omit": its row repeats the last values.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    spans_ : ndarray of int64 of shape (n_spans,)
        In samples.
    lookahead_ : int
        0.
    memory_ : int
        Samples after which all that lies further back weighs no more than 0.1 % at the longest
        span: the least n with ``(1 - alpha) ** n <= 1e-3``, about 3.5 spans. It is a weight of
        values in the mean, but of squares in the variance.
    delay_ : int
        0; the mean of a ramp lags it by ``(span - 1) / 2`` samples.

    Raises
    ------
    InvalidParameterError
        No span, a span below one sample, a span or statistic given twice or unknown, or a duration
        for data without time.

    Notes
    -----
    With :math:`\alpha = 2 / (s + 1)` for a span of s samples,

    .. math::

        m_t = (1 - \alpha) \, m_{t-1} + \alpha \, x_t, \qquad m_0 = x_0,

    and the standard deviation from the same weights :math:`w_i`, without bias:
    :math:`\sum w_i (x_i - m_t)^2 / (1 - \sum w_i^2)`, of which the root is taken. These are
    the numbers of pandas' ``ewm(span=s, adjust=False)``, ``mean()`` and ``std()``, but the first
    std of a segment is 0. Features are named ``<channel>_<statistic>_<span>``, with the span as
    given. Cost: O(rows * spans).

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> torque = pd.DataFrame({"T_m": [0.0, 3.0, 3.0]})
    >>> sp.ExponentialFeatures(spans=[2], statistics=["mean"]).fit_transform(torque).round(2)
       T_m  T_m_mean_2
    0  0.0        0.00
    1  3.0        2.00
    2  3.0        2.67
    """

    combines_rows = True

    def __init__(
        self,
        spans: Sequence[int | str] = (10, 100),
        *,
        statistics: Sequence[str] = STATISTICS,
        columns: Sequence[Hashable] | None = None,
        keep_inputs: bool = True,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.spans = spans
        self.statistics = statistics
        self.columns = columns
        self.keep_inputs = keep_inputs
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Names of the output channels: the inputs, when they are kept, then the features."""
        names = super().get_feature_names_out(input_features)
        features = [
            f"{names[k]}_{statistic}_{span}"
            for k in self.channels_
            for span in self.spans
            for statistic in self.statistics
        ]
        return np.array([*(names if self.keep_inputs else []), *features], dtype=object)

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        found = super()._units(units)
        inputs = super().get_feature_names_out()
        for name in (name for name in inputs[self.channels_] if name in units):
            unit = {"mean": units[name], "std": error_unit(units[name])}
            for span in self.spans:
                for statistic in self.statistics:
                    found[f"{name}_{statistic}_{span}"] = unit[statistic]
        return found

    def _learn(self, signals: Signals, y: Any) -> None:
        self.spans_ = self._spans(signals)
        self._check_statistics()
        self.channels_ = self._channels(signals)
        old = 1.0 - self._alphas().min()
        self.memory_ = int(np.ceil(np.log(FORGOTTEN) / np.log(old))) if old > 0 else 0

    def plan(self, dtype: np.dtype) -> Plan:
        """Which causal kernel does the arithmetic.

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        omit, refuses = self.nan_policy == "omit", self._refuses()
        params = exponential_params(self._alphas(), self.statistics, omit=omit, refuses=refuses)
        n_features = len(self.spans_) * len(self.statistics)
        keeps = bool(self.keep_inputs)
        return Plan(EXPONENTIAL, self.channels_, params, features=n_features, keeps_inputs=keeps)

    def _alphas(self) -> np.ndarray:
        """Weight of the newest sample for each span."""
        return 2.0 / (self.spans_ + 1.0)

    def _spans(self, signals: Signals) -> np.ndarray:
        if isinstance(self.spans, str) or not np.iterable(self.spans) or len(self.spans) == 0:
            raise InvalidParameterError(
                f"spans must be a list of samples (int) or durations; got {self.spans!r}"
            )
        if len({str(span) for span in self.spans}) < len(self.spans):
            raise InvalidParameterError(f"spans must differ; got {self.spans!r}")
        spans = [to_samples(span, signals.sample_time, "spans") for span in self.spans]
        return np.array(spans, dtype=np.int64)

    def _check_statistics(self) -> None:
        statistics = self.statistics
        listed = np.iterable(statistics) and not isinstance(statistics, str)
        known = listed and set(statistics) <= set(STATISTICS)
        if not known or len(set(statistics)) != len(statistics) or len(statistics) == 0:
            raise InvalidParameterError(
                f"statistics must be a list of {', '.join(map(repr, STATISTICS))}, each once; "
                f"got {statistics!r}"
            )
