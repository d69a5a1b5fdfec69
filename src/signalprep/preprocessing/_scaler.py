"""Scaler: bring channels to a common scale, by statistics of the training rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.metaestimators import available_if

from signalprep._base import Plan, Signals, SignalTransformer
from signalprep._kernels._blocks import run_blocks
from signalprep._kernels._moments import Moments, add_moments, facts_of, no_moments
from signalprep._kernels._quantiles import quantiles
from signalprep._kernels._scale import SCALE, scale_params
from signalprep.errors import InvalidParameterError

__all__ = ["Scaler"]

QUARTILES = np.array([0.25, 0.5, 0.75])
METHODS = ("zscore", "minmax", "robust", "unit")
BLOCK = 1 << 16  # rows at a time, so that temporaries stay in the cache


def _learns_in_parts(self: Scaler) -> bool:
    if self.method == "robust":
        raise InvalidParameterError(
            "partial_fit needs method='zscore', 'minmax' or 'unit'; the quartiles of "
            "method='robust' need all training rows at once"
        )
    return True


class Scaler(OneToOneFeatureMixin, SignalTransformer):
    """Scale channels by what the training rows show, and remember whose rows these were.

    Works row by row once fitted, so it looks neither ahead nor back. `cycles_` lets a validation
    refuse a fold whose test cycles took part in the statistics.

    Parameters
    ----------
    method : {"zscore", "minmax", "robust", "unit"}, default="zscore"
        "zscore": (x - mean) / std, std with divisor n. "minmax": (x - min) / (max - min).
        "robust": (x - median) / (Q3 - Q1), quartiles by linear interpolation. "unit": every row
        divided by its Euclidean norm over `columns`; learns nothing, a row of zeros stays zero.
    with_mean : bool, default=True
        Subtract the mean ("zscore") or median ("robust"). False only divides, so that zero stays
        zero: for currents and torques, whose zero has a meaning, and for symmetric quantization.
        "minmax" and "unit" do not look at it.
    columns : list of channels, default=None
        Which channels to scale; None is all of them. The others pass through.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "omit" leaves a NaN where it is and out of the statistics. "propagate" makes every statistic
        NaN that a NaN takes part in.
    n_jobs : int or None, default=None
        Threads. The result does not depend on it.

    Attributes
    ----------
    center_, scale_ : ndarray of shape (n_channels,)
        What is subtracted and divided by; 0 and 1 for channels that pass through and for "unit".
    constant_ : list
        Names of the channels without any spread in training. Their scaled value is 0 in every row,
        because no scale is known for them; where nothing is subtracted, they stay as they are.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for arrays.
    moments_ : Moments
        What is known of the channels that are scaled, except for "unit": ``shift``, a value of the
        channel; ``count`` and ``missing``, numbers and NaN seen; ``mean``, less the shift;
        ``squares``, the sum of squared deviations from the mean; ``low`` and ``high``.
    lookahead_, memory_, delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        Unknown method or channel; "robust" for a channel that varies but whose quartiles are equal.

    Notes
    -----
    Statistics are computed in float64, in one pass: moments of blocks of rows about their own mean
    are joined two by two, and means are kept as the distance from a value of the channel, so that a
    small spread on a large mean keeps its digits. `partial_fit` joins what it learns in the same
    way; it is there for a log larger than memory, and for every method but "robust". Cost: O(rows);
    "robust" copies one channel a thread.

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance: analysis
    and recommendations", The American Statistician 37(3), 1983, pp. 242-247,
    doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> import pandas as pd, signalprep as sp
    >>> speed = pd.DataFrame({"omega_m": [100.0, 300.0, 200.0]})
    >>> sp.Scaler("minmax").fit_transform(speed)
       omega_m
    0      0.0
    1      1.0
    2      0.5
    """

    cycles_: pd.Index

    def __init__(
        self,
        method: str = "zscore",
        *,
        with_mean: bool = True,
        columns: Sequence[Hashable] | None = None,
        nan_policy: str = "raise",
        n_jobs: int | None = None,
    ) -> None:
        self.method = method
        self.with_mean = with_mean
        self.columns = columns
        self.nan_policy = nan_policy
        self.n_jobs = n_jobs

    @available_if(_learns_in_parts)
    def partial_fit(self, X: Any, y: Any = None) -> Scaler:
        """Learn from more rows, in addition to those seen before.

        Not there for ``method="robust"``. In parts or at once, the result is the same but for
        rounding (1e-12 relative).

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            More of the log: whole cycles, or the next rows of one. The first call is `fit`.
        y : ignored
            Here for scikit-learn's pipelines.

        Returns
        -------
        self : the fitted transformer
        """
        if not hasattr(self, "cycles_"):
            self.fit(X, y)
            return self
        signals = self._read(X, reset=False)
        signals.check()
        if signals.index is not None:
            seen = signals.cycles()
            self.cycles_ = self.cycles_.append(seen[~seen.isin(self.cycles_)])
        if self.method != "unit":
            self._learn_more(signals)
        return self

    @available_if(lambda self: self.method != "unit")
    def inverse_transform(self, X: Any) -> Any:
        """Undo the scaling; channels of `constant_` get their constant back.

        Not there for ``method="unit"``, which forgets the norms.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            As `transform` gives it.

        Returns
        -------
        X_original : DataFrame or array of shape (n_samples, n_channels)
        """
        signals = self._read_output(X)
        out = signals.values.copy()
        for k in self.channels_:
            out[k] = signals.values[k].astype(np.float64) * self.scale_[k] + self.center_[k]
        return self._wrap_input(out, X)

    def _learn(self, signals: Signals, y: Any) -> None:
        if self.method not in METHODS:
            raise InvalidParameterError(
                f"method must be one of {', '.join(map(repr, METHODS))}; got {self.method!r}"
            )
        self.channels_ = self._channels(signals)
        n_channels = len(signals.values)
        self.center_, self.scale_ = np.zeros(n_channels), np.ones(n_channels)
        self.constant_: list[Any] = []
        if self.method != "unit":
            self.moments_ = no_moments(len(self.channels_))
            self._learn_more(signals)
        self.cycles_ = signals.cycles()

    def _learn_more(self, signals: Signals) -> None:
        """Add the rows to the moments, and draw the scales from these."""
        if self.columns is not None:
            signals.check()
        moments = add_moments(self.moments_, signals.samples, self.n_jobs, self.channels_)
        signals.check(facts_of(moments))
        varies = moments.low < moments.high
        if self.nan_policy == "propagate":
            varies &= moments.missing == 0
        with np.errstate(over="ignore", invalid="ignore"):
            center, spread = self._statistics(moments, signals.values, varies)
        for k in np.flatnonzero(varies):
            if not 0 < spread[k] < np.inf:
                raise InvalidParameterError(
                    f"method={self.method!r} needs a spread to scale by; channel "
                    f"{signals.names[self.channels_[k]]!r} varies in training, but its spread is "
                    f"{spread[k]:g}. Use another method, or leave it out with columns="
                )
        self.moments_ = moments
        self._set_scales(moments, varies, center, spread, signals.names)

    def _statistics(
        self, moments: Moments, values: np.ndarray, varies: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What to subtract from each channel and divide it by, where it varies."""
        if self.method == "minmax":
            return moments.low, moments.high - moments.low
        if self.method == "zscore":
            spread = np.sqrt(moments.squares / np.maximum(moments.count, 1.0))
            return moments.shift + moments.mean, spread
        chosen = values if len(varies) == len(values) else values[self.channels_]
        found = np.empty((len(chosen), len(QUARTILES)))
        whole = np.array([0, chosen.shape[1]], dtype=np.int64)
        run_blocks(quantiles, whole, len(chosen), self.n_jobs, chosen, QUARTILES, found)
        return found[:, 1], found[:, 2] - found[:, 0]

    def _set_scales(
        self,
        moments: Moments,
        varies: np.ndarray,
        center: np.ndarray,
        spread: np.ndarray,
        names: list[Any],
    ) -> None:
        """Set what `transform` needs; a channel without spread keeps its value as its centre."""
        spoilt = (self.nan_policy == "propagate") & (moments.missing > 0)
        if self._centers():
            center = np.where(varies, center, moments.shift)
        else:
            center = np.zeros(len(varies))
        self.center_[self.channels_] = np.where(spoilt, np.nan, center)
        self.scale_[self.channels_] = np.where(spoilt, np.nan, np.where(varies, spread, 1.0))
        self.constant_ = [names[k] for k in self.channels_[~varies & ~spoilt]]

    def _units(self, units: Mapping[Any, str]) -> dict[Any, str]:
        scaled = set(self.get_feature_names_out()[self.channels_])
        return {name: unit for name, unit in super()._units(units).items() if name not in scaled}

    def plan(self, dtype: np.dtype) -> Plan | None:
        """Which causal kernel does the arithmetic of the fitted step; None for ``method="unit"``.

        Parameters
        ----------
        dtype : dtype
            Of the samples, float64 or float32.
        """
        if self.method == "unit":
            return None
        constant = set(self.constant_) if self._centers() else set()
        is_constant = np.array([name in constant for name in self.get_feature_names_out()])
        scales = (self.center_, self.scale_, is_constant)
        params = scale_params(*scales, self._refuses())
        return Plan(SCALE, np.arange(len(is_constant)), params)

    def _apply(self, signals: Signals) -> np.ndarray:
        if self.method != "unit":
            return super()._apply(signals)
        out = signals.values.copy()
        self._apply_unit(signals.values, out)
        return out

    def _centers(self) -> bool:
        return bool(self.with_mean) or self.method == "minmax"

    def _apply_unit(self, values: np.ndarray, out: np.ndarray) -> None:
        """Divide by the norm of each row; the largest value is factored out against overflow."""
        omit = self.nan_policy == "omit"
        for rows in _blocks(values.shape[1]):
            block = values[self.channels_, rows].astype(np.float64)
            largest = (np.fmax if omit else np.maximum).reduce(np.abs(block), axis=0)
            block /= np.where(largest > 0, largest, 1.0)
            total = np.zeros(block.shape[1])
            for value in block:  # one by one: numpy's own order depends on the number of rows
                square = value * value
                total += np.where(np.isnan(square), 0.0, square) if omit else square
            norm = np.sqrt(total)
            out[self.channels_, rows] = block / np.where(norm == 0, 1.0, norm)


def _blocks(n: int) -> list[slice]:
    return [slice(first, first + BLOCK) for first in range(0, n, BLOCK)]
