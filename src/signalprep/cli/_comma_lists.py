"""Lists as one types them: words between commas."""

from __future__ import annotations

import csv

from signalprep.errors import InvalidParameterError


def split(text: str) -> list[str]:
    """Parts between commas; quotes protect a comma."""
    parts = next(csv.reader([text], skipinitialspace=True), [])
    return [part.strip() for part in parts if part.strip()]


def split_all(texts: list[str] | None) -> list[str]:
    """Parts of all texts, each once; texts without any are refused."""
    names = [part for text in texts or [] for part in split(text)]
    if texts and not names:
        raise InvalidParameterError(f"names must stand between the commas; got {texts[0]!r}")
    return list(dict.fromkeys(names))
