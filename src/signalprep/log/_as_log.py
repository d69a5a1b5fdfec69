"""as_log: a drive log from a frame, checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._clock import check_choice
from signalprep.log._cycle_ids import cycle_columns, joined_ids, refuse_missing_ids
from signalprep.log._foreign import as_pandas
from signalprep.log._index import LEVELS, is_log, time_in_seconds
from signalprep.log._lookalike import is_foreign, why_no_log
from signalprep.log._restarts import restarted_cycles, without_repeats
from signalprep.log._segments import GAP, JITTER, check_index
from signalprep.log._table import common_start, held_in_place, resampled
from signalprep.log._time_axis import evened, evened_at


def as_log(
    frame: Any,
    *,
    cycle: Hashable | Iterable[Any] | None = None,
    time: Hashable | None = None,
    rate: float | None = None,
    jitter: float = JITTER,
    interpolate: str | Sequence[Hashable] | None = None,
    hold: Any = "auto",
    start: str = "first",
    ages: bool = False,
    duplicates: str = "raise",
) -> pd.DataFrame:
    """Make a drive log from a frame and check it.

    Parameters
    ----------
    frame : DataFrame or ndarray of shape (n_samples, n_signals)
        The samples. A frame that already carries the (cycle, time) index is checked and returned.
        A frame of polars, or of what else narwhals knows, becomes one of pandas (extra
        ``polars``).
        The columns of an array are named ``x0``, ``x1``, ...
    cycle : column or index level name, list of them, or array-like of shape (n_samples,)
        Which drive cycle each row belongs to. None (default): the whole frame is one cycle with id
        0. Several columns, ``["vehicle", "trip"]``, give ids of text, ``"3/a"``, whose parts tell
        groups of cycles: ``groups=lambda cycle: cycle.split("/")[0]``. A "/" that stands in a
        column stays, and such ids must not be split so. A list of which an entry names no column
        holds ids of rows.
        "reset" (where that is no column): cycles 0, 1, 2, ..., the next wherever `time` starts
        anew.
    time : column or index level name, default=None
        Time of each row: seconds (numbers), timedeltas or datetimes.
    rate : float, default=None
        Sampling rate in Hz. Without `time` it builds the time axis. With `time` it is checked
        against it, and a time axis with more jitter than allowed is brought onto a grid at this
        rate, cycle by cycle and anew after each gap (where no column is fresh): a row has the last
        value of each column up to its time. With `rate`, too, columns that were sampled more slowly
        than the rows (blanks between their values, two rows or more from one to the next) keep
        their last value in the rows between. Without it values stay as they are.
    jitter : float, default=0.01
        Allowed deviation of a time step from the sample time, relative.
    interpolate : "linear" or list of columns, default=None
        With `rate`: draw straight lines between values instead of holding the last, for all
        columns of floats that are not whole throughout, or those named. Rows then hold values of
        the future, at most ``log.attrs["lookahead"]`` rows of it. Integers, flags, categories,
        text and wrapped angles are only ever held.
    hold : "auto", float, str, None, or mapping of column to one of these, default="auto"
        With `rate`: how old a held value may be, in seconds or as a duration ("5s"); what is older
        is missing. "auto" is three times the median step of the column; None is no limit.
    start : {"first", "common"}, default="first"
        "common" leaves out the rows of a cycle before every column has had a value there.
    ages : bool, default=False
        With `rate`: add ``<name>.age`` for each column, the seconds since its last value.
    duplicates : {"raise", "last"}, default="raise"
        Of rows of a cycle with one stamp, raise or make one: the last value of each column.

    Returns
    -------
    log : DataFrame of shape (n_samples, n_signals)
        Indexed by (cycle, time); `cycle` and `time` are no longer columns. Stamps that are an even
        grid, rounded (30 Hz as 0.033, 0.067, 0.1), are put on that grid where the rounding would
        count as jitter. Held columns keep their dtype where no value is missing.

    Raises
    ------
    InvalidLogError
        Empty frame, text where numbers belong, a missing or mixed-type cycle id, interleaved
        cycles, several columns of which two rows would give one id ("a/b" and "c", "a" and "b/c"),
        time that is missing, repeated or goes backwards, jitter beyond `jitter`, a cycle at another
        rate, a time axis that contradicts `rate`.
    InvalidParameterError
        What is no choice or no column, and `interpolate`, `hold` or `ages` without `rate`.

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
    _check_options(rate, jitter, interpolate, hold, start, ages, duplicates)
    frame = _as_frame(frame)
    if is_log(frame) and cycle is None and time is None:
        log = frame
    else:
        log = _with_index(frame, cycle, time, rate)
    _check_columns(log)
    if duplicates == "last":
        log = without_repeats(log)
    check_index(log.index)
    names = list(log.columns)
    if rate is None:
        log = evened(log, jitter)
    else:
        timed = time is not None or is_log(frame)
        log, jittery = evened_at(log, rate, jitter) if timed else (log, False)
        if jittery:
            log = resampled(log, rate, interpolate=interpolate, hold=hold, ages=ages)
        else:
            log = held_in_place(log, 1.0 / rate, interpolate=interpolate, hold=hold, ages=ages)
    return common_start(log, names) if start == "common" else log


