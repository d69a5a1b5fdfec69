"""Whether a network memorises a few rows, and what it is told when it does not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor, overfit_check
from small_networks import network

pytest.importorskip("torch", reason="training a network needs torch, which is an extra")

WAYS = {"dropout": 0.5, "input_noise": 0.5, "weight_decay": 1.0, "l1": 0.1}


@pytest.fixture(scope="module")
def data():
    log = sp.datasets.simulate_pmsm(n_cycles=3, rate=0.5, random_state=0)
    return log.drop(columns="T_pm"), log["T_pm"]


def test_rows_are_memorised_though_the_model_is_regularised(data):
    X, y = data
    recipe = sp.Recipe(regimes={"omega_m": [100.0]}, **WAYS)
    model = FeedForwardRegressor((32, 32), random_state=0, recipe=recipe)
    before = model.get_params()
    check = overfit_check(model, X, y)
    assert check.ok
    assert check.n_rows == 32
    assert check.advice == ()
    assert check.share <= check.threshold == 0.05
    rows = np.linspace(0, len(y) - 1, 32).round().astype(int)
    assert check.error == pytest.approx(check.share * y.iloc[rows].std(ddof=0))
    assert check.target == "T_pm"
    assert "memorises 32 rows of 'T_pm'" in repr(check)
    assert len(check.history) <= 1000
    assert model.get_params() == before
    assert not hasattr(model, "weights_")


def test_a_cycle_is_memorised_by_a_recurrent_network(data):
    X, y = data
    model = RecurrentRegressor(
        hidden_size=16, warm_up=3, random_state=0, learning_rate=1e-2, recipe=sp.Recipe(**WAYS)
    )
    check = overfit_check(model, X, y, n_rows=40, max_epochs=600)
    assert check.ok
    assert check.n_rows == 40


def test_in_a_pipeline(data):
    X, y = data
    model = sp.make_pipeline(
        sp.ExponentialFeatures(["60s"]), FeedForwardRegressor((32,), random_state=0)
    )
    assert overfit_check(model, X, y, n_rows=16).ok


def test_several_targets_are_judged_by_the_worst(data):
    X, y = data
    noise = np.random.default_rng(0).normal(size=len(y))
    both = pd.DataFrame({"easy": X["i_q"], "hard": noise}, index=y.index)
    model = FeedForwardRegressor((), learning_rate=1e-2, random_state=0)
    check = overfit_check(model, X, both, max_epochs=300)
    assert not check.ok
    assert check.target == "hard"


def test_what_the_inputs_do_not_hold_is_named():
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(4, 2)), 8, axis=0)
    y = rng.normal(size=32)
    check = overfit_check(FeedForwardRegressor((16,), random_state=0), X, y, max_epochs=100)
    assert not check.ok
    assert "equal inputs have other targets" in check.advice[0]
    assert "does NOT memorise" in repr(check)


@pytest.mark.parametrize(
    ("parameters", "advice"),
    [
        (
            {"optimizer": "sgd", "learning_rate": 1e9, "gradient_clip": None},
            "diverged: lower learning_rate=1e\\+09",
        ),
        ({"learning_rate": 1e-3}, "still falls: raise max_epochs or learning_rate"),
        ({"learning_rate": 1.0}, "jumps about: lower learning_rate"),
    ],
)
def test_a_wrong_rate_is_named(data, parameters, advice):
    X, y = data
    model = network(FeedForwardRegressor, hidden_layer_sizes=(8,), random_state=0, **parameters)
    check = overfit_check(model, X, y, max_epochs=60)
    assert not check.ok
    assert pd.Series(check.advice).str.contains(advice).any(), check.advice


def test_bad_calls(data):
    X, y = data
    model = FeedForwardRegressor()
    with pytest.raises(InvalidParameterError, match=r"ends in one; got Ridge"):
        overfit_check(Ridge(), X, y)
    with pytest.raises(InvalidParameterError, match=r"by must be one of"):
        overfit_check(model, X, y, by="week")
    with pytest.raises(InvalidParameterError, match=r"threshold must be a number in \(0, 1\)"):
        overfit_check(model, X, y, threshold=2.0)
    with pytest.raises(InvalidParameterError, match=r"n_rows must be an int of at least 2"):
        overfit_check(model, X, y, n_rows=1)
    with pytest.raises(InvalidLogError, match=r"y must vary over the 32 rows"):
        overfit_check(model, X, y * 0.0)
    with pytest.raises(InvalidLogError, match=r"segment of more than warm_up=5000"):
        overfit_check(RecurrentRegressor(warm_up=5000), X, y)
