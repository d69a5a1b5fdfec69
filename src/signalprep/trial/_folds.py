"""Fit and predict fold by fold."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from signalprep._progress import track
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import Reach, as_weights, reach, taken, weight_params
from signalprep.log import cycle_bounds, cycles, locate, shown
from signalprep.model_selection import Folds
from signalprep.trial._guards import check_index_kept, check_isolation, check_training_cycles
from signalprep.trial._lost_index import naming_lost_index
from signalprep.trial._missing import naming_class_alone, naming_missing
from signalprep.trial._omit import fit_on
from signalprep.trial._steps import StepReach, told_steps
from signalprep.trial._task import Task
from signalprep.trial._touched import Touched, touched
from signalprep.trial._vote import Vote


@dataclass(frozen=True)
class FoldResult:
    """What one fold gave: predictions of its test rows and what the fitted pipeline claims.

    Where cycles are decided, `test` is the last row of each, and there stands its decision.
    `touched` is what its filters flagged, by rows of the log.
    """

    fold: int
    test: np.ndarray
    prediction: np.ndarray
    interval: np.ndarray | None
    probability: pd.DataFrame | None
    fit_seconds: float
    predict_seconds: float
    reach: Reach
    steps: list[StepReach]
    touched: list[Touched]

    def without(self, omitted: np.ndarray | None) -> FoldResult:
        """The same without the rows of the log that are left out of scores."""
        if omitted is None:
            return self
        kept = ~omitted[self.test]
        return replace(
            self,
            test=self.test[kept],
            prediction=self.prediction[kept],
            interval=taken(self.interval, kept),
            probability=taken(self.probability, kept),
        )


def check_weights(
    sample_weight: Any, estimator: Any, X: pd.DataFrame, folds: Folds
) -> np.ndarray | None:
    """Weights of the rows, which the estimator takes in every fold; refused before any fit."""
    weight = as_weights(sample_weight, X)
    if weight is not None:
        for train, _ in folds:
            weight_params(estimator, weight[train])
    return weight


def run_folds(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    folds: Folds,
    task: Task,
    *,
    weight: np.ndarray | None = None,
    omitted: np.ndarray | None = None,
    vote: Vote | None = None,
    n_jobs: int | None,
    allow_leak: bool,
    progress: bool | None,
) -> list[FoldResult]:
    """Fit a clone on each training part, its rows weighed, and predict or decide its test part."""
    if y.ndim > 1 and hasattr(estimator, "predict_interval"):
        raise InvalidParameterError(
            f"{type(estimator).__name__} gives the interval of one target; got {y.shape[1]}: "
            f"validate one at a time, such as y[{shown(y.columns[0])}], or all without intervals"
        )
    jobs = (
        delayed(_run_fold)(
            clone(estimator), X, y, train, test, k, task, allow_leak, weight, omitted, vote
        )
        for k, (train, test) in enumerate(folds)
    )
    results = Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    return list(track(results, len(folds), "folds", progress))


def _run_fold(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    train: np.ndarray,
    test: np.ndarray,
    fold: int,
    task: Task,
    allow_leak: bool,
    weight: np.ndarray | None,
    omitted: np.ndarray | None,
    vote: Vote | None,
) -> FoldResult:
    start = time.perf_counter()
    tested = X.iloc[test]
    trained, target = X.iloc[train], y.iloc[train]
    with naming_class_alone(target, fold), naming_lost_index(estimator, trained, target):
        estimator = fit_on(estimator, X, y, train, weight, omitted)
    fitted = time.perf_counter()
    with naming_missing(tested):
        prediction = task.predict(estimator, tested)
    done = time.perf_counter()
    if prediction.shape != (len(test), *y.shape[1:]):
        each = "a row" if y.ndim == 1 else f"a row and target ({y.shape[1]} of them)"
        raise InvalidLogError(
            f"the estimator must give one prediction {each}; fold {fold} has {len(test)} test "
            f"rows and predictions of shape {prediction.shape}"
        )
    interval = _interval(estimator, tested)
    if not allow_leak:
        check_training_cycles(estimator, cycles(tested), fold)
        check_index_kept(estimator, trained, target)
        if fold == 0:
            together = _two_cycles_or_more(X, train, test)
            for output in task.outputs(estimator, y):
                check_isolation(estimator, together, output)
    probability = task.probabilities(estimator, tested)
    scored = test
    if vote is not None:
        bounds = cycle_bounds(tested)
        prediction, probability = vote.decide(prediction, probability, bounds)
        scored = test[bounds[1:] - 1]
    return FoldResult(
        fold=fold,
        test=scored,
        prediction=prediction,
        interval=interval,
        probability=probability,
        fit_seconds=fitted - start,
        predict_seconds=done - fitted,
        reach=reach(estimator),
        steps=told_steps(estimator),
        touched=[each._replace(rows=test[each.rows]) for each in touched(estimator, tested)],
    )


def _interval(estimator: Any, tested: pd.DataFrame) -> np.ndarray | None:
    """Ends of the interval at each row, of an estimator that gives intervals."""
    if not hasattr(estimator, "predict_interval"):
        return None
    interval = np.asarray(estimator.predict_interval(tested), dtype=np.float64)
    if interval.shape != (len(tested), 2):
        raise InvalidLogError(
            f"predict_interval must give shape ({len(tested)}, 2); got {interval.shape}"
        )
    wrong = ~(interval[:, 0] <= interval[:, 1])
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidLogError(
            f"predict_interval must give low <= high; got {interval[row, 0]:g} and "
            f"{interval[row, 1]:g} at {locate(tested.index, row)}: look at the estimator there"
        )
    return interval


def _two_cycles_or_more(X: pd.DataFrame, train: np.ndarray, test: np.ndarray) -> pd.DataFrame:
    """The test part, with a training cycle before it when it is a single cycle."""
    tested = X.iloc[test]
    if len(cycle_bounds(tested)) > 2:
        return tested
    trained = X.iloc[train]
    first = trained.iloc[: cycle_bounds(trained)[1]]
    return pd.concat([first, tested])
