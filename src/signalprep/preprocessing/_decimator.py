"""Decimator: a lower rate without aliasing."""

from __future__ import annotations

import numbers
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from signalprep._base import Plan, Signals, SignalTransformer, check_window_fits
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._decimate import (
    DECIMATE,
    decimate_symmetric,
    decimator_params,
    kept_bounds,
)
from signalprep.errors import InvalidParameterError
from signalprep.log import moved_in_time, rows_to_one, time_in_seconds

__all__ = ["Decimator"]


class Decimator(OneToOneFeatureMixin, SignalTransformer):
    """Low-pass filter a log and keep every n-th row of each segment, or give it a lower rate.

    It changes the number of rows, so it is for a whole log, before that is split into X and y; in a
    pipeline use `AtRate`, which keeps one prediction a row. Every segment is filtered on its own,
    and its first row is kept. A wrapped angle is refused.

    Parameters
    ----------
    factor : int, default=1
        Keep every `factor`-th row, >= 1; 1 changes nothing.
    rate : float or str, default=None
        Instead of `factor`: the new rate, in Hz (arrays have a rate of 1 Hz) or, for a log, with
        its unit ("1Hz", "44.1 Hz", "2 kHz"). Where it does not divide that of the log, rows of the
        output stand between rows of the log.
    causal : bool, default=True
        True: the filter ends at the row of the output and delays by ``delay_`` samples. False: it
        is centred on that row, without delay.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate": every filter window that holds a NaN gives NaN. "omit": the weighted mean of
        the samples that are there.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    up_, down_ : int
        The output has `up_` rows for `down_` rows of the input: 1 and `factor`, or the smallest
        whole numbers that meet `rate`.
    taps_ : ndarray of shape (n_taps,)
        The filter at `up_` times the rate of the input, symmetric; its sum is `up_`.
    lookahead_, memory_ : int
        0 and ``(n_taps - 1) / up_`` (causal) or half of that each, in samples of the input.
    delay_ : int
        ``(n_taps - 1) / 2 / up_`` (causal) or 0, in samples of the input.

    Raises
    ------
    InvalidParameterError
        `factor` below 1, or given beside `rate`; a `rate` above that of the log, or that is no
        simple quotient of it; with ``causal=False`` a segment shorter than the filter.

    Notes
    -----
    Linear-phase FIR by a Kaiser window: pass band to 0.8 of the new Nyquist frequency with at most
    0.05 dB of ripple, at least 80 dB down from the new Nyquist frequency on. That takes about 50
    taps times `factor`. At the edges of a segment, where fewer samples are there, a shorter filter
    of the same kind takes over; never zeros. Only kept rows are computed, so the cost is
    O(kept rows * taps).

    With `rate`, row k of a segment stands k / rate seconds after its first one, by the time stamps
    of the log: those of the rows beside it where it stands between two. The simplest quotient
    ``up_ / down_`` that meets the rate to 1e-6 is taken, with `down_` up to 10,000 unless `up_` is
    1. The filter has the same bands, of the new Nyquist frequency, and is designed at `up_` times
    the rate of the log; of its taps every `up_`-th meets a sample (polyphase), about 50 times
    ``down_ / up_``, and these sum to one, so that constants stay as they are. What is claimed
    counts from the first row of the log that is not before that of the output (`kept_rows`).

    The first row after a gap is kept, so a short gap may leave kept rows less than two new sample
    times apart, which could read as no gap. Then the later time stamps of the cycle are moved on to
    make it two new sample times: steps that follow see the gap as one.

    References
    ----------
    J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", Proc. IEEE
    International Symposium on Circuits and Systems, 1974, pp. 20-23.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.ones((1000, 1)), rate=100.0)
    >>> slow = sp.Decimator(10).fit_transform(log)
    >>> sp.rate(slow), len(slow)
    (10.0, 100)
    >>> slow = sp.Decimator(rate="15Hz").fit_transform(log)
    >>> sp.rate(slow), len(slow)
    (15.0, 150)
    """

    combines_rows = True

    up_: int
    down_: int
    taps_: np.ndarray
    edges_: np.ndarray

    def __init__(
        self,
        factor: int = 1,
        *,
        rate: float | str | None = None,
        causal: bool = True,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.factor = factor
        self.rate = rate
        self.causal = causal
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def kept_rows(self, X: Any) -> np.ndarray:
        """Positions of the rows that `transform` keeps, or comes to where it gives those between.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `transform`.

        Returns
        -------
        rows : ndarray of int64 of shape (n_kept,)
            The first row that is not before each row of the output.
        """
        check_is_fitted(self)
        return self._kept_rows(self._read(X, reset=False))[0]

    def transform(self, X: Any) -> Any:
        """Give the log at the lower rate.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            Signals with the channels seen in fit, at the same rate.

        Returns
        -------
        X_out : DataFrame or array of shape (n_kept, n_channels)
            A frame, with the index of the kept rows, when `X` is a frame; with the time stamps
            between these where the rate is no part of that of `X`.
        """
        check_is_fitted(self)
        signals = self._read(X, reset=False)
        out = self._apply(signals)
        if not isinstance(X, pd.DataFrame):
            return out.T
        slow = self._framed(out, X, self._slow_index(signals, X.index))
        if "lookahead" in slow.attrs:  # in rows, of which there are fewer now
            slow.attrs["lookahead"] = -(-slow.attrs["lookahead"] * self.up_ // self.down_)
        return slow

    def _learn(self, signals: Signals, y: Any) -> None:
        from signalprep._kernels._decimator_design import decimator_edges, decimator_taps

        factor = self._asked(signals)
        self.up_, self.down_ = factor.denominator, factor.numerator
        self.taps_ = decimator_taps(factor)
        self.edges_ = decimator_edges(self.taps_, factor, bool(self.causal))
        whole = (len(self.taps_) - 1) // self.up_
        self.lookahead_ = 0 if self.causal else whole // 2
        self.memory_ = self.lookahead_
        self.delay_ = whole // 2 if self.causal else 0
        self._check_segments(signals)

    def _asked(self, signals: Signals) -> Fraction:
        """Rows of the input to one of the output, by the parameters."""
        if not isinstance(self.factor, numbers.Integral) or self.factor < 1:
            raise InvalidParameterError(
                f"factor must be a whole number of at least 1; got {self.factor!r}"
            )
        if self.rate is None:
            return Fraction(int(self.factor))
        if self.factor != 1:
            raise InvalidParameterError(
                f"factor and rate say the same in two ways; got factor={self.factor!r} and "
                f"rate={self.rate!r}. Give one: with rate= leave factor at 1"
            )
        unit = signals.index is None and not isinstance(self.rate, str)
        return rows_to_one(self.rate, 1.0 if unit else signals.sample_time)

    @property
    def _factor(self) -> Fraction:
        return Fraction(self.down_, self.up_)

    def _check_segments(self, signals: Signals) -> None:
        if not self.causal:
            how = f"factor={self.factor}" if self.rate is None else f"rate={self.rate!r}"
            window = (len(self.taps_) - 1) // self.up_ + 1
            check_window_fits(signals, window, f"the filter of {how}")

    def plan(self, dtype: np.dtype) -> Plan | None:
        """Which causal kernel does the arithmetic of the fitted step; None without delay.

        Its outputs stand at the beginning of each segment.

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        return (
            Plan(DECIMATE, np.arange(self.n_features_in_), self._params()) if self.causal else None
        )

    def _params(self) -> np.ndarray:
        omit, refuses = self.nan_policy == "omit", self._refuses()
        return decimator_params(self._factor, self.taps_, self.edges_, omit=omit, refuses=refuses)

    def _apply(self, signals: Signals) -> np.ndarray:
        kept = kept_bounds(signals.bounds, self._factor)
        if self.causal:
            wide, begins = super()._apply(signals), signals.bounds[:-1]
            ends = begins + np.diff(kept)
            parts = [wide[:, begin:end] for begin, end in zip(begins, ends, strict=True)]
            return np.concatenate(parts, axis=1)
        self._check_segments(signals)
        x, bounds = signals.values, signals.bounds
        out = np.empty((len(x), int(kept[-1])), dtype=x.dtype)
        task = (bounds, len(x), self._n_threads(), x, bounds, out, kept, self._params()[0])
        run_blocks(decimate_symmetric, *task)
        return out

    def _slow_index(self, signals: Signals, index: pd.Index) -> pd.Index:
        """Index of the output, with every gap at least two new sample times long."""
        rows, late = self._kept_rows(signals)
        if signals.index is None or signals.sample_time is None:
            return index[rows]
        kept = signals.index.take(rows)
        starts = kept_bounds(signals.bounds, self._factor)[1:-1]
        cycle = kept.codes[0]
        starts = starts[cycle[starts] == cycle[starts - 1]]
        moved = np.zeros(len(kept))
        between = np.flatnonzero(late)
        if len(between):
            seconds, after = time_in_seconds(signals.index), rows[between]
            step = seconds[after] - seconds[after - 1]
            moved[between] = -step * late[between] / self.up_
        seconds = time_in_seconds(kept) + moved
        slow = self.down_ * signals.sample_time / self.up_
        missing = np.maximum(2 * slow - (seconds[starts] - seconds[starts - 1]), 0.0)
        if missing.any():
            added = np.zeros(len(kept))
            added[starts] = missing
            moved += pd.Series(added).groupby(cycle, sort=False).cumsum().to_numpy()
        return moved_in_time(kept, moved) if moved.any() else kept

    def _kept_rows(self, signals: Signals) -> tuple[np.ndarray, np.ndarray]:
        """The row with which each row of the output comes, and how late, in 1 / up of a sample."""
        kept = kept_bounds(signals.bounds, self._factor)
        lengths = np.diff(kept)
        place = (np.arange(kept[-1]) - np.repeat(kept[:-1], lengths)) * self.down_
        within = -(-place // self.up_)
        return np.repeat(signals.bounds[:-1], lengths) + within, within * self.up_ - place
