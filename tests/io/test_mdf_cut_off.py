"""MDF files that are cut off, not closed or damaged: an error or a prefix, never other numbers."""

from __future__ import annotations

from struct import pack_into

import numpy as np
import pytest

from mdf_files import (
    assert_prefix,
    blocks,
    drive,
    read,
    unfinalise,
    with_data_last,
    write,
)
from signalprep.errors import ReadError
from signalprep.io.formats._mdf_walk import read_layout

asammdf = pytest.importorskip("asammdf", reason="MDF is an extra: pip install 'signalprep[mdf]'")

Signal = asammdf.Signal
KINDS = {
    "plain": {},
    "list": {"fragment": 4096},
    "packed": {"fragment": 4096, "compression": 1},
    "transposed": {"fragment": 4096, "compression": 2},
}


def numbers(version="4.10", n=2000):
    """The drive without its texts, which stand apart from the records."""
    fast, slow = drive(version, n)
    return fast, slow[:1]


def cuts(size, rng, n=50):
    return [*rng.integers(1, size, n - 1).tolist(), size - 1]


@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_many_places(tmp_path, kind):
    path = with_data_last(write(tmp_path / "a.mf4", *numbers(), **KINDS[kind]))
    whole, content = read(path), path.read_bytes()
    n_prefixes = 0
    for end in cuts(len(content), np.random.default_rng(1)):
        path.write_bytes(content[:end])
        with pytest.raises(ReadError, match=r"a\.mf4: cut off MDF file|a\.mf4: not an MDF file"):
            read(path)
        try:
            rest = read(path, truncated="drop")
        except ReadError:
            continue
        assert assert_prefix(rest, whole)
        n_prefixes += 1
        cut = rest.facts["truncated"]
        assert cut["stated"] == 2200
        assert cut["kept"] == len(rest.channels[0].times) + len(rest.channels[-1].times) < 2200
        assert f"{cut['kept']} of 2200 stated records" in rest.facts["notes"][-1]
    assert n_prefixes > 20


