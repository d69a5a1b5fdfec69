"""Channel files, of MDF and of plug-ins, as recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError, ReadError
from signalprep.io._header import listed
from signalprep.io._recording import Recording
from signalprep.io._request import Request
from signalprep.io._selection import RESET, refuse_reset_beside
from signalprep.io.formats._content import Content
from signalprep.io.formats._mdf import read_mdf
from signalprep.io.formats._plugins import plugin_for, read_plugin
from signalprep.log import Channel, cycle_changes


def read_mdf_file(path: Path, request: Request) -> Recording:
    """Read one MDF file."""
    columns = request.columns
    content = read_mdf(
        path,
        columns=None if columns is None or request.cycle == (RESET,) else columns + request.cycle,
        truncated=request.truncated,
        max_bytes=request.max_bytes,
    )
    return _recording(path.name, content, request)


def read_by_plugin(path: Path, request: Request) -> Recording | None:
    """Read one file by the plug-in for its suffix; None where there is none."""
    function = plugin_for(path)
    if function is None:
        return None
    return _recording(path.name, read_plugin(path, function), request)


def _recording(file: str, content: Content, request: Request) -> Recording:
    known = _told_apart(content.channels)
    ids, starts = _cycles(file, known, request)
    names = [channel.name for channel in known] if request.columns is None else request.columns
    channels = [_named(file, known, name, "columns") for name in names]
    channels = [channel for channel in channels if channel.name not in ids]
    if not channels:
        beside = " besides those that tell cycles" if ids else ""
        raise ReadError(f"{file}: the file holds no channel of numbers or states to read{beside}")
    start = None if content.start is None else f"{content.start} ({content.zone})"
    facts = {
        "format": content.facts.get("format", "channels"),
        "start": start,
        "notes": _notes(content),
    }
    return Recording(
        channels,
        max(len(channel.times) for channel in channels),
        is_table=False,
        ids=ids,
        starts=starts,
        facts=facts,
    )


def _notes(content: Content) -> list[str]:
    facts = content.facts
    notes = list(facts.get("notes", []))
    if version := facts.get("version"):
        notes.insert(0, f"version {version}")
    if truncated := facts.get("truncated"):
        notes.append(
            f"cut off: {truncated['kept']} of {truncated['stated']} samples are whole and kept"
        )
    left_out = facts.get("left_out", {})
    if left_out:
        reasons = Counter(left_out.values())
        words = "; ".join(f"{reason}: {count}" for reason, count in reasons.items())
        notes.append(f"channels left out: {len(left_out)} ({words})")
    return notes


def _told_apart(channels: Sequence[Channel]) -> list[Channel]:
    """Channels by unique names: those of one name become ``name@source``."""
    count = Counter(channel.name for channel in channels)
    named = [
        replace(channel, name=f"{channel.name}@{channel.source}")
        if count[channel.name] > 1
        else channel
        for channel in channels
    ]
    again = Counter(channel.name for channel in named)
    seen: Counter[str] = Counter()
    unique = []
    for channel in named:
        seen[channel.name] += 1
        suffix = f" ({seen[channel.name]})" if again[channel.name] > 1 else ""
        unique.append(replace(channel, name=channel.name + suffix))
    return unique


def _cycles(
    file: str, channels: list[Channel], request: Request
) -> tuple[dict[str, pd.Series], np.ndarray | None]:
    """What the channels of ``cycle=`` say, and from when on; nothing for one cycle a file."""
    wanted = request.cycle
    if RESET in wanted and all(channel.name != RESET for channel in channels):
        refuse_reset_beside(wanted)
        raise InvalidParameterError(
            f"{file}: cycle='reset' needs a table, as the channels of this file have stamps of "
            "their own; cycle= can name a channel that tells cycles"
        )
    if not wanted:
        return {}, None
    told = [_named(file, channels, name, "cycle") for name in wanted]
    if len({channel.name for channel in told}) < len(told):
        raise InvalidParameterError(
            f"{file}: cycle must name each channel once; got {list(wanted)!r}"
        )
    starts, ids = cycle_changes(told, request.duplicates, lambda channel, row: f"sample {row}")
    return ids, starts


def _named(file: str, channels: list[Channel], wanted: str, parameter: str) -> Channel:
    """The channel of that name; a name of several asks for one of them."""
    own = [channel for channel in channels if channel.name == wanted]
    if not own:
        own = [
            c
            for c in channels
            if c.name.startswith(f"{wanted}@")
            or ("@" in wanted and f"{c.name}@{c.source}".startswith(wanted))
        ]
    if not own:
        raise ReadError(
            f"{file}: {parameter}={wanted!r} is not a channel of this file; channels are: "
            f"{listed([channel.name for channel in channels])}"
        )
    if len(own) > 1:
        raise ReadError(
            f"{file}: {parameter}={wanted!r} names {len(own)} channels; name one of them: "
            f"{listed([channel.name for channel in own])}"
        )
    return own[0]
