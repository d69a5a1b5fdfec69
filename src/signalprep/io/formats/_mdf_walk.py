"""A walk through all blocks of an MDF file.

asammdf reads many files that were cut off without a word: blocks behind the end are skipped, and
samples that are stated but missing are left out or left as they were in memory. So the file is
walked here first: each block that is linked must lie inside the file. Blocks of records may be
cut; they are marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import error as struct_error
from struct import unpack_from

from signalprep.errors import ReadError
from signalprep.io.formats._mdf_layout import (
    BLOCK,
    PACKED,
    VLSD,
    Buffer,
    DataGroup,
    Layout,
    Part,
    RecordGroup,
)

__all__ = ["parts_at", "read_layout"]

DATA_BLOCKS = {b"##DT", b"##DV", b"##DI", b"##DZ", b"##SD", b"##RD", b"##RV", b"##RI"}
HEAD_COMMENTS = {None, b"##TX", b"##MD"}
CHAINED = {b"##DG", b"##CG", b"##CN", b"##FH", b"##AT", b"##EV", b"##DL", b"##LD", b"##SR"}


def read_layout(content: Buffer, file: str) -> Layout:
    """Walk through a file; a description that is not whole is a ReadError."""
    if content[:3] != b"MDF" and content[:5] != b"UnFin":
        raise ReadError(f"{file}: not an MDF file: it begins with {bytes(content[:8])!r}")
    if len(content) < 64:
        raise ReadError(f"{file}: cut off MDF file: {len(content)} bytes are less than its head")
    version = _version(content, file)
    unfinalised = 0
    standard, custom = unpack_from("<HH", content, 60)
    if content[:5] == b"UnFin":
        unfinalised = standard | custom << 16 | 1 << 32  # the mark itself counts, without flags too
    elif version >= 400:
        unfinalised = standard | custom << 16
    layout = Layout(version, unfinalised)
    try:
        (_walk4 if version >= 400 else _walk3)(content, layout, file)
    except (struct_error, IndexError) as error:
        raise ReadError(f"{file}: damaged or cut off MDF file ({error})") from error
    return layout


def _version(content: Buffer, file: str) -> int:
    """Version as the head states it in letters, which asammdf goes by: 410 for 4.10."""
    text = bytes(content[8:12]).decode("latin-1")
    if text[:1] not in "234" or text[1] != "." or not text[2:].isdecimal():
        raise ReadError(f"{file}: an MDF file of version {text!r}; versions 2 to 4 can be read")
    return 100 * int(text[0]) + int(text[2:])


def parts_at(content: Buffer, at: int, link_at: int, layout: Layout, file: str) -> list[Part]:
    """Blocks of data that a link leads to, one or a list of them."""
    return [_part4(content, *pair, layout) for pair in _places(content, at, link_at, file)]


def _missing(file: str, address: int, size: int) -> ReadError:
    return ReadError(
        f"{file}: cut off MDF file: a part of its description stands at byte {address}, and the "
        f"file ends at byte {size}. truncated='drop' cannot help: which channels it has is not told"
    )


def _damaged(file: str, what: str) -> ReadError:
    return ReadError(f"{file}: damaged MDF file: {what}")


# MDF 4: blocks with a head that says how many links they have


def _walk4(content: Buffer, layout: Layout, file: str) -> None:
    size = len(content)
    following: dict[int, int] = {}
    heads: dict[int, bytes] = {}
    stack = [(64, False)]
    while stack:
        address, is_data = stack.pop()
        if address in heads or address in layout.cut:
            continue
        if address + BLOCK.size > size:
            if not is_data:
                raise _missing(file, address, size)
            layout.cut.add(address)
            continue
        name, _, length, n_links = BLOCK.unpack_from(content, address)
        if name[:2] != b"##" or length < BLOCK.size + 8 * n_links:
            raise _damaged(file, f"no block at byte {address}")
        heads[address] = name
        if name in DATA_BLOCKS:
            if address + length > size:
                layout.cut.add(address)
            continue
        if address + length > size:
            raise _missing(file, address, size)
        links = unpack_from(f"<{n_links}Q", content, address + BLOCK.size)
        if name in CHAINED and n_links:
            following[address] = links[0]
        stack.extend((link, _leads_to_data(name, k)) for k, link in enumerate(links) if link)
    _refuse_circles(following, file)
    layout.blocks = set(heads)
    links = _links(content, 64)
    if heads[64] != b"##HD" or len(links) < 6 or heads.get(links[5]) not in HEAD_COMMENTS:
        raise _damaged(file, "it does not begin with a head")
    for address in _chain(content, links[0], b"##DG", file):
        layout.data.append(_data_group4(content, address, layout, file))


def _leads_to_data(name: bytes, position: int) -> bool:
    if name in (b"##DL", b"##LD"):
        return position >= 1
    return (name == b"##DG" and position == 2) or (name == b"##CN" and position == 5)


def _refuse_circles(following: dict[int, int], file: str) -> None:
    """Refuse blocks that follow each other in a circle: asammdf would read on for ever."""
    done: set[int] = set()
    for start in following:
        path: set[int] = set()
        address = start
        while address in following and address not in done:
            if address in path:
                raise _damaged(file, f"the blocks at byte {address} follow each other in a circle")
            path.add(address)
            address = following[address]
        done |= path


def _links(content: Buffer, address: int) -> tuple[int, ...]:
    _, _, _, n_links = BLOCK.unpack_from(content, address)
    return unpack_from(f"<{n_links}Q", content, address + BLOCK.size)


def _chain(content: Buffer, address: int, name: bytes, file: str) -> Iterator[int]:
    """Addresses of blocks of one kind that follow each other."""
    seen = set()
    while address:
        found = bytes(content[address : address + 4])
        if found != name or address in seen:
            raise _damaged(file, f"{found!r} at byte {address} where {name!r} belongs")
        seen.add(address)
        yield address
        address = _links(content, address)[0]


def _data_group4(content: Buffer, address: int, layout: Layout, file: str) -> DataGroup:
    links = _links(content, address)
    data = DataGroup(id_size=content[address + BLOCK.size + 8 * len(links)])
    for group in _chain(content, links[1], b"##CG", file):
        body = group + BLOCK.size + 8 * len(_links(content, group))
        record_id, cycles, flags, _, _, n_data, n_invalid = unpack_from("<QQHHIII", content, body)
        size = n_data | n_invalid << 32 if flags & VLSD else n_data + n_invalid
        shape = RecordGroup(cycles, body + 8, record_id, size, flags, body + 24)
        data.groups.append(shape)
    at = links[2]
    if at:
        link_at = address + BLOCK.size + 16
        data.parts = parts_at(content, at, link_at, layout, file)
        head = bytes(content[at : at + 4])
        data.by_column = head in (b"##LD", b"##DV")
    if data.by_column:
        for shape in data.groups:  # invalidation bits stand in blocks of their own
            (shape.size,) = unpack_from("<I", content, shape.size_at)
    return data


def _places(content: Buffer, at: int, link_at: int, file: str) -> Iterable[tuple[int, int]]:
    """Address of each block of records, and where the link to it stands."""
    name = bytes(content[at : at + 4])
    if name == b"##HL":
        at, link_at = _links(content, at)[0], at + BLOCK.size
        name = bytes(content[at : at + 4])
    if name not in (b"##DL", b"##LD"):
        return [(at, link_at)] if at else []
    places = []
    for block in _chain(content, at, name, file):
        links = _links(content, block)
        count = len(links) - 1
        if name == b"##LD":
            _, count = unpack_from("<II", content, block + BLOCK.size + 8 * len(links))
        for k in range(1, min(count, len(links) - 1) + 1):
            if not links[k]:
                raise _damaged(file, f"the list of data at byte {block} has an empty place")
            places.append((links[k], block + BLOCK.size + 8 * k))
    return places


def _part4(content: Buffer, at: int, link_at: int, layout: Layout) -> Part:
    size = len(content)
    if at + BLOCK.size > size:
        return Part(at, link_at, stated=1, held=0)
    name, _, length, _ = BLOCK.unpack_from(content, at)
    if name == b"##DZ":
        if at + BLOCK.size + PACKED.size > size:
            return Part(at, link_at, stated=1, held=0, packed=True)
        _, method, _, _, unpacked_length, _ = PACKED.unpack_from(content, at + BLOCK.size)
        held = 0 if at in layout.cut else unpacked_length
        return Part(at, link_at, max(unpacked_length, 1 - bool(held)), held, True, method)
    stated = length - BLOCK.size
    return Part(at, link_at, stated, min(stated, size - at - BLOCK.size))


# MDF 2 and 3: each kind of block has its links at places of its own


def _walk3(content: Buffer, layout: Layout, file: str) -> None:
    size = len(content)
    following: dict[int, int] = {}
    seen: set[int] = set()
    stack = [64]
    while stack:
        address = stack.pop()
        if address in seen:
            continue
        if address + 4 > size:
            raise _missing(file, address, size)
        name, length = unpack_from("<2sH", content, address)
        if not name.isalpha():
            raise _damaged(file, f"no block at byte {address}")
        if address + length > size:
            raise _missing(file, address, size)
        seen.add(address)
        links = list(_links3(content, address, name, length))
        if name in (b"DG", b"CG", b"CN") and links:
            following[address] = links[0]
        stack.extend(link for link in links if link)
    _refuse_circles(following, file)
    layout.blocks = seen
    (address,) = unpack_from("<I", content, 68)
    while address:
        layout.data.append(_data_group3(content, address))
        (address,) = unpack_from("<I", content, address + 4)


def _links3(content: Buffer, address: int, name: bytes, length: int) -> Iterator[int]:
    count = {b"HD": 3, b"DG": 3, b"CG": 3, b"CN": 5, b"TR": 1}.get(name, 0)
    yield from unpack_from(f"<{count}I", content, address + 4)
    if name == b"CN":
        for place in (218, 222):  # names longer than 31 characters
            if length >= place + 4:
                yield from unpack_from("<I", content, address + place)
    if name == b"CC" and length >= 46:
        kind, n_entries = unpack_from("<HH", content, address + 42)
        if kind == 12:  # ranges with a text each
            for entry in range(n_entries):
                yield from unpack_from("<I", content, address + 46 + 20 * entry + 16)


def _data_group3(content: Buffer, address: int) -> DataGroup:
    _, group, _, at, n_groups, id_size = unpack_from("<IIIIHH", content, address + 4)
    data = DataGroup(id_size)
    for _ in range(n_groups):
        if not group:
            break
        following, _, _, record_id, _, size, cycles = unpack_from("<IIIHHHI", content, group + 4)
        data.groups.append(RecordGroup(cycles, group + 22, record_id, size))
        group = following
    stated = data.needed
    data.parts = [Part(at, address + 16, stated, max(0, min(stated, len(content) - at)))]
    return data
