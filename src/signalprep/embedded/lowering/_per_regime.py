"""PerRegime: of the models for the cells, the one whose cell it is runs; the others wait."""

from __future__ import annotations

from typing import Any

import numpy as np

from signalprep.compose import PerRegime
from signalprep.embedded.lowering._binner import cell_of
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._fold import lowered, lowers
from signalprep.embedded.program import Value
from signalprep.flow import Handed, Node, tree

__all__: list[str] = []

_TOP = 1 << 28  # codes of what the models give, brought to one step


@lowers.register
def _(model: PerRegime, node: Node, context: Context, channels: Channels) -> Channels:
    if model.softness > 0:
        context.refuse(
            model, f"softness={model.softness:g} averages models at each border; use softness=0"
        )
    assert isinstance(node, Handed)
    cell = cell_of(context, model.binner_, channels)  # of the rows as they come
    features = lowered(node.inner, context, channels)
    if not model.models_:
        return lowered(tree(model.fallback_), context, features)
    builder = context.builder
    flags = [builder.flag(cell, "==", builder.const(number)) for number in model.models_]
    names = [f"cell {number}" for number in model.models_]
    together = builder.gather(*((flag, None) for flag in flags))
    has_own = builder.dot(together, np.ones((1, len(flags)), dtype=np.int64))
    flags.append(builder.flag(has_own, "==", builder.const(0)))
    models = [*model.models_.values(), model.fallback_]
    found = [
        _guarded(context, name, flag, one, features)
        for name, flag, one in zip([*names, "fallback"], flags, models, strict=True)
    ]
    return _joined(context, channels, flags, found)


def _guarded(context: Context, name: str, flag: Value, model: Any, features: Channels) -> Channels:
    with context.inside(name), context.builder.when(flag):
        return lowered(tree(model), context, features)


def _joined(
    context: Context, channels: Channels, flags: list[Value], found: list[Channels]
) -> Channels:
    """What the model that ran gives, in one step for all of them."""
    builder, spans = context.builder, []
    for part in found:
        low, high = context.proven(part.value)
        spans.append(np.abs(np.stack([low, high]) * part.lsb + part.offset).max(axis=0))
    steps = np.max(spans, axis=0) / _TOP
    steps = np.maximum(steps, np.finfo(float).tiny)
    value: Value | None = None
    for flag, part in zip(flags, found, strict=True):
        with builder.when(flag):
            zero = np.round(part.offset / steps).astype(np.int64)
            own = context.rescaled(
                part.value, part.lsb / steps, zero=zero, low=-2 * _TOP, high=2 * _TOP
            )
        held = builder.hold(own, flag)
        value = held if value is None else builder.select(flag, "==", builder.const(1), held, value)
    assert value is not None
    names = [f"y{k}" for k in range(len(steps))]
    return channels.made(value, lsb=steps, offset=0.0, names=names)
