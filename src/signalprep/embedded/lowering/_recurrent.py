"""Recurrent networks: their states are kept from row to row, each within a range that is proven."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from signalprep.embedded.lowering._activations import Codes
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._dense import dense
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.lowering._recurrent_cells import (
    CELLS,
    Layer,
    codes_of,
    squashed,
    sums_for,
)
from signalprep.embedded.program import Value
from signalprep.flow import Node
from signalprep.neural import RecurrentRegressor
from signalprep.neural.forward import RecurrentPass

__all__: list[str] = []

Weights = dict[str, np.ndarray]

_OUT_BITS = 26  # of the outputs
_ROOM = 1.25  # by which cells may go beyond what they are in the calibration rows


@lowers.register
def _(model: RecurrentRegressor, node: Node, context: Context, channels: Channels) -> Channels:
    weights = {name: one.astype(np.float64) for name, one in model.weights_.items()}
    if "norm.weight" in weights:
        context.refuse(model, "it has layer norm; train it with layer_norm=False")
    mean, spread = model.inputs_.mean, model.inputs_.scale
    factor = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    scaled = channels.scaled(factor, -mean * factor, [None] * len(channels))
    n_layers = sum(name.endswith("weight_hh_l0") for name in weights)
    weight_bits, enters = (
        [context.options.bits_of(name, k + 1, n_layers + 1) for k in range(n_layers + 1)]
        for name in ("weight_bits", "activation_bits")
    )
    x = Codes(*context.requantised(scaled, enters[0], centred=True))
    reaches = _reaches(model, context, scaled, n_layers)
    before, h = x, x
    for k, (bits, reach) in enumerate(zip(weight_bits[:-1], reaches, strict=True)):
        with context.inside(f"layer {k + 1}"):
            start = _start(context, x, weights, k, bits)
            layer = _layer(weights, k)._replace(bits=bits, start=start, reach=reach)
            state, width = CELLS[model.cell_](context, before, layer)
            before = codes_of(context, state, width, min(enters[k + 1], 16))
            h = codes_of(context, state, width)
    with context.inside(f"layer {n_layers + 1}"):
        value, steps = _outputs(context, (h, x), weights, weight_bits[-1])
    names = [f"y{j}" for j in range(value.size)]
    made = scaled.made(value, lsb=steps, offset=0.0, names=names)
    return made.scaled(model.targets_.scale, model.targets_.mean, [None] * value.size)


def _layer(weights: Weights, k: int) -> Layer:
    inward, around, bias, bias_around = (
        weights[f"cells.{k}.{kind}_l0"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return Layer(inward, around, (bias, bias_around))


def _start(context: Context, x: Codes, weights: Weights, k: int, bits: int) -> Value | None:
    """The states of a layer before the first row of a segment, from that row."""
    if f"starts.{k}.weight" not in weights:
        return None
    with context.builder.when(context.builder.first()):
        weight, bias = (weights[f"starts.{k}.{kind}"] for kind in ("weight", "bias"))
        return squashed(context, sums_for(context, x, weight, bias, bits))


def _reaches(
    model: RecurrentRegressor, context: Context, scaled: Channels, n_layers: int
) -> list[float | None]:
    """How far the cells of each layer go in the calibration rows, with some room."""
    rows = context.calibration(scaled) if model.cell_ == "lstm" else None
    if rows is None:
        return [None] * n_layers
    network, most = RecurrentPass(model.weights_, model.cell_), np.ones(n_layers)
    for begin, end in pairwise(rows[1]):
        state = network.start(rows[0][begin])
        for i in range(begin, end):
            network.advance(rows[0][i : i + 1], state)
            most = np.maximum(most, [np.abs(one[1]).max() for one in state])
    return list(_ROOM * most)


def _outputs(
    context: Context, enters: tuple[Codes, Codes], weights: Weights, bits: int
) -> tuple[Value, np.ndarray]:
    """``A h + B x + b``, and the step of each sum: the coarser one of its two parts."""
    bias = weights["out.bias"]
    rows = (weights["out.weight"], bias), (weights["direct.weight"], np.zeros_like(bias))
    parts = [
        dense(context, codes, *own, bits, alike=False)
        for codes, own in zip(enters, rows, strict=True)
    ]
    spans = [np.abs(np.stack(context.proven(sums))).max(axis=0) for sums, _ in parts]
    # of a sum that is always 0, the step is of no account
    fine = [np.where(span > 0, steps, 0.0) for span, (_, steps) in zip(spans, parts, strict=True)]
    most = sum(span * steps for span, steps in zip(spans, fine, strict=True))
    step = np.maximum(np.maximum(*fine), most / 2.0**_OUT_BITS)
    step = np.where(step > 0, step, 1.0)
    top = 1 << _OUT_BITS
    values = [
        context.rescaled(sums, own / step, zero=0, low=-top, high=top)
        for (sums, _), own in zip(parts, fine, strict=True)
    ]
    return context.builder.add(*values), step
