"""Which files make a log, in which order, and the cycle each one stands for."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from signalprep.errors import InvalidParameterError, ReadError

SUFFIXES = (".csv", ".txt", ".tsv", ".parquet")
PathLike = str | os.PathLike[str]


def find_files(path: PathLike | Sequence[PathLike]) -> list[Path]:
    """List the files of `path`: itself, those of a folder in natural order, or those of a list."""
    if not isinstance(path, (str, os.PathLike)):
        files = [Path(part) for part in path]
        if not files:
            raise InvalidParameterError("path must name at least one file; got an empty list")
        for file in files:
            if not file.is_file():
                raise ReadError(f"{file}: no such file")
        return files
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ReadError(f"{path}: no such file or folder")
    files = [file for file in path.iterdir() if file.is_file() and _is_table(file)]
    if not files:
        raise ReadError(f"{path}: no log files in this folder (looked for {', '.join(SUFFIXES)})")
    return sorted(files, key=lambda file: natural_key(file.name))


def cycle_name(file: Path) -> str:
    """File name without the suffixes of its format: ``trip.1.csv.gz`` is ``trip.1``."""
    name = file.name
    for suffixes in ((".gz",), SUFFIXES):
        for suffix in suffixes:
            if name.lower().endswith(suffix) and len(name) > len(suffix):
                name = name[: -len(suffix)]
                break
    return name


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts ``trip2`` before ``trip10``."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]


def _is_table(file: Path) -> bool:
    name = file.name.lower().removesuffix(".gz")
    return not name.startswith(".") and name.endswith(SUFFIXES)
