"""Classes: the place of the greatest of several scores, or the sign of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.program import Value

__all__ = ["chosen", "class_at", "row_of_zeros"]

_WIDEST = 30  # bits of what a Scale multiplies
_TOP = 1 << 28


def chosen(
    context: Context, scores: Channels, classes: Any, *, second_at_zero: bool = False
) -> Channels:
    """The class of the greatest score, the first of equal ones; of one score, by its sign.

    One score chooses the second class where it is above 0, or 0 if it says so.
    """
    builder = context.builder
    if len(scores) == 1:
        border = -scores.offset[0] / scores.lsb[0]
        border = int(np.ceil(border) - 1 if second_at_zero else np.floor(border))
        return class_at(builder.flag(builder.const(border), "<", scores.value), classes)
    alike = _at_one_step(context, scores)
    best, place = builder.gather((alike, 0)), builder.const(0)
    for k in range(1, len(scores)):
        score = builder.gather((alike, k))
        place = builder.select(best, "<", score, builder.const(k), place)
        best = builder.select(best, "<", score, score, best)
    return class_at(place, classes)


def class_at(place: Value, classes: Any) -> Channels:
    """The class at a place."""
    found = np.asarray(classes)
    return Channels(place, ("class",), np.ones(1), np.zeros(1), (None,), classes=found)


def row_of_zeros(model: Any) -> Any:
    """What to ask a fitted model where any row will do."""
    zeros = np.zeros((1, model.n_features_in_))
    if not hasattr(model, "feature_names_in_"):
        return zeros
    return pd.DataFrame(zeros, columns=model.feature_names_in_)


def _at_one_step(context: Context, scores: Channels) -> Value:
    """Scores as numbers of one step, so that they compare."""
    if (scores.lsb == scores.lsb[0]).all() and not scores.offset.any():
        return scores.value
    low, high = context.proven(scores.value)
    ends = np.stack([low, high]) * scores.lsb + scores.offset
    most = int(max(np.abs(low).max(), np.abs(high).max()))
    spare = _WIDEST - most.bit_length()  # how much finer 32 bits can be than the scores are
    step = max(
        float(np.abs(ends).max()) / _TOP, float(np.abs(scores.lsb).max()) * 2.0 ** (1.5 - spare)
    )
    zero = np.round(scores.offset / step).astype(np.int64)
    return context.rescaled(scores.value, scores.lsb / step, zero=zero, low=-_TOP, high=_TOP)
