"""When an MDF recording began, from all that its head may say."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from signalprep.io.formats._mdf_start import start_of

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("flags", "zone", "summer", "found"),
    [
        (0, 0, 0, ("2024-05-01T10:00:00Z", "utc")),
        (1, 60, 60, ("2024-05-01T10:00:00", "unknown")),
        (2, 60, 60, ("2024-05-01T12:00:00+02:00", "offset")),
        (2, -210, 0, ("2024-05-01T06:30:00-03:30", "offset")),
        (2, 0, 0, ("2024-05-01T10:00:00+00:00", "offset")),
        (3, 60, 0, ("2024-05-01T10:00:00", "unknown")),
    ],
)
def test_mdf_4(flags, zone, summer, found):
    head = SimpleNamespace(
        abs_time=1_714_557_600 * SECOND, time_flags=flags, tz_offset=zone, daylight_save_time=summer
    )
    assert start_of(head, 4) == found
    head.abs_time = 0
    assert start_of(head, 4) == (None, "unknown")


@pytest.mark.parametrize(
    ("date", "time", "stamp", "text"),
    [
        (b"01:05:2024", b"10:20:30", 0, "2024-05-01T10:20:30"),
        (b"1.5.2024\0", b"10:20:30 ", None, "2024-05-01T10:20:30"),
        (b"01:05:2024", b"10:00:00", None, "2024-05-01T10:00:00"),
        (b"01:05:2024", b"10:20:30", (20 * 60 + 30) * SECOND + 5, "2024-05-01T10:20:30.000000005"),
        (b"01:05:2024", b"10:20:30", (20 * 60 + 31) * SECOND + 5, "2024-05-01T10:20:30"),
        (b"01:05:2024", b"10:20:30", (20 * 60 + 30) * SECOND, "2024-05-01T10:20:30"),
        (b"01:05", b"10:20:30", 0, None),
        (b"01:05:2024", b"10:20", 0, None),
        (b"01:05:20x4", b"10:20:30", 0, None),
    ],
)
def test_mdf_3(date, time, stamp, text):
    head = SimpleNamespace(date=date, time=time, abs_time=stamp)
    assert start_of(head, 3) == (text, "unknown")
    if stamp is None:
        del head.abs_time
        assert start_of(head, 3) == (text, "unknown")
