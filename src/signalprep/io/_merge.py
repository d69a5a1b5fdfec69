"""Recordings whose channels have stamps of their own, brought onto one clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.io._assemble import (
    check_one_kind_of_time,
    column_order,
    common_ranges,
    common_units,
    cycles_of,
    sources_of,
)
from signalprep.io._header import listed
from signalprep.io._recording import Recording
from signalprep.log import LEVELS, Channel, Clocked, cut_channels, on_clock, sparse_channels

MOST_ROWS = 1.25  # for one sample: time stamps jitter


def merge(
    recordings: Sequence[Recording],
    names: Sequence[str],
    labels: Sequence[str],
    whole: bool,
    options: Mapping[str, Any],
) -> pd.DataFrame:
    """Bring the channels of every recording onto a clock, and put the rows below each other.

    `options` are those of :func:`signalprep.log.on_clock`.
    """
    units = common_units(recordings, labels)
    check_one_kind_of_time(recordings, labels)
    frames, ids, lookahead = [], [], 0
    cycles, before = _cycles(recordings, names, labels)
    for recording, label, own_cycles, early in zip(recordings, labels, cycles, before, strict=True):
        counts = _left_out(early, recording, label, options["start"])
        for cycle, channels in own_cycles:
            own = [_samples_of(c) for c in channels] if recording.is_table else channels
            _check_clock(own, options["clock"], cycle, label)
            _check_rate(own, options, cycle, label)
            clocked = on_clock(own, place=_Places(label), **options)
            frames.append(_frame(clocked, recording))
            ids.append(cycle)
            lookahead = max(lookahead, clocked.lookahead)
            _add_counts(counts, clocked.report)
        recording.facts["samples"] = counts
    log = _below_each_other(frames, ids, column_order(recordings))
    log.attrs["units"] = {name: units[name] for name in log.columns if name in units}
    if ranges := {k: pair for k, pair in common_ranges(recordings).items() if k in log.columns}:
        log.attrs["ranges"] = ranges
    n_cycles = [len(own_cycles) for own_cycles in cycles]
    order = column_order(recordings)
    log.attrs["sources"] = sources_of(recordings, n_cycles, labels, order, whole)
    if lookahead:
        log.attrs["lookahead"] = lookahead
    return log


class _Places:
    """Words for a sample of a channel."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __call__(self, channel: Channel, row: int) -> str:
        return f"{self.label}: channel {channel.name!r}, sample {row}"


Cycles = list[tuple[Any, Sequence[Channel]]]


def _cycles(
    recordings: Sequence[Recording], names: Sequence[str], labels: Sequence[str]
) -> tuple[list[Cycles], list[Sequence[Channel]]]:
    """Each recording's cycles with their channels, and what it has before the first is known."""
    ids, codes = cycles_of(recordings, names, labels)
    found, before = [], []
    for recording, own, label in zip(recordings, codes, labels, strict=True):
        back = np.diff(own) < 0  # codes count up in the order in which cycles begin
        if back.any():
            row = int(np.argmax(back)) + 1
            starts = recording.starts
            place = f"row {row}" if starts is None else f"{starts[row]:.9g} s"
            raise InvalidLogError(
                f"{label}: rows of a cycle must be contiguous; cycle {ids[own[row]]!r} starts "
                f"again at {place} (interleaved cycles or shuffled rows)"
            )
        early, parts = _cut(recording, label, own)
        told = zip(np.unique(own), parts, strict=True)
        found.append([(ids[code], part) for code, part in told if any(len(c.times) for c in part)])
        before.append(early)
    return found, before


def _cut(
    recording: Recording, label: str, codes: np.ndarray
) -> tuple[Sequence[Channel], list[Sequence[Channel]]]:
    """The channels of a recording before its first cycle, and in each of its cycles."""
    if recording.starts is None:
        return [], [_rows_of(recording, codes == code) for code in np.unique(codes)]
    firsts = recording.starts[np.unique(codes, return_index=True)[1]]
    early, *parts = cut_channels(recording.channels, firsts, _Places(label))
    return early, list(parts)


def _check_clock(channels: Sequence[Channel], clock: str | None, cycle: Any, label: str) -> None:
    if any(channel.name == clock and not len(channel.times) for channel in channels):
        raise InvalidLogError(
            f"{label}: clock={clock!r} must have a sample in each cycle; cycle {cycle!r} has none"
        )


def _check_rate(
    channels: Sequence[Channel], options: Mapping[str, Any], cycle: Any, label: str
) -> None:
    """Refuse to reduce channels to more rows than the fastest has samples."""
    if options["reduce"] is None or options["rate"] is None:
        return
    steps = [float(np.median(np.diff(c.times))) for c in channels if len(c.times) > 1]
    if steps and options["rate"] * min(steps) > MOST_ROWS:
        raise InvalidLogError(
            f"{label}: reduce='mean' lowers a rate; rate={options['rate']:g} Hz is more than the "
            f"{1.0 / min(steps):.4g} Hz of cycle {cycle!r}, and a log cannot be given more rows "
            "than were recorded"
        )


