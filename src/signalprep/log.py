"""The drive log: a DataFrame indexed by (cycle, time), its cycles, segments and rate.

A *log* has one row a sample, one column a signal, and a MultiIndex with the levels ``cycle`` and
``time``. Rows of a cycle are contiguous and in time order; time is in seconds (float), or a
timedelta or datetime. A *segment* is a maximal run of rows of one cycle at a constant spacing: a
gap ends a segment just as a new cycle does, and filters work segment by segment.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError

__all__ = [
    "as_log",
    "cycle_bounds",
    "cycles",
    "is_log",
    "rate",
    "sample_time",
    "segments",
    "to_samples",
]

LEVELS = ("cycle", "time")
JITTER = 0.01
GAP = 1.5  # a step longer than this many sample times is a gap, a shorter irregular one is jitter
RESAMPLED_GAP = 3.0  # jittery logs: two neighbours off by 40 % each still belong together


def as_log(
    frame: pd.DataFrame | np.ndarray,
    *,
    cycle: Hashable | Iterable[Any] | None = None,
    time: Hashable | None = None,
    rate: float | None = None,
    jitter: float = JITTER,
) -> pd.DataFrame:
    """Make a drive log from a frame and check it.

    Parameters
    ----------
    frame : DataFrame or ndarray of shape (n_samples, n_signals)
        The samples. A frame that already carries the (cycle, time) index is checked and returned.
        The columns of an array are named ``x0``, ``x1``, ...
    cycle : column or index level name, or array-like of shape (n_samples,), default=None
        Which drive cycle each row belongs to. None: the whole frame is one cycle with id 0.
    time : column or index level name, default=None
        Time of each row: seconds (numbers), timedeltas or datetimes.
    rate : float, default=None
        Sampling rate in Hz. Without `time` it builds the time axis. With `time` it is checked
        against it, and a time axis with more jitter than allowed is resampled to this rate by
        linear interpolation, cycle by cycle and never across a gap (a step of more than three
        sample times).
    jitter : float, default=0.01
        Allowed deviation of a time step from the sample time, relative.

    Returns
    -------
    log : DataFrame of shape (n_samples, n_signals)
        Indexed by (cycle, time); `cycle` and `time` are no longer columns.

    Raises
    ------
    InvalidLogError
        Empty frame, text where numbers belong, a missing or mixed-type cycle id, interleaved
        cycles, time that is missing, repeated or goes backwards, jitter beyond `jitter`, a cycle
        at another rate, a time axis that contradicts `rate`.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> frame = pd.DataFrame({"trip": list("aabb"), "i_d": [1.0, 2.0, 3.0, 4.0]})
    >>> sp.as_log(frame, cycle="trip", rate=10.0)
                i_d
    cycle time
    a     0.0   1.0
          0.1   2.0
    b     0.0   3.0
          0.1   4.0
    """
    if rate is not None and not (np.isfinite(rate) and rate > 0):
        raise InvalidParameterError(f"rate must be a positive number in Hz; got {rate!r}")
    if not 0 <= jitter < GAP - 1:
        raise InvalidParameterError(f"jitter must lie in [0, {GAP - 1}); got {jitter!r}")
    frame = _as_frame(frame)
    if is_log(frame) and cycle is None and time is None:
        log = frame
    else:
        log = _with_index(frame, cycle, time, rate)
    _check_columns(log)
    check_index(log.index)
    if rate is not None and time is None and not is_log(frame):
        return log
    if rate is not None and _is_jittery(log.index, rate, jitter):
        return _resample(log, rate)
    segments(log, sample_time=None if rate is None else 1.0 / rate, jitter=jitter)
    return log


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
    index = _index(log)
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
    index = _index(log)
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


def segments(
    log: pd.DataFrame | pd.Series | pd.Index,
    *,
    sample_time: float | None = None,
    jitter: float = JITTER,
) -> np.ndarray:
    """Row borders of the segments: runs of one cycle at constant spacing.

    Parameters
    ----------
    log : DataFrame, Series or Index
        A log, or the index of one.
    sample_time : float, default=None
        Expected spacing in seconds; None takes the log's own.
    jitter : float, default=0.01
        Allowed relative deviation of a step. A step of more than 1.5 sample times is a gap.

    Returns
    -------
    bounds : ndarray of int64 of shape (n_segments + 1,)
        Segment k holds rows ``bounds[k]`` to ``bounds[k + 1] - 1``.

    Raises
    ------
    InvalidLogError
        Time repeated or going backwards, jitter beyond the tolerance, another rate.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> frame = pd.DataFrame({"t": [0.0, 0.1, 0.2, 0.9, 1.0], "i_d": np.arange(5.0)})
    >>> sp.segments(sp.as_log(frame, time="t"))
    array([0, 3, 5])
    """
    index = _index(log)
    bounds = cycle_bounds(index)
    step, inside = _steps(index, bounds)
    if not inside.any():
        return bounds
    _check_order(index, bounds, step, inside)
    dt = _nominal(step[inside]) if sample_time is None else float(sample_time)
    regular = np.abs(step - dt) <= jitter * dt
    if (regular | ~inside).all():
        return bounds
    gap = inside & (step > GAP * dt)
    _check_rate(index, bounds, step, gap, dt)
    irregular = inside & ~regular & ~gap
    if irregular.any():
        row = int(np.argmax(irregular)) + 1
        raise InvalidLogError(
            f"time steps must lie within {jitter:g} (jitter) of the sample time {dt:g} s; "
            f"{_where(index, bounds, row)} follows after {step[row - 1]:.6g} s. "
            f"as_log(..., time=, rate={1 / dt:.4g}) resamples"
        )
    return np.union1d(bounds, np.flatnonzero(gap) + 1).astype(np.int64)


def sample_time(log: pd.DataFrame | pd.Series | pd.Index) -> float:
    """Time between two samples in seconds: the median step inside cycles.

    A value that is a whole rate in Hz but for the rounding of the time stamps (1e-6) is that rate.

    Parameters
    ----------
    log : DataFrame, Series or Index
        A log, or the index of one.

    Raises
    ------
    InvalidLogError
        When no cycle has two rows, so that the rate cannot be known.
    """
    index = _index(log)
    bounds = cycle_bounds(index)
    step, inside = _steps(index, bounds)
    if not inside.any():
        raise InvalidLogError("the rate needs a cycle of at least two rows; every cycle has one")
    _check_order(index, bounds, step, inside)
    return _nominal(step[inside])


def rate(log: pd.DataFrame | pd.Series | pd.Index) -> float:
    """Sampling rate of a log in Hz.

    Parameters
    ----------
    log : DataFrame, Series or Index
        A log, or the index of one.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> sp.rate(sp.as_log(np.zeros((50, 2)), rate=10.0))
    10.0
    """
    return 1.0 / sample_time(log)


def to_samples(length: int | str, sample_time: float | None, name: str) -> int:
    """Give a length in samples: an int as it is, a duration ("0.5s") by the sample time.

    Parameters
    ----------
    length : int or str
        Samples, or a duration as pandas reads it ("0.5s", "10min").
    sample_time : float or None
        Seconds between samples; None when the data carry no time.
    name : str
        The parameter's name, for the message.
    """
    if isinstance(length, (int, np.integer)) and not isinstance(length, (bool, np.bool_)):
        if length < 1:
            raise InvalidParameterError(f"{name} must be at least 1 sample; got {length}")
        return int(length)
    if not isinstance(length, str):
        raise InvalidParameterError(
            f"{name} must be a number of samples (int) or a duration such as '0.5s'; got {length!r}"
        )
    duration = pd.to_timedelta(length, errors="coerce")
    if duration is pd.NaT:
        raise InvalidParameterError(
            f"{name} must be a duration such as '0.5s' or '10min'; got {length!r}"
        )
    seconds = duration.total_seconds()
    if sample_time is None:
        raise InvalidParameterError(
            f"{name}={length!r} is a duration and needs a log with a time axis (see as_log); "
            "these data have none: give samples"
        )
    samples = round(seconds / sample_time)
    if samples < 1:
        raise InvalidParameterError(
            f"{name}={length!r} is shorter than one sample of {sample_time:g} s"
        )
    return samples


def check_index(index: pd.Index) -> None:
    """Raise InvalidLogError unless the index is in order: ids, contiguity, time."""
    index = _index(index)
    types = {type(value) for value in index.levels[0].tolist()}
    if len(types) > 1 and not all(issubclass(kind, (int, float)) for kind in types):
        names = ", ".join(sorted(kind.__name__ for kind in types))
        raise InvalidLogError(f"cycle ids must be of one type; found {names}")
    bounds = cycle_bounds(index)
    step, inside = _steps(index, bounds)
    _check_order(index, bounds, step, inside)


def time_in_seconds(index: pd.MultiIndex) -> np.ndarray:
    """Time level as float seconds; datetimes count from the earliest stamp of the level."""
    level = index.levels[1]
    if isinstance(level, pd.DatetimeIndex):
        seconds = (level - level.min()).total_seconds().to_numpy()
    elif isinstance(level, pd.TimedeltaIndex):
        seconds = level.total_seconds().to_numpy()
    elif pd.api.types.is_numeric_dtype(level.dtype) and level.dtype != bool:
        seconds = level.to_numpy(dtype=np.float64)
    else:
        raise InvalidLogError(
            f"time must be seconds, timedeltas or datetimes; got values of type {level.dtype}"
        )
    return seconds[index.codes[1]]


def moved_in_time(index: pd.MultiIndex, seconds: np.ndarray) -> pd.MultiIndex:
    """The index with each time stamp moved on by so many seconds."""
    stamps: Any = index.get_level_values("time")
    if isinstance(stamps, (pd.DatetimeIndex, pd.TimedeltaIndex)):
        stamps = stamps + pd.to_timedelta(seconds, unit="s")
    else:
        stamps = stamps.to_numpy(dtype=np.float64) + seconds
    ids = index.get_level_values("cycle")
    return pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))


def locate(index: pd.Index | None, row: int) -> str:
    """Words for a row in messages: its cycle, its place there and its time."""
    if index is None or not is_log(index):
        return f"row {row}"
    return _where(_index(index), cycle_bounds(index), row)


def shown(value: Any) -> str:
    """Repr of an id or value as a user wrote it, without numpy's type."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _index(log: pd.DataFrame | pd.Series | pd.Index) -> pd.MultiIndex:
    index = log if isinstance(log, pd.Index) else log.index
    if not isinstance(index, pd.MultiIndex) or tuple(index.names) != LEVELS:
        raise InvalidLogError(
            f"a log is indexed by the levels {list(LEVELS)} (see as_log); "
            f"got an index with levels {list(index.names)}"
        )
    return index


