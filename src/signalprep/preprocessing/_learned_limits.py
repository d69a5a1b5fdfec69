"""LearnedLimits: limits from statistics of the training rows, overall or by regime."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep._base import Signals
from signalprep._kernels._chosen_channels import chosen
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import cycles
from signalprep.preprocessing._flag_mixin import ACTIONS, check_action
from signalprep.preprocessing._limit_mixin import LimitMixin
from signalprep.preprocessing._regime_split import RegimeSplit, regime_channel

__all__ = ["LearnedLimits", "check_factor", "filtered_channels", "training_cycles"]


class LearnedLimits(LimitMixin):
    """Adds to a SignalTransformer limits that come from two statistics of each channel.

    A subclass has the parameters ``action``, ``columns``, ``by``, ``min_rows`` and implements
    ``_statistics(x)``: two numbers of each channel, shape (n_channels, 2), NaN left out; and
    ``_limits_from(statistics)``: low and high, for statistics of shape (..., 2).
    """

    columns: Sequence[Hashable] | None
    by: Any
    min_rows: int

    def _statistics(self, x: np.ndarray) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} must implement _statistics")

    def _limits_from(self, statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        raise TypeError(f"{type(self).__name__} must implement _limits_from")

    def _learn_limits(self, signals: Signals, y: Any) -> np.ndarray:
        """Learn limits of the channels and set the claims; give the overall statistics."""
        check_action(self.action, list(ACTIONS))
        self.channels_ = filtered_channels(self, signals)
        self.cycles_ = training_cycles(signals)
        statistics = self._learn_limits_of(chosen(signals.values, self.channels_), signals, y)
        self._claim(signals)
        return statistics

    def _learn_limits_of(self, x: np.ndarray, signals: Signals, y: Any) -> np.ndarray:
        """Learn limits of `x`, the chosen channels or what goes with them, row by row."""
        overall = self._known_statistics(x, signals)
        self.low_, self.high_ = self._limits_from(overall)
        names = pd.Index([signals.names[k] for k in self.channels_], name="channel")
        self.split_: RegimeSplit | None = None
        if self.by is None:
            n_rows = np.full(len(x), x.shape[1])
            if self.nan_policy != "raise":
                n_rows -= [np.count_nonzero(np.isnan(values)) for values in x]
            self.thresholds_ = pd.DataFrame(
                {"low": self.low_, "high": self.high_, "n": n_rows}, index=names
            )
        else:
            self.split_ = RegimeSplit(self.by, self.min_rows)
            number = self.split_.fit(signals, y, hasattr(self, "feature_names_in_"))
            self._learn_by_regime(x, overall, number, self.split_.n_rows_)
            self.thresholds_ = self._table(names, self.split_.labels_)
        return overall

    def _known_statistics(self, x: np.ndarray, signals: Signals) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            statistics = self._statistics(x)
        for k, values in zip(self.channels_, statistics, strict=True):
            if not np.isfinite(values).all():
                raise InvalidLogError(
                    f"channel {signals.names[k]!r} must hold training values whose statistics are "
                    "finite; got missing values only, or values too large to be squared"
                )
        return statistics

    def _learn_by_regime(
        self, x: np.ndarray, overall: np.ndarray, number: np.ndarray, n_rows: np.ndarray
    ) -> None:
        """Limits of each regime; those of all rows where it has too few values of a channel."""
        order = np.argsort(number, kind="stable")
        statistics = np.repeat(overall[:, np.newaxis], len(n_rows) + 1, axis=1)
        self._n_by_regime = np.zeros((len(x), len(n_rows)), dtype=np.int64)
        for r, last in enumerate(np.cumsum(n_rows)):
            rows = x[:, order[last - n_rows[r] : last]]
            n_values = np.count_nonzero(~np.isnan(rows), axis=1)
            self._n_by_regime[:, r] = n_values
            enough = n_values >= self.min_rows
            if enough.any():
                statistics[enough, r] = self._statistics(rows[enough])
        self._low_by_regime, self._high_by_regime = self._limits_from(statistics)

    def _table(self, names: pd.Index, labels: pd.DataFrame) -> pd.DataFrame:
        """Limits of each regime and channel, as they are used."""
        regimes = pd.MultiIndex.from_frame(labels).repeat(len(names))
        levels = [regimes.get_level_values(k) for k in range(regimes.nlevels)]
        index = pd.MultiIndex.from_arrays(
            [*levels, np.tile(names, len(labels))], names=[*labels.columns, "channel"]
        )
        n_values = self._n_by_regime.T.ravel()
        return pd.DataFrame(
            {
                "low": self._low_by_regime[:, :-1].T.ravel(),
                "high": self._high_by_regime[:, :-1].T.ravel(),
                "n": n_values,
                "own": n_values >= self.min_rows,
            },
            index=index,
        )

    def _limits(self) -> tuple[np.ndarray, np.ndarray]:
        if self.split_ is None:
            return self.low_, self.high_
        return self._low_by_regime, self._high_by_regime

    def _regimes(self, signals: Signals) -> np.ndarray | None:
        return None if self.split_ is None else self.split_.number(signals)


def filtered_channels(step: Any, signals: Signals) -> np.ndarray:
    """Positions of the channels a step filters: those of `columns`, all but `by` by default."""
    channels = step._channels(signals)
    if step.columns is not None or step.by is None:
        return channels
    return channels[channels != regime_channel(step.by, signals.names)]


def training_cycles(signals: Signals) -> pd.Index:
    """Ids of the cycles a step was fitted on; empty for arrays."""
    return pd.Index([]) if signals.index is None else cycles(signals.index)


def check_factor(value: Any, name: str) -> None:
    """Raise unless `value` is a finite number of at least 0."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 <= value < np.inf:
        raise InvalidParameterError(f"{name} must be a finite number of at least 0; got {value!r}")
