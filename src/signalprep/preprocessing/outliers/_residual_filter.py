"""ResidualFilter: samples that do not go with what the other channels say."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

from signalprep._base import Judged, Plan, Signals, channel_positions
from signalprep._kernels._actions import CLIP, KEEP
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._kernel import NO_REGIME, NOTHING
from signalprep._kernels._limits import LIMITS, limit_params
from signalprep._kernels._quantiles import quantiles
from signalprep._kernels._replace import REPLACE
from signalprep._kernels._run import Task, run_kernel
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import cycle_bounds
from signalprep.metrics import require_regressor
from signalprep.preprocessing.outliers._act import check_action
from signalprep.preprocessing.outliers._hampel_filter import HampelFilter
from signalprep.preprocessing.outliers._outlier_filter import OutlierFilter
from signalprep.preprocessing.outliers._regime_split import as_frame, filtered_channels
from signalprep.preprocessing.outliers._thresholds import Rule, check_factor, learn_thresholds
from signalprep.preprocessing.outliers._z_score_filter import mean_and_deviation

__all__ = ["ResidualFilter"]

DETECTORS = ("robust", "zscore", "hampel")
MAD_TO_STD = 1.4826  # for Gaussian noise
ROUNDINGS = 16 * np.finfo(np.float64).eps


class ResidualFilter(OutlierFilter):
    r"""Residual filter: a sample far from what a model makes of the other channels is an outlier.

    Finds samples that are ordinary by themselves but do not go with the rest: a temperature that
    falls under full load, a current without its voltage. A first-pass model for each chosen channel
    predicts it from the other ones. How far its predictions may be off is learned on cycles that
    the model did not see. Assumes channels that tell of each other; a bad sample of an input spoils
    the predictions made from it, so look at what is flagged at once in several channels.

    `transform` and `flag` judge every row by the models of all training rows. Of a training row, a
    flexible model such as a forest has learned the outlier too, and hides it: flag training rows by
    `fit_flag`, as :class:`~signalprep.FitOnInliers` does.

    Parameters
    ----------
    estimator : regressor, default=None
        First-pass model, cloned for each chosen channel; None is ``Ridge()``.
    detector : {"robust", "zscore", "hampel"}, default="robust"
        "robust": an outlier is further from the median of the training residuals than `threshold`
        of their robust standard deviations. "zscore": further from their mean than `threshold` of
        their standard deviations, which outliers among them widen. "hampel": further from the
        median of a moving window than `threshold` of its robust standard deviations, as
        :class:`~signalprep.HampelFilter` does, for models whose error drifts.
    threshold : float, default=3.0
        Allowed distance in those standard deviations, >= 0.
    window_length : int or str, default=11
        Window of "hampel": samples, at least 3, or a duration such as "0.5s".
    causal : bool, default=True
        Whether the window of "hampel" is the last samples, or centred on the sample.
    min_scale : float, default=0.0
        Least standard deviation, in the unit of the channels: the noise floor.
    inputs : list of channels, default=None
        What to predict from; None is all channels. The predicted one is always left out.
    n_splits : int, default=5
        Folds of the cross-fit, at most one for each cycle: whole cycles, or for a single recording
        runs of neighbouring rows.
    action : {"hold", "nan", "clip", "interpolate", "keep"}, default="hold"
        What takes the place of an outlier: the last good sample of the segment (as "clip" while
        there is none); NaN; the nearest value within the threshold of the prediction; a straight
        line between the good neighbours, which looks ahead (the nearest good one at an end of a
        segment, as "clip" in a segment without any); or the sample itself (to flag only).
    columns : list of channels, default=None
        Which channels to filter; None is all of them but `by`. The others pass through.
    by : channel or transformer, default=None
        Thresholds by regime, not for "hampel": a channel, each of whose values is a regime, or a
        transformer that gives labels, such as :class:`~signalprep.RegimeBinner`, which is cloned
        and fitted on the training rows. A regime that training never saw, one with fewer than
        `min_rows` values, and rows whose regime is missing have the thresholds of all rows.
    min_rows : int, default=30
        Least number of training residuals of a channel in a regime for thresholds of its own.
    add_indicator : bool, default=False
        Append a channel ``<name>_flagged`` (1 for outliers, else 0) for each filtered channel.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate" and "omit" both leave a NaN where it is. A sample without all its inputs cannot
        be judged: it is no outlier, and training leaves it out.
    n_jobs : int or None, default=None
        Threads of the detector. The result does not depend on it.

    Attributes
    ----------
    models_ : list of regressor
        One for each filtered channel, fitted on all training rows.
    center_, scale_ : ndarray of shape (n_filtered,)
        Median of the cross-fitted residuals and their robust standard deviation, or mean and
        standard deviation ("zscore"). Not for "hampel".
    low_, high_ : ndarray of shape (n_filtered,)
        Thresholds of the residual (sample less prediction). Not for "hampel".
    thresholds_ : DataFrame
        Thresholds low and high and the number n of training residuals, by channel; with `by`, by
        regime and channel, and whether the regime has its own. Not for "hampel".
    hampel_ : HampelFilter
        For "hampel": the filter of the residuals.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for arrays.
    lookahead_ : int
        0, or half a window ("hampel" with ``causal=False``); the longest segment seen in fit, less
        one sample, for ``action="interpolate"``. Here as below without that of the models, which
        `reach` adds.
    memory_ : int
        0, or that of the window ("hampel"), plus the longest run of outliers in fit for "hold" and
        "interpolate".
    delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, an unknown channel, no channel to filter or one without
        inputs, `by` together with "hampel" (which learns no thresholds) or without a regime of
        `min_rows` rows.
    InvalidLogError
        A channel with fewer than two training rows that have a value and all inputs.

    Notes
    -----
    With the residual :math:`r = x - \hat x`, the median :math:`m` of the training residuals and
    :math:`S = 1.4826 \, \mathrm{median} |r_j - m|`, an outlier has :math:`|r - m| >` `threshold`
    :math:`\cdot \max(S,` `min_scale` :math:`)`, where S is never less than what rounding makes.
    "zscore" takes the mean and the standard deviation (divisor n) for m and S.
    A linear model adds in an order that depends on the number of rows, so with one (the default) a
    cycle alone and the same cycle beside others may differ in the last digits of what "clip" puts
    in; one row in a stream is as the same row alone in `transform`, to the last bit.
    Cost: ``n_splits + 1`` fits for each filtered channel, one with "hampel".

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> speed = np.arange(100.0)
    >>> x = np.column_stack([speed, 0.1 * speed + 0.01 * np.sin(speed)])
    >>> x[50, 1] = 2.0  # a voltage that occurs, at a speed where it does not
    >>> np.flatnonzero(sp.ResidualFilter(threshold=5.0, columns=[1]).fit(x).flag(x)[:, 1]).tolist()
    [50]
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        detector: str = "robust",
        threshold: float = 3.0,
        window_length: int | str = 11,
        causal: bool = True,
        min_scale: float = 0.0,
        inputs: Sequence[Hashable] | None = None,
        n_splits: int = 5,
        action: str = "hold",
        columns: Sequence[Hashable] | None = None,
        by: Any = None,
        min_rows: int = 30,
        add_indicator: bool = False,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.detector = detector
        self.threshold = threshold
        self.window_length = window_length
        self.causal = causal
        self.min_scale = min_scale
        self.inputs = inputs
        self.n_splits = n_splits
        self.action = action
        self.columns = columns
        self.by = by
        self.min_rows = min_rows
        self.add_indicator = add_indicator
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def fit_flag(self, X: Any, y: Any = None) -> Any:
        """Fit, and tell which samples of the training rows are bad by models of other cycles.

        The flags that cleaning a training set asks for: each row is judged by a model that was
        fitted without its cycle (in a single recording, without its run of rows), so none hides an
        outlier that it has learned. They differ from those of `flag` for the same rows.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log indexed by (cycle, time); an array is one recording at unit rate.
        y : array-like of shape (n_samples,), default=None
            For a transformer given by `by` that learns from a target.

        Returns
        -------
        mask : DataFrame or array of bool of shape (n_samples, n_channels)
            A frame, with index and columns of `X`, when `X` is a frame.

        Notes
        -----
        Cost: that of `fit`, and ``n_splits`` fits more for each filtered channel.
        """
        signals = self._fit(X, y)
        return self._mask(self.judge(signals, self._unseen_predictions(signals)).flags, X)

    def _learn(self, signals: Signals, y: Any) -> None:
        self._check_parameters()
        self.channels_ = filtered_channels(self, signals.names)
        if len(self.channels_) == 0:
            raise InvalidParameterError(
                f"columns must name a channel to filter; got {self.columns!r}"
            )
        self.inputs_ = channel_positions(self.inputs, signals.names, "inputs")
        self.cycles_ = signals.cycles()
        x = chosen(signals.values, self.channels_)
        largest = np.nanmax(np.abs(x), axis=1, initial=0.0).astype(np.float64)
        self.floor_ = np.maximum(float(self.min_scale), ROUNDINGS * largest)
        self.split_ = None
        self.models_ = [self._fit_model(signals, k) for k in self.channels_]
        if self.detector != "hampel":
            residuals = x - self._unseen_predictions(signals)
            found = learn_thresholds(
                self, residuals, Rule(self._statistics, self._limits), signals, y
            )
            self.center_, scale = found.statistics.T
            self.scale_ = np.maximum(scale, self.floor_)
            self.low_, self.high_, self.thresholds_ = found.low, found.high, found.table
            self._used, self.split_ = found.used, found.split
            self._claim(signals)
            return
        residuals = self._read_residuals(x - self._predictions(signals), signals)
        self.hampel_ = HampelFilter(
            self.window_length,
            self.threshold,
            causal=self.causal,
            min_scale=dict(enumerate(self.floor_)),
            action="clip",
            add_indicator=True,
            nan_policy="omit",
            n_jobs=self.n_jobs,
        ).fit(residuals)
        self._claim(signals)
        self.memory_ += self.hampel_.memory_
        self.lookahead_ = max(self.lookahead_, self.hampel_.lookahead_)

    def _read_channels(self, names: list[Any]) -> np.ndarray:
        inputs = channel_positions(self.inputs, names, "inputs")
        return np.union1d(super()._read_channels(names), inputs)

    def _check_parameters(self) -> None:
        check_action(self.action)
        check_factor(self.threshold, "threshold")
        check_factor(self.min_scale, "min_scale")
        if self.detector not in DETECTORS:
            raise InvalidParameterError(
                f"detector must be one of {', '.join(map(repr, DETECTORS))}; got {self.detector!r}"
            )
        if self.detector == "hampel" and self.by is not None:
            raise InvalidParameterError(
                "by needs detector='robust' or 'zscore': 'hampel' learns no thresholds that could "
                f"depend on a regime; got by={self.by!r}"
            )
        if not isinstance(self.n_splits, (int, np.integer)) or self.n_splits < 2:
            raise InvalidParameterError(
                f"n_splits must be an int of at least 2; got {self.n_splits!r}"
            )
        require_regressor(self.estimator)

    def _prototype(self) -> Any:
        return Ridge() if self.estimator is None else self.estimator

    def _task(self, signals: Signals, channel: int) -> tuple[Any, np.ndarray, np.ndarray]:
        """Inputs and target of the model of a channel, and which rows have all of them."""
        others = self.inputs_[self.inputs_ != channel]
        if len(others) == 0:
            raise InvalidParameterError(
                f"inputs must hold a channel other than {signals.names[channel]!r}, to predict it "
                f"from; X has {len(signals.names)} feature(s)"
            )
        target = signals.values[channel].astype(np.float64)
        values = signals.values[others].astype(np.float64, copy=False)
        complete = ~np.isnan(target)
        for row in values:
            complete &= ~np.isnan(row)
        named = signals.index is not None or hasattr(self, "feature_names_in_")
        names = [signals.names[k] for k in others]
        inputs: Any = as_frame(signals.part(values, names), True)
        if not complete.all():
            inputs, target = inputs[complete], target[complete]
        return (inputs if named else inputs.to_numpy()), target, complete

    def _fit_model(self, signals: Signals, channel: int) -> Any:
        inputs, target, _ = self._task(signals, channel)
        if len(target) < 2:
            raise InvalidLogError(
                f"channel {signals.names[channel]!r} must have at least two training rows with a "
                f"value and all inputs; got n_samples = {len(target)}"
            )
        return clone(self._prototype()).fit(inputs, target)

    def _unseen_predictions(self, signals: Signals) -> np.ndarray:
        """Of the filtered channels in the training rows, by models fitted on other cycles."""
        return np.stack([self._unseen_prediction(signals, k) for k in self.channels_])

    def _unseen_prediction(self, signals: Signals, channel: int) -> np.ndarray:
        inputs, target, complete = self._task(signals, channel)
        groups = np.zeros(len(complete), dtype=np.int64)
        if signals.index is not None:
            bounds = cycle_bounds(signals.index)
            groups = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        groups = groups[complete]
        n_groups = len(np.unique(groups))
        if n_groups > 1:
            splits = GroupKFold(min(int(self.n_splits), n_groups)).split(target, groups=groups)
        else:
            splits = KFold(min(int(self.n_splits), len(target))).split(target)
        found = np.full(len(complete), np.nan)
        found[complete] = cross_val_predict(self._prototype(), inputs, target, cv=list(splits))
        return found

    def _predictions(self, signals: Signals) -> np.ndarray:
        """Of the filtered channels; NaN where a sample cannot be judged."""
        found = np.full((len(self.channels_), signals.values.shape[1]), np.nan)
        for values, model, channel in zip(found, self.models_, self.channels_, strict=True):
            inputs, _, complete = self._task(signals, channel)
            if complete.any():
                values[complete] = model.predict(inputs)
        return found

    def _statistics(self, x: np.ndarray) -> np.ndarray:
        if self.detector == "zscore":
            return mean_and_deviation(x, self._n_threads())
        middle = self._medians(x)
        return np.stack([middle, MAD_TO_STD * self._medians(np.abs(x - middle[:, None]))], axis=1)

    def _medians(self, x: np.ndarray) -> np.ndarray:
        found = np.empty((len(x), 1))
        whole = np.array([0, x.shape[1]], dtype=np.int64)
        run_blocks(quantiles, whole, len(x), self._n_threads(), x, np.array([0.5]), found)
        return found[:, 0]

    def _limits(self, statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        center, scale = statistics[..., 0], statistics[..., 1]
        floor = self.floor_.reshape(-1, *[1] * (scale.ndim - 1))
        reach = self.threshold * np.maximum(scale, floor)
        return center - reach, center + reach

    def _judge(self, dtype: np.dtype) -> Plan:
        params = np.array([[self._refuses(), KEEP]])

        def judge(signals: Signals) -> Judged:
            return self.judge(signals, self._predictions(signals))

        return Plan(REPLACE, self.channels_, params, None, "keep", judge)

    def judge(self, signals: Signals, predictions: np.ndarray) -> Judged:
        """Tell which samples of a log are bad, by given predictions of them.

        Parameters
        ----------
        signals : Signals
            Those seen in fit, as a step reads them.
        predictions : ndarray of shape (n_filtered, n_samples)
            Of the filtered channels; NaN where a sample cannot be judged.
        """
        values = signals.values
        residuals = values[self.channels_] - predictions
        if self.detector == "hampel":
            out = np.asarray(self.hampel_.transform(self._read_residuals(residuals, signals))).T
            nearest, flags = np.split(out, 2)
            return Judged(values, flags.astype(np.uint8), nearest + predictions)
        nearest, flags = np.empty_like(residuals), np.zeros(residuals.shape, dtype=np.uint8)
        params = limit_params(*self._used, action=CLIP, refuses=NOTHING)
        regime = NO_REGIME if self.split_ is None else self.split_.number(signals)
        run_kernel(LIMITS, Task(params, residuals, signals.bounds, regime, nearest, flags))
        return Judged(values, flags, nearest + predictions)

    def _read_residuals(self, residuals: np.ndarray, signals: Signals) -> Any:
        """Residuals in the form that the filter of residuals takes: a log or an array."""
        if signals.index is None:
            return residuals.T
        names = [f"r{k}" for k in range(len(residuals))]
        return pd.DataFrame(residuals.T, index=signals.index, columns=names, copy=False)
