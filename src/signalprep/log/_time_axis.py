"""What the time axis of a log is: even, rounded, or jittery; and whether a rate fits it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._index import cycle_bounds, log_index, time_in_seconds
from signalprep.log._segments import (
    GAP,
    NEIGHBOURS,
    check_cycle_rates,
    segments,
    steps,
)
from signalprep.log._table import at_times
from signalprep.log._unrounded import unrounded

_SLOWER, _FASTER = 0.8, 1.25  # how far a grid may be from the rate of the stamps


def evened(log: pd.DataFrame, jitter: float) -> pd.DataFrame:
    """The log, checked; on its even grid where only rounded stamps make it jitter.

    Raises
    ------
    InvalidLogError
        As `segments` does.
    """
    try:
        segments(log, jitter=jitter)
    except InvalidLogError:
        index = _unrounded_index(log_index(log), None)
        if index is None:
            raise
        segments(index, jitter=jitter)
        return log.set_axis(index)
    return log


def evened_at(log: pd.DataFrame, rate: float, jitter: float) -> tuple[pd.DataFrame, bool]:
    """The log, on its even grid where that was rounded; and whether it jitters nevertheless.

    Raises
    ------
    InvalidLogError
        Its time contradicts `rate`, or a cycle has another rate than the log.
    """
    index = log_index(log)
    if _is_regular(index, rate, jitter):
        segments(log, sample_time=1.0 / rate, jitter=jitter)
        return log, False
    even = _unrounded_index(index, 1.0 / rate)
    if even is not None and _is_regular(even, rate, jitter):
        segments(even, sample_time=1.0 / rate, jitter=jitter)
        return log.set_axis(even), False
    bounds = cycle_bounds(index)
    step, inside = steps(index, bounds)
    check_cycle_rates(index, bounds, step)
    step = step[inside]
    median = float(np.median(step))
    mean = float(step[step <= NEIGHBOURS * median].mean())
    slow, fast = _SLOWER / max(mean, median), _FASTER / min(mean, median)
    if not slow * (1.0 - 1e-9) <= rate <= fast * (1.0 + 1e-9):
        raise InvalidLogError(_contradiction(rate, median))
    return log, True


def _is_regular(index: pd.MultiIndex, rate: float, jitter: float) -> bool:
    """Whether all steps but gaps are alike; raises when they are and `rate` is another."""
    bounds = cycle_bounds(index)
    every, inside = steps(index, bounds)
    step = every[inside]
    if len(step) == 0:
        return True
    dt = float(np.median(step))
    if not (np.abs(step - dt) <= jitter * dt)[step <= GAP * dt].all():
        return False
    if abs(dt * rate - 1.0) > jitter + 1e-9:
        check_cycle_rates(index, bounds, every)
        raise InvalidLogError(_contradiction(rate, dt))
    return True


def _contradiction(rate: float, step: float) -> str:
    remedy = (
        f"read_log(..., rate={rate:g}, reduce='mean') lowers it, as Decimator does that of a log"
        if rate * step < 1.0
        else "a log cannot be given more rows than were recorded"
    )
    return f"rate={rate:g} Hz contradicts the time axis, which has {1 / step:.6g} Hz; {remedy}"


def _unrounded_index(index: pd.MultiIndex, sample_time: float | None) -> pd.MultiIndex | None:
    bounds = cycle_bounds(index)
    seconds = time_in_seconds(index)
    if (index.codes[1] < 0).any() or not np.isfinite(seconds).all():
        return None
    even = unrounded(seconds, bounds, sample_time)
    return None if even is None else at_times(index, even)
