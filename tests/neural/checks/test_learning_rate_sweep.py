"""The range test: where it ends, what it suggests, and that the suggestion is of use."""

import numpy as np
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, TrainingDivergedError
from signalprep.neural import (
    FeedForwardRegressor,
    RecurrentRegressor,
    learning_rate_range_test,
)
from small_networks import network

pytest.importorskip("torch", reason="training a network needs torch, which is an extra")

BOTH = pytest.mark.parametrize("kind", [RecurrentRegressor, FeedForwardRegressor])


def small(kind, **parameters):
    size = {"hidden_size": 8} if kind is RecurrentRegressor else {"hidden_layer_sizes": (16,)}
    return network(kind, **({"random_state": 0} | size | parameters))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    log = sp.as_log(rng.normal(size=(960, 3)), cycle=np.repeat(np.arange(8), 120), rate=2.0)
    return log, log["x0"] * 3.0 + np.tanh(log["x1"]) + 20.0


@BOTH
@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_the_suggestion_trains(data, kind, optimizer):
    X, y = data
    model = (
        small(kind, optimizer=optimizer, sequence_length=40)
        if kind is RecurrentRegressor
        else (small(kind, optimizer=optimizer, batch_size=32))
    )
    found = learning_rate_range_test(model, X, y, high=10.0)
    assert not hasattr(model, "weights_")
    assert found.suggestion <= found.lowest / 10.0 * (1.0 + 1e-9)
    model.set_params(learning_rate=found.suggestion, max_epochs=20, recipe__early_stopping=False)
    low = model.set_params(learning_rate=found.suggestion / 100.0).fit(X, y).history_
    good = model.set_params(learning_rate=found.suggestion).fit(X, y).history_
    assert good["training_loss"].iloc[-1] < 0.6 * low["training_loss"].iloc[-1]


@BOTH
def test_the_table(data, kind):
    found = learning_rate_range_test(small(kind), *data, low=1e-6, high=1e-3, n_steps=31)
    rates = found.table["learning_rate"]
    np.testing.assert_allclose(rates, np.geomspace(1e-6, 1e-3, 31))
    assert not found.diverged
    np.testing.assert_allclose(found.table["loss"].iloc[0], found.table["untrained"].iloc[0])
    assert found.table["smoothed"].iloc[0] == pytest.approx(1.0, abs=0.01)
    assert "without divergence" in repr(found)


def test_it_ends_where_the_loss_grows(data):
    model = small(FeedForwardRegressor, optimizer="sgd", gradient_clip=None)
    found = learning_rate_range_test(model, *data, high=1e6, n_steps=60)
    assert found.diverged
    assert len(found.table) < 60
    assert np.isfinite(found.table.to_numpy()).all()
    assert "where the loss grew" in repr(found)
    assert f"learning_rate={found.suggestion:.2g} is a good start" in repr(found)


def test_no_suggestion_where_nothing_falls(data):
    X, y = data
    found = learning_rate_range_test(small(FeedForwardRegressor), X, y, low=1e-9, high=1e-7)
    assert np.isnan(found.suggestion)
    assert "no suggestion: the loss hardly falls" in repr(found)
    assert "suggestion" not in found.plot().lines_


def test_in_a_pipeline_and_with_regimes(data):
    X, y = data
    model = small(FeedForwardRegressor, regimes={"x0": 3}, batch_size=64, dropout=0.1)
    pipeline = sp.make_pipeline(sp.ExponentialFeatures([3]), model)
    found = learning_rate_range_test(pipeline, X, y)
    again = learning_rate_range_test(pipeline, X, y)
    assert found.suggestion == again.suggestion
    np.testing.assert_array_equal(found.table, again.table)
    assert 1e-5 < found.suggestion < 0.1


def test_bad_calls(data):
    X, y = data
    model = small(FeedForwardRegressor)
    with pytest.raises(InvalidParameterError, match=r"low must be below high=0.1; got 1.0"):
        learning_rate_range_test(model, X, y, low=1.0, high=0.1)
    with pytest.raises(InvalidParameterError, match=r"low must be a number above 0; got 0"):
        learning_rate_range_test(model, X, y, low=0)
    with pytest.raises(InvalidParameterError, match=r"n_steps must be an int of at least 10"):
        learning_rate_range_test(model, X, y, n_steps=3)
    with pytest.raises(InvalidParameterError, match=r"warm_up leaves no row"):
        learning_rate_range_test(small(RecurrentRegressor, warm_up=500), X, y)
    wild = X * 1e30
    with pytest.raises(TrainingDivergedError, match=r"look for wild values"):
        learning_rate_range_test(small(FeedForwardRegressor, scale_inputs=False), wild, y)


def test_a_constant_target_has_no_rate(data):
    X, y = data
    with pytest.raises(InvalidLogError, match="got a constant target"):
        learning_rate_range_test(FeedForwardRegressor(), X, y * 0.0 + 1.0)
