"""TransformedTargetRegressor: a target that was scaled by constants costs nothing to scale back."""

from __future__ import annotations

import numpy as np
from sklearn.compose import TransformedTargetRegressor

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowered, lowers
from signalprep.flow import Handed, Node, tree

__all__: list[str] = []


@lowers.register
def _(
    model: TransformedTargetRegressor, node: Node, context: Context, channels: Channels
) -> Channels:
    assert isinstance(node, Handed)
    out = lowered(node.inner, context, channels)
    if model.func is not None or model.inverse_func is not None:
        context.refuse(model, "its func is any function; use a transformer that scales")
    if model.transformer is None:
        return out
    # the transformer is lowered on codes that are the target itself
    plain = out.made(out.value, lsb=1.0, offset=0.0)
    scaled = lowered(tree(model.transformer_), context, plain)
    if scaled.value != out.value or (scaled.lsb == 0).any():
        context.refuse(model, "its transformer does more than to scale by constants")
    lsb, offset = out.lsb / scaled.lsb, (out.offset - scaled.offset) / scaled.lsb
    return out.made(out.value, lsb=np.asarray(lsb), offset=np.asarray(offset))
