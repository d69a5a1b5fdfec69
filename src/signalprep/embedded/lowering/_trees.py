"""Trees as tables: thresholds as codes, so that every row comes to the very leaf it came to.

scikit-learn rounds what it is given to single precision and goes left where that is not above the
threshold. The threshold here is the greatest code of which that holds, with the scalers before the
tree worked in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from signalprep.embedded.lowering._channels import Channels, Image
from signalprep.embedded.lowering._codes import all_last_at
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.program import Value

__all__ = ["Forest"]

_LEAF_BITS = 31  # of the sum over all trees


class Forest(NamedTuple):
    """Trees that see the same channels.

    Attributes
    ----------
    trees : sequence of fitted trees
    tables : dict of {str: ndarray}
        feature, threshold, left, right, roots: as a Walk has them.
    leaves : list of (int, int)
        Of each leaf, its tree and its node there.
    depth : int
    """

    trees: Sequence[Any]
    tables: dict[str, np.ndarray]
    leaves: list[tuple[int, int]]
    depth: int

    @classmethod
    def of(cls, step: Any, trees: Sequence[Any], context: Context, channels: Channels) -> Forest:
        """The trees of a step that sees these channels."""
        parts: dict[str, list[Any]] = {name: [] for name in ("feature", "left", "right", "roots")}
        limits: list[np.ndarray] = []
        leaves: list[tuple[int, int]] = []
        n_inner = 0
        for number, one in enumerate(trees):
            tree = one.tree_
            inner = tree.children_left >= 0
            name = np.where(inner, n_inner - 1 + np.cumsum(inner), 0)
            ends = np.flatnonzero(~inner)
            name[ends] = -1 - len(leaves) - np.arange(len(ends))
            parts["roots"].append(name[:1])
            parts["feature"].append(tree.feature[inner])
            parts["left"].append(name[tree.children_left[inner]])
            parts["right"].append(name[tree.children_right[inner]])
            limits.append(tree.threshold[inner])
            leaves += [(number, int(node)) for node in ends]
            n_inner += int(inner.sum())
        tables = {name: np.concatenate(part).astype(np.int64) for name, part in parts.items()}
        tables["threshold"] = _thresholds(
            step, tables["feature"], np.concatenate(limits), context, channels
        )
        if n_inner == 0:  # a table has at least one entry
            tables |= {name: np.zeros(1, dtype=np.int64) for name in ("feature", "threshold")}
            tables |= {"left": np.array([-1]), "right": np.array([-1])}
        depth = max(int(one.tree_.max_depth) for one in trees)
        return cls(trees, tables, leaves, depth)

    def values(self) -> np.ndarray:
        """What the leaves hold, (n_leaves, ...)."""
        return np.stack([self.trees[number].tree_.value[node] for number, node in self.leaves])

    def step(self, values: np.ndarray) -> float:
        """The power of two in which leaves (n_leaves,) are counted.

        31 bits hold the greatest of them as often as there are trees, so that no prover need know
        which leaf is of which tree.
        """
        most = float(np.abs(values).max()) * len(self.trees)
        room = 2.0 ** (_LEAF_BITS - 1) - len(self.trees)
        return 2.0 ** np.ceil(np.log2(most / room)) if most > 0 else 1.0

    def walk(self, context: Context, channels: Channels, leaves: np.ndarray) -> Value:
        """The sums of whole numbers (n_leaves, n) over the leaves that a row comes to."""
        return context.builder.walk(
            channels.value, **self.tables, leaves=leaves, depth=max(self.depth, 1)
        )


def _thresholds(
    step: Any, feature: np.ndarray, limits: np.ndarray, context: Context, channels: Channels
) -> np.ndarray:
    low, high = context.proven(channels.value)
    codes = np.zeros(len(feature), dtype=np.int64)
    for k in np.unique(feature):
        if channels.lsb[k] < 0:
            name = channels.names[k]
            context.refuse(step, f"channel {name!r} falls with its code; give it no weight below 0")
        here = feature == k
        codes[here] = all_last_at(_single(channels.image(k)), limits[here], low[k], high[k])
    return codes


def _single(image: Image) -> Image:
    """In single precision."""
    return lambda codes: np.asarray(image(codes), dtype=np.float32).astype(np.float64)
