"""Sentence: one sentence of the opening."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Sentence", "sentence"]


class Sentence(NamedTuple):
    """One sentence, and whether it warns that the numbers are not what they seem."""

    text: str
    warn: bool = False


def sentence(words: str, *, warn: bool = False) -> Sentence:
    """Words with a capital at the start and a full stop at the end."""
    return Sentence(f"{words[:1].upper()}{words[1:].removesuffix('.')}.", warn)
