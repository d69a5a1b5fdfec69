"""Records of a file that was cut off, counted and cut to whole ones."""

from __future__ import annotations

from struct import unpack_from

import pytest

from signalprep.errors import ReadError
from signalprep.io.formats._mdf_layout import BLOCK, VLSD, DataGroup, Layout, Part, RecordGroup
from signalprep.io.formats._mdf_repair import (
    _count_by_id,
    _count_records,
    _lengthen,
    _mend_blocks,
    _trim,
    _write_counts,
)


def group(record_id, size, flags=0, size_at=1):
    return RecordGroup(9, 8 * record_id, record_id, size, flags, size_at)


def test_records_are_counted_by_their_id():
    data = DataGroup(1, [group(1, 2), group(2, 3)])
    records = b"\1aa" + b"\2bbb" + b"\1aa" + b"\2bb"
    assert _count_by_id(records, data, "f") == ([2, 1], [0, 0])
    assert _count_by_id(records + b"b", data, "f") == ([2, 2], [0, 0])
    assert _count_by_id(b"\1a", data, "f") == ([0, 0], [0, 0])
    assert _count_by_id(b"", data, "f") == ([0, 0], [0, 0])
    with pytest.raises(ReadError, match=r"a record of no group \(id 7\)"):
        _count_by_id(b"\1aa\7", data, "f")
    wide = DataGroup(2, [group(258, 1)])
    assert _count_by_id(b"\2\1a\2\1b\2", wide, "f") == ([2], [0])
    old = DataGroup(2, [group(1, 2, size_at=0)])
    assert _count_by_id(b"\1aa\1" + b"\1bb\1" + b"\1cc", old, "f") == ([2], [0])
    texts = DataGroup(1, [group(1, 0, VLSD)])
    records = b"\1" + b"\3\0\0\0abc" + b"\1" + b"\1\0\0\0a" + b"\1\0\0"
    assert _count_by_id(records, texts, "f") == ([2], [4])
    assert _count_by_id(records[:-3] + b"\1\2\0\0\0a", texts, "f") == ([2], [4])


def test_records_of_one_group_are_counted_by_their_size():
    layout = Layout(410, 0)
    data = DataGroup(0, [group(0, 4), group(1, 4)], [Part(0, 0, 11, 11)])
    assert _count_records(b"", data, layout, "f") == ([2, 0], [0, 0])
    data.groups[0].size = 0
    assert _count_records(b"", data, layout, "f") == ([0, 0], [0, 0])
    data.by_column = True
    with pytest.raises(ReadError, match="stored by columns"):
        _count_records(b"", data, layout, "f")
    by_id = DataGroup(1, [group(1, 2)], [Part(3, 0, 6, 6)])
    assert _count_records(bytes(27) + b"\1aa\1bb", by_id, layout, "f") == ([2], [0])
    assert _count_records(bytes(3) + b"\1aa\1bb", by_id, Layout(330, 0), "f") == ([2], [0])


def test_counts_are_written_where_they_stand():
    data = DataGroup(1, [group(0, 2), group(2, 0, VLSD, size_at=32)])
    mended = bytearray(48)
    _write_counts(mended, Layout(410, 0), data, [5, 7], [0, (1 << 32) + 3])
    assert unpack_from("<Q", mended, 0) == (5,)
    assert unpack_from("<Q", mended, 16) == (7,)
    assert unpack_from("<II", mended, 32) == (3, 1)
    mended = bytearray(b"\xff" * 48)
    _write_counts(mended, Layout(330, 0), data, [5, 7], [0, 0])
    assert unpack_from("<II", mended, 0) == (5, 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("blocks", "version", "held"),
    [
        ({64, 100}, 410, 100 - 64 - 24),
        ({64}, 410, 200 - 64 - 24),
        ({64, 70}, 410, 0),
        ({10, 64, 100}, 330, 36),
    ],
)
def test_the_last_block_reaches_to_the_next(blocks, version, held):
    data = DataGroup(0, [group(0, 4)], [Part(30, 0, 4, 4), Part(64, 0, 9, 9)])
    _lengthen(bytes(200), data, Layout(version, 0, blocks=blocks))
    assert (data.parts[1].stated, data.parts[1].held) == (held, held)
    assert data.parts[0].held == 4
    data.parts[-1].packed, data.parts[-1].held = True, 5
    _lengthen(bytes(200), data, Layout(version, 0, blocks=blocks))
    assert data.parts[-1].held == 5


def test_what_is_behind_the_last_record_is_taken_off():
    def parts(*held):
        return DataGroup(0, [], [Part(0, 0, 10, n) for n in held])

    data = parts(10, 10, 10)
    _trim(bytearray(), data, 3, "f")
    assert [part.held for part in data.parts] == [10, 10, 7]
    data = parts(10, 10, 10)
    _trim(bytearray(), data, 13, "f")
    assert [part.held for part in data.parts] == [10, 7, 0]
    data = parts(10, 6, 10)
    _trim(bytearray(), data, 2, "f")
    assert [part.held for part in data.parts] == [10, 4, 10]


def test_blocks_get_the_length_that_they_have():
    mended = bytearray(200)
    parts = [Part(100, 0, 10, 10), Part(150, 8, 10, 6), Part(180, 16, 10, 10)]
    _mend_blocks(mended, DataGroup(0, [], parts), 77)
    assert unpack_from("<Q", mended, 108) == (10 + BLOCK.size,)
    assert unpack_from("<Q", mended, 158) == (6 + BLOCK.size,)
    assert unpack_from("<QQQ", mended, 0) == (0, 0, 77)
    mended = bytearray(200)
    packed = [Part(100, 0, 10, 10, packed=True), Part(150, 8, 10, 6, packed=True)]
    _mend_blocks(mended, DataGroup(0, [], packed), 77)
    assert unpack_from("<QQ", mended, 0) == (0, 77)
