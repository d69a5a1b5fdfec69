"""Mutants of the source: all there are, and a sample by seed."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, zip_longest

from .changes import Change, changed, changes
from .reach import SOURCE

PACKAGES = ("metrics", "regimes", "model_selection", "validation", "leaks", "compose", "io", "log")


@dataclass(frozen=True)
class Mutant:
    """A change of a file, named relative to the package."""

    file: str
    number: int

    @cached_property
    def change(self) -> Change:
        return _changes(self.file)[self.number]

    @property
    def package(self) -> str:
        return self.file.partition("/")[0]

    @property
    def text(self) -> str:
        """The line as it stands, without its margin."""
        return source(self.file).splitlines()[self.change.line - 1].strip()

    @property
    def what(self) -> str:
        """The change in one line."""
        return " ".join(f"{self.change.before} -> {self.change.after}".split())

    def tree(self) -> ast.Module:
        return changed(parsed(self.file), self.change)

    def __str__(self) -> str:
        return f"src/signalprep/{self.file}:{self.change.line}  {self.what}"


@cache
def source(file: str) -> str:
    return (SOURCE / file).read_text(encoding="utf-8")


@cache
def parsed(file: str) -> ast.Module:
    return ast.parse(source(file))


@cache
def _changes(file: str) -> list[Change]:
    return changes(parsed(file))


def mutants_of(package: str) -> list[Mutant]:
    """All mutants of a package."""
    return [
        Mutant(str(path.relative_to(SOURCE)), number)
        for path in sorted((SOURCE / package).rglob("*.py"))
        for number in range(len(_changes(str(path.relative_to(SOURCE)))))
    ]


def sample(seed: int, per_package: int, only: str) -> list[Mutant]:
    """So many of each package, by turns; `only` names a package, a file or a line (file:12)."""
    place, _, line = only.partition(":")
    drawn = []
    for package in PACKAGES:
        there = [
            mutant
            for mutant in mutants_of(package)
            if mutant.file.startswith(place) and (not line or mutant.change.line == int(line))
        ]
        number = min(per_package or len(there), len(there))
        drawn.append(random.Random(f"{seed} {package}").sample(there, number))
    return by_turns(drawn)


def by_turns(lists: Iterable[list[Mutant]]) -> list[Mutant]:
    """The first of each, the second of each, and so on."""
    return [mutant for mutant in chain.from_iterable(zip_longest(*lists)) if mutant is not None]
