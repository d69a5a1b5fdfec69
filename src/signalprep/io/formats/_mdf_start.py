"""When an MDF recording began, and in which zone: never that of the machine."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["start_of"]

LOCAL_TIME, OFFSET_VALID = 0x1, 0x2  # flags of the head of MDF 4


def start_of(header: Any, generation: int) -> tuple[str | None, str]:
    """ISO 8601 text of the start, and "utc", "offset" or "unknown", see `Content`."""
    return _start4(header) if generation == 4 else _start3(header)


def _start4(header: Any) -> tuple[str | None, str]:
    if not header.abs_time:
        return None, "unknown"
    if header.time_flags & LOCAL_TIME:
        return _iso(header.abs_time), "unknown"
    if header.time_flags & OFFSET_VALID:
        minutes = header.tz_offset + header.daylight_save_time
        text = _iso(header.abs_time + minutes * 60 * 1_000_000_000)
        sign = "-" if minutes < 0 else "+"
        return f"{text}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}", "offset"
    return f"{_iso(header.abs_time)}Z", "utc"


def _start3(header: Any) -> tuple[str | None, str]:
    """Local time of an unnamed place; the nanoseconds of MDF 3.20 are UTC or local by the writer.

    So only their fraction of a second is taken, where they tell the same minute and second.
    """
    day = header.date.decode("latin-1").strip(" \0").replace(".", ":").split(":")
    clock = header.time.decode("latin-1").strip(" \0").split(":")
    if len(day) != 3 or len(clock) != 3 or not all(p.isdigit() for p in (*day, *clock)):
        return None, "unknown"
    text = f"{int(day[2]):04}-{int(day[1]):02}-{int(day[0]):02}T{':'.join(clock)}"
    stamp = int(getattr(header, "abs_time", 0) or 0)
    seconds, fraction = divmod(stamp, 1_000_000_000)
    if fraction and seconds % 3600 == int(clock[1]) * 60 + int(clock[2]):
        text += f".{fraction:09}"
    return text, "unknown"


def _iso(nanoseconds: int) -> str:
    return str(np.datetime64(nanoseconds, "ns")).removesuffix(".000000000")
