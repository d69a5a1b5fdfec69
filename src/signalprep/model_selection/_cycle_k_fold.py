"""CycleKFold: k folds of whole drive cycles."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_random_state

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import check_index, cycle_bounds, is_log


class CycleKFold(BaseCrossValidator):
    """K folds of whole cycles, balanced in rows.

    The cycles are read from the (cycle, time) index, so the splitter works where scikit-learn
    passes no groups: in ``cross_validate``, ``cross_val_predict`` and nested ``GridSearchCV``.
    Cycles go, longest first, to the fold that has the fewest rows so far.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2 and at most the number of cycles.
    shuffle : bool, default=False
        Deal the cycles out in random order, one to each fold in turn: folds are then balanced in
        cycles and only roughly in rows. Without it folds follow from the lengths and the order of
        the cycles alone.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffle; needs ``shuffle=True``.

    Notes
    -----
    Cost: linear in rows (finding the cycle borders), one pass over the cycles a split.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> log = sp.as_log(np.zeros((6, 1)), cycle=["a", "a", "b", "b", "c", "c"], rate=1.0)
    >>> for train, test in sp.CycleKFold(3).split(log):
    ...     print(test)
    [0 1]
    [2 3]
    [4 5]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of folds.

        Parameters
        ----------
        X, y, groups : ignored
            Here for scikit-learn's interface.

        Returns
        -------
        n_splits : int
        """
        return int(self.n_splits)

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the rows of the training and the test cycles, fold by fold.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log. Data without the (cycle, time) index need `groups`.
        y : Series or array, default=None
            Read for its index only, when `X` has none.
        groups : array-like of shape (n_samples,), default=None
            Cycle id of each row, for data without the index.

        Yields
        ------
        train, test : ndarray of int
            Positions of rows.

        Raises
        ------
        InvalidParameterError
            `n_splits` is no integer, below 2 or above the number of cycles.
        InvalidLogError
            There is neither an index nor groups, or `groups` contradicts the index or has not one
            id a row.
        """
        self._check_parameters()
        bounds = _bounds_of_cycles(X, y, groups)
        n_cycles = len(bounds) - 1
        if n_cycles < self.n_splits:
            raise InvalidParameterError(
                f"n_splits must not exceed the number of cycles; got n_splits={self.n_splits} "
                f"and {n_cycles} cycle{'s' if n_cycles > 1 else ''}"
            )
        fold_of_row = np.repeat(self._deal(np.diff(bounds)), np.diff(bounds))
        for fold in range(self.n_splits):
            test = fold_of_row == fold
            yield np.flatnonzero(~test), np.flatnonzero(test)

    def _check_parameters(self) -> None:
        if not isinstance(self.n_splits, numbers.Integral) or self.n_splits < 2:
            raise InvalidParameterError(f"n_splits must be an int >= 2; got {self.n_splits!r}")
        # scikit-learn's stacking puts a generator here, so only a seed shows a wrong expectation.
        if not self.shuffle and isinstance(self.random_state, numbers.Integral):
            raise InvalidParameterError(
                f"random_state={self.random_state!r} has no effect without shuffle=True"
            )

    def _deal(self, lengths: np.ndarray) -> np.ndarray:
        """Fold of each cycle."""
        folds = np.empty(len(lengths), dtype=np.int64)
        if self.shuffle:
            order = check_random_state(self.random_state).permutation(len(lengths))
            folds[order] = np.arange(len(lengths)) % self.n_splits
            return folds
        filled = np.zeros(self.n_splits, dtype=np.int64)
        for cycle in np.argsort(-lengths, kind="stable"):
            folds[cycle] = fold = int(np.argmin(filled))
            filled[fold] += lengths[cycle]
        return folds


def _bounds_of_cycles(X: Any, y: Any, groups: Any) -> np.ndarray:
    holder = next((data for data in (X, y) if is_log(data)), None)
    if groups is None:
        if holder is None:
            raise InvalidLogError(
                "X must be a log indexed by (cycle, time), or groups must give the cycle of each "
                f"row; got {type(X).__name__} without groups"
            )
        return cycle_bounds(holder)
    ids = pd.Series(groups).reset_index(drop=True)
    n_rows = len(ids) if X is None else X.shape[0] if hasattr(X, "shape") else len(X)
    if len(ids) != n_rows:
        raise InvalidLogError(f"groups must have one id a row ({n_rows}); got {len(ids)}")
    if ids.isna().any():
        row = int(np.argmax(ids.isna()))
        raise InvalidLogError(f"the cycle id of every row must be known; groups has none at {row}")
    stamps = np.arange(len(ids), dtype=np.float64)
    index = pd.MultiIndex.from_arrays([ids, stamps], names=["cycle", "time"])
    check_index(index)
    bounds = cycle_bounds(index)
    if holder is not None and not np.isin(bounds, cycle_bounds(holder)).all():
        raise InvalidLogError(
            "groups must keep the cycles of the index whole; a group begins inside a cycle"
        )
    return bounds
