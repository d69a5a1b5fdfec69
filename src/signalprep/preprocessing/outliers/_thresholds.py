"""Thresholds from statistics of the training rows, overall or by regime."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep._base import Plan, Signals
from signalprep._kernels._limits import LIMITS, limit_params
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.preprocessing.outliers._regime_split import RegimeSplit
from signalprep.preprocessing.outliers._regime_statistics import regime_statistics, regime_table

__all__ = ["Rule", "Thresholds", "check_factor", "learn_thresholds", "threshold_judge"]

Limits = tuple[np.ndarray, np.ndarray]


class Rule(NamedTuple):
    """How thresholds come from two statistics of each channel.

    Attributes
    ----------
    statistics : callable
        Two numbers of each channel, (n_channels, 2), for samples (n_channels, n_rows); NaN is left
        out.
    limits : callable
        Low and high for statistics of shape (..., 2).
    """

    statistics: Callable[[np.ndarray], np.ndarray]
    limits: Callable[[np.ndarray], Limits]


class Thresholds(NamedTuple):
    """What was learned.

    Attributes
    ----------
    statistics : ndarray of shape (n_channels, 2)
        Of all training rows together.
    low, high : ndarray of shape (n_channels,)
        Their thresholds.
    used : pair of ndarray of shape (n_channels, n_regimes)
        Low and high of each regime; a single one without regimes.
    table : DataFrame
        The same for people, and from how many values.
    split : RegimeSplit or None
        The regimes.
    """

    statistics: np.ndarray
    low: np.ndarray
    high: np.ndarray
    used: Limits
    table: pd.DataFrame
    split: RegimeSplit | None


def learn_thresholds(step: Any, x: np.ndarray, rule: Rule, signals: Signals, y: Any) -> Thresholds:
    """Learn thresholds for ``x``, the channels of a step or what goes with them, row by row.

    The step has ``channels_``, ``by``, ``min_rows`` and ``nan_policy``.
    """
    overall = _known(rule, x, [signals.names[k] for k in step.channels_])
    low, high = rule.limits(overall)
    names = pd.Index([signals.names[k] for k in step.channels_], name="channel")
    if step.by is None:
        n_rows = np.full(len(x), x.shape[1])
        if step.nan_policy != "raise":
            n_rows -= [np.count_nonzero(np.isnan(values)) for values in x]
        table = pd.DataFrame({"low": low, "high": high, "n": n_rows}, index=names)
        used = low[:, np.newaxis], high[:, np.newaxis]
        return Thresholds(overall, low, high, used, table, None)
    split = RegimeSplit(step.by, step.min_rows)
    number = split.fit(signals, y, hasattr(step, "feature_names_in_"))
    found, n_values = regime_statistics(x, overall, number, split, rule.statistics)
    used = rule.limits(found)
    table = regime_table(split, names, {"low": used[0], "high": used[1]}, n_values)
    return Thresholds(overall, low, high, used, table, split)


def _known(rule: Rule, x: np.ndarray, names: list[Any]) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        statistics = rule.statistics(x)
    for name, values in zip(names, statistics, strict=True):
        if not np.isfinite(values).all():
            raise InvalidLogError(
                f"channel {name!r} must hold training values whose statistics are finite; got "
                "missing values only, or values too large to be squared"
            )
    return statistics


def threshold_judge(
    channels: np.ndarray, limits: Limits, split: RegimeSplit | None, dtype: np.dtype, refuses: float
) -> Plan:
    """A judge that flags what is beyond limits (n_channels, n_regimes).

    A value on a limit, rounded to the type of the signal, is good; a limit beyond that type is
    none.
    """
    with np.errstate(over="ignore"):
        low, high = (ends.astype(dtype).astype(np.float64) for ends in limits)
    return Plan(LIMITS, channels, limit_params(low, high, refuses=refuses), split, "keep")


def check_factor(value: Any, name: str) -> None:
    """Raise unless `value` is a finite number of at least 0."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 <= value < np.inf:
        raise InvalidParameterError(f"{name} must be a finite number of at least 0; got {value!r}")
