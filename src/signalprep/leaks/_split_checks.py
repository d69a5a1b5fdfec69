"""What the folds give away: cycles on both sides, copies, overlaps, cells never trained on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv

from signalprep.flow import Handed, tree, walk
from signalprep.leaks._duplicate_checks import parted_cycles
from signalprep.leaks._finding import Finding
from signalprep.leaks._touching import between_neighbours, touching_by_clock, touching_by_values
from signalprep.log import cycle_bounds, cycles, sample_time, shown, time_in_seconds
from signalprep.model_selection import (
    CycleKFold,
    listed,
    shared_cycles,
    split,
)
from signalprep.trial import Case, cell_names, label_regimes

TOLD = 0.25
"""Part of the target's variance within pieces of a recording that a line between the pieces beside
them gives: more than a start that is known."""


def shared_findings(case: Case) -> Iterator[Finding]:
    """Folds that train on rows of the cycles they test."""
    for k, positions in enumerate(case.shared):
        if len(positions):
            tested = case.cycle_of_row()[case.folds[k][1]]
            share = float(np.isin(tested, positions).mean())
            n_folds = sum(1 for shared in case.shared if len(shared))
            yield Finding(
                "leak",
                "shared_cycles",
                "cv",
                "",
                share,
                "share of test rows",
                f"{case.cv} splits cycles: fold {k} trains on rows of "
                f"{listed(cycles(case.X)[positions])}, which it also tests "
                f"({100 * share:.3g} % of its test rows; {n_folds} of {len(case.folds)} folds). "
                "The other checks use folds of whole cycles.",
            )
            return


def overlap_findings(case: Case) -> Iterator[Finding]:
    """Cycles on both sides of a fold recorded at one time, or that are pieces of one recording."""
    if len(cycle_bounds(case.X)) > len(case.X):
        return  # cycles of one row last no time
    spans = _spans(case.X)
    apart = parted_cycles(case)
    if spans is None:
        yield from _of_pieces(case, apart, touching_by_values(case))
        return
    pairs = [
        (float(min(spans[a, 1], spans[b, 1]) - max(spans[a, 0], spans[b, 0])), a, b)
        for a in range(len(spans))
        for b in range(a + 1, len(spans))
        if apart[a, b] and spans[a, 0] <= spans[b, 1] and spans[b, 0] <= spans[a, 1]
    ]
    if not pairs:
        touching = touching_by_clock(spans, sample_time(case.X))
        yield from _of_pieces(case, apart, touching or touching_by_values(case))
        return
    same = [pair for pair in pairs if _same_rows(case.X, pair[1], pair[2])]
    seconds, a, b = max(same or pairs)
    ids = cycles(case.X)
    also = f" ({len(same or pairs)} such pairs)" if len(same or pairs) > 1 else ""
    yield Finding(
        "leak" if same else "warning",
        "time_overlap",
        "cv",
        "",
        seconds,
        "s",
        f"Cycles {shown(ids[a])} and {shown(ids[b])} overlap by {seconds:.6g} s of the clock and "
        f"lie on both sides of a fold{also}"
        + (", with the same values at the same time." if same else "."),
    )


def _of_pieces(case: Case, apart: np.ndarray, touching: list[tuple[int, int]]) -> Iterator[Finding]:
    """Pieces of one recording that a fold parts."""
    parted = [(a, b) for a, b in touching if apart[a, b]]
    if not parted:
        return
    ids, (a, b) = cycles(case.X), parted[0]
    also = f"; {len(parted)} such pairs" if len(parted) > 1 else ""
    known = between_neighbours(case, parted)
    told = ""
    if known >= TOLD:
        told = f" What lies beside a piece tells of the target in it (R2 {known:.2f} on a line)."
    yield Finding(
        "leak" if told else "warning",
        "time_overlap",
        "cv",
        "",
        float(len(parted)),
        "pairs",
        f"Cycle {shown(ids[b])} begins where cycle {shown(ids[a])} ends, as pieces of one "
        f"recording do, and they lie on both sides of a fold{also}.{told}",
    )


def regime_findings(case: Case) -> Iterator[Finding]:
    """Cells of the operating map that a fold tests and never trains on."""
    labels, _ = label_regimes(case.regimes, case.X, case.y, case.context)
    if labels is None:
        return
    cells = cell_names(labels)
    codes = cells.cat.codes.to_numpy()
    n_unseen, n_tested, unseen_cells = 0, 0, set()
    for train, test in case.whole:
        unseen = ~np.isin(codes[test], codes[train])
        n_unseen, n_tested = n_unseen + int(unseen.sum()), n_tested + len(test)
        unseen_cells |= set(codes[test][unseen].tolist())
    if n_unseen:
        names = [str(cells.cat.categories[code]) for code in sorted(unseen_cells)]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield Finding(
            "warning",
            "unseen_regime",
            "cv",
            " x ".join(str(name) for name in labels.columns),
            n_unseen / n_tested,
            "share of test rows",
            f"{n_unseen} test rows lie in {len(names)} cells in which their fold has no training "
            f"row: {'; '.join(names[:3])}{more}. The model extrapolates there.",
        )


def inner_findings(case: Case) -> Iterator[Finding]:
    """Searches and stacks inside the estimator that split cycles among their own folds."""
    train = case.whole[0][0]
    X, y = case.X.iloc[train], case.y.iloc[train]
    for path, step in walk(case.estimator):
        if _stops_by_rows(step, len(X)):
            yield Finding(
                "warning",
                "inner_folds",
                path,
                "",
                np.nan,
                "",
                f"{path} stops by its error on rows drawn at random from the cycles it learns "
                "from, so it stops late. The error on the outer folds is honest all the same.",
            )
        if "cv" not in step.get_params(deep=False):
            continue
        inner = step.get_params(deep=False)["cv"]
        node = tree(step)
        keeps = isinstance(node, Handed) and node.keeps_cycles
        if keeps and (inner is None or isinstance(inner, int)):
            continue  # CycleKFold on a log
        if inner == "prefit" or not _splits_cycles(inner, X, y):
            continue
        yield Finding(
            "warning",
            "inner_folds",
            path,
            "",
            np.nan,
            "",
            f"{path} chooses by its own folds (cv={inner!r}), which split cycles, so it prefers "
            "what learns cycles by heart. The error on the outer folds is honest all the same.",
        )


def _stops_by_rows(step: Any, n_rows: int) -> bool:
    """Whether an estimator of scikit-learn holds out random rows to know when to stop."""
    if not type(step).__module__.startswith("sklearn."):
        return False
    given = step.get_params(deep=False)
    early = given.get("early_stopping", False)
    if early == "auto":  # of histogram gradient boosting: above 10,000 rows
        return n_rows > 10_000 and given.get("validation_fraction") is not None
    held_out = "validation_fraction" in given and given.get("n_iter_no_change") is not None
    return bool(early) if "early_stopping" in given else held_out


def _splits_cycles(inner: Any, X: pd.DataFrame, y: pd.Series) -> bool:
    """Whether a splitter or number of folds does; folds given as rows belong to other data."""
    if isinstance(inner, CycleKFold) or not (
        inner is None or isinstance(inner, int) or hasattr(inner, "split")
    ):
        return False
    folds = split(check_cv(inner), X, y, once=False)
    return any(len(shared) for shared in shared_cycles(X, folds))


def _spans(X: pd.DataFrame) -> np.ndarray | None:
    """First and last second of each cycle by a clock that all share; None without one.

    Datetimes are a clock. Seconds are one when they go on from cycle to cycle: when most cycles
    overlap, each starts its own.
    """
    index: Any = X.index
    bounds = cycle_bounds(index)
    seconds = time_in_seconds(index)
    spans = np.column_stack([seconds[bounds[:-1]], seconds[bounds[1:] - 1]])
    if isinstance(index.levels[1], pd.DatetimeIndex):
        return spans
    order = spans[np.argsort(spans[:, 0], kind="stable")]
    n_overlaps = sum(1 for one, other in pairwise(order) if other[0] < one[1])
    return spans if 2 * n_overlaps < len(order) - 1 else None


def _same_rows(X: pd.DataFrame, a: int, b: int) -> bool:
    """Whether two cycles hold the same values where their time stamps are the same."""
    bounds = cycle_bounds(X)
    one, other = (X.iloc[bounds[k] : bounds[k + 1]].droplevel("cycle") for k in (a, b))
    common = one.index.intersection(other.index)
    return len(common) > 1 and bool(one.loc[common].equals(other.loc[common]))
