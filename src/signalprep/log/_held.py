"""The last sample of a channel at each row of a clock, and how old it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.log._rows import Rows
from signalprep.log._samples import EVEN, Samples

_EXACT = 2**53  # whole numbers up to this are floats


@dataclass(frozen=True, eq=False)
class Last:
    """The last sample at each row; arrays of shape (n_rows,).

    Attributes
    ----------
    sample : ndarray of int64
        Its number among the samples, -1 where there is none yet.
    age : ndarray of float64
        Seconds since then; NaN where there is none.
    missing : ndarray of bool
        No sample yet, or it is older than the channel is fresh.
    """

    sample: np.ndarray
    age: np.ndarray
    missing: np.ndarray

    def chosen(self, keep: np.ndarray) -> Last:
        """The same for some of the rows."""
        return Last(self.sample[keep], self.age[keep], self.missing[keep])


def last_of_each(samples: Sequence[Samples], limits: Sequence[float], rows: Rows) -> list[Last]:
    """The last sample of each channel at the rows; channels that share all else share this."""
    numbers: dict[Samples, np.ndarray] = {}
    found: dict[tuple[Samples, float], Last] = {}
    for own, limit in zip(samples, limits, strict=True):
        if (own, limit) in found:
            continue
        if own not in numbers:
            numbers[own] = last_at(own, rows)
        number = numbers[own]
        age = np.full(len(number), np.nan)
        known = number >= 0
        age[known] = rows.stamps[known] - own.stamps[number[known]]
        np.maximum(age, 0.0, out=age)
        fresh = age <= limit * (1.0 + EVEN) + rows.tolerance  # NaN is not
        found[own, limit] = Last(number, age, ~fresh)
    return [found[own, limit] for own, limit in zip(samples, limits, strict=True)]


def last_at(samples: Samples, rows: Rows) -> np.ndarray:
    """Number of the last sample that is not later than each row, -1 where there is none.

    A sample is not later when its place on its even grid is not, nor when its stamp is that of the
    row or before, as both were rounded: stamps that are the same may part on their grids.
    """
    number = _last_at(samples.stamps, samples, rows.stamps, rows)
    recorded = rows.stamps if rows.recorded is None else rows.recorded
    if recorded is not rows.stamps or samples.resolution > 0.0:
        times = recorded + 0.5 * samples.resolution
        np.maximum(number, _last_at(samples.recorded, samples, times, rows), out=number)
    return number


def _last_at(stamps: np.ndarray, samples: Samples, times: np.ndarray, rows: Rows) -> np.ndarray:
    if len(stamps) == len(times) and (stamps is times or (stamps == times).all()):
        return np.arange(len(times))
    number = np.empty(len(times), dtype=np.int64)
    spans = zip(rows.bounds[:-1].tolist(), rows.bounds[1:].tolist(), strict=True)
    latest = times + rows.tolerance
    for (first, last), (begin, end) in zip(samples.spans, spans, strict=True):
        count = np.searchsorted(stamps[first:last], latest[begin:end], side="right")
        number[begin:end] = np.where(count > 0, count + (first - 1), -1)
    return number


def held(values: Any, samples: Samples, last: Last) -> Any:
    """Values of the last samples, missing where they are, in the dtype of the values if it can.

    Whole numbers and flags of which some are missing become floats, or a dtype that knows missing
    numbers where a float would not be exact.
    """
    missing = last.missing if last.missing.any() else None
    if len(samples.stamps) == 0:
        return _none(values, len(last.sample))
    source = last.sample if samples.rows is None else samples.rows[last.sample]
    if not isinstance(values, np.ndarray):
        if missing is None:
            return values.take(source)
        return values.take(np.where(missing, -1, source), allow_fill=True)
    if missing is None:
        return values[source]
    found = values[np.where(missing, 0, source)]
    if values.dtype.kind in "iu" and (np.abs(found[~missing].astype(np.float64)) > _EXACT).any():
        return pd.arrays.IntegerArray(found, missing.copy())
    if values.dtype.kind in "biu":
        found = found.astype(np.float64)
    elif values.dtype.kind in "US":
        found = found.astype(object)
    found[missing] = _nothing(found.dtype)
    return found


def _none(values: Any, n_rows: int) -> Any:
    """A column without any value."""
    if not isinstance(values, np.ndarray):
        return values.take(np.full(n_rows, -1), allow_fill=True)
    dtype = values.dtype if values.dtype.kind in "fcOmM" else np.dtype(np.float64)
    return np.full(n_rows, _nothing(dtype), dtype=dtype)


def _nothing(dtype: np.dtype[Any]) -> Any:
    if dtype.kind in "mM":
        return np.array("NaT", dtype=dtype)
    return None if dtype.kind == "O" else np.nan
