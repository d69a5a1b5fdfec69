"""One clock for channels with stamps of their own: each row has the last sample of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._channel import Channel
from signalprep.log._freshness import freshness_limits
from signalprep.log._held import held, last_at
from signalprep.log._rows import grid, tolerance
from signalprep.log._samples import Place, Samples, valid_samples

TOO_FAST = 2.0  # samples of a channel to a row


@dataclass
class Clocked:
    """Channels on one clock.

    Attributes
    ----------
    times : ndarray of float64 of shape (n_rows,)
        Seconds from the start of the recording. Rows part into segments where times do.
    columns : dict of str to ndarray or Series, each of shape (n_rows,)
        Values of each channel, and ages where they were asked for.
    lookahead : int
        How many rows a value may lie in the future: 0 unless values were interpolated.
    report : dict of str to dict of str to int
        For each channel how many samples were ``read``, and what became of them: ``read`` is the
        sum of ``used`` (in one row or more), ``invalid``, ``duplicate`` and ``left out`` (no row
        has it).
    """

    times: np.ndarray
    columns: dict[str, Any]
    lookahead: int = 0
    report: dict[str, dict[str, int]] = field(default_factory=dict)


def on_clock(
    channels: Sequence[Channel],
    *,
    clock: str | None = None,
    rate: float | None = None,
    interpolate: str | Sequence[str] | None = None,
    hold: Any = "auto",
    start: str = "first",
    ages: bool = False,
    reduce: str | None = None,
    duplicates: str = "raise",
    place: Place | None = None,
) -> Clocked:
    """Bring channels onto one clock.

    The value at time t is that of the last valid sample with a stamp up to t, as
    ``pandas.merge_asof(direction="backward")`` gives it.
    """
    samples, report = valid_samples(channels, duplicates, place)
    names = [channel.name for channel in channels]
    times, step = _clock_times(names, samples, clock, rate)
    limits = freshness_limits(hold, names, [own.step for own in samples], step)
    if rate is not None:
        times = grid([own.stamps for own in samples], limits, rate)
    bounds = np.array([0, len(times)])
    allowed = tolerance(step, times)
    columns: dict[str, Any] = {}
    for channel, own, limit in zip(channels, samples, limits, strict=True):
        before = last_at(own, times, bounds, allowed)
        age = _age(own, times, before)
        missing = ~(age <= limit * (1.0 + 1e-9) + allowed)
        source = before if own.rows is None or not len(own.rows) else own.rows[before]
        columns[channel.name] = held(channel.values, source, missing)
        if ages:
            columns[f"{channel.name}.age"] = age
        n_used = len(np.unique(before[~missing]))
        counts = report[channel.name]
        counts["used"] = n_used
        counts["left out"] = counts["read"] - counts["invalid"] - counts["duplicate"] - n_used
    if start == "common":
        first = max(own.stamps[0] for own in samples if len(own.stamps))
        late = times >= first - allowed
        times = times[late]
        columns = {name: values[late] for name, values in columns.items()}
    return Clocked(times, columns, 0, report)


def _clock_times(
    names: Sequence[str], samples: Sequence[Samples], clock: str | None, rate: float | None
) -> tuple[np.ndarray, float]:
    if rate is not None:
        return np.empty(0), 1.0 / rate
    if clock is not None:
        if clock not in names:
            raise InvalidParameterError(f"clock={clock!r} must be one of {list(names)}")
        own = samples[names.index(clock)]
        return own.stamps, own.step
    if len({id(own.stamps) for own in samples}) > 1:
        raise InvalidLogError(
            "channels of several rates need clock= or rate=: "
            + ", ".join(
                f"{name} {1 / own.step:.4g} Hz" for name, own in zip(names, samples, strict=True)
            )
        )
    return samples[0].stamps, samples[0].step


def _age(samples: Samples, times: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Seconds since the sample at each row; NaN where there is none."""
    age = np.full(len(times), np.nan)
    known = before >= 0
    age[known] = np.maximum(times[known] - samples.stamps[before[known]], 0.0)
    return age
