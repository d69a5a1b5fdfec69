"""Calibration: what values a program takes over the rows of training cycles, while it is written.

Ranges are made of rows drawn at random, not of every n-th one: what has a period of its own, as the
units of a layer that follow one another, cannot fall in step with a draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from signalprep.embedded.program import Builder, Integers, Op, Program, Value, trimmed

__all__ = ["Calibration", "range_of"]

_TAILS = 100 * np.array([0.0005, 0.9995])  # between which percentile ranges lie
_MOST = 1 << 14  # numbers that the least squared error is sought for
_SHRUNK = np.linspace(0.1, 1.0, 91)  # of the whole range, tried for the least squared error


@dataclass(frozen=True, eq=False, kw_only=True)
class _Known(Op):
    """What an op is known to give in every row in which it runs."""

    values: np.ndarray


class _KnownIntegers(Integers):
    """The domain of integers over a whole log, in which some values are known."""

    def _known(self, op: _Known) -> np.ndarray:
        return op.values


class Calibration:
    """Values over the rows of a log.

    Parameters
    ----------
    codes : int64 ndarray of shape (n_rows, n_inputs)
    bounds : ndarray
        Borders of its segments.
    method : {"minmax", "percentile", "mse"}
        What is made of them.
    drawn : ndarray of int, default=None
        The rows that ranges are made of. None: all.
    """

    def __init__(
        self,
        codes: np.ndarray,
        bounds: np.ndarray,
        method: str = "minmax",
        drawn: np.ndarray | None = None,
    ) -> None:
        self._codes, self._bounds, self._method, self._drawn = codes, bounds, method, drawn
        self._found: dict[int, np.ndarray] = {}

    def values(self, builder: Builder, value: Value) -> np.ndarray:
        """What a value is in the rows in which it is formed, (size, n_rows).

        Nothing that has been asked for is worked out twice.
        """
        if value.number not in self._found:
            guard = builder.ops[value.number].guard
            self._found |= self._run(builder, {value.number, guard} - {None})
        return self._found[value.number]

    def _run(self, builder: Builder, wanted: set[Any]) -> dict[int, np.ndarray]:
        ops = list(builder.ops)
        for number, known in self._found.items():
            op = ops[number]
            ops[number] = _Known(size=op.size, guard=op.guard, values=known)
        outputs = {str(number): number for number in wanted}
        program = trimmed(Program(tuple(builder.inputs), tuple(ops), outputs))
        domain = _KnownIntegers(program, self._codes, self._bounds, {})
        values = domain.run(set(program.outputs.values()))
        return {int(name): values[number] for name, number in program.outputs.items()}

    def ends(self, builder: Builder, value: Value) -> tuple[np.ndarray, np.ndarray] | None:
        """The least and the greatest of each element; None where it is never formed."""
        found = self.values(builder, value)
        return (found.min(axis=1), found.max(axis=1)) if found.shape[1] else None

    def reach(
        self, builder: Builder, value: Value, steps: Any, offsets: Any, bits: int, floor: float
    ) -> tuple[float, float] | None:
        """From where to where codes of so many bits are to reach; None where it is never formed.

        By the rows drawn; of a value that is formed at times, by all that there are.
        """
        found = self.values(builder, value)
        if self._drawn is not None and builder.ops[value.number].guard is None:
            found = found[:, self._drawn]
        if found.shape[1] == 0:
            return None
        known = np.maximum((found.T * steps + offsets).ravel(), floor)
        return range_of(known, bits, self._method)


def range_of(x: np.ndarray, bits: int, method: str) -> tuple[float, float]:
    """From where to where codes of so many bits are to reach for numbers.

    "minmax": from the least to the greatest. "percentile": the central 99.9 % of them. "mse": the
    share of the whole range, 0 kept inside, at which the squared error of rounding and of cutting
    off is least.
    """
    low, high = float(x.min()), float(x.max())
    if method == "percentile":
        low, high = np.percentile(x, _TAILS).tolist()
    elif method == "mse" and low < high:
        low, high = _least_squares(x, min(low, 0.0), max(high, 0.0), bits)
    return low, high


def _least_squares(x: np.ndarray, low: float, high: float, bits: int) -> tuple[float, float]:
    places = np.linspace(0, x.size - 1, min(x.size, _MOST)).astype(np.int64)
    some = np.sort(x)[places]  # in order of size, so that no period of the rows is left
    errors = []
    for share in _SHRUNK:
        step = (high - low) * share / ((1 << bits) - 1)
        zero = np.floor(-low * share / step + 0.5)
        codes = np.clip(np.floor(some / step + 0.5) + zero, 0, (1 << bits) - 1)
        errors.append(float(np.square((codes - zero) * step - some).sum()))
    share = float(_SHRUNK[int(np.argmin(errors))])
    return low * share, high * share
