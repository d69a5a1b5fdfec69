"""Cleaning: what filters flagged, and what was left out of fits and scores."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Cleaning:
    """How many samples were touched or left out, by channel and by cell of the operating map.

    Attributes
    ----------
    touched : DataFrame
        One row a filter of the pipeline and channel that it looks at (index ``step``, ``channel``):
        ``n``, test samples that it flags, and ``share``, that of all test rows.
    touched_by_regime : DataFrame or None
        The same for each cell: one row a cell, filter and channel with something flagged; ``share``
        is that of the rows of the cell. None without `regimes`.
    omitted : Series or None
        Over all test rows: ``n``, rows left out, ``share``, and the main metric of the task without
        them and, ending in ``_all``, with them. None when nothing was left out.
    omitted_by_regime : DataFrame or None
        The same for each cell. None without `regimes`, or when nothing was left out.
    """

    touched: pd.DataFrame
    touched_by_regime: pd.DataFrame | None
    omitted: pd.Series | None
    omitted_by_regime: pd.DataFrame | None
