"""MDF files, versions 2 to 4: channels with the stamps that they were recorded at."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from logging import getLogger
from pathlib import Path
from typing import Any

import numpy as np

from signalprep.errors import ReadError
from signalprep.io.formats._content import Content
from signalprep.io.formats._mdf_conversion import (
    Converted,
    NotConverted,
    convert,
    convert_texts,
)
from signalprep.io.formats._mdf_layout import (
    BUS_EVENT,
    REMOTE_MASTER,
    VLSD,
    Layout,
    check_packed,
    read_layout,
)
from signalprep.io.formats._mdf_repair import repaired, whole
from signalprep.log import Channel

__all__ = ["read_mdf"]

NUMBERS = {3: {0, 1, 2, 3, *range(9, 17)}, 4: set(range(6))}  # data types
WHOLE_NUMBERS = {3: {0, 1, 9, 10, 13, 14}, 4: set(range(4))}
TEXTS = {
    3: {7: "latin-1"},
    4: {6: "latin-1", 7: "utf-8", 8: "utf-16-le", 9: "utf-16-be"},
}
SYNC_KINDS = {1: "time", 2: "angle", 3: "distance", 4: "index"}
PARTS_OF_SECOND = {"ms": 1e3, "us": 1e6, "µs": 1e6, "μs": 1e6, "ns": 1e9}
ALL_INVALID, HAS_INVALID_BIT, DISCRETE = 0x1, 0x2, 0x200  # flags of channels of MDF 4
LOCAL_TIME, OFFSET_VALID = 0x1, 0x2  # flags of the start of MDF 4

RAW_BUS = (
    "it holds raw frames of a bus (CAN, LIN, ...), not signals; to decode them takes the database "
    "of that bus, which is not offered here. Decode them first and save the signals"
)


@dataclass
class _Place:
    """One channel of the file: its group and its position there."""

    group: int
    index: int
    name: str
    source: str
    block: Any

    @property
    def key(self) -> str:
        return f"{self.name}@{self.source}"


@dataclass
class _Found:
    """Channels that can be read, and why the others cannot."""

    readable: list[_Place] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)


def read_mdf(
    path: Path, *, columns: Sequence[str] | None, truncated: str, max_bytes: int
) -> Content:
    """Read the channels of an MDF file, each with its own samples and stamps.

    Stamps are those of the time master of the channel's group, in seconds from the start of the
    recording. Samples that the file marks as invalid are kept and marked. Conversions to words
    give states: codes with labels; where they give numbers as well, the words are missing.

    Parameters
    ----------
    path : path
        The file.
    columns : list of str
        Channels to read, by name or ``name@source``; None reads all.
    truncated : {"raise", "drop", "keep"}
        What to do with a file that holds less than it states: "drop" takes the records that are
        whole, else it is an error.
    max_bytes : int
        Largest size of the channels in memory (8 bytes a sample and as many for the stamps of
        each group), checked before any sample is read.

    Returns
    -------
    content : Content

    Raises
    ------
    ReadError
        The file is damaged, cut off, not finalised, too large, has no such channel, or none that
        can be read, as files of raw frames of a bus.
    ImportError
        asammdf is missing.
    """
    try:
        from asammdf import MDF
    except ImportError as error:
        raise ImportError(
            f"{path.name}: reading MDF needs asammdf: pip install 'signalprep[mdf]'"
        ) from error
    source, layout, cut = _complete(path, "drop" if truncated == "drop" else "raise")
    with _quiet():
        try:
            with MDF(source, process_bus_logging=False) as recording:
                return _read(recording, layout, path.name, columns, max_bytes, cut)
        except ReadError:
            raise
        # asammdf raises whatever its parsing runs into: struct, key, index, type, memory errors.
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise ReadError(f"{path.name}: damaged MDF file ({what})") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep asammdf from writing to the terminal what the error says."""
    logger = getLogger("asammdf")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _complete(path: Path, truncated: str) -> tuple[Any, Layout, dict[str, int]]:
    """Give what asammdf may open, its layout, and how many records were cut off."""
    file = path.name
    try:
        with path.open("rb") as stream:
            if path.stat().st_size == 0:
                raise ReadError(f"{file}: the file is empty")
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                content = memoryview(mapped)
                try:
                    return _check(content, path, truncated)
                finally:
                    content.release()
    except OSError as error:
        raise ReadError(f"{file}: cannot be read ({error})") from error


def _check(content: memoryview, path: Path, truncated: str) -> tuple[Any, Layout, dict[str, int]]:
    file = path.name
    layout = read_layout(content, file)
    groups = [group for group in layout.groups if not group.flags & VLSD]
    if groups and all(group.flags & BUS_EVENT for group in groups):
        raise ReadError(f"{file}: {RAW_BUS}")
    check_packed(content, layout, file)
    if whole(content, layout, file, truncated):
        return path, layout, {}
    mended, cut = repaired(content, layout, file)
    return BytesIO(mended), read_layout(mended, file), cut


