"""What a reader gives: the channels of one file, its start, and what the report says about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from signalprep.log import Channel

__all__ = ["Content"]


@dataclass
class Content:
    """One recording as it is in its file.

    Attributes
    ----------
    channels : list of Channel
        In the order of the file; names may occur more than once, name and source together not.
    start : str, default=None
        When the recording began, ISO 8601; with "Z" or the offset where the file states it. None
        where it does not say.
    zone : {"utc", "offset", "unknown"}, default="unknown"
        How `start` is to be read: "utc", with an offset stated in the file, or local time of a
        place that the file does not name.
    facts : dict
        What the reading report says: ``format``, ``version``, ``counts`` (by ``name@source``, how
        many samples were read, and of these invalid or text among numbers), ``left_out`` (reason
        by ``name@source``), ``truncated`` (what was cut off), ``notes``.
    """

    channels: list[Channel]
    start: str | None = None
    zone: str = "unknown"
    facts: dict[str, Any] = field(default_factory=dict)
