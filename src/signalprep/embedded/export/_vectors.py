"""Vectors: rows of codes with what the C must give for them, to try a controller with."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from signalprep.embedded.export._rows import adversarial_rows
from signalprep.embedded.export._source import outputs_of
from signalprep.embedded.lowering import IntegerModel
from signalprep.embedded.program import STATUS, Program, run

__all__ = ["Vectors", "outputs_and_status", "vectors_of", "vectors_text"]

_ROWS, _SEED = 1000, 20260101


class Vectors(NamedTuple):
    """Codes, borders of segments, and of each row the outputs and, last, the status."""

    codes: np.ndarray
    bounds: np.ndarray
    expected: np.ndarray


def outputs_and_status(program: Program, codes: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """What Python gives for rows, laid out as C gives it: outputs and, last, the status."""
    found = run(program, codes, bounds)
    status = found.get(STATUS, np.zeros((len(codes), 1), dtype=np.int64))
    return np.concatenate([*(v for name, v in found.items() if name != STATUS), status], axis=1)


def vectors_of(model: IntegerModel) -> Vectors:
    """The vectors of a model, always the same ones."""
    codes, bounds = adversarial_rows(model, _ROWS, _SEED)
    return Vectors(codes, bounds, outputs_and_status(model.program, codes, bounds))


def vectors_text(model: IntegerModel, vectors: Vectors) -> str:
    """The vectors as a file of comma-separated values."""
    n_in, n_out = len(model.formats), len(outputs_of(model.program))
    head = ["segment", *(f"raw{k}" for k in range(n_in)), *(f"out{k}" for k in range(n_out))]
    lines = [",".join([*head, "status"])]
    for segment, (begin, end) in enumerate(pairwise(vectors.bounds.tolist())):
        for row in range(begin, end):
            numbers = [segment, *vectors.codes[row].tolist(), *vectors.expected[row].tolist()]
            lines.append(",".join(map(str, numbers)))
    return "\n".join([*lines, ""])