def _left_out(
    early: Sequence[Channel], recording: Recording, label: str, start: str
) -> dict[str, dict[str, int]]:
    """Count what was recorded before the first cycle is known, which only start="common" cuts."""
    counts = {c.name: {"read": len(c.times), "left_out": len(c.times)} for c in early}
    counts = {name: count for name, count in counts.items() if count["read"]}
    if counts and recording.starts is not None and start != "common":
        raise InvalidLogError(
            f"{label}: the cycle id of every sample must be known; {listed(list(counts))} begin "
            f"before {', '.join(map(repr, recording.ids))} at {recording.starts[0]:.9g} s: "
            "start='common' leaves out what was recorded before"
        )
    return counts


def _rows_of(recording: Recording, rows: np.ndarray) -> Sequence[Channel]:
    """The channels of a recording in some of its rows."""
    if rows.all():
        return recording.channels
    times = recording.channels[0].times[rows]
    return [replace(c, times=times, values=c.values[rows]) for c in recording.channels]


def continuous_channels(recordings: Sequence[Recording]) -> list[str]:
    """Channels that may be drawn as lines: of numbers, not all of them whole as codes are."""
    whole: dict[str, bool] = {}
    for recording in recordings:
        for channel in recording.channels:
            values = np.asarray(channel.values)
            if channel.kind != "number" or values.dtype.kind != "f":
                continue
            known = values[np.isfinite(values)]
            whole[channel.name] = whole.get(channel.name, True) and bool(
                (known == np.rint(known)).all()
            )
    return [name for name, every in whole.items() if not every]


def sparse_columns(recording: Recording) -> list[str]:
    """Columns of a table that were sampled more slowly than its rows."""
    columns = {channel.name: channel.values for channel in recording.channels}
    return [str(name) for name in sparse_channels(pd.DataFrame(columns, copy=False))]


def refuse_several_rates(recordings: Sequence[Recording], labels: Sequence[str]) -> None:
    """Raise for tables at several rates, which must be told their clock."""
    for recording, label in zip(recordings, labels, strict=True):
        names = sparse_columns(recording) if recording.is_table else []
        if not names:
            continue
        for _, channels in _cycles([recording], [label], [label])[0][0]:
            on_clock([_samples_of(channel) for channel in channels], place=_Places(label))
        raise InvalidLogError(
            f"{label}: columns {', '.join(map(repr, names))} have values in some rows only; "
            "clock= (a channel) or rate= hold their last value"
        )


def _samples_of(channel: Channel) -> Channel:
    """A column of a table without its empty cells, which are no samples."""
    known = ~pd.isna(channel.values)
    if known.all():
        return channel
    return replace(channel, times=channel.times[known], values=channel.values[known])


def _frame(clocked: Clocked, recording: Recording) -> pd.DataFrame:
    stamps: Any = clocked.times
    if recording.datetimes is not None:
        known = recording.datetimes[~np.isnat(recording.datetimes)]
        stamps = known[0] + np.rint(clocked.times * 1e9).astype("timedelta64[ns]")
    columns = {  # without indices of their own, by which pandas would align them
        name: column.array if isinstance(column, pd.Series) else column
        for name, column in clocked.columns.items()
    }
    return pd.DataFrame(columns, index=pd.Index(stamps, name="time"))


def _below_each_other(
    frames: Sequence[pd.DataFrame], ids: Sequence[Any], order: Sequence[str]
) -> pd.DataFrame:
    """One log of the frames, with the columns of all of them."""
    every = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    columns = [name for name in order if name in every]
    columns += [name for name in every if name not in columns]
    whole = [_with_columns(frame, columns, frames) for frame in frames]
    log = whole[0] if len(whole) == 1 else pd.concat(whole)
    lengths = [len(frame) for frame in frames]
    codes = np.repeat(np.arange(len(frames)), lengths)
    stamps = log.index
    log.index = pd.MultiIndex.from_arrays([pd.Index(ids).take(codes), stamps], names=list(LEVELS))
    return log


def _with_columns(
    frame: pd.DataFrame, columns: Sequence[str], frames: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """The frame with all columns, those it lacks missing, and categories as in all frames."""
    made: dict[str, Any] = {}
    for name in columns:
        own = [other[name].dtype for other in frames if name in other]
        categories = [dtype for dtype in own if isinstance(dtype, pd.CategoricalDtype)]
        if name in frame:
            made[name] = frame[name].array
        elif any(dtype.kind == "O" or dtype in categories for dtype in own):
            made[name] = np.full(len(frame), None, dtype=object)
        else:
            made[name] = np.full(len(frame), np.nan)
        if len(categories) == len(own):
            words = dict.fromkeys(word for dtype in categories for word in dtype.categories)
            made[name] = pd.Categorical(made[name], categories=list(words))
    return pd.DataFrame(made, index=frame.index)


def _add_counts(total: dict[str, dict[str, int]], more: Mapping[str, Mapping[str, int]]) -> None:
    for name, counts in more.items():
        own = total.setdefault(name, {})
        for what, count in counts.items():
            own[what] = own.get(what, 0) + int(count)
