"""MDF files, versions 2 to 4: channels with the stamps that they were recorded at."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from logging import LogRecord, getLogger
from pathlib import Path
from threading import get_ident
from typing import Any, BinaryIO

import numpy as np

from signalprep.errors import ReadError
from signalprep.io.formats._content import Content
from signalprep.io.formats._mdf_conversion import NotConvertedError
from signalprep.io.formats._mdf_find import Found, check_size, choose, find
from signalprep.io.formats._mdf_layout import BUS_EVENT, VLSD, check_packed
from signalprep.io.formats._mdf_repair import has_surplus, repaired, whole
from signalprep.io.formats._mdf_samples import File, channel_of, samples_of
from signalprep.io.formats._mdf_start import start_of
from signalprep.io.formats._mdf_walk import read_layout

__all__ = ["read_mdf"]

RAW_BUS = (
    "it holds raw frames of a bus (CAN, LIN, ...), not signals; to decode them takes the database "
    "of that bus, which is not offered here. Decode them first and save the signals"
)


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
        import asammdf
    except ImportError as error:
        raise ImportError(
            f"{path.name}: reading MDF needs asammdf: pip install 'signalprep[mdf]'"
        ) from error
    with _opened(path) as (stream, content), _quiet(), np.errstate(all="ignore"):
        file = _check(stream, content, path.name, truncated)
        try:
            library: Any = asammdf  # its annotations lack options that it documents
            options = {"process_bus_logging": False, "add_array_components": False}
            with library.MDF(file.source, **options) as recording:
                return _read(recording, file, columns, max_bytes)
        except ReadError:
            raise
        # asammdf raises whatever its parsing runs into: struct, key, index, type, memory errors.
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise ReadError(f"{path.name}: damaged MDF file ({what})") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep asammdf from writing to the terminal, in this thread, what the error says."""
    logger, thread = getLogger("asammdf"), get_ident()

    def is_of_others(record: LogRecord) -> bool:
        return record.thread != thread

    logger.addFilter(is_of_others)
    try:
        yield
    finally:
        logger.removeFilter(is_of_others)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, memoryview]]:
    """Give a file and its bytes, without reading them into memory.

    asammdf gets the open file: given a path it leaves objects behind that complain on their end.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be read ({error})") from error
    with stream:
        if path.stat().st_size == 0:
            raise ReadError(f"{path.name}: the file is empty")
        with (
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as content,
        ):
            yield stream, content


def _check(stream: BinaryIO, content: memoryview, name: str, truncated: str) -> File:
    """Refuse what is not whole, or mend it."""
    layout = read_layout(content, name)
    groups = [group for group in layout.groups if not group.flags & VLSD]
    if groups and all(group.flags & BUS_EVENT for group in groups):
        raise ReadError(f"{name}: {RAW_BUS}")
    check_packed(content, layout, name)
    if whole(content, layout, name, truncated) and not has_surplus(layout):
        return File(name, stream, content, layout, {})
    mended, cut = repaired(content, layout, name)
    if cut["stated"] == cut["kept"] and not layout.unfinalised:
        cut = {}
    return File(name, BytesIO(mended), mended, read_layout(mended, name), cut)


def _read(recording: Any, file: File, columns: Sequence[str] | None, max_bytes: int) -> Content:
    found = find(recording, file.layout, file.generation)
    chosen = choose(found, columns, file.name)
    check_size(recording, chosen, file.name, max_bytes)
    channels, counts = [], {}
    notes: list[str] = []
    for group in dict.fromkeys(place.group for place in chosen):
        places = [place for place in chosen if place.group == group]
        for place, samples in zip(places, samples_of(recording, places, file, notes), strict=True):
            try:
                channel, n_texts = channel_of(place, samples, file.generation)
            except NotConvertedError as reason:
                found.left_out[place.key] = str(reason)
                continue
            channels.append(channel)
            n_invalid = 0 if samples.valid is None else int((~samples.valid).sum())
            counts[place.key] = {"read": len(samples.times), "invalid": n_invalid, "text": n_texts}
    if not channels:
        raise ReadError(f"{file.name}: no channel can be read: {_reasons(found)}")
    start, zone = start_of(recording.header, file.generation)
    if file.cut:
        kept, stated = file.cut["kept"], file.cut["stated"]
        notes.append(f"cut off: {kept} of {stated} stated records are whole")
    facts = {
        "format": "mdf",
        "version": f"{file.layout.version // 100}.{file.layout.version % 100:02}",
        "counts": counts,
        "left_out": found.left_out,
        "truncated": file.cut,
        "notes": list(dict.fromkeys(notes)),
    }
    return Content(channels, start, zone, facts)


def _reasons(found: Found) -> str:
    if not found.left_out:
        return "the file has none"
    return "; ".join(f"{name} {reason}" for name, reason in list(found.left_out.items())[:3])
