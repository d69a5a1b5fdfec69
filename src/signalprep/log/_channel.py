"""Channel: one signal as it was recorded, with stamps of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["Channel"]

KINDS = ("number", "state", "label", "bytes")


@dataclass(frozen=True)
class Channel:
    """One signal of a recording: what a reader gives, before it is brought onto a clock.

    Attributes
    ----------
    name : str
        Name of the signal, without its unit.
    times : ndarray of float64 of shape (n,)
        Stamps in seconds from the start of the recording, in the order of the file.
    values : ndarray of shape (n,)
        Numbers; text (with None for what is missing) for the kind "label".
    valid : ndarray of bool of shape (n,), default=None
        Which samples are valid; None: all that are not missing (NaN, None).
    unit : str, default=None
        As the file gives it.
    labels : mapping of code to text, default=None
        Words for the codes of a state.
    source : str, default=""
        Where the signal stands in the file (group, bus and message): tells signals of one name
        apart.
    range : (float, float), default=None
        The least and the largest value that the file says the quantity can have, in its unit.
    kind : {"number", "state", "label", "bytes"}, default="number"
        A continuous quantity; codes, flags and whatever else must only be held; text; raw bytes.
    """

    name: str
    times: np.ndarray
    values: np.ndarray
    valid: np.ndarray | None = None
    unit: str | None = None
    labels: Mapping[float, str] | None = None
    source: str = ""
    range: tuple[float, float] | None = None
    kind: str = "number"
