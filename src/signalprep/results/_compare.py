"""compare: two validations of the same rows, difference by difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import locate, shown
from signalprep.metrics import TaskName, check_weight, metrics_compared
from signalprep.results._comparison import OUTCOMES, Comparison

if TYPE_CHECKING:
    from signalprep.results._validation import Validation

ROUNDING = 1e-9
"""Share of the compared values below which a difference is rounding, whatever its interval."""


def compare(
    a: Validation,
    b: Validation,
    *,
    names: Sequence[str] = ("a", "b"),
    n_bootstrap: int = 1000,
    confidence: float = 0.95,
    min_cycles: int = 3,
    groups: Any = None,
    weight: str | None = None,
    random_state: int | np.random.RandomState | None = 0,
    n_jobs: int | None = None,
) -> Comparison:
    """Compare two models on the same unseen cycles, in every cell of the operating map.

    Both must have been validated on the same rows with the same folds and regimes. The difference
    is paired by cycle: the same cycles are resampled for both, see
    :func:`~signalprep.metrics.paired_metrics`. Two models whose own intervals overlap widely can
    differ beyond doubt, because a hard cycle is hard for both. Two classifiers are compared by
    their scores, see :func:`~signalprep.metrics.paired_classification_metrics`.

    Parameters
    ----------
    a, b : Validation
        What :func:`~signalprep.validate` returned for the two models: both of regressors or both
        of classifiers.
    names : pair of str, default=("a", "b")
        What to call them in texts and pictures.
    n_bootstrap : int, default=1000
        Resamples of the cycles.
    confidence : float, default=0.95
        Level of the intervals.
    min_cycles : int, default=3
        A cell seen by fewer cycles (groups) has no evidence.
    groups : dict, Series or callable, default=None
        What is resampled as a whole: the group of each cycle by its id, or a function of the id.
        None: those that `a` and `b` were validated with, or one of them if the other had none; else
        single cycles.
    weight : {"row", "cycle"} or None, default=None
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has in the cell. None: as `a` and `b` do.
    random_state : int, RandomState or None, default=0
        Seed of the resampling.
    n_jobs : int, default=None
        Threads of the bootstrap; of no use to classifiers.

    Returns
    -------
    comparison : Comparison

    Raises
    ------
    InvalidLogError
        Index, truth, folds or regimes of the two differ; the message says which, and where.
    InvalidParameterError
        A regressor and a classifier, `names` that are not two different names, an option out of
        its range, no `weight` where `a` and `b` average in two ways, or no `groups` where theirs
        differ.

    Notes
    -----
    Folds are the same when the same rows are tested together, under whatever number; training rows
    may differ (purging, inliers only). Each cell is one comparison: of a hundred cells in which the
    models do not differ, some five show a difference at the 95 % level.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.dummy import DummyRegressor
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=8, rate=1.0, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> guess = sp.validate(DummyRegressor(strategy="constant", constant=200.0), X, y)
    >>> sp.compare(guess, sp.validate(Ridge(), X, y), names=("200", "ridge")).overall["mae_status"]
    'b better'
    """
    named = tuple(names) if isinstance(names, Iterable) else ()
    if len(named) != 2 or not all(isinstance(name, str) for name in named) or named[0] == named[1]:
        raise InvalidParameterError(
            f"names must be two different names; got {names!r}: pass names=('old', 'new')"
        )
    if TaskName.SEVERAL_TARGETS in (a.task, b.task):
        raise InvalidParameterError(
            "a and b must each be of one target; got Validations of several: compare them target "
            "by target, such as compare(a['T_pm'], b['T_pm'])"
        )
    if a.task is not b.task:
        raise InvalidParameterError(
            "a and b must both be of regressors or both of classifiers; got one of each"
        )
    if weight is None and a.weight != b.weight:
        raise InvalidParameterError(
            f"a and b must average their errors alike; a was validated with weight={a.weight!r}, b "
            f"with {b.weight!r}: say which, such as weight={a.weight!r}"
        )
    weight = check_weight(a.weight if weight is None else weight)
    _check_same(a, b)
    options: dict[str, Any] = {
        "n_bootstrap": n_bootstrap,
        "confidence": confidence,
        "min_cycles": min_cycles,
        "random_state": random_state,
        "weight": weight,
    }
    if groups is None:
        groups = _same_groups(a, b)

    def paired(regimes: pd.DataFrame | None) -> pd.DataFrame:
        return _with_status(a._paired(b, regimes, groups=groups, n_jobs=n_jobs, **options), a.task)

    return Comparison(
        overall=paired(None).astype(object).iloc[0],
        by_regime=None if a.regimes is None else paired(a.regimes),
        by_cycle=_by_cycle(a, b),
        names=(named[0], named[1]),
        target=a.target,
        units={**b.units, **a.units},
        settings=options | {"random_state": repr(random_state)},
        task=a.task,
    )


def _same_groups(a: Validation, b: Validation) -> pd.Series | None:
    """Groups of both, or of the one that has any; two that differ are refused."""
    if a.groups is None or b.groups is None:
        return b.groups if a.groups is None else a.groups
    ids = a.groups.index.intersection(b.groups.index)
    one, other = (pd.factorize(each.loc[ids])[0] for each in (a.groups, b.groups))
    different = one != other
    if different.any():
        cycle = ids[int(np.argmax(different))]
        raise InvalidParameterError(
            f"a and b must be validated with the same groups; those of cycle {shown(cycle)} "
            "differ: say which are resampled, such as groups=a.groups"
        )
    return a.groups


def _check_same(a: Validation, b: Validation) -> None:
    """Raise InvalidLogError naming what differs."""
    rows_a, rows_b = a.predictions, b.predictions
    if not rows_a.index.equals(rows_b.index):
        raise InvalidLogError(
            "a and b must have tested the same rows; their (cycle, time) index differs: "
            + _index_difference(rows_a.index, rows_b.index)
        )
    different = rows_a["truth"].to_numpy() != rows_b["truth"].to_numpy()
    if different.any():
        row = int(np.argmax(different))
        raise InvalidLogError(
            f"a and b must have the same truth; they differ at {locate(rows_a.index, row)}: "
            f"{rows_a['truth'].iloc[row]} and {rows_b['truth'].iloc[row]}"
        )
    folds = [pd.factorize(rows["fold"].to_numpy())[0] for rows in (rows_a, rows_b)]
    different = folds[0] != folds[1]
    if different.any():
        where = locate(rows_a.index, int(np.argmax(different)))
        raise InvalidLogError(
            f"a and b must have the same folds; the rows tested together differ from {where} on. "
            "Pass the same cv to both"
        )
    _check_same_regimes(a.regimes, b.regimes)


def _check_same_regimes(a: pd.DataFrame | None, b: pd.DataFrame | None) -> None:
    if a is None and b is None:
        return
    if a is None or b is None:
        with_regimes = "b" if a is None else "a"
        raise InvalidLogError(
            f"a and b must have the same regimes; only {with_regimes} was validated with regimes"
        )
    if not a.columns.equals(b.columns):
        raise InvalidLogError(
            f"a and b must have the same regimes; got {list(a.columns)} and {list(b.columns)}"
        )
    for name in a.columns:
        if a[name].equals(b[name]):
            continue
        different = a[name].astype(str).to_numpy() != b[name].astype(str).to_numpy()
        if different.any():
            row = int(np.argmax(different))
            raise InvalidLogError(
                f"a and b must have the same regimes; {name!r} differs at {locate(a.index, row)}: "
                f"{a[name].iloc[row]} and {b[name].iloc[row]}"
            )


def _index_difference(a: pd.Index, b: pd.Index) -> str:
    if len(a) != len(b):
        return f"{len(a)} and {len(b)} rows"
    row = next(k for k, (one, other) in enumerate(zip(a, b, strict=True)) if one != other)
    return f"{locate(a, row)} in a, {locate(b, row)} in b"


def _with_status(table: pd.DataFrame, task: TaskName) -> pd.DataFrame:
    """Add who is better, for each metric with an interval."""
    evidence = table["evidence"].to_numpy(dtype=bool)
    for metric in metrics_compared(task):
        if not metric.interval:
            continue
        low, high = (table[f"{metric.name}_{end}"].to_numpy() for end in ("low", "high"))
        known = evidence & ~np.isnan(low)
        more = metric.better == "more"
        size = "rmse" if metric.signed else metric.name
        sizes = [np.abs(table[f"{size}_{side}"].to_numpy(dtype=np.float64)) for side in "ab"]
        rounding = ROUNDING * np.maximum(*sizes)
        above, below = low > rounding, high < -rounding
        a_better, b_better = (above, below) if more else (below, above)
        choices = [a_better & known, b_better & known, known]
        status = np.select(choices, list(OUTCOMES[:3]), default=OUTCOMES[3])
        table[f"{metric.name}_status"] = pd.Categorical(status, categories=list(OUTCOMES))
    return table


def _by_cycle(a: Validation, b: Validation) -> pd.DataFrame:
    """Values of both and their difference, one row a cycle."""
    found = a.by_cycle[["fold", "n"]].copy()
    for metric in metrics_compared(a.task):
        name = metric.name
        one, other = a.by_cycle[name], b.by_cycle[name]
        found[f"{name}_a"], found[f"{name}_b"] = one, other
        found[name] = metric.sized(one) - metric.sized(other)
    return found
