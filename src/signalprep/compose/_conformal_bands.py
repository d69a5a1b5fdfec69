"""ConformalBands: prediction intervals calibrated on held-out cycles, for each regime."""

from __future__ import annotations

import numbers
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.utils import get_tags
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep._base import Stored, check_rows
from signalprep._parameters import check_jobs
from signalprep.compose._inputs import as_binner, check_index_kept
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Handed, as_weights, handed, reach, taken, tree, weight_params
from signalprep.log import check_same_index, cycle_bounds, is_log
from signalprep.metrics import require_regressor
from signalprep.model_selection import (
    Folds,
    as_splitter,
    check_fold_borders,
    check_groups_whole,
    groups_for,
    split,
)

__all__ = ["ConformalBands"]


class ConformalBands(Stored, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """A regressor with prediction intervals whose width is that of its errors on unseen cycles.

    The training cycles are predicted by cross-validation; in each cell of the operating map the
    half-width of the interval is a quantile of the absolute errors found there. Rows of a cycle err
    alike, so cycles count, not rows: the quantile is that of the mean of the cycles' distributions,
    at a level raised for the number of cycles. Then the estimator is fitted on everything.

    Parameters
    ----------
    estimator : regressor or pipeline, default=None
        Cloned for every fit. None is ``Ridge()``.
    regimes : RegimeBinner or dict of bins, default=None
        The operating map, read from the rows as they come; None gives one width for all.
    coverage : float, default=0.9
        Share of the rows of an unseen cycle that shall lie within, on average over cycles.
    cv : int, splitter or iterable, default=None
        How training cycles are held out. None is ``CycleKFold(5)``, or as many folds as there are
        cycles (groups) if fewer. A splitter that asks for groups gets `groups`, or the cycles. For
        an array, one recording, it is ``KFold(5)`` and rows count as cycles.
    min_cycles : int, default=None
        A cell seen by fewer cycles takes the width over all cells, or its own largest error where
        that is larger. None: as many as the level needs, ``ceil(coverage / (1 - coverage))``.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session): the group of each cycle by its id, or a
        function of the id. Folds keep groups whole, and groups count in place of cycles. None: what
        `cv` keeps ``together``, or else each cycle by itself.
    n_jobs : int, default=None
        Processes over the folds.

    Attributes
    ----------
    estimator_ : estimator
        Fitted on all rows.
    half_width_ : float
        Over all cells.
    cells_ : DataFrame
        One row a cell that calibration rows fell into: the label of each regime variable, ``n``,
        ``n_cycles`` (or groups of them), ``half_width``, ``largest``, the largest error, ``own``,
        whether the width is the quantile of the cell's own errors, and ``assured``, whether enough
        cycles were seen for the coverage to hold in it. Empty without `regimes`.
    binner_ : RegimeBinner or None
        The fitted operating map.
    lookahead_, memory_, delay_ : int
        Those of the estimator.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, a classifier, folds that do not test each row once, `groups`
        that miss a cycle or come with data that are no log, or weights of rows that are none or
        cannot reach the model.
    InvalidLogError
        `y` has several targets or carries another index than `X`.
    LeakError
        Folds of a log that test rows of a cycle, or cycles of a group, that they train on.
    LostIndexError
        Fitted on a log, but `predict` gets data without the (cycle, time) index.

    Warns
    -----
    UserWarning
        There are fewer cycles than the level needs, or fewer have seen a cell whose errors are
        larger than elsewhere; the half-width is then the largest error seen, and the coverage is
        not assured.

    Notes
    -----
    With k cycles the level is ``min(1, coverage * (1 + 1/k))``: split conformal prediction with the
    cycle as the unit, in the form that pools the cycles' distribution functions (Dunn et al.). It
    assumes that the next cycle is drawn as the recorded ones were, and that a fit on all cycles
    errs no more than one on a part. Coverage is over cycles: a single cycle may do worse.
    :func:`signalprep.validate` shows the coverage that cycles held out altogether had, by cell. In
    a cell that few cycles saw nothing is assured. When tried, one three times as hard as the others
    and seen by a fifth of 12 to 40 cycles was covered to 0.96 on average at a level of 0.9, and to
    0.5 to 0.7 with the width over all cells.

    Cost: the fits of `cv` and one more, and a sort of the errors.

    References
    ----------
    R. Dunn, L. Wasserman, A. Ramdas, "Distribution-free prediction sets for two-layer hierarchical
    models", Journal of the American Statistical Association 118(544), 2023, pp. 2491-2502,
    doi:10.1080/01621459.2022.2060112.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> rng = np.random.default_rng(0)
    >>> log = sp.as_log(rng.normal(size=(2000, 1)), cycle=np.repeat(np.arange(20), 100), rate=1.0)
    >>> y = log["x0"] + rng.normal(size=2000)
    >>> model = sp.ConformalBands(coverage=0.9).fit(log, y)
    >>> low, high = model.predict_interval(log).T
    >>> bool(0.88 < np.mean((low <= y) & (y <= high)) < 0.95)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        regimes: Any = None,
        *,
        coverage: float = 0.9,
        cv: Any = None,
        min_cycles: int | None = None,
        groups: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.regimes = regimes
        self.coverage = coverage
        self.cv = cv
        self.min_cycles = min_cycles
        self.groups = groups
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ConformalBands:
        """Calibrate the widths on held-out cycles, then fit on all of them.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            A log, or rows.
        y : Series or array of shape (n_samples,)
            The target at each row.
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row in the fits, at least 0. The widths are calibrated as without: there
            each cycle counts the same.

        Returns
        -------
        self : ConformalBands
        """
        self._check_parameters()
        check_rows(X)
        check_same_index(X, y)
        shape = np.asarray(y).shape
        n_targets = shape[1] if len(shape) > 1 else 1
        if n_targets > 1:
            raise InvalidLogError(
                f"y must be one target; got {n_targets} columns. Fit ConformalBands once for each"
            )
        rows, target = validate_data(
            self,
            X,
            y,
            dtype=None,
            ensure_all_finite=False,
            ensure_min_samples=2,
            y_numeric=True,
        )
        is_frame = isinstance(X, pd.DataFrame)
        X = X if is_frame else rows
        weight = as_weights(sample_weight, X)
        inner = Ridge() if self.estimator is None else self.estimator
        weights = weight_params(inner, weight)  # refuses before anything is fitted
        self.fitted_on_log_ = is_log(X)
        truth = pd.Series(target, index=X.index) if is_frame else target
        groups = self._groups(X)
        cycle = self._units(X, groups, len(rows))
        folds = self._folds(X, truth, groups, len(np.unique(cycle)))
        parts = Parallel(n_jobs=self.n_jobs)(
            delayed(_errors)(clone(inner), X, truth, weight, train, test) for train, test in folds
        )
        error = np.empty(len(rows))
        error[np.concatenate([test for _, test in folds])] = np.concatenate(parts)
        self.estimator_ = clone(inner).fit(X, truth, **weights)
        self._calibrate(X, target, error, np.unique(cycle, return_inverse=True)[1])
        self.lookahead_, self.memory_, self.delay_ = reach(self)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict every row.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            Signals as seen in fit.

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        self._checked(X)
        return np.asarray(self.estimator_.predict(X))

    def predict_interval(self, X: Any) -> np.ndarray:
        """Ends of the interval around each prediction.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            Signals as seen in fit.

        Returns
        -------
        interval : ndarray of shape (n_samples, 2)
            Low and high.
        """
        X = self._checked(X)
        width = self._half_widths(X)
        prediction = np.asarray(self.estimator_.predict(X), dtype=np.float64)
        return np.stack([prediction - width, prediction + width], axis=1)

    def _checked(self, X: Any) -> Any:
        check_is_fitted(self)
        check_index_kept(self, self.fitted_on_log_, X)
        rows = validate_data(self, X, reset=False, dtype=None, ensure_all_finite=False)
        return X if isinstance(X, pd.DataFrame) else rows

    def _check_parameters(self) -> None:
        level = self.coverage
        if not isinstance(level, numbers.Real) or not 0.0 < level < 1.0:
            raise InvalidParameterError(f"coverage must be between 0 and 1; got {level!r}")
        least = self.min_cycles
        whole = isinstance(least, numbers.Integral) and not isinstance(least, bool)
        if least is not None and (not whole or least < 1):
            raise InvalidParameterError(f"min_cycles must be an int of at least 1; got {least!r}")
        check_jobs(self.n_jobs)
        require_regressor(self.estimator)

    def _groups(self, X: Any) -> pd.Series | None:
        """Group of each cycle; None where each is its own, or rows have no index."""
        if self.fitted_on_log_:
            return groups_for(self.groups, self.cv, X)
        if self.groups is not None:
            raise InvalidParameterError("groups needs a log, indexed by (cycle, time): see as_log")
        return None

    def _units(self, X: Any, groups: pd.Series | None, n_rows: int) -> np.ndarray:
        """Number of the cycle of each row, or of its group; of rows without index, the row."""
        if not self.fitted_on_log_:
            return np.arange(n_rows)
        if groups is None:
            return np.asarray(X.index.codes[0])
        return pd.factorize(groups)[0].repeat(np.diff(cycle_bounds(X)))

    def _folds(self, X: Any, y: Any, groups: pd.Series | None, n_units: int) -> Folds:
        if n_units < 2:
            what = "cycles" if groups is None else "groups of cycles"
            raise InvalidLogError(f"X must hold at least two {what}, to calibrate on one; got one")
        cv = min(5, n_units) if self.cv is None else self.cv
        splitter = as_splitter(cv)
        if not self.fitted_on_log_ and isinstance(cv, numbers.Integral):
            splitter = KFold(int(cv))
        folds = split(splitter, X, y, groups, once=False)
        tested = np.sort(np.concatenate([test for _, test in folds]))
        if not np.array_equal(tested, np.arange(X.shape[0])):
            raise InvalidParameterError(f"cv must test each row once; got {self.cv!r}")
        if self.fitted_on_log_:
            check_fold_borders(X, folds, "")
            check_groups_whole(X, folds, groups, "")
        return folds

    def _calibrate(self, X: Any, target: np.ndarray, error: np.ndarray, cycle: np.ndarray) -> None:
        """Set the half-widths from the errors of the held-out rows."""
        level = float(self.coverage)
        needed = int(np.ceil(level / (1.0 - level) - 1e-9))
        n_cycles = int(cycle.max()) + 1
        if n_cycles < needed:
            warnings.warn(
                f"coverage={level:g} needs at least {needed} cycles to be assured; got {n_cycles}. "
                "The half-width is the largest error seen",
                UserWarning,
                stacklevel=3,
            )
        self.half_width_ = pooled_quantile(error, cycle, level)
        self.binner_ = None if self.regimes is None else as_binner(self.regimes)
        self.cells_ = pd.DataFrame()
        if self.binner_ is None:
            return
        labels = self.binner_.fit(X, target).transform(X)
        cells, number = _distinct(_labels_table(labels))
        least = needed if self.min_cycles is None else self.min_cycles
        n_seen, largest = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells))
        width = np.full(len(cells), self.half_width_)
        for k in range(len(cells)):
            rows = np.flatnonzero(number == k)
            n_seen[k] = len(np.unique(cycle[rows]))
            largest[k] = error[rows].max()
            if n_seen[k] >= least:
                width[k] = pooled_quantile(error[rows], cycle[rows], level)
        own = n_seen >= least
        self.cells_ = cells.assign(
            n=np.bincount(number),
            n_cycles=n_seen,
            half_width=np.where(own, width, np.maximum(width, largest)),
            largest=largest,
            own=own,
            assured=n_seen >= needed,
        )
        hard = np.flatnonzero(~own & (largest > width))
        if len(hard):
            first = ", ".join(f"{name}={value}" for name, value in cells.iloc[hard[0]].items())
            warnings.warn(
                f"errors are larger than elsewhere in {len(hard)} of {len(cells)} cells that fewer "
                f"than {least} cycles saw, such as {first}. The half-width there is the largest "
                "error seen, which does not assure the coverage: record more cycles there",
                UserWarning,
                stacklevel=3,
            )

    def _half_widths(self, X: Any) -> np.ndarray:
        """Half-width of the interval at each row."""
        if self.binner_ is None:
            return np.full(X.shape[0], self.half_width_)
        labels = _labels_table(self.binner_.transform(X))
        known = pd.MultiIndex.from_frame(self.cells_[list(labels.columns)].astype(str))
        found, number = _distinct(labels)
        position = known.get_indexer(pd.MultiIndex.from_frame(found.astype(str)))
        width = np.append(self.cells_["half_width"].to_numpy(), self.half_width_)[position]
        return width[number]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(Ridge() if self.estimator is None else self.estimator)
        tags.target_tags.required = True
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags


@tree.register
def _(estimator: ConformalBands) -> Handed:
    return handed(estimator, "estimator", Ridge, keeps_cycles=True)


def pooled_quantile(error: np.ndarray, cycle: np.ndarray, level: float) -> float:
    """Quantile of the mean of the cycles' distributions, at a level raised for their number.

    Parameters
    ----------
    error : ndarray of shape (n_samples,)
        Absolute errors.
    cycle : ndarray of int of shape (n_samples,)
        Number of each row's cycle.
    level : float
        Nominal coverage.
    """
    cycle = np.unique(cycle, return_inverse=True)[1]
    rows = np.bincount(cycle)
    n_cycles = len(rows)
    raised = min(1.0, level * (1.0 + 1.0 / n_cycles))
    order = np.argsort(error, kind="stable")
    share = np.cumsum(1.0 / rows[cycle[order]]) / n_cycles
    place = int(np.searchsorted(share, raised * (1.0 - 1e-12)))
    return float(np.sort(error)[min(place, len(error) - 1)])


def _errors(
    model: Any, X: Any, y: Any, weight: np.ndarray | None, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    weights = weight_params(model, taken(weight, train))
    model.fit(taken(X, train), taken(y, train), **weights)
    prediction = np.asarray(model.predict(taken(X, test)), dtype=np.float64)
    return np.abs(np.asarray(taken(y, test), dtype=np.float64) - prediction)


def _labels_table(labels: Any) -> pd.DataFrame:
    if isinstance(labels, pd.DataFrame):
        return labels.reset_index(drop=True)
    return pd.DataFrame(labels).add_prefix("x")


def _distinct(labels: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The joint labels that occur, and the number of each row's."""
    number = labels.groupby(list(labels.columns), sort=True, observed=True, dropna=False).ngroup()
    found = np.asarray(number, dtype=np.int64)
    first = np.unique(found, return_index=True)[1]
    return labels.iloc[first].reset_index(drop=True), found
