"""Which step loses the (cycle, time) index, and the error that names it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
from sklearn.base import clone

from signalprep.errors import InvalidParameterError, LostIndexError
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
from signalprep.log import is_log

__all__ = ["losing_steps", "lost_index", "naming_lost_index"]

NEEDED = "needs a log with a time axis"  # words of the error of a duration without a rate

Way = Generator[tuple[str, Any], None, Any]


@contextmanager
def naming_lost_index(estimator: Any, X: pd.DataFrame, y: Any) -> Iterator[None]:
    """Where a fit fails at a step that needs a log and got none, name the step that lost it."""
    try:
        yield
    except InvalidParameterError as error:
        before, needed, _ = str(error).partition(NEEDED)
        found = next(losing_steps(estimator, X, y), None) if needed else None
        if found is None:
            raise
        raise lost_index(found, f"{before}{needed}, and gets none") from error


def lost_index(found: tuple[str, Any] | None, so: str) -> LostIndexError:
    """The error; the step that is to blame with its name, None where it is not known."""
    blame = "it was lost on the way"
    if found is not None:
        name, step = found
        blame = f"step {name!r} ({type(step).__name__}) gives rows without it"
    return LostIndexError(
        f"every step must see the (cycle, time) index; {blame}: {so}. Build the pipeline by "
        "signalprep.make_pipeline, not by scikit-learn's, or call set_output(transform='pandas') "
        "on it"
    )


def losing_steps(estimator: Any, X: pd.DataFrame, y: Any) -> Iterator[tuple[str, Any]]:
    """Give the names that lead to steps whose output no longer carries the index, and the steps.

    Clones of the steps are fitted one after the other on rows of a log; what comes after such a
    step is not tried.
    """
    node = tree(estimator)
    yield from _losing(node, inside("", node), X, y, True)


def _losing(node: Node, path: str, X: Any, y: Any, last: bool) -> Way:
    """Fit one step after the other; the value is the rows as they come out.

    None where something is lost, or for a model.
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
            yield from _beside(node, path, X, y)
    out = dense(clone(node.estimator).fit(X, y).transform(X), len(X))
    if is_log(out) and out.index.equals(X.index):
        return out
    yield path, node.estimator
    return None


def _beside(node: Branches, path: str, X: Any, y: Any) -> Way:
    """The same of parts side by side."""
    for branch in node.of(X):
        yield from _losing(branch.node, below(path, branch.name), branch.pick(X), y, False)
