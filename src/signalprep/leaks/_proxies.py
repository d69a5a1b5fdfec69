"""The target, or something that stands for it, among the inputs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import rankdata

from signalprep.leaks._changes import as_numbers
from signalprep.leaks._disturb import floating
from signalprep.leaks._finding import Finding
from signalprep.leaks._in_sample import in_sample_findings
from signalprep.leaks._stages import Trace, names_of
from signalprep.log import clock, cycle_bounds
from signalprep.trial import Case

COPY = 0.999
"""Least share of the target's variance that a shifted and scaled copy of it explains."""
SURE_COPY = 0.9999
STANDS_FOR = 0.99
SAME_RATE = 1 - 1e-9
"""Of the target's steps: a current gives those of a charge nearly, and is a sensor."""
MOST_ROWS = 20_000
MOST_CYCLES = 8
MOST_FOLDS = 5
LEAVES = 64


class Match(NamedTuple):
    """How well a channel gives the target, and how many samples before (< 0) or after it is."""

    explained: float
    lag: int


def proxy_findings(case: Case) -> Iterator[Finding]:
    """Channels of X that are the target shifted or scaled, or that give it alone."""
    channels = _numeric(case.X)
    y = case.numbers()
    if np.ptp(y) == 0:
        return
    rows, bounds = _some_cycles(case.X)

    def search(k: int) -> tuple[Match, float, float, float]:
        values = case.X.iloc[:, k].to_numpy(dtype=np.float64)
        shown = values[rows], y[rows], bounds
        rates = _summed(y[rows], values[rows], bounds)
        return best_match(*shown), _alone(case, values, y, rows), _summed(*shown), rates

    jobs = (delayed(search)(k) for k in channels)
    found = Parallel(n_jobs=case.n_jobs, prefer="threads")(jobs)
    dt = clock(case.X.index)[0] or np.nan
    for k, (match, alone, summed, rates) in zip(channels, found, strict=True):
        name = str(case.X.columns[k])
        if match.explained >= COPY:
            yield Finding("leak", *_copy(case, "input", name, match, dt))
        elif alone >= STANDS_FOR:
            yield Finding(
                "leak" if alone >= COPY else "warning",
                "target_in_inputs",
                "input",
                name,
                alone,
                "R2 on unseen cycles",
                f"Channel {name!r} alone, bent or not, gives {_target(case)} on unseen cycles with "
                f"R2 {alone:.4f}: it may stand for the target.",
            )
        elif summed >= COPY or rates >= SAME_RATE:
            how = f"changes from row to row by {_target(case)}"
            if summed < COPY:
                how = f"is by how much {_target(case)} changes from row to row"
            yield Finding(
                "warning",
                "target_in_inputs",
                "input",
                name,
                max(summed, rates),
                "R2",
                f"Channel {name!r} {how}, scaled or not (R2 {max(summed, rates):.6f}): it may be "
                + ("its sum." if summed >= COPY else "its difference."),
            )
    yield from in_sample_findings(case, channels, [alone for _, alone, _, _ in found])
    yield from _together(case, channels, found)


def trace_proxy_findings(case: Case, trace: Trace) -> Iterator[Finding]:
    """Steps that give the target, although it is not among the inputs."""
    y = pd.Series(case.numbers(), case.y.index).reindex(trace.log.index).to_numpy()
    if np.ptp(y) == 0:
        return
    dt = clock(trace.log.index)[0] or np.nan
    if copied(trace.log, y, trace.bounds(0)) is not None:
        return  # told of the input already, and everything after derives from it
    for k, one in enumerate(trace.passed):
        found = None if one.stage.final else copied(one.out, y[one.rows], trace.bounds(k))
        if found is not None:
            place, match = found
            name, step = names_of(one.stage, one.out)[place], one.stage.name
            yield Finding("leak", *_copy(case, step, name, match, dt * one.stage.every))
            return


def copied(data: Any, y: np.ndarray, bounds: np.ndarray) -> tuple[int, Match] | None:
    """The first column that is the target, shifted or scaled."""
    numbers = as_numbers(data)
    for k in floating(data):
        match = best_match(numbers[:, k].astype(np.float64), y, bounds)
        if match.explained >= SURE_COPY:
            return k, match
    return None


def _copy(
    case: Case, step: str, name: str, match: Match, dt: float
) -> tuple[str, str, str, float, str, str]:
    if match.lag == 0:
        when = "at the same time"
    else:
        side = "earlier" if match.lag > 0 else "later"
        samples = abs(match.lag)
        when = f"{samples} {'sample' if samples == 1 else 'samples'} ({samples * dt:g} s) {side}"
    return (
        "target_in_inputs",
        step,
        name,
        match.explained,
        "R2",
        f"Channel {name!r} is {_target(case)} {when}, scaled or not (R2 {match.explained:.6f}).",
    )


def _target(case: Case) -> str:
    return f"the target {str(case.y.name)!r}"


def _numeric(X: pd.DataFrame) -> list[int]:
    return [k for k, dtype in enumerate(X.dtypes) if pd.api.types.is_numeric_dtype(dtype)]


