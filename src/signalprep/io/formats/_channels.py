"""Channel files, of MDF and of plug-ins, as recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from signalprep.errors import ReadError
from signalprep.io._header import listed
from signalprep.io._recording import Recording
from signalprep.io._request import Request
from signalprep.io.formats._content import Content
from signalprep.io.formats._mdf import read_mdf
from signalprep.io.formats._plugins import plugin_for, read_plugin
from signalprep.log import Channel


def read_mdf_file(path: Path, request: Request) -> Recording:
    """Read one MDF file."""
    content = read_mdf(
        path,
        columns=request.columns,
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
    channels = _chosen(file, _told_apart(content.channels), request)
    if not channels:
        raise ReadError(f"{file}: the file holds no channel of numbers or states to read")
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


def _chosen(file: str, channels: list[Channel], request: Request) -> list[Channel]:
    """The channels of ``columns=``, in that order; a name of several asks for one of them."""
    if request.columns is None:
        return channels
    chosen = []
    for wanted in request.columns:
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
                f"{file}: columns={wanted!r} is not a channel of this file; channels are: "
                f"{listed([channel.name for channel in channels])}"
            )
        if len(own) > 1:
            raise ReadError(
                f"{file}: columns={wanted!r} names {len(own)} channels; name one of them: "
                f"{listed([channel.name for channel in own])}"
            )
        chosen.append(own[0])
    return chosen
