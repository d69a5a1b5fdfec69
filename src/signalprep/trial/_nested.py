"""Nested cross-validation: how much the error would change with other training cycles, too."""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from signalprep._progress import track
from signalprep.errors import InvalidParameterError
from signalprep.log import cycle_bounds
from signalprep.model_selection import Folds
from signalprep.trial._folds import FoldResult
from signalprep.trial._omit import fit_on
from signalprep.trial._task import Task
from signalprep.trial._vote import Vote

__all__ = ["nested_inflation"]

LEAST_FOLDS = 3


class _Losses(NamedTuple):
    """Losses of rows, of several targets in columns, and what each row counts for."""

    loss: np.ndarray
    counts: np.ndarray

    def of(self, k: int) -> _Losses:
        return _Losses(self.loss[:, k], self.counts)

    def mean(self) -> float:
        return float(np.average(self.loss, weights=self.counts))


def nested_inflation(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    folds: Folds,
    results: list[FoldResult],
    task: Task,
    units: np.ndarray,
    *,
    counts: np.ndarray,
    weight: np.ndarray | None,
    omitted: np.ndarray | None = None,
    vote: Vote | None = None,
    n_jobs: int | None,
    progress: bool | None,
) -> list[float]:
    """By how much intervals over cycles are too short, as their models share training cycles.

    For each pair of folds a model is fitted without either and tested on both. Of fold j, the error
    over the other folds by models that have not seen it estimates what its own error will be; how
    far it is off, less what the few cycles of the fold explain, is the mean squared error of
    cross-validation (Bates, Hastie and Tibshirani 2024, eq. 8, with one partition).

    Parameters
    ----------
    units : ndarray of int of shape (n_samples,)
        What is independent of what: number of the cycle, or of the group, of each row.
    counts : ndarray of shape (n_samples,)
        What each row counts for when losses are averaged.
    weight : ndarray of shape (n_samples,) or None
        Of each row in the fits.
    omitted : ndarray of bool of shape (n_samples,) or None
        Rows left out of fits and losses.
    vote : Vote or None
        How cycles are decided, where they are.

    Returns
    -------
    inflation : list of float
        Of each target, from 1 to the root of the number of folds, as the authors bound it.
    """
    pairs = list(combinations(range(len(folds)), 2))
    common = {(i, j): np.intersect1d(folds[i][0], folds[j][0]) for i, j in pairs}
    unseen = [len(rows) and len(rows) < len(folds[i][0]) for (i, _), rows in common.items()]
    if len(folds) < LEAST_FOLDS or not all(unseen):
        raise InvalidParameterError(
            f"interval='nested' needs {LEAST_FOLDS} folds or more, each of which trains on what "
            f"the others test; got {len(folds)} folds: use cv=CycleKFold(5), or interval='cycles'"
        )
    tested = [test for _, test in folds]
    jobs = (
        delayed(_losses)(
            clone(estimator),
            X,
            y,
            common[i, j],
            (tested[i], tested[j]),
            task,
            weight,
            omitted,
            vote,
        )
        for i, j in pairs
    )
    found = track(
        Parallel(n_jobs=n_jobs, return_as="generator")(jobs), len(pairs), "nested folds", progress
    )
    inside: list[list[_Losses]] = [[] for _ in folds]
    for (i, j), (of_i, of_j) in zip(pairs, found, strict=True):
        inside[j].append(_Losses(of_i, counts[results[i].test]))
        inside[i].append(_Losses(of_j, counts[results[j].test]))
    others = [
        _Losses(*(np.concatenate(part) for part in zip(*losses, strict=True))) for losses in inside
    ]
    outside = [
        _Losses(task.losses(y.iloc[one.test], one.prediction), counts[one.test]) for one in results
    ]
    of_rows = [units[one.test] for one in results]
    if y.ndim == 1:
        return [_inflation(others, outside, of_rows)]
    return [
        _inflation([one.of(k) for one in others], [one.of(k) for one in outside], of_rows)
        for k in range(y.shape[1])
    ]


def _losses(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    train: np.ndarray,
    tested: tuple[np.ndarray, np.ndarray],
    task: Task,
    weight: np.ndarray | None,
    omitted: np.ndarray | None,
    vote: Vote | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Losses on the test rows of two folds of a model that has seen neither."""
    estimator = fit_on(estimator, X, y, train, weight, omitted)
    one, other = (_loss(estimator, X.iloc[rows], y.iloc[rows], task, vote) for rows in tested)
    if omitted is None:
        return one, other
    return one[~omitted[tested[0]]], other[~omitted[tested[1]]]


def _loss(estimator: Any, X: pd.DataFrame, y: Any, task: Task, vote: Vote | None) -> np.ndarray:
    """Loss of each row, or of the decision about each cycle."""
    prediction = task.predict(estimator, X)
    if vote is None:
        return task.losses(y, prediction)
    bounds = cycle_bounds(X)
    decided, _ = vote.decide(prediction, task.probabilities(estimator, X), bounds)
    return task.losses(y.iloc[bounds[1:] - 1], decided)


def _inflation(inside: list[_Losses], outside: list[_Losses], units: list[np.ndarray]) -> float:
    """Root of the mean squared error of the estimate over its variance, to three decimals."""
    every = _Losses(*(np.concatenate(part) for part in zip(*outside, strict=True)))
    of_unit, whole = pd.factorize(np.concatenate(units))[0], every.counts.sum()
    n_units = int(of_unit.max()) + 1
    off = np.bincount(of_unit, every.counts * (every.loss - every.mean()))
    variance = n_units / max(n_units - 1, 1) * np.square(off).sum() / whole**2
    if variance == 0.0:
        return 1.0
    squares = [
        (others.mean() - own.mean()) ** 2 - variance * whole / own.counts.sum()
        for others, own in zip(inside, outside, strict=True)
    ]
    n = len(outside)
    ratio = float(np.mean(squares)) * (n - 1) / n / variance
    return round(float(np.sqrt(np.clip(ratio, 1.0, n))), 3)
