"""What is whole of an MDF file that was cut off, or never closed by its logger."""

from __future__ import annotations

from struct import pack_into

from signalprep.errors import ReadError
from signalprep.io.formats._mdf_layout import (
    BLOCK,
    VLSD,
    Buffer,
    DataGroup,
    Layout,
    Part,
    stored_bytes,
    unpacked,
)

__all__ = ["has_surplus", "repaired", "whole"]

# What an unfinalised file may lack: counts of records, of reduced records, length of the last
# block of records, of the last of reduced ones, size of a group of variable length.
MENDED = 0x1 | 0x2 | 0x4 | 0x8 | 0x20 | 1 << 32
COUNTS, LAST_LENGTH = 0x1, 0x4


def whole(content: Buffer, layout: Layout, file: str, truncated: str) -> bool:
    """Tell whether all that the file states is there; with truncated="raise", raise if not."""
    if layout.unfinalised:
        if truncated == "raise":
            raise ReadError(
                f"{file}: unfinalised MDF file: its logger did not close it, so it may lack "
                "samples. truncated='drop' takes the records that are whole"
            )
        if layout.unfinalised & ~MENDED:
            raise ReadError(
                f"{file}: unfinalised MDF file of a kind that cannot be mended here "
                f"(flags {layout.unfinalised & 0xFFFFFFFF:#x}); finalise it with its logger's tool"
            )
        return False
    in_records = {part.at for data in layout.data for part in data.parts}
    if layout.cut - in_records:
        raise ReadError(
            f"{file}: cut off MDF file: samples of variable length stand at byte "
            f"{min(layout.cut - in_records)}, and the file ends at byte {len(content)}. "
            "truncated='drop' cannot help"
        )
    short = [data for data in layout.data if data.held < data.needed]
    if short and truncated == "raise":
        raise ReadError(
            f"{file}: cut off MDF file: {len(short)} of {len(layout.data)} groups of data hold "
            f"less than they state ({sum(data.held for data in short)} of "
            f"{sum(data.needed for data in short)} bytes). truncated='drop' takes the records "
            "that are whole"
        )
    return not short


def has_surplus(layout: Layout) -> bool:
    """Whether blocks hold more than the stated records: asammdf trips over what is behind them."""
    return any(not data.id_size and data.held > data.needed for data in layout.data)


def repaired(content: Buffer, layout: Layout, file: str) -> tuple[bytes, dict[str, int]]:
    """Give a file that states the records it holds, and how many of the stated ones those are."""
    mended = bytearray(content)
    mended += bytes(-len(mended) % 8)
    empty = len(mended)
    mended += BLOCK.pack(b"##DT", 0, BLOCK.size, 0)
    stated = kept = 0
    for data in layout.data:
        if layout.unfinalised & LAST_LENGTH:
            _lengthen(content, data, layout)
        counts = [group.cycles for group in data.groups]
        if layout.unfinalised or data.held < data.needed:
            counts, sizes = _count_records(content, data, layout, file)
            if not layout.unfinalised & COUNTS:
                counts = [min(n, g.cycles) for n, g in zip(counts, data.groups, strict=True)]
            _write_counts(mended, layout, data, counts, sizes)
        if layout.version >= 400:
            if not data.id_size and not data.by_column and counts:
                _trim(mended, data, data.held - counts[0] * data.groups[0].size, file)
            _mend_blocks(mended, data, empty)
        before = counts if layout.unfinalised & COUNTS else [g.cycles for g in data.groups]
        stated, kept = stated + sum(before), kept + sum(counts)
    if layout.unfinalised:
        mended[:8] = b"MDF     "
        pack_into("<HH", mended, 60, 0, 0)
    return bytes(mended), {"stated": stated, "kept": kept}


def _write_counts(
    mended: bytearray, layout: Layout, data: DataGroup, counts: list[int], sizes: list[int]
) -> None:
    for group, count, size in zip(data.groups, counts, sizes, strict=True):
        pack_into("<Q" if layout.version >= 400 else "<I", mended, group.cycles_at, count)
        if group.flags & VLSD:
            pack_into("<II", mended, group.size_at, size & 0xFFFFFFFF, size >> 32)


