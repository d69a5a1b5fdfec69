"""Clarke transforms: sums of codes where the phases have one step, so that nothing is rounded."""

from __future__ import annotations

import numpy as np

from signalprep._kernels._clarke import clarke_factors
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context, replaced, side_by_side, taken
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._linear import weighted_sum
from signalprep.features import ClarkeTransformer
from signalprep.flow import Node

__all__: list[str] = []

_WEIGHTS = {  # of whole numbers, and the parts of amplitude and zero component that they are
    3: (np.array([[2, -1, -1], [0, 1, -1], [1, 1, 1]]), (1 / 3, 1 / np.sqrt(3), 1 / 3)),
    2: (np.array([[1, 0], [1, 2]]), (1.0, 1 / np.sqrt(3))),
}


@lowers.register
def _(step: ClarkeTransformer, node: Node, context: Context, channels: Channels) -> Channels:
    """Exact where the phases of a group have one step; else off by 2**-30 of the range."""
    if step.nan_policy != "raise":
        context.refuse(step, f"integers have no NaN; nan_policy={step.nan_policy!r} needs one")
    vector, zero = clarke_factors(step.power_invariant)
    parts = []
    for group in step.groups_:
        phases = taken(context, channels, group)
        whole, factors = _WEIGHTS[len(group)]
        factor = np.array(factors) * [vector, vector, zero][: len(group)]
        lsb = phases.lsb
        if (lsb == lsb[0]).all():
            value = context.builder.dot(phases.value, whole)
            offset = factor * (whole @ phases.offset)
            parts.append(phases.made(value, lsb[0] * factor, offset))
        else:
            zeros = np.zeros(len(group))
            parts.append(weighted_sum(context, phases, factor[:, None] * whole, zeros))
    at = np.concatenate(step.groups_)
    out = replaced(context, channels, at, side_by_side(context, parts))
    names = tuple(map(str, step.get_feature_names_out()))
    return Channels(out.value, names, out.lsb, out.offset, out.images)
