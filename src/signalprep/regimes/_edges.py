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
    if kind == "q":
        return np.unique(np.quantile(values, np.linspace(0.0, 1.0, n_bins + 1)))
    inner = _between_centres if kind == "k" else _tree_thresholds
    edges = inner(n_bins, values, y, random_state)
    return np.concatenate(([low], edges[(edges > low) & (edges < high)], [high]))


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
    model = DecisionTreeRegressor(max_leaf_nodes=n_bins, random_state=random_state)
    tree = model.fit(values[:, None], y).tree_
    return np.unique(tree.threshold[tree.children_left >= 0])


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
