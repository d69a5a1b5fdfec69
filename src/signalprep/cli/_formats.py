"""Formats of raw channels, from a file."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalprep.errors import InvalidParameterError, SignalprepError

if TYPE_CHECKING:
    from signalprep.embedded import Format


def read_formats(path: Path) -> dict[str, Format]:
    """The format of each channel of a JSON file: {"channel": {"lsb": 0.1, "bits": 12}, ...}."""
    from signalprep.embedded import Format

    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidParameterError(f"--formats: {path} is no JSON: {error}") from None
    if not isinstance(found, dict) or not found:
        raise InvalidParameterError(
            f'--formats: {path} must hold an object such as {{"speed": {{"lsb": 0.5}}}}; got '
            f"{type(found).__name__}"
        )
    known = [field.name for field in fields(Format)]
    formats = {}
    for channel, keys in found.items():
        if not isinstance(keys, dict) or not set(keys) <= set(known) or "lsb" not in keys:
            raise InvalidParameterError(
                f"--formats: {channel!r} must be an object with lsb and, as needed, "
                f"{', '.join(known[1:])}; got {keys!r}"
            )
        try:
            formats[channel] = Format(**keys)
        except SignalprepError as error:
            raise InvalidParameterError(f"--formats: {channel!r}: {error}") from None
    return formats


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key is there twice."""
    names = [name for name, _ in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"{twice[0]!r} is there twice")
    return dict(pairs)
