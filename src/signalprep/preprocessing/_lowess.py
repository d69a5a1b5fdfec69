"""LOWESS curves of statsmodels, subtracted segment by segment."""

from __future__ import annotations

import numbers

import numpy as np
from numpy.typing import NDArray

from signalprep._base import Signals
from signalprep.errors import InvalidLogError, InvalidParameterError

__all__ = ["check_lowess", "subtract_lowess"]

FEWEST = 4  # numbers that a point of the curve is fitted to: the farthest weighs nothing, and where
# two are the farthest, as with three numbers, the curve would go through every sample
EXACT = 5000  # rows of a segment up to which every point is fitted
ROUNDS = 3  # of reweighting
NO_SCALE = 1e-7  # a median this small next to the mean weighs nothing down; as in R's lowess
SPACING = 0.01  # distance of the fitted points beyond that, as a share of the segment


def check_lowess(signals: Signals, frac: float) -> None:
    """Raise unless `frac` is a share that leaves enough rows of every segment."""
    if not isinstance(frac, numbers.Real) or not 0 < frac <= 1:
        raise InvalidParameterError(f"frac must lie in (0, 1]; got {frac!r}")
    lengths = np.diff(signals.bounds)
    few = np.array([_neighbours(frac, n) < FEWEST for n in lengths])
    if few.any():
        k = int(np.argmax(few))
        raise InvalidParameterError(
            f"frac={frac:g} of every segment must be at least {FEWEST} samples; "
            f"{signals.cycle_of(k)} has a segment of {lengths[k]} samples starting at row "
            f"{signals.bounds[k]}"
        )


def subtract_lowess(
    signals: Signals, channels: NDArray[np.int64], frac: float, omit: bool, out: np.ndarray
) -> None:
    """Fill `out` (n_chosen, n_samples) with the chosen channels less their curves."""
    check_lowess(signals, frac)
    for target, channel in zip(out, channels, strict=True):
        for k, begin in enumerate(signals.bounds[:-1]):
            rows = slice(begin, signals.bounds[k + 1])
            values = signals.values[channel, rows].astype(np.float64)
            there = ~np.isnan(values)
            n = int(there.sum())
            target[rows] = np.nan
            if n == 0 or (n < len(values) and not omit):
                continue
            if _neighbours(frac, n) < FEWEST:
                raise InvalidLogError(
                    f"frac={frac:g} of the numbers of a segment must be at least {FEWEST}; channel "
                    f"{signals.names[channel]!r}, {signals.cycle_of(k)} has {n} in the segment "
                    f"starting at row {begin}"
                )
            target[rows][there] = _rest(np.flatnonzero(there), values[there], frac)


def _neighbours(frac: float, n: int) -> int:
    """Numbers that each point is fitted to, as statsmodels counts them."""
    return int(frac * n + 1e-10)


def _rest(rows: NDArray[np.int64], values: NDArray[np.float64], frac: float) -> NDArray[np.float64]:
    """Distance from the curve; the first number is taken off first, which keeps a constant 0."""
    from statsmodels.nonparametric.smoothers_lowess import lowess

    distance = values - values[0]
    if not distance.any():
        return distance
    time = rows.astype(np.float64)
    delta = SPACING * (time[-1] - time[0]) if len(time) > EXACT else 0.0
    for rounds in range(ROUNDS, -1, -1):
        curve = lowess(
            distance, time, frac, rounds, delta=delta, is_sorted=True, return_sorted=False
        )
        rest = distance - np.asarray(curve)
        size = np.abs(rest)
        if np.median(size) > NO_SCALE * size.mean():
            break
    return rest
