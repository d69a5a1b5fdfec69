"""The formats that logs are read from: one file each, one tuple of them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from signalprep.io._recording import Recording
from signalprep.io._request import Request
from signalprep.io.formats._channels import read_by_plugin, read_mdf_file
from signalprep.io.formats._parquet import read_parquet
from signalprep.io.formats._plugins import plugin_suffixes
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
FORMATS = (
    Format("parquet", (".parquet",), (b"PAR1",), read_parquet),
    Format("mdf", (".mf4", ".mdf", ".dat"), (b"MDF     ", b"UnFinMF "), read_mdf_file),
    TEXT,
)


OWN_SUFFIXES = tuple(dict.fromkeys(suffix for each in FORMATS for suffix in each.suffixes))


def suffixes() -> tuple[str, ...]:
    """Suffixes of all files that a folder is searched for, those of plug-ins too."""
    return tuple(dict.fromkeys([*OWN_SUFFIXES, *plugin_suffixes()]))


def read_file(path: Path, head: bytes, request: Request) -> Recording:
    """Read a file that begins so, by the format it says it is or by a plug-in for its suffix.

    A plug-in reads suffixes that none of the formats here has.
    """
    if not path.name.lower().removesuffix(".gz").endswith(OWN_SUFFIXES):
        found = read_by_plugin(path, request)
        if found is not None:
            return found
    own = (each for each in FORMATS if each.magic and head.startswith(each.magic))
    return next(own, TEXT).read(path, request)