def _as_frame(frame: pd.DataFrame | np.ndarray) -> pd.DataFrame:
    if isinstance(frame, np.ndarray):
        if frame.ndim != 2:
            raise InvalidLogError(
                f"frame must be two-dimensional (samples, signals); got {frame.ndim}-D"
            )
        frame = pd.DataFrame(frame, columns=[f"x{k}" for k in range(frame.shape[1])])
    if not isinstance(frame, pd.DataFrame):
        raise InvalidLogError(f"frame must be a DataFrame or a 2-D array; got {type(frame)}")
    if len(frame) == 0:
        raise InvalidLogError("a log needs at least one row; got none")
    return frame


def _with_index(
    frame: pd.DataFrame, cycle: Any, time: Hashable | None, rate: float | None
) -> pd.DataFrame:
    if time is None and rate is None:
        raise InvalidParameterError(
            "as_log needs time= (a column) or rate= (Hz) to know when samples were taken; "
            "got neither"
        )
    used = [name for name in (cycle, time) if isinstance(name, Hashable) and name is not None]
    ids = _ids(frame, cycle)
    if pd.isna(ids).any():
        row = int(np.argmax(pd.isna(ids)))
        raise InvalidLogError(f"the cycle id of every row must be known; row {row} has none")
    if time is not None:
        stamps = _column(frame, time, "time")
    else:
        codes = pd.factorize(ids)[0]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1))
        lengths = np.diff(np.append(starts, len(codes)))
        stamps = (np.arange(len(codes)) - np.repeat(starts, lengths)) / rate
    log = frame.drop(columns=[name for name in used if name in frame.columns])
    log.index = pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))
    return log


