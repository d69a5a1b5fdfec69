"""Texts of variable length, as MDF 4 stores them: apart from the records, which hold offsets.

asammdf follows these offsets without a look at where they lead: a damaged one ends the process.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Any

import numpy as np

from signalprep.errors import ReadError
from signalprep.io.formats._mdf_layout import BLOCK, Buffer, Layout, stored_bytes
from signalprep.io.formats._mdf_walk import parts_at

__all__ = ["unreadable_texts", "variable_texts"]


def unreadable_texts(layout: Layout, group: int, block: Any) -> str:
    """Why texts of variable length cannot be read, empty where they can."""
    data = layout.data_of(group)
    if data.id_size or data.by_column or len(data.groups) != 1:
        return "holds texts of variable length, stored between the records of other groups"
    if block.bit_count != 64 or block.bit_offset:
        return "holds texts of variable length at places that are no 64-bit numbers"
    return ""


def variable_texts(
    content: Buffer, layout: Layout, group: int, block: Any, file: str
) -> np.ndarray:
    """Bytes of each text of a channel, in an array of objects of shape (n_records,)."""
    data = layout.data_of(group)
    (shape,) = data.groups
    stored = stored_bytes(content, data.parts, BLOCK.size, file)
    if len(stored) < shape.cycles * shape.size or block.byte_offset + 8 > shape.size:
        raise ReadError(f"{file}: damaged MDF file: offsets of {block.name!r} lie outside")
    records = np.frombuffer(stored, np.uint8, count=shape.cycles * shape.size)
    offsets = records.reshape(shape.cycles, shape.size)[:, block.byte_offset :][:, :8]
    link_at = block.address + BLOCK.size + 8 * 5
    parts = parts_at(content, block.data_block_addr, link_at, layout, file)
    signal_data = stored_bytes(content, parts, BLOCK.size, file)
    texts = np.empty(shape.cycles, dtype=object)
    for row, offset in enumerate(np.ascontiguousarray(offsets).view("<u8").ravel().tolist()):
        length = unpack_from("<I", signal_data, offset)[0] if offset + 4 <= len(signal_data) else -1
        if length < 0 or offset + 4 + length > len(signal_data):
            raise ReadError(
                f"{file}: damaged MDF file: text {row} of {block.name!r} stands outside its data"
            )
        texts[row] = signal_data[offset + 4 : offset + 4 + length]
    return texts
