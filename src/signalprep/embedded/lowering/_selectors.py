"""Selectors of channels, which have learned which ones to take."""

from __future__ import annotations

import numpy as np
from sklearn.feature_selection import RFE, SelectorMixin

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, taken
from signalprep.embedded.lowering._fold import lowers
from signalprep.flow import Node

__all__: list[str] = []


@lowers.register
def _(step: SelectorMixin, node: Node, context: Context, channels: Channels) -> Channels:
    return taken(context, channels, np.flatnonzero(step.get_support()))


@lowers.register
def _(step: RFE, node: Node, context: Context, channels: Channels) -> Channels:
    context.refuse(step, "it predicts as well as it selects; use the channels of its support_")
