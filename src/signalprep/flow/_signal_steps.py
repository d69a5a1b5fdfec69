"""Steps of signalprep below this package: what they ask beside their own samples."""

from __future__ import annotations

from typing import Any

from sklearn.preprocessing import StandardScaler

from signalprep._base import SignalTransformer
from signalprep.flow._nodes import Handed, Leaf, Node
from signalprep.flow._tree import handed, tree
from signalprep.preprocessing import ResidualFilter, TrainOnly


@tree.register
def _(estimator: SignalTransformer) -> Leaf:
    return Leaf(estimator, claims=True, asks=_regimes(estimator))


@tree.register
def _(estimator: ResidualFilter) -> Leaf:
    models = tuple(tree(model) for model in getattr(estimator, "models_", ()))
    return Leaf(estimator, claims=True, asks=models + _regimes(estimator))


@tree.register
def _(estimator: TrainOnly) -> Handed:
    return handed(estimator, "transformer", StandardScaler, prepares=True)


def _regimes(estimator: Any) -> tuple[Node, ...]:
    """What gives the regimes of a filter with ``by=``, where that is no channel."""
    split = getattr(estimator, "split_", None)
    return (tree(split.by_),) if split is not None and hasattr(split.by_, "transform") else ()
