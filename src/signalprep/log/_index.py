"""The index of a log: its cycles, its time, and words for a place in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError

LEVELS = ("cycle", "time")
BEYOND = (OverflowError, pd.errors.OutOfBoundsDatetime, pd.errors.OutOfBoundsTimedelta)


def is_log(data: Any) -> bool:
    """Tell whether `data` carries the (cycle, time) index.

    Parameters
    ----------
    data : DataFrame, Series, Index or anything else
    """
    index = data if isinstance(data, pd.Index) else getattr(data, "index", None)
    return isinstance(index, pd.MultiIndex) and tuple(index.names) == LEVELS


def cycles(log: pd.DataFrame | pd.Series | pd.Index) -> pd.Index:
    """Ids of the cycles, in the order of the rows.

    Parameters
    ----------
    log : DataFrame, Series or Index
        A log, or the index of one.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((4, 1)), cycle=["b", "b", "a", "a"], rate=1.0)
    >>> list(sp.log.cycles(log))
    ['b', 'a']
    """
    index = log_index(log)
    return index.levels[0].take(index.codes[0][cycle_bounds(index)[:-1]])


def cycle_bounds(log: pd.DataFrame | pd.Series | pd.Index) -> np.ndarray:
    """Row borders of the cycles: cycle k holds rows ``bounds[k]`` to ``bounds[k + 1] - 1``.

    Parameters
    ----------
    log : DataFrame, Series or Index
        A log, or the index of one.

    Raises
    ------
    InvalidLogError
        When the rows of a cycle are not contiguous or an id is missing.
    """
    index = log_index(log)
    codes = index.codes[0]
    borders = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    bounds = np.concatenate(([0], borders, [len(codes)])).astype(np.int64)
    if len(codes) == 0:
        raise InvalidLogError("a log needs at least one row; got none")
    first = codes[bounds[:-1]]
    if (first < 0).any():
        row = int(bounds[np.argmax(first < 0)])
        raise InvalidLogError(f"the cycle id of every row must be known; row {row} has none")
    if np.unique(first).size < first.size:
        seen: set[int] = set()
        for code, row in zip(first.tolist(), bounds[:-1].tolist(), strict=True):
            if code in seen:
                name = index.levels[0][code]
                raise InvalidLogError(
                    f"rows of a cycle must be contiguous; cycle {shown(name)} starts again at "
                    f"row {row} (interleaved cycles or shuffled rows)"
                )
            seen.add(code)
    return bounds


def time_in_seconds(index: pd.MultiIndex) -> np.ndarray:
    """Time of each row as float seconds; datetimes count from the earliest stamp of the level."""
    return level_in_seconds(index)[index.codes[1]]


def level_in_seconds(index: pd.MultiIndex) -> np.ndarray:
    """Stamps of the time level, one for each code, as float seconds."""
    level = index.levels[1]
    if isinstance(level, pd.DatetimeIndex):
        seconds = _since_the_earliest(level).total_seconds().to_numpy()
    elif isinstance(level, pd.TimedeltaIndex):
        seconds = level.total_seconds().to_numpy()
    elif pd.api.types.is_numeric_dtype(level.dtype) and level.dtype != bool:
        seconds = level.to_numpy(dtype=np.float64)
    else:
        raise InvalidLogError(
            f"time must be seconds, timedeltas or datetimes; got values of type {level.dtype}"
        )
    return np.asarray(seconds)


def _since_the_earliest(level: pd.DatetimeIndex) -> pd.TimedeltaIndex:
    try:
        return level - level.min()
    except OverflowError:  # nanoseconds count 292 years
        level = level.as_unit("us")
        return level - level.min()


def moved_in_time(index: pd.MultiIndex, seconds: np.ndarray) -> pd.MultiIndex:
    """The index with each time stamp moved on by so many seconds.

    Datetimes and timedeltas come out in nanoseconds, or in microseconds where the former do not
    reach (datetimes before 1678 and after 2261).
    """
    stamps: Any = index.get_level_values("time")
    if isinstance(stamps, (pd.DatetimeIndex, pd.TimedeltaIndex)):
        stamps = _moved(stamps, pd.to_timedelta(seconds, unit="s"))
    else:
        stamps = stamps.to_numpy(dtype=np.float64) + seconds
    ids = index.get_level_values("cycle")
    return pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))


def _moved(stamps: Any, shift: pd.TimedeltaIndex) -> Any:
    try:
        return stamps + shift
    except BEYOND:
        pass
    try:
        return stamps.as_unit("us") + shift.round("us").as_unit("us")
    except BEYOND:
        first, last = stamps.to_numpy()[[0, -1]]
        raise InvalidLogError(
            f"time must lie in a range that microseconds can count; got {first} to {last}"
        ) from None


def locate(index: pd.Index | None, row: int) -> str:
    """Words for a row in messages: its cycle, its place there and its time."""
    if index is None or not is_log(index):
        return f"row {row}"
    return where(log_index(index), cycle_bounds(index), row)


def shown(value: Any) -> str:
    """Repr of an id or value as a user wrote it, without numpy's type."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def log_index(log: pd.DataFrame | pd.Series | pd.Index) -> pd.MultiIndex:
    index = log if isinstance(log, pd.Index) else log.index
    if not isinstance(index, pd.MultiIndex) or tuple(index.names) != LEVELS:
        raise InvalidLogError(
            f"a log is indexed by the levels {list(LEVELS)} (see as_log); "
            f"got an index with levels {list(index.names)}"
        )
    return index


def where(index: pd.MultiIndex, bounds: np.ndarray, row: int) -> str:
    k = int(np.searchsorted(bounds, row, side="right")) - 1
    name = index.levels[0][index.codes[0][row]]
    code = index.codes[1][row]
    stamp = "unknown" if code < 0 else index.levels[1][code]
    moment = f"{stamp:.6g} s" if isinstance(stamp, (int, float)) else str(stamp)
    return f"cycle {shown(name)}, row {row - bounds[k]} of it (row {row} in all, time {moment})"
