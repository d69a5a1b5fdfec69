"""Scaler: bring channels to a common scale, by statistics of the training rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.metaestimators import available_if

from signalprep._base import Signals, SignalTransformer
from signalprep.errors import InvalidParameterError
from signalprep.log import cycles

__all__ = ["Scaler"]

METHODS = ("zscore", "minmax", "robust", "unit")
BLOCK = 1 << 16  # rows at a time, so that temporaries stay in the cache


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
    columns : list of channels, default=None
        Which channels to scale; None is all of them. The others pass through.
    nan_policy : {"raise", "propagate", "omit"}, default="raise"
        "omit" leaves a NaN where it is and out of the statistics. "propagate" makes every statistic
        NaN that a NaN takes part in.

    Attributes
    ----------
    center_, scale_ : ndarray of shape (n_channels,)
        What is subtracted and divided by; 0 and 1 for channels that pass through and for "unit".
    constant_ : list
        Names of the channels without any spread in training. Their scaled value is 0 in every row,
        because no scale is known for them.
    cycles_ : Index
        Ids of the cycles seen in fit; empty for arrays.
    lookahead_, memory_, delay_ : int
        0.

    Raises
    ------
    InvalidParameterError
        Unknown method or channel; "robust" for a channel that varies but whose quartiles are equal.

    Notes
    -----
    Mean and standard deviation are computed in two passes in float64, so that a small spread on a
    large mean keeps its digits. Cost: O(rows).

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

    def __init__(
        self,
        method: str = "zscore",
        *,
        columns: Sequence[Hashable] | None = None,
        nan_policy: str = "raise",
    ) -> None:
        self.method = method
        self.columns = columns
        self.nan_policy = nan_policy

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
        self.cycles_ = pd.Index([]) if signals.index is None else cycles(signals.index)
        self.lookahead_ = self.memory_ = self.delay_ = 0
        if self.method == "unit":
            return
        for k in self.channels_:
            self._learn_channel(k, signals.values[k], signals.names[k])

    def _learn_channel(self, k: int, values: np.ndarray, name: Any) -> None:
        missing = np.isnan(values)
        if missing.any():
            if self.nan_policy == "propagate":
                self.center_[k] = self.scale_[k] = np.nan
                return
            values = values[~missing]
        if len(values) == 0 or values.min() == values.max():
            self.center_[k] = values[0] if len(values) else np.nan
            self.constant_.append(name)
            return
        with np.errstate(over="ignore", invalid="ignore"):
            center, scale = STATISTICS[self.method](values)
        if not 0 < scale < np.inf:
            raise InvalidParameterError(
                f"method={self.method!r} needs a spread to scale by; channel {name!r} varies in "
                f"training, but its spread is {scale:g}. Use another method, or leave it out "
                "with columns="
            )
        self.center_[k], self.scale_[k] = center, scale

    def _apply(self, signals: Signals) -> np.ndarray:
        out = np.empty_like(signals.values)
        scaled = set(self.channels_.tolist())
        constant = set(self.constant_)
        if self.method == "unit":
            self._apply_unit(signals.values, out)
        for k, values in enumerate(signals.values):
            if k not in scaled:
                out[k] = values
            elif self.method == "unit":
                continue
            elif signals.names[k] in constant:
                out[k] = np.where(np.isnan(values), values, 0)
            else:
                for rows in _blocks(len(values)):
                    out[k, rows] = (values[rows] - self.center_[k]) / self.scale_[k]
        return out

    def _apply_unit(self, values: np.ndarray, out: np.ndarray) -> None:
        """Divide by the norm of each row; the largest value is factored out against overflow."""
        largest_of = np.fmax.reduce if self.nan_policy == "omit" else np.maximum.reduce
        sum_of = np.nansum if self.nan_policy == "omit" else np.sum
        for rows in _blocks(values.shape[1]):
            block = values[self.channels_, rows].astype(np.float64)
            largest = largest_of(np.abs(block), axis=0)
            block /= np.where(largest > 0, largest, 1.0)
            norm = np.sqrt(sum_of(block * block, axis=0))
            out[self.channels_, rows] = block / np.where(norm == 0, 1.0, norm)


def _blocks(n: int) -> list[slice]:
    return [slice(first, first + BLOCK) for first in range(0, n, BLOCK)]


def _mean_and_std(values: np.ndarray) -> tuple[float, float]:
    """Two passes: a mean, then the moments about it, which correct it."""
    n = len(values)
    shift = float(values.mean(dtype=np.float64))
    first, second = [], []
    for rows in _blocks(n):
        deviation = values[rows] - np.float64(shift)
        first.append(deviation.sum())
        second.append(np.square(deviation, out=deviation).sum())
    correction = float(np.sum(first)) / n
    variance = float(np.sum(second)) / n - correction**2
    return shift + correction, float(np.sqrt(variance))


def _minimum_and_range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return low, high - low


def _median_and_iqr(values: np.ndarray) -> tuple[float, float]:
    q1, median, q3 = np.quantile(values.astype(np.float64), [0.25, 0.5, 0.75], overwrite_input=True)
    return float(median), float(q3 - q1)


STATISTICS = {"zscore": _mean_and_std, "minmax": _minimum_and_range, "robust": _median_and_iqr}
