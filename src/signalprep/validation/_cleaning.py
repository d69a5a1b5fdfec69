"""What filters touched and what was left out, counted by channel and by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.metrics import TaskName, main_metric
from signalprep.model_selection import Folds
from signalprep.results import Cleaning
from signalprep.trial import FoldResult, Task
from signalprep.validation._tables import of_target

KEYS = ["step", "channel"]


def cleaning_of(
    X: pd.DataFrame,
    y: Any,
    results: list[FoldResult],
    folds: Folds,
    regimes: tuple[pd.DataFrame | None, np.ndarray | None],
    omitted: np.ndarray | None,
    task: Task,
    found: list[dict[str, Any]],
    options: dict[str, Any],
) -> list[Cleaning | None]:
    """What filters touched and what was left out, for each target; None where there is neither.

    Parameters
    ----------
    results : list of FoldResult
        With the rows that are left out.
    found : list of dict
        What the result of each target holds alone, without these rows.
    options : dict
        Of the task's tables.
    """
    if omitted is None and not any(one.touched for one in results):
        return [None] * len(found)
    labels, _ = regimes
    touched, by_regime = _counted(results, folds, labels)
    if omitted is None:
        return [Cleaning(touched, by_regime, None, None)] * len(found)
    cleaned: list[Cleaning | None] = []
    for (target, part), kept in zip(task.parts(y, results), found, strict=True):
        known = [one.without(target.isna().to_numpy()) for one in part]
        without_draws = options | {"n_bootstrap": 0}
        every = of_target(X, target, known, regimes, task, 1.0, without_draws)
        cleaned.append(
            Cleaning(touched, by_regime, *_omitted(kept, every, folds, labels, omitted, task))
        )
    return cleaned


def _omitted(
    kept: dict[str, Any],
    every: dict[str, Any],
    folds: Folds,
    labels: pd.DataFrame | None,
    omitted: np.ndarray,
    task: Task,
) -> tuple[pd.Series, pd.DataFrame | None]:
    """Rows left out over all and by cell, and what the error is without and with them."""
    tested = np.concatenate([test for _, test in folds])
    left_out, name = tested[omitted[tested]], task.result.task
    tables = [one["overall"].to_frame().T for one in (kept, every)]
    sizes = [np.array([len(rows)]) for rows in (left_out, tested)]
    overall = _compared(tables, sizes, name).iloc[0]
    if labels is None:
        return overall, None
    cells = kept["by_regime"].index
    counts = [_in_cells(labels.iloc[rows], cells) for rows in (left_out, tested)]
    return overall, _compared([one["by_regime"] for one in (kept, every)], counts, name)


def _in_cells(labels: pd.DataFrame, cells: pd.Index) -> np.ndarray:
    """Rows in each cell."""
    return _sizes(labels).reindex(cells).fillna(0).to_numpy(dtype=np.int64)


def _counted(
    results: list[FoldResult], folds: Folds, labels: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """What the filters touched among all test rows, over all and by cell."""
    tested = np.concatenate([test for _, test in folds])
    rows: dict[tuple[str, Any], list[np.ndarray]] = {}
    for one in results:
        for each in one.touched:
            rows.setdefault((each.step, each.channel), []).append(each.rows)
    found = {key: np.concatenate(parts) for key, parts in rows.items()}
    index = pd.MultiIndex.from_tuples(list(found), names=KEYS) if found else _none()
    n = [len(own) for own in found.values()]
    touched = pd.DataFrame({"n": n, "share": np.divide(n, len(tested))}, index=index)
    by_regime = None
    if labels is not None:
        by_regime = _by_cell(found, labels, _sizes(labels.iloc[tested]))
    return touched, by_regime


def _compared(tables: list[pd.DataFrame], sizes: list[np.ndarray], task: TaskName) -> pd.DataFrame:
    """How many rows were left out, of how many, and the main metric without and with them."""
    (kept, every), (left_out, whole) = tables, sizes
    name = main_metric(task).name
    return pd.DataFrame(
        {
            "n": left_out,
            "share": left_out / np.where(whole > 0, whole, np.nan),
            name: kept[name].to_numpy(dtype=np.float64),
            f"{name}_all": every[name].reindex(kept.index).to_numpy(dtype=np.float64),
        },
        index=kept.index,
    )


def _sizes(labels: pd.DataFrame) -> pd.Series:
    """Rows of each cell that has any."""
    return labels.groupby(list(labels.columns), sort=True, observed=True).size()


def _by_cell(
    found: dict[tuple[str, Any], np.ndarray], labels: pd.DataFrame, sizes: pd.Series
) -> pd.DataFrame:
    tables = {key: _sizes(labels.iloc[own]) for key, own in found.items() if len(own)}
    names = [*labels.columns, *KEYS]
    if not tables:
        none = pd.MultiIndex.from_arrays([[] for _ in names], names=names)
        return pd.DataFrame({"n": np.empty(0, np.int64), "share": np.empty(0)}, index=none)
    n = pd.concat(tables, names=KEYS).reorder_levels([*range(2, len(names)), 0, 1])
    whole = sizes.reindex(n.index.droplevel([-2, -1])).to_numpy()
    return pd.DataFrame({"n": n, "share": n.to_numpy() / whole}).sort_index()


def _none() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []], names=KEYS)
