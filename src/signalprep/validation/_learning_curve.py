"""cycle_learning_curve: the error against the number of training cycles, and what would help."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.parallel import Parallel, delayed

from signalprep._parameters import check_jobs
from signalprep._progress import track
from signalprep.errors import InvalidParameterError
from signalprep.flow import holds_own_steps, with_model
from signalprep.log import cycle_bounds
from signalprep.metrics import check_weight, require_regressor
from signalprep.model_selection import (
    Folds,
    as_splitter,
    check_fold_borders,
    check_groups_whole,
    cv_text,
    groups_for,
    split,
)
from signalprep.results import LearningCurve
from signalprep.trial import (
    check_data,
    check_inputs,
    check_omitted,
    fit_on,
    names_given,
    naming_lost_index,
    one_thread,
    task_for,
)
from signalprep.validation._tables import believed
from signalprep.wording import error_unit

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
RESAMPLES = 1000
HALF = "half of the cycles"


@dataclass(frozen=True)
class _Run:
    """One fit: which, and its squared errors by cycle, or by group of cycles."""

    size: int
    repeat: int
    model: str
    train: tuple[float, float]
    test: dict[int, tuple[float, float]]
    """Sums of squared errors, and what their rows count for."""


def cycle_learning_curve(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    *,
    cv: Any = None,
    groups: Any = None,
    weight: str = "row",
    omit: Any = None,
    sizes: Sequence[int] | None = None,
    n_repeats: int = 3,
    tolerance: float = 0.05,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: bool | None = None,
) -> LearningCurve:
    """Fit on more and more cycles and compare with a simpler and a more flexible model.

    Parameters
    ----------
    estimator : regressor or pipeline
        Unfitted; cloned for every fit. Its parameters called ``random_state`` are set by repeat.
    X : DataFrame of shape (n_samples, n_signals)
        A log indexed by (cycle, time).
    y : Series or array of shape (n_samples,)
        The target.
    cv : int or splitter, default=None
        How test cycles are held out; None is ``CycleKFold(5)``.
    groups : dict, Series or callable, default=None
        What belongs together (vehicle, day, session), as :func:`validate` takes it: folds keep
        groups whole, training cycles are drawn group by group, and intervals resample groups.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows it has.
    omit : Series or array of bool of shape (n_samples,), default=None
        Rows whose target is not to be believed, as :func:`validate` takes it: out of every fit and
        every score.
    sizes : list of int, default=None
        Numbers of training cycles, at least 1 and at most those of the smallest fold. None: 1/8,
        1/4, 1/2, 3/4 and all of them.
    n_repeats : int, default=3
        How often the training cycles are drawn and the model is fitted with another seed.
    tolerance : float, default=0.05
        Smallest relative difference of RMSE worth acting on.
    random_state : int, default=0
        Seed of the draws; repeat k fits with ``random_state + k``.
    n_jobs : int, default=None
        Processes over the fits. Each fit takes one thread of OpenMP, which gradient boosting would
        else open for every core.
    progress : bool, default=None
        Whether to show a bar when it takes longer than two seconds; None: on a terminal.

    Returns
    -------
    curve : LearningCurve

    Raises
    ------
    InvalidParameterError
        A classifier, a size out of its range, or other parameters out of theirs.
    InvalidLogError, LeakError
        As :func:`validate`.

    Notes
    -----
    The verdict is the first that holds: "overfit" or "underfit", when the simpler (ridge on
    standardised features) or the more flexible model (gradient boosting) behind the same steps has
    an RMSE on unseen cycles lower by more than `tolerance`, and the 95 % interval of the difference
    over cycles (paired, percentile bootstrap) lies below zero; the larger of the two counts.
    "more cycles would help", when the error fell by more than `tolerance` from half of the training
    cycles to all, and the interval of that difference lies above zero. "underpowered", when one of
    these intervals holds a gain of more than `tolerance`. Else "irreducible", with these inputs. A
    gap between training and test error alone is no verdict: a forest has one by its nature.

    The same steps: those before the model in pipelines, at the lower rate of AtRate, and what
    alters the rows or the target that it learns (FitOnInliers, TransformedTargetRegressor). A
    search, a model for each regime or an ensemble of one kind gives way to the other model, which
    stands behind the steps as they were given. Where several models hold steps each of their own
    (VotingRegressor, stacks), none can be kept: ``note`` says so.

    Cost: ``n_splits * (n_sizes * n_repeats + 2)`` fits.

    Examples
    --------
    >>> import numpy as np, signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> rng = np.random.default_rng(0)
    >>> log = sp.as_log(rng.normal(size=(3000, 1)), cycle=np.repeat(np.arange(20), 150), rate=1.0)
    >>> bent = (log["x0"] ** 2).rename("y")
    >>> sp.cycle_learning_curve(Ridge(), log, bent, n_repeats=1).verdict
    'underfit'
    """
    _check_parameters(estimator, n_repeats, tolerance, random_state)
    check_jobs(n_jobs)
    check_weight(weight)
    given = names_given(y)
    X, y, units, omitted = check_data(X, y, task_for(estimator, y), estimator, omit)
    splitter = as_splitter(cv)
    grouped = groups_for(groups, splitter, X)
    folds = split(splitter, X, y, grouped)
    check_fold_borders(X, folds)
    check_groups_whole(X, folds, grouped)
    check_omitted(omitted, folds, None)
    check_inputs(*believed(X, y, omitted), given[0])
    lengths = np.diff(cycle_bounds(X))
    group = np.arange(len(lengths)) if grouped is None else pd.factorize(grouped)[0]
    cycle, unit = np.repeat(np.arange(len(lengths)), lengths), np.repeat(group, lengths)
    sizes = _checked_sizes(sizes, min(len(np.unique(cycle[train])) for train, _ in folds))
    models = {"model": estimator} | _references(estimator)
    jobs = _jobs(models, folds, (cycle, group), sizes, n_repeats, random_state)
    of_rows = unit, cycle if weight == "cycle" else None, omitted
    work = (
        delayed(_run)(clone(models[name]), X, y, of_rows, train, test, size, repeat, name, seed)
        for name, train, test, size, repeat, seed in jobs
    )
    runs = Parallel(n_jobs=n_jobs, return_as="generator")(work)
    found = list(track(runs, len(jobs), "learning curve", progress))
    table = _table([run for run in found if run.model == "model"])
    references = _compare(found, sizes, random_state)
    gain = _gain(table, sizes)
    name = "target" if y.name is None else str(y.name)
    return LearningCurve(
        table=table,
        references=references,
        verdict=_verdict(references, gain, tolerance),
        gain=gain,
        target=name,
        unit=error_unit(units.get(name, "")),
        note=_note(estimator),
        settings={
            "cv": cv_text(splitter, folds),
            "n_repeats": n_repeats,
            "tolerance": tolerance,
            "random_state": random_state,
            "weight": weight,
        },
    )


def _references(estimator: Any) -> dict[str, Any]:
    simple = make_pipeline(StandardScaler(), Ridge()).set_output(transform="pandas")
    return {
        "simpler": with_model(estimator, simple),
        "more flexible": with_model(estimator, HistGradientBoostingRegressor(random_state=0)),
    }


def _note(estimator: Any) -> str:
    """What the other models lack that this one has."""
    apart = holds_own_steps(estimator)
    if apart is None:
        return ""
    return (
        f"{type(apart).__name__} holds steps of its own, which the simpler and the more flexible "
        "model do without: put the steps before it in a pipeline to compare behind the same ones"
    )


def _check_parameters(estimator: Any, n_repeats: Any, tolerance: Any, seed: Any) -> None:
    require_regressor(estimator)
    if not isinstance(n_repeats, numbers.Integral) or n_repeats < 1:
        raise InvalidParameterError(f"n_repeats must be an int of at least 1; got {n_repeats!r}")
    if not isinstance(tolerance, numbers.Real) or not 0 <= float(tolerance) < 1:
        raise InvalidParameterError(f"tolerance must be in [0, 1); got {tolerance!r}")
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise InvalidParameterError(f"random_state must be an int; got {seed!r}")


def _checked_sizes(sizes: Sequence[int] | None, most: int) -> list[int]:
    if sizes is None:
        return sorted({max(1, round(share * most)) for share in SHARES})
    whole = [isinstance(n, numbers.Integral) and 1 <= n <= most for n in sizes]
    if len(whole) == 0 or not all(whole):
        raise InvalidParameterError(
            f"sizes must be numbers of training cycles from 1 to {most}; got {list(sizes)!r}"
        )
    return sorted({int(n) for n in sizes})


def _jobs(
    models: dict[str, Any],
    folds: Folds,
    cycles: tuple[np.ndarray, np.ndarray],
    sizes: list[int],
    n_repeats: int,
    random_state: int,
) -> list[tuple[str, np.ndarray, np.ndarray, int, int, int]]:
    """(model, training rows, test rows, size, repeat, seed) of every fit.

    `cycles` holds the cycle of each row, and the group of each cycle.
    """
    jobs = []
    cycle, group = cycles
    for fold, (train, test) in enumerate(folds):
        own = np.unique(cycle[train])
        for repeat in range(n_repeats):
            drawn = np.random.default_rng([random_state, repeat, fold]).permutation(own)
            first = pd.factorize(group[drawn])[0]  # groups in the order in which they were drawn
            drawn = drawn[np.argsort(first, kind="stable")]
            for size in sizes:
                taken = drawn if size == sizes[-1] and size >= len(own) else drawn[:size]
                rows = train[np.isin(cycle[train], taken)]
                jobs.append(("model", rows, test, size, repeat, random_state + repeat))
                if repeat == 0 and size == sizes[-1]:
                    others = [name for name in models if name != "model"]
                    jobs += [(name, rows, test, size, repeat, random_state) for name in others]
    return jobs


def _run(
    model: Any,
    X: pd.DataFrame,
    y: pd.Series,
    rows: tuple[np.ndarray, np.ndarray | None, np.ndarray | None],
    train: np.ndarray,
    test: np.ndarray,
    size: int,
    repeat: int,
    name: str,
    seed: int,
) -> _Run:
    """Fit and test one model.

    `rows` tells of each row what is resampled as a whole, its cycle if every cycle counts the same,
    and whether it is omitted.
    """
    unit, cycle, omitted = rows
    seeds = {
        key: seed
        for key in model.get_params(deep=True)
        if key == "random_state" or key.endswith("__random_state")
    }
    learned = X.iloc[train], y.iloc[train]
    with one_thread(), naming_lost_index(model, *learned):
        model = fit_on(model.set_params(**seeds), X, y, train, None, omitted)
        predicted = [np.asarray(model.predict(X.iloc[own]), np.float64) for own in (train, test)]
    if omitted is not None:
        kept = [~omitted[own] for own in (train, test)]
        predicted = [values[own] for values, own in zip(predicted, kept, strict=True)]
        train, test = train[kept[0]], test[kept[1]]
    square = [
        (values - y.iloc[own].to_numpy()) ** 2
        for values, own in zip(predicted, (train, test), strict=True)
    ]
    counts = [_counts(cycle, own) for own in (train, test)]
    by_unit = {
        int(one): _sums(square[1][unit[test] == one], counts[1][unit[test] == one])
        for one in np.unique(unit[test])
    }
    return _Run(size, repeat, name, _sums(square[0], counts[0]), by_unit)


def _counts(cycle: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    """What each of the rows counts for: one, or one over those of its cycle."""
    if cycle is None:
        return np.ones(len(rows))
    return np.asarray(1.0 / np.bincount(cycle[rows])[cycle[rows]])


def _sums(square: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    return float((counts * square).sum()), float(counts.sum())


def _table(runs: list[_Run]) -> pd.DataFrame:
    rows = [
        {
            "n_cycles": run.size,
            "repeat": run.repeat,
            "train_sum": run.train[0],
            "train_n": run.train[1],
            "test_sum": sum(total for total, _ in run.test.values()),
            "test_n": sum(n for _, n in run.test.values()),
        }
        for run in runs
    ]
    pooled = pd.DataFrame(rows).groupby(["n_cycles", "repeat"]).sum()
    rmse = pd.DataFrame(
        {part: np.sqrt(pooled[f"{part}_sum"] / pooled[f"{part}_n"]) for part in ("train", "test")}
    )
    by_size = rmse.groupby("n_cycles")
    spread = by_size.std(ddof=0).add_suffix("_std")
    return pd.concat([by_size.mean(), spread], axis=1)


def _compare(runs: list[_Run], sizes: list[int], random_state: int) -> pd.DataFrame:
    """RMSE with all training cycles, and with half of them; differences to the model's."""
    full, half = sizes[-1], _half(sizes)
    of_models = [run for run in runs if run.size == full and run.repeat == 0]
    groups = {
        name: [run for run in of_models if run.model == name]
        for name in ("model", "simpler", "more flexible")
    }
    if half < full:
        groups[HALF] = [run for run in runs if run.size == half and run.model == "model"]
    own = _squares_by_cycle(groups["model"])
    drawn = np.random.default_rng(random_state).integers(len(own), size=(RESAMPLES, len(own)))

    def resampled(table: np.ndarray) -> np.ndarray:
        total = table[drawn].sum(axis=1)
        return np.sqrt(total[:, 0] / total[:, 1])

    rows = {}
    for name, group in groups.items():
        table = _squares_by_cycle(group)
        rmse = [float(np.sqrt(one[:, 0].sum() / one[:, 1].sum())) for one in (table, own)]
        low, high = np.quantile(resampled(table) - resampled(own), [0.025, 0.975])
        rows[name] = {"rmse": rmse[0], "difference": rmse[0] - rmse[1], "low": low, "high": high}
    return pd.DataFrame(rows).T


