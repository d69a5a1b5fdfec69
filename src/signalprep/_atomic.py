"""Write a file in one step: readers see the old content or the new, never a part."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from signalprep.errors import InvalidParameterError


def write_atomic(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file, replacing it in one step; text as UTF-8.

    The content goes to a temporary file in the same folder, is flushed to the disk, and takes the
    place of the file by a rename. When anything fails the temporary file is removed and an old
    file stays as it was. A symbolic link keeps pointing where it did. Characters that UTF-8 cannot
    hold (file names in an unknown encoding) are written as backslash escapes.

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
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise InvalidParameterError(f"path must lie in an existing folder; got {os.fspath(path)!r}")
    if target.exists() and not target.is_file():
        raise InvalidParameterError(f"path must be a file; got {os.fspath(path)!r}")
    temporary = target.parent / f".{target.name[:100]}-{secrets.token_hex(6)}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(_encoded(content))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(target.parent)


def _encoded(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")


def _flush_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where folders can be flushed."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