def _ids(frame: pd.DataFrame, cycle: Any) -> Any:
    if cycle is None:
        return np.zeros(len(frame), dtype=np.int64)
    if isinstance(cycle, Hashable):
        return _column(frame, cycle, "cycle")
    if isinstance(cycle, pd.Series) and not cycle.index.equals(frame.index):
        raise InvalidLogError("cycle must have the index of the frame; got another index")
    ids = pd.Series(cycle).array  # numpy would turn [1, "1"] and ["a", nan] into text
    if len(ids) != len(frame):
        raise InvalidLogError(f"cycle must have one id a row ({len(frame)}); got {len(ids)}")
    return ids


def _column(frame: pd.DataFrame, name: Any, parameter: str) -> Any:
    if name in frame.columns:
        column = frame[name]
        if isinstance(column, pd.DataFrame):
            raise InvalidLogError(f"{parameter}={name!r} names {column.shape[1]} columns")
        return column.array
    if name in frame.index.names:
        return frame.index.get_level_values(name)
    raise InvalidLogError(
        f"{parameter}={name!r} must be a column or index level; columns are {list(frame.columns)}"
    )


def _check_columns(log: pd.DataFrame) -> None:
    if log.shape[1] == 0:
        raise InvalidLogError("a log needs at least one signal; got zero columns")
    if not log.columns.is_unique:
        name = log.columns[log.columns.duplicated()][0]
        raise InvalidLogError(f"column names must be unique; {name!r} occurs more than once")
    for column, dtype in log.dtypes.items():
        if pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype):
            numbers = pd.to_numeric(log[column], errors="coerce").notna().to_numpy()
            if numbers.any():
                row = int(np.argmax(numbers))
                text = log[column].iloc[row]
                raise InvalidLogError(
                    f"column {column!r} holds numbers as text ({text!r} at row {row}); "
                    "convert it first (pandas.to_numeric, or read_log(..., coerce=True))"
                )


