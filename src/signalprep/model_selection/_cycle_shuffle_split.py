"""CycleShuffleSplit: whole drive cycles drawn at random for the test."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from math import ceil, floor
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from signalprep.errors import InvalidParameterError
from signalprep.model_selection._cycle_groups import read_cycle_groups
from signalprep.model_selection._cycle_splitter import CycleSplitter, check_n_splits

__all__ = ["CycleShuffleSplit"]

TEST_SIZE = 0.2


class CycleShuffleSplit(CycleSplitter):
    """Draw the test cycles anew, at random, in each of any number of splits.

    The cycles are read from the (cycle, time) index. Splits are independent of each other: a cycle
    may be tested in several of them, or in none.

    Parameters
    ----------
    n_splits : int, default=10
        Number of splits, at least 1.
    test_size : float or int, default=None
        Cycles to test: a part in (0, 1), rounded up, or a number. None is what `train_size` leaves,
        and 0.2 when that is None too.
    train_size : float or int, default=None
        Cycles to train on: a part, rounded down, or a number. None is all that are not tested.
    random_state : int, RandomState instance or None, default=None
        Seed; with an int every call of `split` gives the same splits.
    together : dict, Series or callable, default=None
        Group of each cycle, by its id: cycles of one group stay on one side, and count as one.

    Notes
    -----
    :func:`~signalprep.validate` tests a row at most once, so it takes a single split of these.

    Cost: linear in rows.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((8, 1)), cycle=list("aabbccdd"), rate=1.0)
    >>> cv = sp.CycleShuffleSplit(3, test_size=0.25, random_state=0)
    >>> [test.tolist() for _, test in cv.split(log)]
    [[4, 5], [0, 1], [6, 7]]
    """

    def __init__(
        self,
        n_splits: int = 10,
        *,
        test_size: float | None = None,
        train_size: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        together: Any = None,
    ) -> None:
        self.n_splits = n_splits
        self.test_size = test_size
        self.train_size = train_size
        self.random_state = random_state
        self.together = together

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the rows of the training and the test cycles, split by split.

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
            Positions of rows.

        Raises
        ------
        InvalidParameterError
            `n_splits` is no integer or below 1; sizes that leave no cycle to train on or to test,
            or ask for more cycles than there are; `together` cannot be read.
        InvalidLogError
            There is neither an index nor groups, or `groups` cuts a cycle or has not one id a row.
        """
        check_n_splits(self.n_splits, least=1)
        cycles = read_cycle_groups(X, y, groups, self.together)
        n_train, n_test = self._numbers(cycles.n_groups, cycles.counted())
        random = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            order = random.permutation(cycles.n_groups)
            side = np.zeros(cycles.n_groups, dtype=np.int8)
            side[order[:n_test]] = 2
            side[order[n_test : n_test + n_train]] = 1
            of_cycle = side[cycles.group_of_cycle]
            yield cycles.rows(of_cycle == 1), cycles.rows(of_cycle == 2)

    def _numbers(self, n: int, counted: str) -> tuple[int, int]:
        """Cycles to train on and to test."""
        train, test = self.train_size, self.test_size
        if test is None and train is None:
            test = TEST_SIZE
        n_test = None if test is None else _number(test, n, ceil, "test_size")
        n_train = None if train is None else _number(train, n, floor, "train_size")
        if n_test is None:
            assert n_train is not None
            n_test = n - n_train
        if n_train is None:
            n_train = n - n_test
        if n_train < 1 or n_test < 1 or n_train + n_test > n:
            raise InvalidParameterError(
                "train_size and test_size must leave at least one cycle on each side and sum to at "
                f"most all; got train_size={train!r} and test_size={test!r}, {n_train} + {n_test} "
                f"of {counted}"
            )
        return n_train, n_test


def _number(size: Any, n: int, rounded: Any, name: str) -> int:
    if isinstance(size, numbers.Integral):
        if not isinstance(size, bool) and int(size) > 0:
            return int(size)
    elif isinstance(size, numbers.Real) and 0 < float(size) < 1:
        return int(rounded(round(float(size) * n, 9)))
    raise InvalidParameterError(
        f"{name} must be a part in (0, 1) or a number of cycles >= 1; got {size!r}"
    )
