"""Decimator: a lower rate without aliasing."""

from __future__ import annotations

import numbers
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
from signalprep.log import moved_in_time, time_in_seconds

__all__ = ["Decimator"]


class Decimator(OneToOneFeatureMixin, SignalTransformer):
    """Low-pass filter a log and keep every n-th row of each segment.

    It changes the number of rows, so it is for a whole log, before that is split into X and y; in a
    pipeline use `AtRate`, which keeps one prediction a row. Every segment is filtered on its own,
    and its first row is kept. A wrapped angle is refused.

    Parameters
    ----------
    factor : int, default=1
        Keep every `factor`-th row, >= 1; 1 changes nothing.
    causal : bool, default=True
        True: the filter ends at the kept row and delays by ``delay_`` samples. False: it is
        centred on the kept row, without delay.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "propagate": every filter window that holds a NaN gives NaN. "omit": the weighted mean of
        the samples that are there.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    taps_ : ndarray of shape (n_taps,)
        The filter, symmetric; its sum is one.
    lookahead_, memory_ : int
        0 and ``n_taps - 1`` (causal) or half of that each, in samples of the input.
    delay_ : int
        ``(n_taps - 1) / 2`` (causal) or 0, in samples of the input.

    Raises
    ------
    InvalidParameterError
        `factor` below 1; with ``causal=False`` a segment shorter than the filter.

    Notes
    -----
    Linear-phase FIR by a Kaiser window: pass band to 0.8 of the new Nyquist frequency with at most
    0.05 dB of ripple, at least 80 dB down from the new Nyquist frequency on. That takes about 50
    taps times `factor`. At the edges of a segment, where fewer samples are there, a shorter filter
    of the same kind takes over; never zeros. Only kept rows are computed, so the cost is
    O(kept rows * taps).

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
    """

    _averages = True

    taps_: np.ndarray
    edges_: np.ndarray

    def __init__(
        self,
        factor: int = 1,
        *,
        causal: bool = True,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.factor = factor
        self.causal = causal
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    def kept_rows(self, X: Any) -> np.ndarray:
        """Positions of the rows that `transform` keeps.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As for `transform`.

        Returns
        -------
        rows : ndarray of int64 of shape (n_kept,)
        """
        check_is_fitted(self)
        return self._kept_rows(self._read(X, reset=False))

    def transform(self, X: Any) -> Any:
        """Give the log at the lower rate.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            Signals with the channels seen in fit, at the same rate.

        Returns
        -------
        X_out : DataFrame or array of shape (n_kept, n_channels)
            A frame, with the index of the kept rows, when `X` is a frame.
        """
        check_is_fitted(self)
        signals = self._read(X, reset=False)
        out = self._apply(signals)
        if not isinstance(X, pd.DataFrame):
            return out.T
        return pd.DataFrame(
            out.T,
            index=self._slow_index(signals, X.index),
            columns=self.get_feature_names_out(),
            copy=False,
        )

    def _learn(self, signals: Signals, y: Any) -> None:
        from signalprep._kernels._decimator_design import decimator_edges, decimator_taps

        if not isinstance(self.factor, numbers.Integral) or self.factor < 1:
            raise InvalidParameterError(
                f"factor must be a whole number of at least 1; got {self.factor!r}"
            )
        factor = int(self.factor)
        self.taps_ = decimator_taps(factor)
        self.edges_ = decimator_edges(self.taps_, factor, bool(self.causal))
        whole = len(self.taps_) - 1
        self.lookahead_ = 0 if self.causal else whole // 2
        self.memory_ = self.lookahead_
        self.delay_ = whole // 2 if self.causal else 0
        self._check_segments(signals)

    def _check_segments(self, signals: Signals) -> None:
        if not self.causal:
            check_window_fits(signals, len(self.taps_), f"the filter of factor={self.factor}")

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
        factor = int(self.factor)
        return decimator_params(factor, self.taps_, self.edges_, omit=omit, refuses=refuses)

    def _apply(self, signals: Signals) -> np.ndarray:
        kept = kept_bounds(signals.bounds, int(self.factor))
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
        """Index of the kept rows, with every gap at least two new sample times long."""
        rows = self._kept_rows(signals)
        if signals.index is None or signals.sample_time is None:
            return index[rows]
        kept = signals.index.take(rows)
        starts = kept_bounds(signals.bounds, int(self.factor))[1:-1]
        cycle = kept.codes[0]
        starts = starts[cycle[starts] == cycle[starts - 1]]
        seconds = time_in_seconds(kept)
        slow = int(self.factor) * signals.sample_time
        step = seconds[starts] - seconds[starts - 1]
        missing = np.maximum(2 * slow - step, 0.0)
        if not missing.any():
            return kept
        added = np.zeros(len(kept))
        added[starts] = missing
        moved = pd.Series(added).groupby(cycle, sort=False).cumsum()
        return moved_in_time(kept, moved.to_numpy())

    def _kept_rows(self, signals: Signals) -> np.ndarray:
        kept = kept_bounds(signals.bounds, int(self.factor))
        lengths = np.diff(kept)
        within = np.arange(kept[-1]) - np.repeat(kept[:-1], lengths)
        return np.repeat(signals.bounds[:-1], lengths) + within * int(self.factor)
