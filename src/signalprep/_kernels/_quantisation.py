"""The step of a quantised channel: the least distance of its values, if they lie on a grid."""

from __future__ import annotations

import numpy as np

__all__ = ["quantisation_step"]

ON_GRID = 0.9  # share of the distances that must be whole multiples of the smallest one
ROUNDING = 2.0  # units in the last place of the largest value by which a distance may be off
SAMPLE = 4096  # consecutive values that tell a channel without any grid
NEAR = 50.0  # smallest distances of a sample within which a common measure is looked for
FAR = 1e-2  # of the smallest distance of a sample: a common measure below that is none
UNCLEAR = 0.25  # of a step: where rounding reaches that far, no multiple can be told


def quantisation_step(x: np.ndarray) -> float:
    """Smallest distance of two distinct values of ``x`` (n_samples,), 0 where there is no grid.

    There is one when at least 90 % of the distances between neighbours among the sorted distinct
    values are whole multiples of the smallest. Values are distinct, and distances differ, when it
    is by more than rounding makes; of distances that are equal but for rounding the largest is
    given. NaN is left out. Cost: a sort; a channel without a grid is mostly told by a sample.
    """
    values = np.asarray(x, dtype=np.float64)
    values = values[~np.isnan(values)]
    precisions = [_precision(np.float64)]
    with np.errstate(over="ignore"):
        if np.array_equal(values.astype(np.float32), values):
            precisions.append(_precision(np.float32))
    if len(values) > 4 * SAMPLE:
        middle = (len(values) - SAMPLE) // 2
        part = np.sort(values[middle : middle + SAMPLE])
        precisions = [one for one in precisions if _may_have_a_grid(part, one * _largest(part))]
    if len(values) < 2 or not precisions:
        return 0.0
    values.sort()
    steps = (_step(values, precision * _largest(values)) for precision in precisions)
    return next((step for step in steps if step > 0), 0.0)


def _precision(dtype: type) -> float:
    return ROUNDING * float(np.finfo(dtype).eps)


def _largest(ordered: np.ndarray) -> float:
    return float(max(ordered[-1], -ordered[0]))


def _distances(ordered: np.ndarray, noise: float) -> np.ndarray:
    """Distances between neighbours that are more than rounding."""
    distances = np.diff(ordered)
    return distances[distances > noise]


def _may_have_a_grid(ordered: np.ndarray, noise: float) -> bool:
    """Whether the smallest distances of a sample have a common measure not far below them.

    A grid so fine that no two values of the sample are near its step is taken for none.
    """
    distances = _distances(ordered, noise)
    if not len(distances):
        return True
    smallest = measure = float(distances.min())
    distances = distances[distances <= NEAR * smallest]
    error = 2 * noise
    while error < UNCLEAR * measure:
        multiples = np.rint(distances / measure)
        rest = np.abs(distances - multiples * measure)
        error *= 1 + float(multiples.max())
        rest = rest[rest > error]
        if not len(rest):
            return True
        distances = np.append(rest, measure)  # as Euclid does
        measure = float(rest.min())
        if measure < FAR * smallest:
            return False
    return True


def _step(ordered: np.ndarray, noise: float) -> float:
    distances = _distances(ordered, noise)
    if not len(distances):
        return 0.0
    smallest = float(distances.min())
    if smallest * UNCLEAR <= 2 * noise:
        return 0.0
    single = distances[distances - smallest <= 2 * noise]
    step = float(single.mean())
    multiples = np.rint(distances / step)
    allowed = noise * (2 + multiples / len(single))
    whole = (np.abs(distances - multiples * step) <= allowed) & (allowed < UNCLEAR * step)
    return float(single.max()) if whole.mean() >= ON_GRID else 0.0
