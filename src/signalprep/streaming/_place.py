"""Place: where in the pipeline an estimator stands."""

from __future__ import annotations

from dataclasses import dataclass

from signalprep.flow import Node, below, inside

__all__ = ["Place"]


@dataclass(frozen=True)
class Place:
    """Where in the pipeline an estimator stands.

    Attributes
    ----------
    path : str
        Names of the steps that lead to it.
    last : bool
        Whether its output is that of the whole, so that a model predicts.
    """

    path: str
    last: bool

    def before(self) -> Place:
        """The same place, where nothing predicts."""
        return Place(self.path, last=False)

    def within(self, name: str, last: bool = False) -> Place:
        """The place of a step inside."""
        return Place(below(self.path, name), self.last and last)

    def inside(self, inner: Node) -> Place:
        """The place of what a composite hands its rows to."""
        return Place(inside(self.path, inner), self.last)
