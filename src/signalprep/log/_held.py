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
_KEPT = 20_000_000  # rows, of all channels


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


class LastSamples:
    """The last samples of channels at the rows: looked up once for those that share all of it.

    What was found is kept as long as it is not too much: a log may have far more rows than each of
    many channels has samples.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._found: dict[tuple[Samples, float], Last] = {}

    def of(self, samples: Samples, limit: float) -> Last:
        """For samples that are fresh for `limit` seconds."""
        known = self._found.get((samples, limit))
        if known is not None:
            return known
        same = [last for (own, _), last in self._found.items() if own is samples]
        if same:
            sample, age = same[0].sample, same[0].age
        else:
            sample = last_at(samples, self.rows)
            age = np.full(len(sample), np.nan)
            after = sample >= 0
            age[after] = self.rows.stamps[after] - samples.stamps[sample[after]]
            np.maximum(age, 0.0, out=age)
        fresh = age <= limit * (1.0 + EVEN) + self.rows.tolerance  # NaN is not
        if len(self._found) * len(age) > _KEPT:
            del self._found[next(reversed(self._found))]
        self._found[samples, limit] = last = Last(sample, age, ~fresh)
        return last

    def fresh(self, samples: Sequence[Samples], limits: Sequence[float]) -> np.ndarray:
        """Rows at which a channel is fresh."""
        fresh = np.zeros(len(self.rows.stamps), dtype=bool)
        # The fastest first: mostly it is enough.
        pairs = set(zip(samples, limits, strict=True))
        for own, limit in sorted(pairs, key=lambda pair: -len(pair[0].stamps)):
            fresh |= ~self.of(own, limit).missing
            if fresh.all():
                break
        return fresh

    def known(self, samples: Sequence[Samples], limits: Sequence[float]) -> np.ndarray:
        """Rows from the first sample on of every channel that the cycle has."""
        known = np.ones(len(self.rows.stamps), dtype=bool)
        for own, limit in dict.fromkeys(zip(samples, limits, strict=True)):
            sampled = np.repeat(np.diff(own.bounds) > 0, np.diff(self.rows.bounds))
            known &= (self.of(own, limit).sample >= 0) | ~sampled
        return known

    def chosen(self, keep: np.ndarray) -> LastSamples:
        """The same for some of the rows."""
        if keep.all():
            return self
        fewer = LastSamples(self.rows.chosen(keep))
        fewer._found = {
            key: Last(last.sample[keep], last.age[keep], last.missing[keep])
            for key, last in self._found.items()
        }
        return fewer


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
    if values.dtype.kind in "iu" and not _floats_are_exact(found[~missing]):
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


def _floats_are_exact(whole: np.ndarray) -> bool:
    """Whether float64 holds all of some whole numbers; compared as such, for a float is rounded."""
    return max(int(whole.max(initial=0)), -int(whole.min(initial=0))) <= _EXACT
