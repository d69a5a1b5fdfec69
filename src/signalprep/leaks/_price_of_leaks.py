"""price_of_leaks: the same model under tests of growing honesty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import KFold

from signalprep._parameters import check_bootstrap
from signalprep._progress import track
from signalprep.errors import InvalidParameterError, SignalprepError
from signalprep.flow import taken
from signalprep.leaks._unseen_regime import predict_unseen_regimes
from signalprep.log import at_each_row
from signalprep.metrics import check_weight, overall_metrics, require_regressor
from signalprep.model_selection import ForwardCycleSplit
from signalprep.results import LeakPrices, Validation
from signalprep.trial import (
    SplitModel,
    as_omitted,
    label_regimes,
    one_thread,
    split_model,
    task_for,
)
from signalprep.validation import validate

HONEST = "unseen cycle"
NOT_QUOTABLE = ("random rows", "prepared on everything", "symmetric filters")
FAILED = {
    "random rows": "rows at random",
    "prepared on everything": "rows prepared so",
    "symmetric filters": "steps that look ahead",
    "later in time": "earlier cycles alone",
    "unseen regime": "what is left",
}


class _DoesNotApplyError(Exception):
    """A test that says nothing about this model; its words are the note."""


def price_of_leaks(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    *,
    regimes: Any = None,
    holdout: str | None = None,
    context: pd.DataFrame | None = None,
    cv: Any = None,
    groups: Any = None,
    weight: str = "row",
    omit: Any = None,
    n_splits: int = 5,
    n_jobs: int | None = None,
    n_bootstrap: int = 1000,
    confidence: float = 0.95,
    random_state: int = 0,
    progress: bool | None = None,
) -> LeakPrices:
    """Score one model with each of the usual leaks, without any, and under harder tests.

    Every row of the table answers "what would I have reported, had I tested like this?":

    - random rows: features made from the whole log, then rows split at random;
    - prepared on everything: every step before the model fitted on the whole log, cycles split;
    - symmetric filters: every step with ``causal=True`` looks ahead, cycles split;
    - unseen cycle: whole cycles held out, every step fitted on training cycles (:func:`validate`);
    - later in time: trained on earlier cycles, tested on later ones;
    - unseen regime: tested where neither the cycle nor the regime was seen in training.

    Parameters
    ----------
    estimator : regressor or pipeline
        Unfitted; cloned for every fit.
    X : DataFrame of shape (n_samples, n_signals)
        A log indexed by (cycle, time).
    y : Series or array of shape (n_samples,)
        The target.
    regimes : RegimeBinner, dict, Series or DataFrame, default=None
        The operating map, as for :func:`validate`; None leaves the unseen regime out.
    holdout : str, default=None
        The regime variable whose labels are held out one by one; None: the first.
    context : DataFrame, default=None
        Signals that `regimes` bins and the model must not see.
    cv : int or splitter, default=None
        How cycles are split; None is ``CycleKFold(n_splits)``.
    groups : dict, Series or callable, default=None
        What belongs together, as for :func:`validate`: all tests keep groups whole, apart from
        "random rows", and all intervals resample them. None: what `cv` keeps ``together``.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle, however many
        rows of it are tested.
    omit : Series or array of bool of shape (n_samples,), default=None
        Rows whose target is not to be believed, as :func:`validate` takes it: out of every fit and
        every score.
    n_splits : int, default=5
        Folds of the other tests; fewer where there are fewer `groups`.
    n_jobs : int or None, default=None
        Processes over the folds of a test. None or 1 takes one core: OpenMP, whose team of threads
        gradient boosting opens for every tree, is held to one thread.
    n_bootstrap, confidence : default=1000, 0.95
        Of the intervals over cycles.
    random_state : int, default=0
        Seed of the random rows and of the bootstrap.
    progress : bool, default=None
        Whether to show a bar when it takes longer than two seconds; None: on a terminal.

    Returns
    -------
    prices : LeakPrices
        ``prices.table`` and ``prices.plot()``.

    Raises
    ------
    InvalidParameterError
        A classifier, `holdout` is no regime variable or has a single label, `random_state` no int,
        `n_splits` below 2, an unknown `weight`.
    LeakError, LostIndexError, InvalidLogError
        The honest test refuses the model or the log: see :func:`validate`.

    Notes
    -----
    The tests do not score the same rows: "later in time" cannot test the first cycles, and a model
    inside AtRate is scored at its own rate where its steps are taken apart ("random rows",
    "prepared on everything", "unseen regime"). ``n`` says how many. For the unseen regime the steps
    see whole cycles, so that a filter does not start anew where a regime is left, and the model
    learns from no row of it; :class:`~signalprep.RegimeHoldout` is the splitter for the same.
    A test that fails with this model, as for want of cycles, is left out; its note says why.
    Intervals resample whole cycles throughout, so they are comparable; that of random rows is as
    narrow as it looks only to those who believe it. Cost: about five times that of one
    :func:`validate`, and `n_splits` fits a held-out label.

    References
    ----------
    S. Kaufman, S. Rosset, C. Perlich, O. Stitelman, "Leakage in data mining: formulation,
    detection, and avoidance", ACM Transactions on Knowledge Discovery from Data 6(4), 2012,
    doi:10.1145/2382577.2382579.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=1.0, random_state=0)
    >>> X, y = log[["i_d", "i_q", "omega_m", "T_coolant"]], log["T_pm"]
    >>> model = sp.make_pipeline(sp.ExponentialFeatures(["2min"]), KNeighborsRegressor())
    >>> prices = sp.price_of_leaks(model, X, y, n_splits=3, n_bootstrap=100)
    >>> bool(prices.table.loc["random rows", "relative"] < 0.5)
    True
    """
    _check_parameters(estimator, random_state, n_splits)
    check_weight(weight)
    check_bootstrap(n_bootstrap, confidence, 1, random_state, n_jobs)
    task_for(estimator, y)
    bootstrap: dict[str, Any] = {
        "n_bootstrap": n_bootstrap,
        "confidence": confidence,
        "random_state": random_state,
        "weight": weight,
    }
    options: dict[str, Any] = {
        "n_jobs": n_jobs,
        "progress": False,
        "random_state": random_state,
        "n_bootstrap": 0,
        "groups": groups,
    }
    cv = n_splits if cv is None else cv
    with one_thread():
        given = options | {"omit": omit, "progress": progress}
        honest = validate(estimator, X, y, cv=cv, **given)
    omitted = as_omitted(omit, X)
    options |= {"groups": honest.groups, "omit": omitted}
    X, truth = _without_attrs(X), _without_attrs(_target(X, y))  # the honest test has read them
    tests = _Tests(estimator, X, truth, cv, n_splits, options, split_model(estimator, X, truth))
    held_out = _held_out(regimes, holdout, X, truth, context, omitted)
    by_name: dict[str, Callable[[], pd.DataFrame]] = {
        "random rows": tests.random_rows,
        "prepared on everything": tests.prepared_on_everything,
        "symmetric filters": tests.symmetric_filters,
        HONEST: lambda: honest.predictions,
        "later in time": tests.later_in_time,
        "unseen regime": lambda: tests.unseen_regime(held_out),
    }
    predictions, notes = {}, dict.fromkeys(by_name, "")
    for name, test in track(by_name.items(), len(by_name), "price of leaks", progress):
        try:
            with one_thread():
                predictions[name] = test()[["truth", "prediction"]]
        except _DoesNotApplyError as why:
            notes[name] = str(why)
        except ValueError as error:  # what is wrong everywhere, the honest test has raised
            notes[name] = f"fails on {FAILED[name]}: {_in_a_line(error)}"
    return LeakPrices(
        table=_table(predictions, notes, bootstrap | {"groups": honest.groups, "n_jobs": n_jobs}),
        predictions=predictions,
        target=honest.target,
        unit=honest.error_unit,
        settings={"cv": repr(cv), "n_splits": n_splits, **bootstrap},
    )


@dataclass(frozen=True)
class _Tests:
    """The tests but the honest one, each giving truth and prediction of the rows it tests."""

    estimator: Any
    X: pd.DataFrame
    y: pd.Series
    cv: Any
    n_splits: int
    options: dict[str, Any]
    whole: SplitModel

    def random_rows(self) -> pd.DataFrame:
        seed = self.options["random_state"]
        found = self._prepared(KFold(self.n_splits, shuffle=True, random_state=seed))
        if found.steps[["lookahead", "memory"]].to_numpy().any():
            raise _DoesNotApplyError("the model itself sees neighbouring rows")
        return found.predictions

    def prepared_on_everything(self) -> pd.DataFrame:
        if not self.whole.before.steps:
            raise _DoesNotApplyError("no step comes before the model")
        return self._prepared(self.cv).predictions

    def symmetric_filters(self) -> pd.DataFrame:
        estimator = symmetric(self.estimator)
        return validate(estimator, self.X, self.y, cv=self.cv, **self.options).predictions

    def later_in_time(self) -> pd.DataFrame:
        cv = ForwardCycleSplit(self._n_splits(1))
        return validate(self.estimator, self.X, self.y, cv=cv, **self.options).predictions

    def unseen_regime(self, labels: pd.Series | None) -> pd.DataFrame:
        if labels is None:
            raise _DoesNotApplyError("regimes= is not given")
        jobs = {name: self.options[name] for name in ("n_jobs", "groups", "omit")}
        jobs["n_splits"] = self._n_splits(0)
        return predict_unseen_regimes(self.estimator, self.X, self.y, labels, **jobs)

    def _n_splits(self, kept: int) -> int:
        """Folds where so many groups are never tested: fewer where there are few groups."""
        groups = self.options["groups"]
        return self.n_splits if groups is None else min(self.n_splits, groups.nunique() - kept)

    def _prepared(self, splitter: Any) -> Validation:
        """The model alone on features made from the whole log."""
        features, model = self.whole.features, clone(self.whole.model)
        given = {"cv": splitter, "allow_leak": True, **self.options}
        given["omit"] = taken(given["omit"], features.rows)
        return validate(model, features.X, features.y, **given)


def _check_parameters(estimator: Any, random_state: Any, n_splits: Any) -> None:
    if isinstance(n_splits, bool) or not isinstance(n_splits, (int, np.integer)) or n_splits < 2:
        raise InvalidParameterError(f"n_splits must be an int of at least 2; got {n_splits!r}")
    if isinstance(random_state, bool) or not isinstance(random_state, (int, np.integer)):
        raise InvalidParameterError(f"random_state must be an int; got {random_state!r}")
    require_regressor(estimator)


def symmetric(estimator: Any) -> Any:
    """A clone whose steps look ahead where they can."""
    causal = [
        name
        for name, value in estimator.get_params(deep=True).items()
        if (name == "causal" or name.endswith("__causal")) and value is True
    ]
    if not causal:
        raise _DoesNotApplyError("no step is causal by a parameter")
    return clone(estimator).set_params(**dict.fromkeys(causal, False))


def _target(X: pd.DataFrame, y: Any) -> pd.Series:
    if isinstance(y, pd.DataFrame):
        y = y.iloc[:, 0]
    y = at_each_row(y, X, "y")
    return y if isinstance(y, pd.Series) else pd.Series(np.asarray(y), index=X.index, name="target")


def _without_attrs(data: Any) -> Any:
    bare = data.copy(deep=False)
    bare.attrs = {}
    return bare


def _held_out(
    regimes: Any,
    holdout: str | None,
    X: pd.DataFrame,
    y: pd.Series,
    context: pd.DataFrame | None,
    omitted: np.ndarray | None,
) -> pd.Series | None:
    """The label that each row has of the variable to hold out."""
    labels, _ = label_regimes(regimes, X, y, context, omitted)
    if labels is None:
        return None
    name = labels.columns[0] if holdout is None else str(holdout)
    if name not in labels.columns:
        raise InvalidParameterError(
            f"holdout must be one of {', '.join(map(repr, labels.columns))}; got {holdout!r}"
        )
    found = labels[name].dropna().unique()
    if len(found) < 2:
        raise InvalidParameterError(
            f"regimes must have two labels at least, to train on one and test another; got "
            f"{', '.join(map(str, found))} of {name!r}"
        )
    return labels[name]


def _in_a_line(error: ValueError) -> str:
    """Its words, of many lines the first and the last; after its class where it is not ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    words = " ... ".join(dict.fromkeys([*lines[:1], *lines[-1:]]))
    return words if isinstance(error, SignalprepError) else f"{type(error).__name__}: {words}"


def _table(
    predictions: dict[str, pd.DataFrame], notes: dict[str, str], bootstrap: dict[str, Any]
) -> pd.DataFrame:
    rows = {
        name: overall_metrics(found["truth"], found["prediction"], **bootstrap)
        for name, found in predictions.items()
    }
    table = pd.DataFrame(rows).T.reindex(list(notes))
    table = table.drop(columns=["share", "evidence", "weak"]).astype(np.float64)
    table["honest"] = [name not in NOT_QUOTABLE for name in notes]
    table["relative"] = table["rmse"] / float(rows[HONEST]["rmse"])
    table["note"] = pd.Series(notes)
    table.index.name = "test"
    return table