def _read(
    recording: Any,
    layout: Layout,
    file: str,
    columns: Sequence[str] | None,
    max_bytes: int,
    cut: dict[str, int],
) -> Content:
    generation = 4 if layout.version >= 400 else 3
    found = _find(recording, layout, generation)
    chosen = _choose(found, columns, file)
    _check_size(recording, chosen, file, max_bytes)
    channels, counts, notes = [], {}, []
    for group in dict.fromkeys(place.group for place in chosen):
        places = [place for place in chosen if place.group == group]
        for place, (raw, times, valid) in zip(
            places, _samples(recording, places, generation, notes), strict=True
        ):
            try:
                channel, n_texts = _channel(place, raw, times, valid, generation)
            except NotConverted as reason:
                found.left_out[place.key] = str(reason)
                continue
            channels.append(channel)
            n_invalid = 0 if valid is None else int((~valid).sum())
            counts[place.key] = {"read": len(times), "invalid": n_invalid, "text": n_texts}
    if not channels:
        raise ReadError(f"{file}: no channel can be read: {_reasons(found)}")
    start, zone = (_start4 if generation == 4 else _start3)(recording.header)
    if cut:
        notes.append(f"cut off: {cut['kept']} of {cut['stated']} stated records are whole")
    facts = {
        "format": "mdf",
        "version": f"{layout.version // 100}.{layout.version % 100:02}",
        "counts": counts,
        "left_out": found.left_out,
        "truncated": cut,
        "notes": list(dict.fromkeys(notes)),
    }
    return Content(channels, start, zone, facts)


def _reasons(found: _Found) -> str:
    if not found.left_out:
        return "the file has none"
    return "; ".join(f"{name} {reason}" for name, reason in list(found.left_out.items())[:3])


def _find(recording: Any, layout: Layout, generation: int) -> _Found:
    """List the channels of all groups, with what keeps some of them from being read."""
    found = _Found()
    for number, group in enumerate(recording.groups):
        shape = layout.groups[number]
        if shape.flags & VLSD:
            continue
        master = recording.masters_db.get(number)
        reason = _unreadable_group(recording, number, generation)
        for index, block in enumerate(group.channels):
            if index == master:
                continue
            place = _Place(number, index, block.name, _source(number, group, block), block)
            if place.key in found.known:
                place.source = f"{place.source}, channel {index}"
            found.known.add(place.key)
            why = reason or _unreadable(group, index, block, generation)
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
    kind = recording.groups[number].channels[master].sync_type if generation == 4 else 1
    if kind != 1:
        return f"is recorded over {SYNC_KINDS.get(kind, 'something')}, not over time"
    return ""


def _unreadable(group: Any, index: int, block: Any, generation: int) -> str:
    if group.channel_dependencies[index]:
        return "is an array or a structure (bytes)"
    if generation == 4 and block.channel_type in (2, 3):
        return f"is a second master, of {SYNC_KINDS.get(block.sync_type, 'something')}"
    if generation == 4 and block.channel_type == 4:
        return "points into an attached stream (bytes)"
    if block.data_type not in NUMBERS[generation] and block.data_type not in TEXTS[generation]:
        return "holds bytes that are neither numbers nor text"
    if block.data_type in NUMBERS[generation] and not 0 < block.bit_count <= 64:
        return f"holds numbers of {block.bit_count} bits"
    if generation == 4 and block.channel_type == 1 and block.data_type in NUMBERS[generation]:
        return "holds bytes of variable length"
    return ""


def _source(number: int, group: Any, block: Any) -> str:
    """Whatever tells channels of one name apart: group, its name, its source, that of the channel.

    MDF 2 and 3 have no names of groups.
    """
    words = [f"group {number}", getattr(group.channel_group, "acq_name", "")]
    for source in (getattr(group.channel_group, "acq_source", None), block.source):
        words += [source.name, source.path] if source else []
    plain = [" ".join(str(word).replace("\0", " ").split()) for word in words if word]
    return ", ".join(dict.fromkeys(word for word in plain if word))


def _choose(found: _Found, columns: Sequence[str] | None, file: str) -> list[_Place]:
    if columns is None:
        return found.readable
    chosen = []
    for wanted in columns:
        places = [p for p in found.readable if _is_meant(p.key, p.name, wanted)]
        if not places:
            why = [r for key, r in found.left_out.items() if _is_meant(key, key, wanted)]
            why += [r for key, r in found.left_out.items() if key.startswith(f"{wanted}@")]
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


def _is_meant(key: str, name: str, wanted: str) -> bool:
    """Whether a channel is called by its name, or by name and (the beginning of) its source."""
    return wanted in (name, key) or ("@" in wanted and key.startswith(f"{wanted},"))


def _check_size(recording: Any, places: list[_Place], file: str, max_bytes: int) -> None:
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