def _squares_by_cycle(runs: list[_Run]) -> np.ndarray:
    """Sum of squared errors, and count, of each test cycle, (n_cycles, 2), over all repeats."""
    found = [(cycle, total, n) for run in runs for cycle, (total, n) in run.test.items()]
    table = pd.DataFrame(found, columns=["cycle", "total", "n"])
    return table.groupby("cycle")[["total", "n"]].sum().to_numpy(dtype=np.float64)


def _half(sizes: list[int]) -> int:
    """The size nearest to half of the largest."""
    return min(sizes, key=lambda size: abs(size - sizes[-1] / 2))


def _gain(table: pd.DataFrame, sizes: list[int]) -> float:
    """Relative fall of the test error from about half of the cycles to all."""
    return float(1.0 - table["test"].iloc[-1] / table["test"].loc[_half(sizes)])


def _verdict(references: pd.DataFrame, gain: float, tolerance: float) -> str:
    own = references["rmse"].to_dict()["model"]
    others = references.loc[["simpler", "more flexible"]]
    better = others[(others["high"] < 0) & (others["difference"] < -tolerance * own)]
    if len(better):
        return "overfit" if better["difference"].idxmin() == "simpler" else "underfit"
    low, high = references["low"].to_dict(), references["high"].to_dict()
    if low.get(HALF, 0.0) > 0 and gain > tolerance:
        return "more cycles would help"
    most = max(high.get(HALF, 0.0), 0.0)  # that the second half of the cycles may have gained
    if (others["low"] < -tolerance * own).any() or most > tolerance * (own + most):
        return "underpowered"
    return "irreducible"
