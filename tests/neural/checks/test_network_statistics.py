"""Gradients and activations by layer: planted faults are named, and nothing is changed."""

import copy

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor, network_statistics
from signalprep.neural.checks._gates import gates
from small_networks import network

torch = pytest.importorskip("torch", reason="training a network needs torch, which is an extra")

COLUMNS = [
    "gradient_norm",
    "weight_norm",
    "ratio",
    "signal",
    "mean",
    "std",
    "dead",
    "saturated",
    "verdict",
]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    log = sp.as_log(rng.normal(size=(480, 3)), cycle=np.repeat(np.arange(8), 60), rate=2.0)
    return log, log["x0"] * 3.0 + np.tanh(log["x1"]) + 20.0


def trained(data, sizes=(16, 16, 16, 16), kind=FeedForwardRegressor, **parameters):
    parameters = {"max_epochs": 3, "random_state": 0} | parameters
    if kind is FeedForwardRegressor:
        parameters["hidden_layer_sizes"] = sizes
    return network(kind, **parameters).fit(*data)


def changed(model, change):
    """A copy whose weights are changed by name."""
    other = copy.deepcopy(model)
    for name in other.weights_:
        other.weights_[name] = np.asarray(change(name, other.weights_[name]), dtype=np.float32)
    return other


@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_a_sound_network_is_fine(data, activation):
    model = trained(data, activation=activation)
    table = network_statistics(model, *data)
    assert list(table.columns) == COLUMNS
    assert table.index.tolist() == ["layers.0", "layers.1", "layers.2", "layers.3", "out"]
    assert (table["verdict"] == "fine").all()
    assert table.loc["out", "signal"] == 1.0
    assert table["dead"].notna().sum() == (4 if activation == "relu" else 0)
    assert table["saturated"].notna().sum() == (4 if activation == "tanh" else 0)
    norm = np.hypot(*(np.linalg.norm(model.weights_[f"out.{n}"]) for n in ("weight", "bias")))
    assert table.loc["out", "weight_norm"] == pytest.approx(norm, rel=1e-5)


def test_values_against_differences_and_predictions(data):
    X, y = data
    model = trained(data, (5,), activation="tanh", early_stopping=False)
    table = network_statistics(model, X, y)
    scaled = model.targets_.forward(model.predict(X)[:, None])
    assert table.loc["out", "mean"] == pytest.approx(scaled.mean(), abs=1e-5)
    assert table.loc["out", "std"] == pytest.approx(scaled.std(), rel=1e-4)

    def loss(delta):
        moved = changed(model, lambda name, value: value + delta * (name == "out.bias"))
        return np.mean(((moved.predict(X) - y) / model.targets_.scale) ** 2)

    by_bias = (loss(1e-2) - loss(-1e-2)) / 2e-2
    rows = model.inputs_.forward(X.to_numpy())
    hidden = np.tanh(rows @ model.weights_["layers.0.weight"].T + model.weights_["layers.0.bias"])
    missed = scaled[:, 0] - model.targets_.forward(y.to_numpy()[:, None])[:, 0]
    by_weights = 2.0 * (missed[:, None] * hidden).mean(axis=0)
    norm = np.hypot(by_bias, np.linalg.norm(by_weights))
    assert table.loc["out", "gradient_norm"] == pytest.approx(norm, rel=1e-3)
    out = np.linalg.norm(model.weights_["out.weight"])
    assert table.loc["layers.0", "signal"] == pytest.approx(out, rel=1e-4)
    assert table.loc["layers.0", "mean"] == pytest.approx(hidden.mean(), abs=1e-5)


def test_vanishing_gradients(data):
    model = trained(data, activation="tanh")
    tiny = changed(model, lambda name, value: value * (0.01 if name.endswith("weight") else 1.0))
    verdicts = network_statistics(tiny, *data)["verdict"]
    assert verdicts["layers.0"] == verdicts["layers.1"] == "vanishing"
    assert verdicts["out"] == "fine"


def test_exploding_gradients(data):
    large = changed(trained(data), lambda name, value: value * 20.0)
    assert (network_statistics(large, *data)["verdict"] == "exploding").all()


def test_dead_units(data):
    model = trained(data)
    dead = changed(model, lambda name, value: value - 1e3 * (name == "layers.1.bias"))
    table = network_statistics(dead, *data)
    assert table.loc["layers.1", "dead"] == 1.0
    assert table.loc["layers.1", "verdict"] == "dead"
    assert table.loc["layers.0", "verdict"] == "vanishing"
    assert table.loc["layers.1", "std"] == 0.0


