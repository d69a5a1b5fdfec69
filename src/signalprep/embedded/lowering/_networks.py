"""Feed-forward networks: dense layers of few bits, every sum exact, one rounding a layer.

Weights are symmetric, a step for each output, without the most negative code. What passes between
layers has one step and a code for 0. The last layer gives its sums as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from signalprep.embedded.lowering._activations import ACTIVATIONS, Codes
from signalprep.embedded.lowering._channels import Channels
from signalprep.embedded.lowering._classes import chosen
from signalprep.embedded.lowering._context import Context
from signalprep.embedded.lowering._dense import dense
from signalprep.embedded.lowering._fold import lowers
from signalprep.flow import Node
from signalprep.neural import FeedForwardRegressor

__all__ = ["network"]

_OUT_BITS = 30

Layers = Sequence[tuple[np.ndarray, np.ndarray]]


@lowers.register
def _(model: MLPRegressor, node: Node, context: Context, channels: Channels) -> Channels:
    if model.out_activation_ != "identity":
        context.refuse(model, f"its outputs pass through {model.out_activation_!r}")
    return network(context, channels, _layers_of(model), model.activation)


@lowers.register
def _(model: MLPClassifier, node: Node, context: Context, channels: Channels) -> Channels:
    if model.n_outputs_ > 1 and model.out_activation_ != "softmax":
        context.refuse(model, "it gives several labels a row")
    scores = network(context, channels, _layers_of(model), model.activation)
    return chosen(context, scores, model.classes_)


@lowers.register
def _(model: FeedForwardRegressor, node: Node, context: Context, channels: Channels) -> Channels:
    weights = model.weights_
    if any(name.startswith("norms.") for name in weights):
        context.refuse(model, "it has layer norm; train it with layer_norm=False")
    names = [*(f"layers.{k}" for k in range(sum(n.startswith("layers.") for n in weights) // 2))]
    layers = [
        (weights[f"{name}.weight"].astype(np.float64), weights[f"{name}.bias"].astype(np.float64))
        for name in [*names, "out"]
    ]
    mean, spread = model.inputs_.mean, model.inputs_.scale
    factor = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    scaled = channels.scaled(factor, -mean * factor, [None] * len(channels))
    out = network(context, scaled, layers, model.activation_)
    return out.scaled(model.targets_.scale, model.targets_.mean, [None] * len(out))


def _layers_of(model: Any) -> Layers:
    layers = zip(model.coefs_, model.intercepts_, strict=True)
    return [(np.asarray(w.T, dtype=np.float64), b.astype(np.float64)) for w, b in layers]


def network(context: Context, channels: Channels, layers: Layers, activation: str) -> Channels:
    """Outputs of dense layers with an activation between them."""
    n_layers, options = len(layers), context.options
    enters = [options.bits_of("activation_bits", k + 1, n_layers) for k in range(n_layers)]
    codes = Codes(*context.requantised(channels, enters[0]))
    for k, (weights, bias) in enumerate(layers):
        with context.inside(f"layer {k + 1}"):
            hidden = k < n_layers - 1
            bits = options.bits_of("weight_bits", k + 1, n_layers)
            sums, steps = dense(context, codes, weights, bias, bits, alike=hidden)
            if hidden:
                codes = ACTIVATIONS[activation](context, sums, steps, enters[k + 1])
                continue
            low, high = context.proven(sums)
            most = int(max(np.abs(low).max(), np.abs(high).max()))
            down = max(0, most.bit_length() - _OUT_BITS)
            value = context.builder.shift(sums, down)
            names = [f"y{j}" for j in range(len(weights))]
            return channels.made(value, lsb=steps * 2.0**down, offset=0.0, names=names)
    raise AssertionError("a network has at least one layer")
