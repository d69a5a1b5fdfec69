"""Models that give the same for every row, such as the fallback of a PerRegime."""

from __future__ import annotations

import numpy as np
from sklearn.dummy import DummyRegressor

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers
from signalprep.flow import Node

__all__: list[str] = []


@lowers.register
def _(model: DummyRegressor, node: Node, context: Context, channels: Channels) -> Channels:
    constant = np.ravel(model.constant_)
    names = [f"y{k}" for k in range(len(constant))]
    value = context.builder.const(np.zeros(len(constant), dtype=np.int64))
    return channels.made(value, lsb=1.0, offset=constant, names=names)
