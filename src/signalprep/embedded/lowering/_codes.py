"""Codes at which a function that never falls reaches a number."""

from __future__ import annotations

import numpy as np

from signalprep.embedded.lowering._channels import Image

__all__ = ["first_at", "last_at"]


def last_at(image: Image, limit: float, low: int, high: int) -> int:
    """The greatest code of a range whose image is not above the limit; ``low - 1`` for none."""
    least, most = int(low) - 1, int(high)
    while least < most:
        middle = (least + most + 1) >> 1
        if image(np.array([middle], dtype=np.int64))[0] <= limit:
            least = middle
        else:
            most = middle - 1
    return least


def first_at(image: Image, limit: float, low: int, high: int) -> int:
    """The least code of a range whose image is not below the limit; ``high + 1`` for none."""
    least, most = int(low), int(high) + 1
    while least < most:
        middle = (least + most) >> 1
        if image(np.array([middle], dtype=np.int64))[0] >= limit:
            most = middle
        else:
            least = middle + 1
    return least
