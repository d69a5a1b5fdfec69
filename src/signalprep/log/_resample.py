"""Resample a log whose time stamps jitter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._index import LEVELS, cycle_bounds, log_index, time_in_seconds
from signalprep.log._segments import GAP, steps

RESAMPLED_GAP = 3.0  # jittery logs: two neighbours off by 40 % each still belong together


def is_jittery(index: pd.Index, rate: float, jitter: float) -> bool:
    """Whether the log must be resampled; raises when its time contradicts `rate`."""
    index = log_index(index)
    bounds = cycle_bounds(index)
    step, inside = steps(index, bounds)
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


def resample(log: pd.DataFrame, rate: float) -> pd.DataFrame:
    index = log_index(log.index)
    bounds = cycle_bounds(index)
    seconds = time_in_seconds(index)
    step, inside = steps(index, bounds)
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
