"""Which segments of a log are trained on, and which are held out to stop by."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

__all__ = ["Parts", "hold_out"]

Parts = list[tuple[int, int]]  # first row and end of segments


def hold_out(
    bounds: np.ndarray, cycle: np.ndarray, share: float, rng: np.random.RandomState
) -> tuple[Parts, Parts, np.ndarray]:
    """Segments to train on and to stop by, and whether each cycle is held out.

    Held out are whole cycles, or the end of the only one.

    Parameters
    ----------
    bounds : ndarray of int
        Borders of the segments.
    cycle : ndarray of int
        Number of the cycle of each segment, from 0 in the order of the rows.
    share : float
        Of the cycles, at least one and not all; 0 for none.
    rng : RandomState
        Chooses them.
    """
    whole = list(pairwise(bounds.tolist()))
    n_cycles = int(cycle[-1]) + 1
    held = np.zeros(n_cycles, dtype=bool)
    if share == 0.0:
        return whole, [], held
    if n_cycles == 1:
        n = int(bounds[-1])
        cut = max(n - round(share * n), 1)
        ends = ((0, cut), (cut, n))
        parts = [[(max(a, lo), min(b, hi)) for a, b in whole] for lo, hi in ends]
        first, last = ([(a, b) for a, b in part if a < b] for part in parts)
        return first, last, held
    n_held = min(max(round(share * n_cycles), 1), n_cycles - 1)
    held[rng.permutation(n_cycles)[:n_held]] = True
    of_segment = held[cycle].tolist()
    training = [part for part, out in zip(whole, of_segment, strict=True) if not out]
    return training, [part for part, out in zip(whole, of_segment, strict=True) if out], held
