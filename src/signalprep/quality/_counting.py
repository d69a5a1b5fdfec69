"""Channels that only count rows or tell the time: no measurement, but a model learns from them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from signalprep.log import GAP
from signalprep.quality._log_check import Problem
from signalprep.quality._samples import Samples, samples

CLOCKS = {
    "s": 1.0,
    "ms": 1e3,
    "µs": 1e6,
    "ns": 1e9,
    "min": 1 / 60,
    "h": 1 / 3600,
    "days": 1 / 86400,
}
"""Ticks a second of the clocks that loggers write."""
COUNTED_UNITS = (
    *("s", "sec", "ms", "msec", "us", "µs", "μs", "usec", "ns", "min", "h", "hr", "hour", "hours"),
    *("d", "day", "days", "-", "#", "1", "count", "counts", "row", "rows", "sample", "samples"),
)
"""Units, in small letters, that a counter or a clock may have; none at all is one of them."""
MODULI = (4, 8, 15, *(1 << bits for bits in range(4, 17)))
"""Message counters begin anew at a power of two, or at 15, where 15 means "no value"."""
TRAVEL = 20  # least number of different values passed in all
LEVELS = 4  # and between two restarts: a set-point of two or three levels is no clock
MAX_DECIMALS = 9
PROBE = 1000


@dataclass
class Stretches:
    """Values of one channel in stretches that may each be a straight line.

    Attributes
    ----------
    rows : number of each value's row within the log.
    seconds : its time.
    values : from the first one of the log.
    firsts : where the stretches begin.
    resolution : of the values, in their own unit.
    """

    rows: np.ndarray
    seconds: np.ndarray
    values: np.ndarray
    firsts: np.ndarray
    resolution: float

    @cached_property
    def largest(self) -> float:
        """Largest absolute value."""
        return float(np.abs(self.values).max())

    def within(self, x: np.ndarray) -> np.ndarray:
        """The values of each stretch from its mean."""
        lengths = np.diff(np.append(self.firsts, len(x)))
        return x - np.repeat(np.add.reduceat(x, self.firsts) / lengths, lengths)

    def ranges(self, x: np.ndarray) -> np.ndarray:
        """Largest less smallest value of each stretch."""
        return np.maximum.reduceat(x, self.firsts) - np.minimum.reduceat(x, self.firsts)

    def follows(self, along: np.ndarray, slope: float, slack: float) -> bool:
        """Whether all stretches run along a line of this slope, each from where it begins."""
        slack += 1e-9 * max(abs(slope) * float(np.abs(along).max()), self.largest)
        ends = np.append(self.firsts[1:], len(along)) - 1
        rise = self.values[ends] - self.values[self.firsts]
        if (np.abs(rise - slope * (along[ends] - along[self.firsts])) > slack).any():
            return False
        return bool((self.ranges(self.values - slope * along) <= slack).all())

    def moves_enough(self, least: int) -> bool:
        """Whether values enough are passed, in all and in the stretch that passes most."""
        move = np.diff(self.values) != 0
        move[self.firsts[1:] - 1] = False
        passed = np.add.reduceat(np.append(move, False).astype(np.int64), self.firsts)
        return bool(passed.sum() >= TRAVEL and passed.max() >= least)

    def slope(self, along: np.ndarray) -> float:
        """Slope that the stretches have in common, by least squares."""
        x = self.within(along)
        return float(x @ self.within(self.values) / max(float(x @ x), np.finfo(float).tiny))


def counting_channels(log: pd.DataFrame) -> dict[Hashable, str]:
    """Channels that only count rows or tell the time, and how each does.

    A row number or a second clock is no signal of the drive: it knows where in the cycle a row
    stands, and a model that is given it learns the course of the tests. Such channels are found by
    their values, up to rounding: in every cycle a straight line over the rows (of one slope), or
    over the time with the ticks of a clock (s, ms, µs, ns, min, h, days; also in whole ticks); the
    same, beginning anew within a cycle (the time of a test step); or counting modulo a power of two
    (the counter of a message). A line in some of the cycles only is a ramp and stays; so does a
    channel with a unit that no counter has, such as rpm, whatever its values are.

    Parameters
    ----------
    log : DataFrame of shape (n_samples, n_channels)
        A log. Units are those in ``log.attrs["units"]``, as `read_log` leaves them.

    Returns
    -------
    words : dict of channel to str
        What the channel does, such as "counts rows".

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> frame = pd.DataFrame({"i_d": np.sin(np.arange(50.0)), "Rec": np.arange(50) + 7})
    >>> counting_channels(sp.as_log(frame, rate=10.0))
    {'Rec': 'counts rows'}
    """
    return counting(samples(log, None, None, None), dict(log.attrs.get("units", {})))


def counting_problems(content: Samples, units: dict[Any, str]) -> Iterator[Problem]:
    """Findings of `check_log` about channels that only count."""
    for channel, words in counting(content, units).items():
        text = f"channel {channel!r}: only {words}, and is no measurement"
        yield Problem("warning", "counter", text, None, channel)


def counting(content: Samples, units: dict[Any, str]) -> dict[Hashable, str]:
    """What each channel that only counts does."""
    found: dict[Hashable, str] = {}
    for position, channel in enumerate(content.channels.columns):
        column = content.channels.iloc[:, position]
        unit = units.get(channel, "").strip().lower()
        dtype = column.dtype
        if unit and unit not in COUNTED_UNITS:
            continue
        if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
            words = _words(column, content)
            if words:
                found[channel] = words
    return found


def _words(column: pd.Series, content: Samples) -> str:
    """What the channel does, empty for a signal."""
    if _wanders(column.iloc[:PROBE], content.codes[:PROBE]):
        return ""
    order = content.order
    known = column.notna().to_numpy()[order] & (content.codes[order] >= 0)
    rows = order[known & np.isfinite(content.seconds[order])]
    if len(rows) <= TRAVEL:
        return ""
    plain = isinstance(column.dtype, np.dtype)
    raw = (column.to_numpy() if plain else column.to_numpy(np.float64, na_value=np.nan))[rows]
    values = _from_first(raw)
    if not np.isfinite(values).all():
        return ""
    codes = content.codes[rows]
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(codes)) + 1))
    inside = np.diff(codes) == 0
    change = np.diff(values)
    ups, downs = int((inside & (change > 0)).sum()), int((inside & (change < 0)).sum())
    if min(ups, downs) > max(ups, downs) / (LEVELS - 2):
        return ""
    # A clock that counts down turns round, so that what goes against its way is a new beginning.
    sign = 1.0 if ups >= downs else -1.0
    resolution = _resolution(raw)
    place = np.arange(len(rows)) if len(rows) == len(column) else _place(rows, content)
    seconds = content.seconds[rows]
    whole = Stretches(place, seconds - seconds[0], sign * values, firsts, resolution)
    if not min(ups, downs):
        return _line(whole)
    back = np.flatnonzero(inside & (sign * change < 0)) + 1
    return _anew(whole, back) or _modulo(whole, raw)


def _wanders(head: pd.Series, codes: np.ndarray) -> bool:
    """Whether the first rows go up and down as no counter does: most signals are told by them."""
    change = np.diff(head.to_numpy(dtype=np.float64, na_value=np.nan))[np.diff(codes) == 0]
    ups, downs = int((change > 0).sum()), int((change < 0).sum())
    return min(ups, downs) > max(ups, downs) / (LEVELS - 2) + 1


def _from_first(raw: Any) -> np.ndarray:
    """Values from the first one: stamps in ns since 1970 have more digits than a float."""
    if np.issubdtype(raw.dtype, np.integer):
        return (raw.astype(np.int64) - np.int64(raw[0])).astype(np.float64)
    values = np.asarray(raw, dtype=np.float64)
    return values - values[0]


def _place(rows: np.ndarray, content: Samples) -> np.ndarray:
    place = np.empty(len(content.codes), dtype=np.int64)
    place[content.order] = np.arange(len(place))
    return place[rows]


def _resolution(raw: np.ndarray) -> float:
    """Last decimal that is used, of single precision at least what that can tell apart."""
    if np.issubdtype(raw.dtype, np.integer):
        return 1.0
    largest = float(np.abs(raw).max())
    least = float(np.spacing(np.abs(raw).max()))  # in the precision of the channel
    values = raw.astype(np.float64)
    for decimals in range(MAX_DECIMALS):
        slack = 1e-13 * largest * 10.0**decimals
        for some in (values[:PROBE], values):  # most channels tell at once that it takes more
            scaled = some * 10.0**decimals
            if (np.abs(scaled - np.round(scaled)) > slack).any():
                break
        else:
            return max(10.0**-decimals, least)
    return least


def _line(whole: Stretches) -> str:
    """Words for a channel that never goes back in a cycle."""
    words = _ticking(whole)
    if words or not whole.moves_enough(LEVELS):
        return words
    slack = 1.5 * whole.resolution
    slope = whole.slope(whole.rows)
    if whole.follows(whole.rows, slope, slack):
        return f"counts rows, {slope:.6g} each"
    slope = whole.slope(whole.seconds)
    if whole.follows(whole.seconds, slope, slack):
        return f"tells the time, {slope:.6g} a second"
    return ""


def _anew(whole: Stretches, back: np.ndarray) -> str:
    """Words for a channel that counts on from the same value again and again."""
    firsts = np.union1d(whole.firsts, back)
    parts = Stretches(whole.rows, whole.seconds, whole.values, firsts, whole.resolution)
    forward = np.diff(whole.values)
    usual = float(np.median(forward[forward > 0]))
    words = _ticking(parts) if np.ptp(whole.values[back]) <= 1.5 * usual else ""
    return f"{words} and begins anew" if words else ""


def _ticking(stretches: Stretches) -> str:
    """Words for a channel that counts each row, or has the ticks of a clock."""
    if not stretches.moves_enough(LEVELS):
        return ""
    if stretches.follows(stretches.rows, 1.0, 0.5):
        return "counts rows"
    step = np.diff(stretches.seconds)
    step = step[step > 0]
    half = 0.5 * float(np.median(step)) if len(step) else 0.0
    for unit, ticks in CLOCKS.items():
        slack = max(1.5 * stretches.resolution, half * ticks)
        if stretches.follows(stretches.seconds, ticks, slack):
            return f"tells the time in {unit}"
    return ""


def _modulo(whole: Stretches, raw: np.ndarray) -> str:
    """Words for a counter that begins anew at a power of two; who knows how far it got in a gap."""
    largest = float(raw.max())
    moduli = [modulus for modulus in MODULI if modulus > largest]
    if raw.min() < 0 or not moduli or whole.resolution != 1.0:
        return ""
    modulus = moduli[0]
    forward = np.diff(whole.seconds)
    borders = forward > GAP * np.median(forward[forward > 0])
    borders[whole.firsts[1:] - 1] = True
    steps = np.where(borders, 0.0, np.diff(whole.values) % modulus)
    if steps.max() >= modulus / 2:
        return ""
    counted = np.concatenate(([0.0], np.cumsum(steps)))
    firsts = np.concatenate(([0], np.flatnonzero(borders) + 1))
    unwound = Stretches(whole.rows, whole.seconds, counted, firsts, 1.0)
    slope = unwound.slope(unwound.rows)
    if not unwound.moves_enough(LEVELS) or not unwound.follows(unwound.rows, slope, 1.5):
        return ""
    return f"counts rows modulo {modulus}"
