"""Lines of C: texts with names to be filled in, loops over elements, copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from string import Template
from typing import Any

from signalprep.embedded.program._c_types import CValue

__all__ = ["copied", "filled", "indented", "looped"]


def indented(lines: Iterable[str]) -> list[str]:
    return ["    " + line for line in lines]


def filled(text: str, **names: Any) -> list[str]:
    """Lines of a text with what its names stand for; a list is lines of its own."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        indent, _, name = line.partition("$")
        if not indent.strip() and isinstance(names.get(name), list):
            lines += [indent + one for one in names[name]]
        else:
            lines.append(Template(line).substitute(names))
    return lines


def looped(size: int, lines: Callable[[str], list[str]], *, block: bool = False) -> list[str]:
    """Lines for every element: a loop, or the lines themselves where there is but one."""
    if size > 1:
        return [f"for (uint32_t i = 0U; i < {size}U; ++i)", "{", *indented(lines("i")), "}"]
    return ["{", *indented(lines("0")), "}"] if block else lines("0")


def copied(out: CValue, source: CValue, begin: int, element: int, count: int) -> list[str]:
    """Lines that copy neighbouring elements."""

    def line(i: str) -> list[str]:
        to, of = ((f"{i} + {k}U" if k else i) if i == "i" else str(k) for k in (begin, element))
        return [f"{out.at(to)} = ({out.kind.name}){source.at(of)};"]

    return looped(count, line)
