"""Stages of what is made of several: one stage for each kind of node."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Any

import numpy as np

from signalprep.errors import InvalidParameterError
from signalprep.flow import Branches, Chain, Handed, Leaf, Node, Opaque, Slow, check_node, tree
from signalprep.streaming._at_rate import AtRateStage
from signalprep.streaming._place import Place
from signalprep.streaming._plan_stage import PlanStage
from signalprep.streaming._relay import Relay
from signalprep.streaming._stage import Stage, check_runs, open_stage, row_stage
from signalprep.streaming._words import settled


class ChainStage:
    """Stages one after the other."""

    def __init__(self, stages: list[Stage]) -> None:
        self._stages = stages
        alike = takewhile(lambda stage: isinstance(stage, PlanStage), stages)
        self._relayed = [stage for stage in alike if isinstance(stage, PlanStage)]
        self._after_relay = stages[len(self._relayed) :]
        self._relay: Relay | None = None
        self.predicts = bool(stages) and stages[-1].predicts

    def push(self, x: np.ndarray) -> np.ndarray:
        stages = self._stages
        if x.shape[1] == 1 and self._relayed and x.dtype != object:
            if self._relay is None or not self._relay.fits(x):
                self._relay = Relay(self._relayed, x)
            x, stages = self._relay.push(x), self._after_relay
        for stage in stages:
            x = stage.push(x)
        return x

    def reset(self) -> None:
        for stage in self._stages:
            stage.reset()

    def remember(self) -> list[Any]:
        return [stage.remember() for stage in self._stages]

    def recall(self, memory: list[Any]) -> None:
        for stage, part in zip(self._stages, memory, strict=True):
            stage.recall(part)


class BranchesStage(ChainStage):
    """Stages side by side, each on some channels and with a weight; outputs below each other."""

    def __init__(
        self,
        stages: list[Stage],
        channels: list[np.ndarray | None],
        weights: list[float | None],
    ) -> None:
        super().__init__(stages)
        self.predicts = False
        self._channels = channels
        self._weights = weights

    def push(self, x: np.ndarray) -> np.ndarray:
        found = []
        parts = zip(self._stages, self._channels, self._weights, strict=True)
        for stage, channels, weight in parts:
            out = stage.push(x if channels is None else settled(x[channels]))
            found.append(out if weight is None else out * weight)
        return np.concatenate(found) if found else np.empty((0, x.shape[1]))


class AfterStage(ChainStage):
    """A stage, and what makes an output of its outputs and of the rows, row by row."""

    def __init__(self, stage: Stage, after: Callable[[Any, Any], Any]) -> None:
        super().__init__([stage])
        self._turned = not stage.predicts
        self.predicts = True
        self._after = after

    def push(self, x: np.ndarray) -> np.ndarray:
        out = super().push(x)
        return np.asarray(self._after(out.T if self._turned else out, x.T))


@open_stage.register(object)
def _(estimator: Any, place: Place) -> Stage:
    node = tree(estimator)
    alone = isinstance(node, (Leaf, Opaque))
    return row_stage(estimator, place) if alone else open_node(node, place)


def open_node(node: Node, place: Place) -> Stage:
    """Stage of a node: as its class is registered, or by what it is made of."""
    if not isinstance(node, (Leaf, Opaque)):
        check_node(node)
    own = open_stage.dispatch(type(node.estimator))
    if own is not open_stage.dispatch(object):
        return own(node.estimator, place)
    match node:
        case Leaf() | Opaque():
            return open_stage(node.estimator, place)
        case Chain():
            last = len(node.steps) - 1
            steps = enumerate(node.steps)
            return ChainStage(
                [open_node(step, place.within(name, k == last)) for k, (name, step) in steps]
            )
        case Branches():
            return _beside(node, place)
        case Handed():
            there = place.inside(node.inner) if node.opens else place
            inner = open_node(node.inner, there.before() if node.prepares else there)
            return inner if node.after is None else AfterStage(inner, node.after)
        case Slow():
            check_runs(node.decimator.estimator, place)
            return AtRateStage(node, place, open_node(node.inner, place.inside(node.inner)))


def _beside(node: Branches, place: Place) -> BranchesStage:
    stages, channels = [], []
    for branch in node.branches:
        inside = place.within(branch.name)
        if isinstance(branch.columns, int):
            raise InvalidParameterError(
                f"step {inside.path!r} cannot be streamed: its channels must be a list; got a "
                f"single one, by its number or name ({branch.columns})"
            )
        stages.append(open_node(branch.node, inside))
        channels.append(branch.columns)
    return BranchesStage(stages, channels, [branch.weight for branch in node.branches])