def _steps(index: pd.MultiIndex, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Time steps between neighbouring rows, and which of them lie inside a cycle."""
    missing = index.codes[1] < 0
    if missing.any():
        row = int(np.argmax(missing))
        raise InvalidLogError(f"time must be known; {_where(index, bounds, row)} has none")
    seconds = time_in_seconds(index)
    finite = np.isfinite(seconds)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InvalidLogError(f"time must be finite; {_where(index, bounds, row)} is not")
    step = np.diff(seconds)
    inside = np.ones(len(step), dtype=bool)
    inside[bounds[1:-1] - 1] = False
    return step, inside


def _check_order(
    index: pd.MultiIndex, bounds: np.ndarray, step: np.ndarray, inside: np.ndarray
) -> None:
    wrong = inside & ~(step > 0)
    if wrong.any():
        row = int(np.argmax(wrong)) + 1
        what = "repeats the time before it" if step[row - 1] == 0 else "goes back in time"
        raise InvalidLogError(f"time must increase; {_where(index, bounds, row)} {what}")


def _check_rate(
    index: pd.MultiIndex, bounds: np.ndarray, step: np.ndarray, gap: np.ndarray, dt: float
) -> None:
    """Many gaps in a cycle are another rate, not gaps."""
    cumulated = np.concatenate(([0], np.cumsum(gap)))
    n_gaps = cumulated[bounds[1:] - 1] - cumulated[bounds[:-1]]
    n_steps = np.diff(bounds) - 1
    wrong = (n_steps >= 4) & (2 * n_gaps > n_steps)
    if wrong.any():
        k = int(np.argmax(wrong))
        name = index.levels[0][index.codes[0][bounds[k]]]
        own = float(np.median(step[bounds[k] : bounds[k + 1] - 1]))
        raise InvalidLogError(
            f"the sample time must be {dt:g} s (rate {1 / dt:g} Hz); most rows of cycle "
            f"{shown(name)} follow after {own:g} s: another rate, or rows were left out"
        )


def _nominal(step: np.ndarray) -> float:
    dt = float(np.median(step))
    hertz = round(1.0 / dt)
    if hertz >= 1 and abs(1.0 / dt - hertz) <= 1e-6 * hertz:
        return 1.0 / hertz
    whole = round(dt)
    if whole >= 1 and abs(dt - whole) <= 1e-6 * whole:
        return float(whole)
    return dt


def _where(index: pd.MultiIndex, bounds: np.ndarray, row: int) -> str:
    k = int(np.searchsorted(bounds, row, side="right")) - 1
    name = index.levels[0][index.codes[0][row]]
    code = index.codes[1][row]
    stamp = "unknown" if code < 0 else index.levels[1][code]
    moment = f"{stamp:.6g} s" if isinstance(stamp, (int, float)) else str(stamp)
    return f"cycle {shown(name)}, row {row - bounds[k]} of it (row {row} in all, time {moment})"


def _is_jittery(index: pd.Index, rate: float, jitter: float) -> bool:
    """Whether the log must be resampled; raises when its time contradicts `rate`."""
    index = _index(index)
    bounds = cycle_bounds(index)
    step, inside = _steps(index, bounds)
    step = step[inside]
    if len(step) == 0:
        return False
    dt = float(np.median(step))
    regular = bool((np.abs(step - dt) <= jitter * dt)[step <= GAP * dt].all())
    if regular:
        found, allowed = dt, jitter
    else:
        found, allowed = float(step[step <= RESAMPLED_GAP * dt].mean()), 0.05
    if abs(found * rate - 1.0) > allowed + 1e-9:
        raise InvalidLogError(
            f"rate={rate:g} Hz contradicts the time axis, which has {1 / found:.6g} Hz; "
            "use Decimator to lower the rate of a log"
        )
    return not regular


def _resample(log: pd.DataFrame, rate: float) -> pd.DataFrame:
    index = _index(log.index)
    bounds = cycle_bounds(index)
    seconds = time_in_seconds(index)
    step, inside = _steps(index, bounds)
    cuts = np.union1d(bounds, np.flatnonzero(inside & (step * rate > RESAMPLED_GAP)) + 1)
    grids, codes = [], []
    for first, last in pairwise(cuts):
        n = int(np.floor((seconds[last - 1] - seconds[first]) * rate + 1e-9)) + 1
        grids.append(seconds[first] + np.arange(n) / rate)
        codes.append(np.full(n, index.codes[0][first]))
    pieces = [(slice(*cut), grid) for cut, grid in zip(pairwise(cuts), grids, strict=True)]
    held = np.concatenate(
        [
            piece.start + np.searchsorted(seconds[piece], grid + 1e-9, side="right") - 1
            for piece, grid in pieces
        ]
    )
    columns = [_resampled(column, seconds, pieces, held) for _, column in log.items()]
    stamps: Any = np.concatenate(grids)
    level = index.levels[1]
    if isinstance(level, pd.TimedeltaIndex):
        stamps = pd.to_timedelta(stamps, unit="s")
    elif isinstance(level, pd.DatetimeIndex):
        stamps = level.min() + pd.to_timedelta(stamps, unit="s")
    ids = index.levels[0].take(np.concatenate(codes))
    resampled = pd.concat(columns, axis=1).set_axis(log.columns, axis=1)
    resampled.index = pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))
    return resampled


def _resampled(
    column: pd.Series,
    seconds: np.ndarray,
    pieces: list[tuple[slice, np.ndarray]],
    held: np.ndarray,
) -> pd.Series:
    """Numbers by linear interpolation piece by piece, all else by holding the row before."""
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype) or not pd.api.types.is_numeric_dtype(dtype):
        return column.iloc[held].reset_index(drop=True)
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    drawn = [np.interp(grid, seconds[piece], numbers[piece]) for piece, grid in pieces]
    values = pd.Series(np.concatenate(drawn))
    return values.astype(dtype) if pd.api.types.is_float_dtype(dtype) else values
