"""Readers of other packages, found by the suffix of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from signalprep.errors import ReadError
from signalprep.io.formats._content import Content
from signalprep.log import Channel

__all__ = ["plugin_for", "plugin_suffixes", "read_plugin"]

GROUP = "signalprep.readers"

Reader = Callable[[Path], Iterable[Channel]]


def plugin_suffixes() -> list[str]:
    """Suffixes that plug-ins read, with the dot."""
    return sorted({f".{point.name}" for point in entry_points(group=GROUP)})


def plugin_for(path: Path) -> Reader | None:
    """Find the reader that another package offers for the suffix of a file.

    A package offers one as an entry point of the group ``signalprep.readers``: its name is the
    suffix without the dot, in lower case, its object a function of a path that gives channels.

    Raises
    ------
    ReadError
        Two packages offer a reader for the suffix, or the one that does cannot be imported.
    """
    suffix = path.suffix.removeprefix(".").lower()
    if not suffix:
        return None
    # One package may be listed twice, where two folders of the path hold it.
    offered = {point.value: point for point in entry_points(group=GROUP, name=suffix)}
    if not offered:
        return None
    if len(offered) > 1:
        raise ReadError(
            f"{path.name}: more than one plug-in reads .{suffix}: {', '.join(sorted(offered))}; "
            "uninstall all but one"
        )
    (point,) = offered.values()
    try:
        function = point.load()
    except Exception as error:  # a module of someone else's may raise anything
        raise ReadError(
            f"{path.name}: the plug-in {point.value} for .{suffix} cannot be imported "
            f"({type(error).__name__}: {error})"
        ) from error
    if not callable(function):
        raise ReadError(
            f"{path.name}: the plug-in {point.value} for .{suffix} must be a function of a path; "
            f"it is of type {type(function).__name__}"
        )
    return function


def read_plugin(path: Path, function: Reader) -> Content:
    """Read a file with a plug-in; whatever goes wrong there is a ReadError that names it."""
    name = f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', function)}"
    try:
        channels = list(function(path))
    except Exception as error:  # code of someone else's may raise anything
        raise ReadError(
            f"{path.name}: the plug-in {name} failed ({type(error).__name__}: {error})"
        ) from error
    for position, channel in enumerate(channels):
        if not isinstance(channel, Channel):
            raise ReadError(
                f"{path.name}: the plug-in {name} must give channels (signalprep.log.Channel); "
                f"item {position} is of type {type(channel).__name__}"
            )
    if not channels:
        raise ReadError(f"{path.name}: the plug-in {name} gave no channel")
    facts: dict[str, Any] = {
        "format": f"plug-in {name}",
        "version": None,
        "counts": {_key(channel): _count(channel) for channel in channels},
        "left_out": {},
        "truncated": {},
        "notes": [],
    }
    return Content(channels, facts=facts)


def _key(channel: Channel) -> str:
    return f"{channel.name}@{channel.source}"


def _count(channel: Channel) -> dict[str, int]:
    n_invalid = 0 if channel.valid is None else int((~channel.valid).sum())
    return {"read": len(channel.times), "invalid": n_invalid, "text": 0}
