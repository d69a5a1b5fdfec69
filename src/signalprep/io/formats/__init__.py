"""The formats that logs are read from: one file each, one tuple of them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from signalprep.io._recording import Recording
from signalprep.io._request import Request
from signalprep.io.formats._parquet import read_parquet
from signalprep.io.formats._text_table import read_text_table


class Format(NamedTuple):
    """A file format.

    Attributes
    ----------
    name : what the reading report calls it.
    suffixes : of its files in a folder.
    magic : how its files begin; none of these and no other format's: text.
    read : the reader.
    """

    name: str
    suffixes: tuple[str, ...]
    magic: tuple[bytes, ...]
    read: Callable[[Path, Request], Recording]


TEXT = Format("text", (".csv", ".txt", ".tsv", ".dat", ".asc"), (), read_text_table)
FORMATS = (Format("parquet", (".parquet",), (b"PAR1",), read_parquet), TEXT)


def suffixes() -> tuple[str, ...]:
    """Suffixes of all files that a folder is searched for."""
    return tuple(dict.fromkeys(suffix for each in FORMATS for suffix in each.suffixes))


def format_of(head: bytes) -> Format:
    """The format of a file that begins so."""
    for each in FORMATS:
        if any(head.startswith(magic) for magic in each.magic):
            return each
    return TEXT
