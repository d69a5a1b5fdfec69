"""Values of a channel at the rows of a clock: held, drawn between two samples, or averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.log._samples import Samples

_EXACT = 2**53  # whole numbers up to this are floats


def last_at(
    samples: Samples, times: np.ndarray, bounds: np.ndarray, tolerance: float
) -> np.ndarray:
    """Number of the last sample that is not later than each row, -1 where there is none.

    Parameters
    ----------
    samples : Samples
    times : ndarray of shape (n_rows,)
        Seconds.
    bounds : ndarray of int64 of shape (n_cycles + 1,)
        Borders of the cycles among the rows, the cycles of `samples`.
    tolerance : float
        Seconds by which a stamp may be later.
    """
    if len(samples.stamps) == len(times) and _same(samples.stamps, times):
        return np.arange(len(times))
    before = np.empty(len(times), dtype=np.int64)
    rows = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    for (first, last), (begin, end) in zip(samples.spans, rows, strict=True):
        own = samples.stamps[first:last]
        count = np.searchsorted(own, times[begin:end] + tolerance, side="right")
        before[begin:end] = np.where(count > 0, count + (first - 1), -1)
    return before


def _same(stamps: np.ndarray, times: np.ndarray) -> bool:
    return stamps is times or bool((stamps == times).all())


def held(values: Any, source: np.ndarray, missing: np.ndarray | None) -> Any:
    """Values at the rows `source`, missing where `missing` says so; of the same dtype if it can.

    Whole numbers and flags become floats, or a dtype that knows missing values where a float is
    not exact.
    """
    if missing is not None and not missing.any():
        missing = None
    if len(values) == 0:
        return np.full(len(source), np.nan)
    if not isinstance(values, np.ndarray):
        if missing is None:
            return values.take(source)
        return values.take(np.where(missing, -1, source), allow_fill=True)
    if missing is None:
        return values[source]
    found = values[np.where(missing, 0, source)]
    if values.dtype.kind in "iu" and (np.abs(found.astype(np.float64)) >= _EXACT).any():
        return pd.arrays.IntegerArray(found, missing.copy())
    if values.dtype.kind in "biu":
        found = found.astype(np.float64)
    elif values.dtype.kind in "US":
        found = found.astype(object)
    found[missing] = None if found.dtype == object else np.nan
    return found
