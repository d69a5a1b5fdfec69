"""KalmanFilter: follow a level, or a level and its slope, through noise."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OneToOneFeatureMixin

from signalprep._base import Plan, Signals, SignalTransformer, channel_positions, lay_out
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import chosen
from signalprep._kernels._local_trend import LOCAL_TREND, local_trend_params
from signalprep._kernels._trend_smoother import smooth_trend
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import to_samples
from signalprep.preprocessing._steady_state import memory, model_row
from signalprep.preprocessing._variance_estimate import SHORTEST, estimate_variances, stretches
from signalprep.wording import rate_unit

__all__ = ["KalmanFilter"]

MODELS = {"level": 1, "trend": 2}  # variances of the process
Given = float | Sequence[float] | Mapping[Hashable, Any] | None


class KalmanFilter(OneToOneFeatureMixin, SignalTransformer):
    r"""Kalman filter of a local level or local linear trend, causal or with a fixed lag.

    Smooths by a model of the signal: a level that wanders, with or without a slope that wanders,
    seen through white noise. The ratio of the variances decides how much is smoothed. The slope can
    be had, too, as a derivative of the signal. Every segment starts anew. A wrapped angle is
    refused.

    Parameters
    ----------
    model : {"level", "trend"}, default="level"
        "trend" follows ramps without lag, at the price of more noise.
    process_variance : float, pair of float, dict or None, default=None
        Variance of the steps of the level from one sample to the next, in squared units of the
        signal, > 0. For "trend" a pair: of the level (>= 0), and of the slope per sample (> 0).
        A dict {channel: value} must name every filtered channel. None estimates it.
    measurement_variance : float, dict or None, default=None
        Variance of the noise of a sample, > 0. A dict as above. None estimates it.
    lag : int or str, default=0
        Samples, or a duration such as "0.5s", that the output may look ahead: 0 is the causal
        filter, more the fixed-lag smoother. The last rows of a segment use what there is.
    add_slope : bool, default=False
        For "trend": append a channel ``<name>_slope`` for each filtered channel, the slope of the
        trend in units of the signal per second (per sample for arrays). It is 0 until a segment
        has had two numbers.
    columns : list of channels, default=None
        Which channels to filter; None is all of them. The others pass through.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        A missing sample is predicted, and the uncertainty grows until the next number. "omit" gives
        the prediction (smoothed, with a lag), "propagate" NaN for that row. Rows before the first
        number of a segment are NaN in both.
    n_jobs : int or None, default=None
        Threads for `transform`. The result does not depend on it.

    Attributes
    ----------
    process_variance_ : ndarray of shape (n_filtered,), for "trend" (n_filtered, 2)
        As given or estimated.
    measurement_variance_ : ndarray of shape (n_filtered,)
        As given or estimated.
    gain_ : ndarray of shape (n_filtered,), for "trend" (n_filtered, 2)
        Steady gain, of level and slope (per sample).
    constant_ : list
        Names of the channels with a variance to estimate, but without any change in the rows
        used for it: process 1, measurement 0, gain 1, so the level is the sample itself.
    lag_ : int
        In samples.
    lookahead_ : int
        `lag_`.
    memory_ : int
        Samples after which all that lies further back weighs no more than 0.1 %, at the steady gain
        of the slowest channel, in the level and, with `add_slope`, in the slope.
    delay_ : int
        0; a level without lag follows a ramp (1 - gain) / gain samples late.

    Raises
    ------
    InvalidLogError
        Variances to be estimated from a channel without any segment of four numbers, or whose steps
        are so small or large that their square is none. With `add_slope`: fitted on data without
        time, but `transform` gets a log.
    InvalidParameterError
        A parameter out of its range, or a channel of a dict that X does not have or that is missing
        in it.

    Warns
    -----
    ConvergenceWarning
        The search for the variances of a channel did not settle; the best ones found are used.

    Notes
    -----
    With level :math:`\mu`, slope :math:`\nu` (0 for "level") and sample :math:`y`,

    .. math::

        y_t = \mu_t + \varepsilon_t, \qquad \mu_{t+1} = \mu_t + \nu_t + \eta_t, \qquad
        \nu_{t+1} = \nu_t + \zeta_t.

    Nothing is known before the first number of a segment (exact diffuse start): the first output is
    that number, a trend goes through the first two, and the gain falls from 1 to its steady value,
    which solves the discrete algebraic Riccati equation and is then kept. A constant stays what it
    is to the last bit. Cost: O(rows * (1 + lag)).

    Estimates maximise the likelihood of statsmodels' ``UnobservedComponents`` over the training
    rows: up to 8 stretches of up to 500 rows, spread evenly over the segments, taken as
    independent. An estimate lies within bounds, relative to the mean square step between samples:
    at least 1e-6, for the variances of a trend 1e-10, so that noise without any drift still gives
    a filter that forgets.

    References
    ----------
    J. Durbin, S. J. Koopman, "Time Series Analysis by State Space Methods", 2nd edition, 2012,
    doi:10.1093/acprof:oso/9780199641178.001.0001, chapters 2 to 5.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> torque = pd.DataFrame({"T_m": [0.0, 3.0, 3.0, 3.0]})
    >>> level = sp.KalmanFilter(process_variance=1.0, measurement_variance=2.0)
    >>> level.fit_transform(torque)["T_m"].round(3).tolist()
    [0.0, 1.8, 2.429, 2.718]
    >>> level.gain_.round(3).tolist()
    [0.5]
    """

    combines_rows = True

    def __init__(
        self,
        model: str = "level",
        *,
        process_variance: Given = None,
        measurement_variance: float | Mapping[Hashable, float] | None = None,
        lag: int | str = 0,
        add_slope: bool = False,
        columns: Sequence[Hashable] | None = None,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.model = model
        self.process_variance = process_variance
        self.measurement_variance = measurement_variance
        self.lag = lag
        self.add_slope = add_slope
        self.columns = columns
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: object) -> None:
        if self.model not in MODELS:
            raise InvalidParameterError(
                f"model must be one of {', '.join(map(repr, MODELS))}; got {self.model!r}"
            )
        self._check_slope(signals)
        self.channels_ = self._channels(signals)
        whole = isinstance(self.lag, numbers.Integral) and not isinstance(self.lag, bool)
        self.lag_ = 0
        if not whole or self.lag != 0:
            self.lag_ = to_samples(self.lag, signals.sample_time, "lag")
        names = [signals.names[k] for k in self.channels_]
        n_process = MODELS[self.model]
        variances = np.column_stack(
            [
                self._given("measurement_variance", 1, signals.names),
                self._given("process_variance", n_process, signals.names),
            ]
        )
        self.constant_: list[Any] = []
        self._estimate(signals, variances)
        self.measurement_variance_ = variances[:, 0]
        self.process_variance_ = variances[:, 1:] if n_process > 1 else variances[:, 1]
        rows = [
            model_row(row[1:], row[0], name) for row, name in zip(variances, names, strict=True)
        ]
        self.models_ = np.array(rows).reshape(-1, 8)
        self.gain_ = self.models_[:, 3:5] if n_process > 1 else self.models_[:, 3]
        how = (n_process > 1, self.lag_, bool(self.add_slope))
        lengths = [memory(row, *how) for row in self.models_]
        self.lookahead_ = self.lag_
        self.memory_ = max(lengths, default=0)

    def get_feature_names_out(self, input_features: Sequence[str] | None = None) -> np.ndarray:
        """Names of the output channels: those of the input, then those of the slopes."""
        names = super().get_feature_names_out(input_features)
        if not self.add_slope:
            return names
        slopes = [f"{names[k]}_slope" for k in self.channels_]
        return np.concatenate([names, np.array(slopes, dtype=object)])

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        found = super()._units(units)
        per = "s" if self.sample_time_ else "sample"
        for name in super().get_feature_names_out()[self.channels_] if self.add_slope else ():
            if name in found:
                found[f"{name}_slope"] = rate_unit(found[name], per=per)
        return found

    def plan(self, dtype: np.dtype) -> Plan | None:
        """Which causal kernel does the arithmetic of the fitted step; None with a lag.

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        return self._plan() if self.lag_ == 0 else None

    def _plan(self) -> Plan:
        params = local_trend_params(
            self.models_,
            trend=self.model == "trend",
            omit=self.nan_policy == "omit",
            sample_time=float(self.sample_time_ or 1.0),
            refuses=self._refuses(),
        )
        return Plan(LOCAL_TREND, self.channels_, params, appends=bool(self.add_slope))

    def _apply(self, signals: Signals) -> np.ndarray:
        if self.add_slope and self.sample_time_ is None and signals.sample_time is not None:
            raise InvalidLogError(
                "add_slope was fitted on data without time, for slopes per sample; X has a sample "
                f"time of {signals.sample_time:g} s. Fit on a log, too"
            )
        if self.lag_ == 0:
            return super()._apply(signals)
        plan = self._plan()

        def smooth(x: np.ndarray, target: np.ndarray, slopes: np.ndarray) -> None:
            task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, target, slopes)
            run_blocks(smooth_trend, *task, plan.params, self.lag_)

        return lay_out(plan, signals.values, smooth)

    def _check_slope(self, signals: Signals) -> None:
        if not self.add_slope:
            return
        if self.model != "trend":
            raise InvalidParameterError(
                f"add_slope=True needs model='trend'; got model={self.model!r}"
            )
        if signals.index is not None and signals.sample_time is None:
            raise InvalidParameterError(
                "add_slope=True needs the rate; every cycle of X has one row"
            )

    def _given(self, name: str, size: int, names: list[Any]) -> NDArray[np.float64]:
        """The parameter for each filtered channel (n_filtered, size), NaN where to estimate."""
        value = getattr(self, name)
        if value is None:
            return np.full((len(self.channels_), size), np.nan)
        if not isinstance(value, Mapping):
            return np.tile(_variances(value, size, name), (len(self.channels_), 1))
        positions = channel_positions(list(value), names, name).tolist()
        missing = [names[k] for k in self.channels_ if k not in positions]
        if missing:
            raise InvalidParameterError(
                f"{name} must name every filtered channel; {missing[0]!r} is missing"
            )
        of = dict(zip(positions, value.values(), strict=True))
        rows = [_variances(of[k], size, f"{name}[{names[k]!r}]") for k in self.channels_]
        return np.array(rows).reshape(-1, size)

    def _estimate(self, signals: Signals, variances: NDArray[np.float64]) -> None:
        """Fill the NaN in ``variances`` from the training rows."""
        unknown = np.isnan(variances).any(axis=1)
        if not unknown.any():
            return
        values = chosen(signals.values, self.channels_)
        for k in np.flatnonzero(unknown):
            name = signals.names[self.channels_[k]]
            runs = [values[k, run].astype(np.float64) for run in stretches(signals.bounds)]
            runs = [run for run in runs if np.count_nonzero(~np.isnan(run)) >= SHORTEST]
            if not runs:
                raise InvalidLogError(
                    f"estimating variances needs a segment of at least {SHORTEST} numbers; channel "
                    f"{name!r} has none (n_samples = {values.shape[1]}). Give process_variance and "
                    "measurement_variance"
                )
            if all(np.nanmin(run) == np.nanmax(run) for run in runs):
                self.constant_.append(name)
                variances[k] = [0.0, *np.ones(variances.shape[1] - 1)]
            else:
                variances[k] = estimate_variances(runs, self.model == "trend", variances[k], name)


def _variances(value: Any, size: int, name: str) -> NDArray[np.float64]:
    """A variance, or a pair of which the first may be 0."""
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str):
        listed = list(value)
    else:
        listed = [value]
    real = all(isinstance(one, numbers.Real) for one in listed) and len(listed) == size
    values = np.array(listed if real else [np.nan], dtype=np.float64)
    if not np.isfinite(values).all() or values[-1] <= 0 or values[0] < 0:
        wanted = "a number > 0" if size == 1 else "a pair: level >= 0, slope > 0"
        raise InvalidParameterError(f"{name} must be {wanted}; got {value!r}")
    return values
