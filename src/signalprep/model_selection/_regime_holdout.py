"""RegimeHoldout: test a regime on cycles, having seen neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import shown
from signalprep.model_selection._balance import deal
from signalprep.model_selection._cycle_groups import CycleGroups, read_cycle_groups
from signalprep.model_selection._cycle_splitter import (
    CycleSplitter,
    check_enough,
    check_n_splits,
)
from signalprep.model_selection._strata import Strata, read_strata

__all__ = ["RegimeHoldout"]


class _Layout(NamedTuple):
    """How cycles and regimes are crossed: what a fold is made from."""

    cycles: CycleGroups
    strata: Strata
    fold_of_cycle: np.ndarray
    counts: np.ndarray  # (n_splits, n_strata): rows of each regime in each set of cycles
    pairs: list[tuple[int, int]]  # (regime, set of cycles), one a fold


class RegimeHoldout(CycleSplitter):
    """Test one regime at a time, on cycles and in a regime that training has not seen.

    Nearly every cycle visits nearly every regime, so there are no cycles to set apart for one.
    Instead cycles are dealt out to `n_splits` sets, and each fold crosses a regime with a set:

    - test: the rows of the regime in the cycles of the set;
    - train: the rows of all other regimes in all other cycles.

    Left out of both are the held-out regime's rows in the other cycles, which would give the
    regime away, and the other rows of the set's cycles, which would give the cycle away. A fold is
    given for each regime and each set that visits it, regime by regime, and each row with a known
    regime is tested once.

    Parameters
    ----------
    regimes : RegimeBinner, dict of bins, column name, Series or DataFrame
        What to hold out:

        - a :class:`~signalprep.RegimeBinner` (or its `bins`) bins `X` in `split`. Unless it was
          fitted before, its edges are learned from all rows of `X` given there; they lay out the
          folds, and no model sees them. "tN" bins read `y`;
        - the name of a column of `X` that holds labels. The model sees that column;
        - labels with the index of `X`, or one label a cycle, indexed by cycle id.

        Of several columns the joint cells that occur are held out, one at a time.
    n_splits : int, default=5
        Number of sets of cycles, at least 2 and at most the number of cycles. Each gets its share
        of every regime, as by :class:`~signalprep.CycleKFold`.
    min_rows : int, default=1
        Fewest rows to test and to train on, at least 1. A regime and set with fewer test rows make
        no fold; a fold with fewer training rows is an error.
    random_state : int, RandomState instance or None, default=None
        Seed of another, equally balanced deal. None gives the one that follows from the data alone.
    together : dict, Series or callable, default=None
        Group of each cycle, by its id: cycles of one group stay on one side.

    Notes
    -----
    A row whose regime is missing is neither tested nor trained on, as it may belong to the one held
    out. A step of a pipeline that works over time sees each cycle with the gaps that the rows left
    out make, and starts anew after each gap. Where regimes change every few rows, compute such
    features before the split, with causal steps; they read nothing but their own cycle.

    Cost: ``n_splits`` times the number of regimes folds, each linear in rows.

    Examples
    --------
    >>> import numpy as np, pandas as pd, signalprep as sp
    >>> log = sp.as_log(np.zeros((8, 1)), cycle=list("aaaabbbb"), rate=1.0)
    >>> speed = pd.Series(["low", "low", "high", "high"] * 2, index=log.index)
    >>> for train, test in sp.RegimeHoldout(speed, n_splits=2).split(log):
    ...     print(train, test)
    [6 7] [0 1]
    [2 3] [4 5]
    [4 5] [2 3]
    [0 1] [6 7]
    """

    def __init__(
        self,
        regimes: Any,
        *,
        n_splits: int = 5,
        min_rows: int = 1,
        random_state: int | np.random.RandomState | None = None,
        together: Any = None,
    ) -> None:
        self.regimes = regimes
        self.n_splits = n_splits
        self.min_rows = min_rows
        self.random_state = random_state
        self.together = together

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of folds: pairs of a regime and a set of cycles that visits it.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            The log to be split.
        y : Series or array, default=None
            As in `split`.
        groups : array-like of shape (n_samples,), default=None
            As in `split`.

        Returns
        -------
        n_splits : int
        """
        if X is None:
            raise InvalidParameterError(
                "X must be given: the number of folds depends on the regimes in it; got None"
            )
        return len(self._layout(X, y, groups).pairs)

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give the rows to train on and to test, fold by fold.

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
            `n_splits` or `min_rows` is no integer, too small or too large; `regimes` or `together`
            cannot be read.
        InvalidLogError
            A single regime; a fold with too few rows to train on, or none with enough to test;
            there is neither an index nor groups, or `groups` cuts a cycle.
        """
        layout = self._layout(X, y, groups)
        cycles, strata = layout.cycles, layout.strata
        for regime, part in layout.pairs:
            inside = layout.fold_of_cycle == part
            tested, others = cycles.rows(inside), cycles.rows(~inside)
            left_out = np.append(strata.cells[~strata.known], strata.cells[regime])
            train = others[~np.isin(strata.codes[others], left_out)]
            yield train, tested[strata.codes[tested] == strata.cells[regime]]

    def folds(self, X: Any, y: Any = None, groups: Any = None) -> pd.DataFrame:
        """Tell what each fold holds out.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_channels)
            The log to be split.
        y : Series or array, default=None
            As in `split`.
        groups : array-like of shape (n_samples,), default=None
            As in `split`.

        Returns
        -------
        folds : DataFrame
            A row for each fold in the order of `split`: `regime`, `cycles` (list of the ids in
            the set that is left out of training), `n_train` and `n_test` (rows).
        """
        layout = self._layout(X, y, groups)
        n_train = self._training_rows(layout)
        ids = layout.cycles.ids
        return pd.DataFrame(
            {
                "regime": [layout.strata.names[regime] for regime, _ in layout.pairs],
                "cycles": [list(ids[layout.fold_of_cycle == part]) for _, part in layout.pairs],
                "n_train": [int(n_train[part, regime]) for regime, part in layout.pairs],
                "n_test": [int(layout.counts[part, regime]) for regime, part in layout.pairs],
            }
        ).rename_axis("fold")

    def _layout(self, X: Any, y: Any, groups: Any) -> _Layout:
        check_n_splits(self.n_splits)
        check_n_splits(self.min_rows, least=1, name="min_rows")
        cycles = read_cycle_groups(X, y, groups, self.together)
        check_enough(self.n_splits, cycles)
        strata = read_strata(self.regimes, X, y, cycles, "regimes")
        if strata.known.sum() < 2:
            raise InvalidLogError(
                "regimes must give at least two regimes, one to test and one to train on; got "
                + (", ".join(strata.names) or "none")
            )
        by_group = cycles.by_group(strata.counts(cycles.bounds))
        random = None if self.random_state is None else check_random_state(self.random_state)
        shares = np.full(self.n_splits, 1.0 / self.n_splits)
        fold_of_group = deal(by_group, shares, random)
        counts = np.zeros((self.n_splits, len(strata.names)), dtype=np.int64)
        np.add.at(counts, fold_of_group, by_group)
        held = (counts >= self.min_rows) & strata.known
        pairs = [(int(regime), int(part)) for regime, part in np.argwhere(held.T)]
        layout = _Layout(cycles, strata, fold_of_group[cycles.group_of_cycle], counts, pairs)
        self._check_rows(layout)
        return layout

    def _check_rows(self, layout: _Layout) -> None:
        if not layout.pairs:
            raise InvalidLogError(
                f"a regime must have min_rows={self.min_rows} rows in a set of cycles; the most "
                f"that any has is {layout.counts[:, layout.strata.known].max()}"
            )
        n_train = self._training_rows(layout)
        for regime, part in layout.pairs:
            if n_train[part, regime] < self.min_rows:
                tested = layout.cycles.ids[layout.fold_of_cycle == part]
                raise InvalidLogError(
                    f"holding out regime {layout.strata.names[regime]!r} and cycle "
                    f"{', '.join(shown(i) for i in tested[:3].tolist())}"
                    f"{' and more' if len(tested) > 3 else ''} must leave {self.min_rows} row(s) "
                    f"to train on; it leaves {n_train[part, regime]}: the other cycles hardly "
                    "visit another regime. Use fewer regimes, or more n_splits"
                )

    @staticmethod
    def _training_rows(layout: _Layout) -> np.ndarray:
        """Rows to train on, for each set of cycles and regime."""
        known = layout.counts * layout.strata.known
        outside = known.sum(axis=0) - known
        return outside.sum(axis=1, keepdims=True) - outside
