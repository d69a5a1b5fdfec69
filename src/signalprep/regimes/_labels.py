"""Readable labels of intervals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

__all__ = ["ABOVE", "BELOW", "MISSING", "OUTSIDE", "category_labels"]

BELOW, ABOVE, MISSING = "below", "above", "missing"
OUTSIDE = (BELOW, ABOVE, MISSING)

_ROUNDING = 0.005  # of the narrower neighbouring interval: what a learned edge may be off


def category_labels(edges: np.ndarray, exact: bool) -> list[str]:
    """Labels in the order of the categories: below, the intervals, above, missing.

    Parameters
    ----------
    edges : ndarray of float of shape (n_intervals + 1,)
    exact : bool
        Print edges as they are; otherwise round them as long as it cannot mislead.
    """
    width = np.diff(edges)
    tolerance = np.minimum(np.append(width, width[-1]), np.append(width[0], width))
    tolerance *= 0.0 if exact else _ROUNDING
    text = [_shortest(e, t) for e, t in zip(edges.tolist(), tolerance.tolist(), strict=True)]
    intervals = [f"[{a}, {b})" for a, b in pairwise(text)]
    intervals[-1] = intervals[-1][:-1] + "]"
    return [BELOW, *intervals, ABOVE, MISSING]


def _shortest(value: float, tolerance: float) -> str:
    """Fewest significant digits that come within `tolerance` (17 digits are exact)."""
    digits = next(d for d in range(1, 18) if abs(float(f"{value:.{d}g}") - value) <= tolerance)
    rounded = float(f"{value:.{digits}g}") + 0.0  # + 0.0: no "-0"
    if rounded == 0.0 or 1e-4 <= abs(rounded) < 1e7:
        return np.format_float_positional(rounded, trim="-")
    return f"{rounded:.{digits}g}"
