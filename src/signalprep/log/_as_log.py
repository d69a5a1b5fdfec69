"""as_log: a drive log from a frame, checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._index import LEVELS, is_log
from signalprep.log._resample import is_jittery, resample
from signalprep.log._segments import GAP, JITTER, check_index, segments


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
    if rate is not None and is_jittery(log.index, rate, jitter):
        return resample(log, rate)
    segments(log, sample_time=None if rate is None else 1.0 / rate, jitter=jitter)
    return log


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
