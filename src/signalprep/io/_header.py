"""Column names of one file: units split off, duplicates made unique, names found again."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from signalprep.errors import ReadError
from signalprep.io._cells import quoted
from signalprep.io._units import is_unit

_SQUARE = re.compile(r"^(?P<name>.*?\S)\s*\[\s*(?P<unit>[^\[\]]*?)\s*[\])}]\s*$")
_OTHERS = (
    re.compile(r"^(?P<name>.*?\S)\s*\(\s*(?P<unit>[^()]*?)\s*\)\s*$"),
    re.compile(r"^(?P<name>.*?\S)\s*\{\s*(?P<unit>[^{}]*?)\s*\}\s*$"),
    re.compile(r"^(?P<name>.*?\S)\s*<\s*(?P<unit>[^<>]*?)\s*>\s*$"),
    re.compile(r"^(?P<name>.*?[^\s,])\s*,\s*(?P<unit>[^,]+?)\s*$"),
    re.compile(r"^(?P<name>.*?\w)\s+in\s+(?P<unit>\S+)\s*$"),
    re.compile(r"^(?P<name>.*?[^\W_])[\s_]*(?P<unit>%)\s*$"),
)
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2069\ufeff\u00ad"
_SLASH = re.compile(r"^(?P<name>.*?\S)\s*/\s*(?P<unit>\S.*?)\s*$")


def split_unit(header: str) -> tuple[str, str | None]:
    """Split ``Motor Torque [Nm]`` into name and unit; the unit is None where there is none.

    Square brackets always hold a unit, unless they hold a bare index (``u[0]``), and may be
    closed by another bracket (``SoC [%)``). Other brackets, and what follows a comma, a slash or
    the word in, are a unit only if they read like one, so ``Torque (measured)`` stays whole.
    """
    header = header.strip()
    match = _SQUARE.match(header)
    if match and not match["unit"].isdecimal():
        return match["name"], match["unit"] or None
    if match and match["unit"] == "1" and header[match.end("name")] == " ":
        return match["name"], "1"
    for pattern in _OTHERS:
        match = pattern.match(header)
        if match and is_unit(match["unit"]):
            return match["name"], match["unit"]
    match = _SLASH.match(header)
    if match and is_unit(match["unit"]) and not is_unit(match["name"]):
        return match["name"], match["unit"]
    return header, None


@dataclass
class Header:
    """The columns of one file, by position.

    Attributes
    ----------
    raw : what the file says.
    names : unique names of the columns.
    units : unit of each column, None where the file gives none.
    renamed : pairs (raw, name) of the columns whose name is not simply the one in the file.
    """

    raw: list[str]
    names: list[str]
    units: list[str | None]
    renamed: list[list[str]] = field(default_factory=list)

    @classmethod
    def from_raw(
        cls, raw: Sequence[str], *, split: bool, units: Sequence[str] | None = None
    ) -> Header:
        """Name the columns of a file; with `split` the units leave the names.

        `units` is the row of units below the header, where there is one.
        """
        raw = [text.strip(_INVISIBLE) for text in raw]
        parts = [split_unit(text) if split else (text, None) for text in raw]
        if units is not None:
            parts = [
                (name, own or below or None)
                for (name, own), below in zip(parts, units, strict=True)
            ]
        header = cls(list(raw), [], [unit for _, unit in parts])
        taken = {name for name, _ in parts}
        seen: set[str] = set()
        for position, (name, _) in enumerate(parts):
            wanted = name if name.strip() else f"unnamed {position + 1}"
            unique, count = wanted, 2
            while unique in seen or (unique != name and unique in taken):
                unique = f"{wanted} ({count})"
                count += 1
            if unique != name:
                header.renamed.append([raw[position], unique])
            seen.add(unique)
            header.names.append(unique)
        return header

    def find(self, wanted: str, parameter: str, file: str) -> int:
        """Position of a column given by its name, with or without its unit."""
        stripped = [text.strip() for text in self.raw]
        for names in (self.names, self.raw, stripped):
            if wanted in names:
                return names.index(wanted)
        bare = [split_unit(text)[0] for text in self.raw]
        if bare.count(wanted) == 1:
            return bare.index(wanted)
        near = difflib.get_close_matches(
            str(wanted).casefold(), [name.casefold() for name in self.names], n=3, cutoff=0.5
        )
        if near:
            folded = {name.casefold(): name for name in reversed(self.names)}
            hint = "near: " + ", ".join(repr(folded[name]) for name in near)
        else:
            hint = "columns are: " + listed(self.names)
        raise ReadError(f"{file}: {parameter}={wanted!r} is not a column of this file; {hint}")


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in quotes, the first ones of many."""
    shown = ", ".join(quoted(name, most=80) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