def _some_cycles(X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rows of up to eight cycles spread over the log, and their borders."""
    borders = list(pairwise(cycle_bounds(X)))
    chosen = np.unique(np.linspace(0, len(borders) - 1, MOST_CYCLES).astype(int))
    rows = np.concatenate([np.arange(*borders[k]) for k in chosen])
    lengths = [borders[k][1] - borders[k][0] for k in chosen]
    return rows, np.concatenate([[0], np.cumsum(lengths)])


def best_match(x: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> Match:
    """Best affine fit of the target by the channel over all shifts up to half of a cycle."""
    if not np.isfinite(x).all():
        x = np.where(np.isfinite(x), x, np.nanmean(x) if np.isfinite(x).any() else 0.0)
    if np.ptp(x) == 0:
        return Match(0.0, 0)
    longest = int(np.diff(bounds).max())
    lags = {0}
    for pair in ((x, y), _differences(x, y, bounds)):
        lags.update(_correlated(*pair, bounds, longest // 2))
    near = sorted({lag + d for lag in lags for d in (-1, 0, 1)}, key=abs)
    matches = [Match(_explained(x, y, bounds, lag), lag) for lag in near]
    best = max(matches, key=lambda match: match.explained)
    # of shifts that do as well, the smallest: a slow target hardly changes within a sample
    return next(m for m in matches if 1 - m.explained <= 1.01 * (1 - best.explained) + 1e-12)


def _differences(x: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps from row to row, 0 at the start of a cycle: slow signals show their shift there."""
    dx, dy = np.diff(x, prepend=x[0]), np.diff(y, prepend=y[0])
    dx[bounds[:-1]] = dy[bounds[:-1]] = 0.0
    return dx, dy


def _summed(x: np.ndarray, y: np.ndarray, bounds: np.ndarray) -> float:
    """Share of the target's variance that the steps of the channel explain, now or a row off."""
    if not np.isfinite(x).all():
        return 0.0
    dx, _ = _differences(x, y, bounds)
    return max(_explained(dx, y, bounds, lag) for lag in (-1, 0, 1))


def _correlated(x: np.ndarray, y: np.ndarray, bounds: np.ndarray, most: int) -> list[int]:
    """Shift with the largest cross-correlation, summed over the cycles: x[t] ~ y[t - lag]."""
    n = next_fast_len(2 * int(np.diff(bounds).max()))
    total = np.zeros(n)
    for start, stop in pairwise(bounds):
        one, other = x[start:stop] - x[start:stop].mean(), y[start:stop] - y[start:stop].mean()
        total += irfft(rfft(one, n) * np.conj(rfft(other, n)), n)
    near = np.r_[0 : most + 1, n - most : n] if most else np.array([0])
    best = int(near[np.argmax(np.abs(total[near]))])
    return [best if best <= most else best - n]


def _explained(x: np.ndarray, y: np.ndarray, bounds: np.ndarray, lag: int) -> float:
    """Squared correlation of x[t] and y[t - lag] over the rows of all cycles that overlap."""
    pairs = []
    for start, stop in pairwise(bounds):
        one, other = x[start:stop], y[start:stop]
        if lag >= 0:
            pairs.append((one[lag:], other[: len(other) - lag]))
        else:
            pairs.append((one[:lag], other[-lag:]))
    a = np.concatenate([one for one, other in pairs if len(one) == len(other)])
    b = np.concatenate([other for one, other in pairs if len(one) == len(other)])
    if len(a) < 10 or np.ptp(a) == 0 or np.ptp(b) == 0 or 2 * len(a) < len(x):
        return 0.0
    return float(np.corrcoef(a, b)[0, 1] ** 2)


def _alone(case: Case, x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> float:
    """R2 on unseen cycles of a tree that sees one channel alone, or of the ranks of both."""
    by_tree = _score(case, x.reshape(-1, 1), y)
    one, other = x[rows], y[rows]
    if not np.isfinite(one).all() or np.ptp(one) == 0 or np.ptp(other) == 0:
        return by_tree
    ranks = rankdata(np.column_stack([one, other]), axis=0)
    return max(by_tree, float(np.corrcoef(ranks.T)[0, 1] ** 2))


def _score(case: Case, inputs: np.ndarray, y: np.ndarray, linear: bool = False) -> float:
    """R2 over the test rows of up to five folds, of a tree or a weighted sum."""
    from sklearn.linear_model import LinearRegression
    from sklearn.metrics import r2_score
    from sklearn.tree import DecisionTreeRegressor

    truth, prediction = [], []
    for train, test in (_thinned(fold) for fold in case.whole[:MOST_FOLDS]):
        given = inputs
        if not np.isfinite(inputs[np.concatenate([train, test])]).all():
            known = np.isfinite(inputs[train])
            sums = np.where(known, inputs[train], 0.0).sum(axis=0)
            given = np.where(np.isfinite(inputs), inputs, sums / np.maximum(known.sum(axis=0), 1))
        model: Any = (
            LinearRegression()
            if linear
            else DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=3, random_state=0)
        )
        prediction.append(model.fit(given[train], y[train]).predict(given[test]))
        truth.append(y[test])
    tested = np.concatenate(truth)
    return 0.0 if np.ptp(tested) == 0 else float(r2_score(tested, np.concatenate(prediction)))


def _thinned(fold: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a fold at even distances, as many as say enough."""
    train, test = fold
    return (
        train[:: max(1, len(train) // MOST_ROWS)],
        test[:: max(1, len(test) // MOST_ROWS)],
    )


def _together(
    case: Case, channels: list[int], found: list[tuple[Match, float, float, float]]
) -> Iterator[Finding]:
    """Inputs whose sum is the target although none is alone."""
    if not channels or any(max(match.explained, *others) >= COPY for match, *others in found):
        return
    inputs = case.X.iloc[:, channels].to_numpy(dtype=np.float64)
    explained = _score(case, inputs, case.numbers(), linear=True)
    if explained >= SURE_COPY:
        names = [str(case.X.columns[k]) for k in channels]
        yield Finding(
            "warning",
            "target_in_inputs",
            "input",
            ", ".join(names),
            explained,
            "R2 on unseen cycles",
            f"A weighted sum of the inputs is {_target(case)} on unseen cycles (R2 "
            f"{explained:.6f}): some of them may hold it together.",
        )
