"""The networks' forward passes from trained weights, without torch, by the kernels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from signalprep._kernels import _network

__all__ = ["CELLS", "FeedForwardPass", "RecurrentPass", "RecurrentState"]

CELLS = {"rnn": _network.RNN, "gru": _network.GRU, "lstm": _network.LSTM}
ACTIVATIONS = {"relu": _network.RELU, "tanh": _network.TANH, "gelu": _network.GELU}
CHUNK = 4096  # rows that pass all layers together

Weights = Mapping[str, np.ndarray]
RecurrentState = list[np.ndarray]  # of each layer, (2, n): its state and that of its cells


def _transposed(weights: Weights, name: str) -> np.ndarray:
    return np.ascontiguousarray(weights[name].T, dtype=np.float64)


def _vector(weights: Weights, name: str) -> np.ndarray:
    return np.ascontiguousarray(weights[name], dtype=np.float64)


class FeedForwardPass:
    """A feed-forward network as a function of scaled rows.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As the torch module names them.
    activation : {"relu", "tanh", "gelu"}
    """

    def __init__(self, weights: Weights, activation: str) -> None:
        n_layers = sum(name.startswith("layers.") for name in weights) // 2
        self._layers = [
            (_transposed(weights, f"layers.{k}.weight"), _vector(weights, f"layers.{k}.bias"))
            for k in range(n_layers)
        ]
        self._norms = [
            (_vector(weights, f"norms.{k}.weight"), _vector(weights, f"norms.{k}.bias"))
            for k in range(n_layers)
            if f"norms.{k}.weight" in weights
        ]
        self._out = _transposed(weights, "out.weight"), _vector(weights, "out.bias")
        self._activation = ACTIVATIONS[activation]

    def run(self, x: np.ndarray) -> np.ndarray:
        """Outputs (n_rows, n_outputs) of rows (n_rows, n_inputs), float64 and contiguous."""
        result = np.empty((len(x), self._out[1].size))
        for first in range(0, len(x), CHUNK):
            values = x[first : first + CHUNK]
            for k, (weights, bias) in enumerate(self._layers):
                after = np.empty((len(values), bias.size))
                _network.dense(values, weights, bias, after, False)
                if self._norms:
                    _network.normalise(after, *self._norms[k])
                _network.activate(after, self._activation)
                values = after
            _network.dense(values, *self._out, result[first : first + CHUNK], False)
        return result


class RecurrentPass:
    """A recurrent network as a function of the scaled rows of one segment.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As the torch module names them.
    cell : {"rnn", "gru", "lstm"}
    """

    def __init__(self, weights: Weights, cell: str) -> None:
        n_layers = sum(name.endswith("weight_hh_l0") for name in weights)
        self._cell = CELLS[cell]
        self._layers = [
            (
                _transposed(weights, f"cells.{k}.weight_ih_l0"),
                _transposed(weights, f"cells.{k}.weight_hh_l0"),
                np.stack([_vector(weights, f"cells.{k}.bias_{of}_l0") for of in ("ih", "hh")]),
            )
            for k in range(n_layers)
        ]
        self._starts = [
            (_transposed(weights, f"starts.{k}.weight"), _vector(weights, f"starts.{k}.bias"))
            for k in range(n_layers)
            if f"starts.{k}.weight" in weights
        ]
        self._norm = (
            (_vector(weights, "norm.weight"), _vector(weights, "norm.bias"))
            if "norm.weight" in weights
            else None
        )
        self._out = _transposed(weights, "out.weight"), _vector(weights, "out.bias")
        self._direct = _transposed(weights, "direct.weight")
        self._size = self._layers[0][1].shape[0]

    def start(self, first: np.ndarray) -> RecurrentState:
        """State before the first row, (n_inputs,), of a segment."""
        states = [np.zeros((2, self._size)) for _ in self._layers]
        for state, (weights, bias) in zip(states, self._starts, strict=False):
            start = state.reshape(1, -1)[:, : bias.size]
            _network.dense(first[np.newaxis], weights, bias, start, False)
            _network.activate(start, _network.TANH)
        return states

    def advance(self, x: np.ndarray, state: RecurrentState) -> np.ndarray:
        """Outputs (n_rows, n_outputs) of the next rows; ``state`` moves on in place."""
        result = np.empty((len(x), self._out[1].size))
        for first in range(0, len(x), CHUNK):
            rows = x[first : first + CHUNK]
            values = rows
            for layer, own in zip(self._layers, state, strict=True):
                after = np.empty((len(rows), self._size))
                _network.recurrent(self._cell, values, *layer, own, after)
                values = after
            if self._norm is not None:
                _network.normalise(values, *self._norm)
            out = result[first : first + CHUNK]
            _network.dense(values, *self._out, out, False)
            _network.dense(rows, self._direct, np.zeros(out.shape[1]), out, True)
        return result

    def run(self, x: np.ndarray) -> np.ndarray:
        """Outputs of one whole segment."""
        return self.advance(x, self.start(x[0]))
