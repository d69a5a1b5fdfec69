"""Which channels an MDF file has, which can be read, and which the caller wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from signalprep.errors import ReadError
from signalprep.io.formats._mdf_layout import BUS_EVENT, REMOTE_MASTER, VLSD, Layout
from signalprep.io.formats._mdf_texts import unreadable_texts

__all__ = ["HAS_INVALID_BIT", "NUMBERS", "TEXTS", "Found", "Place", "check_size", "choose", "find"]

NUMBERS = {3: {0, 1, 2, 3, *range(9, 17)}, 4: set(range(6))}  # data types
TEXTS = {
    3: {7: "latin-1"},
    4: {6: "latin-1", 7: "utf-8", 8: "utf-16-le", 9: "utf-16-be"},
}
SYNC_KINDS = {1: "time", 2: "angle", 3: "distance", 4: "index"}
HAS_INVALID_BIT = 0x2  # flag of channels of MDF 4


@dataclass
class Place:
    """One channel of the file: its group and its position there."""

    group: int
    index: int
    name: str
    source: str
    block: Any

    @property
    def key(self) -> str:
        return f"{self.name}@{self.source}"

    def has_variable_length(self, generation: int) -> bool:
        return generation == 4 and self.block.channel_type == 1


@dataclass
class Found:
    """Channels that can be read, and why the others cannot."""

    readable: list[Place] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)


def find(recording: Any, layout: Layout, generation: int) -> Found:
    """List the channels of all groups, with what keeps some of them from being read."""
    found = Found()
    if len(recording.groups) != len(layout.groups):
        raise ValueError(f"{len(recording.groups)} groups of {len(layout.groups)}")
    for number, group in enumerate(recording.groups):
        shape = layout.groups[number]
        if shape.flags & VLSD:
            continue
        master = recording.masters_db.get(number)
        reason = _unreadable_group(recording, number, generation)
        for index, block in enumerate(group.channels):
            if index == master:
                continue
            place = Place(number, index, block.name, _source(number, group, block), block)
            if place.key in found.known:
                place.source = f"{place.source}, channel {index}"
            found.known.add(place.key)
            why = reason or _unreadable(group, index, block, generation)
            if not why and place.has_variable_length(generation):
                why = unreadable_texts(layout, number, block)
            if why:
                found.left_out[place.key] = why
            else:
                found.readable.append(place)
    return found


def _unreadable_group(recording: Any, number: int, generation: int) -> str:
    group = recording.groups[number].channel_group
    if generation == 4 and group.flags & BUS_EVENT:
        return "holds raw frames of a bus, not signals"
    if generation == 4 and group.flags & REMOTE_MASTER:
        number = group.cg_master_index
    master = recording.masters_db.get(number)
    if master is None:
        return "has no stamps: its group has no master channel"
    group, block = recording.groups[number], recording.groups[number].channels[master]
    if _is_outside(group, block, generation):
        return "has no stamps: those of its group stand outside the records"
    kind = block.sync_type if generation == 4 else 1
    if kind != 1:
        return f"is recorded over {SYNC_KINDS.get(kind, 'something')}, not over time"
    return ""


def _unreadable(group: Any, index: int, block: Any, generation: int) -> str:
    """Why a channel cannot be read, empty where it can."""
    is_number = block.data_type in NUMBERS[generation]
    new = generation == 4
    reasons = {
        "has no name": not block.name,
        "is an array or a structure (bytes)": bool(group.channel_dependencies[index]),
        "is a second master": new and block.channel_type in (2, 3),
        "points into an attached stream (bytes)": new and block.channel_type == 4,
        "holds bytes that are neither numbers nor text": not is_number
        and block.data_type not in TEXTS[generation],
        f"holds numbers of {block.bit_count} bits": is_number and not 0 < block.bit_count <= 64,
        "holds bytes of variable length": new and block.channel_type == 1 and is_number,
        "stands outside the records of its group": _is_outside(group, block, generation),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _is_outside(group: Any, block: Any, generation: int) -> bool:
    """Whether a channel reaches beyond its record: asammdf would read what is in memory there."""
    size = group.channel_group.samples_byte_nr
    if generation == 3:
        start = 8 * getattr(block, "additional_byte_offset", 0) + block.start_offset
        return start + block.bit_count > 8 * size
    if block.channel_type in (3, 6):  # virtual: computed from the number of the record
        return False
    if block.flags & HAS_INVALID_BIT:
        n_invalid = 8 * group.channel_group.invalidation_bytes_nr
        if block.pos_invalidation_bit >= n_invalid:
            return True
    return 8 * block.byte_offset + block.bit_offset + block.bit_count > 8 * size


def _source(number: int, group: Any, block: Any) -> str:
    """Whatever tells channels of one name apart: group, its name, its source, that of the channel.

    MDF 2 and 3 have no names of groups.
    """
    words = [f"group {number}", getattr(group.channel_group, "acq_name", "")]
    for source in (getattr(group.channel_group, "acq_source", None), block.source):
        words += [source.name, source.path] if source else []
    plain = [" ".join(str(word).replace("\0", " ").split()) for word in words if word]
    return ", ".join(dict.fromkeys(word for word in plain if word))


def choose(found: Found, columns: Sequence[str] | None, file: str) -> list[Place]:
    if columns is None:
        return found.readable
    chosen = []
    for wanted in columns:
        places = [p for p in found.readable if wanted in (p.name, p.key)]
        places = places or [p for p in found.readable if _begins(p.key, wanted)]
        if not places:
            unread = found.left_out.items()
            why = [why for key, why in unread if key == wanted or key.startswith(f"{wanted}@")]
            names = list(dict.fromkeys(place.name for place in found.readable))
            more = ", ..." if len(names) > 20 else ""
            raise ReadError(
                f"{file}: columns: {wanted!r} {why[0]}"
                if why
                else f"{file}: columns: no channel {wanted!r}; found {', '.join(names[:20])}{more}"
            )
        chosen += places
    wanted_places = {place.key for place in chosen}
    return [place for place in found.readable if place.key in wanted_places]


def _begins(key: str, wanted: str) -> bool:
    """Whether a channel is called by its name and the beginning of its source."""
    return "@" in wanted and key.startswith(f"{wanted},")


def check_size(recording: Any, places: list[Place], file: str, max_bytes: int) -> None:
    cycles = [group.channel_group.cycles_nr for group in recording.groups]
    n_samples = sum(cycles[place.group] for place in places)
    n_stamps = sum(cycles[group] for group in {place.group for place in places})
    size = 8 * (n_samples + n_stamps)
    if size > max_bytes:
        raise ReadError(
            f"{file}: states {n_samples} samples in {len(places)} channels, which need {size:.3g} "
            f"bytes with their stamps; max_bytes={max_bytes:.3g} allows less. Choose columns=, or "
            "raise max_bytes"
        )
