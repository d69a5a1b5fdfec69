"""tool, called: programs that are not part of signalprep, and words where one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from signalprep.errors import ToolError

__all__ = ["PACKAGES", "called", "missing", "tool"]

PACKAGES = {
    "gcc": "gcc",
    "nm": "binutils",
    "frama-c": "frama-c-base",
    "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    "qemu-system-arm": "qemu-system-arm",
    "avr-gcc": "gcc-avr avr-libc",
    "simavr": "simavr",
    "powerpc-linux-gnu-gcc": "gcc-powerpc-linux-gnu",
    "qemu-ppc": "qemu-user",
}
"""The Debian package of each."""


def missing(*programs: str) -> str:
    """What is not there and how to get it; empty where all is."""
    absent = [program for program in programs if shutil.which(program) is None]
    if not absent:
        return ""
    packages = " ".join(dict.fromkeys(PACKAGES[program] for program in absent))
    are = "is" if len(absent) == 1 else "are"
    return f"{', '.join(absent)} {are} not installed; in Debian: apt-get install {packages}"


def tool(program: str) -> str:
    """The path of a program; raises ToolError where it is not installed."""
    if words := missing(program):
        raise ToolError(words)
    return str(shutil.which(program))


def called(
    command: Sequence[str | Path],
    folder: Path,
    *,
    seconds: float = 300.0,
    feed: bytes | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program in a folder; its output, its errors and its exit code.

    Raises
    ------
    ToolError
        It is not installed, or has not ended in time.
    """
    first = str(command[0])
    program = tool(first) if first in PACKAGES else first
    try:
        return subprocess.run(
            [program, *map(str, command[1:])], cwd=folder, input=feed, capture_output=True,
            timeout=seconds, check=False, env={**os.environ, "LC_ALL": "C", "PWD": str(folder)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        name = Path(first).name
        raise ToolError(f"{name} has not ended within {seconds:g} s") from None
