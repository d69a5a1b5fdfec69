"""The rows of a log, or of something that is not one yet, as plain arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.log import GAP, cycle_columns, is_log, joined_ids, why_no_log


@dataclass
class Samples:
    """Arrays of a log that may be broken.

    Attributes
    ----------
    channels : the signals.
    ids : cycle ids in order of appearance.
    codes : position in `ids` of each row, -1 without an id.
    seconds : time of each row, NaN where it is unknown.
    """

    channels: pd.DataFrame
    ids: list[Any]
    codes: np.ndarray
    seconds: np.ndarray

    @property
    def order(self) -> np.ndarray:
        """Rows sorted by cycle; within a cycle as they come. Rows without a cycle go first."""
        if (self.codes[1:] >= self.codes[:-1]).all():
            return np.arange(len(self.codes))
        return np.argsort(self.codes, kind="stable")

    def breaks(self, sample_time: float) -> np.ndarray:
        """Whether the time runs on from each row to the next, without a gap or a new cycle."""
        step = np.diff(self.seconds)
        runs_on = (self.codes[1:] == self.codes[:-1]) & (step > 0) & (step <= GAP * sample_time)
        return ~runs_on

    def place(self, row: int) -> str:
        """Words for a row."""
        code = self.codes[row]
        if code < 0:
            return f"row {row}"
        within = int((self.codes[:row] == code).sum())
        return f"cycle {self.ids[code]!r}, row {within} of it (row {row} in all)"


def samples(
    data: pd.DataFrame | np.ndarray,
    cycle: Hashable | Iterable[Any] | None,
    time: Hashable | None,
    rate: float | None,
) -> Samples:
    """Take the arrays out of a log, a frame or an array; broken order is no error here."""
    if isinstance(data, np.ndarray):
        if data.ndim != 2:
            raise InvalidParameterError(f"data must be two-dimensional; got {data.ndim}-D")
        data = pd.DataFrame(data, columns=[f"x{k}" for k in range(data.shape[1])])
        rate = 1.0 if rate is None and time is None else rate
    if not isinstance(data, pd.DataFrame):
        raise InvalidParameterError(
            f"data must be a DataFrame or a 2-D array; {why_no_log(data, 'data')}"
        )
    if is_log(data) and cycle is None and time is None:
        cycle, time = "cycle", "time"
    if time is None and rate is None:
        raise InvalidParameterError(
            "check_log needs a log, time= (a column) or rate= (Hz); got neither. data is no log: "
            f"{why_no_log(data, 'data')}"
        )
    named = cycle_columns(data, cycle)
    codes, ids = _codes(data, cycle, named)
    channels = data.drop(columns=[name for name in (*named, time) if name in data.columns])
    channels.attrs = {}  # pandas copies them deeply with every column
    if time is None:
        seconds = _counted(codes, float(rate or 1.0))
    else:
        seconds = _seconds(_column(data, time, "time"))
    return Samples(channels, ids, codes, seconds)


def _column(frame: pd.DataFrame, name: Hashable, parameter: str) -> Any:
    if name in frame.columns:
        return frame[name]
    if name in frame.index.names:
        return frame.index.get_level_values(frame.index.names.index(name))
    raise InvalidParameterError(
        f"{parameter}={name!r} must be a column or index level; columns are {list(frame.columns)}"
    )


def _codes(frame: pd.DataFrame, cycle: Any, named: list[Hashable]) -> tuple[np.ndarray, list[Any]]:
    if cycle is None:
        return np.zeros(len(frame), dtype=np.intp), [0]
    parts = {name: _column(frame, name, "cycle") for name in named}
    ids = joined_ids(parts) if len(parts) > 1 else parts[named[0]] if parts else cycle
    ids = pd.Series(ids, dtype=object) if isinstance(ids, (list, tuple)) else pd.Series(ids)
    if len(ids) != len(frame):
        raise InvalidParameterError(f"cycle must have one id a row ({len(frame)}); got {len(ids)}")
    codes, unique = pd.factorize(ids)
    return codes, unique.tolist()


def _counted(codes: np.ndarray, rate: float) -> np.ndarray:
    """Time from counting the rows of each run of one cycle."""
    if len(codes) == 0:
        return np.empty(0)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1))
    lengths = np.diff(np.append(starts, len(codes)))
    return (np.arange(len(codes)) - np.repeat(starts, lengths)) / rate


def _seconds(stamps: Any) -> np.ndarray:
    """Seconds; stamps that cannot be read as time are unknown."""
    stamps = pd.Series(stamps).reset_index(drop=True)
    if isinstance(stamps.dtype, pd.DatetimeTZDtype) or stamps.dtype.kind == "M":
        return (stamps - stamps.min()).dt.total_seconds().to_numpy(dtype=np.float64)
    if stamps.dtype.kind == "m":
        return stamps.dt.total_seconds().to_numpy(dtype=np.float64)
    if stamps.dtype.kind in "iuf":
        return stamps.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.full(len(stamps), np.nan)
