"""Which files make a log, in which order, and the cycle each one stands for."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from signalprep.errors import InvalidParameterError, ReadError

PathLike = str | os.PathLike[str]


def find_files(
    path: PathLike | Sequence[PathLike],
    suffixes: Callable[[], Sequence[str]],
    pattern: str | None = None,
) -> tuple[list[Path], bool]:
    """List the files of `path`, and whether a folder was searched for them.

    A folder gives the files that match `pattern`, without one those with a known suffix; where it
    holds none of these but folders that do, those: one folder a run.
    """
    if not isinstance(path, (str, os.PathLike)):
        if pattern is not None:
            raise InvalidParameterError("pattern= chooses files of a folder; path is a list")
        files = [Path(part) for part in path]
        if not files:
            raise InvalidParameterError("path must name at least one file; got an empty list")
        for file in files:
            if not file.is_file():
                what = "is a folder: give it alone" if file.is_dir() else "no such file"
                raise ReadError(f"{file}: {what}")
        return files, False
    path = Path(path)
    if path.is_file() and pattern is not None:
        raise InvalidParameterError(f"pattern= chooses files of a folder; {path} is a file")
    if path.is_file():
        return [path], False
    if not path.is_dir():
        raise ReadError(f"{path}: no such file or folder")
    files = _matching(path, pattern) if pattern is not None else _tables(path, suffixes())
    if not files:
        looked = f"pattern={pattern!r}" if pattern is not None else ", ".join(suffixes())
        raise ReadError(f"{path}: no log files in this folder (looked for {looked})")
    return sorted(files, key=lambda file: _path_key(file.relative_to(path))), True


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        found = [file for file in folder.glob(pattern) if file.is_file()]
    except (ValueError, NotImplementedError) as error:
        raise InvalidParameterError(
            f"pattern must be a pattern of file names such as 'trip*.csv' or '**/*.csv'; "
            f"got {pattern!r} ({error})"
        ) from error
    return [file for file in found if not _is_hidden(file, folder)]


def _tables(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    files = [file for file in folder.iterdir() if file.is_file() and _is_table(file, suffixes)]
    if files:
        return files
    return [
        file
        for file in folder.rglob("*")
        if file.is_file() and _is_table(file, suffixes) and not _is_hidden(file, folder)
    ]


def _is_table(file: Path, suffixes: Sequence[str]) -> bool:
    name = file.name.lower().removesuffix(".gz")
    return not name.startswith(".") and name.endswith(tuple(suffixes))


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def cycle_names(files: Sequence[Path], suffixes: Callable[[], Sequence[str]]) -> list[str]:
    """A cycle for each file, named by the file; where names repeat, by its folder, too."""
    plain = all(file.name.lower().endswith((".csv", ".csv.gz")) for file in files)
    known = (".csv",) if plain else suffixes()
    names = [cycle_name(file, known) for file in files]
    if len(set(names)) == len(names):
        return names
    top = Path(os.path.commonpath([file.resolve().parent for file in files]))
    folders = [file.resolve().parent.relative_to(top).as_posix() for file in files]
    if max(Counter(folders).values()) == 1:
        return folders
    return [
        name if folder == "." else f"{folder}/{name}"
        for folder, name in zip(folders, names, strict=True)
    ]


def file_labels(files: Sequence[Path]) -> list[str]:
    """Short names of the files, with their folders where these alone tell them apart."""
    names = [file.name for file in files]
    if len(set(names)) == len(names):
        return names
    top = Path(os.path.commonpath([file.resolve().parent for file in files]))
    return [file.resolve().relative_to(top).as_posix() for file in files]


def cycle_name(file: Path, suffixes: Sequence[str]) -> str:
    """File name without the suffixes of its format: ``trip.1.csv.gz`` is ``trip.1``."""
    name = file.name
    for some in ((".gz",), suffixes):
        for suffix in some:
            if name.lower().endswith(suffix) and len(name) > len(suffix):
                name = name[: -len(suffix)]
                break
    return name


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts ``trip2`` before ``trip10``."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]


def _path_key(path: Path) -> list[list[tuple[int, int, str]]]:
    return [natural_key(part) for part in path.parts]