def test_saturated_units(data):
    model = trained(data, activation="tanh")
    full = changed(model, lambda name, value: value + 50.0 * (name == "layers.2.bias"))
    table = network_statistics(full, *data)
    assert table.loc["layers.2", "saturated"] == 1.0
    assert table.loc["layers.2", "verdict"] == "saturated"
    assert table.loc["layers.3", "verdict"] == "fine"


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_recurrent_networks(data, cell):
    model = trained(
        data, kind=RecurrentRegressor, cell=cell, hidden_size=6, num_layers=2, sequence_length=25
    )
    table = network_statistics(model, *data)
    layers = ["starts.0", "starts.1", "cells.0", "cells.1", "direct", "out"]
    assert table.index.tolist() == layers
    assert (table["verdict"] == "fine").all()
    assert table["saturated"].notna().tolist() == [True] * 4 + [False] * 2
    full = changed(model, lambda name, value: value + 50.0 * (name == "cells.1.bias_ih_l0"))
    table = network_statistics(full, *data)
    assert table.loc["cells.1", "saturated"] > 0.95
    assert table.loc["cells.1", "verdict"] == "saturated"
    assert table.loc["cells.0", "saturated"] < 0.5


@pytest.mark.parametrize("kind", ["GRU", "LSTM", "RNN"])
def test_gates_carry_the_state_on(kind):
    torch.manual_seed(0)
    cell = getattr(torch.nn, kind)(3, 4, batch_first=True)
    x, h = torch.randn(2, 7, 3), torch.randn(1, 2, 4)
    state = (h, torch.randn(1, 2, 4)) if kind == "LSTM" else h
    after, _ = cell(x, state)
    found = gates(cell, x, state, after)
    assert found.abs().max() <= 1.0
    before = torch.cat([h.transpose(0, 1), after[:, :-1]], 1)
    if kind == "RNN":
        again = found
    elif kind == "GRU":
        _, update, new = found.chunk(3, -1)
        update = (update + 1.0) / 2.0
        again = (1.0 - update) * new + update * before
    else:
        put_in, forget, put_out, candidate = found.chunk(4, -1)
        c, rows = state[1][0], []
        for t in range(7):
            c = (forget[:, t] + 1) / 2 * c + (put_in[:, t] + 1) / 2 * candidate[:, t]
            rows.append((put_out[:, t] + 1) / 2 * torch.tanh(c))
        again = torch.stack(rows, 1)
    torch.testing.assert_close(again, after)


def test_nothing_is_changed(data):
    X, y = data
    model = trained(data, kind=RecurrentRegressor, hidden_size=4, dropout=0.3, input_noise=0.3)
    before = copy.deepcopy(vars(model))
    first = network_statistics(model, X, y, n_rows=100)
    pd.testing.assert_frame_equal(first, network_statistics(model, X, y, n_rows=100))
    assert vars(model).keys() == before.keys()
    for name, value in model.weights_.items():
        np.testing.assert_array_equal(value, before["weights_"][name])


def test_in_a_pipeline(data):
    X, y = data
    model = FeedForwardRegressor((8,), max_epochs=2, random_state=0)
    pipeline = sp.make_pipeline(sp.ExponentialFeatures([5]), model).fit(X, y)
    inside = network_statistics(pipeline[-1], pipeline[:-1].transform(X), y)
    pd.testing.assert_frame_equal(network_statistics(pipeline, X, y), inside)


def test_several_targets(data):
    X, y = data
    both = pd.DataFrame({"a": y, "b": X["x2"]})
    model = FeedForwardRegressor((8,), max_epochs=2, random_state=0).fit(X, both)
    assert (network_statistics(model, X, both)["verdict"] == "fine").all()


def test_a_linear_network_has_one_layer(data):
    table = network_statistics(trained(data, ()), *data)
    assert table.index.tolist() == ["out"]
    assert table.loc["out", "verdict"] == "fine"


def test_rows_of_the_warm_up_do_not_count(data):
    X, y = data
    model = trained(data, kind=RecurrentRegressor, hidden_size=4, warm_up=20, max_epochs=1)
    table = network_statistics(model, X, y)
    counted = np.tile(np.arange(60) >= 20, 8)
    scaled = model.targets_.forward(model.predict(X)[:, None])[counted]
    outputs = table.loc["out", "mean"] + table.loc["direct", "mean"]
    assert outputs == pytest.approx(scaled.mean(), abs=1e-5)


def test_bad_calls(data):
    with pytest.raises(NotFittedError):
        network_statistics(FeedForwardRegressor(), *data)
    with pytest.raises(InvalidParameterError, match=r"n_rows must be an int of at least 1"):
        network_statistics(trained(data, ()), *data, n_rows=0)
