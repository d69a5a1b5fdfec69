"""RegimeBinner: the place of each value among the edges, which are codes. Nothing is rounded."""

from __future__ import annotations

import numpy as np

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._codes import first_at, last_at
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.program import Value
from signalprep.flow import Node
from signalprep.regimes import RegimeBinner

__all__ = ["cell_of", "places_of"]


@lowers.register
def _(binner: RegimeBinner, node: Node, context: Context, channels: Channels) -> Channels:
    places = places_of(context, binner, channels)
    value = context.builder.gather(*((place, None) for place in places))
    names = tuple(binner.edges_)
    images = (lambda codes: codes.astype(np.float64),) * len(names)
    return Channels(value, names, np.ones(len(names)), np.zeros(len(names)), images)


def places_of(context: Context, binner: RegimeBinner, channels: Channels) -> list[Value]:
    """Of each binned column, 0 below its edges, 1 in its first interval, and so on."""
    names = [f"x{k}" for k in range(binner.n_features_in_)]
    names = [str(name) for name in getattr(binner, "feature_names_in_", names)]
    low, high = context.proven(channels.value)
    places = []
    for name, edges in binner.edges_.items():
        k = names.index(name)
        if channels.lsb[k] < 0:
            context.refuse(
                binner, f"channel {name!r} falls with its code; give it no weight below 0"
            )
        image = channels.image(k)
        begins = [first_at(image, edge, low[k], high[k]) for edge in edges[:-1]]
        begins.append(last_at(image, edges[-1], low[k], high[k]) + 1)  # the last one is closed
        x = context.builder.gather((channels.value, k))
        passed = context.builder.flag(context.builder.const(begins), "<=", x)
        places.append(context.builder.dot(passed, np.ones((1, len(begins)), dtype=np.int64)))
    return places


def cell_of(context: Context, binner: RegimeBinner, channels: Channels) -> Value:
    """The number of the joint cell, as numpy's ravel_multi_index counts them."""
    places = places_of(context, binner, channels)
    shape = [len(edges) + 2 for edges in binner.edges_.values()]
    strides = np.cumprod([1, *shape[:0:-1]])[::-1]
    return context.builder.dot(
        context.builder.gather(*((place, None) for place in places)), strides[np.newaxis]
    )
