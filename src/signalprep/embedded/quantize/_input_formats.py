"""Formats of channels of which nobody has said any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from signalprep.embedded.lowering import Format
from signalprep.errors import InvalidLogError

__all__ = ["formats_over"]

_BITS = 16
_WIDER = 1.25


def formats_over(table: np.ndarray, names: Sequence[Any]) -> dict[Any, Format]:
    """Formats of 16 bits, signed, over the range of each channel, widened by a quarter."""
    found = {}
    for name, values in zip(names, np.asarray(table, dtype=np.float64).T, strict=True):
        low, high = float(values.min()), float(values.max())
        if not np.isfinite(high - low):
            raise InvalidLogError(
                f"channel {name!r} holds NaN, so its codes have no range; fill it before, or give "
                "input_formats with not_available= for it"
            )
        width = (high - low) or max(abs(low), 1.0)
        lsb = _WIDER * width / ((1 << _BITS) - 1)
        found[name] = Format(lsb, (low + high) / 2 + lsb / 2, bits=_BITS)
    return found
