"""steps_of: the steps that rows pass, by name, with what each sees."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from signalprep.flow._nodes import Chain, Handed, Node, Slow, below, check_node, inside
from signalprep.flow._reach import NOWHERE, Reach, hold_of, reach_of
from signalprep.flow._tree import tree

__all__ = ["Step", "steps_of"]


class Step(NamedTuple):
    """A step of a fitted estimator.

    Attributes
    ----------
    name : str
        Names that lead to it, with " > " between them.
    node : Node
    reach : Reach
        In samples of the log; of one whose inner steps follow, what it adds to theirs.
    around : bool
        Whether its inner steps follow.
    told_below : str
        Name of its parameter that these steps tell the whole of.
    """

    name: str
    node: Node
    reach: Reach
    around: bool = False
    told_below: str = ""


def steps_of(estimator: Any) -> list[Step]:
    """The steps of a fitted estimator in the order in which rows pass them; their reaches add up.

    Each is rounded up where rows at a lower rate stand between those of the log.

    Estimators that hand their rows on stand before the steps they hand them to. Branches and opaque
    estimators are one step.
    """
    node = tree(estimator)
    return list(_steps(node, inside("", node), Fraction(1)))


def _steps(node: Node, path: str, factor: Fraction) -> Iterator[Step]:
    match node:
        case Chain():
            for name, step in node.steps:
                yield from _steps(step, below(path, name), factor)
        case Handed() if node.opens:
            check_node(node)
            yield Step(path, node, NOWHERE, True, "" if node.prepares else node.parameter)
            yield from _steps(node.inner, inside(path, node.inner), factor)
        case Slow():
            check_node(node)
            yield Step(path, node, hold_of(node).slowed(factor), True, node.parameter)
            yield from _steps(node.inner, inside(path, node.inner), factor * node.factor)
        case _:
            yield Step(path, node, reach_of(node).slowed(factor))
