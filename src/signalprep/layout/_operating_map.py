"""Where each cell of a table of regimes lies on a map: panel, row and column."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError

BEFORE = ("below",)
AFTER = ("above", "missing")
INTERVAL = re.compile(r"^[\[(](?P<low>[^,]+), (?P<high>[^,]+)[\])]$")


@dataclass(frozen=True)
class MapAxis:
    """One side of a map: a regime variable and its labels in order.

    Attributes
    ----------
    name : str
        The regime variable.
    labels : tuple of str
        Its labels: "below", the inside ones, "above", "missing".
    outside : tuple of bool
        Whether a label is one of "below", "above", "missing".
    edges : tuple of str
        Edges of the inside labels, one more than those; empty unless the labels are intervals
        that follow each other.
    """

    name: str
    labels: tuple[str, ...]
    outside: tuple[bool, ...]
    edges: tuple[str, ...]


@dataclass(frozen=True)
class MapPanel:
    """One map.

    Attributes
    ----------
    where : tuple of (variable, label)
        What all its cells share; empty for a single map.
    position : ndarray of int of shape (n_rows, n_columns)
        Row of the table that each cell shows; -1 where the table has none.
    """

    where: tuple[tuple[str, str], ...]
    position: np.ndarray


@dataclass(frozen=True)
class OperatingMap:
    """Maps that share their axes. `columns` or `rows` is None for a strip."""

    columns: MapAxis | None
    rows: MapAxis | None
    panels: tuple[MapPanel, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of each panel."""
        height, width = self.panels[0].position.shape
        return height, width


def arrange(
    table: pd.DataFrame,
    columns: Hashable | None = None,
    rows: Hashable | None = None,
    panels: Sequence[Hashable] = (),
) -> OperatingMap:
    """Lay out the cells of a table of metrics.

    The labels "below", "above" and "missing" come first and last, and only where rows fall there.

    Parameters
    ----------
    table : DataFrame
        As `regime_metrics` gives it: one row a cell, one index level a regime variable, column
        ``n``.
    columns, rows : str, default=None
        Regime variable across and upwards; None for a strip.
    panels : sequence of str, default=()
        Regime variables that get a panel for each of their labels that occur together.

    Returns
    -------
    map : OperatingMap
        Rows count from below.

    Raises
    ------
    InvalidParameterError
        The names are not the index levels of the table, each once.
    """
    chosen = [name for name in (columns, rows, *panels) if name is not None]
    if Counter(chosen) != Counter(table.index.names):
        raise InvalidParameterError(
            "columns, rows and panels must name each regime variable once "
            f"({_quoted(table.index.names)}); got {_quoted(chosen) or 'none'}"
        )
    codes: dict[Hashable, np.ndarray] = {}
    axes: dict[Hashable, MapAxis] = {}
    seen = (table["n"] > 0).to_numpy()
    for name in chosen:
        labels = table.index.get_level_values(table.index.names.index(name))
        codes[name], axes[name] = _axis(labels, seen, str(name))
    shape = tuple(1 if name is None else len(axes[name].labels) for name in (rows, columns))
    still = np.zeros(len(table), dtype=np.int64)
    row = still if rows is None else codes[rows]
    column = still if columns is None else codes[columns]
    made = []
    for chosen_labels in _panel_labels(panels, codes, axes, seen):
        here = (row >= 0) & (column >= 0)
        for name, label in zip(panels, chosen_labels, strict=True):
            here &= codes[name] == label
        position = np.full(shape, -1, dtype=np.int64)
        position[row[here], column[here]] = np.flatnonzero(here)
        where = zip(panels, chosen_labels, strict=True)
        named = tuple((str(name), axes[name].labels[label]) for name, label in where)
        made.append(MapPanel(named, position))
    return OperatingMap(
        None if columns is None else axes[columns],
        None if rows is None else axes[rows],
        tuple(made),
    )


def _panel_labels(
    panels: Sequence[Hashable],
    codes: dict[Hashable, np.ndarray],
    axes: dict[Hashable, MapAxis],
    seen: np.ndarray,
) -> list[tuple[int, ...]]:
    """Labels of each panel: all of one variable, or those of several that rows have together."""
    if len(panels) == 1:
        return [(label,) for label in range(len(axes[panels[0]].labels))]
    together = np.array([codes[name][seen] for name in panels], dtype=np.int64)
    return sorted({tuple(int(k) for k in labels) for labels in together.T}) if panels else [()]


def _axis(labels: pd.Index, seen: np.ndarray, name: str) -> tuple[np.ndarray, MapAxis]:
    """Place of each cell along the axis (-1: not shown) and the axis."""
    values = pd.Categorical(labels)
    given = [str(category) for category in values.categories]
    counts = np.bincount(values.codes[seen], minlength=len(given))
    before = [k for k, text in enumerate(given) if text in BEFORE and counts[k]]
    inside = [k for k, text in enumerate(given) if text not in BEFORE + AFTER]
    after = [given.index(text) for text in AFTER if text in given and counts[given.index(text)]]
    order = before + inside + after
    place = np.full(len(given), -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    shown = tuple(given[k] for k in order)
    outside = (True,) * len(before) + (False,) * len(inside) + (True,) * len(after)
    edges = _edges([given[k] for k in inside])
    return place[values.codes], MapAxis(name, shown, outside, edges)


def _edges(labels: list[str]) -> tuple[str, ...]:
    """Edges of intervals that follow each other, or nothing."""
    found = [INTERVAL.match(label) for label in labels]
    ends = [(match["low"].strip(), match["high"].strip()) for match in found if match]
    if not ends or len(ends) < len(labels):
        return ()
    if any(high != low for (_, high), (low, _) in itertools.pairwise(ends)):
        return ()
    return (ends[0][0], *(high for _, high in ends))


def _quoted(names: Sequence[object]) -> str:
    return ", ".join(repr(name) for name in names)
