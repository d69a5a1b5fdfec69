"""CycleRidgeCV: a ridge regression whose penalty is chosen on whole cycles."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.utils.validation import check_is_fitted, validate_data

from signalprep._base import Stored
from signalprep.errors import InvalidParameterError
from signalprep.flow import as_weights, weight_params
from signalprep.log import check_same_index, is_log
from signalprep.model_selection._cycle_groups import read_cycle_groups
from signalprep.model_selection._cycle_k_fold import CycleKFold

__all__ = ["CycleRidgeCV"]

OF_SQUARES = np.logspace(-3.0, 1.0, 13)
"""Penalties to try, of the mean sum of squares of a signal about its mean."""
ROUNDING = 1e-15
"""Least squared error that sums of products can tell, of the squares that they come from."""


class CycleRidgeCV(Stored, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Ridge regression with the penalty that does best on cycles it has not learned.

    The training cycles are held out in turn, all penalties are tried on them at once, and the one
    with the least squared error is fitted on everything. It is for the end of a pipeline: what
    comes before is fitted once, on all rows given to `fit`.

    Parameters
    ----------
    alphas : sequence of float, default=None
        Penalties to try, above 0, as that of ``Ridge``. None: 13 from 1e-3 to 10 times the mean sum
        of squares of a signal about its mean, which behind a Scaler is the number of rows. A
        penalty of 1e-3 is as if every signal had noise of 3 % of its spread.
    n_splits : int, default=10
        Folds of whole cycles, or as many as there are cycles (groups) if fewer. They are those of
        :class:`~signalprep.CycleKFold`. A single cycle, or an array, is cut into as many stretches.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session): the group of each cycle by its id, or a
        function of the id. Folds keep groups whole.

    Attributes
    ----------
    alpha_ : float or ndarray of shape (n_targets,)
        The penalty; each target has its own.
    alphas_ : ndarray of shape (n_alphas,)
        The penalties that were tried, the strongest first.
    rmse_ : ndarray of shape (n_alphas,) or (n_alphas, n_targets)
        Error of each on the cycles held out.
    coef_ : ndarray of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or ndarray of shape (n_targets,)

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, groups that miss a cycle or come with data that are no log,
        or weights of rows that are none.
    InvalidLogError
        `y` carries another index than `X`.

    Notes
    -----
    A penalty of 1, as that of ``Ridge``, is next to none on rows that are as alike as those of a
    drive: what counts are cycles, and of these there are few. ``RidgeCV`` would hold out rows, and
    prefer what learns cycles by heart. A few cycles tell little, and where a weak penalty does well
    on them it may be by luck: from simulated drives 4 in number, penalties down to 1e-7 were chosen
    so badly that errors on others were 1.7 times those of a penalty of 1, down to 1e-3 as large,
    and with 6 to 24 drives 0.9 of them. Give `alphas` where a target follows from the signals with
    next to no noise.

    Cost: order n p**2 + k p**3 for n rows, p features and k folds, whatever the number of
    penalties; with many rows one and a half times that of ``Ridge``. Each fold takes its share off
    the sums of squares and products of all rows, and one eigendecomposition serves all penalties.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> rng = np.random.default_rng(0)
    >>> log = sp.as_log(rng.normal(size=(600, 2)), cycle=np.repeat(np.arange(6), 100), rate=1.0)
    >>> y = log["x0"] + rng.normal(size=6).repeat(100)  # an offset a cycle
    >>> model = sp.CycleRidgeCV(alphas=[1.0, 100.0, 1e4]).fit(log, y)
    >>> model.alpha_, model.alphas_.tolist(), model.rmse_.round(2).tolist()
    (1.0, [10000.0, 100.0, 1.0], [1.55, 1.25, 1.24])
    """

    def __init__(
        self, alphas: Sequence[float] | None = None, *, n_splits: int = 10, groups: Any = None
    ) -> None:
        self.alphas = alphas
        self.n_splits = n_splits
        self.groups = groups

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> CycleRidgeCV:
        """Choose the penalty on cycles held out in turn, and fit with it on all of them.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
            A log, or rows.
        y : Series or array of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array of shape (n_samples,), default=None
            Weight of each row, in the fits and in the errors of the choice; at least 0.

        Returns
        -------
        self : CycleRidgeCV
        """
        self._check_parameters()
        check_same_index(X, y)
        rows, target = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=2
        )
        weight = as_weights(sample_weight, X)
        weights = weight_params(Ridge(), weight)  # refuses before anything is fitted
        targets = np.asarray(target, dtype=np.float64).reshape(len(rows), -1)
        self.alphas_ = self._penalties(rows)
        folds = self._folds(X, y, len(rows))
        squares = _squared_errors(rows, targets, weight, folds, self.alphas_)
        best = self.alphas_[np.argmin(squares, axis=0)]
        rmse = np.sqrt(squares / (len(rows) if weight is None else weight.sum()))
        several = target.ndim > 1
        self.rmse_ = rmse if several else rmse[:, 0]
        self.alpha_ = best if several else float(best[0])
        fitted = Ridge(alpha=self.alpha_).fit(rows, target, **weights)
        self.coef_, self.intercept_ = fitted.coef_, fitted.intercept_
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict every row.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        """
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=np.float64)
        return np.asarray(rows @ self.coef_.T + self.intercept_)

    def _check_parameters(self) -> None:
        n_splits = self.n_splits
        whole = isinstance(n_splits, numbers.Integral) and not isinstance(n_splits, bool)
        if not whole or n_splits < 2:
            raise InvalidParameterError(f"n_splits must be an int of at least 2; got {n_splits!r}")

    def _penalties(self, rows: np.ndarray) -> np.ndarray:
        """Those to try, the strongest first, so that it is taken where several do as well."""
        if self.alphas is None:
            squares = len(rows) * float(rows.var(axis=0).mean())
            return OF_SQUARES[::-1] * (squares or 1.0)  # of constants any penalty will do
        given = np.asarray(self.alphas)
        if given.ndim != 1 or not given.size or given.dtype.kind not in "iuf":
            raise InvalidParameterError(f"alphas must be a list of numbers; got {self.alphas!r}")
        if not (np.isfinite(given) & (given > 0)).all():
            raise InvalidParameterError(f"alphas must be finite and above 0; got {self.alphas!r}")
        return np.sort(given.astype(np.float64))[::-1]

    def _folds(self, X: Any, y: Any, n_rows: int) -> list[np.ndarray]:
        """Rows of each fold."""
        if is_log(X) or is_log(y):
            cycles = read_cycle_groups(X, y, None, self.groups)
            if cycles.n_groups > 1:
                splitter = CycleKFold(min(self.n_splits, cycles.n_groups), together=self.groups)
                return [test for _, test in splitter.split(X, y)]
        elif self.groups is not None:
            raise InvalidParameterError("groups needs a log, indexed by (cycle, time): see as_log")
        return np.array_split(np.arange(n_rows), min(self.n_splits, n_rows))


def _squared_errors(
    rows: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray | None,
    folds: list[np.ndarray],
    alphas: np.ndarray,
) -> np.ndarray:
    """Sums of the squared errors on rows held out, of each penalty (row) and target (column).

    From sums of products alone, so to about 1e-8 of the spread of a target; below, all are alike.
    """
    table = np.hstack([rows, targets, np.ones((len(rows), 1))])
    table[:, :-1] -= table[:, :-1].mean(axis=0)
    parts = [_products(table[own], None if weight is None else weight[own]) for own in folds]
    total = sum(parts)
    squares, n_features = np.zeros((len(alphas), targets.shape[1])), rows.shape[1]
    for part in parts:
        learned = total - part
        if learned[-1, -1] <= 0.0:  # no other row weighs anything
            continue
        mean = learned[-1, :-1] / learned[-1, -1]
        products, held = _about(learned, mean), _about(part, mean)
        inputs, of_held = products[:n_features, :n_features], held[:n_features, :n_features]
        values, vectors = np.linalg.eigh(inputs)
        shrunk = 1.0 / (np.maximum(values, 0.0) + alphas[:, None])
        for k in range(targets.shape[1]):
            at = n_features + k
            coef = shrunk * (vectors.T @ products[:n_features, at]) @ vectors.T
            explained = coef @ held[:n_features, at]
            off = held[at, at] - 2.0 * explained + ((coef @ of_held) * coef).sum(axis=1)
            squares[:, k] += np.maximum(off, held[at, at] * ROUNDING)
    return squares


def _about(products: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Sums of products about a mean, from those about zero and, last, the sums."""
    sums, n = products[-1, :-1], products[-1, -1]
    apart = np.outer(sums, mean)
    return np.asarray(products[:-1, :-1] - apart - apart.T + n * np.outer(mean, mean))


def _products(table: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Weighted sums of the products of all columns."""
    weighted = table if weight is None else table * weight[:, None]
    return np.asarray(weighted.T @ table)
