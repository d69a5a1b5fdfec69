"""MDF files for tests, by asammdf's own writer, and moved into other orders of blocks."""

from __future__ import annotations

from pathlib import Path
from struct import pack_into, unpack_from

import numpy as np

from signalprep.io.formats._mdf import read_mdf

GEARS = {"val_0": 0, "text_0": "park", "val_1": 1, "text_1": "drive", "val_2": 7, "text_2": "limp"}


def write(path, *groups, version="4.10", start=None, fragment=None, change=None, **options):
    """Write groups of signals; `change` gets the recording before it is saved."""
    from asammdf import MDF

    with MDF(version=version) as recording:
        if start is not None:
            recording.start_time = start
        if fragment is not None:
            recording.configure(write_fragment_size=fragment)
        for signals in groups:
            recording.append(signals)
        if change is not None:
            change(recording)
        return Path(recording.save(path, overwrite=True, **options))


def drive(version="4.10", n=2000):
    """Two rates, a conversion, invalid samples, a state and texts."""
    from asammdf import Signal

    rng = np.random.default_rng(0)
    fast, slow = np.arange(n) / 1000, np.arange(n // 10) / 100
    bits = {"invalidation_bits": rng.random(n) < 0.1} if version >= "4" else {}
    counts = rng.integers(0, 99, n).astype("u2")
    return (
        [
            Signal(rng.normal(size=n), fast, unit="A", name="i_a", **bits),
            Signal(counts, fast, unit="V", name="u_dc", conversion={"a": 0.5, "b": 1.0}),
            Signal((np.arange(n) // 50 % 2).astype("u1"), fast, name="gear", conversion=GEARS),
        ],
        [
            Signal(rng.normal(size=n // 10).astype("f4"), slow, unit="°C", name="T_coolant"),
            Signal(
                np.array([b"n%d" % k for k in range(n // 10)]), slow, "", "note", encoding="utf-8"
            ),
        ],
    )


def read(path, columns=None, truncated="raise", max_bytes=1 << 31):
    return read_mdf(path, columns=columns, truncated=truncated, max_bytes=max_bytes)


def by_key(content):
    """Channels of a recording by name and source."""
    found = {f"{channel.name}@{channel.source}": channel for channel in content.channels}
    assert len(found) == len(content.channels), "name and source together tell channels apart"
    return found


def assert_prefix(short, long):
    """Check that channels hold the first samples of others, bit for bit; tell whether fewer."""
    fewer = False
    for key, channel in by_key(short).items():
        whole, n = by_key(long)[key], len(channel.times)
        np.testing.assert_array_equal(channel.times, whole.times[:n])
        np.testing.assert_array_equal(channel.values, whole.values[:n])
        assert (channel.unit, channel.kind) == (whole.unit, whole.kind)
        if n > 0:
            assert channel.values.dtype == whole.values.dtype
            assert (channel.valid is None) == (whole.valid is None)
        if channel.valid is not None:
            np.testing.assert_array_equal(channel.valid, whole.valid[:n])
        fewer |= n < len(whole.times)
    return fewer


def blocks(content):
    """Address, name, length and links of each block of an MDF 4 file."""
    found, stack = {}, [64]
    while stack:
        at = stack.pop()
        if at and at not in found:
            name, _, length, n_links = unpack_from("<4sIQQ", content, at)
            links = unpack_from(f"<{n_links}Q", content, at + 24)
            found[at] = (name, length, links)
            stack.extend(links)
    return found


def with_data_last(path):
    """Move the blocks of data behind all others, as loggers write them while they record."""
    content = path.read_bytes()
    found = blocks(content)
    is_data = {at: name in (b"##DT", b"##DZ") for at, (name, _, _) in found.items()}
    moved, size = {}, 64
    for at in sorted(found, key=lambda at: (is_data[at], at)):
        size += -size % 8
        moved[at] = size
        size += found[at][1]
    new = bytearray(size)
    new[:64] = content[:64]
    for at, (_, length, links) in found.items():
        to = moved[at]
        new[to : to + length] = content[at : at + length]
        pack_into(f"<{len(links)}Q", new, to + 24, *[moved.get(link, 0) for link in links])
    path.write_bytes(new)
    return path


def unfinalise(path):
    """Write a file anew as its logger leaves it when it loses its supply."""
    content = bytearray(path.read_bytes())
    content[:8] = b"UnFinMF "
    pack_into("<HH", content, 60, 0x1 | 0x4, 0)
    for at, (name, _, links) in blocks(content).items():
        if name == b"##CG":
            pack_into("<Q", content, at + 24 + 8 * len(links) + 8, 0)
    last = max(at for at, (name, _, _) in blocks(content).items() if name == b"##DT")
    pack_into("<Q", content, last + 8, 24)
    path.write_bytes(content)
    return path