def test_cut_mdf_3_whose_records_stand_last(tmp_path):
    path = write(tmp_path / "a.mdf", *numbers("3.30"), version="3.30")
    whole, content = read(path), bytearray(path.read_bytes())
    start = len(content)
    for data in read_layout(content, path.name).data:
        (part,) = data.parts
        pack_into("<I", content, part.link_at, len(content))
        content += content[part.at : part.at + part.stated]
    n_fast = 2000 * (8 + 8 + 2 + 1)  # a stamp, i_a, u_dc, gear
    for end in [start + 1, start + n_fast // 2 + 3, start + n_fast + 1, len(content) - 1]:
        path.write_bytes(content[:end])
        with pytest.raises(ReadError, match=r"a\.mdf: cut off MDF file"):
            read(path)
        assert assert_prefix(read(path, truncated="drop"), whole)
    path.write_bytes(content[: start + n_fast // 2 + 3])
    assert len(read(path, truncated="drop").channels[0].times) == 1000


@pytest.mark.parametrize("version", ["2.14", "3.30", "4.10"])
def test_cut_files_whose_description_stands_last(tmp_path, version):
    path = write(tmp_path / "a.mf4", *drive(version), version=version)
    content = path.read_bytes()
    for end in cuts(len(content), np.random.default_rng(2), n=20):
        path.write_bytes(content[:end])
        for truncated in ("raise", "drop"):
            with pytest.raises(ReadError):
                read(path, truncated=truncated)


@pytest.mark.parametrize(
    "name", ["ASAP2_Demo_V161_3.30_unsorted.mdf", "ASAP2_Demo_V161_unsorted.mf4", "test_basic.mf4"]
)
def test_cut_real_files(tmp_path, real_data, name):
    (original,) = (real_data("formats") / "mdf").rglob(name)
    whole, content, path = read(original), original.read_bytes(), tmp_path / name
    for end in cuts(len(content), np.random.default_rng(3)):
        path.write_bytes(content[:end])
        with pytest.raises(ReadError):
            read(path)
        try:
            rest = read(path, truncated="drop")
        except ReadError:
            continue
        assert assert_prefix(rest, whole)


@pytest.mark.parametrize("kind", ["plain", "list"])
def test_unfinalised(tmp_path, kind):
    fast = numbers()[:1]  # one group: the last block of data is its last one
    path = with_data_last(write(tmp_path / "a.mf4", *fast, **KINDS[kind]))
    whole = read(path)
    unfinalise(path)
    with pytest.raises(ReadError, match=r"a\.mf4: unfinalised MDF file.*truncated='drop'"):
        read(path)
    rest = read(path, truncated="drop")
    assert not assert_prefix(rest, whole)
    path.write_bytes(path.read_bytes()[:-7])
    rest = read(path, truncated="drop")
    assert assert_prefix(rest, whole)
    assert len(rest.channels[0].times) == 1999


def test_a_file_that_states_more_than_it_holds(tmp_path):
    path = write(tmp_path / "a.mf4", *numbers())
    content = bytearray(path.read_bytes())
    for at, (name, _, links) in blocks(content).items():
        if name == b"##CG":
            pack_into("<Q", content, at + 24 + 8 * len(links) + 8, 10**9)
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"a\.mf4: cut off MDF file: 2 of 2 groups of data hold"):
        read(path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_holds_more_than_it_states(tmp_path, kind):
    path = write(tmp_path / "a.mf4", *numbers()[:1], **KINDS[kind])
    whole, content = read(path), bytearray(path.read_bytes())
    (at,) = (at for at, (name, _, _) in blocks(content).items() if name == b"##CG")
    pack_into("<Q", content, at + 24 + 8 * 6 + 8, 1501)
    path.write_bytes(content)
    part = read(path)
    assert assert_prefix(part, whole)
    assert len(part.channels[0].times) == 1501


@pytest.mark.parametrize("kind", ["packed", "transposed"])
def test_a_compressed_block_that_is_damaged(tmp_path, kind):
    path = write(tmp_path / "a.mf4", *numbers(), **KINDS[kind])
    content = bytearray(path.read_bytes())
    packed = [at for at, (name, _, _) in blocks(content).items() if name == b"##DZ"]
    content[sorted(packed)[3] + 48 + 700] ^= 0x10
    path.write_bytes(content)
    for truncated in ("raise", "drop"):
        with pytest.raises(ReadError, match=r"a\.mf4: damaged MDF file: a compressed block"):
            read(path, truncated=truncated)


def test_blocks_in_a_circle(tmp_path):
    path = write(tmp_path / "a.mf4", *numbers(n=20))
    content = bytearray(path.read_bytes())
    for at, (name, _, _) in blocks(content).items():
        if name == b"##CN":
            pack_into("<Q", content, at + 24, at)
    path.write_bytes(content)
    with pytest.raises(ReadError, match="follow each other in a circle"):
        read(path)


def test_a_text_that_stands_nowhere(tmp_path):
    words = np.array([b"a", b"bc", b"def"])
    signal = Signal(words, np.arange(3.0), name="note", encoding="utf-8")
    path = write(tmp_path / "a.mf4", [signal])
    content = bytearray(path.read_bytes())
    (at,) = (at for at, (name, _, _) in blocks(content).items() if name == b"##DT")
    pack_into("<Q", content, at + 24 + 8, 10**6)
    path.write_bytes(content)
    with pytest.raises(ReadError, match="text 0 of 'note' stands outside its data"):
        read(path)


@pytest.mark.parametrize(
    ("version", "kind"), [("3.30", "plain"), ("4.10", "plain"), ("4.10", "transposed")]
)
def test_damaged_files_are_read_errors(tmp_path, version, kind):
    options = KINDS[kind]
    path = write(tmp_path / "a.mf4", *drive(version, 200), version=version, **options)
    content, rng = path.read_bytes(), np.random.default_rng(4)
    messages = []
    for _ in range(60):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[rng.integers(0, len(content), 5)] = rng.integers(0, 256, 5)
        path.write_bytes(damaged.tobytes())
        for truncated in ("raise", "drop"):
            try:
                read(path, truncated=truncated)
            except ReadError as error:
                messages.append(str(error))
    assert len(messages) > 10
    assert all(message.startswith(f"{path.name}: ") for message in messages)


def test_files_that_are_no_mdf(tmp_path):
    path = tmp_path / "a.mf4"
    for content, words in (
        (b"", "is empty"),
        (b"MDF     ", "cut off"),
        (b"PK\x03\x04", "not an MDF"),
    ):
        path.write_bytes(content)
        with pytest.raises(ReadError, match=rf"a\.mf4: .*{words}"):
            read(path)
    with pytest.raises(ReadError, match="cannot be read"):
        read(tmp_path / "none.mf4")
