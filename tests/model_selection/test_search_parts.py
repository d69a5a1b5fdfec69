"""BayesianSearchCV piece by piece: its space, the table of trials, and what its best one does."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import get_tags

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.model_selection import SelectionBiasWarning, _bayesian_search_cv
from signalprep.model_selection._search_space import SearchSpace, _quantile
from signalprep.model_selection._search_trials import (
    SearchTrial,
    _ranks,
    results_of,
    train_scores_of,
)

optuna = pytest.importorskip("optuna", reason="BayesianSearchCV needs optuna, which is an extra")

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, 0] + 0.1 * X[:, 1]
CLASS = np.where(Y > 0, "high", "low")


def fitted(best):
    search = sp.BayesianSearchCV(best, {"alpha": [1.0]})
    search.best_estimator_ = best
    return search


def test_the_best_estimator_does_it_all():
    best = LogisticRegression().fit(X, CLASS)
    search = fitted(best)
    for name in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        np.testing.assert_array_equal(getattr(search, name)(X), getattr(best, name)(X))
    search.scorer_ = lambda model, X, y=None: 0.25 if y is None else model.score(X, y)
    assert search.score(X, CLASS) == best.score(X, CLASS)
    assert search.score(X) == 0.25
    assert search.n_features_in_ == 3
    assert search.classes_.tolist() == ["high", "low"]
    scaler = StandardScaler().fit(X)
    np.testing.assert_array_equal(fitted(scaler).transform(X), scaler.transform(X))
    with pytest.raises(AttributeError):
        fitted(scaler).predict(X)


@pytest.mark.parametrize("name", ["predict", "predict_proba", "decision_function", "score"])
def test_nothing_is_done_before_fit(name):
    search = sp.BayesianSearchCV(LogisticRegression(), {"C": [1.0]})
    with pytest.raises(NotFittedError):
        getattr(search, name)(X)
    with pytest.raises(NotFittedError):
        sp.BayesianSearchCV(StandardScaler(), {"with_mean": [True]}).transform(X)


@pytest.mark.parametrize(
    "inner",
    [LogisticRegression(), DecisionTreeRegressor(), StandardScaler(), SVC(kernel="precomputed")],
)
def test_tags_are_those_of_the_estimator(inner):
    own, given = get_tags(sp.BayesianSearchCV(inner, {"x": [1]})), get_tags(inner)
    assert own.estimator_type == given.estimator_type
    assert own.target_tags == given.target_tags
    assert own.classifier_tags == given.classifier_tags
    assert own.regressor_tags == given.regressor_tags
    for name in ("pairwise", "sparse", "allow_nan"):
        assert getattr(own.input_tags, name) == getattr(given.input_tags, name)


def test_the_space():
    whole, log = stats.randint(2, 9), stats.loguniform(1e-3, 1e3)
    own = optuna.distributions.IntDistribution(1, 5)
    space = SearchSpace({"a": ["x", None], "n": whole, "c": log, "own": own})
    drawn = space.distributions()
    assert drawn["a"].choices == (0, 1)
    assert (drawn["n"].low, drawn["n"].high) == (0.0, 1.0)
    assert drawn["own"] is own
    found = space.parameters({"a": 1, "n": 0.0, "c": 0.5, "own": 4})
    assert found["a"] is None
    assert (found["n"], found["own"]) == (2, 4)
    assert isinstance(found["n"], int)
    assert found["c"] == pytest.approx(1.0)
    normal = stats.norm()
    assert _quantile(normal, 0.0) == normal.ppf(1e-9)
    assert _quantile(normal, 1.0) == normal.ppf(1 - 1e-9)
    assert _quantile(normal, 0.25) == normal.ppf(0.25)
    assert _quantile(whole, 1.0) == 8


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "must be a dict of"),
        ([1], "must be a dict of"),
        ({"a": []}, r"param_distributions\['a'\] must not be empty"),
        ({"a": "word"}, r"\['a'\] must be a list, a frozen distribution"),
        ({"a": 3}, r"\['a'\] must be a list"),
    ],
)
def test_spaces_that_are_none(given, message):
    with pytest.raises(InvalidParameterError, match=message):
        SearchSpace(given)


def trial(alpha, scores, pruned=False):
    found = SearchTrial({"alpha": alpha})
    scores = np.array(scores, dtype=float)
    found.add(
        {
            "test_score": scores,
            "train_score": scores + 1.0,
            "fit_time": np.arange(float(len(scores))),
            "score_time": np.ones(len(scores)),
        }
    )
    found.pruned = pruned
    return found


def test_the_table_of_trials():
    trials = [
        trial(1, [0.5, 0.7]),
        trial(2, [0.9], True),
        trial(3, [0.8, 0.6]),
        trial(4, [np.nan] * 2),
    ]
    table = results_of(trials, 2)
    assert table["mean_test_score"][:3] == pytest.approx([0.6, 0.9, 0.7])
    assert table["std_test_score"][:3] == pytest.approx([0.1, 0.0, 0.1])
    np.testing.assert_array_equal(table["split0_test_score"], [0.5, 0.9, 0.8, np.nan])
    np.testing.assert_array_equal(table["split1_test_score"], [0.7, np.nan, 0.6, np.nan])
    assert table["rank_test_score"].tolist() == [2, 3, 1, 4]
    assert table["pruned"].tolist() == [False, True, False, False]
    assert table["param_alpha"].tolist() == [1, 2, 3, 4]
    assert table["mean_fit_time"].tolist() == [0.5, 0.0, 0.5, 0.5]
    assert table["std_fit_time"].tolist() == [0.5, 0.0, 0.5, 0.5]
    assert table["mean_score_time"].tolist() == [1.0] * 4
    own = train_scores_of(trials, 2)
    np.testing.assert_array_equal(own["split1_train_score"], [1.7, np.nan, 1.6, np.nan])
    assert own["mean_train_score"][:3] == pytest.approx([1.6, 1.9, 1.7])
    assert own["std_train_score"][:3] == pytest.approx([0.1, 0.0, 0.1])
    ties = _ranks(np.array([0.5, 0.5, 0.1, np.nan, np.nan]), np.array([0, 0, 0, 0, 1], bool))
    assert ties.tolist() == [1, 1, 3, 4, 4]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_trials": 0}, "n_trials must be an int of at least 1; got 0"),
        ({"n_trials": True}, "n_trials must be"),
        ({"n_startup_trials": 1.0}, "n_startup_trials must be"),
        ({"timeout": 0}, "timeout must be above 0 s or None; got 0"),
        ({"refit": "rmse"}, "refit must be True or False"),
        ({"sampler": "tpe"}, "sampler must be a sampler of optuna that never ends"),
        ({"sampler": optuna.samplers.GridSampler({"alpha": [1.0]})}, "that never ends"),
        ({"pruner": "mean"}, "pruner must be 'median', a pruner of optuna or None"),
        ({"cv": GroupKFold(2)}, "asks for groups: give them to fit"),
    ],
)
def test_parameters_that_cannot_be(parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.BayesianSearchCV(Ridge(), {"alpha": [1.0]}, **parameters).fit(X, Y)


def test_a_small_search():
    space = {"alpha": [1e-6, 1e6]}
    search = sp.BayesianSearchCV(
        Ridge(), space, n_trials=1, n_startup_trials=1, cv=2, timeout=1e-9, random_state=0
    )
    with pytest.raises(InvalidParameterError, match="timeout=1e-09 s was over before the first"):
        search.fit(X, Y)
    search.set_params(timeout=None, n_trials=6).fit(X, Y)
    assert search.best_params_ == {"alpha": 1e-6}
    assert search.n_splits_ == 2
    assert 0.0 < search.refit_time_ < 60.0
    assert search.best_score_ == search.cv_results_["mean_test_score"][search.best_index_]
    assert "mean_train_score" not in search.cv_results_
    assert search.score(X, Y) > 0.99
    with pytest.raises(InvalidParameterError, match="Ridge requires y to be passed"):
        search.fit(X)
    failing = sp.BayesianSearchCV(Ridge(), {"alpha": [-1.0]}, n_trials=1, cv=2, error_score=np.nan)
    with (
        pytest.warns(match="a trial was left out, its fits failed"),
        pytest.raises(InvalidParameterError, match="no trial of the search was finished"),
    ):
        failing.fit(X, Y)
    alone = sp.BayesianSearchCV(Ridge(), space, n_trials=2, cv=2, refit=False).fit(X, Y)
    assert not hasattr(alone, "best_estimator_")


@pytest.mark.parametrize(
    ("n_trials", "bias", "warned"), [(2, 0.2, True), (2, 0.1, False), (1, 0.2, False)]
)
def test_the_warning_of_bias_points_at_the_fit(monkeypatch, n_trials, bias, warned):
    class Found:
        standard_error = 0.1

        def __str__(self):
            return "the best of two"

    Found.n_trials, Found.bias = n_trials, bias
    monkeypatch.setattr(_bayesian_search_cv, "selection_bias", lambda search: Found())
    search = sp.BayesianSearchCV(Ridge(), {"alpha": [1.0]}, n_trials=1, cv=2)
    if not warned:
        search.fit(X, Y)
        return
    with pytest.warns(SelectionBiasWarning, match="the best of two. Put the search into") as said:
        search.fit(X, Y)
    assert said[0].filename == __file__
