"""network_statistics: gradients and activations of a trained network, layer by layer."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs

from signalprep.neural._feed_forward_regressor import FeedForwardRegressor
from signalprep.neural._network_regressor import NetworkRegressor
from signalprep.neural.checks._gates import gates
from signalprep.neural.checks._last_network import fitted_network
from signalprep.neural.checks._scaled_segments import scaled_segments
from signalprep.neural.training._batches import Segment
from signalprep.neural.training._parameters import check_whole
from signalprep.neural.training._torch import check_device, import_torch, on_its_own
from signalprep.neural.training._training import cut_off

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["network_statistics"]

SATURATED = 0.97  # of the range of tanh and gates, from its middle
MOST = 0.5  # of the units or values: more are called dead, or saturated
VANISHING = 1e-3  # of the gradient at the network's output
EXPLODING = 1e3  # times it; and of a gradient's norm, which is about 1 for scaled data
LARGEST_GRADIENT = 1e2


@dataclass
class _Layer:
    """What one layer put out over the rows that count: parts, one a batch."""

    values: list[Tensor] = field(default_factory=list)
    signals: list[Tensor] = field(default_factory=list)
    bounded: list[Tensor] = field(default_factory=list)


def network_statistics(estimator: Any, X: Any, y: Any, *, n_rows: int = 4096) -> pd.DataFrame:
    """Gradients, weights and activations by layer, and what is wrong with them.

    One pass over rows of a log, forward and back through the chunks the network is trained on, as
    in training but without noise, dropout and a step. The estimator does not change.

    Parameters
    ----------
    estimator : fitted RecurrentRegressor, FeedForwardRegressor, or Pipeline or AtRate around one
        Trained for however long; after one epoch it shows what the training begins with.
    X : DataFrame or array of shape (n_samples, n_channels)
        A log, as for ``predict``.
    y : Series, DataFrame or array of shape (n_samples,) or (n_samples, n_targets)
        The target at each row.
    n_rows : int, default=4096
        About how many rows to use: segments, evenly spread over the log, up to that many rows.

    Returns
    -------
    table : DataFrame, one row a layer, by torch's names
        ``gradient_norm``, that of the mean loss by the layer's parameters; ``weight_norm``;
        ``ratio`` of the two. ``signal``: norm of the loss gradient by what the layer puts out, by
        row, relative to that at the network's output (NaN of the map of the first state).
        ``mean`` and ``std`` of the activations. ``dead``: share of units whose ReLU is 0 at every
        row. ``saturated``: share of values of tanh and gates beyond 97 % of their range from its
        middle. ``verdict``:

        - "exploding": a gradient that is not finite, a norm above 100, or a signal above 1000;
        - "dead": more than half of the units;
        - "saturated": more than half of the values;
        - "vanishing": a signal below 0.001;
        - "fine".

    Raises
    ------
    ImportError
        torch is not installed.
    NotFittedError
        The estimator is not fitted.
    InvalidParameterError
        `n_rows` out of its range; an estimator that is no network.

    Notes
    -----
    The loss is that of the scaled target, by which gradients are about 1 or less. The gradient by
    row does not fade as a training comes to its end, since it is relative to that at the output. A
    gate that is open or shut most of the time is how a network remembers: only when most of all
    values are at their bounds does the layer no longer learn. Values and gradients of the rows are
    held in memory: n_rows times all units.

    References
    ----------
    X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, PMLR 9, pp. 249-256.

    Examples
    --------
    >>> import signalprep as sp
    >>> log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    >>> X, y = log.drop(columns="T_pm"), log["T_pm"]
    >>> model = sp.neural.FeedForwardRegressor((16, 16), max_epochs=5, random_state=0).fit(X, y)
    >>> sp.neural.network_statistics(model, X, y)["verdict"].to_dict()
    {'layers.0': 'fine', 'layers.1': 'fine', 'out': 'fine'}
    """
    import_torch()
    check_whole("n_rows", n_rows)
    fitted, X, y = fitted_network(estimator, X, y)
    network = copy.copy(fitted)
    segments = _some(scaled_segments(network, X, y), int(n_rows))
    device = check_device(network.device)
    with on_its_own(0, int(effective_n_jobs(network.n_jobs)), device):
        module = network._module(trained=True).to(device)
        module.get_submodule("dropout").eval()  # CUDA goes back through cells in training only
        layers = _pass(network, module, segments, device)
        rows = {name: _describe(network, module, name, layer) for name, layer in layers.items()}
    at_output = rows["out"]["signal"]
    for row in rows.values():
        row["signal"] = row["signal"] / at_output if at_output > 0.0 else np.nan
    table = pd.DataFrame.from_dict(rows, orient="index")
    table["verdict"] = [_verdict(row) for row in rows.values()]
    return table.rename_axis("layer")


def _some(segments: Sequence[Segment], n_rows: int) -> list[Segment]:
    """Segments evenly spread over the log; the last one cut."""
    total = sum(len(segment) for segment in segments)
    every = max(min(total // n_rows, len(segments)), 1)
    chosen, left = [], n_rows
    for segment in segments[::every]:
        if left > 0 and segment.weight[:left].any():
            chosen.append(Segment(segment.x[:left], segment.y[:left], segment.weight[:left]))
            left -= len(segment)
    return chosen or list(segments)


def _pass(
    network: NetworkRegressor, module: nn.Module, segments: list[Segment], device: str
) -> dict[str, _Layer]:
    """Mean gradients by the parameters, in the module, and what the layers put out."""
    torch = import_torch()
    course = network._course(device)
    n_rows = sum(int((segment.weight > 0.0).sum()) for segment in segments)
    layers = {name: _Layer() for name in _names(module)}
    state: Any = None
    for batch in network._data(segments).whole():
        x, y, weight = (torch.from_numpy(part).to(device) for part in batch[:3])
        state = None if batch.fresh else cut_off(state)
        with _listening(module, layers) as seen:
            found, state = module(x, state)
        loss = (course.loss(found, y).mean(-1) * weight).sum() / n_rows
        loss.backward()
        for name, (value, bounded) in seen.items():
            of_rows = value.shape[:-1] == weight.shape
            counted = weight > 0.0 if of_rows else torch.ones_like(value[..., 0], dtype=torch.bool)
            layers[name].values.append(value.detach()[counted])
            if of_rows and value.grad is not None:
                layers[name].signals.append(value.grad[counted])
            if bounded is not None:
                layers[name].bounded.append(bounded.detach()[counted])
    return {name: layer for name, layer in layers.items() if layer.values}


def _names(module: nn.Module) -> list[str]:
    lists = ("starts", "layers", "cells")
    parts: dict[str, Any] = dict(module.named_children())
    names = [f"{part}.{k}" for part in lists for k in range(len(parts.get(part, ())))]
    return [*names, *(["direct"] if "direct" in parts else []), "out"]


@contextmanager
def _listening(
    module: nn.Module, layers: dict[str, _Layer]
) -> Iterator[dict[str, tuple[Tensor, Tensor | None]]]:
    """What each layer puts out while this lasts, and its values between -1 and 1."""
    torch = import_torch()
    seen: dict[str, tuple[Tensor, Tensor | None]] = {}

    def keep(name: str, value: Tensor, bounded: Tensor | None = None) -> None:
        value.retain_grad()
        seen[name] = value, bounded

    def hear_cell(name: str, cell: Any, given: Any, made: Any) -> None:
        keep(name, made[0], gates(cell, given[0], given[1], made[0]))

    def hear_start(name: str, _: Any, __: Any, made: Tensor) -> None:
        keep(name, made, torch.tanh(made.detach()))

    def hear_sum(name: str, _: Any, __: Any, made: Tensor) -> None:
        keep(name, made)

    def hear_activation(activation: Any, __: Any, made: Tensor) -> None:
        keep(f"layers.{len(seen)}", made, made if isinstance(activation, torch.nn.Tanh) else None)

    hear = {"cells": hear_cell, "starts": hear_start}
    handles: list[Any] = []
    for name in layers:
        part: Any = module.get_submodule(name)
        kind = name.partition(".")[0]
        if kind != "layers":  # they are heard behind their activation, which all of them share
            handles.append(part.register_forward_hook(partial(hear.get(kind, hear_sum), name)))
    if "layers.0" in layers:
        activation: Any = module.get_submodule("activation")
        handles.append(activation.register_forward_hook(hear_activation))
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _describe(
    network: NetworkRegressor, module: nn.Module, name: str, layer: _Layer
) -> dict[str, float]:
    torch = import_torch()
    parameters = [value for full, value in module.named_parameters() if full.startswith(f"{name}.")]
    gradients = [torch.zeros(1) if p.grad is None else p.grad.flatten() for p in parameters]
    gradient = float(torch.cat(gradients).norm())
    weight = float(torch.cat([p.detach().flatten() for p in parameters]).norm())
    values = torch.cat(layer.values)
    relu = isinstance(network, FeedForwardRegressor) and network.activation_ == "relu"
    signal = np.nan
    if layer.signals:
        signal = float(torch.cat(layer.signals).square().sum(-1).mean().sqrt())
    saturated = np.nan
    if layer.bounded:
        saturated = float((torch.cat(layer.bounded).abs() > SATURATED).float().mean())
    return {
        "gradient_norm": gradient,
        "weight_norm": weight,
        "ratio": gradient / weight if weight > 0.0 else np.nan,
        "signal": signal,
        "mean": float(values.mean()),
        "std": float(values.std(correction=0)),
        "dead": float((values <= 0.0).all(0).float().mean()) if relu and name != "out" else np.nan,
        "saturated": saturated,
    }


def _verdict(row: dict[str, float]) -> str:
    gradient, signal = row["gradient_norm"], row["signal"]
    if not gradient <= LARGEST_GRADIENT or signal > EXPLODING:
        return "exploding"
    if row["dead"] > MOST:
        return "dead"
    if row["saturated"] > MOST:
        return "saturated"
    return "vanishing" if signal < VANISHING else "fine"
