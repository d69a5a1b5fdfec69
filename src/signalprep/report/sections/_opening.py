"""The opening of the page: what a reader in a hurry takes along, in a few sentences."""

from __future__ import annotations

from typing import Any

from signalprep.report.opening import opening
from signalprep.report.sections._section import Found, Section


def _facts(found: Found) -> dict[str, Any]:
    """The sentences, and which of them warn."""
    return {"sentences": [each._asdict() for each in opening(found)]}


def _content(found: Found) -> dict[str, Any]:
    return {"opening": [each.text.replace("\N{NO-BREAK SPACE}", " ") for each in opening(found)]}


SECTION = Section("opening", "opening", _facts, _content)
