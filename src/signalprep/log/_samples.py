"""Which samples of a channel count: in order, each stamp once, valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._channel import Channel

Place = Callable[[Channel, int], str]


@dataclass(frozen=True, eq=False)
class Samples:
    """Valid samples with their stamps; channels that were sampled together share one object.

    Attributes
    ----------
    stamps : ndarray of float64 of shape (n,)
        Seconds, increasing inside a cycle.
    rows : ndarray of int64 of shape (n,), or None
        Where each sample stands among the values of the channel; None: there are no others.
    bounds : ndarray of int64 of shape (n_cycles + 1,)
        Borders of the cycles.
    step : float
        Median time between two samples of a cycle; NaN for fewer than two.
    """

    stamps: np.ndarray
    rows: np.ndarray | None
    bounds: np.ndarray
    step: float

    @property
    def spans(self) -> list[tuple[int, int]]:
        """First sample of each cycle, and the first behind it."""
        return list(zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True))


def sampled(stamps: np.ndarray, rows: np.ndarray | None, bounds: np.ndarray) -> Samples:
    """Samples with their median step."""
    step = np.diff(stamps)
    borders = bounds[1:-1]
    borders = borders[(borders > 0) & (borders < len(stamps))]
    if len(borders):
        step = np.delete(step, borders - 1)
    return Samples(stamps, rows, bounds, float(np.median(step)) if len(step) else np.nan)


def valid_samples(
    channels: Sequence[Channel], duplicates: str, place: Place | None
) -> tuple[list[Samples], dict[str, dict[str, int]]]:
    """Samples of each channel that count, and for each how many were read, invalid, repeated.

    Raises
    ------
    InvalidLogError
        Names or lengths that cannot be, stamps that are missing, go back or repeat, no valid
        sample, bytes.
    """
    in_order: dict[int, np.ndarray | None] = {}
    shared: dict[tuple[int, bytes | None], Samples] = {}
    found, report = [], {}
    for channel in channels:
        _check_channel(channel, report)
        known = id(channel.times)
        if known not in in_order:
            in_order[known] = _kept(channel, duplicates, place)
        kept = in_order[known]
        valid = _valid(channel)
        n_kept = len(channel.times) if kept is None else len(kept)
        if kept is not None:
            valid = valid[kept]
        n_valid = int(np.count_nonzero(valid))
        key = (known, None if n_valid == n_kept else valid.tobytes())
        if key not in shared:
            shared[key] = _chosen(np.asarray(channel.times, dtype=np.float64), kept, valid, n_valid)
        found.append(shared[key])
        report[channel.name] = {
            "read": len(channel.times),
            "invalid": n_kept - n_valid,
            "duplicate": len(channel.times) - n_kept,
        }
        if channel.valid is not None and n_kept and not n_valid:
            raise InvalidLogError(
                f"channel {channel.name!r} must have a valid sample; all {n_kept} are marked "
                "invalid: leave it out"
            )
    return found, report


def _check_channel(channel: Channel, report: dict[str, Any]) -> None:
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


def _valid(channel: Channel) -> np.ndarray:
    """Samples that are marked as valid, if they are marked, and not missing."""
    values = channel.values
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuS":
        known = np.ones(len(values), dtype=bool)
    elif isinstance(values, np.ndarray) and values.dtype.kind in "fc":
        known = ~np.isnan(values)
    else:
        known = np.asarray(pd.notna(values))
    return known if channel.valid is None else known & np.asarray(channel.valid, dtype=bool)


def _kept(channel: Channel, duplicates: str, place: Place | None) -> np.ndarray | None:
    """Rows of the channel without those whose stamp repeats; None: all."""
    times = np.asarray(channel.times, dtype=np.float64)
    step = np.diff(times)
    if np.isfinite(times[:1]).all() and (step > 0).all() and np.isfinite(times[-1:]).all():
        return None
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
    return np.flatnonzero(np.append(step > 0, True))


def _where(channel: Channel, row: int, place: Place | None) -> str:
    if place is not None:
        return f"channel {channel.name!r}, {place(channel, row)},"
    return f"channel {channel.name!r}, row {row},"


def _chosen(times: np.ndarray, kept: np.ndarray | None, valid: np.ndarray, n_valid: int) -> Samples:
    rows = kept
    if n_valid < len(valid):
        rows = np.flatnonzero(valid) if kept is None else kept[valid]
    stamps = times if rows is None else times[rows]
    return sampled(stamps, rows, np.array([0, len(stamps)]))
