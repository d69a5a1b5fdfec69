"""Channels: what is known of the numbers that stand for the columns of a log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from signalprep.embedded.program import Value

__all__ = ["Channels", "Image"]

Image = Callable[[np.ndarray], np.ndarray]
"""Of codes: what the float pipeline computes for them, to the last bit; it never falls."""


@dataclass(frozen=True, eq=False)
class Channels:
    """Integers that stand for channels: ``lsb * code + offset``.

    Attributes
    ----------
    value : Value
        Of the program.
    names : tuple of str
    lsb, offset : ndarray of shape (n_channels,)
        Scaling by a constant changes these alone and costs nothing.
    images : tuple of callable or None
        Of each channel, what the float pipeline computes for codes; None where it is not the same
        for a reason other than the rounding of the inputs.
    classes : ndarray or None
        What the code of a classifier stands for.
    """

    value: Value
    names: tuple[str, ...]
    lsb: np.ndarray
    offset: np.ndarray
    images: tuple[Image | None, ...]
    classes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.names)

    def image(self, k: int) -> Image:
        """What the float pipeline computes for codes of a channel, or what stands for it."""
        found = self.images[k]
        if found is not None:
            return found
        lsb, offset = float(self.lsb[k]), float(self.offset[k])
        return lambda codes: lsb * codes + offset

    def scaled(self, factor: Any, shift: Any, images: Sequence[Image | None]) -> Channels:
        """The same codes for ``factor * x + shift``."""
        lsb, offset = self.lsb * factor, self.offset * factor + shift
        return Channels(self.value, self.names, lsb, offset, tuple(images))

    def made(
        self,
        value: Value,
        lsb: Any = None,
        offset: Any = None,
        names: Any = None,
        exact: bool = False,
    ) -> Channels:
        """Channels of another value; `exact` where its codes are some of those of these."""
        names = self.names if names is None else tuple(names)
        lsb = self.lsb if lsb is None else np.broadcast_to(lsb, (len(names),)).astype(float)
        offset = (
            self.offset if offset is None else np.broadcast_to(offset, (len(names),)).astype(float)
        )
        images = self.images if exact else (None,) * len(names)
        return Channels(value, names, lsb, offset, images)
