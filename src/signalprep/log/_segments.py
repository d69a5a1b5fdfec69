"""Segments and rate of a log: runs of rows of one cycle at constant spacing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from signalprep._kernels._spacing import evenly_spaced
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._index import (
    cycle_bounds,
    level_in_seconds,
    log_index,
    shown,
    time_in_seconds,
    where,
)

JITTER = 0.01
WHOLE = 1e-6  # a rate this near to a whole number, relative, is that number
GAP = 1.5  # a step longer than this many sample times is a gap, a shorter irregular one is jitter
NEIGHBOURS = 3.0  # where time jitters: two steps off by 40 % each are no gap yet
_OTHER_RATE = 0.25  # how far the mean step of a cycle may be from that of the log


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
    index = log_index(log)
    bounds = cycle_bounds(index)
    expected = _whole_rate(index, bounds) if sample_time is None else float(sample_time)
    if sample_time is None and expected is not None and WHOLE <= jitter < 1:
        return bounds  # every step has been looked at
    if expected is not None and expected > 0 and 0 <= jitter < 1:
        # settles most logs, without an array of all steps
        stamps = level_in_seconds(index)
        if evenly_spaced(bounds, index.codes[1], stamps, expected, float(jitter)):
            return bounds
    step, inside = steps(index, bounds)
    if not inside.any():
        return bounds
    check_order(index, bounds, step, inside)
    dt = _nominal(step[inside]) if sample_time is None else float(sample_time)
    regular = np.abs(step - dt) <= jitter * dt
    if (regular | ~inside).all():
        return bounds
    gap = inside & (step > GAP * dt)
    _check_rate(index, bounds, step, gap, dt)
    irregular = inside & ~regular & ~gap
    if irregular.any():
        check_cycle_rates(index, bounds, step)
        row = int(np.argmax(irregular)) + 1
        raise InvalidLogError(
            f"time steps must lie within {jitter:g} (jitter) of the sample time {dt:g} s; "
            f"{where(index, bounds, row)} follows after {step[row - 1]:.6g} s. "
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
    index = log_index(log)
    bounds = cycle_bounds(index)
    whole = _whole_rate(index, bounds)
    if whole is not None:
        return whole
    step, inside = steps(index, bounds)
    if not inside.any():
        raise InvalidLogError("the rate needs a cycle of at least two rows; every cycle has one")
    check_order(index, bounds, step, inside)
    return _nominal(step[inside])


def clock(index: pd.Index) -> tuple[float | None, np.ndarray]:
    """`sample_time` and `segments` of a log together; no sample time where all cycles have one row.

    Most logs take a single pass over their time.
    """
    index = log_index(index)
    bounds = cycle_bounds(index)
    dt = _whole_rate(index, bounds)
    if dt is not None:
        return dt, bounds
    if (np.diff(bounds) > 1).any():
        dt = sample_time(index)
    return dt, segments(index, sample_time=dt)


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
    dt = sample_time(log)
    hertz = float(round(1.0 / dt))
    return hertz if hertz > 0 and 1.0 / hertz == dt else 1.0 / dt


RATE_NEEDED = (
    "needs a log with a time axis (see as_log) and a cycle of more than one row, so that its rate "
    "is known; what was given is none. A step before may have lost the (cycle, time) index: "
    "signalprep.make_pipeline keeps it, or set_output(transform='pandas')"
)


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
            f"{name}={length!r} is a duration and {RATE_NEEDED}. Give samples instead"
        )
    samples = round(seconds / sample_time)
    if samples < 1:
        raise InvalidParameterError(
            f"{name}={length!r} is shorter than one sample of {sample_time:g} s"
        )
    return samples


def check_index(index: pd.Index) -> None:
    """Raise InvalidLogError unless the index is in order: ids, contiguity, time."""
    index = log_index(index)
    types = {type(value) for value in index.levels[0].tolist()}
    if len(types) > 1 and not all(issubclass(kind, (int, float)) for kind in types):
        names = ", ".join(sorted(kind.__name__ for kind in types))
        raise InvalidLogError(f"cycle ids must be of one type; found {names}")
    bounds = cycle_bounds(index)
    step, inside = steps(index, bounds)
    check_order(index, bounds, step, inside)


def steps(index: pd.MultiIndex, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Time steps between neighbouring rows, and which of them lie inside a cycle."""
    missing = index.codes[1] < 0
    if missing.any():
        row = int(np.argmax(missing))
        raise InvalidLogError(f"time must be known; {where(index, bounds, row)} has none")
    seconds = time_in_seconds(index)
    finite = np.isfinite(seconds)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InvalidLogError(f"time must be finite; {where(index, bounds, row)} is not")
    step = np.diff(seconds)
    inside = np.ones(len(step), dtype=bool)
    inside[bounds[1:-1] - 1] = False
    return step, inside


