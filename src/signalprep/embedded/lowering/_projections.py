"""Projections: weighted sums of all channels, as precise as linear models are."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.decomposition import PCA, IncrementalPCA

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._linear import weighted_sum
from signalprep.flow import Node

__all__: list[str] = []


@lowers.register(PCA)
@lowers.register(IncrementalPCA)
def _(step: Any, node: Node, context: Context, channels: Channels) -> Channels:
    weights = np.asarray(step.components_, dtype=np.float64)
    if step.whiten:
        spread = np.sqrt(np.asarray(step.explained_variance_, dtype=np.float64))
        if not (spread > 0).all():
            context.refuse(step, "it whitens a component that does not vary; take fewer of them")
        weights = weights / spread[:, np.newaxis]
    return weighted_sum(context, channels, weights, -weights @ np.asarray(step.mean_))
