"""A text file as UTF-8 bytes with plain line ends, whatever it was written in."""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from signalprep.errors import InvalidParameterError, ReadError

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GZIP = b"\x1f\x8b"
_C1 = bytes(range(0x80, 0xA0))  # control characters in latin-1, quotes and the euro in cp1252
_NOT_IN_CP1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


@dataclass
class Text:
    """Content of a text file.

    Attributes
    ----------
    data : the text in UTF-8, lines ended by a line feed, without byte order mark.
    encoding : what the file was written in; `bom` tells whether it said so itself.
    compression : "gzip" or None.
    """

    data: bytes
    encoding: str
    bom: bool
    compression: str | None


def read_text(file: Path, encoding: str | None, max_bytes: int) -> Text:
    """Read a text file, at most `max_bytes` of it once decompressed."""
    raw, compression = _read_bytes(file, max_bytes)
    bom, encoding = _encoding(file, raw, encoding)
    data = _to_utf8(file, raw.removeprefix(bom), encoding)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Text(data, encoding, bool(bom), compression)


def _read_bytes(file: Path, max_bytes: int) -> tuple[bytes, str | None]:
    try:
        with file.open("rb", buffering=0) as stream:  # a buffer would copy the whole once more
            packed = stream.read(2) == _GZIP
            stream.seek(0)
            if not packed and file.stat().st_size > max_bytes:
                raise _too_large(file, file.stat().st_size, max_bytes)
            if not packed:
                return stream.read(), None
            content = bytearray()
            with gzip.GzipFile(fileobj=stream) as unpacked:
                while chunk := unpacked.read(_CHUNK):
                    content += chunk
                    if len(content) > max_bytes:
                        raise _too_large(file, len(content), max_bytes)
            return bytes(content), "gzip"
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError(f"{file.name}: the gzip stream is cut off or damaged ({error})") from error
    except OSError as error:
        raise ReadError(f"{file.name}: cannot be read ({error})") from error


def _too_large(file: Path, found: int, max_bytes: int) -> ReadError:
    return ReadError(
        f"{file.name}: more text than max_bytes={max_bytes:.3g} allows ({found:.3g} bytes and "
        "counting); raise max_bytes if this is meant"
    )


def _encoding(file: Path, raw: bytes, encoding: str | None) -> tuple[bytes, str]:
    """Find the byte order mark and the encoding."""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return bom, name
    if encoding is not None:
        return b"", encoding
    if b"\0" in raw.rstrip(b"\0")[:4096]:
        return b"", _utf16(file, raw[:4096])
    if raw.isascii():
        return b"", "utf-8"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        in_cp1252 = _holds_any(raw, _C1) and not _holds_any(raw, _NOT_IN_CP1252)
        return b"", "cp1252" if in_cp1252 else "latin-1"
    return b"", "utf-8"


def _utf16(file: Path, head: bytes) -> str:
    """Tell the byte order of UTF-16 text without a mark by where its zero bytes are."""
    for zeros, others, name in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        if head[zeros::2].count(0) > 0.4 * len(head[zeros::2]) and 0 not in head[others::2]:
            return name
    raise ReadError(f"{file.name}: not a text table (it holds zero bytes)")


def _holds_any(raw: bytes, some: bytes) -> bool:
    return len(raw.translate(None, some)) < len(raw)


def _to_utf8(file: Path, raw: bytes, encoding: str) -> bytes:
    if encoding == "utf-8" and raw.isascii():
        return raw
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{file.name}: not {encoding} text (byte {error.start}: {error.reason}); give encoding="
        ) from error
    except (LookupError, UnicodeError, ValueError) as error:
        raise InvalidParameterError(
            f"encoding must be a text encoding that Python knows and that fits the file; "
            f"got {encoding!r}"
        ) from error
    if encoding == "utf-8":
        return raw
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReadError(
            f"{file.name}: not {encoding} text ({error.reason}); give encoding="
        ) from error
