"""Small networks against plain numpy."""

import math

import numpy as np
import pytest

from signalprep._kernels import _network

KINDS = {"identity": 0, "relu": 1, "tanh": 2, "gelu": 3}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def weights(rng, cell, n_in, n):
    gates = _network.GATES[cell]
    return (
        rng.normal(size=(n_in, gates * n)),
        rng.normal(size=(n, gates * n)),
        rng.normal(size=(2, gates * n)),
    )


def twin(cell, x, inward, around, biases, state):
    """States after each row, gate by gate."""
    found, (h, c) = [], state
    for row in x:
        own = np.split(row @ inward + biases[0], _network.GATES[cell])
        back = np.split(h @ around + biases[1], _network.GATES[cell])
        if cell == _network.RNN:
            h = np.tanh(own[0] + back[0])
        elif cell == _network.GRU:
            reset, keep = sigmoid(own[0] + back[0]), sigmoid(own[1] + back[1])
            h = (1 - keep) * np.tanh(own[2] + reset * back[2]) + keep * h
        else:
            enter, keep, new, give = (a + b for a, b in zip(own, back, strict=True))
            c = sigmoid(keep) * c + sigmoid(enter) * np.tanh(new)
            h = sigmoid(give) * np.tanh(c)
        found.append(h)
    return np.array(found), h, c


@pytest.mark.parametrize("cell", [_network.RNN, _network.GRU, _network.LSTM])
def test_cells(cell):
    rng = np.random.default_rng(cell)
    x, n = rng.normal(size=(30, 4)), 6
    parts = weights(rng, cell, 4, n)
    state = rng.normal(size=(2, n))
    wanted, last, cell_state = twin(cell, x, *parts, state)
    out = np.empty((30, n))
    _network.recurrent(cell, x, *parts, state, out)
    np.testing.assert_allclose(out, wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(state[0], last, rtol=0, atol=1e-12)
    if cell == _network.LSTM:
        np.testing.assert_allclose(state[1], cell_state, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", [_network.RNN, _network.GRU, _network.LSTM])
def test_chunks_are_bit_equal_to_the_whole(cell):
    rng = np.random.default_rng(cell)
    x, n = rng.normal(size=(31, 3)), 5
    parts = weights(rng, cell, 3, n)
    state, out = np.zeros((2, n)), np.empty((31, n))
    _network.recurrent(cell, x, *parts, state, out)
    state, again = np.zeros((2, n)), np.empty((31, n))
    for a, b in [(0, 1), (1, 2), (2, 20), (20, 31)]:
        _network.recurrent(cell, x[a:b], *parts, state, again[a:b])
    np.testing.assert_array_equal(again, out)


def test_gates_far_out_are_closed_or_open():
    biases = np.array([[0.0, -1e4, 3.0], [0.0, 0.0, 0.0]])
    state, out = np.array([[0.5], [0.0]]), np.empty((1, 1))
    rest = np.zeros((1, 3)), np.zeros((1, 3)), biases, state
    _network.recurrent(_network.GRU, np.ones((1, 1)), *rest, out)
    assert out[0, 0] == math.tanh(3.0)
    biases[0, 1] = 1e4
    state[0] = 0.5
    _network.recurrent(_network.GRU, np.ones((1, 1)), *rest, out)
    assert out[0, 0] == 0.5


def test_dense_layers():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(7, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    out = np.empty((7, 4))
    _network.dense(x, w, b, out, False)
    np.testing.assert_allclose(out, x @ w + b, atol=1e-14)
    _network.dense(x, w, b, out, True)
    np.testing.assert_allclose(out, 2 * (x @ w + b), atol=1e-13)
    single = np.empty((1, 4))
    _network.dense(x[3:4], w, b, single, False)
    _network.dense(x, w, b, out, False)
    np.testing.assert_array_equal(single[0], out[3])


def test_activations():
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    gelu = [0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x.ravel()]
    wanted = {
        "identity": x,
        "relu": np.maximum(x, 0),
        "tanh": np.tanh(x),
        "gelu": np.reshape(gelu, (3, 4)),
    }
    for name, kind in KINDS.items():
        found = x.copy()
        _network.activate(found, kind)
        np.testing.assert_allclose(found, wanted[name], atol=1e-15)


def test_layer_norm():
    rng = np.random.default_rng(0)
    x, gain, bias = rng.normal(3.0, 2.0, (5, 8)), rng.normal(size=8), rng.normal(size=8)
    scaled = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    _network.normalise(x, gain, bias)
    np.testing.assert_allclose(x, scaled * gain + bias, atol=1e-12)
