"""Samples of the channels of an MDF file, as they were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from signalprep.io.formats._mdf_conversion import Converted, convert, convert_texts
from signalprep.io.formats._mdf_find import HAS_INVALID_BIT, TEXTS, Place
from signalprep.io.formats._mdf_layout import REMOTE_MASTER, Buffer, Layout
from signalprep.io.formats._mdf_texts import variable_texts
from signalprep.log import Channel

__all__ = ["File", "Samples", "channel_of", "samples_of"]

WHOLE_NUMBERS = {3: {0, 1, 9, 10, 13, 14}, 4: set(range(4))}  # data types
PARTS_OF_SECOND = {"ms": 1e3, "us": 1e6, "µs": 1e6, "μs": 1e6, "ns": 1e9}
ALL_INVALID, DISCRETE = 0x1, 0x200  # flags of channels of MDF 4
HAS_RANGE = 0x2  # of conversions


@dataclass
class File:
    """A file that is whole: what asammdf opens, its bytes and layout, how much was cut off."""

    name: str
    source: BinaryIO
    content: Buffer
    layout: Layout
    cut: dict[str, int]

    @property
    def generation(self) -> int:
        return 4 if self.layout.version >= 400 else 3


@dataclass
class Samples:
    """Raw samples of one channel, their stamps in s, and which are valid (None: all)."""

    raw: np.ndarray
    times: np.ndarray
    valid: np.ndarray | None = None


def samples_of(
    recording: Any, places: list[Place], file: File, notes: list[str]
) -> Iterator[Samples]:
    """Raw samples of channels of one group."""
    group, generation = places[0].group, file.generation
    n_samples = recording.groups[group].channel_group.cycles_nr
    if n_samples == 0:
        for place in places:
            kind = object if place.block.data_type in TEXTS[generation] else np.float64
            yield Samples(np.empty(0, dtype=kind), np.empty(0))
        return
    fixed = [place for place in places if not place.has_variable_length(generation)]
    signals = _signals(recording, group, fixed, file.layout)
    by_place = dict(zip([place.index for place in fixed], signals, strict=True))
    stamps = signals[0].timestamps if signals else recording.get_master(group)
    times = _seconds(recording, group, stamps, generation, notes)
    for place in places:
        signal = by_place.get(place.index)
        if signal is None:
            raw = variable_texts(file.content, file.layout, group, place.block, file.name)
        else:
            raw = np.asarray(signal.samples)
        if len(raw) != n_samples or len(times) != n_samples:
            raise ValueError(f"{place.key}: {len(raw)} samples of {n_samples} that are stated")
        yield Samples(raw, times, _valid(place, signal, n_samples, generation))


def _signals(recording: Any, group: int, places: list[Place], layout: Layout) -> list[Any]:
    """Let asammdf read raw samples."""
    data = layout.data_of(group)
    if data.id_size or data.by_column:
        # The walk has not counted these records of each group, and `select` takes the stated
        # counts on trust: it would leave what is missing as it was in memory.
        options = {"raw": True, "ignore_invalidation_bits": True}
        return [recording.get(group=group, index=place.index, **options) for place in places]
    pairs = [(None, group, place.index) for place in places]
    return recording.select(pairs, raw=True, copy_master=False, validate=False) if pairs else []


def _seconds(
    recording: Any, group: int, stamps: np.ndarray, generation: int, notes: list[str]
) -> np.ndarray:
    """Stamps in s: the standard's only unit, but some writers state, and write, another one."""
    block = recording.groups[group].channel_group
    if generation == 4 and block.flags & REMOTE_MASTER:
        group = block.cg_master_index
    master = recording.groups[group].channels[recording.masters_db[group]]
    times = np.array(stamps, dtype=np.float64)
    unit = _unit(master, generation)
    if unit not in PARTS_OF_SECOND:
        return times
    notes.append(f"stamps of group {group} are stated in {unit}")
    return times / PARTS_OF_SECOND[unit]


def _valid(place: Place, signal: Any, n_samples: int, generation: int) -> np.ndarray | None:
    if generation == 3:
        return None
    if place.block.flags & HAS_INVALID_BIT and signal is not None:
        invalid = signal.invalidation_bits
        return None if invalid is None else ~np.array(invalid, dtype=bool)
    return np.zeros(n_samples, dtype=bool) if place.block.flags & ALL_INVALID else None


def channel_of(place: Place, samples: Samples, generation: int) -> tuple[Channel, int]:
    """Make one channel of raw samples; also tell how many of them are words among numbers."""
    raw, valid = samples.raw, samples.valid
    kind, labels, n_texts = "number", None, 0
    if place.block.data_type in TEXTS[generation]:
        encoding = TEXTS[generation][place.block.data_type]
        values = _decoded(raw, encoding)
        if generation == 4:
            values = convert_texts(values, place.block.conversion)
        kind = "label" if values.dtype == object else "number"
    else:
        converted = convert(_native(raw), place.block.conversion, generation)
        values, labels = converted.values, converted.labels
        kind = "state" if labels is not None or _is_flag(place, converted, generation) else kind
        if converted.is_text is not None:
            valid = ~converted.is_text if valid is None else valid & ~converted.is_text
            n_texts = int(converted.is_text.sum())
    channel = Channel(
        name=place.name,
        times=samples.times,
        values=values,
        valid=valid,
        unit=_unit(place.block, generation) or None,
        labels=labels,
        source=place.source,
        range=_range(place.block.conversion, generation) if kind == "number" else None,
        kind=kind,
    )
    return channel, n_texts


def _native(raw: np.ndarray) -> np.ndarray:
    return np.array(raw, dtype=raw.dtype.newbyteorder("="))


def _is_flag(place: Place, converted: Converted, generation: int) -> bool:
    """Tell single bits, and what the file calls discrete, from counts that measure something."""
    if converted.changed or place.block.data_type not in WHOLE_NUMBERS[generation]:
        return False
    return place.block.bit_count == 1 or (generation == 4 and bool(place.block.flags & DISCRETE))


def _decoded(raw: np.ndarray, encoding: str) -> np.ndarray:
    even = encoding.startswith("utf-16")  # numpy has cut zeros off the end, half a letter too
    texts = np.empty(len(raw), dtype=object)
    for row, stored in enumerate(raw.tolist()):
        padded = stored + b"\0" if even and len(stored) % 2 else stored
        texts[row] = padded.decode(encoding, errors="replace").split("\0")[0].rstrip()
    return texts


def _range(conversion: Any, generation: int) -> tuple[float, float] | None:
    """Physical range that the conversion states; none where it holds nothing, as 0 to 0."""
    if conversion is None:
        return None
    stated = conversion.flags & HAS_RANGE if generation == 4 else conversion.range_flag
    low, high = float(conversion.min_phy_value), float(conversion.max_phy_value)
    return (low, high) if stated and low < high else None


def _unit(block: Any, generation: int) -> str:
    """Unit of a channel: its own before that of its conversion."""
    own = getattr(block, "unit", "") if generation == 4 else ""
    conversion = block.conversion
    unit = own or (conversion.unit if conversion is not None else "")
    if isinstance(unit, bytes):
        unit = unit.decode("latin-1")
    return str(unit).strip(" \t\r\n\0")
