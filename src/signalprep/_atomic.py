"""Write a file in one step: readers see the old content or the new, never a part.

A writer that is killed leaves a temporary file; the next one to write into that folder removes it.
Each writer holds a lock on its own as long as it lives, so nobody removes what is still written.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from signalprep.errors import InvalidParameterError

if sys.platform != "win32":
    import fcntl

STRAY = re.compile(r"\.signalprep-[0-9a-f]{12}\.tmp")
"""Names of temporary files: short, as that of the file itself may be as long as names can be."""


def write_atomic(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file, replacing it in one step; text as UTF-8.

    The content goes to a temporary file in the same folder, is flushed to the disk, and takes the
    place of the file by a rename. When anything fails the temporary file is removed and an old
    file stays as it was; temporary files of writers that were killed are removed, too. The mode of
    an old file is kept, and its owner and group where that is permitted. A symbolic link keeps
    pointing where it did. Characters that UTF-8 cannot hold (file names in an unknown encoding) are
    written as backslash escapes.

    Parameters
    ----------
    path : path-like
        File to write.
    content : str or bytes
        Its new content.

    Raises
    ------
    InvalidParameterError
        The folder does not exist, or the path is there and is no regular file.
    OSError
        The disk is full or the folder cannot be written.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidParameterError(
            f"path must be text or a path; got {path!r}: pass a file name, such as 'report.html'"
        )
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise InvalidParameterError(f"path must lie in an existing folder; got {os.fspath(path)!r}")
    if target.exists() and not target.is_file():
        raise InvalidParameterError(f"path must be a file; got {os.fspath(path)!r}")
    old = target.stat() if target.exists() else None
    _remove_strays(target.parent)
    with _temporary(target.parent, 0o666 if old is None else 0o600) as (temporary, file):
        file.write(_encoded(content))
        file.flush()
        os.fsync(file.fileno())
        if sys.platform == "win32":
            file.close()  # what is open cannot be moved there
        elif old is not None:
            _take_after(old, file.fileno())
        os.replace(temporary, target)
    _flush_folder(target.parent)


def _encoded(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")


@contextmanager
def _temporary(folder: Path, mode: int) -> Iterator[tuple[Path, BinaryIO]]:
    """Give a new file, open and locked; afterwards it is removed if it still has its name."""
    while True:
        path = folder / f".signalprep-{secrets.token_hex(6)}.tmp"
        try:
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                _lock(file)
                if path.exists():  # else it was taken for a stray before it was locked
                    yield path, file
                    return
        finally:
            path.unlink(missing_ok=True)


def _lock(file: BinaryIO) -> None:
    if sys.platform != "win32":
        with suppress(OSError):  # a file system without locks, where none is taken for a stray
            fcntl.flock(file, fcntl.LOCK_EX)


def _remove_strays(folder: Path) -> None:
    """Remove temporary files of writers that live no more; what may not be removed stays."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if STRAY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_unlocked(entry.path)


def _remove_unlocked(path: str) -> None:
    if sys.platform == "win32":
        os.unlink(path)  # refused while it is open
        return
    access = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY  # locks of NFS need RDWR
    handle = os.open(path, access | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(handle)


def _take_after(old: os.stat_result, handle: int) -> None:
    """Give a file the mode of an old one; owner and group, too, where that is permitted."""
    for owner, group in ((old.st_uid, -1), (-1, old.st_gid)):
        with suppress(OSError):
            os.fchown(handle, owner, group)
    mode = stat.S_IMODE(old.st_mode)
    if mode != stat.S_IMODE(os.fstat(handle).st_mode):  # some file systems know one mode only
        os.fchmod(handle, mode)


def _flush_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where folders can be flushed."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
