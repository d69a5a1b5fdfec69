"""Small networks, one row after the other: dense layers and recurrent cells.

A row always takes the same sums in the same order, whatever rows come with it, so a prediction is
the same to the last bit for a whole log, for chunks of it and sample by sample. Weights are float32
as they were trained; sums are in float64.

With x the inputs of a layer and h its state,

    rnn:  h <- tanh(W x + b + U h + d)
    gru:  r, z = sigma(W x + b + U h + d),  n = tanh(W_n x + b_n + r (U_n h + d_n)),
          h <- (1 - z) n + z h
    lstm: i, f, o = sigma(W x + b + U h + d),  g = tanh(...),  c <- f c + i g,  h <- o tanh(c)

with gates in the order r, z, n and i, f, g, o.

Sources: K. Cho et al., EMNLP 2014, doi:10.3115/v1/D14-1179 (with the reset gate behind the product,
as in A. van den Oord's and cuDNN's form); S. Hochreiter, J. Schmidhuber, Neural Computation 9(8),
1997, doi:10.1162/neco.1997.9.8.1735.
"""

import math

import numpy as np

from ._njit import njit
from ._taps import FUSED

RNN = 0
GRU = 1
LSTM = 2

IDENTITY = 0
RELU = 1
TANH = 2
GELU = 3

GATES = (1, 3, 4)  # of each cell
_SMALL = 1e-5  # added to the variance in a layer norm, as the training does


@njit(nogil=True, cache=True, fastmath=FUSED)
def _add_product(values: np.ndarray, weights: np.ndarray, sums: np.ndarray) -> None:
    """sums += values @ weights, (n_in,) and (n_in, n_out)."""
    for k in range(values.size):
        value = values[k]
        row = weights[k]
        for j in range(sums.size):
            sums[j] += value * row[j]


@njit(nogil=True, cache=True)
def dense(x: np.ndarray, weights: np.ndarray, bias: np.ndarray, out: np.ndarray, add: bool) -> None:
    """out = bias + x @ weights row by row; with ``add`` it is added to ``out``."""
    for i in range(x.shape[0]):
        sums = out[i]
        for j in range(sums.size):
            sums[j] = sums[j] + bias[j] if add else bias[j]
        _add_product(x[i], weights, sums)


@njit(nogil=True, cache=True)
def activate(values: np.ndarray, kind: int) -> None:
    """The activation of each value, in place."""
    if kind == IDENTITY:
        return
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if kind == RELU:
                values[i, j] = max(value, 0.0)
            elif kind == TANH:
                values[i, j] = math.tanh(value)
            else:
                values[i, j] = 0.5 * value * (1.0 + math.erf(value * math.sqrt(0.5)))


@njit(nogil=True, cache=True)
def normalise(values: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> None:
    """Layer norm of each row, in place."""
    for i in range(values.shape[0]):
        row = values[i]
        mean = 0.0
        for j in range(row.size):
            mean += row[j]
        mean /= row.size
        square = 0.0
        for j in range(row.size):
            square += (row[j] - mean) * (row[j] - mean)
        scale = 1.0 / math.sqrt(square / row.size + _SMALL)
        for j in range(row.size):
            row[j] = (row[j] - mean) * scale * gain[j] + bias[j]


@njit(nogil=True, cache=True)
def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0


@njit(nogil=True, cache=True)
def _recurrent_step(
    cell: int,
    x: np.ndarray,
    inward: np.ndarray,
    around: np.ndarray,
    biases: np.ndarray,
    state: np.ndarray,
    gates: np.ndarray,
) -> None:
    """Push one row; ``state`` moves on. ``gates`` is scratch of the shape of ``biases``."""
    own, fed_back = gates[0], gates[1]
    h, c = state[0], state[1]
    for j in range(own.size):
        own[j] = biases[0, j]
        fed_back[j] = biases[1, j]
    _add_product(x, inward, own)
    _add_product(h, around, fed_back)
    n = h.size
    for j in range(n):
        if cell == GRU:
            reset = _sigmoid(own[j] + fed_back[j])
            keep = _sigmoid(own[n + j] + fed_back[n + j])
            new = math.tanh(own[2 * n + j] + reset * fed_back[2 * n + j])
            h[j] = (1.0 - keep) * new + keep * h[j]
        elif cell == LSTM:
            enter = _sigmoid(own[j] + fed_back[j])
            keep = _sigmoid(own[n + j] + fed_back[n + j])
            new = math.tanh(own[2 * n + j] + fed_back[2 * n + j])
            give = _sigmoid(own[3 * n + j] + fed_back[3 * n + j])
            c[j] = keep * c[j] + enter * new
            h[j] = give * math.tanh(c[j])
        else:
            h[j] = math.tanh(own[j] + fed_back[j])


@njit(nogil=True, cache=True)
def recurrent(
    cell: int,
    x: np.ndarray,
    inward: np.ndarray,
    around: np.ndarray,
    biases: np.ndarray,
    state: np.ndarray,
    out: np.ndarray,
) -> None:
    """States h of one layer after each row of ``x``, to ``out``.

    ``inward`` (n_in, n_gates * n) and ``around`` (n, n_gates * n) are the transposed weights W and
    U, ``biases`` (2, n_gates * n) are b and d; ``state`` (2, n), h and c, moves on in place.
    """
    gates = np.empty(biases.shape)
    for i in range(x.shape[0]):
        _recurrent_step(cell, x[i], inward, around, biases, state, gates)
        for j in range(state.shape[1]):
            out[i, j] = state[0, j]
