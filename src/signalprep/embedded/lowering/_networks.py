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
from signalprep.embedded.lowering._fold import lowers
from signalprep.embedded.program import Value
from signalprep.flow import Node
from signalprep.neural import FeedForwardRegressor

__all__ = ["network"]

_BIAS_BITS = 29  # a bias of more coarsens the weights of its row
_OUT_BITS = 30
_ALIKE = 2.0**-10  # of the coarsest row of a hidden layer, as all rows become codes of one step

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
    bits = context.options.activation_bits
    codes = Codes(*context.requantised(channels, bits))
    for k, (weights, bias) in enumerate(layers):
        with context.inside(f"layer {k + 1}"):
            hidden = k < len(layers) - 1
            sums, steps = _dense(context, codes, weights, bias, hidden)
            if hidden:
                codes = ACTIVATIONS[activation](context, sums, steps, bits)
                continue
            low, high = context.proven(sums)
            most = int(max(np.abs(low).max(), np.abs(high).max()))
            down = max(0, most.bit_length() - _OUT_BITS)
            value = context.builder.shift(sums, down)
            names = [f"y{j}" for j in range(len(weights))]
            return channels.made(value, lsb=steps * 2.0**down, offset=0.0, names=names)
    raise AssertionError("a network has at least one layer")


def _dense(
    context: Context, codes: Codes, weights: np.ndarray, bias: np.ndarray, hidden: bool
) -> tuple[Value, np.ndarray]:
    """Sums of a layer, and the step of each."""
    most = (1 << (context.options.weight_bits - 1)) - 1
    fine = np.maximum(
        np.abs(weights).max(axis=1) / most, np.abs(bias) / (codes.step * 2.0**_BIAS_BITS)
    )
    fine = np.maximum(fine, fine.max() * _ALIKE if hidden else 0.0)
    fine[fine == 0.0] = 1.0
    whole = np.round(weights / fine[:, None]).astype(np.int64)
    constant = bias / (codes.step * fine) + (weights / fine[:, None]) @ codes.rest
    start = np.round(constant).astype(np.int64) - codes.zero * whole.sum(axis=1)
    return context.builder.dot(codes.value, whole, start), codes.step * fine
