"""Errors against costs over a grid, held against fits by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.embedded import QuantizedClassifier, QuantizedRegressor, compression_sweep
from signalprep.errors import InvalidLogError, InvalidParameterError, LeakError

GRID = {"weight_bits": [2, 4, 8], "activation_bits": [8, 16]}


@pytest.fixture(scope="module")
def log():
    x = np.random.default_rng(0).normal(size=(1200, 2)).clip(-3, 3)
    return sp.as_log(x, cycle=np.repeat(np.arange(6), 200), rate=10.0)


@pytest.fixture(scope="module")
def target(log):
    return (log["x0"] * log["x1"]).rename("power")


@pytest.fixture(scope="module")
def model():
    network = MLPRegressor(
        hidden_layer_sizes=(10,), learning_rate_init=0.05, tol=1.0, n_iter_no_change=12,
        random_state=0,
    )  # fmt: skip
    return QuantizedRegressor(sp.make_pipeline(sp.Scaler(), network))


@pytest.fixture(scope="module")
def sweep(model, log, target):
    return compression_sweep(
        model, GRID, log, target, regimes={"x0": [-1.0, 1.0]}, cv=3, n_bootstrap=50
    )


def test_as_fits_by_hand(sweep, model, log, target):
    row = sweep.table.query("weight_bits == 4 and activation_bits == 16").iloc[0]
    error, cost = np.zeros(len(log)), []
    for train, test in sp.CycleKFold(3).split(log, groups=log.index.get_level_values(0)):
        one = QuantizedRegressor(model.estimator, 4, 16).fit(log.iloc[train], target.iloc[train])
        error[test] = one.predict(log.iloc[test]) - target.iloc[test]
        cost.append(one.integer_.cost_.loc["all", "instructions"])
    assert row["error"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-12)
    assert row["instructions"] == np.ceil(max(cost))
    cells = np.digitize(log["x0"], [-1.0, 1.0])
    by_cell = [np.sqrt(np.mean(error[cells == k] ** 2)) for k in range(3)]
    assert row["worst"] == pytest.approx(max(by_cell), rel=1e-12)
    assert row["cell"].startswith("x0 ")


def test_fewer_bits_cost_less_and_err_more(sweep):
    table = sweep.table.set_index(["weight_bits", "activation_bits"])
    assert table.loc[(2, 8), "error"] > table.loc[(4, 8), "error"] > table.loc[(8, 8), "error"]
    assert sweep.reference["error"] <= table["error"].min() * 1.01
    assert table.loc[(8, 16), "pareto"] or table.loc[(8, 8), "pareto"]
    for one in table[~table["pareto"]].itertuples():
        better = table[table["pareto"]]
        beats = (better["error"] <= one.error) & (better["worst"] <= one.worst)
        assert (beats & (better["flash"] <= one.flash)).any()
    assert "of which no other beats" in repr(sweep)
    assert "float" in repr(sweep)


def test_drawn(sweep):
    display = sweep.plot("flash")
    assert set(display.errors) == {"error", "worst"}
    assert len(display.ax_.get_legend().get_texts()) == 4
    with pytest.raises(InvalidParameterError, match="cost must be one of"):
        sweep.plot("money")


def test_a_classifier_is_judged_by_what_is_wrong(log):
    y = np.where(log["x0"] > log["x1"], "a", "b")
    model = QuantizedClassifier(LogisticRegression())
    sweep = compression_sweep(model, {"estimator__C": [1e-6, 1.0]}, log, y, cv=3, n_bootstrap=0)
    assert sweep.metric == "error rate"
    assert sweep.table["error"][1] < 0.02
    assert sweep.table["worst"].isna().all()
    assert "worst" not in sweep.plot().errors


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"param_grid": {"bits": [8]}}, InvalidParameterError, "names 'bits', no parameter"),
        ({"param_grid": 8}, InvalidParameterError, "param_grid must be a dict of lists"),
        ({"param_grid": []}, InvalidParameterError, "param_grid must hold a point"),
        ({"y": np.zeros((1200, 2))}, InvalidParameterError, "y must be one target"),
        ({"metric": "bias"}, InvalidParameterError, "metric must be one of"),
        ({"estimator": Ridge(), "param_grid": {"alpha": [1.0]}}, InvalidParameterError, "integer_"),
        ({"cv": [(np.arange(600), np.arange(500, 1200))]}, LeakError, "cycle"),
    ],
    ids=str,
)
def test_refused(model, log, target, changed, error, words):
    given = {"estimator": model, "param_grid": {"weight_bits": [8]}, "X": log, "y": target, "cv": 2}
    with pytest.raises(error, match=words):
        compression_sweep(**given | changed)
    with pytest.raises(InvalidLogError, match="must be a log"):
        compression_sweep(**given | {"X": log.to_numpy()})
