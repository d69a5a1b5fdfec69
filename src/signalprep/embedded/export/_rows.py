"""adversarial_rows: codes of every size, seeded."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep.embedded.lowering import IntegerModel

__all__ = ["adversarial_rows"]

_SHARE = 0.05  # of the samples that lie at an end or beside one
_LONGEST = 4000.0  # rows of a segment


def adversarial_rows(model: IntegerModel, n_rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes of every size, and borders of segments.

    Magnitudes are spread evenly over the binary orders, samples hold their value for a while, and
    among them are the ends of each format, of the number type that holds it, what lies just beyond,
    and the code for "not available".
    """
    rng = np.random.default_rng(seed)
    top = 1 << (model.program.ops[0].bits - 1)  # type: ignore[attr-defined]
    n = len(model.formats)
    order = 2.0 ** rng.uniform(0, np.log2(top), (n_rows, n))
    codes = np.floor(rng.uniform(-1, 1, (n_rows, n)) * order + 0.5).astype(np.int64)
    for k, one in enumerate(model.formats.values()):
        ends = [-top, top - 1, one.low, one.high, one.low - 1, one.high + 1, 0, -1, 1]
        ends += [] if one.not_available is None else [one.not_available] * 3
        at = rng.random(n_rows) < _SHARE
        codes[at, k] = rng.choice(ends, int(at.sum()))
    held = rng.random((n_rows, n)) < 0.2
    held[0] = False
    since = np.maximum.accumulate(np.where(held, 0, np.arange(n_rows)[:, None]), axis=0)
    codes = np.take_along_axis(codes, since, axis=0)
    return np.clip(codes, -top, top - 1), _borders(rng, n_rows)


def _borders(rng: np.random.Generator, n_rows: int) -> Any:
    """Segments of every length, from a single row to thousands."""
    lengths = np.ceil(_LONGEST ** rng.uniform(0, 1, n_rows)).astype(np.int64)
    inner = np.cumsum(lengths)
    return np.concatenate([[0], inner[inner < n_rows], [n_rows]])
