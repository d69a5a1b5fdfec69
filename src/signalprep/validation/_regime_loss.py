"""regime_loss: what a quantized model costs in every cell of the operating map."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep._parameters import check_bootstrap
from signalprep._version import versions
from signalprep.errors import InvalidParameterError
from signalprep.log import cycles, groups_of_cycles
from signalprep.metrics import check_weight
from signalprep.results import RegimeLoss, check_loss_limits, compare, judge_loss, loss_tables
from signalprep.trial import check_data, fitted_on, label_regimes, one_line, task_for
from signalprep.validation._fitted_errors import Teller, predictions_of, shared_of
from signalprep.validation._saturation import saturation_of

NAMES = ("quantized", "reference")


def regime_loss(
    reference: Any,
    quantized: Any,
    X: pd.DataFrame,
    y: Any,
    regimes: Any = None,
    *,
    limits: Mapping[str, Any] | None = None,
    strict: bool = False,
    context: pd.DataFrame | None = None,
    groups: Any = None,
    weight: str = "row",
    min_cycles: int = 3,
    n_bootstrap: int = 1000,
    confidence: float = 0.95,
    random_state: int | np.random.RandomState | None = 0,
    n_jobs: int | None = None,
) -> RegimeLoss:
    """Tell what a quantized model loses against the model it stands for, and where.

    Both predict the same rows. In every cell of the operating map there stand side by side the
    error of each against the truth, the difference of the two with an interval over paired cycles,
    the error of one against the other, and the share of rows in which something saturates. Nothing
    is fitted.

    Parameters
    ----------
    reference : fitted estimator
        Such as the pipeline that was lowered.
    quantized : fitted estimator or IntegerModel
        What stands for it: anything that predicts in the unit of the target. Of an
        :class:`~signalprep.embedded.IntegerModel`, or what holds one as ``integer_``, saturation is
        counted too.
    X : DataFrame of shape (n_samples, n_signals)
        A log indexed by (cycle, time), best of cycles that neither has learned from; those that
        one has are told.
    y : Series or array of shape (n_samples,)
        The target: finite numbers, for classifiers labels.
    regimes : RegimeBinner, dict, Series or DataFrame, default=None
        The operating map, as :func:`~signalprep.validate` takes it.
    limits : mapping of str to float or str, or to a mapping of cells to these, default=None
        How much may be lost over all rows and in each cell: how much larger ``rmse``, ``mae``,
        ``p95``, ``max`` or the size of ``bias`` may be, how much smaller ``r2``; for labels
        ``accuracy`` and the other scores. A number is in the unit of the error, a text such as
        "5 %" a share of the reference's error. A mapping gives the limit of each cell by its label
        in `by_regime`, and that of all rows as "overall".
    strict : bool, default=False
        Whether cells without evidence make the answer "cannot tell", too.
    context : DataFrame, default=None
        Signals that `regimes` bins and the models do not see.
    groups : dict, Series or callable, default=None
        What is resampled as a whole and counts as evidence: the group of each cycle by its id, or a
        function of the id. None: single cycles.
    weight : {"row", "cycle"}, default="row"
        How errors are averaged: "row" counts every row the same, "cycle" every cycle. Saturation is
        counted in rows.
    min_cycles : int, default=3
        A cell seen by fewer cycles (groups) has no evidence.
    n_bootstrap : int, default=1000
        Resamples of the cycles.
    confidence : float, default=0.95
        Level of the intervals.
    random_state : int, RandomState or None, default=0
        Seed of the resampling.
    n_jobs : int, default=None
        Threads of the bootstrap.

    Returns
    -------
    loss : RegimeLoss
        Its ``answer`` is what :func:`~signalprep.embedded.export_c` looks at.

    Raises
    ------
    InvalidLogError
        `X` is no log or of a single cycle, `y`, `regimes` or `context` do not belong to its rows,
        or predictions are not one finite value a row.
    InvalidParameterError
        An unknown metric or cell in `limits`, a share of a score, an option out of its range, or
        several targets.

    Notes
    -----
    A cell passes when the whole interval of its loss keeps the limit and fails when the whole
    interval is beyond, as in :meth:`Validation.verdict`. A share s is judged by the interval of the
    error less (1 + s) times the reference's, over the same resamples: a cycle that is hard for
    one is hard for the other, and drops out. A negative loss keeps every limit.

    Classifiers are compared by the classes that they give: integers have no probabilities, so the
    log loss is not known.

    Cost: one prediction of each, and the bootstrap of two validations, of a comparison, and of one
    more for each share.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> from signalprep.embedded import Format, lower
    >>> log = sp.datasets.simulate_pmsm(n_cycles=12, rate=0.2, random_state=0)
    >>> X, y = log[["omega_m", "T_m", "T_coolant"]], log["T_pm"]
    >>> known, unseen = sp.cycles(X)[:6], sp.cycles(X)[6:]
    >>> model = sp.make_pipeline(sp.Scaler(), Ridge()).fit(X.loc[known], y.loc[known])
    >>> integers = lower(model, {name: Format(0.05) for name in X})
    >>> loss = sp.regime_loss(
    ...     model, integers, X.loc[unseen], y.loc[unseen], {"omega_m": [-1, 400, 5000]},
    ...     limits={"rmse": "1 %"})
    >>> loss.answer, list(loss.table().columns[5:8])
    ('pass', ['reference', 'quantized', 'loss'])
    """
    start = time.perf_counter()
    check_weight(weight)
    check_bootstrap(n_bootstrap, confidence, min_cycles, random_state, n_jobs)
    task = task_for(reference, y)
    if limits is not None:
        check_loss_limits(limits, task.result.task)
    _check_predicts(quantized)
    X, y, units, _ = check_data(X, y, task, reference)
    labels, _ = label_regimes(regimes, X, y, context)
    bootstrap: dict[str, Any] = {
        "n_bootstrap": n_bootstrap,
        "confidence": confidence,
        "min_cycles": min_cycles,
        "random_state": random_state,
        "weight": weight,
    }
    drawn = bootstrap | {"n_jobs": n_jobs}
    settings: dict[str, Any] = {"cv": "none: fitted before", "regimes": one_line(regimes)}
    settings |= bootstrap | {"random_state": repr(random_state)}
    truth = y.to_numpy()
    by_quantized, by_reference = (
        predictions_of(model, name, X, task)
        for model, name in zip((quantized, reference), NAMES, strict=True)
    )
    grouped = None if groups is None else groups_of_cycles(groups, cycles(X))
    shared = shared_of(reference, X, y, task) | {
        "regimes": labels, "groups": grouped, "units": units, "settings": settings,
    }  # fmt: skip
    labelled = np.concatenate([truth, by_quantized, by_reference])
    tell = Teller(X, task, labelled, drawn, shared)
    own, other = tell(truth, by_quantized), tell(truth, by_reference)
    between = tell(by_reference, by_quantized)
    comparison = compare(own, other, names=NAMES, **drawn)
    saturated = saturation_of(quantized, X, labels, own.by_regime)
    verdict = None if limits is None else judge_loss(comparison, own, other, limits, strict, drawn)
    overall, by_regime = loss_tables(comparison, between, own, saturated.anything)
    settings |= {"seconds": round(time.perf_counter() - start, 2), "versions": versions()}
    return RegimeLoss(
        overall=overall,
        by_regime=by_regime,
        saturation=saturated.overall,
        saturation_by_regime=saturated.by_regime,
        verdict=verdict,
        reference=other,
        quantized=own,
        between=between,
        comparison=comparison,
        trained_on=_trained_on(reference, quantized, X),
        settings=settings,
    )


def _check_predicts(quantized: Any) -> None:
    if not hasattr(quantized, "predict"):
        raise InvalidParameterError(
            f"quantized must have predict; {type(quantized).__name__} has none: pass what lower "
            "returns, or a fitted estimator"
        )


def _trained_on(reference: Any, quantized: Any, X: pd.DataFrame) -> pd.Index:
    """Ids of those cycles that one of the two has learned from."""
    ids = cycles(X)
    integer = getattr(quantized, "integer_", quantized)
    seen = ids.isin(getattr(integer, "training_cycles_", []))
    for _, learned in fitted_on(reference, ids):
        seen |= ids.isin(learned)
    return ids[seen]
