"""What a model file holds, looked at before anything is made of it.

A model file is a zip of arrays (npy) and JSON, as skops writes it, and of a record. Its comment is
the SHA-256 of all bytes before it, so that no damage goes unseen. That guards against accidents; a
file that somebody made on purpose is limited by what it unpacks to.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Hashable
from io import BytesIO
from typing import Any

from signalprep._version import __version__
from signalprep.errors import ReadError

__all__ = ["FORMAT", "RECORD", "SCHEMA", "contents", "read_bytes", "seal", "with_record"]

FORMAT = 3
RECORD = "signalprep.json"  # the format, versions and cycles, beside what skops writes
SCHEMA = "schema.json"  # of skops: which object holds which
SEAL = hashlib.sha256().digest_size * 2  # characters
OF_TEXT = 8  # JSON takes up to some twenty times its bytes once it is read


def with_record(made: bytes, record: str) -> bytes:
    """What skops has made, with the record among its parts, sealed."""
    content = BytesIO(made)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(RECORD, record)
        parts.comment = b"0" * SEAL
    sealed = content.getvalue()[:-SEAL]
    return sealed + seal(sealed)


def seal(content: bytes | memoryview) -> bytes:
    """What a file ends with that begins with this."""
    return hashlib.sha256(content).hexdigest().encode()


def read_bytes(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """The bytes of a regular file that is not too large."""
    name = os.fspath(path)
    try:
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode) and found.st_size <= max_bytes:
            with open(path, "rb") as file:
                return file.read(max_bytes)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ReadError(f"{name!r}: no such file") from error
    except (OSError, ValueError) as error:
        raise ReadError(f"{name!r} cannot be read: {error}") from error
    if stat.S_ISREG(found.st_mode):
        raise ReadError(f"{name!r} is larger than {max_bytes} bytes (max_bytes)")
    what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
    raise ReadError(f"{name!r} is {what}, no model file")


def contents(content: bytes, name: str, max_bytes: int) -> dict[str, Any]:
    """The record of a model file that is whole and does not unpack to too many bytes.

    Raises ReadError for other files, and whatever zip and JSON raise for what is none.
    """
    with zipfile.ZipFile(BytesIO(content)) as parts:
        size = _unpacked_size(parts)
        if size > max_bytes:
            raise _too_large(name, f"{size} bytes", max_bytes)
        _check_format(_format(parts), name)
        if seal(memoryview(content)[:-SEAL]) != content[-SEAL:]:
            raise ReadError(f"{name!r} is damaged: it is not as it was written. Save it again")
        if parts.getinfo(SCHEMA).file_size > max_bytes // OF_TEXT:
            raise _too_large(name, f"a {SCHEMA} beyond an eighth of that", max_bytes)
        size = _size_of_arrays(parts)
        if size > max_bytes:
            raise _too_large(name, f"arrays of {size} bytes", max_bytes)
        return dict(json.loads(parts.read(RECORD)))


def _too_large(name: str, what: str, max_bytes: int) -> ReadError:
    return ReadError(f"{name!r} would unpack to {what}, more than {max_bytes} (max_bytes)")


def _unpacked_size(parts: zipfile.ZipFile) -> int:
    """Bytes of all parts; other packings than those that are written take memory of their own."""
    for part in parts.infolist():
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile(f"{part.filename!r} is packed in another way")
    return sum(part.file_size for part in parts.infolist())


def _format(parts: zipfile.ZipFile) -> int | None:
    """Which format of signalprep a file has; None for a file of others."""
    if RECORD in parts.namelist():
        found = json.loads(parts.read(RECORD))["format"]
        return found if isinstance(found, int) else None
    # The first format kept its record among what skops wrote.
    kept = set(json.loads(parts.read(SCHEMA))["content"])
    return 1 if {"format", "versions", "cycles", "model"} <= kept else None


def _check_format(found: int | None, name: str) -> None:
    if found is None:
        raise ReadError(f"{name!r} is no model file of signalprep")
    if found != FORMAT:
        raise ReadError(
            f"{name!r} is a model file of format {found}; signalprep {__version__} reads format "
            f"{FORMAT}. Fit the model again and save it with signalprep {__version__}, or read the "
            "file with the version that wrote it"
        )


def _size_of_arrays(parts: zipfile.ZipFile) -> int:
    """Bytes of the parts that the schema names, each as often as it is read."""
    named: dict[tuple[Hashable, str], str] = {}
    _count(json.loads(parts.read(SCHEMA)), named, {})
    return sum(_size(parts, file) for file in named.values())


def _count(thing: Any, named: dict[tuple[Hashable, str], str], sizes: dict[Hashable, int]) -> int:
    """How many nodes a part of the schema holds; collects the files that they name.

    Objects with one id are made once, by the first. skops writes each of them in full; a few that
    point at one another could stand for more than any memory holds.
    """
    if isinstance(thing, list):
        return 1 + sum(_count(one, named, sizes) for one in thing)
    if not isinstance(thing, dict):
        return 0
    number = 1 + sum(_count(one, named, sizes) for one in thing.values())
    identity, file = thing.get("__id__"), thing.get("file")
    is_key = isinstance(identity, dict)  # of a dict that is stored
    if identity is not None and not is_key and sizes.setdefault(identity, number) != number:
        raise ValueError(f"{SCHEMA} describes one object in two ways")
    if isinstance(file, str):
        named[len(named) if identity is None else identity, file] = file
    return number


def _size(parts: zipfile.ZipFile, file: str) -> int:
    """Bytes of a part; of a sparse matrix, which is a zip of its own, those that it unpacks to."""
    with parts.open(file) as part:
        if part.read(2) != b"PK":
            return parts.getinfo(file).file_size
    with zipfile.ZipFile(BytesIO(parts.read(file))) as inner:
        return _unpacked_size(inner)
