"""The cycles of data to be split, merged into groups that must stay on one side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import check_index, cycle_bounds, cycles, groups_of_cycles, is_log, locate

__all__ = ["CycleGroups", "read_cycle_groups"]


@dataclass(frozen=True)
class CycleGroups:
    """Cycles in the order of the rows, and the group of each.

    Attributes
    ----------
    bounds : ndarray of int64 of shape (n_cycles + 1,)
        Cycle k holds rows ``bounds[k]`` to ``bounds[k + 1] - 1``.
    ids : Index of shape (n_cycles,)
    group_of_cycle : ndarray of int64 of shape (n_cycles,)
        Numbers from 0, in the order of the first cycle of each group.
    index : MultiIndex
        The (cycle, time) index.
    timed : bool
        Whether time is known; data without the index are numbered row by row.
    """

    bounds: np.ndarray
    ids: pd.Index
    group_of_cycle: np.ndarray
    index: pd.MultiIndex
    timed: bool

    @property
    def n_groups(self) -> int:
        return int(self.group_of_cycle.max()) + 1

    @property
    def lengths(self) -> np.ndarray:
        """Rows of each cycle."""
        return np.diff(self.bounds)

    @property
    def group_lengths(self) -> np.ndarray:
        """Rows of each group."""
        return self.by_group(self.lengths)

    @property
    def n_rows(self) -> int:
        return int(self.bounds[-1])

    def by_group(self, by_cycle: np.ndarray) -> np.ndarray:
        """Sum what is counted by cycle over the cycles of each group."""
        if self.n_groups == len(self.group_of_cycle):
            return by_cycle
        summed = np.zeros((self.n_groups, *by_cycle.shape[1:]), dtype=by_cycle.dtype)
        np.add.at(summed, self.group_of_cycle, by_cycle)
        return summed

    def rows(self, chosen: np.ndarray) -> np.ndarray:
        """Positions of the rows of chosen cycles (a mask over cycles), in order."""
        edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
        runs = self.bounds[edges].reshape(-1, 2)
        out = np.empty(int(np.diff(runs, axis=1).sum()), dtype=np.int64)
        filled = 0
        for first, last in runs.tolist():
            out[filled : filled + last - first] = np.arange(first, last)
            filled += last - first
        return out

    def counted(self) -> str:
        """How many there are, in words."""
        n = self.n_groups
        plural = "" if n == 1 else "s"
        return f"{n} cycle{plural}" if n == len(self.ids) else f"{n} group{plural} of cycles"


def read_cycle_groups(X: Any, y: Any, groups: Any, together: Any) -> CycleGroups:
    """Cycles of `X`, or of `y` when only that carries the index, or of `groups` alone.

    Parameters
    ----------
    X, y : log, array or None
    groups : array-like of shape (n_samples,) or None
        With an index: the group of each row, the same for all rows of a cycle. Without: the cycle.
    together : Mapping, Series, callable or None
        Group of each cycle, by its id.

    Raises
    ------
    InvalidLogError
        No index and no groups; groups that cut a cycle, miss an id or a row.
    InvalidParameterError
        `together` misses a cycle, or comes with `groups` for data that have an index.
    """
    holder = next((data for data in (X, y) if is_log(data)), None)
    if holder is None and groups is None:
        raise InvalidLogError(
            "X must be a log indexed by (cycle, time), or groups must give the cycle of each "
            f"row; got {type(X).__name__} without groups"
        )
    given = None if groups is None else _checked_ids(groups, X, holder)
    if holder is None:
        assert given is not None
        stamps = np.arange(len(given), dtype=np.float64)
        index = pd.MultiIndex.from_arrays([given, stamps], names=["cycle", "time"])
        check_index(index)
    else:
        index = holder.index
    bounds = cycle_bounds(index)
    ids = cycles(index)
    group_of_cycle = np.arange(len(ids), dtype=np.int64)
    if holder is not None and given is not None:
        if together is not None:
            raise InvalidParameterError(
                "give groups to split or together to the splitter, not both"
            )
        group_of_cycle = _group_of_cycle(given, index, bounds)
    elif together is not None:
        labels = groups_of_cycles(together, ids, "together")
        group_of_cycle = pd.factorize(labels)[0].astype(np.int64)
    return CycleGroups(bounds, ids, group_of_cycle, index, timed=holder is not None)


def _checked_ids(groups: Any, X: Any, holder: Any) -> pd.Series:
    ids = pd.Series(groups).reset_index(drop=True)
    if holder is not None:
        n_rows = len(holder)
    else:
        n_rows = len(ids) if X is None else X.shape[0] if hasattr(X, "shape") else len(X)
    if len(ids) != n_rows:
        raise InvalidLogError(f"groups must have one id a row ({n_rows}); got {len(ids)}")
    if ids.isna().any():
        row = int(np.argmax(ids.isna()))
        raise InvalidLogError(f"the cycle id of every row must be known; groups has none at {row}")
    return ids


def _group_of_cycle(given: pd.Series, index: pd.MultiIndex, bounds: np.ndarray) -> np.ndarray:
    codes = pd.factorize(given)[0]
    changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    cuts = changes[~np.isin(changes, bounds)]
    if len(cuts):
        raise InvalidLogError(
            "groups must keep the cycles of the index whole; a group begins inside a cycle, at "
            + locate(index, int(cuts[0]))
        )
    return pd.factorize(codes[bounds[:-1]])[0].astype(np.int64)
