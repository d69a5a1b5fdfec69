"""passing: a log on its way through a fitted estimator, step by step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from signalprep.errors import InvalidLogError
from signalprep.flow._nodes import (
    Branches,
    Chain,
    Handed,
    Leaf,
    Node,
    Opaque,
    Slow,
    below,
    check_node,
    inside,
)
from signalprep.flow._reach import NOWHERE, Reach, hold_of, reach_of
from signalprep.flow._tree import tree
from signalprep.flow._walk import walk

__all__ = ["Passed", "Stage", "dense", "passing"]

Apply = Callable[[Any], Any]


@dataclass(frozen=True)
class Stage:
    """A fitted step that can be tried by itself.

    Attributes
    ----------
    name : str
        Names that lead to it, with " > " between them.
    node : Node
    apply : callable or None
        What it does to rows, and keeps them; None for one that only hands its rows on.
    final : bool
        Whether it predicts.
    claims : Reach or None
        What it says of its reach, in its own samples; None when it says nothing.
    every : Fraction
        Samples of the log one of its own.
    """

    name: str
    node: Node
    apply: Apply | None
    final: bool
    claims: Reach | None
    every: Fraction = Fraction(1)

    @property
    def estimator(self) -> Any:
        return self.node.estimator

    def of(self, data: Any) -> Any:
        """What it makes of rows, as a frame or a 2-D array."""
        return data if self.apply is None else dense(self.apply(data), len(data))

    def allows_gaps(self) -> bool:
        """Whether it says that it takes missing values."""
        step = self.estimator
        return isinstance(step, BaseEstimator) and bool(get_tags(step).input_tags.allow_nan)

    def branches(self, data: Any) -> Iterator[tuple[Stage, Any]]:
        """Give the parts that work side by side in it, each with the input it gets."""
        if not isinstance(self.node, Branches):
            return
        for branch in self.node.branches:
            if isinstance(branch.node, Chain) and not branch.node.steps:
                continue  # passed through
            step, given = branch.node.estimator, branch.pick(data)
            apply = step.transform
            if isinstance(branch.columns, int):  # it wants a series, whoever tries it a table
                given, apply = _table(given), lambda table, step=step: step.transform(_first(table))
            name = below(self.name, branch.name)
            yield Stage(name, branch.node, apply, False, _claims_of(branch.node), self.every), given


@dataclass(frozen=True)
class Passed:
    """A stage, and what goes into it.

    Attributes
    ----------
    stage : Stage
    given : frame or array
    rows : ndarray of int
        Where in the log its rows stand: not all of them inside what runs at a lower rate.
    out : frame or array
        What comes out, made when it is first asked for.
    """

    stage: Stage
    given: Any
    rows: np.ndarray

    @cached_property
    def out(self) -> Any:
        return self.stage.of(self.given)


@dataclass(frozen=True)
class _Place:
    """Where on its way the log is."""

    path: str
    rows: np.ndarray
    every: Fraction = Fraction(1)
    last: bool = True

    def below(self, name: str, last: bool) -> _Place:
        return replace(self, path=below(self.path, name), last=self.last and last)

    def inside(self, inner: Node) -> _Place:
        return replace(self, path=inside(self.path, inner))


def passing(fitted: Any, log: pd.DataFrame) -> Iterator[Passed]:
    """Give each step of a fitted estimator in the order in which rows pass them.

    What hands its rows on comes after the steps it hands them to, with the rows it gets itself.
    What runs at a lower rate gets its own rows. Branches are one step.
    """
    node = tree(fitted)
    yield from _pass(node, log, _Place(inside("", node), np.arange(len(log))))


Passing = Generator[Passed, None, Callable[[], Any]]


def _pass(node: Node, data: Any, at: _Place) -> Passing:
    """Through one node; the value makes what comes out of it."""
    if not isinstance(node, (Leaf, Opaque)):
        check_node(node)
    match node:
        case Chain():
            made: Callable[[], Any] = partial(_as_it_is, data)
            for k, (name, step) in enumerate(node.steps):
                there = at.below(name, k == len(node.steps) - 1)
                made = yield from _pass(step, made(), there)
            return made
        case Slow():
            return (yield from _pass_slowly(node, data, at))
        case Handed() if node.opens or not (node.frozen or node.prepares):
            return (yield from _hand_on(node, data, at))
        case _:
            apply = _predicting(node.estimator) if at.last else node.estimator.transform
            stage = Stage(at.path, node, apply, at.last, _claims_of(node), at.every)
            return (yield from _through(stage, data, at))


def _through(stage: Stage, data: Any, at: _Place) -> Passing:
    one = Passed(stage, data, at.rows)
    yield one
    return lambda: one.out


def _hand_on(node: Handed, data: Any, at: _Place) -> Passing:
    there = at.inside(node.inner) if node.opens else at
    made = yield from _pass(node.inner, data, replace(there, last=at.last and not node.prepares))
    stage = Stage(at.path, node, None, at.last, NOWHERE, at.every)
    if node.after is None:
        yield Passed(stage, data, at.rows)
        return made
    apply, joined = _after(node, node.after, made(), data)
    return (yield from _through(replace(stage, apply=apply), joined, at))


def _pass_slowly(node: Slow, data: Any, at: _Place) -> Passing:
    decimator = node.decimator.estimator

    def hold(slow: Any, rows: Any) -> Any:
        kept = decimator.kept_rows(rows)
        place = np.repeat(np.arange(len(kept)), np.diff(np.append(kept, len(rows))))
        return slow.iloc[place].set_axis(rows.index) if hasattr(slow, "iloc") else slow[place]

    def held(rows: Any) -> Any:
        return hold(decimator.transform(rows), rows)

    name = below(at.path, type(decimator).__name__.lower())
    stage = Stage(name, node.decimator, held, False, hold_of(node), at.every)
    yield from _through(stage, data, at)
    there = replace(
        at.inside(node.inner),
        rows=at.rows[decimator.kept_rows(data)],
        every=at.every * node.factor,
    )
    made = yield from _pass(node.inner, decimator.transform(data), there)
    yield Passed(Stage(at.path, node, None, at.last, None, at.every), data, at.rows)
    return lambda: hold(made(), data)


def _after(
    node: Handed, after: Callable[[Any, Any], Any], out: Any, rows: Any
) -> tuple[Apply, Any]:
    """What makes an output of the inner one's and of the rows, and both in one table."""
    n_columns, named = out.shape[1], isinstance(out, pd.DataFrame)

    def apply(joined: Any) -> Any:
        table = pd.DataFrame(joined, copy=False)
        predicted = not node.prepares and n_columns == 1
        chosen: Any = 0 if predicted else slice(n_columns)
        first: Any = table.iloc[:, chosen]
        rest: Any = table.iloc[:, n_columns:]
        rest = rest if isinstance(rows, pd.DataFrame) else rest.to_numpy()
        return after(first if named else first.to_numpy(), rest)

    if not isinstance(rows, pd.DataFrame):
        return apply, np.column_stack([out, rows])
    beside = out.set_axis(rows.index) if named else pd.DataFrame(out, index=rows.index)
    return apply, pd.concat([beside, rows], axis=1)