def check_order(
    index: pd.MultiIndex, bounds: np.ndarray, step: np.ndarray, inside: np.ndarray
) -> None:
    wrong = inside & ~(step > 0)
    if wrong.any():
        row = int(np.argmax(wrong)) + 1
        place = where(index, bounds, row)
        repeated = int((inside & (step == 0)).sum())
        if step[row - 1] == 0 and 4 * repeated > int(inside.sum()) > 4:
            raise InvalidLogError(
                f"time must increase; {place} repeats the time before it, as {repeated} of "
                f"{len(index)} rows do: the stamps are too coarse for the rows; time=False with "
                "rate= does without them, where the rows are evenly sampled"
            )
        if step[row - 1] == 0:
            raise InvalidLogError(
                f"time must increase; {place} repeats the time before it; duplicates='last' keeps "
                "the last of such rows"
            )
        raise InvalidLogError(
            f"time must increase; {place} goes back in time{_restart_words(index, bounds, row)}"
        )


def _restart_words(index: pd.MultiIndex, bounds: np.ndarray, row: int) -> str:
    """What to do where time starts anew in a cycle."""
    seconds = time_in_seconds(index)
    first = bounds[np.searchsorted(bounds, row, side="right") - 1]
    ahead = np.diff(seconds[first:row])
    usual = float(np.median(ahead)) if len(ahead) else 0.0
    if abs(seconds[row] - seconds[first]) > 3.0 * usual:
        return ""
    return ", where it starts anew: cycle='reset' begins a new cycle there"


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
            f"{shown(name)} follow after {own:g} s: another rate, or rows were left out. "
            f"{_onto_the_slowest(step, bounds)}"
        )


def check_cycle_rates(index: pd.MultiIndex, bounds: np.ndarray, step: np.ndarray) -> None:
    """Raise InvalidLogError for a cycle whose mean step is not that of the log, gaps left out.

    It may be off by a quarter, or by five standard errors: the mean of few steps says little.
    """
    totals, squares, counts = np.zeros((3, len(bounds) - 1))
    for k in range(len(bounds) - 1):
        own = step[bounds[k] : bounds[k + 1] - 1]
        if len(own):
            own = own[own <= NEIGHBOURS * np.median(own)]
            totals[k], squares[k], counts[k] = own.sum(), own @ own, len(own)
    several = counts >= 4
    if not several.any():
        return
    mean = totals.sum() / counts.sum()
    ratio = np.where(several, totals / np.maximum(counts, 1.0), mean) / mean
    spread = np.sqrt(max(squares.sum() / counts.sum() / mean**2 - 1.0, 0.0))
    error = spread / np.sqrt(np.maximum(counts, 1.0))
    other = np.abs(ratio - 1.0) > np.maximum(_OTHER_RATE, 5.0 * error)
    if other.any():
        k = int(np.argmax(np.where(other, np.abs(np.log(ratio)), 0.0)))
        name = index.levels[0][index.codes[0][bounds[k]]]
        raise InvalidLogError(
            f"all cycles must have one rate; cycle {shown(name)} has {1 / (mean * ratio[k]):.4g} "
            f"Hz where the log has {1 / mean:.4g} Hz on average. "
            f"{_onto_the_slowest(step, bounds)}"
        )


def _onto_the_slowest(step: np.ndarray, bounds: np.ndarray) -> str:
    """How cycles of several rates become one log, in words."""
    pairs = [(a, b - 1) for a, b in pairwise(bounds.tolist()) if b - a > 1]
    several = [(a, b) for a, b in pairs if b - a >= 4] or pairs  # a median of few says little
    rate = float(f"{1.0 / max(np.median(step[a:b]) for a, b in several):.4g}")
    return (
        f"read_log(..., rate={rate:g}, reduce='mean') brings cycles of several rates onto the "
        "slowest; Decimator lowers that of a log of one rate"
    )


def _whole_rate(index: pd.MultiIndex, bounds: np.ndarray) -> float | None:
    """The sample time where every step says the same, a whole rate or number of seconds.

    None where it takes a median to tell.
    """
    k = int(np.argmax(np.diff(bounds)))  # the longest cycle
    codes = index.codes[1]
    pair = codes[bounds[k] : bounds[k + 1]][:2]
    if pair.size < 2 or (pair < 0).any():
        return None
    stamps = level_in_seconds(index)
    step = float(stamps[pair[1]] - stamps[pair[0]])
    if not 1e-9 < step < 1e9:
        return None
    dt = _nominal(np.array([step]))
    off = 0.9 * WHOLE
    if any(_nominal(np.array([dt * scale])) != dt for scale in (1.0 - off, 1.0 + off)):
        return None
    return dt if evenly_spaced(bounds, codes, stamps, dt, off) else None


def _nominal(step: np.ndarray) -> float:
    dt = float(np.median(step))
    hertz = round(1.0 / dt)
    if hertz >= 1 and abs(1.0 / dt - hertz) <= WHOLE * hertz:
        return 1.0 / hertz
    whole = round(dt)
    if whole >= 1 and abs(dt - whole) <= WHOLE * whole:
        return float(whole)
    return dt
