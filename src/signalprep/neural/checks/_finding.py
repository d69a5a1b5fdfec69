"""One finding of a check of a set-up."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Finding"]


class Finding(NamedTuple):
    """What is wrong, of which column or parameter, how large it is, and what to do."""

    what: str
    where: str
    size: float
    remedy: str