def _claims_of(node: Node) -> Reach | None:
    """What a node says of its reach; None when nothing in it says anything."""
    parts = [node.estimator, *(part for _, part in walk(node.estimator))]
    if not any(hasattr(part, "lookahead_") for part in parts):
        return None
    try:
        return reach_of(node)
    except NotFittedError:
        return None


def _predicting(estimator: Any) -> Apply:
    """What it predicts; classes by their place in ``classes_``, so that a change has a size."""
    if not hasattr(estimator, "classes_"):
        return estimator.predict
    return lambda data: pd.Index(estimator.classes_).get_indexer(estimator.predict(data))


def _as_it_is(data: Any) -> Any:
    return data


def _table(values: Any) -> Any:
    return values.to_frame() if isinstance(values, pd.Series) else values.reshape(-1, 1)


def _first(table: Any) -> Any:
    return table.iloc[:, 0] if isinstance(table, pd.DataFrame) else table[:, 0]


def dense(output: Any, n_rows: int) -> Any:
    """Output of a step as a frame or a 2-D array, its rows counted."""
    if hasattr(output, "toarray"):
        output = output.toarray()
    if isinstance(output, pd.Series):
        output = output.to_frame()
    if not isinstance(output, pd.DataFrame):
        output = np.asarray(output)
        output = output.reshape(len(output), -1)
    if len(output) != n_rows:
        raise InvalidLogError(
            f"every step must keep its rows; {n_rows} rows went in and {len(output)} came out"
        )
    return output