def _lengthen(content: Buffer, data: DataGroup, layout: Layout) -> None:
    """Let the last block of records reach to the next block, or to the end of the file."""
    if not data.parts or data.parts[-1].packed:
        return
    part = data.parts[-1]
    behind = [at for at in layout.blocks if at > part.at]
    head = BLOCK.size if layout.version >= 400 else 0
    part.stated = part.held = max(min(behind, default=len(content)) - part.at - head, 0)


def _trim(mended: bytearray, data: DataGroup, surplus: int, file: str) -> None:
    """Take what is behind the last whole record off the last blocks."""
    gap = [part.held < part.stated for part in data.parts]
    last = gap.index(True) if any(gap) else len(data.parts) - 1
    for part in reversed(data.parts[: last + 1]):
        taken = min(part.held, surplus)
        if taken and taken < part.held and part.packed:
            _unpack_at_end(mended, part, part.held - taken, file)
        part.held, surplus = part.held - taken, surplus - taken


def _unpack_at_end(mended: bytearray, part: Part, length: int, file: str) -> None:
    """Put the beginning of a compressed block, unpacked, at the end of the file."""
    records = unpacked(mended, part, file)[:length]
    mended += bytes(-len(mended) % 8)
    part.at, part.packed, part.stated = len(mended), False, length
    mended += BLOCK.pack(b"##DT", 0, BLOCK.size + length, 0) + records
    pack_into("<Q", mended, part.link_at, part.at)


def _mend_blocks(mended: bytearray, data: DataGroup, empty: int) -> None:
    """Give blocks the length that they have; links to blocks that are gone lead to an empty one."""
    gone = False
    for part in data.parts:
        if gone or not part.held or (part.packed and part.held < part.stated):
            pack_into("<Q", mended, part.link_at, empty)
            gone = True
        elif not part.packed:
            pack_into("<Q", mended, part.at + 8, part.held + BLOCK.size)
            gone = part.held < part.stated


def _count_records(
    content: Buffer, data: DataGroup, layout: Layout, file: str
) -> tuple[list[int], list[int]]:
    """Whole records of each group, and bytes of those of variable length."""
    if data.by_column:
        raise ReadError(
            f"{file}: cut off MDF file: its groups are stored by columns; "
            "truncated='drop' takes only files stored by records"
        )
    if not data.id_size:
        counts = [data.held // group.size if group.size else 0 for group in data.groups[:1]]
        rest = [0] * (len(data.groups) - len(counts))
        return counts + rest, [0] * len(data.groups)
    head = BLOCK.size if layout.version >= 400 else 0
    return _count_by_id(stored_bytes(content, data.parts, head, file), data, file)


def _count_by_id(records: bytes, data: DataGroup, file: str) -> tuple[list[int], list[int]]:
    positions = {group.record_id: k for k, group in enumerate(data.groups)}
    counts, sizes = [0] * len(data.groups), [0] * len(data.groups)
    # MDF 2 and 3 may repeat the record id behind the record.
    old = not data.groups[0].size_at
    id_size, behind = (1, data.id_size - 1) if old else (data.id_size, 0)
    at, end = 0, len(records)
    while at + id_size <= end:
        record_id = int.from_bytes(records[at : at + id_size], "little")
        if record_id not in positions:
            raise ReadError(f"{file}: damaged MDF file: a record of no group (id {record_id})")
        k = positions[record_id]
        group = data.groups[k]
        at += id_size
        if group.flags & VLSD:
            if at + 4 > end:
                break
            size = int.from_bytes(records[at : at + 4], "little") + 4
        else:
            size = group.size
        at += size + behind
        if at > end:
            break
        counts[k] += 1
        sizes[k] += size - 4 if group.flags & VLSD else 0
    return counts, sizes
