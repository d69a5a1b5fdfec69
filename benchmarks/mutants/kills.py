"""Which mutants were killed before, and by which test: that need not be tried again."""

from __future__ import annotations

import json
from functools import cache

from .mutants import Mutant
from .pytest_run import REPOSITORY, file_of
from .reach import KEPT, SOURCE, digest

KILLS = KEPT / "kills.json"


class Kills:
    """Kept kills; one holds as long as neither the mutant's file nor the killer's changes."""

    def __init__(self) -> None:
        text = KILLS.read_text(encoding="utf-8") if KILLS.exists() else "{}"
        self.found: dict[str, str] = json.loads(text)

    def killer(self, mutant: Mutant) -> str:
        """What killed a mutant; "" where nothing is known to, or no longer."""
        killer, _, state = self.found.get(_name(mutant), "").rpartition(" ")
        return killer if killer and state == _state(file_of(killer)) else ""

    def add(self, mutant: Mutant, killer: str) -> None:
        """Keep a kill by a test; one by time or by an import costs little to find again."""
        if "::" in killer:
            self.found[_name(mutant)] = f"{killer} {_state(file_of(killer))}"
            KILLS.write_text(json.dumps(self.found), encoding="utf-8")

    def forget(self, killers: set[str]) -> None:
        """Drop kills by tests that fail anyhow."""
        self.found = {
            name: kept
            for name, kept in self.found.items()
            if kept.rpartition(" ")[0] not in killers
        }
        KILLS.write_text(json.dumps(self.found), encoding="utf-8")


def _name(mutant: Mutant) -> str:
    return f"{mutant.file} {_state(f'src/{SOURCE.name}/{mutant.file}')} {mutant.number}"


@cache
def _state(file: str) -> str:
    path = REPOSITORY / file
    return digest([path]) if path.exists() else ""
