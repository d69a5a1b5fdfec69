"""The ops: few and dumb, over vectors of integers.

Every op gives one vector; ``size`` says how long. An op that does not say otherwise works element
by element, and a vector of one element goes with every element of the others. Shifts to the right
round, ties up: ``(x + 2**(s - 1)) >> s``, as if numbers had no end. What depends on rows before
(`State`, `Hold`, `Window`, `Sorted`) starts afresh at the first row of every segment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OPS", "REMEMBERS", "Op", "Program"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Op:
    """One op of a program.

    Attributes
    ----------
    args : tuple of int
        Numbers of the ops whose values it takes.
    size : int
        Elements of its own value.
    label : str
        The step of the pipeline that it comes from.
    guard : int or None
        Number of the op that says, by 1 or 0, in which rows it is run; None: in all.
    """

    args: tuple[int, ...] = ()
    size: int = 1
    label: str = ""
    guard: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Input(Op):
    """The raw codes of a row, signed numbers of `bits` bits each."""

    bits: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Const(Op):
    """Numbers that never change."""

    values: Ints


@dataclass(frozen=True, eq=False, kw_only=True)
class Gather(Op):
    """Elements of its arguments: of argument ``sources[i]`` the element ``elements[i]``."""

    sources: Ints
    elements: Ints

    @property
    def runs(self) -> list[Ints]:
        """Its own elements, neighbours of one argument together."""
        joined = (np.diff(self.sources) == 0) & (np.diff(self.elements) == 1)
        return np.split(np.arange(self.size), np.flatnonzero(~joined) + 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Dot(Op):
    """``weights @ x + bias``."""

    weights: Ints
    bias: Ints


@dataclass(frozen=True, eq=False, kw_only=True)
class Bank(Op):
    """``weights of row r @ x`` for arguments x, x, ..., r: an output for each x, all of one length.

    Row r is for the last ``lengths[r]`` numbers of x. The weights of the rows follow each other;
    where they are `mirrored`, only those of the first half of a row stand there, its middle
    included, and the others are the same backwards.
    """

    weights: Ints
    lengths: Ints
    mirrored: bool = False

    @property
    def held(self) -> Ints:
        """How many weights of each row stand there."""
        return (self.lengths + 1) // 2 if self.mirrored else self.lengths

    @property
    def rows(self) -> list[Ints]:
        """The weights of each row, all of them."""
        parts = np.split(self.weights, np.cumsum(self.held)[:-1])
        if not self.mirrored:
            return parts
        return [
            np.concatenate([part, part[::-1][n % 2 :]])
            for part, n in zip(parts, self.lengths, strict=True)
        ]


@dataclass(frozen=True, eq=False, kw_only=True)
class Add(Op):
    """``a * 2**left + sign * b * 2**right``, for arguments a and b."""

    left: int = 0
    right: int = 0
    sign: int = 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Mul(Op):
    """``a * b``."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Scale(Op):
    """``clamp(((x * 2**headroom * multiplier) >> shift) + zero, low, high)``.

    `names` are those of its elements where a limit cuts off what is meant, so that it is counted
    how often; of a ReLU, whose `floor` is meant, the upper one alone.
    """

    multiplier: Ints
    zero: Ints
    low: Ints
    high: Ints
    headroom: int = 0
    shift: int = 32
    names: tuple[str, ...] = ()
    floor: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Root(Op):
    """The root of ``2**(bits - 1) * a / b``, downwards, and ``2**bits - 1`` at most."""

    bits: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Clamp(Op):
    """The nearest number from `low` to `high`; `names` as of a Scale."""

    low: Ints
    high: Ints
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Shift(Op):
    """``x >> bits``."""

    bits: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Wrap(Op):
    """x modulo ``2**bits``, from ``-2**(bits - 1)`` on: an angle on its circle."""

    bits: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Table(Op):
    """A function of one number, by straight lines between entries ``2**shift`` apart.

    The first entry is the value at 0. `about` is what ``f(x) + f(-x)`` is for every x; None: x is
    never below 0.
    """

    entries: Ints
    shift: int
    about: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Select(Op):
    """``yes if a < b else no`` (or ``a <= b``, ``a == b``), for arguments a, b, yes, no."""

    relation: str = "<"


@dataclass(frozen=True, eq=False, kw_only=True)
class Pick(Op):
    """The element of the first argument at the place that the second one names."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Hold(Op):
    """The first argument as it was in the last row in which the second one was not 0.

    The first argument may be guarded; the second one says then in which rows it is new.
    """

    initial: Ints


@dataclass(frozen=True, eq=False, kw_only=True)
class State(Op):
    """What the op ``following`` gave in the row before, never beyond `low` and `high`."""

    initial: Ints
    low: Ints
    high: Ints
    following: int = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class Window(Op):
    """The last samples of one number, oldest first; 0 before the first row."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Sorted(Op):
    """The last samples of one number in ascending order, with `beyond` for those not yet seen.

    No sample is above `beyond`.
    """

    beyond: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread(Op):
    """Of the first numbers of a `Sorted`, as many as the second argument says: median and MAD.

    Gives twice the median and four times the median absolute deviation from it.
    """


@dataclass(frozen=True, eq=False, kw_only=True)
class Walk(Op):
    """The sum over trees of the leaf that x comes to.

    From node i it goes to ``left[i]`` where ``x[feature[i]] <= threshold[i]``, else to
    ``right[i]``; a negative number -1 - k is leaf k, with the row ``leaves[k]``. `roots` names the
    first node of each tree; `depth` is the most nodes on a way.
    """

    feature: Ints
    threshold: Ints
    left: Ints
    right: Ints
    roots: Ints
    leaves: Ints
    depth: int


@dataclass(frozen=True, eq=False, kw_only=True)
class First(Op):
    """1 in the first row of a segment, else 0."""


OPS: dict[str, type[Op]] = {op.__name__: op for op in Op.__subclasses__()}

REMEMBERS = (Hold, Window, Sorted, First)
"""Ops with a memory of their own; only a `State` may wait for what follows it."""


@dataclass(frozen=True, eq=False)
class Program:
    """An integer program: one row of raw codes in, one row of outputs out.

    Attributes
    ----------
    inputs : tuple of str
        Names of the raw channels.
    ops : tuple of Op
        Each takes values of ops before it; `State` alone takes one of an op after it.
    outputs : dict of {str: int}
        Name and number of the op of each output.
    """

    inputs: tuple[str, ...]
    ops: tuple[Op, ...]
    outputs: dict[str, int] = field(default_factory=dict)

    @property
    def remembers(self) -> bool:
        """Whether a row can depend on rows before it."""
        return any(isinstance(op, (State, *REMEMBERS)) for op in self.ops)

    def run(self, domain: Any) -> list[Any]:
        """Run every op in a domain: ``domain.<op>(number, op, *values)`` for each of them."""
        values: list[Any] = []
        for number, op in enumerate(self.ops):
            act = getattr(domain, type(op).__name__.lower())
            values.append(act(number, op, *(values[arg] for arg in op.args)))
        return values