def _samples(
    recording: Any, places: list[_Place], generation: int, notes: list[str]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray | None]]:
    """Raw samples, stamps and valid mask of channels of one group."""
    group = places[0].group
    n_samples = recording.groups[group].channel_group.cycles_nr
    if n_samples == 0:
        for place in places:
            kind = object if place.block.data_type in TEXTS[generation] else np.float64
            yield np.empty(0, dtype=kind), np.empty(0), None
        return
    pairs = [(None, group, place.index) for place in places]
    signals = recording.select(pairs, raw=True, copy_master=False, validate=False)
    times = _seconds(recording, group, signals[0].timestamps, generation, notes)
    for place, signal in zip(places, signals, strict=True):
        raw = np.asarray(signal.samples)
        if len(raw) != n_samples or len(times) != n_samples:
            raise ValueError(f"{place.key}: {len(raw)} samples of {n_samples} that are stated")
        yield raw, times, _valid(place, signal, n_samples, generation)


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


def _valid(place: _Place, signal: Any, n_samples: int, generation: int) -> np.ndarray | None:
    if generation == 3:
        return None
    if place.block.flags & HAS_INVALID_BIT:
        invalid = signal.invalidation_bits
        return None if invalid is None else ~np.array(invalid, dtype=bool)
    return np.zeros(n_samples, dtype=bool) if place.block.flags & ALL_INVALID else None


def _channel(
    place: _Place,
    raw: np.ndarray,
    times: np.ndarray,
    valid: np.ndarray | None,
    generation: int,
) -> tuple[Channel, int]:
    """Make one channel of raw samples; also tell how many of them are words among numbers."""
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
        times=times,
        values=values,
        valid=valid,
        unit=_unit(place.block, generation) or None,
        labels=labels,
        source=place.source,
        kind=kind,
    )
    return channel, n_texts


def _native(raw: np.ndarray) -> np.ndarray:
    return np.array(raw, dtype=raw.dtype.newbyteorder("="))


def _is_flag(place: _Place, converted: Converted, generation: int) -> bool:
    """Tell single bits, and what the file calls discrete, from counts that measure something."""
    if converted.changed or place.block.data_type not in WHOLE_NUMBERS[generation]:
        return False
    return place.block.bit_count == 1 or (generation == 4 and bool(place.block.flags & DISCRETE))


def _decoded(raw: np.ndarray, encoding: str) -> np.ndarray:
    if raw.dtype.kind != "S":
        return np.array([str(text) for text in raw.tolist()], dtype=object)
    even = encoding.startswith("utf-16")  # numpy has cut zeros off the end, half a letter too
    texts = []
    for stored in raw.tolist():
        if even and len(stored) % 2:
            stored += b"\0"
        texts.append(stored.decode(encoding, errors="replace").split("\0")[0].rstrip())
    return np.array(texts, dtype=object)


def _unit(block: Any, generation: int) -> str:
    """Unit of a channel: its own before that of its conversion."""
    own = getattr(block, "unit", "") if generation == 4 else ""
    conversion = block.conversion
    unit = own or (conversion.unit if conversion is not None else "")
    if isinstance(unit, bytes):
        unit = unit.decode("latin-1")
    return str(unit).strip(" \t\r\n\0")


def _start4(header: Any) -> tuple[str | None, str]:
    if not header.abs_time:
        return None, "unknown"
    if header.time_flags & LOCAL_TIME:
        return _iso(header.abs_time), "unknown"
    if header.time_flags & OFFSET_VALID:
        minutes = header.tz_offset + header.daylight_save_time
        text = _iso(header.abs_time + minutes * 60 * 1_000_000_000)
        sign = "-" if minutes < 0 else "+"
        return f"{text}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}", "offset"
    return f"{_iso(header.abs_time)}Z", "utc"


def _start3(header: Any) -> tuple[str | None, str]:
    """Local time of an unnamed place; the nanoseconds of MDF 3.20 are UTC or local by the writer.

    So only their fraction of a second is taken, where they tell the same minute and second.
    """
    day = header.date.decode("latin-1").strip(" \0").replace(".", ":").split(":")
    clock = header.time.decode("latin-1").strip(" \0").split(":")
    if len(day) != 3 or len(clock) != 3 or not all(p.isdigit() for p in (*day, *clock)):
        return None, "unknown"
    text = f"{int(day[2]):04}-{int(day[1]):02}-{int(day[0]):02}T{':'.join(clock)}"
    stamp = int(getattr(header, "abs_time", 0) or 0)
    seconds, fraction = divmod(stamp, 1_000_000_000)
    if fraction and seconds % 3600 == int(clock[1]) * 60 + int(clock[2]):
        text += f".{fraction:09}"
    return text, "unknown"


def _iso(nanoseconds: int) -> str:
    return str(np.datetime64(nanoseconds, "ns")).removesuffix(".000000000")
