"""CycleKFold: k folds of whole drive cycles."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from signalprep.errors import InvalidParameterError
from signalprep.model_selection._balance import deal
from signalprep.model_selection._cycle_groups import CycleGroups, read_cycle_groups
from signalprep.model_selection._cycle_splitter import (
    CycleSplitter,
    check_enough,
    check_n_splits,
)
from signalprep.model_selection._strata import read_strata

__all__ = ["CycleKFold"]


class CycleKFold(CycleSplitter):
    """K folds of whole cycles, balanced in rows and, if asked, in regimes.

    The cycles are read from the (cycle, time) index, so the splitter works where scikit-learn
    passes no groups: in ``cross_validate``, ``cross_val_predict`` and nested ``GridSearchCV``.
    Cycles go, longest first, to the fold that has the fewest rows so far.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2 and at most the number of cycles.
    stratify : RegimeBinner, dict of bins, column name, Series or DataFrame, default=None
        Regimes (or other labels) of which each fold gets its share of the rows, as near as whole
        cycles allow:

        - a :class:`~signalprep.RegimeBinner` (or its `bins`) bins `X` in `split`. Unless it was
          fitted before, its edges are learned from all rows of `X` given there, test rows
          included: they say who is tested with whom, and no model sees them. "tN" bins read `y`;
        - the name of a column of `X` that holds labels;
        - labels with the index of `X`, or one label a cycle, indexed by cycle id. They are aligned
          by the index, so a search inside a fold finds its rows.

        Rows with a missing label are a stratum of their own.
    shuffle : bool, default=False
        Without `stratify`: deal the cycles out in random order, one to each fold in turn: folds
        are then balanced in cycles and only roughly in rows. With `stratify`: start from a random
        deal, and balance as well as without. Without `shuffle` folds follow from the data alone.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffle; needs ``shuffle=True``.
    together : dict, Series or callable, default=None
        Group of each cycle, by its id: cycles of one group stay on one side, as the ``groups`` of
        :func:`~signalprep.group_near_duplicates`.

    Notes
    -----
    With p[f, s] the part of the rows of stratum s in fold f, stratified folds minimise, by moving
    and swapping cycles, the sum over folds of (p[f] - 1/k)**2 for all rows, plus the mean of
    (p[f, s] - 1/k)**2 over strata. Of several such deals (up to 256 cycles) the one with the
    smallest largest deviation of a stratum is taken. A stratum that few cycles visit cannot be
    shared out, whatever the method.

    Cost: linear in rows (finding the cycle borders, counting strata), quadratic in cycles for the
    stratified deal; beyond 2048 cycles a random 2048 of them are moved and swapped.

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
        stratify: Any = None,
        shuffle: bool = False,
        random_state: int | np.random.RandomState | None = None,
        together: Any = None,
    ) -> None:
        self.n_splits = n_splits
        self.stratify = stratify
        self.shuffle = shuffle
        self.random_state = random_state
        self.together = together

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the rows of the training and the test cycles, fold by fold.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            A log. Data without the (cycle, time) index need `groups`.
        y : Series or array, default=None
            Read for its index when `X` has none, and by "tN" bins.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, the same for all rows of a cycle; without the index: its cycle.

        Yields
        ------
        train, test : ndarray of int
            Positions of rows.

        Raises
        ------
        InvalidParameterError
            `n_splits` is no integer, below 2 or above the number of cycles; `stratify` or
            `together` cannot be read.
        InvalidLogError
            There is neither an index nor groups, `groups` cuts a cycle or has not one id a row, or
            labels are missing for a row.
        """
        self._check_parameters()
        cycles = read_cycle_groups(X, y, groups, self.together)
        check_enough(self.n_splits, cycles)
        fold_of_cycle = self._deal(cycles, X, y)[cycles.group_of_cycle]
        for fold in range(self.n_splits):
            test = fold_of_cycle == fold
            yield cycles.rows(~test), cycles.rows(test)

    def _check_parameters(self) -> None:
        check_n_splits(self.n_splits)
        # scikit-learn's stacking puts a generator here, so only a seed shows a wrong expectation.
        if not self.shuffle and isinstance(self.random_state, numbers.Integral):
            raise InvalidParameterError(
                f"random_state={self.random_state!r} has no effect without shuffle=True"
            )

    def _deal(self, cycles: CycleGroups, X: Any, y: Any) -> np.ndarray:
        """Fold of each group."""
        random = check_random_state(self.random_state) if self.shuffle else None
        if self.stratify is not None:
            strata = read_strata(self.stratify, X, y, cycles, "stratify")
            counts = cycles.by_group(strata.counts(cycles.bounds))
            shares = np.full(self.n_splits, 1.0 / self.n_splits)
            return deal(counts, shares, random)
        folds = np.empty(cycles.n_groups, dtype=np.int64)
        if random is not None:
            folds[random.permutation(cycles.n_groups)] = np.arange(cycles.n_groups) % self.n_splits
            return folds
        lengths = cycles.group_lengths
        filled = np.zeros(self.n_splits, dtype=np.int64)
        for group in np.argsort(-lengths, kind="stable"):
            folds[group] = fold = int(np.argmin(filled))
            filled[fold] += lengths[group]
        return folds
