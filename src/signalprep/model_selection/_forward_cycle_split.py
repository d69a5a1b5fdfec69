"""ForwardCycleSplit: train on the past, test on the cycles that came after."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import sample_time, shown, to_samples
from signalprep.model_selection._cycle_groups import CycleGroups, read_cycle_groups
from signalprep.model_selection._cycle_splitter import CycleSplitter, check_n_splits

__all__ = ["ForwardCycleSplit"]


class ForwardCycleSplit(CycleSplitter):
    """Test on later cycles than those trained on, as a model in the field is.

    Cycles in the order of time are cut into ``n_splits + 1`` blocks of about as many rows. Fold k
    tests block k + 1 and trains on the blocks before it.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 1 and less than the number of cycles.
    purge : int, str, or what states a reach, default=None
        Time before each test block whose rows are left out of training: samples, or a duration
        ("10min"). None and 0 leave out none. What has `lookahead` and `memory`, as
        :func:`signalprep.reach` of a fitted pipeline, or `lookahead_` and `memory_`, as a fitted
        transformer, stands for the sum of the two: then no output in the training reads a sample
        that an output in the test reads too.
    window : int, default=None
        Train on so many cycles, the newest ones, at most: a sliding window. None trains on all
        cycles before the test: an expanding one.
    together : dict, Series or callable, default=None
        Group of each cycle, by its id: cycles of one group stay on one side. Groups that follow one
        another are tested whole; where they are mixed in time, no cycle is trained on of a group
        that the test holds.

    Notes
    -----
    Chronology. Datetimes in the index are taken as wall-clock time: cycles are ordered by their
    start, and every training row lies more than the purge before the first test row, so rows of
    cycles recorded at the same time as the test are left out. Seconds and timedeltas may start
    anew with each cycle, so there the order of the cycles in the log is the chronology, and the
    purge counts rows, as if each cycle began right after the one before.

    Steps of signalprep never see across a cycle, so whole cycles alone keep training and test
    apart. The purge is for cycles that were cut from one recording, for steps from elsewhere, and
    for state that outlives a cycle, such as heat.

    Cost: linear in rows.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((8, 1)), cycle=list("aabbccdd"), rate=1.0)
    >>> for train, test in sp.ForwardCycleSplit(3, purge=1).split(log):
    ...     print(train, test)
    [0] [2 3]
    [0 1 2] [4 5]
    [0 1 2 3 4] [6 7]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        purge: Any = None,
        window: int | None = None,
        together: Any = None,
    ) -> None:
        self.n_splits = n_splits
        self.purge = purge
        self.window = window
        self.together = together

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the rows of the training and the test cycles, from the earliest test on.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log. Data without the (cycle, time) index need `groups`.
        y : Series or array, default=None
            Read for its index only, when `X` has none.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, the same for all rows of a cycle; without the index: its cycle.

        Yields
        ------
        train, test : ndarray of int
            Positions of rows, in the order of the log.

        Raises
        ------
        InvalidParameterError
            `n_splits` or `window` is no integer, too small, or there are fewer than
            ``n_splits + 1`` cycles; `purge` cannot be read or leaves no row to train on;
            `together` cannot be read.
        InvalidLogError
            There is neither an index nor groups, `groups` cuts a cycle or has not one id a row, or
            a datetime is missing.
        """
        check_n_splits(self.n_splits, least=1)
        self._check_window()
        cycles = read_cycle_groups(X, y, groups, self.together)
        stamps = _wall_clock(cycles)
        order = _chronology(cycles, stamps)
        starts = _starts(cycles.group_of_cycle[order])
        if len(starts) <= self.n_splits:
            counted = f"{len(starts)} cycle{'s' if len(starts) > 1 else ''}"
            raise InvalidParameterError(
                f"n_splits must be less than the number of cycles; got n_splits={self.n_splits} "
                f"and {counted if len(starts) == len(order) else cycles.counted()}"
            )
        lengths = np.add.reduceat(cycles.lengths[order], starts)
        borders = np.append(starts, len(order))[_blocks(lengths, self.n_splits + 1)]
        for fold in range(self.n_splits):
            first, last = borders[fold + 1], borders[fold + 2]
            train, test = self._fold(cycles, order, first, last)
            yield self._purged(cycles, stamps, train, test, fold), cycles.rows(test)

    def _check_window(self) -> None:
        is_int = isinstance(self.window, numbers.Integral) and not isinstance(self.window, bool)
        if self.window is not None and (not is_int or self.window < 1):
            raise InvalidParameterError(
                f"window must be a number of cycles >= 1, or None; got {self.window!r}"
            )

    def _fold(
        self, cycles: CycleGroups, order: np.ndarray, first: int, last: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which cycles to train on and to test, before the purge."""
        test = np.zeros(len(order), dtype=bool)
        test[order[first:last]] = True
        start = 0 if self.window is None else max(0, first - self.window)
        train = np.zeros(len(order), dtype=bool)
        train[order[start:first]] = True
        train &= ~np.isin(cycles.group_of_cycle, cycles.group_of_cycle[test])
        return train, test

    def _purged(
        self,
        cycles: CycleGroups,
        stamps: pd.DatetimeIndex | None,
        train: np.ndarray,
        test: np.ndarray,
        fold: int,
    ) -> np.ndarray:
        """Rows of the training cycles that are far enough before the test."""
        rows = cycles.rows(train)
        if stamps is not None:
            begin = stamps[cycles.bounds[:-1][test]].min()
            rows = rows[np.asarray(stamps[rows] < begin - self._duration(cycles))]
        else:
            first_tested = int(cycles.bounds[:-1][test].min())
            rows = rows[rows < first_tested - self._samples(cycles)]
        if len(rows) == 0:
            raise InvalidParameterError(
                "purge and together must leave rows to train on; "
                f"got purge={self.purge!r}, which leaves none in fold {fold}"
            )
        return rows

    def _duration(self, cycles: CycleGroups) -> pd.Timedelta:
        if isinstance(self.purge, str):
            to_samples(self.purge, 1e-9, "purge")
            return pd.Timedelta(self.purge)
        samples = self._samples(cycles)
        seconds = samples * sample_time(cycles.index) if samples else 0.0
        return pd.Timedelta(seconds, unit="s")

    def _samples(self, cycles: CycleGroups) -> int:
        """The purge in samples; an estimator's is its look-ahead and memory."""
        given = self.purge
        if given is None or (given == 0 and not isinstance(given, bool)):
            return 0
        if isinstance(given, (numbers.Integral, str)):
            dt = sample_time(cycles.index) if isinstance(given, str) and cycles.timed else None
            return to_samples(given, dt, "purge")  # type: ignore[arg-type]
        for ahead, back in (("lookahead", "memory"), ("lookahead_", "memory_")):
            if hasattr(given, ahead) and hasattr(given, back):
                return int(getattr(given, ahead)) + int(getattr(given, back))
        raise InvalidParameterError(
            "purge must be samples (int), a duration such as '10min', a fitted transformer with "
            "lookahead_ and memory_, or the reach of a fitted pipeline (signalprep.reach); "
            f"got {given!r}"
        )


