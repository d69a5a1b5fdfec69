"""Column names of one file: units split off, duplicates made unique, names found again."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from signalprep.errors import ReadError

_SQUARE = re.compile(r"^(?P<name>.*?\S)\s*\[\s*(?P<unit>[^\[\]]*?)\s*[\])}]\s*$")
_ROUND = re.compile(r"^(?P<name>.*?\S)\s*\(\s*(?P<unit>[^()]*?)\s*\)\s*$")
_SYMBOL = re.compile(
    r"(?:[fpnuµμmckMGdh]|da)?"
    r"(?:m|s|g|A|V|W|Hz|N|Nm|J|Wh|Ah|eV|K|F|H|T|Wb|Pa|bar|Ohm|ohm|Ω|Ω|rad|l|L|mol|lx|cd|VA|var|VAr)"
    r"|min|h|d|%|‰|°|°C|°F|C|degC|degF|deg|rpm|RPM|U|kph|kmh|mph|ppm|dB|el|mech|pu|p\.u\.|t|1|-"
)
_JOIN = re.compile(r"\s*[/*·⋅ ]\s*|\^[-+]?\d|[²³]")


def split_unit(header: str) -> tuple[str, str | None]:
    """Split ``Motor Torque [Nm]`` into name and unit; the unit is None where there is none.

    Square brackets always hold a unit, unless they hold a bare index (``u[0]``), and may be
    closed by another bracket (``SoC [%)``). Round brackets hold one only if it reads like a unit,
    so ``Torque (measured)`` stays whole.
    """
    header = header.strip()
    match = _SQUARE.match(header)
    if match and not match["unit"].isdecimal():
        return match["name"], match["unit"] or None
    if match and match["unit"] == "1" and header[match.end("name")] == " ":
        return match["name"], "1"
    match = _ROUND.match(header)
    if match and _is_unit(match["unit"]):
        return match["name"], match["unit"]
    return header, None


def _is_unit(text: str) -> bool:
    parts = [part for part in _JOIN.split(text) if part]
    return bool(parts) and not text.isdecimal() and all(_SYMBOL.fullmatch(part) for part in parts)


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
    def from_raw(cls, raw: Sequence[str], *, split: bool) -> Header:
        """Name the columns of a file; with `split` the units leave the names."""
        parts = [split_unit(text) if split else (text, None) for text in raw]
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
        near = difflib.get_close_matches(
            str(wanted).casefold(), [name.casefold() for name in self.names], n=3, cutoff=0.5
        )
        if near:
            folded = {name.casefold(): name for name in reversed(self.names)}
            hint = "near: " + ", ".join(repr(folded[name]) for name in near)
        else:
            hint = "columns are: " + ", ".join(repr(name) for name in self.names)
        raise ReadError(f"{file}: {parameter}={wanted!r} is not a column of this file; {hint}")
