"""compare: refuses what cannot be compared, and finds the better model."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge

import signalprep as sp
from example_validation import example_labels, example_rows, example_validation
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.metrics import cycle_metrics


def scaled(factor: float):
    rows = example_rows()
    rows["prediction"] = rows["truth"] + factor * (rows["prediction"] - rows["truth"])
    return example_validation(rows, example_labels(rows))


@pytest.fixture(scope="module")
def pair():
    return scaled(1.0), scaled(1.3)


def test_the_better_model_is_named_everywhere(pair):
    found = sp.compare(*pair)
    for metric in ("bias", "mae", "rmse", "p95", "r2"):
        assert found.overall[f"{metric}_status"] == "a better"
    table = found.by_regime
    seen = table["evidence"]
    found_in_cells = table.loc[seen, "rmse_status"].value_counts(normalize=True)
    assert found_in_cells["a better"] > 0.5
    assert found_in_cells["b better"] == 0
    assert (table.loc[~seen, "rmse_status"] == "no evidence").all()
    assert table.index.equals(pair[0].by_regime.index)
    np.testing.assert_allclose(table["rmse"], table["rmse_a"] * (1 - 1.3))
    np.testing.assert_array_equal(table["rmse_a"], pair[0].by_regime["rmse"])
    turned = sp.compare(*pair[::-1])
    assert turned.counts().loc["rmse", "b better"] == found.counts().loc["rmse", "a better"]


def test_a_model_does_not_differ_from_itself(pair):
    found = sp.compare(pair[0], pair[0])
    assert (found.counts()[["a better", "b better"]] == 0).all(axis=None)
    assert found.overall["rmse_status"] == "no difference shown"


def test_rounding_is_no_difference(pair):
    found = sp.compare(pair[0], scaled(1.0 + 1e-13), names=("plain", "again"))
    assert 0 < abs(found.overall["rmse"]) < 1e-9
    assert (found.counts()[["a better", "b better"]] == 0).all(axis=None)
    text = repr(found)
    assert "differences are plain minus again" in text
    assert ": 0 (0 to 0), no difference shown" in text
    assert "10\u207b" not in text + found._repr_html_()


def test_by_cycle_holds_both_and_their_difference(pair):
    found = sp.compare(*pair).by_cycle
    rows = pair[1].predictions
    np.testing.assert_array_equal(
        found["rmse_b"], cycle_metrics(rows["truth"], rows["prediction"])["rmse"]
    )
    np.testing.assert_allclose(found["rmse"], found["rmse_a"] - found["rmse_b"])
    np.testing.assert_array_equal(found["fold"], pair[0].by_cycle["fold"])
    assert found["n"].sum() == len(rows)


def test_two_good_guesses_at_nothing_are_told_apart_by_chance_only():
    rng = np.random.default_rng(0)
    rows = example_rows(n_cycles=12, n=300)
    outcomes = []
    for _ in range(20):
        pair = []
        for _ in range(2):
            noise = rng.normal(size=(12, 1)) + rng.normal(size=(12, 300))
            moved = rows.assign(prediction=rows["truth"] + noise.ravel())
            pair.append(example_validation(moved, None, n_bootstrap=0))
        outcomes.append(sp.compare(*pair, n_bootstrap=200).overall["rmse_status"])
    assert outcomes.count("no difference shown") >= 16


def test_what_differs_is_named(pair):
    a, b = pair
    rows = b.predictions

    def changed(**columns):
        return dataclasses.replace(b, predictions=rows.assign(**columns))

    with pytest.raises(InvalidLogError, match="their .cycle, time. index differs: 3200 and 3199 r"):
        sp.compare(a, dataclasses.replace(b, predictions=rows.iloc[:-1]))
    moved = rows.set_axis(rows.index.set_levels(rows.index.levels[1] + 0.01, level="time"))
    with pytest.raises(InvalidLogError, match="index differs: cycle 1, row 0"):
        sp.compare(a, dataclasses.replace(b, predictions=moved))
    truth = rows["truth"].to_numpy(copy=True)
    truth[5] += 1.0
    with pytest.raises(InvalidLogError, match="the same truth; they differ at cycle 1, row 5"):
        sp.compare(a, changed(truth=truth))
    with pytest.raises(InvalidLogError, match="the same folds; .* differ from cycle 2"):
        sp.compare(a, changed(fold=0))
    assert sp.compare(a, changed(fold=9 - rows["fold"]), n_bootstrap=0).overall["n"] == 3200
    with pytest.raises(InvalidLogError, match="only a was validated with regimes"):
        sp.compare(a, dataclasses.replace(b, regimes=None, by_regime=None))
    with pytest.raises(InvalidLogError, match="same regimes; got .*T_coolant.* and .'omega_m'."):
        sp.compare(a, dataclasses.replace(b, regimes=b.regimes[["omega_m"]]))
    other = b.regimes.assign(T_m=b.regimes["T_m"].shift(200).bfill())
    with pytest.raises(InvalidLogError, match="'T_m' differs at cycle 1, row"):
        sp.compare(a, dataclasses.replace(b, regimes=other))


def test_names_are_two_and_show(pair):
    for bad in (("a",), ("a", "a"), (1, 2)):
        with pytest.raises(InvalidParameterError, match="names must be two different names"):
            sp.compare(*pair, names=bad)
    found = sp.compare(*pair, names=("<ridge>", "trees"))
    text = repr(found)
    assert text.startswith("Comparison of '<ridge>' and 'trees' on 'T_pm': 8 cycles, 3,200 rows")
    assert "<ridge> better" in text
    assert " K: −" in text
    assert "<ridge>" not in found._repr_html_()
    assert "&lt;ridge&gt;" in found._repr_html_()


def test_of_real_validations(make_log):
    log = make_log(lengths=(90, 80, 120, 100, 95, 85), n_channels=3, seed=2)
    y = (2 * log["c0"] - log["c1"]).rename("y")
    ridge, mean = (
        sp.validate(model, log, y, cv=3, n_bootstrap=50, regimes={"c2": [-10, 0, 10]})
        for model in (Ridge(), DummyRegressor())
    )
    found = sp.compare(ridge, mean, n_bootstrap=200)
    assert found.overall["rmse_status"] == "a better"
    assert (found.by_regime["rmse_status"] == "a better").all()
    shuffled = sp.validate(Ridge(), log, y, cv=2, n_bootstrap=0, regimes={"c2": [-10, 0, 10]})
    with pytest.raises(InvalidLogError, match="the same folds"):
        sp.compare(ridge, shuffled)


def test_without_regimes(pair):
    bare = [dataclasses.replace(v, regimes=None, by_regime=None) for v in pair]
    found = sp.compare(*bare)
    assert found.by_regime is None
    assert "cells" not in repr(found)
    assert "<table" not in found._repr_html_()


@pytest.fixture(scope="module")
def classifiers():
    log = sp.datasets.simulate_pmsm(n_cycles=9, rate=1.0, random_state=0)
    X = log.drop(columns="T_pm")
    fast = X["omega_m"] > 600.0 + 50.0 * np.random.default_rng(0).normal(size=len(X))
    state = fast.map({True: "fast", False: "slow"}).rename("state")
    models = (sp.make_pipeline(sp.Scaler(), LogisticRegression()), DummyClassifier())
    regimes = {"i_q": "q2"}
    return [sp.validate(m, X, state, cv=3, regimes=regimes, n_bootstrap=20) for m in models]


def test_two_classifiers_are_compared_by_their_scores(classifiers):
    found = sp.compare(*classifiers, names=("logistic", "guess"))
    assert found.overall["accuracy_status"] == "a better"
    assert found.overall["log_loss_status"] == "a better"
    assert list(found.counts().index) == ["accuracy", "balanced_accuracy", "f1", "log_loss"]
    table = found.by_regime
    for side, result in zip("ab", classifiers, strict=True):
        np.testing.assert_array_equal(table[f"accuracy_{side}"], result.by_regime["accuracy"])
        np.testing.assert_array_equal(
            found.by_cycle[f"log_loss_{side}"], result.by_cycle["log_loss"]
        )
    turned = sp.compare(*classifiers[::-1])
    assert turned.overall["accuracy_status"] == turned.overall["log_loss_status"] == "b better"
    assert "2 cells, accuracy: logistic better in 2" in repr(found)
    html = found._repr_html_()
    for words in ("accuracy of logistic", "of guess", "logistic minus guess", "logistic better"):
        assert words in html


def test_a_map_of_two_classifiers_says_whom_a_sign_favours(classifiers):
    found = sp.compare(*classifiers, names=("logistic", "guess"))
    display = sp.ComparisonHeatmapDisplay.from_comparison(found)
    assert display.metric == "accuracy"
    assert "positive: logistic better" in display.colorbar_.ax.get_ylabel()
    display = sp.ComparisonHeatmapDisplay.from_comparison(found, "log_loss")
    assert "positive: guess better" in display.colorbar_.ax.get_ylabel()


def test_a_classifier_is_not_compared_with_a_regressor(pair, classifiers):
    with pytest.raises(InvalidParameterError, match="both be of regressors or both of classifiers"):
        sp.compare(pair[0], classifiers[0])