def _check_options(
    rate: float | None,
    jitter: float,
    interpolate: Any,
    hold: Any,
    start: str,
    ages: bool,
    duplicates: str,
) -> None:
    if rate is not None and not (np.isfinite(rate) and rate > 0):
        raise InvalidParameterError(f"rate must be a positive number in Hz; got {rate!r}")
    if not 0 <= jitter < GAP - 1:
        raise InvalidParameterError(f"jitter must lie in [0, {GAP - 1}); got {jitter!r}")
    check_choice("start", start, ("first", "common"))
    check_choice("duplicates", duplicates, ("raise", "last"))
    if rate is not None:
        return
    held = not isinstance(hold, str) or hold != "auto"
    for parameter, asked in (
        ("interpolate", interpolate is not None),
        ("hold", held),
        ("ages", bool(ages)),
    ):
        if asked:
            raise InvalidParameterError(
                f"{parameter}= says how columns are brought onto the grid of rate=; got no rate"
            )


def _as_frame(frame: Any) -> pd.DataFrame:
    if isinstance(frame, np.ndarray):
        if frame.ndim != 2:
            raise InvalidLogError(
                f"frame must be two-dimensional (samples, signals); got {frame.ndim}-D"
            )
        frame = pd.DataFrame(frame, columns=[f"x{k}" for k in range(frame.shape[1])])
    if is_foreign(frame):
        frame = as_pandas(frame)
    if not isinstance(frame, pd.DataFrame):
        raise InvalidLogError(
            f"frame must be a DataFrame or a 2-D array; {why_no_log(frame, 'frame')}"
        )
    if len(frame) == 0:
        raise InvalidLogError("a log needs at least one row; got none")
    return frame


def _with_index(
    frame: pd.DataFrame, cycle: Any, time: Hashable | None, rate: float | None
) -> pd.DataFrame:
    if time is None and rate is None and frame.index.nlevels > 1:
        raise InvalidLogError(
            "frame must be indexed by (cycle, time) where as_log is not told what they are; "
            f"{why_no_log(frame, 'frame')}"
        )
    if time is None and rate is None:
        raise InvalidParameterError(
            "as_log needs time= (a column) or rate= (Hz) to know when samples were taken; "
            "got neither"
        )
    reset = _is_reset(frame, cycle)
    named = [] if reset else cycle_columns(frame, cycle)
    if reset and time is None:
        raise InvalidParameterError("cycle='reset' needs time= to see where it starts anew")
    ids = _restarted(_column(frame, time, "time")) if reset else _ids(frame, cycle, named)
    refuse_missing_ids(ids)
    if time is not None:
        stamps = _column(frame, time, "time")
    else:
        codes = pd.factorize(pd.Index(ids))[0]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1))
        lengths = np.diff(np.append(starts, len(codes)))
        stamps = (np.arange(len(codes)) - np.repeat(starts, lengths)) / rate
    log = frame.drop(columns=[name for name in (*named, time) if name in frame.columns])
    log.index = pd.MultiIndex.from_arrays([ids, stamps], names=list(LEVELS))
    return log


def _is_reset(frame: pd.DataFrame, cycle: Any) -> bool:
    if not isinstance(cycle, str) or cycle != "reset":
        return False
    return cycle not in frame.columns and cycle not in frame.index.names


def _restarted(stamps: Any) -> np.ndarray:
    if pd.isna(stamps).any():
        return np.zeros(len(stamps), dtype=np.int64)  # refused with its row in check_index
    return restarted_cycles(
        time_in_seconds(
            pd.MultiIndex.from_arrays([np.zeros(len(stamps)), stamps], names=list(LEVELS))
        )
    )


def _ids(frame: pd.DataFrame, cycle: Any, named: list[Hashable]) -> Any:
    if cycle is None:
        return np.zeros(len(frame), dtype=np.int64)
    parts = {name: _column(frame, name, "cycle") for name in named}
    for name, part in parts.items():
        refuse_missing_ids(part, name)
    if parts:
        return joined_ids(parts) if len(parts) > 1 else parts[named[0]]
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
