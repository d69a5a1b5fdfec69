"""Recurrent networks with random weights, without torch, and their outputs by formulas."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from signalprep.neural import RecurrentRegressor
from signalprep.neural._standardiser import Standardiser

GATES = {"gru": 3, "lstm": 4, "rnn": 1}


def drawn(
    cell: str, n_in: int = 4, size: int = 5, n_layers: int = 1, *, learned: bool = True
) -> dict[str, np.ndarray]:
    """Random weights, biases and learned starts among them; of two targets."""
    rng = np.random.default_rng(n_layers)
    rows, starts = GATES[cell] * size, (2 if cell == "lstm" else 1) * size
    shapes: dict[str, tuple[int, ...]] = {}
    for k in range(n_layers):
        shapes[f"cells.{k}.weight_ih_l0"] = (rows, n_in if k == 0 else size)
        shapes[f"cells.{k}.weight_hh_l0"] = (rows, size)
        shapes |= {f"cells.{k}.bias_{of}_l0": (rows,) for of in ("ih", "hh")}
        if learned:
            shapes |= {f"starts.{k}.weight": (starts, n_in), f"starts.{k}.bias": (starts,)}
    shapes |= {"out.weight": (2, size), "out.bias": (2,), "direct.weight": (2, n_in)}
    return {name: rng.uniform(-0.7, 0.7, shape) for name, shape in shapes.items()}


def fitted(cell: str, weights: dict[str, np.ndarray]) -> RecurrentRegressor:
    """A network with these weights, as fit would leave it; its last channel was constant."""
    n_in, n_out = weights["direct.weight"].shape[1], len(weights["out.bias"])
    model = RecurrentRegressor(cell, weights["out.weight"].shape[1])
    model.weights_ = {name: one.astype(np.float32) for name, one in weights.items()}
    model.cell_, model.n_features_in_ = cell, n_in
    model.n_targets_ = n_out if n_out > 1 else 0
    model.fitted_on_log_, model.sample_time_ = False, None
    scale = np.where(np.arange(n_in) == 3, 0.0, 2.0)
    model.inputs_ = Standardiser(np.arange(n_in) / 4.0, scale)
    model.targets_ = Standardiser(np.full(n_out, 30.0), np.full(n_out, 8.0))
    model.lookahead_, model.memory_, model.delay_ = 0, 9, 0
    return model


def by_formula(model: RecurrentRegressor, X: np.ndarray, bounds: Any) -> np.ndarray:
    """What the network gives, written down from PyTorch's documentation of its cells."""
    w = {name: one.astype(float) for name, one in model.weights_.items()}
    rows = (X - model.inputs_.mean) * np.where(model.inputs_.scale > 0, 0.5, 0.0)
    parts = [_segment(model.cell_, w, rows[a:b]) for a, b in pairwise(bounds)]
    return np.concatenate(parts) * 8.0 + 30.0


def _segment(cell: str, w: dict[str, np.ndarray], rows: np.ndarray) -> np.ndarray:
    n_layers = sum(name.endswith("weight_hh_l0") for name in w)
    size = w["out.weight"].shape[1]
    states = []
    for k in range(n_layers):
        start = np.zeros(2 * size)
        if f"starts.{k}.weight" in w:
            found = np.tanh(w[f"starts.{k}.weight"] @ rows[0] + w[f"starts.{k}.bias"])
            start[: len(found)] = found
        states.append(start.reshape(2, size))
    out = []
    for x in rows:
        value = x
        for k, state in enumerate(states):
            own = w[f"cells.{k}.weight_ih_l0"] @ value + w[f"cells.{k}.bias_ih_l0"]
            fed = w[f"cells.{k}.weight_hh_l0"] @ state[0] + w[f"cells.{k}.bias_hh_l0"]
            value = _step(cell, own, fed, state)
        out.append(w["out.weight"] @ value + w["out.bias"] + w["direct.weight"] @ x)
    return np.array(out)


def _sigma(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def _step(cell: str, own: np.ndarray, fed: np.ndarray, state: np.ndarray) -> np.ndarray:
    a, b = (one.reshape(GATES[cell], -1) for one in (own, fed))
    if cell == "gru":
        r, z = _sigma(a[0] + b[0]), _sigma(a[1] + b[1])
        state[0] = (1 - z) * np.tanh(a[2] + r * b[2]) + z * state[0]
    elif cell == "lstm":
        i, f, g, o = (a + b)[0], (a + b)[1], (a + b)[2], (a + b)[3]
        state[1] = _sigma(f) * state[1] + _sigma(i) * np.tanh(g)
        state[0] = _sigma(o) * np.tanh(state[1])
    else:
        state[0] = np.tanh(a[0] + b[0])
    return state[0].copy()
