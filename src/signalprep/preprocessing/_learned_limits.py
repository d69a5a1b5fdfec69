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
from signalprep.preprocessing._flag_mixin import ACTIONS, check_action
from signalprep.preprocessing._limit_mixin import LimitMixin
from signalprep.preprocessing._regime_split import RegimeSplit, regime_channel
from signalprep.preprocessing._regime_statistics import regime_statistics, regime_table

__all__ = ["LearnedLimits", "check_factor", "filtered_channels"]


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
        self.cycles_ = signals.cycles()
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
            found = regime_statistics(x, overall, number, self.split_, self._statistics)
            self._low_by_regime, self._high_by_regime = self._limits_from(found[0])
            limits = {"low": self._low_by_regime, "high": self._high_by_regime}
            self.thresholds_ = regime_table(self.split_, names, limits, found[1])
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
    channels = channels[channels != regime_channel(step.by, signals.names)]
    if len(channels) == 0:
        raise InvalidParameterError(
            f"by={step.by!r} must leave a channel to filter; X has no other"
        )
    return channels


def check_factor(value: Any, name: str) -> None:
    """Raise unless `value` is a finite number of at least 0."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 <= value < np.inf:
        raise InvalidParameterError(f"{name} must be a finite number of at least 0; got {value!r}")
