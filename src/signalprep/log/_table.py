"""Columns of a table brought onto one clock, cycle by cycle."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._channel import Channel
from signalprep.log._columns import Columns
from signalprep.log._drawn import linear_channels
from signalprep.log._freshness import freshness_limits
from signalprep.log._held import LastSamples
from signalprep.log._index import LEVELS, cycle_bounds, log_index, time_in_seconds
from signalprep.log._rows import Rows, grid
from signalprep.log._samples import Samples, digest, sampled, valid_rows

_SPARSE = 2.0  # rows from one value to the next
_FEWEST = 3  # values that tell a rate


def sparse_channels(frame: pd.DataFrame, bounds: np.ndarray | None = None) -> list[Any]:
    """Columns that were sampled more slowly than the rows: with blanks between their values.

    Those of at least three values of which one follows the other after two rows or more (median,
    inside cycles).

    Parameters
    ----------
    frame : DataFrame
    bounds : ndarray of shape (n_cycles + 1,), default=None
        Row borders of the cycles. None: the frame is one.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> slow = np.where(np.arange(12) % 4 == 0, 20.0, np.nan)
    >>> sparse_channels(pd.DataFrame({"i_d": np.arange(12.0), "T_coolant": slow}))
    ['T_coolant']
    """
    bounds = np.array([0, len(frame)]) if bounds is None else bounds
    return [
        name
        for k, name in enumerate(frame.columns)
        if _is_sparse(_values(frame.iloc[:, k]), bounds)
    ]


def _is_sparse(values: Any, bounds: np.ndarray) -> bool:
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufc":
        with np.errstate(invalid="ignore", over="ignore"):
            if not np.isnan(values.sum()):  # a pass over the values that needs no memory
                return False
    rows = np.flatnonzero(valid_rows(values))
    if not _FEWEST <= len(rows) < len(values):
        return False
    cycle = np.searchsorted(bounds, rows, side="right")
    distance = np.diff(rows)[np.diff(cycle) == 0]
    return bool(len(distance) and np.median(distance) >= _SPARSE)


def resampled(
    log: pd.DataFrame,
    rate: float,
    *,
    interpolate: str | Sequence[Hashable] | None,
    hold: Any,
    ages: bool,
) -> pd.DataFrame:
    """All columns on a grid at `rate` Hz, which starts anew with each cycle and after each gap."""
    index = log_index(log)
    seconds, bounds = time_in_seconds(index), cycle_bounds(index)
    channels, samples = _channels(log, seconds, bounds)
    linear = linear_channels(interpolate, channels, samples)
    limits = freshness_limits(hold, list(log.columns), [own.step for own in samples], 1.0 / rate)
    pairs = {(own, limit) for own, limit in zip(samples, limits, strict=True)}
    grids = [
        grid(
            [own.stamps[own.bounds[k] : own.bounds[k + 1]] for own, _ in pairs],
            [limit for _, limit in pairs],
            rate,
        )
        for k in range(len(bounds) - 1)
    ]
    borders = np.append(0, np.cumsum([len(times) for times in grids]))
    if borders[-1] == 0:
        raise InvalidLogError("resampling needs a value in some column; all are missing")
    rows = Rows(np.concatenate(grids), None, borders, 1.0 / rate)
    last = LastSamples(rows)
    made = Columns(last.chosen(last.fresh(samples, limits)), linear, ages=ages)
    for each in zip(channels, samples, limits, strict=True):
        made.add(*each)
    rows = made.last.rows
    codes = index.codes[0][np.repeat(bounds[:-1], np.diff(rows.bounds))]
    stamps = _as_in(index.levels[1], rows.stamps)
    ids = index.levels[0].take(codes)
    return _frame(
        log, made, made.columns, pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))
    )


def held_in_place(
    log: pd.DataFrame,
    sample_time: float,
    *,
    interpolate: str | Sequence[Hashable] | None,
    hold: Any,
    ages: bool,
) -> pd.DataFrame:
    """The log with the values of its sparse columns held (or drawn) in the rows between."""
    index = log_index(log)
    bounds = cycle_bounds(index)
    unknown = [np.nan] * log.shape[1]
    freshness_limits(hold, list(log.columns), unknown, sample_time)  # what is asked for is checked
    sparse = set(sparse_channels(log, bounds))
    if not sparse and not ages and interpolate is None:
        return log
    seconds = time_in_seconds(index)
    channels, samples = _channels(log, seconds, bounds)
    linear = linear_channels(interpolate, channels, samples)
    limits = freshness_limits(hold, list(log.columns), [own.step for own in samples], sample_time)
    if not sparse and not ages:
        return log
    rows = Rows(seconds, seconds, bounds, sample_time)
    made = Columns(LastSamples(rows), linear & sparse, ages=ages)
    for each in zip(channels, samples, limits, strict=True):
        made.add(*each)
    columns = {
        name: column if name in sparse or name not in log.columns else log[name].array
        for name, column in made.columns.items()
    }
    return _frame(log, made, columns, index)


def _channels(
    log: pd.DataFrame, seconds: np.ndarray, bounds: np.ndarray
) -> tuple[list[Channel], list[Samples]]:
    channels, samples = [], []
    shared: dict[bytes | None, Samples] = {}
    for k, name in enumerate(log.columns):
        values = _values(log.iloc[:, k])
        valid = valid_rows(values)
        key = None if valid.all() else digest(valid)
        if key not in shared:
            rows = None if key is None else np.flatnonzero(valid)
            borders = bounds if rows is None else np.searchsorted(rows, bounds)
            shared[key] = sampled(seconds if rows is None else seconds[rows], rows, borders)
        kind = "number" if pd.api.types.is_float_dtype(values.dtype) else "state"
        channels.append(Channel(name, seconds, values, kind=kind))
        samples.append(shared[key])
    return channels, samples


def _values(column: pd.Series) -> Any:
    """Values as numpy has them, or as a pandas array where that has a dtype of its own."""
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


def _as_in(level: pd.Index, seconds: np.ndarray) -> Any:
    """Seconds as stamps of the kind of a level of time, as `time_in_seconds` counts them."""
    if isinstance(level, pd.TimedeltaIndex):
        return pd.to_timedelta(seconds, unit="s")
    if not isinstance(level, pd.DatetimeIndex):
        return seconds
    first, since = level.min(), pd.to_timedelta(seconds, unit="s")
    try:
        return first + since
    except (OverflowError, pd.errors.OutOfBoundsDatetime):  # nanoseconds end in 2262
        return first.as_unit("us") + since.round("us").as_unit("us")


def at_times(index: pd.MultiIndex, seconds: np.ndarray) -> pd.MultiIndex:
    """The index with other times, in seconds as `time_in_seconds` counts them."""
    stamps = _as_in(index.levels[1], seconds)
    ids = index.levels[0].take(index.codes[0])
    return pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))


def _frame(
    log: pd.DataFrame, made: Columns, columns: dict[Any, Any], index: pd.MultiIndex
) -> pd.DataFrame:
    series = [pd.Series(column).reset_index(drop=True) for column in columns.values()]
    frame = pd.concat(series, axis=1)
    frame.columns = pd.Index(list(columns), name=log.columns.name)
    frame.index = index
    frame.attrs = dict(log.attrs)
    if made.lookahead:
        frame.attrs["lookahead"] = made.lookahead + int(log.attrs.get("lookahead", 0))
    return frame


def common_start(log: pd.DataFrame, names: Sequence[Hashable]) -> pd.DataFrame:
    """The log without the rows of a cycle before all of these columns have had a value.

    A column without any value in a cycle does not count there.
    """
    bounds = cycle_bounds(log)
    first = bounds[:-1].copy()
    for name in names:
        valid = valid_rows(_values(log[name]))
        if not valid.all():
            own = [
                begin + int(np.argmax(valid[begin:end])) for begin, end in pairwise(bounds.tolist())
            ]
            np.maximum(first, own, out=first)
    if (first == bounds[:-1]).all():
        return log
    keep = np.arange(len(log)) >= np.repeat(first, np.diff(bounds))
    return log.loc[keep]
