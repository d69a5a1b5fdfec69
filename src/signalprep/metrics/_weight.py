"""How errors are averaged: what counts the same."""

from __future__ import annotations

from typing import Any

from signalprep.errors import InvalidParameterError

__all__ = ["WEIGHTS", "check_weight"]

WEIGHTS = {"row": "", "cycle": "every cycle counts the same"}
"""Choices of ``weight``, and how pages and texts say them; nothing is said of the usual one."""


def check_weight(weight: Any) -> str:
    """Give the choice back, or raise InvalidParameterError."""
    if not isinstance(weight, str) or weight not in WEIGHTS:
        raise InvalidParameterError(
            f"weight must be one of {', '.join(map(repr, WEIGHTS))}, what counts the same when "
            f"errors are averaged; got {weight!r} (weights of rows in fits are sample_weight)"
        )
    return weight
