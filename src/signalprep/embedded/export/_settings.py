"""How the generated C is compiled: settings of gcc, and what it may call."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from signalprep.embedded.export._tools import called

__all__ = ["ALLOWED", "SETTINGS", "STRICT", "Setting", "compiled", "undefined"]

STRICT = (
    *("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-pedantic"),
    "-fanalyzer",
    # some distributions turn on what calls functions of their own
    *("-fno-stack-protector", "-U_FORTIFY_SOURCE"),
)
WIDE_BYTES = """\
/* as on a C2000, which has no type of 8 bits */
#include <stdint.h>
#define int_least8_t int_least16_t
#define uint_least8_t uint_least16_t
"""
ALLOWED = frozenset({"memcpy", "memmove", "memset"})
"""What a compiler may call where it sees a copy."""


class Setting(NamedTuple):
    """One way to compile."""

    name: str
    flags: tuple[str, ...]
    alone: bool = True  # whether it must call nothing but what is allowed


SETTINGS = (
    Setting("-O0", ("-O0",)),
    Setting("-O2", ("-O2",)),
    Setting("UBSan", ("-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"), alone=False),
    Setting("bytes of 16 bits", ("-O2", "-include", "wide_bytes.h")),
)


def compiled(source: Path, setting: Setting, work: Path, seconds: float) -> tuple[str, list[str]]:
    """Compile a source as strictly as gcc can; the object, empty without one, and the warnings."""
    (work / "wide_bytes.h").write_text(WIDE_BYTES, encoding="utf-8")
    flags = [*STRICT, *setting.flags, "-I", "."]
    done = called(["gcc", *flags, "-c", source, "-o", "model.o"], work, seconds=seconds)
    words = done.stderr.decode("utf-8", "replace").splitlines()
    said = [line for line in words if " warning: " in line or " error: " in line]
    return ("" if done.returncode else "model.o"), said


def undefined(object_file: str, work: Path, nm: str = "nm") -> set[str]:
    """What an object calls that it must not."""
    done = called([nm, "-u", object_file], work)
    names = {line.split()[-1].lstrip("_") for line in done.stdout.decode().splitlines() if line}
    return names - ALLOWED
