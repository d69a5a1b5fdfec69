"""Tables of a validation, from what its folds gave."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.log import cycle_bounds
from signalprep.metrics import TaskName, inflated
from signalprep.model_selection import Folds
from signalprep.trial import FoldResult, Task, Vote, cell_names, extrapolated, mostly


def believed(X: pd.DataFrame, y: pd.Series, omitted: np.ndarray | None) -> tuple[Any, Any]:
    """Log and target without the rows that are left out."""
    return (X, y) if omitted is None else (X[~omitted], y[~omitted])


def rows_beyond(binned: pd.DataFrame, folds: Folds, vote: Vote | None) -> np.ndarray:
    """Which rows lie beyond training where they are tested; of a decision, whether most do."""
    beyond = np.zeros(len(binned), dtype=bool)
    for (_, test), own in zip(folds, extrapolated(binned, folds), strict=True):
        beyond[test] = own
        if vote is not None:
            index = binned.index[test]
            beyond[test] = np.repeat(mostly(own, index), np.diff(cycle_bounds(index)))
    return beyond


def units_of(X: pd.DataFrame, groups: pd.Series | None) -> np.ndarray:
    """Number of the cycle of each row, or of its group."""
    lengths = np.diff(cycle_bounds(X))
    of_cycle = np.arange(len(lengths)) if groups is None else pd.factorize(groups)[0]
    return np.repeat(of_cycle, lengths)


def counts_of(X: pd.DataFrame, results: list[FoldResult], weight: str) -> np.ndarray:
    """What each tested row counts for when losses are averaged."""
    counts = np.ones(len(X))
    if weight == "cycle":
        cycle = units_of(X, None)
        tested = np.concatenate([one.test for one in results])
        n_tested = np.bincount(cycle[tested], minlength=cycle[-1] + 1)
        counts /= np.maximum(n_tested[cycle], 1)
    return counts


def of_target(
    X: pd.DataFrame,
    y: pd.Series,
    results: list[FoldResult],
    regimes: tuple[pd.DataFrame | None, np.ndarray | None],
    task: Task,
    factor: float,
    options: dict[str, Any],
) -> dict[str, Any]:
    """What the result of one target holds alone.

    Parameters
    ----------
    regimes : tuple
        Labels of all rows, and which rows lie beyond training.
    factor : float
        By how much intervals are longer.
    options : dict
        Of the task's tables.
    """
    predictions, tested = _predictions(X, y, results, *regimes, task)
    tables = _inflated(task.tables(y, predictions, tested, **options), factor, task.result.task)
    name = "target" if y.name is None else str(y.name)
    return {"target": name, "predictions": predictions, "regimes": tested, **tables}


def _inflated(tables: dict[str, Any], factor: float, task: TaskName) -> dict[str, Any]:
    """The tables with intervals as much longer as the factor says."""
    if factor == 1.0:
        return tables
    overall, by_regime = tables["overall"].to_frame().T, tables["by_regime"]
    longer = inflated(overall, factor, task).astype(object).iloc[0]
    if by_regime is not None:
        by_regime = inflated(by_regime, factor, task)
    return tables | {"overall": longer, "by_regime": by_regime}


def _predictions(
    X: pd.DataFrame,
    y: pd.Series,
    results: list[FoldResult],
    labels: pd.DataFrame | None,
    beyond: np.ndarray | None,
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
    if beyond is not None:
        table["extrapolated"] = beyond[rows]
    return table, tested


def folds_table(X: pd.DataFrame, folds: Folds, results: list[FoldResult]) -> pd.DataFrame:
    """Cycles, rows and seconds of each fold."""
    cycle_of_row = units_of(X, None)
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
