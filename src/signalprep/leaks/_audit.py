"""audit: whether a validation's number can be true, found by trying it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from signalprep._parameters import check_count, check_jobs, check_seed
from signalprep._progress import track
from signalprep._version import versions
from signalprep.errors import InvalidParameterError
from signalprep.leaks._carried import carried_findings
from signalprep.leaks._clipped import clip_findings
from signalprep.leaks._duplicate_checks import duplicate_findings
from signalprep.leaks._encoded import encoded_findings
from signalprep.leaks._filled import filled_findings
from signalprep.leaks._finding import Finding, findings_table
from signalprep.leaks._fitting import fit_and_trace
from signalprep.leaks._held_checks import statistics_findings
from signalprep.leaks._held_rows import held_row_findings
from signalprep.leaks._input_checks import identifier_findings, scale_findings
from signalprep.leaks._preparation import preparation_findings
from signalprep.leaks._prepare import check_preparation
from signalprep.leaks._proxies import proxy_findings, trace_proxy_findings
from signalprep.leaks._split_checks import (
    inner_findings,
    overlap_findings,
    regime_findings,
    shared_findings,
)
from signalprep.leaks._stages import Trace
from signalprep.leaks._step_checks import (
    bleeding_findings,
    index_findings,
    log_findings,
    lookahead_findings,
    memory_findings,
)
from signalprep.leaks._whole_cycle import whole_cycle_findings
from signalprep.log import is_log
from signalprep.log import lookahead as look_ahead_of
from signalprep.model_selection import as_splitter, split
from signalprep.results import LEFT_OUT, Audit
from signalprep.trial import Case, check_data, one_line, task_for


class Check(NamedTuple):
    """A check by name; the second kind also gets the fitted steps."""

    name: str
    of_case: Callable[[Case], Iterator[Finding]] | None = None
    of_trace: Callable[[Case, Trace], Iterator[Finding]] | None = None


CHECKS = (
    Check("cycles on both sides of a fold", shared_findings),
    Check("near-duplicate cycles across folds", duplicate_findings),
    Check("overlap in time across folds", overlap_findings),
    Check("regimes that training never saw", regime_findings),
    Check("folds inside the estimator", inner_findings),
    Check("columns that number rows or cycles", identifier_findings),
    Check("inputs scaled on all rows", scale_findings),
    Check("inputs clipped by all rows", clip_findings),
    Check("gaps filled by all rows", filled_findings),
    Check("columns encoded by the target", encoded_findings),
    Check("columns that know the whole cycle", whole_cycle_findings),
    Check("columns carried over borders or made of later rows", carried_findings),
    Check("the target among the inputs", proxy_findings),
    Check("a log that looks ahead", log_findings),
    Check("preparation of raw", preparation_findings),
    Check("index lost between steps", None, index_findings),
    Check("steps that see other cycles", None, bleeding_findings),
    Check("steps that look ahead", None, lookahead_findings),
    Check("steps that remember longer than they claim", None, memory_findings),
    Check("steps that hold statistics of test rows", None, statistics_findings),
    Check("steps that hold test rows or tables of them", None, held_row_findings),
    Check("the target made by a step", None, trace_proxy_findings),
)


def audit(
    estimator: Any,
    X: pd.DataFrame,
    y: Any,
    *,
    cv: Any = None,
    regimes: Any = None,
    context: pd.DataFrame | None = None,
    raw: pd.DataFrame | None = None,
    prepare: Any = None,
    lookahead: int = 0,
    checks: Mapping[str, bool] | Iterable[str] | None = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = 0,
    progress: bool | None = None,
) -> Audit:
    """Look for whatever would make a validation promise more than an unseen cycle will keep.

    The pipeline is fitted on the first fold and tried: its steps are given single cycles, another
    future, another past, gaps and spikes, and what comes out is compared, with what each step
    claims where it claims anything. Any scikit-learn estimator will do.

    Parameters
    ----------
    estimator : regressor, classifier or pipeline
        Unfitted; a clone is fitted.
    X : DataFrame of shape (n_samples, n_signals)
        A log indexed by (cycle, time): what the model may see.
    y : Series or array of shape (n_samples,)
        The target: numbers, for a classifier labels. A series must carry the index of `X`.
    cv : int, splitter or iterable of (train, test), default=None
        As for :func:`signalprep.validate`; here a row may be tested by several folds.
    regimes : RegimeBinner, dict, Series or DataFrame, default=None
        The operating map, to find cells that a fold tests and never trains on.
    context : DataFrame, default=None
        Signals that `regimes` bins and the model must not see, with the index of `X`.
    raw : DataFrame, default=None
        The log from which `X` was prepared, given with `prepare`.
    prepare : callable or transformer, default=None
        Gives `X` from `raw`: ``prepare(raw)``, ``prepare(raw, y)`` for a function with two
        arguments that must be given, ``prepare.fit_transform(raw, y)`` for a transformer or a
        pipeline, whose steps are then told apart. It is run some thirty times. `y` is None unless
        `raw` has the rows of `X`.
    lookahead : int, default=0
        Samples by which the whole pipeline may look ahead, that of the log
        (:func:`signalprep.lookahead`) included, for a model that runs offline or with a delay. A
        step that looks farther than it claims is a leak all the same.
    checks : dict or list of str, default=None
        Checks to be done, by their names in ``audit.checks``, as a list; or those to leave out, as
        a dict of False. None: all. What is left out is told by the table and the page.
    n_jobs : int or None, default=None
        Threads over steps and channels.
    random_state : int, RandomState instance or None, default=0
        Seed of the moments at which past and future are parted.
    progress : bool, default=None
        Whether to show a bar when it takes longer than two seconds; None: on a terminal.

    Returns
    -------
    audit : Audit

    Raises
    ------
    InvalidLogError
        `X` is no log, has a single cycle, or `y`, `regimes`, `context` do not belong to its rows.
    InvalidParameterError
        ``prepare(raw)`` does not give `X`, one of the two is missing, `checks` names one that does
        not exist, or `cv` gives no fold or an empty one.

    Notes
    -----
    Kinds of findings: "shared_cycles", "duplicate_cycles", "repeated_rows", "same_course",
    "time_overlap", "unseen_regime", "inner_folds", "identifier", "scaled_before_split",
    "clipped_before_split", "target_in_inputs", "lost_index", "bleeding", "lookahead", "memory",
    "test_statistics", "feature_selection", "not_probed". ``audit.checks`` lists the checks; the
    user guide says what each looks at ("Can the number be believed?").

    `raw` and `prepare` are tried as steps are: other test rows, test cycles cut, with another
    future, with spikes and gaps beside a moment, and with another target. What a step or `prepare`
    holds (frames, arrays, tables by key; in parameters, closures, globals) is compared with test
    rows, and counts where other numbers in its place change what comes out, or what fit learns.

    What cannot be seen: what was done to `X` before the call is seen only where it left traces
    (scales, limits and filled gaps exact over all rows; levels that are means of the target;
    columns that count; copies of the target, whole or in bins; predictions for rows that a model
    has learned from; lengths, ends and statistics of whole cycles, and what is counted from them;
    sums, means, shifts and differences of another column over cycle borders or of later rows).
    Features selected with all rows, outliers replaced by thresholds of all rows, or gaps filled
    from later samples leave none: give `raw` and `prepare`. Nor is seen what a preparation looks up
    by itself in a file, copies of short drives that were averaged or moved in time
    (:func:`signalprep.group_near_duplicates`), and pieces of one recording whose times start anew
    and that begin or end at rest. A single fold (the first) is fitted; rare branches of a step that
    neither the log nor the altered rows reach stay unseen, and a look-ahead is "at least" what was
    measured. Whether an input that gives the target nearly alone is a leak or good physics is for
    the user to say: nearly means R2 of 0.99 (a warning) or 0.999 (a leak) on unseen cycles. A copy
    of the target so noisy or smoothed that it stays below cannot be told from a good sensor.

    Cost: one fit, some 80 passes of one cycle through each step, one correlation by FFT and one
    small tree for each channel, a forest on up to 4,000 rows for each of three that give the target
    nearly alone; with `prepare`, some thirty runs of it; where the estimator holds test rows, up to
    four more fits.

    Examples
    --------
    >>> import signalprep as sp
    >>> from sklearn.linear_model import Ridge
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=1.0, duration=(90, 150), random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> sp.audit(sp.make_pipeline(sp.Scaler(), Ridge()), X, y, cv=3).ok
    True
    >>> found = sp.audit(Ridge(), X.assign(before=y.groupby("cycle").shift(3).bfill()), y, cv=3)
    >>> found.findings.loc[0, ["severity", "kind", "channel"]].tolist()
    ['leak', 'target_in_inputs', 'before']
    """
    start = time.perf_counter()
    check_count("lookahead", lookahead, 0, " samples")
    check_seed(random_state)
    check_jobs(n_jobs)
    left_out = _left_out(checks)
    ahead = max(look_ahead_of(X), look_ahead_of(y))
    X, y, units, _ = check_data(X, y, task_for(estimator, y), estimator)
    splitter = as_splitter(cv)
    case = Case(
        estimator=estimator,
        X=X,
        y=y,
        folds=split(splitter, X, y, once=False),
        cv=one_line(splitter) if hasattr(splitter, "split") else "cv",
        regimes=regimes,
        context=context,
        raw=_without_attrs(raw),
        prepare=prepare,
        lookahead=int(lookahead),
        ahead=ahead,
        n_jobs=n_jobs,
        seed=int(check_random_state(random_state).randint(2**31 - 1)),
        units=units,
    )
    check_preparation(case)
    findings, done = _run(case, left_out, progress)
    settings = {"cv": case.cv, "n_folds": len(case.folds), "lookahead": case.lookahead}
    settings |= {"random_state": repr(random_state)}
    settings |= {"seconds": round(time.perf_counter() - start, 2), "versions": versions()}
    name = "target" if y.name is None else str(y.name)
    return Audit(findings_table(findings), done, name, settings)


def _left_out(checks: Mapping[str, bool] | Iterable[str] | None) -> set[str]:
    """Names of the checks that are not wanted."""
    if checks is None:
        return set()
    names = [check.name for check in CHECKS]
    wanted = [checks] if isinstance(checks, str) else list(checks)
    for name in wanted:
        if name not in names:
            raise InvalidParameterError(
                f"checks must name checks of the audit ({', '.join(map(repr, names))}); "
                f"got {name!r}"
            )
    if isinstance(checks, Mapping):
        return {name for name, done in checks.items() if not done}
    return set(names) - set(wanted)


def _run(
    case: Case, left_out: set[str], progress: bool | None
) -> tuple[list[Finding], pd.DataFrame]:
    """All checks, one after the other."""
    fits = any(check.of_trace is not None and check.name not in left_out for check in CHECKS)
    trace = fit_and_trace(case) if fits else None
    findings = [trace] if isinstance(trace, Finding) else []
    rows = []
    for check in track(CHECKS, len(CHECKS), "checks", progress):
        note = LEFT_OUT if check.name in left_out else _not_done(case, check, trace)
        found: list[Finding] = []
        if note:
            pass
        elif check.of_case is not None:
            found = list(check.of_case(case))
        elif check.of_trace is not None and isinstance(trace, Trace):
            found = list(check.of_trace(case, trace))
        findings += found
        rows.append((check.name, len(found), note))
    return findings, pd.DataFrame(rows, columns=["check", "findings", "note"])


def _not_done(case: Case, check: Check, trace: Trace | Finding | None) -> str:
    """Why a check is left out; "" when it is done."""
    if check.of_trace is not None and isinstance(trace, Finding):
        return "the pipeline does not run without the index"
    if check.of_case is regime_findings and case.regimes is None:
        return "no regimes given"
    if check.of_case is preparation_findings and case.raw is None:
        return "no raw and prepare given"
    return ""


def _without_attrs(raw: pd.DataFrame | None) -> pd.DataFrame | None:
    """The log without its attrs, which pandas copies deeply at every slice."""
    if raw is None or not is_log(raw):
        return raw
    raw = raw.copy(deep=False)
    raw.attrs = {}
    return raw
