"""Where limits cut off what is meant, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from signalprep.embedded.program import Program, unlimited, watched

__all__ = ["asked_for", "cut_off", "places"]

INPUT = "input"
_ROUNDING = 1  # code, by which the ends of a range may lie beyond it


def places(program: Program, channels: Any) -> pd.MultiIndex:
    """Step and channel of all places, those of the inputs first; of a layer, its units."""
    names = [(INPUT, str(name)) for name in channels]
    for op in watched(program).values():
        names += [(op.label, name) for name in op.names]
    return pd.MultiIndex.from_tuples(names, names=["step", "channel"])


def cut_off(program: Program, codes: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Of each row and each element that is watched, whether a limit cuts off more than a code.

    Never in a row in which the op does not run.
    """
    found = watched(program)
    begins = np.cumsum([0, *(op.size for op in found.values())])
    out = np.zeros((len(codes), begins[-1]), dtype=bool)
    first = 0
    for n_rows, block in unlimited(program, codes, bounds):
        for begin, (number, op) in zip(begins[:-1], found.items(), strict=True):
            rows, value = block[number]
            cut = value > op.high[:, None] + _ROUNDING
            if not getattr(op, "floor", False):
                cut |= value < op.low[:, None] - _ROUNDING
            out[first + rows, begin : begin + op.size] = cut.T
        first += n_rows
    return out


def asked_for(
    program: Program, codes: np.ndarray, bounds: np.ndarray
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Of each element that is watched its limits, and its numbers before they cut off."""
    found = watched(program)
    parts: dict[int, list[np.ndarray]] = {number: [] for number in found}
    for _, block in unlimited(program, codes, bounds):
        for number, (_, value) in block.items():
            parts[number].append(value)
    for number, op in found.items():
        value = np.concatenate(parts.pop(number), axis=1)
        if getattr(op, "floor", False):
            value = np.maximum(value, op.low[:, None])
        yield from zip(op.low.tolist(), op.high.tolist(), value, strict=True)
