"""Bin edges of one column: what a spec means and how it is learned."""

from __future__ import annotations

import numbers
import re
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.tree import DecisionTreeRegressor

from signalprep.errors import InvalidParameterError

__all__ = ["check_spec", "learn_edges"]

_SPEC = re.compile(r"([qkt])([1-9]\d*)")


def check_spec(spec: Any, name: Any) -> None:
    """Raise InvalidParameterError unless `spec` is one that :func:`learn_edges` knows."""
    is_text = isinstance(spec, str)
    if is_text and _SPEC.fullmatch(spec):
        return
    if isinstance(spec, numbers.Integral) and not isinstance(spec, bool) and int(spec) >= 1:
        return
    if not is_text and _are_edges(spec):
        return
    raise InvalidParameterError(
        f"bins[{name!r}] must be an int >= 1, a list of at least two finite increasing edges, or "
        f"one of 'qN', 'kN', 'tN' with N >= 1; got {spec!r}"
    )


def learn_edges(
    spec: Any, values: np.ndarray, y: np.ndarray | None, random_state: Any
) -> np.ndarray:
    """Increasing edges of shape (n_intervals + 1,) for a column.

    Fewer intervals than asked for come out where values repeat; a constant column gives the one
    closed interval [c, c].

    Parameters
    ----------
    spec : int, str or sequence of float
        A spec that passes :func:`check_spec`.
    values : ndarray of float64 of shape (n_known,)
        Known (not missing) values; at least one unless the edges are given.
    y : ndarray of shape (n_known,) or None
        Target of the same rows, for "tN".
    random_state : int, RandomState or None
        For "kN" and "tN".
    """
    if not isinstance(spec, (str, numbers.Integral)):
        return np.asarray(spec, dtype=np.float64)
    low, high = values.min(), values.max()
    if low == high:
        return np.array([low, high])
    if isinstance(spec, numbers.Integral):
        return np.unique(np.linspace(low, high, int(spec) + 1))
    kind, n_bins = spec[0], int(spec[1:])
    inner = {"q": _quantiles, "k": _between_centres, "t": _tree_thresholds}[kind]
    edges = inner(n_bins, values, y, random_state)
    return np.concatenate(([low], edges[(edges > low) & (edges < high)], [high]))


def _quantiles(n_bins: int, values: np.ndarray, *_: Any) -> np.ndarray:
    """Quantiles, each moved to the nearest border between two distinct values.

    Rows that repeat a value cannot be parted. A quantile that falls on such a value leaves them all
    on its right, which may be far from its share of the rows, or none at all on its left; then the
    edge is the next value, or midway to it where that is the largest one.
    """
    ordered = np.sort(values)
    low, high = ordered[0], ordered[-1]
    quantile = np.quantile(ordered, np.linspace(0.0, 1.0, n_bins + 1))[1:-1]
    below = np.searchsorted(ordered, quantile, side="left")
    upto = np.searchsorted(ordered, quantile, side="right")
    share = np.arange(1, n_bins) * (len(values) / n_bins)
    nearer = np.abs(upto - share) < np.abs(below - share)
    first, last = np.searchsorted(ordered, [np.nextafter(low, high), high])
    border = np.where((upto - below > 1) & nearer, upto, below).clip(first, last)  # rows before
    left, right = ordered[border - 1], ordered[border]
    kept = (left < quantile) & (quantile <= right) & (quantile < high)
    moved = np.where(right < high, right, _midway(left, right))
    order = np.lexsort((~kept, border))
    one_each = np.unique(border[order], return_index=True)[1]
    return np.where(kept, quantile, moved)[order][one_each]


def _midway(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Between two values; the right one where no number lies between."""
    middle = left / 2.0 + right / 2.0
    return np.where(middle > left, middle, right)


def _between_centres(
    n_bins: int, values: np.ndarray, _: np.ndarray | None, random_state: Any
) -> np.ndarray:
    distinct, counts = np.unique(values, return_counts=True)
    model = KMeans(min(n_bins, len(distinct)), n_init=10, random_state=random_state)
    model.fit(distinct[:, None], sample_weight=counts)
    centres = np.sort(model.cluster_centers_[:, 0])
    return np.unique((centres[1:] + centres[:-1]) / 2.0)


def _tree_thresholds(
    n_bins: int, values: np.ndarray, y: np.ndarray | None, random_state: Any
) -> np.ndarray:
    if n_bins == 1:
        return np.empty(0)
    distinct, place = np.unique(values, return_inverse=True)
    model = DecisionTreeRegressor(max_leaf_nodes=n_bins, random_state=random_state)
    # by places, as the tree knows single precision only and no steps below 1e-7
    tree = model.fit(place[:, None], y).tree_
    left = np.unique(tree.threshold[tree.children_left >= 0].astype(np.int64))
    return _midway(distinct[left], distinct[left + 1])


def _are_edges(spec: Any) -> bool:
    try:
        edges = np.asarray(spec, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return bool(
        edges.ndim == 1
        and len(edges) >= 2
        and np.isfinite(edges).all()
        and (np.diff(edges) > 0).all()
    )
