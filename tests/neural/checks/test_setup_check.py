"""Each usual mistake, planted one at a time, is found, and nothing else is."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.neural import FeedForwardRegressor, Recipe, RecurrentRegressor, check_setup
from small_networks import network

N_CYCLES, N_ROWS = 12, 400


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    n = N_CYCLES * N_ROWS
    log = sp.as_log(
        pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"]),
        cycle=np.repeat(np.arange(N_CYCLES), N_ROWS),
        rate=2.0,
    )
    return log, (log["a"] * 3.0 + log["b"] + 20.0).rename("T")


def found(model, X, y):
    findings = check_setup(model, X, y).findings
    return [(row.where, row.what, row.size) for row in findings.itertuples()]


@pytest.mark.parametrize("kind", [FeedForwardRegressor, RecurrentRegressor])
def test_nothing_is_found_where_nothing_is_wrong(data, kind):
    X, y = data
    model = kind() if kind is FeedForwardRegressor else kind(sequence_length=100)
    check = check_setup(model, X, y)
    assert check.ok
    assert repr(check) == "SetupCheck: nothing found"
    assert list(check.findings.columns) == ["what", "where", "size", "remedy"]
    assert not hasattr(model, "n_features_in_")


def row_number(X):
    return np.tile(np.arange(N_ROWS), N_CYCLES).astype(float)


INPUTS = {
    "is constant": lambda X, y: 7.0,
    "says the same as 'a'": lambda X, y: -2.0 * X["a"] + 1.0,
    "'T' is among the inputs": lambda X, y: y * 0.5 + 3.0,
    "has outliers": lambda X, y: X["c"] ** 2 + 500.0 * (np.arange(len(X)) == 77),
    "is a clock": lambda X, y: X.index.get_level_values("time").to_numpy(dtype=float),
    "counts rows": lambda X, y: row_number(X),
    "counts cycles": lambda X, y: X.index.get_level_values("cycle").to_numpy(dtype=float) + 5.0,
    "only rises": lambda X, y: row_number(X) ** 1.5 + 0.01 * X["c"] / (1.0 + X["c"].abs()),
}


@pytest.mark.parametrize("what", INPUTS)
def test_inputs(data, what):
    X, y = data
    (finding,) = found(FeedForwardRegressor(), X.assign(new=INPUTS[what](X, y)), y)
    assert finding[0] == "new"
    assert what in finding[1]


def test_a_quantity_that_differs_between_cycles_is_no_counter(data):
    X, y = data
    level = np.repeat(np.random.default_rng(1).normal(size=N_CYCLES), N_ROWS)
    assert found(FeedForwardRegressor(), X.assign(ambient=level), y) == []


TARGETS = {
    "is constant": lambda y: y * 0.0 + 4.0,
    "extreme size": lambda y: y * 1e9,
    "has outliers": lambda y: y + 1e4 * (np.arange(len(y)) == 5),
}


@pytest.mark.parametrize("what", TARGETS)
def test_targets(data, what):
    X, y = data
    (finding,) = found(FeedForwardRegressor(), X, TARGETS[what](y))
    assert finding[0] == "T"
    assert what in finding[1]


PARAMETERS = [
    ({"loss": "quantile"}, "recipe__quantile", "half the absolute error"),
    ({"loss": "huber", "huber_delta": 50.0}, "recipe__huber_delta", "is the squared error"),
    ({"loss": "huber", "huber_delta": 1e-3}, "recipe__huber_delta", "is the absolute error"),
    ({"learning_rate": 0.5}, "learning_rate", "usual for 'adamw'"),
    ({"learning_rate": 1e-6, "optimizer": "sgd"}, "learning_rate", "usual for 'sgd'"),
    ({"validation_fraction": 0.05}, "recipe__validation_fraction", "fewer cycles than"),
    ({"batch_size": 5000}, "recipe__batch_size", "larger than all there is to train on: 4080 rows"),
    ({"max_epochs": 2}, "max_epochs", "few steps"),
]


def advised(finding):
    """The recipe that a remedy writes out, as a user would paste it."""
    written = re.search(r"recipe=(Recipe\([^)]*\))", finding.remedy)
    return eval(written[1], {"Recipe": Recipe}) if written else None


def test_what_is_advised_works(data):
    X, y = data
    one = X.index.get_level_values("cycle") == 0
    wild = y + 1e4 * (np.arange(len(y)) == 5)
    cases = [
        ({"loss": "quantile"}, X, y),
        ({"loss": "huber", "huber_delta": 50.0}, X, y),
        ({"loss": "huber", "huber_delta": 1e-3}, X, y),
        ({"validation_fraction": 0.05}, X, y),
        ({"batch_size": 32}, X[one], y[one]),
        ({"scale_inputs": False}, X * [1.0, 500.0, 1.0], y),
    ]
    for parameters, given, target in cases:
        model = network(FeedForwardRegressor, max_epochs=200, **parameters)
        (finding,) = check_setup(model, given, target).findings.itertuples()
        better = model.set_params(recipe=advised(finding))
        assert finding.what not in check_setup(better, given, target).findings["what"].tolist()
    (finding,) = check_setup(FeedForwardRegressor(), X, wild).findings.itertuples()
    assert advised(finding).loss == "huber"


@pytest.mark.parametrize(("parameters", "where", "what"), PARAMETERS)
def test_parameters(data, parameters, where, what):
    X, y = data
    model = network(FeedForwardRegressor, **({"max_epochs": 200} | parameters))
    (finding,) = found(model, X, y)
    assert finding[0] == where
    assert what in finding[1]


def test_lengths_of_a_recurrent_network(data):
    X, y = data
    slow = y.groupby(level="cycle").transform(lambda v: v.rolling(250, min_periods=1).mean())
    for parameters, where, what in (
        ({"sequence_length": 500}, "sequence_length", "longer than every segment"),
        ({"sequence_length": 4}, "sequence_length", "far shorter than the target remembers"),
        ({"sequence_length": "100s", "warm_up": "300s"}, "warm_up", "leaves no row"),
        ({"sequence_length": 100, "batch_size": 16}, "recipe__batch_size", "train on: 11 segments"),
    ):
        (finding,) = found(network(RecurrentRegressor, **parameters), X, slow)
        assert finding[0] == where
        assert what in finding[1]


def test_unscaled_inputs_and_one_recording():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 2)) * [1.0, 500.0]
    model = FeedForwardRegressor(recipe=sp.Recipe(scale_inputs=False, batch_size=32))
    first, second = found(model, X, X[:, 0] + 0.1 * X[:, 1])
    assert first[:2] == ("x1", "the input is not scaled (root mean square)")
    assert first[2] == pytest.approx(500.0, rel=0.05)
    assert second[0] == "recipe__validation_fraction"
    assert "the only cycle" in second[1]


def test_behind_other_steps_and_with_several_targets(data):
    X, y = data
    model = sp.make_pipeline(sp.ExponentialFeatures([20]), FeedForwardRegressor())
    both = pd.DataFrame({"T": y, "b2": X["b"] * 2.0})
    (finding,) = found(model, X, both)
    assert finding[0] == "b"
    assert "'b2' is among the inputs" in finding[1]
    text = repr(check_setup(model, X, both))
    assert text.startswith("SetupCheck: 1 finding\n  b: the target 'b2' is among")
    assert "Remedy: leave it out" in text


def test_bad_calls(data):
    X, y = data
    with pytest.raises(InvalidParameterError, match=r"ends in one; got Ridge"):
        check_setup(Ridge(), X, y)
    with pytest.raises(InvalidParameterError, match=r"max_epochs must be an int"):
        check_setup(FeedForwardRegressor(max_epochs=0), X, y)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dropout", 0.95),
        ("input_noise", 10.0),
        ("weight_decay", 10.0),
        ("l1", 10.0),
        ("gradient_clip", 1e-6),
    ],
)
def test_penalties_that_let_nothing_be_learned(data, name, value):
    (finding,) = found(network(FeedForwardRegressor, **{name: value}), *data)
    assert finding[0] == f"recipe__{name}"
    assert finding[2] == value


def test_a_batch_of_all_segments_is_not_larger_than_all(data):
    X, y = data
    model = RecurrentRegressor(sequence_length=100, recipe=sp.Recipe(batch_size=11))
    assert found(model, X, y) == []
