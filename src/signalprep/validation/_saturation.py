"""Where a quantized model saturates: by place, over all rows and in each cell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from signalprep.log import cycle_bounds
from signalprep.results import rows_to_cells

__all__ = ["Saturation", "saturation_of"]


class Saturation(NamedTuple):
    """What saturates where.

    Attributes
    ----------
    overall, by_regime : DataFrame or None
        One row a place, of each cell: ``step``, ``channel``, ``n``, ``share``, ``n_cycles``.
    anything : pair of ndarray
        Share of all rows, and of the rows of each cell, in which anything saturates.
    """

    overall: pd.DataFrame | None
    by_regime: pd.DataFrame | None
    anything: tuple[np.ndarray, np.ndarray | None]


def saturation_of(
    quantized: Any, X: pd.DataFrame, labels: pd.DataFrame | None, by_regime: pd.DataFrame | None
) -> Saturation:
    """Count the rows in which something saturates, by place.

    Parameters
    ----------
    quantized : estimator
        An integer model, or what holds one as ``integer_``.
    X : DataFrame
    labels : DataFrame or None
        Regimes of the rows.
    by_regime : DataFrame or None
        The cells and their evidence: those without come after all others.
    """
    flags = _flags(getattr(quantized, "integer_", quantized), X)
    one = pd.DataFrame({"evidence": [True]}, index=["overall"])
    overall, anything = _counted(flags, np.zeros(len(X), dtype=np.int64), one, X)
    overall = None if overall is None else overall.reset_index(drop=True)
    if labels is None or by_regime is None:
        return Saturation(overall, None, (anything, None))
    found, in_cells = _counted(flags, rows_to_cells(labels, by_regime.index), by_regime, X)
    return Saturation(overall, found, (anything, in_cells))


def _flags(integer: Any, X: pd.DataFrame) -> pd.DataFrame | None:
    """Whether each place saturates in each row; None where the model does not say."""
    return integer.saturations(X) if hasattr(integer, "saturations") else None


def _counted(
    flags: pd.DataFrame | None, cell: np.ndarray, cells: pd.DataFrame, X: pd.DataFrame
) -> tuple[pd.DataFrame | None, np.ndarray]:
    """One row a cell and place that saturates there, the largest share first."""
    if flags is None:
        return None, np.full(len(cells), np.nan)
    n_rows = np.bincount(cell, minlength=len(cells))
    set_ = flags.to_numpy(dtype=bool)
    any_ = np.bincount(cell[set_.any(axis=1)], minlength=len(cells))
    with np.errstate(invalid="ignore"):
        anything = any_ / n_rows
    row, place = np.nonzero(set_)
    cycle = np.repeat(np.arange(len(cycle_bounds(X)) - 1), np.diff(cycle_bounds(X)))
    found = pd.DataFrame({"cell": cell[row], "at": place, "cycle": cycle[row]})
    counts = found.groupby(["cell", "at"])["cycle"].agg(["size", "nunique"]).reset_index()
    at = counts["cell"].to_numpy()
    share, sparse = counts["size"].to_numpy() / n_rows[at], ~cells["evidence"].to_numpy(bool)[at]
    places = flags.columns.take(counts["at"].to_numpy())
    table = pd.DataFrame(
        {
            "step": places.get_level_values("step").astype(str),
            "channel": places.get_level_values("channel").astype(str),
            "n": counts["size"].to_numpy(),
            "share": share,
            "n_cycles": counts["nunique"].to_numpy(),
        },
        index=cells.index.take(at),
    )
    return table.iloc[np.lexsort((-share, sparse))], anything
