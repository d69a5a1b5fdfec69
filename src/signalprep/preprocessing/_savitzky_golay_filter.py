"""SavitzkyGolayFilter: smooth or differentiate by a moving least-squares polynomial."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from signalprep._base import Plan, Signals, SignalTransformer, check_window_fits
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._chosen_channels import run_chosen
from signalprep._kernels._savgol import Design, savgol_params
from signalprep._kernels._savgol_causal import SAVGOL
from signalprep._kernels._savgol_coefficients import (
    causal_taps,
    symmetric_factors,
    symmetric_rows,
)
from signalprep._kernels._savgol_symmetric import EDGES, savgol_symmetric
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import to_samples
from signalprep.wording import rate_unit

__all__ = ["SavitzkyGolayFilter"]

LONGEST = 10_000  # samples: every number of samples up to the window has coefficients of its own


class SavitzkyGolayFilter(OneToOneFeatureMixin, SignalTransformer):
    r"""Savitzky-Golay filter: the least-squares polynomial of a moving window, or its derivative.

    Every segment is filtered on its own. A wrapped angle is refused.

    Parameters
    ----------
    window_length : int or str, default=11
        Samples, or a duration such as "0.5s"; greater than `polyorder`, at most 10,000 samples. A
        symmetric window must be odd; a duration that gives an even number is lengthened by one
        sample then.
    polyorder : int, default=3
        Order of the polynomial, >= 0.
    deriv : int, default=0
        Which derivative to give, 0 to `polyorder`, in units of the signal per second to that power
        (per sample for arrays).
    causal : bool, default=True
        True: the polynomial's value at the newest sample of the window; no delay, but more noise
        passes than with False: its value at the centre.
    edge : {"polynomial", "nearest", "mirror", "constant", "nan"}, default="polynomial"
        What a symmetric window does within half a window of the ends of a segment: take the
        polynomial of the first or last full window; go on with the outermost sample; reflect at
        it; go on with `fill_value`; or give NaN. A causal window does not need it: it
        grows at the start, with the order cut to its length less 1 until it is full.
    columns : list of channels, default=None
        Which channels to filter; None is all of them. The others pass through.
    fill_value : float, default=0.0
        For ``edge="constant"``, in the unit of the signal.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate": every window that holds a NaN gives NaN. "omit": the polynomial is fitted to
        the samples that are there, which fills holes shorter than the window.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    window_ : int
        Samples of the window.
    lookahead_, memory_ : int
        Causal: 0 and ``window_ - 1``. Symmetric: ``window_ // 2`` both; ``window_ - 1`` both for
        ``edge="polynomial"``, since the outermost rows see the whole of their window.
    delay_ : int
        0.

    Raises
    ------
    InvalidLogError
        With ``deriv > 0``: fitted on data without time, but `transform` gets a log.
    InvalidParameterError
        A parameter out of its range; a symmetric window longer than a segment; a duration, or a
        derivative, for a log whose rate is unknown in fit.

    Notes
    -----
    Weights come from Gram polynomials and are right to rounding. The filter works on the distance
    from the newest sample of each window, so a constant stays what it is to the last bit. Cost:
    O(rows * window), and a table of window times window coefficients.
    ``scipy.signal.savgol_filter`` gives the same numbers for symmetric windows (its modes "interp",
    "nearest", "mirror" and "constant"), as long as its own equations are well conditioned: at
    window 101 and order 6 they lose six more digits.

    References
    ----------
    A. Savitzky, M. J. E. Golay, "Smoothing and differentiation of data by simplified least squares
    procedures", Analytical Chemistry 36(8), 1964, pp. 1627-1639, doi:10.1021/ac60214a047.

    P. A. Gorry, "General least-squares smoothing and differentiation by the convolution
    (Savitzky-Golay) method", Analytical Chemistry 62(6), 1990, pp. 570-573,
    doi:10.1021/ac00205a007.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> angle = sp.as_log(np.array([[0.0, 0.1, 0.4, 0.9, 1.6]]).T, rate=10.0)
    >>> speed = sp.SavitzkyGolayFilter(window_length=3, polyorder=2, deriv=1)
    >>> speed.fit_transform(angle)["x0"].round(3).tolist()
    [0.0, 1.0, 4.0, 6.0, 8.0]
    """

    combines_rows = True

    def __init__(
        self,
        window_length: int | str = 11,
        polyorder: int = 3,
        *,
        deriv: int = 0,
        causal: bool = True,
        edge: str = "polynomial",
        columns: Sequence[Hashable] | None = None,
        fill_value: float = 0.0,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.window_length = window_length
        self.polyorder = polyorder
        self.deriv = deriv
        self.causal = causal
        self.edge = edge
        self.columns = columns
        self.fill_value = fill_value
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def _learn(self, signals: Signals, y: object) -> None:
        self._check_parameters()
        self.channels_ = self._channels(signals)
        self.window_ = self._window(signals)
        if self.deriv > 0 and signals.index is not None and signals.sample_time is None:
            raise InvalidParameterError(
                f"deriv={self.deriv} needs the rate; every cycle of X has one row"
            )
        self.weights_ = (causal_taps if self.causal else symmetric_rows)(*self._design())
        if not self.causal:
            whole = self.edge == "polynomial"
            self.lookahead_ = self.memory_ = self.window_ - 1 if whole else self.window_ // 2
        self._check_segments(signals)

    def _check_parameters(self) -> None:
        for name, value in (("polyorder", self.polyorder), ("deriv", self.deriv)):
            if not isinstance(value, numbers.Integral) or value < 0:
                raise InvalidParameterError(
                    f"{name} must be a whole number of at least 0; got {value!r}"
                )
        if self.deriv > self.polyorder:
            raise InvalidParameterError(
                f"deriv must not be greater than polyorder={self.polyorder}; got {self.deriv}"
            )
        if self.edge not in EDGES:
            raise InvalidParameterError(
                f"edge must be one of {', '.join(map(repr, EDGES))}; got {self.edge!r}"
            )
        if not isinstance(self.fill_value, numbers.Real) or not np.isfinite(self.fill_value):
            raise InvalidParameterError(
                f"fill_value must be a finite number; got {self.fill_value!r}"
            )

    def _window(self, signals: Signals) -> int:
        window = to_samples(self.window_length, signals.sample_time, "window_length")
        if not self.causal and window % 2 == 0 and isinstance(self.window_length, str):
            window += 1
        if window <= self.polyorder or (not self.causal and window % 2 == 0):
            wanted = "" if self.causal else "odd and "
            raise InvalidParameterError(
                f"window_length must be {wanted}greater than polyorder={self.polyorder}; "
                f"got {window}"
            )
        if window > LONGEST:
            raise InvalidParameterError(
                f"window_length must be at most {LONGEST} samples, since its coefficients are a "
                f"square table; got {window}. Lower the rate first (Decimator, AtRate)"
            )
        return window

    def _design(self) -> Design:
        """Window, order, derivative and sample time, which is 1 when the data have none."""
        sample_time = float(self.sample_time_ or 1.0)
        return self.window_, int(self.polyorder), int(self.deriv), sample_time

    def _check_segments(self, signals: Signals) -> None:
        if not self.causal:
            check_window_fits(signals, self.window_, "window_length")

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        found = super()._units(units)
        names = self.get_feature_names_out()
        per = "s" if self.sample_time_ else "sample"
        for name in names[self.channels_] if self.deriv else ():
            if name in found:
                found[name] = rate_unit(found[name], self.deriv, per=per)
        return found

    def plan(self, dtype: np.dtype) -> Plan | None:
        if not self.causal:
            return None
        omit, refuses = self.nan_policy == "omit", self._refuses()
        params = savgol_params(self._design(), self.weights_, omit=omit, refuses=refuses)
        return Plan(SAVGOL, self.channels_, params)

    def _apply(self, signals: Signals) -> np.ndarray:
        self._check_segments(signals)
        if self.deriv > 0 and self.sample_time_ is None and signals.sample_time is not None:
            raise InvalidLogError(
                f"deriv={self.deriv} was fitted on data without time, as a derivative per sample; "
                f"X has a sample time of {signals.sample_time:g} s. Fit on a log, too"
            )
        return super()._apply(signals) if self.causal else self._smooth(signals)

    def _smooth(self, signals: Signals) -> np.ndarray:
        """The symmetric form."""
        out = np.empty_like(signals.values)
        design, middle = self._design(), self.window_ // 2
        params = savgol_params(
            design,
            self.weights_[middle],
            omit=self.nan_policy == "omit",
            lookahead=middle,
            edge=(EDGES.index(self.edge), float(self.fill_value)),
        )
        args = (params, *symmetric_factors(*design))

        def smooth(x: np.ndarray, target: np.ndarray) -> None:
            task = (signals.bounds, len(x), self._n_threads(), x, signals.bounds, target)
            run_blocks(savgol_symmetric, *task, *args)

        run_chosen(signals.values, self.channels_, out, smooth)
        return out
