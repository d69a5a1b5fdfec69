"""Detrender: take the slow part of a signal away."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OneToOneFeatureMixin

from signalprep._base import Plan, Signals, SignalTransformer, check_window_fits
from signalprep._kernels import _detrend
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import run_chosen
from signalprep._kernels._fade import fade_length
from signalprep._kernels._highpass import HIGHPASS, highpass_params
from signalprep._kernels._savgol import savgol_params
from signalprep._kernels._savgol_symmetric import savgol_symmetric
from signalprep._kernels._scan import join_facts
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.preprocessing._lowess import check_lowess, subtract_lowess
from signalprep.preprocessing._savitzky_golay_filter import SavitzkyGolayFilter
from signalprep.wording import error_unit

__all__ = ["Detrender"]

METHODS = ("constant", "linear", "highpass", "baseline")
BASELINES = ("savgol", "lowess")
NO_LEVEL = 1  # the order of derivative from which on the kernel leaves the level out
FORGOTTEN = 1e-3  # weight of all that lies further back than `memory_`


class Detrender(OneToOneFeatureMixin, SignalTransformer):
    r"""Subtract a mean, a line, all that is slow, or a baseline from each channel.

    Every segment is treated on its own: a gap ends a trend just as a new cycle does. Only
    "highpass" is causal; the others see the whole segment, or a window to both sides, and say so in
    `lookahead_`. A wrapped angle is refused.

    Parameters
    ----------
    method : {"constant", "linear", "highpass", "baseline"}, default="constant"
        What to subtract: the mean of the segment; its least-squares line; all that is slower than
        `cutoff`, by a Butterworth high-pass filter; or a smooth curve, see `baseline`.
    cutoff : float, default=None
        For "highpass", in Hz, greater than 0 and below half the rate; arrays have a rate of 1 Hz.
        There the filter passes 71 % (-3 dB).
    order : int, default=2
        For "highpass": the slope of the stop band is 6 dB per octave and order. 1 to 10.
    baseline : {"savgol", "lowess"}, default="savgol"
        For "baseline": a symmetric Savitzky-Golay filter with a long window, or LOWESS, a moving
        line which outliers hardly bend (3 rounds of reweighting).
    window_length : int or str, default=None
        For "savgol": samples (odd), or a duration such as "30s"; not longer than a segment.
    polyorder : int, default=2
        For "savgol".
    frac : float, default=2/3
        For "lowess": share of the segment that each point of the curve is fitted to, in (0, 1].
    columns : list of channels, default=None
        Which channels to detrend; None is all of them. The others pass through.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        A missing sample stays missing. "omit" takes the trend from the samples that are there,
        "propagate" makes NaN of every row whose trend it takes part in: the segment, or the window
        of "savgol". For "highpass" both give NaN for that row alone; the filter goes on as if the
        number before it had been measured again.
    n_jobs : int or None, default=None
        Threads (LOWESS uses one). The result does not depend on it.

    Attributes
    ----------
    sections_ : ndarray of shape (n_sections, 6)
        Second-order sections of "highpass", as scipy orders them.
    window_ : int
        Samples of the window of "savgol".
    lookahead_ : int
        0 for "highpass", ``window_ - 1`` for "savgol", else the longest segment seen in fit, less
        one sample.
    memory_ : int
        For "highpass", samples after which all that lies further back weighs no more than 0.1 %;
        else as `lookahead_`.
    delay_ : int
        0.

    Raises
    ------
    InvalidLogError
        "highpass" fitted on data without time, but `transform` gets a log; a channel with too few
        numbers in a segment for LOWESS.
    InvalidParameterError
        A parameter out of its range, or one missing that the method needs; a window longer than a
        segment; `cutoff` for a log whose rate is unknown in fit.

    Notes
    -----
    A constant gives exactly 0, and a small signal on a large offset keeps its digits, since sums
    are taken of distances from the first sample of a segment. The high-pass filter starts in the
    steady state of that sample. Its memory is about ``0.8 * rate / cutoff`` samples at order 1 and
    grows with the order. A segment of one sample gives 0.

    "constant" and "linear" give the numbers of ``scipy.signal.detrend``, "highpass" those of
    ``scipy.signal.butter`` and ``sosfilt``, LOWESS those of statsmodels, with two differences.
    Beyond 5000 rows its curve is fitted every hundredth of the segment, with straight lines
    between. And where half the samples lie on the curve, so that no scale tells outliers, the
    rounds of reweighting stop before; statsmodels gives the samples themselves then. Cost: O(rows);
    O(rows * window) for "savgol"; O(frac * rows^2) for LOWESS up to 5000 rows.

    References
    ----------
    S. Butterworth, "On the theory of filter amplifiers", Experimental Wireless and the Wireless
    Engineer 7, 1930, pp. 536-541.

    W. S. Cleveland, "Robust locally weighted regression and smoothing scatterplots", Journal of the
    American Statistical Association 74(368), 1979, pp. 829-836,
    doi:10.1080/01621459.1979.10481038.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> drift = pd.DataFrame({"u_d": [1e6, 1e6 + 1, 1e6 + 5]})
    >>> sp.Detrender().fit_transform(drift)["u_d"].tolist()
    [-2.0, -1.0, 3.0]
    >>> sp.Detrender("linear").fit_transform(drift)["u_d"].round(3).tolist()
    [0.5, -1.0, 0.5]
    """

    combines_rows = True

    def __init__(
        self,
        method: str = "constant",
        *,
        cutoff: float | None = None,
        order: int = 2,
        baseline: str = "savgol",
        window_length: int | str | None = None,
        polyorder: int = 2,
        frac: float = 2 / 3,
        columns: Sequence[Hashable] | None = None,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.method = method
        self.cutoff = cutoff
        self.order = order
        self.baseline = baseline
        self.window_length = window_length
        self.polyorder = polyorder
        self.frac = frac
        self.columns = columns
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: object) -> None:
        for name, value, known in (
            ("method", self.method, METHODS),
            ("baseline", self.baseline, BASELINES),
        ):
            if value not in known:
                raise InvalidParameterError(
                    f"{name} must be one of {', '.join(map(repr, known))}; got {value!r}"
                )
        self.channels_ = self._channels(signals)
        if self.method == "highpass":
            self.sections_, self.memory_ = self._design(signals)
            return
        self.lookahead_ = self.memory_ = signals.longest() - 1
        if self.method == "baseline" and self.baseline == "savgol":
            self._learn_savgol(signals)
        elif self.method == "baseline":
            check_lowess(signals, self.frac)

    def _design(self, signals: Signals) -> tuple[NDArray[np.float64], int]:
        """Sections of the high-pass filter, and its memory."""
        if self.cutoff is None:
            raise InvalidParameterError(
                "cutoff must be given in Hz for method='highpass'; got None"
            )
        if signals.index is not None and signals.sample_time is None:
            raise InvalidParameterError(
                f"cutoff={self.cutoff!r} needs the rate; every cycle of X has one row"
            )
        nyquist = 0.5 / (signals.sample_time or 1.0)
        if not isinstance(self.cutoff, numbers.Real) or not 0 < self.cutoff < nyquist:
            raise InvalidParameterError(
                f"cutoff must lie between 0 and half the rate, {nyquist:g} Hz; got {self.cutoff!r}"
            )
        if not isinstance(self.order, numbers.Integral) or not 1 <= self.order <= 10:
            raise InvalidParameterError(
                f"order must be a whole number from 1 to 10; got {self.order!r}"
            )
        return _butterworth(float(self.cutoff / nyquist), int(self.order))

    def _learn_savgol(self, signals: Signals) -> None:
        if self.window_length is None:
            raise InvalidParameterError(
                "window_length must be given for method='baseline', baseline='savgol'; got None"
            )
        self.smoother_ = _Baseline(
            self.window_length,
            self.polyorder,
            causal=False,
            nan_policy=self.nan_policy,
            n_jobs=self.n_jobs,
        )
        self.smoother_.sample_time_ = signals.sample_time
        one = signals.part(signals.values[:1], signals.names[:1])
        self.smoother_._learn(one, None)
        self.window_ = self.smoother_.window_
        self.lookahead_, self.memory_ = self.smoother_.lookahead_, self.smoother_.memory_

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        found = super()._units(units)
        left = [name for name in self.get_feature_names_out()[self.channels_] if name in found]
        return found | {name: error_unit(found[name]) for name in left}

    def plan(self, dtype: np.dtype) -> Plan | None:
        """Which causal kernel does the arithmetic; None for other methods than "highpass".

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        if self.method != "highpass":
            return None
        return Plan(HIGHPASS, self.channels_, highpass_params(self.sections_, self._refuses()))

    def _apply(self, signals: Signals) -> np.ndarray:
        if self.method == "highpass":
            self._check_rate(signals)
            return super()._apply(signals)
        out = np.empty_like(signals.values)
        omit = self.nan_policy == "omit"
        if self.method in ("constant", "linear") and len(self.channels_) == len(out):
            signals.check(self._subtract_line(signals, signals.samples, out))
            return out

        def detrend(x: np.ndarray, target: np.ndarray) -> None:
            if self.method == "baseline" and self.baseline == "savgol":
                self._subtract_savgol(signals, x, target)
            elif self.method == "baseline":
                subtract_lowess(signals, self.channels_, self.frac, omit, target)
            else:
                self._subtract_line(signals, x, target)

        run_chosen(signals.values, self.channels_, out, detrend)
        return out

    def _check_rate(self, signals: Signals) -> None:
        if self.sample_time_ is None and signals.sample_time is not None:
            raise InvalidLogError(
                "cutoff was fitted on data without time, per sample; X has a sample time of "
                f"{signals.sample_time:g} s. Fit on a log, too"
            )

    def _subtract_line(
        self, signals: Signals, x: np.ndarray, target: np.ndarray
    ) -> NDArray[np.float64]:
        """Subtract means or lines; give the facts that were found on the way."""
        facts = np.empty((len(x), signals.bounds.size - 1, 3))
        task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, target)
        how = (self.method == "linear", self.nan_policy == "omit")
        run_blocks(_detrend.detrend, *task, *how, facts)
        return join_facts(facts)

    def _subtract_savgol(self, signals: Signals, x: np.ndarray, target: np.ndarray) -> None:
        """Filter by what the smoother leaves: its coefficients, taken from those of the sample."""
        rows = np.eye(self.window_) - self.smoother_.weights_
        middle = self.window_ // 2
        design = (self.window_, int(self.polyorder), NO_LEVEL, 1.0)
        params = savgol_params(design, rows[middle], omit=False, lookahead=middle)
        task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, target)
        run_blocks(savgol_symmetric, *task, params, np.empty((self.window_, 0)), rows)
        if self.nan_policy == "omit":
            self._subtract_fits(signals, x, target)

    def _subtract_fits(self, signals: Signals, x: np.ndarray, target: np.ndarray) -> None:
        """Where a window misses samples, subtract the fit through those that are there."""
        for values, left in zip(x, target, strict=True):
            holed = np.isnan(left)
            if holed.any():
                wide = values[np.newaxis].astype(np.float64, copy=False)
                smooth = self.smoother_._apply(signals.part(wide))[0]
                left[holed] = (wide[0] - smooth)[holed]


class _Baseline(SavitzkyGolayFilter):
    """The filter behind ``baseline="savgol"``."""

    def _check_segments(self, signals: Signals) -> None:
        remedy = "method='highpass' needs no window"
        check_window_fits(signals, self.window_, "window_length", remedy)


def _butterworth(cutoff: float, order: int) -> tuple[NDArray[np.float64], int]:
    """Sections of a high-pass filter, `cutoff` per half the rate, and its memory in samples.

    In modes, the response to an impulse is h_i = sum_k r_k p_k^i for i >= 1, with poles p. The
    first sample, on which the filter is at rest, weighs as much again as all that is forgotten.
    """
    from scipy.signal import butter

    sections = np.ascontiguousarray(butter(order, cutoff, "highpass", output="sos"))
    _, poles, gain = butter(order, cutoff, "highpass", output="zpk")
    others = 1 - poles[np.newaxis] / poles[:, np.newaxis]
    np.fill_diagonal(others, 1)
    residues = gain * (1 - 1 / poles) ** order / others.prod(axis=1)
    return sections, fade_length(np.diag(poles), np.ones(order), residues, FORGOTTEN / 2)
