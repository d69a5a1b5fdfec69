"""split_cycles: training, validation and test logs of whole cycles, in one call."""

from __future__ import annotations

import numbers
import os
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import is_log, shown, why_no_log
from signalprep.model_selection._balance import deal
from signalprep.model_selection._cycle_groups import CycleGroups, read_cycle_groups
from signalprep.model_selection._split_file import PARTS, read_split, write_split
from signalprep.model_selection._strata import read_strata

__all__ = ["split_cycles"]


def split_cycles(
    log: pd.DataFrame,
    sizes: tuple[float, float, float] = (0.7, 0.15, 0.15),
    *,
    stratify: Any = None,
    random_state: int | np.random.RandomState | None = None,
    together: Any = None,
    path: str | os.PathLike[str] | None = None,
    new_cycles: str = "train",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Split a log into training, validation and test cycles, and keep to it from then on.

    Parameters
    ----------
    log : DataFrame
        Indexed by (cycle, time), with at least three cycles.
    sizes : tuple of three floats, default=(0.7, 0.15, 0.15)
        Parts of the rows wanted for training, validation and test; they sum to 1. Whole cycles
        come as near as they can; each part gets one at least.
    stratify : RegimeBinner, dict of bins, column name, Series or DataFrame, default=None
        Regimes of which each part gets its share, as in :class:`~signalprep.CycleKFold`. The edges
        of a RegimeBinner are learned from all rows unless it was fitted before.
    random_state : int, RandomState instance or None, default=None
        Seed of another, about equally balanced split. None gives the one that follows from the log
        alone: the same log is split in the same way again.
    together : dict or Series, default=None
        Group of each cycle, by its id: cycles of one group stay in one part, as the ``groups`` of
        :func:`~signalprep.group_near_duplicates`.
    path : path-like, default=None
        A JSON file that holds the split. When it is not there, it is written. When it is there,
        its split is used, so that a test set stays a test set as the log grows; `stratify` and
        `random_state` have no effect then.
    new_cycles : {"train", "raise"}, default="train"
        With a file: what to do with cycles that it does not know. They go to training, never to
        validation or test, or raise.

    Returns
    -------
    train, validation, test : DataFrame
        Logs, with the cycles in the order of `log`.

    Raises
    ------
    InvalidParameterError
        `sizes` are not three positive parts that sum to 1, or others than those in the file;
        fewer than three cycles; the file's parts, or a new cycle, contradict `together`.
    InvalidLogError
        `log` is no log. With a file: a validation or test cycle is missing or has changed (rows,
        times or values of a channel), or a new cycle is refused.
    ReadError
        The file is not one that this function wrote.

    Notes
    -----
    The file holds the ids of the cycles and, of each validation and test cycle, the number of rows
    and SHA-256 sums of its times and of each channel. A channel that is added later does not
    matter, one that is gone is not compared; one at least must be left. Training cycles may change
    or go. Ids must be text or whole numbers.

    Cost: linear in rows, and quadratic in cycles as in CycleKFold.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=12, rate=1.0, random_state=0)
    >>> train, validation, test = sp.split_cycles(log)
    >>> [len(sp.cycles(part)) for part in (train, validation, test)]
    [8, 2, 2]
    """
    cycles = _checked(log, sizes, together)
    if new_cycles not in ("train", "raise"):
        raise InvalidParameterError(f"new_cycles must be 'train' or 'raise'; got {new_cycles!r}")
    if path is not None and os.path.lexists(path):
        part_of_cycle = read_split(path, log, cycles, sizes, new_cycles)
        _check_together(part_of_cycle, cycles, path)
    else:
        part_of_cycle = _dealt(log, cycles, sizes, stratify, random_state)
        if path is not None:
            write_split(path, log, cycles, sizes, part_of_cycle)
    train, validation, test = (log.iloc[cycles.rows(part_of_cycle == k)] for k in range(3))
    return train, validation, test


def _checked(log: Any, sizes: Any, together: Any) -> CycleGroups:
    if not (isinstance(log, pd.DataFrame) and is_log(log)):
        raise InvalidLogError(
            f"log must be a DataFrame indexed by (cycle, time); {why_no_log(log, 'log')}"
        )
    try:
        parts = [float(size) for size in sizes]
    except (TypeError, ValueError) as error:
        raise InvalidParameterError(f"sizes must be three numbers; got {sizes!r}") from error
    numeric = all(isinstance(size, numbers.Real) for size in sizes)
    if not numeric or len(parts) != 3 or not min(parts) > 0 or not abs(sum(parts) - 1) <= 1e-6:
        raise InvalidParameterError(
            f"sizes must be three positive parts that sum to 1; got {sizes!r}"
        )
    return read_cycle_groups(log, None, None, together)


def _dealt(
    log: pd.DataFrame, cycles: CycleGroups, sizes: Any, stratify: Any, random_state: Any
) -> np.ndarray:
    """Part of each cycle."""
    if cycles.n_groups < 3:
        raise InvalidParameterError(
            f"log must hold at least three cycles, one for each part; got {cycles.counted()}"
        )
    counts = cycles.lengths[:, None]
    if stratify is not None:
        counts = read_strata(stratify, log, None, cycles, "stratify").counts(cycles.bounds)
    random = None if random_state is None else check_random_state(random_state)
    shares = np.asarray(sizes, dtype=np.float64) / np.sum(sizes)
    return deal(cycles.by_group(counts), shares, random)[cycles.group_of_cycle]


def _check_together(
    part_of_cycle: np.ndarray, cycles: CycleGroups, path: str | os.PathLike[str]
) -> None:
    """Cycles of one group must be in one part."""
    first = np.zeros(cycles.n_groups, dtype=np.int64)
    groups, rows = np.unique(cycles.group_of_cycle, return_index=True)
    first[groups] = rows
    other = first[cycles.group_of_cycle]
    apart = np.flatnonzero(part_of_cycle != part_of_cycle[other])
    if len(apart):
        a, b = int(other[apart[0]]), int(apart[0])
        raise InvalidParameterError(
            f"together must agree with the split in {os.fspath(path)!r}; cycles "
            f"{shown(cycles.ids[a])} ({PARTS[part_of_cycle[a]]}) and {shown(cycles.ids[b])} "
            f"({PARTS[part_of_cycle[b]]}) are one group. Leave one of them out of the log"
        )
