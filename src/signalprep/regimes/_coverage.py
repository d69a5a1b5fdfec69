"""Joint cells of binned columns, and what a log covers of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError
from signalprep.log import cycle_bounds, sample_time
from signalprep.regimes._labels import OUTSIDE

__all__ = ["category_dtype", "coverage_table", "interior_cells"]

MAX_CELLS = 1_000_000


def category_dtype(labels: list[str]) -> pd.CategoricalDtype:
    """Ordered categories in the order of `labels`."""
    return pd.CategoricalDtype(labels, ordered=True)


def interior_cells(edges: dict[str, np.ndarray], categories: dict[str, list[str]]) -> pd.DataFrame:
    """Product of the intervals of all columns, with the exact bounds of each."""
    shape = _shape(categories)
    cells = np.flatnonzero(_interior(shape))
    columns = {}
    for name, position in zip(edges, np.unravel_index(cells, shape), strict=True):
        columns[f"{name}_low"] = edges[name][position - 1]
        columns[f"{name}_high"] = edges[name][position]
    return pd.DataFrame(columns, index=_labels_of(cells, categories))


def coverage_table(
    codes: dict[str, np.ndarray], categories: dict[str, list[str]], index: pd.Index | None
) -> pd.DataFrame:
    """Rows, cycles and seconds of every cell of the map, and of the cells outside that occur.

    Parameters
    ----------
    codes : dict of {column: ndarray of int of shape (n_samples,)}
        Category of each row.
    categories : dict of {column: list of str}
    index : Index or None
        Index of the log; None is one cycle at unit rate.
    """
    shape = _shape(categories)
    flat = np.ravel_multi_index(list(codes.values()), shape)
    n_rows = np.bincount(flat, minlength=int(np.prod(shape)))
    cells = np.flatnonzero(_interior(shape) | (n_rows > 0))
    if index is None:
        bounds, seconds = np.array([0, len(flat)]), 1.0
    else:
        bounds, seconds = cycle_bounds(index), sample_time(index)
    cycle = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    seen = pd.unique(flat.astype(np.int64) * len(bounds) + cycle)
    n_cycles = np.bincount(seen // len(bounds), minlength=len(n_rows))
    return pd.DataFrame(
        {"n": n_rows[cells], "n_cycles": n_cycles[cells], "seconds": n_rows[cells] * seconds},
        index=_labels_of(cells, categories),
    )


def _shape(categories: dict[str, list[str]]) -> tuple[int, ...]:
    shape = tuple(len(labels) for labels in categories.values())
    if np.prod(shape, dtype=np.float64) > MAX_CELLS:
        raise InvalidParameterError(
            f"bins may span at most {MAX_CELLS} joint cells; got "
            + " x ".join(str(size) for size in shape)
        )
    return shape


def _interior(shape: tuple[int, ...]) -> np.ndarray:
    """Which cells of the product have no outside category, flat."""
    n_outer = len(OUTSIDE) - 1  # "above" and "missing" come last, "below" first
    inside = np.zeros(shape, dtype=bool)
    inside[tuple(slice(1, size - n_outer) for size in shape)] = True
    return inside.ravel()


def _labels_of(cells: np.ndarray, categories: dict[str, list[str]]) -> pd.Index:
    positions = np.unravel_index(cells, tuple(len(labels) for labels in categories.values()))
    labels = [
        pd.CategoricalIndex(
            pd.Categorical.from_codes(position, dtype=category_dtype(categories[name])), name=name
        )
        for name, position in zip(categories, positions, strict=True)
    ]
    return labels[0] if len(labels) == 1 else pd.MultiIndex.from_arrays(labels)
