"""Codes at which a function that never falls reaches a number."""

from __future__ import annotations

import numpy as np

from signalprep.embedded.lowering._channels import Image

__all__ = ["all_last_at", "first_at", "last_at"]


def last_at(image: Image, limit: float, low: int, high: int) -> int:
    """The greatest code of a range whose image is not above the limit; ``low - 1`` for none."""
    return int(all_last_at(image, np.array([limit]), low, high)[0])


def all_last_at(image: Image, limits: np.ndarray, low: int, high: int) -> np.ndarray:
    """What `last_at` gives for each of the limits."""
    least = np.full(len(limits), int(low) - 1, dtype=np.int64)
    most = np.full(len(limits), int(high), dtype=np.int64)
    while (least < most).any():
        middle = (least + most + 1) >> 1
        below = np.asarray(image(middle), dtype=np.float64) <= limits
        rises = below & (least < most)
        most = np.where(below, most, np.maximum(middle - 1, least))
        least = np.where(rises, middle, least)
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
