"""The six kinds of nodes of which every estimator is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

__all__ = [
    "Branch",
    "Branches",
    "Chain",
    "Handed",
    "Leaf",
    "Node",
    "Opaque",
    "Slow",
    "below",
    "check_node",
    "frozen_in",
    "inside",
    "is_fitted",
]


@dataclass(frozen=True)
class Leaf:
    """An estimator that is one step.

    Attributes
    ----------
    estimator : estimator
    claims : bool
        Whether it says, once fitted, how far it sees.
    asks : tuple of Node
        What it asks about the rows it works on: these see farther than it does, and delay nothing.
    """

    estimator: Any
    claims: bool = False
    asks: tuple[Node, ...] = ()

    @property
    def fitted(self) -> bool:
        return is_fitted(self.estimator)


@dataclass(frozen=True)
class Chain:
    """Steps one after the other; none of them where nothing is done ("passthrough").

    Attributes
    ----------
    estimator : Pipeline, "passthrough" or None
    steps : tuple of (name, Node)
    """

    estimator: Any = None
    steps: tuple[tuple[str, Node], ...] = ()

    @property
    def fitted(self) -> bool:
        """By the last step, and those before it that can tell.

        A step that learns nothing, as many of people's own, shows no sign of having been fitted.
        """
        if not self.steps:
            return True
        *before, last = (step for _, step in self.steps)
        silent = [isinstance(step, Leaf) and not step.claims for step in before]
        return last.fitted and all(a or b.fitted for a, b in zip(silent, before, strict=True))

    @property
    def head(self) -> Any:
        """A pipeline of the very steps before the last; None where there are none."""
        return self.estimator[:-1] if len(self.steps) > 1 else None


@dataclass(frozen=True)
class Branch:
    """A part that works beside others.

    Attributes
    ----------
    name : str
    node : Node
    columns : int, ndarray of int or None
        Positions of the channels it gets, once they are known; a number for a single channel that
        it gets as a series. None: all.
    weight : float or None
        By which its output is multiplied.
    """

    name: str
    node: Node
    columns: int | np.ndarray | None = None
    weight: float | None = None

    def pick(self, data: Any) -> Any:
        """The channels it gets of a frame or an array."""
        if self.columns is None:
            return data
        return data.iloc[:, self.columns] if hasattr(data, "iloc") else data[:, self.columns]


@dataclass(frozen=True)
class Branches:
    """Parts side by side; those that drop what they get are left out.

    Attributes
    ----------
    estimator : estimator
    branches : tuple of Branch
    fitted : bool
    choose : callable or None
        ``choose(rows)`` gives the branches, with their channels, of one that is not fitted; None
        where every branch gets all.
    """

    estimator: Any
    branches: tuple[Branch, ...]
    fitted: bool
    choose: Callable[[Any], tuple[Branch, ...]] | None = None

    def of(self, rows: Any) -> tuple[Branch, ...]:
        """The branches as they would be if it were fitted on these rows."""
        return self.branches if self.choose is None else self.choose(rows)


@dataclass(frozen=True)
class Handed:
    """An estimator that hands every row to one that it holds.

    Attributes
    ----------
    estimator : estimator
    parameter : str
        Where it was given what it holds.
    inner : Node
        What it has fitted; before, what it is to fit.
    fitted : bool
    prepares : bool
        Whether the rows go through ``transform`` of the inner one, whatever is asked of the outer.
    after : callable or None
        ``after(output, rows)`` makes its own output of the inner one's and of the rows, row by row.
        None: the output is the inner one's.
    frozen : bool
        Whether the inner one was fitted before and stays as it is.
    keeps_cycles : bool
        Whether its own folds hold whole cycles of a log where it is given no splitter.
    alters : bool
        Whether it alters the rows or the target that the inner one learns.
    """

    estimator: Any
    parameter: str
    inner: Node
    fitted: bool
    prepares: bool = False
    after: Callable[[Any, Any], Any] | None = None
    frozen: bool = False
    keeps_cycles: bool = False
    alters: bool = False

    @property
    def opens(self) -> bool:
        """Whether the inner one is made of steps, and not one itself."""
        inner = self.inner
        if isinstance(inner, Handed):
            return inner.opens
        return isinstance(inner, Slow) or (isinstance(inner, Chain) and bool(inner.steps))


@dataclass(frozen=True)
class Slow:
    """An estimator that runs another at a lower rate and holds each prediction until the next.

    Attributes
    ----------
    estimator : estimator
    parameter : str
        Where it was given what it slows down.
    decimator : Node
        The filter that lowers the rate.
    inner : Node
    fitted : bool
    fit_by : callable
        ``fit_by(X, y, fit)`` fits it where ``fit(inner, X, y, kept)`` is to fit the inner one, and
        give it, on the rows at the lower rate: those of the log that `kept` names.
    """

    estimator: Any
    parameter: str
    decimator: Node
    inner: Node
    fitted: bool
    fit_by: Callable[[Any, Any, Callable[..., Any]], Any]

    @property
    def factor(self) -> Fraction:
        """Rows of the log a row of the inner one, by the fitted filter."""
        check_node(self)
        return Fraction(self.decimator.estimator.down_, self.decimator.estimator.up_)


@dataclass(frozen=True)
class Opaque:
    """An estimator that holds others in a way of its own.

    Attributes
    ----------
    estimator : estimator
    held : tuple of estimator
        All that it holds.
    last : Node or None
        What sees the outputs of these, not the rows.
    """

    estimator: Any
    held: tuple[Any, ...]
    last: Node | None = None

    @property
    def fitted(self) -> bool:
        return is_fitted(self.estimator)


Node = Leaf | Chain | Branches | Handed | Slow | Opaque


def is_fitted(estimator: Any) -> bool:
    """Whether an estimator can be used as it is."""
    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError):  # scikit-learn's word for "has no fit"
        return False
    return True


def frozen_in(node: Node) -> Any:
    """The estimator in it that was fitted before and stays as it is; None where there is none."""
    return node.inner.estimator if isinstance(node, Handed) and node.frozen else None


def below(path: str, name: str) -> str:
    """Where a step of this name stands."""
    return f"{path} > {name}" if path else name


def inside(path: str, inner: Node) -> str:
    """Where what is held stands: the steps of a chain by their names, others by their class."""
    return path if isinstance(inner, Chain) else below(path, type(inner.estimator).__name__.lower())


def check_node(node: Node) -> None:
    """Raise NotFittedError where a node is not fitted, for those who ask what it has fitted."""
    if not node.fitted:
        raise NotFittedError(
            f"{type(node.estimator).__name__} must be fitted first; what it will hold is not known"
        )
