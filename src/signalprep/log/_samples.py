"""Which samples of a channel count: in order, each stamp once, valid."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._channel import Channel
from signalprep.log._unrounded import are_multiples, resolution, unrounded

Place = Callable[[Channel, int], str]

_TELLING = 20  # steps: a few events may lie as if they were an even grid, rounded
EVEN = 1e-6  # of a step: stamps that differ by less differ by the rounding of floats


@dataclass(frozen=True, eq=False)
class Samples:
    """Valid samples with their stamps; channels that were sampled together share one object.

    Attributes
    ----------
    stamps : ndarray of float64 of shape (n,)
        Seconds, increasing inside a cycle; on their even grid where they are such a grid, rounded.
    recorded : ndarray of float64 of shape (n,)
        The same as they were recorded.
    rows : ndarray of int64 of shape (n,), or None
        Where each sample stands among the values of the channel; None: there are no others.
    bounds : ndarray of int64 of shape (n_cycles + 1,)
        Borders of the cycles.
    step : float
        Median time between two samples of a cycle; NaN for fewer than two.
    resolution : float
        Seconds to which the stamps were rounded where that is known, else 0.
    """

    stamps: np.ndarray
    recorded: np.ndarray
    rows: np.ndarray | None
    bounds: np.ndarray
    step: float
    resolution: float = 0.0

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First sample of each cycle, and the first behind it."""
        return list(zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True))


@dataclass
class Sampled:
    """The samples of channels, with all stamps each was given at, valid or not, and counts."""

    samples: list[Samples]
    stamps: list[np.ndarray]
    report: dict[str, dict[str, int]]


def sampled(recorded: np.ndarray, rows: np.ndarray | None, bounds: np.ndarray) -> Samples:
    """Samples at these stamps, with their grid and their median step."""
    step = inner_steps(recorded, bounds)
    if not len(step):
        return Samples(recorded, recorded, rows, bounds, np.nan)
    median = float(np.median(step))
    even = None
    if len(step) >= _TELLING and step.max() - step.min() > EVEN * median:
        even = unrounded(recorded, bounds)
    if even is None:
        return Samples(recorded, recorded, rows, bounds, median)
    median = float(np.median(inner_steps(even, bounds)))
    return Samples(even, recorded, rows, bounds, median, resolution(recorded) or 0.0)


def with_shared_resolution(samples: Sequence[Samples]) -> list[Samples]:
    """The samples, where one channel shows to what stamps were rounded, with that for all.

    Stamps that are exact but for a shift, such as 0.017, 0.067, 0.117 for 1/60 s and every 50 ms
    from there, do not show it themselves.
    """
    coarsest = max((own.resolution for own in samples), default=0.0)
    if coarsest == 0.0:
        return list(samples)
    told: dict[Samples, Samples] = {}
    for own in samples:
        if own not in told:
            rounded = own.resolution == 0.0 and are_multiples(own.recorded, coarsest)
            told[own] = replace(own, resolution=coarsest) if rounded else own
    return [told[own] for own in samples]