def _wall_clock(cycles: CycleGroups) -> pd.DatetimeIndex | None:
    """Time of each row, if it is a date."""
    stamps = cycles.index.get_level_values("time")
    return stamps if isinstance(stamps, pd.DatetimeIndex) else None


def _chronology(cycles: CycleGroups, stamps: pd.DatetimeIndex | None) -> np.ndarray:
    """Cycles in the order of time."""
    if stamps is None:
        return np.arange(len(cycles.ids))
    starts = stamps[cycles.bounds[:-1]]
    if starts.hasnans:
        cycle = cycles.ids[int(np.argmax(starts.isna()))]
        raise InvalidLogError(f"time must be known; cycle {shown(cycle)} starts without it")
    return np.argsort(starts.to_numpy(), kind="stable")


def _starts(groups: np.ndarray) -> np.ndarray:
    """Where each group begins in time, or, where groups are mixed in time, each cycle."""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    return starts if len(starts) == len(np.unique(groups)) else np.arange(len(groups))


def _blocks(lengths: np.ndarray, n_blocks: int) -> np.ndarray:
    """Borders of blocks of whole cycles with about as many rows each, none empty."""
    ends = np.cumsum(lengths)
    borders = np.zeros(n_blocks + 1, dtype=np.int64)
    for k in range(1, n_blocks):
        nearest = int(np.argmin(np.abs(ends - ends[-1] * k / n_blocks))) + 1
        borders[k] = np.clip(nearest, borders[k - 1] + 1, len(lengths) - (n_blocks - k))
    borders[-1] = len(lengths)
    return borders
