"""RowCheck: whether a step that ought to work row by row does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.streaming._place import Place

__all__ = ["RowCheck"]

LONGEST = 32  # samples looked at
TOLERANCE = {4: 1e-3, 8: 1e-6}  # of the largest value, by bytes of the type; rounding is less


class RowCheck:
    """Calls a step one row at a time, and now and then all rows so far together, and compares.

    After 32 samples it calls the step as they come.

    Parameters
    ----------
    give : callable
        Outputs of the step for samples (n_channels, n_samples).
    axis : int
        Along which axis of the outputs the samples lie.
    place : Place
        Where the step stands.
    """

    def __init__(self, give: Callable[[np.ndarray], np.ndarray], axis: int, place: Place) -> None:
        self._give = give
        self._axis = axis
        self._path = place.path
        self._rows: list[np.ndarray] = []
        self._found: list[np.ndarray] = []

    def push(self, x: np.ndarray) -> np.ndarray:
        """Outputs for the next samples; raise when they depend on each other."""
        n_alone = min(x.shape[1], LONGEST - len(self._rows))
        if n_alone <= 0:
            return self._give(x)
        alone = [self._push_one(np.ascontiguousarray(x[:, i : i + 1])) for i in range(n_alone)]
        rest = [self._give(np.ascontiguousarray(x[:, n_alone:]))] if n_alone < x.shape[1] else []
        return np.concatenate([*alone, *rest], axis=self._axis)

    def _push_one(self, row: np.ndarray) -> np.ndarray:
        found = self._give(row)
        self._rows.append(row)
        self._found.append(found)
        n = len(self._rows)
        if n > 1 and n.bit_count() == 1:  # 2, 4, 8 ...
            together = self._give(np.concatenate(self._rows, axis=1))
            alone = np.concatenate(self._found, axis=self._axis)
            if not _agree(alone, together, self._axis):
                raise InvalidParameterError(
                    f"step {self._path!r} cannot be streamed: it gives other values for {n} rows "
                    "together than for each alone, so it sees other rows than the newest, or is "
                    "random"
                )
        return found


def _agree(alone: np.ndarray, together: np.ndarray, axis: int) -> bool:
    """Whether outputs are the same but for rounding."""
    if alone.shape != together.shape:
        return False
    if alone.dtype.kind not in "fiu" or together.dtype.kind not in "fiu":
        same = alone == together
        return bool(np.all(same | (pd.isna(alone) & pd.isna(together))))
    size = np.abs(np.where(np.isfinite(together), together, 0)).max(axis=axis, keepdims=True)
    allowed = TOLERANCE.get(together.dtype.itemsize, 1e-3) * size
    with np.errstate(invalid="ignore"):  # infinities
        near = np.abs(alone - together) <= allowed
    return bool(np.all(near | (alone == together) | (np.isnan(alone) & np.isnan(together))))