def inner_steps(stamps: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Time between neighbours of one cycle."""
    step = np.diff(stamps)
    borders = np.unique(bounds[1:-1])
    borders = borders[(borders > 0) & (borders < len(stamps))]
    return np.delete(step, borders - 1) if len(borders) else step


def valid_samples(channels: Sequence[Channel], duplicates: str, place: Place | None) -> Sampled:
    """Samples of each channel that count, and how many were read, invalid, repeated.

    Raises
    ------
    InvalidLogError
        Names or lengths that cannot be, stamps that are missing, go back or repeat, no valid
        sample among those marked, bytes.
    """
    in_order: dict[int, tuple[np.ndarray, np.ndarray | None]] = {}
    shared: dict[tuple[int, bytes | None], Samples] = {}
    found = Sampled([], [], {})
    for channel in channels:
        _check_channel(channel, found.report)
        known = id(channel.times)
        if known not in in_order:
            in_order[known] = _in_order(channel, duplicates, place)
        stamps, kept = in_order[known]
        valid = valid_rows(channel.values, channel.valid)
        if kept is not None:
            valid = valid[kept]
        n_valid = int(np.count_nonzero(valid))
        key = (known, None if n_valid == len(valid) else digest(valid))
        if key not in shared:
            shared[key] = _chosen(stamps, kept, valid, n_valid)
        found.samples.append(shared[key])
        found.stamps.append(stamps)
        found.report[channel.name] = {
            "read": len(channel.times),
            "invalid": len(valid) - n_valid,
            "duplicate": len(channel.times) - len(valid),
        }
        if channel.valid is not None and len(valid) and not n_valid:
            raise InvalidLogError(
                f"channel {channel.name!r} must have a valid sample; all {len(valid)} are marked "
                "as invalid: leave it out"
            )
    found.samples = with_shared_resolution(found.samples)
    return found


def digest(valid: np.ndarray) -> bytes:
    """A short name for which samples are valid."""
    return hashlib.blake2b(np.packbits(valid).tobytes(), digest_size=16).digest()


def valid_rows(values: Any, marked: np.ndarray | None = None) -> np.ndarray:
    """Values that are marked as valid, if they are marked at all, and not missing."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuSU":
        known = np.ones(len(values), dtype=bool)
    elif isinstance(values, np.ndarray) and values.dtype.kind in "fc":
        known = ~np.isnan(values)
    else:
        known = np.asarray(pd.notna(values))
    return known if marked is None else known & np.asarray(marked, dtype=bool)


def _check_channel(channel: Channel, report: dict[str, dict[str, int]]) -> None:
    if channel.kind == "bytes":
        raise InvalidLogError(
            f"channel {channel.name!r} holds raw bytes, which are no signal: leave it out"
        )
    if channel.name in report:
        raise InvalidLogError(
            f"names of channels must be unique; {channel.name!r} occurs more than once"
        )
    n_values, n_times = len(channel.values), len(channel.times)
    if n_values != n_times or (channel.valid is not None and len(channel.valid) != n_times):
        raise InvalidLogError(
            f"channel {channel.name!r} must have one stamp a value; got {n_values} values and "
            f"{n_times} stamps"
        )


def _in_order(
    channel: Channel, duplicates: str, place: Place | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Stamps, each once, and their rows in the channel (None: all)."""
    times = np.asarray(channel.times, dtype=np.float64)
    step = np.diff(times)
    if np.isfinite(times[:1]).all() and (step > 0).all() and np.isfinite(times[-1:]).all():
        return times, None
    if not np.isfinite(times).all():
        row = int(np.argmin(np.isfinite(times)))
        raise InvalidLogError(f"time must be known; {_where(channel, row, place)} has none")
    if (step < 0).any():
        row = int(np.argmax(step < 0)) + 1
        raise InvalidLogError(
            f"time must increase; {_where(channel, row, place)} goes back in time, "
            f"from {times[row - 1]:.9g} s to {times[row]:.9g} s"
        )
    if duplicates == "raise":
        row = int(np.argmax(step == 0)) + 1
        raise InvalidLogError(
            f"time must increase; {_where(channel, row, place)} repeats the time before it, "
            f'{times[row]:.9g} s. duplicates="last" keeps the last sample of each stamp'
        )
    kept = np.flatnonzero(np.append(step > 0, True))
    return times[kept], kept


def _where(channel: Channel, row: int, place: Place | None) -> str:
    return f"channel {channel.name!r}, {f'row {row}' if place is None else place(channel, row)},"


def _chosen(
    stamps: np.ndarray, kept: np.ndarray | None, valid: np.ndarray, n_valid: int
) -> Samples:
    rows = kept
    if n_valid < len(valid):
        rows = np.flatnonzero(valid) if kept is None else kept[valid]
        stamps = stamps[valid]
    return sampled(stamps, rows, np.array([0, len(stamps)]))
