"""Fit the estimator on one fold, and run a few cycles through its steps."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from sklearn.base import clone

from signalprep.flow import (
    Branches,
    Chain,
    Handed,
    Node,
    Slow,
    below,
    dense,
    inside,
    target_at,
    tree,
)
from signalprep.leaks._finding import Finding
from signalprep.leaks._stages import Trace
from signalprep.log import is_log
from signalprep.trial import Case, naming_missing

Way = Generator[tuple[str, Any], None, Any]


def fit_and_trace(case: Case) -> Trace | Finding:
    """The probe on its way through a clone fitted on the first fold's training rows.

    A pipeline that cannot be fitted or run because a step lost the index gives the finding.
    """
    train, _ = case.whole[0]
    X, y = case.X.iloc[train], case.y.iloc[train]
    fitted = clone(case.estimator)
    try:
        with naming_missing(X):
            fitted.fit(X, y)
        return Trace.of(fitted, case.probe())
    except ValueError as error:  # of a search, which does not hand on what its fits raise
        node = tree(case.estimator)
        for name, step in _losing(node, inside("", node), X, y, True):
            return Finding(
                "leak",
                "lost_index",
                name,
                "",
                np.nan,
                "",
                f"Step {name!r} ({type(step).__name__}) gives rows without the (cycle, time) "
                f"index, and a step after it cannot work without: {error}",
            )
        raise


def _losing(node: Node, path: str, X: Any, y: Any, last: bool) -> Way:
    """Fit one step after the other and give the first whose output no longer carries the index.

    The value is the rows as they come out; None where something is lost, or for a model.
    """
    match node:
        case Chain():
            for k, (name, step) in enumerate(node.steps):
                ends = last and k == len(node.steps) - 1
                X = yield from _losing(step, below(path, name), X, y, ends)
                if X is None:
                    break
            return X
        case Slow():
            decimator = clone(node.decimator.estimator)
            slow = decimator.fit(X).transform(X)
            slow_y = target_at(decimator.kept_rows(X), y, X, slow)
            return (yield from _losing(node.inner, inside(path, node.inner), slow, slow_y, last))
        case Handed() if node.opens and not node.frozen:
            return (yield from _losing(node.inner, inside(path, node.inner), X, y, last))
        case _ if last:
            return None
        case Branches():
            yield from _losing_beside(node, path, X, y)
    out = dense(clone(node.estimator).fit(X, y).transform(X), len(X))
    if is_log(out) and out.index.equals(X.index):
        return out
    yield path, node.estimator
    return None


def _losing_beside(node: Branches, path: str, X: Any, y: Any) -> Way:
    """The same of parts side by side."""
    for branch in node.of(X):
        yield from _losing(branch.node, below(path, branch.name), branch.pick(X), y, False)
