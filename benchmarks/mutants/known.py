"""Mutants known to compute the same, each with its reason."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from .mutants import Mutant

STRICT = re.compile(r"\bstrict=True\b")
WRITTEN = Path(__file__).with_name("equivalent.toml")


@cache
def reasons() -> dict[tuple[str, str, str], str]:
    """Reasons by file, text of the line and change."""
    held = tomllib.loads(WRITTEN.read_text(encoding="utf-8"))
    return {
        (file, entry["line"], change): entry["why"]
        for file, entries in held.items()
        for entry in entries
        for change in entry["changes"]
    }


def reason(mutant: Mutant) -> str:
    """Why a mutant cannot be told from the source; "" where nobody has said so."""
    if (
        mutant.what == "True -> False"
        and mutant.text.count("True") == 1
        and STRICT.search(mutant.text)
    ):
        return "zip's strict= is an assertion, as assert is"
    return reasons().get((mutant.file, mutant.text, mutant.what), "")
