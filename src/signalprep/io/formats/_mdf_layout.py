"""Where the records of an MDF file stand, and how many of the stated ones are there."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct

import numpy as np

from signalprep.errors import ReadError

__all__ = [
    "DataGroup",
    "Layout",
    "Part",
    "RecordGroup",
    "check_packed",
    "stored_bytes",
    "unpacked",
]

Buffer = bytes | bytearray | memoryview

BLOCK = Struct("<4sIQQ")  # id, reserved, length, number of links
PACKED = Struct("<2sBBIQQ")  # type unpacked, method, reserved, parameter, length unpacked, packed
ZLIB = (0, 1)  # methods of compression: plain, transposed

VLSD = 0x1  # flags of channel groups
BUS_EVENT = 0x2
REMOTE_MASTER = 0x8


@dataclass
class RecordGroup:
    """One channel group: how many records it states, and how long they are."""

    cycles: int
    cycles_at: int
    record_id: int
    size: int
    flags: int = 0
    size_at: int = 0


@dataclass
class Part:
    """One block of records: `stated` bytes once unpacked, of which `held` are in the file."""

    at: int
    link_at: int
    stated: int
    held: int
    packed: bool = False
    method: int = 0


@dataclass
class DataGroup:
    """Channel groups whose records stand in the same blocks, each behind its record id."""

    id_size: int
    groups: list[RecordGroup] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    by_column: bool = False

    @property
    def held(self) -> int:
        """Bytes of records up to the first that is missing."""
        total = 0
        for part in self.parts:
            total += part.held
            if part.held < part.stated:
                break
        return total

    @property
    def needed(self) -> int:
        """Bytes of all records that the groups state."""
        return sum(needed(group, self.id_size, self.by_column) for group in self.groups)


@dataclass
class Layout:
    """All groups of a file, in its order.

    `unfinalised` holds the flags of a file that its logger has not closed, `cut` the addresses of
    data blocks that are not whole.
    """

    version: int
    unfinalised: int
    data: list[DataGroup] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)
    blocks: set[int] = field(default_factory=set)

    @property
    def groups(self) -> list[RecordGroup]:
        """Channel groups in the order of the file, as asammdf numbers them."""
        return [group for data in self.data for group in data.groups]

    def data_of(self, number: int) -> DataGroup:
        """Give the data that a channel group stands in."""
        return [data for data in self.data for _ in data.groups][number]


def needed(group: RecordGroup, id_size: int, by_column: bool = False) -> int:
    """Bytes that the stated records of a group take."""
    if group.flags & VLSD:
        return group.size + group.cycles * (id_size + 4)
    return group.cycles * (group.size + (0 if by_column else id_size))


def check_packed(content: Buffer, layout: Layout, file: str) -> None:
    """Unpack each compressed block once: asammdf passes over those that cannot be unpacked."""
    for data in layout.data:
        for part in data.parts:
            if part.packed and part.method in ZLIB and part.held == part.stated:
                unpacked(content, part, file)


def unpacked(content: Buffer, part: Part, file: str) -> bytes:
    """Bytes of a compressed block, in the order of the records."""
    _, method, _, columns, _, length = PACKED.unpack_from(content, part.at + BLOCK.size)
    try:
        unpacker = zlib.decompressobj()
        start = part.at + BLOCK.size + PACKED.size
        stored = unpacker.decompress(content[start : start + length], part.stated + 1)
        whole = unpacker.eof or not unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error as error:
        raise ReadError(f"{file}: damaged MDF file: a compressed block ({error})") from error
    if len(stored) != part.stated or not whole:
        raise ReadError(
            f"{file}: damaged MDF file: a compressed block states {part.stated} bytes "
            f"and holds {len(stored)}{'' if whole else ' or more'}"
        )
    if method == 0:
        return stored
    if not columns:
        raise ReadError(f"{file}: damaged MDF file: a compressed block of 0 columns")
    lines = len(stored) // columns
    square = np.frombuffer(stored, np.uint8, count=lines * columns).reshape(columns, lines)
    return square.T.tobytes() + stored[lines * columns :]


def stored_bytes(content: Buffer, parts: Iterable[Part], head: int, file: str) -> bytes:
    """Bytes of blocks one after the other, up to the first that is not whole."""
    pieces = []
    for part in parts:
        if part.packed and part.held and part.method not in ZLIB:
            raise ReadError(
                f"{file}: a block is compressed by method {part.method}, which is not known here"
            )
        if part.packed:
            pieces.append(unpacked(content, part, file) if part.held else b"")
        else:
            pieces.append(bytes(content[part.at + head : part.at + head + part.held]))
        if part.held < part.stated:
            break
    return b"".join(pieces)
