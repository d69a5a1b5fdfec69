"""validate: the error of a model on unseen cycles, in every operating regime."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd

from signalprep._version import versions
from signalprep.log import cycle_bounds, lookahead, rate
from signalprep.quality import check_log
from signalprep.results import Validation
from signalprep.trial import (
    FoldResult,
    Folds,
    Task,
    as_splitter,
    cell_names,
    check_data,
    check_fold_borders,
    check_groups_whole,
    check_inputs,
    check_weights,
    extrapolated,
    groups_for,
    label_regimes,
    name_given,
    one_line,
    run_folds,
    split,
    steps_table,
    task_for,
    warn_of_frozen,
)


def validate(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    *,
    cv: Any = None,
    regimes: Any = None,
    context: pd.DataFrame | None = None,
    groups: Any = None,
    sample_weight: Any = None,
    n_jobs: int | None = None,
    min_cycles: int = 3,
    n_bootstrap: int = 1000,
    confidence: float = 0.95,
    random_state: int | np.random.RandomState | None = 0,
    allow_leak: bool = False,
    progress: bool | None = None,
) -> Validation:
    """Fit and test a pipeline on whole cycles and tabulate its error by operating regime.

    Classifiers go the same road and give accuracy, balanced accuracy, F1, log loss and confusion.

    Parameters
    ----------
    estimator : regressor, classifier or pipeline
        Unfitted; cloned for every fold. Build it by :func:`signalprep.make_pipeline`.
    X : DataFrame of shape (n_samples, n_signals)
        A log indexed by (cycle, time): what the model may see. What it looks ahead by itself
        (:func:`signalprep.lookahead`) counts as the first of the steps.
    y : Series or array of shape (n_samples,)
        The target: finite numbers, for a classifier labels (text, ints or bools). A series must
        carry the index of `X`.
    cv : int, splitter or iterable of (train, test), default=None
        None is ``CycleKFold(5)``, an int ``CycleKFold(cv)``. Any scikit-learn splitter will do as
        long as no test cycle is seen in training; those that ask for groups get `groups`, or the
        cycles.
    regimes : RegimeBinner, dict, Series or DataFrame, default=None
        The operating map: bins of signals, or ready labels with the index of `X`. The edges lay
        out the map only; they are learned from all rows unless the binner is fitted already.
    context : DataFrame, default=None
        Signals that `regimes` bins and the model must not see, with the index of `X`.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session): the group of each cycle by its id, or a
        function of the id. Folds keep groups whole, intervals resample them, and evidence counts
        them. None: what `cv` keeps ``together``, or else each cycle by itself.
    sample_weight : Series or array of shape (n_samples,), default=None
        How much each row counts in the fits, at least 0; a series must carry the index of `X`.
        Each fold hands those of its training rows to the model: the last step of a pipeline, all
        models of :class:`PerRegime`, the rows at the lower rate of :class:`AtRate` by their sums.
        Errors are scored as without.
    n_jobs : int or None, default=None
        Processes over folds, each with its own copy of the training rows, and threads of the
        bootstrap.
    min_cycles : int, default=3
        A cell seen by fewer cycles (groups) has no evidence: it shows its counts, not a colour.
    n_bootstrap : int, default=1000
        Resamples of the cycles for the intervals.
    confidence : float, default=0.95
        Level of the intervals: see :func:`~signalprep.regime_metrics`, for a classifier
        :func:`~signalprep.metrics.classification_metrics`.
    random_state : int, RandomState instance or None, default=0
        Seed of the resampling.
    allow_leak : bool, default=False
        Whether to go on where a leak is found, in order to study it.
    progress : bool, default=None
        Whether to show a bar when it takes longer than two seconds; None: on a terminal.

    Returns
    -------
    validation : Validation
        Of a classifier, a :class:`ClassificationValidation`.

    Raises
    ------
    LeakError
        An input has the target's name or is a copy of it in any unit (``a * y + b`` in every row,
        up to rounding), a test cycle or its group was seen in training, a step was fitted on a
        test cycle, or predictions of a cycle depend on the cycles beside it (found by
        predicting the first fold's cycles both alone and together).
    LostIndexError
        A step that works over time was fitted without the (cycle, time) index.
    InvalidLogError
        `X` is no log, has a single cycle, or `y`, `regimes`, `context` do not belong to its rows.
    InvalidParameterError
        `y` is not what `estimator` predicts, or `cv` gives no fold, an empty one, or a row in two
        of them; weights that are negative, that a model does not take, or that are zero in all
        training rows of a fold.

    Warns
    -----
    UserWarning
        A part of the estimator is frozen and does not remember the cycles it was fitted on, so
        that a leak cannot be ruled out.

    Notes
    -----
    What is not looked for: an input that holds the target shifted in time, bent or with noise, and
    a cycle that was logged twice under two ids (:func:`signalprep.audit` looks for both). A search
    or a stack inside the estimator chooses by its own `cv`: give it a CycleKFold too, or it prefers
    what learns cycles by heart (the error here is honest all the same).

    Cost: the fits, one prediction of every test row, a second one of the first fold, and the
    bootstrap, which is linear in rows and in ``n_bootstrap * n_cycles * n_cells``.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=4, rate=1.0, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> result = sp.validate(sp.make_pipeline(sp.Scaler(), Ridge()), X, y, cv=4)
    >>> result.by_cycle.shape[0], len(result.predictions) == len(log)
    (4, True)
    """
    start = time.perf_counter()
    task = task_for(estimator, y)
    given, ahead = name_given(y), max(lookahead(X), lookahead(y))
    X, y, units = check_data(X, y, task)
    splitter = as_splitter(cv)
    grouped = groups_for(groups, splitter, X)
    folds = split(splitter, X, y, grouped)
    if not allow_leak:
        check_inputs(X, y, given)
        check_fold_borders(X, folds)
        check_groups_whole(X, folds, grouped)
        warn_of_frozen(estimator)
    labels, binned = label_regimes(regimes, X, y, context)
    weight = check_weights(sample_weight, estimator, X, folds)
    run: dict[str, Any] = {"n_jobs": n_jobs, "allow_leak": allow_leak, "progress": progress}
    results = run_folds(estimator, X, y, folds, task, weight=weight, **run)
    predictions, tested = _predictions(X, y, results, labels, binned, folds, task)
    bootstrap: dict[str, Any] = {
        "n_bootstrap": n_bootstrap,
        "confidence": confidence,
        "min_cycles": min_cycles,
        "random_state": random_state,
    }
    settings = {"cv": repr(splitter), "regimes": one_line(regimes), **bootstrap}
    settings |= {"random_state": repr(random_state), "allow_leak": allow_leak}
    if weight is not None:
        settings["weights"] = "sample_weight in fits"
    name = "target" if y.name is None else str(y.name)
    return task.result(
        **task.tables(y, predictions, tested, groups=grouped, n_jobs=n_jobs, **bootstrap),
        groups=grouped,
        predictions=predictions,
        regimes=tested,
        folds=_folds_table(X, folds, results),
        steps=steps_table([result.steps for result in results], ahead),
        quality=check_log(task.signals(X, y)),
        target=name,
        rate=rate(X),
        units=units,
        settings=settings
        | {"seconds": round(time.perf_counter() - start, 2), "versions": versions()},
    )


def _predictions(
    X: pd.DataFrame,
    y: pd.Series,
    results: list[FoldResult],
    labels: pd.DataFrame | None,
    binned: pd.DataFrame | None,
    folds: Folds,
    task: Task,
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Tested rows in the order of the log, and their labels."""
    rows = np.concatenate([result.test for result in results])
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    fold = np.concatenate([np.full(len(result.test), result.fold) for result in results])[order]
    columns = {name: values[order] for name, values in task.columns(y, results).items()}
    table = pd.DataFrame({"fold": fold, **columns}, index=X.index[rows])
    intervals = [result.interval for result in results if result.interval is not None]
    if len(intervals) == len(results):
        table[["low", "high"]] = np.concatenate(intervals)[order]
    tested = None if labels is None else labels.iloc[rows]
    if tested is not None:
        table["regime"] = cell_names(tested).array
    if binned is not None:
        table["extrapolated"] = np.concatenate(extrapolated(binned, folds))[order]
    return table, tested


def _folds_table(X: pd.DataFrame, folds: Folds, results: list[FoldResult]) -> pd.DataFrame:
    bounds = cycle_bounds(X)
    cycle_of_row = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    table = pd.DataFrame(
        {
            "n_train_cycles": [len(np.unique(cycle_of_row[train])) for train, _ in folds],
            "n_test_cycles": [len(np.unique(cycle_of_row[test])) for _, test in folds],
            "n_train_rows": [len(train) for train, _ in folds],
            "n_test_rows": [len(test) for _, test in folds],
            "fit_seconds": [result.fit_seconds for result in results],
            "predict_seconds": [result.predict_seconds for result in results],
        }
    )
    table.index.name = "fold"
    return table
