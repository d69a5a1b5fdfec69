"""Searches over parameters: what they find, what they give up, and what they never see."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.exceptions import FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    cross_validate,
)
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.model_selection import SelectionBiasWarning

optuna = pytest.importorskip("optuna", reason="BayesianSearchCV needs optuna, which is an extra")

FLATTERS = pytest.mark.filterwarnings("ignore::signalprep.model_selection.SelectionBiasWarning")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(10), 40)
    log = sp.as_log(rng.normal(size=(400, 3)), cycle=cycle, rate=2.0)
    return log, (3.0 * log["x0"] + rng.normal(size=400)).rename("y")


class Noted(RegressorMixin, BaseEstimator):
    """Gives a constant whose error grows with `away`, and notes the cycles of each fit."""

    fits: list = []  # noqa: RUF012

    def __init__(self, away=0.0, kind="a"):
        self.away = away
        self.kind = kind

    def fit(self, X, y):
        type(self).fits.append((set(X.index.get_level_values("cycle")), self.away))
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_ + self.away)


@FLATTERS
def test_it_finds_what_is_better(data):
    X, y = data
    space = {"away": uniform(-10.0, 20.0), "kind": ["a", "b"]}
    search = sp.BayesianSearchCV(Noted(), space, n_trials=40, random_state=0).fit(X, y)
    assert abs(search.best_params_["away"]) < 1.0
    assert search.best_score_ == search.cv_results_["mean_test_score"][search.best_index_]
    assert search.cv_results_["rank_test_score"][search.best_index_] == 1
    assert search.best_estimator_.away == search.best_params_["away"]
    assert search.n_splits_ == 5


@FLATTERS
def test_bad_trials_are_given_up(data):
    X, y = data
    Noted.fits.clear()
    search = sp.BayesianSearchCV(
        Noted(), {"away": uniform(-10.0, 20.0)}, n_trials=30, n_startup_trials=5, random_state=0
    ).fit(X, y)
    results = search.cv_results_
    pruned = results["pruned"]
    assert 0 < pruned.sum() < 25
    assert not pruned[:5].any()
    assert (
        len(Noted.fits)
        == 1 + np.isfinite([results[f"split{k}_test_score"] for k in range(5)]).sum()
    )
    assert np.isnan(results["split4_test_score"][pruned]).all()
    assert np.isfinite(results["split4_test_score"][~pruned]).all()
    ranks = results["rank_test_score"]
    assert ranks[pruned].min() > ranks[~pruned].max()
    states = [trial.state for trial in search.study_.trials]
    assert [state == optuna.trial.TrialState.PRUNED for state in states] == pruned.tolist()
    whole = sp.BayesianSearchCV(
        Noted(), {"away": uniform(-10.0, 20.0)}, n_trials=12, pruner=None, random_state=0
    ).fit(X, y)
    assert not whole.cv_results_["pruned"].any()


@FLATTERS
def test_folds_hold_whole_cycles_by_default(data):
    X, y = data
    Noted.fits.clear()
    sp.BayesianSearchCV(Noted(), {"away": [0.0]}, n_trials=1, refit=False).fit(X, y)
    sp.BayesianSearchCV(Noted(), {"away": [0.0]}, n_trials=1, cv=2, refit=False).fit(X, y)
    assert [len(cycles) for cycles, _ in Noted.fits] == [8, 8, 8, 8, 8, 5, 5]


@FLATTERS
@pytest.mark.parametrize("kind", ["grid", "random", "Bayesian"])
def test_nested_the_search_never_sees_the_test_cycles(data, kind):
    X, y = data
    inner = sp.CycleKFold(3)
    search = {
        "grid": GridSearchCV(Noted(), {"away": [0.0, 1.0]}, cv=inner),
        "random": RandomizedSearchCV(
            Noted(), {"away": uniform(0, 1)}, n_iter=2, cv=inner, random_state=0
        ),
        "Bayesian": sp.BayesianSearchCV(
            Noted(), {"away": uniform(0, 1)}, n_trials=3, cv=inner, random_state=0
        ),
    }[kind]
    outer = sp.CycleKFold(5)
    tests = [set(X.index[test].get_level_values("cycle")) for _, test in outer.split(X)]
    for run in (
        lambda: sp.validate(search, X, y, cv=outer, n_bootstrap=20),
        lambda: cross_validate(search, X, y, cv=outer),
    ):
        Noted.fits.clear()
        run()
        per_fold = len(Noted.fits) // 5
        assert len(Noted.fits) == 5 * per_fold
        for k, (cycles, _) in enumerate(Noted.fits):
            assert not cycles & tests[k // per_fold]


def test_halving_over_a_parameter_keeps_cycles_whole(data):
    X, y = data
    search = HalvingRandomSearchCV(
        MLPRegressor(hidden_layer_sizes=(4,), random_state=0, learning_rate_init=0.05),
        {"alpha": loguniform(1e-6, 1e-2)},
        resource="max_iter",
        min_resources=2,
        max_resources=8,
        cv=sp.CycleKFold(3),
        random_state=0,
    )
    with pytest.warns(UserWarning, match="Maximum iterations"):
        search.fit(X, y)
    assert search.n_splits_ == 3
    assert search.best_params_["max_iter"] == 6 or search.best_params_["max_iter"] == 8


@FLATTERS
def test_a_sampler_of_ones_own_is_used_as_a_copy(data):
    X, y = data
    sampler = optuna.samplers.RandomSampler(seed=3)
    one = sp.BayesianSearchCV(
        Ridge(), {"alpha": loguniform(1, 1e6)}, n_trials=4, sampler=sampler, pruner=None
    )
    first, again = one.fit(X, y).cv_results_, one.fit(X, y).cv_results_
    assert one.sampler is sampler
    assert isinstance(one.study_.sampler, optuna.samplers.RandomSampler)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
    space = {"alpha": optuna.distributions.FloatDistribution(0.0, 1.0)}
    levels = [study.ask(space).params["alpha"] for _ in range(4)]
    expected = loguniform(1, 1e6).ppf(levels)
    np.testing.assert_allclose(first["param_alpha"].astype(float), expected)
    assert first["params"] == again["params"]


@FLATTERS
def test_a_pruner_of_ones_own_is_used(data):
    X, y = data
    pruner = optuna.pruners.ThresholdPruner(lower=-1.0)
    search = sp.BayesianSearchCV(
        Noted(), {"away": [0.0, 100.0]}, n_trials=12, pruner=pruner, random_state=0
    ).fit(X, y)
    away = search.cv_results_["param_away"].astype(float)
    assert search.cv_results_["pruned"].tolist() == (away == 100.0).tolist()
    assert 0 < search.cv_results_["pruned"].sum() < 12


@FLATTERS
def test_scores_of_the_training_cycles(data):
    X, y = data
    space = {"alpha": [1.0, 1e3]}
    search = sp.BayesianSearchCV(
        Ridge(), space, n_trials=4, pruner=None, return_train_score=True, random_state=0
    ).fit(X, y)
    grid = GridSearchCV(Ridge(), space, cv=sp.CycleKFold(5), return_train_score=True).fit(X, y)
    for k, params in enumerate(search.cv_results_["params"]):
        same = grid.cv_results_["params"].index(params)
        for name in ("split0_train_score", "mean_train_score", "std_train_score"):
            assert search.cv_results_[name][k] == pytest.approx(grid.cv_results_[name][same])
    search.set_params(return_train_score=False).fit(X, y)
    assert "mean_train_score" not in search.cv_results_


@FLATTERS
def test_training_scores_of_folds_that_were_not_run(data):
    X, y = data
    search = sp.BayesianSearchCV(
        Noted(), {"away": [0.0, 100.0]}, n_trials=12, return_train_score=True, random_state=0,
        pruner=optuna.pruners.ThresholdPruner(lower=-1.0),
    ).fit(X, y)  # fmt: skip
    results = search.cv_results_
    assert np.isnan(results["split4_train_score"]).tolist() == results["pruned"].tolist()
    assert np.isfinite(results["mean_train_score"]).all()


def test_splitters_that_ask_for_groups(data):
    X, y = data
    search = sp.BayesianSearchCV(Noted(), {"away": [0.0]}, n_trials=1, cv=GroupKFold(3))
    with pytest.raises(InvalidParameterError, match="asks for groups: give them to fit or"):
        search.fit(X, y)
    with pytest.raises(InvalidParameterError, match="use a CycleKFold"):
        sp.validate(search, X, y)
    Noted.fits.clear()
    search.fit(X, y, groups=X.index.get_level_values("cycle"))
    assert [len(cycles) for cycles, _ in Noted.fits] == [6, 7, 7, 10]


@FLATTERS
def test_seeds_and_processes(data):
    X, y = data
    one = sp.BayesianSearchCV(Ridge(), {"alpha": loguniform(1, 1e6)}, n_trials=6, random_state=1)
    first, again = clone(one).fit(X, y), clone(one).fit(X, y)
    assert first.best_params_ == again.best_params_
    parallel = clone(one).set_params(n_jobs=2, pruner=None).fit(X, y)
    alone = clone(one).set_params(pruner=None).fit(X, y)
    np.testing.assert_allclose(
        parallel.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )


def test_nothing_of_optuna_is_left_changed(data):
    X, y = data
    before = optuna.logging.get_verbosity()
    sp.BayesianSearchCV(Ridge(), {"alpha": [1.0]}, n_trials=1).fit(X, y)
    assert optuna.logging.get_verbosity() == before


@FLATTERS
def test_kinds_of_spaces(data):
    X, y = data
    space = {
        "alpha": loguniform(1e-3, 1e3),
        "fit_intercept": [True, False],
        "max_iter": randint(5, 9),
        "tol": optuna.distributions.FloatDistribution(1e-6, 1e-2, log=True),
    }
    search = sp.BayesianSearchCV(Ridge(), space, n_trials=12, random_state=0).fit(X, y)
    for params in search.cv_results_["params"]:
        assert 1e-3 <= params["alpha"] <= 1e3
        assert params["max_iter"] in (5, 6, 7, 8)
        assert isinstance(params["max_iter"], int)
        assert 1e-6 <= params["tol"] <= 1e-2
    spread = np.log10(np.array(search.cv_results_["param_alpha"].tolist(), dtype=float))
    assert spread.min() < -1.0 < 1.0 < spread.max()
    choice = {"estimator": [Ridge(1.0), Ridge(10.0)]}
    held = sp.AtRate(Ridge())
    found = sp.BayesianSearchCV(held, choice, n_trials=3, random_state=0).fit(X, y)
    assert found.best_estimator_.estimator.alpha in (1.0, 10.0)


@FLATTERS
def test_classifiers(data):
    X, y = data
    search = sp.BayesianSearchCV(
        LogisticRegression(), {"C": loguniform(1e-3, 1e3)}, n_trials=3, random_state=0
    ).fit(X, y > 0)
    assert search.classes_.tolist() == [False, True]
    assert search.predict_proba(X).shape == (400, 2)
    logarithms = search.predict_log_proba(X)
    np.testing.assert_allclose(np.exp(logarithms), search.predict_proba(X))
    assert search.score(X, y > 0) > 0.8
    assert not hasattr(search, "transform")


def test_failing_fits(data):
    X, y = data
    with pytest.warns(FitFailedWarning, match="its fits failed"):
        search = sp.BayesianSearchCV(
            Ridge(), {"alpha": [-1.0, 1.0, 2.0]}, n_trials=8, random_state=0, error_score=np.nan,
            return_train_score=True,
        ).fit(X, y)  # fmt: skip
    assert search.best_params_["alpha"] > 0
    with pytest.raises(ValueError, match="alpha"):
        sp.BayesianSearchCV(Ridge(), {"alpha": [-1.0]}, n_trials=1).fit(X, y)
    with (
        pytest.raises(InvalidParameterError, match="no trial of the search was finished"),
        pytest.warns(FitFailedWarning, match="its fits failed"),
    ):
        sp.BayesianSearchCV(Ridge(), {"alpha": [-1.0]}, n_trials=1, error_score=np.nan).fit(X, y)


def test_a_timeout_ends_the_search(data, monkeypatch):
    X, y = data
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(
        "signalprep.model_selection._bayesian_search_cv.time.monotonic", lambda: next(clock)
    )
    search = sp.BayesianSearchCV(Ridge(), {"alpha": [1.0, 1.0]}, n_trials=50, timeout=10.0).fit(
        X, y
    )
    assert len(search.cv_results_["params"]) == 2
    with pytest.raises(InvalidParameterError, match="over before the first trial"):
        search.set_params(timeout=1.0).fit(X, y)


@pytest.mark.parametrize(
    ("space", "parameters", "message"),
    [
        ({}, {}, "must be a dict of"),
        ([1], {}, "must be a dict of"),
        ({"alpha": []}, {}, "must not be empty"),
        ({"alpha": "high"}, {}, "must be a list, a frozen distribution"),
        ({"alpha": 1.0}, {}, "must be a list, a frozen distribution"),
        ({"alpha": [1.0]}, {"n_trials": 0}, "n_trials must be an int of at least 1; got 0"),
        (
            {"alpha": [1.0]},
            {"pruner": "best"},
            "pruner must be 'median', a pruner of optuna or None",
        ),
        (
            {"alpha": [1.0]},
            {"sampler": "random"},
            "sampler must be a sampler of optuna that never ends, or None .*; got 'random'",
        ),
        (
            {"alpha": [1.0]},
            {"sampler": optuna.samplers.GridSampler({"alpha": [0]})},
            "GridSearchCV tries all of a grid",
        ),
        ({"alpha": [1.0]}, {"timeout": 0}, "timeout must be above 0 s or None; got 0"),
        ({"alpha": [1.0]}, {"refit": "r2"}, "refit must be True or False; got 'r2'"),
    ],
)
def test_parameters_out_of_range(data, space, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.BayesianSearchCV(Ridge(), space, **parameters).fit(*data)


def table_of(scores):
    """A fitted search that holds these scores (n_trials, n_folds)."""
    search = GridSearchCV(Ridge(), {"alpha": list(range(len(scores)))})
    search.cv_results_ = {f"split{k}_test_score": column for k, column in enumerate(scores.T)}
    return search


def test_the_bias_is_what_a_choice_by_half_of_the_folds_loses_on_the_others():
    scores = np.array([[1.0, 2.0, 3.0], [2.0, 2.5, 1.5], [0.0, np.nan, np.nan]])
    found = sp.selection_bias(table_of(scores))
    assert (found.best_score, found.n_trials, found.n_splits) == (2.0, 2, 3)
    lost = ((2.5 - 1.0) + (2.0 - 2.0) + (2.25 - 1.5)) / 3
    assert found.bias == pytest.approx(lost * np.sqrt(2 / 3))
    assert found.corrected_score == pytest.approx(2.0 - found.bias)
    assert "best of 2 trials over 3 folds: 2, of which about 0.61" in str(found)


def test_the_score_is_that_of_the_trial_which_was_chosen():
    search = table_of(np.array([[1.0, 2.0, 3.0], [2.0, 2.5, 1.6]]))
    search.best_index_ = 0
    assert sp.selection_bias(search).best_score == 2.0
    search.cv_results_["iter"] = np.array([0, 1])
    assert (sp.selection_bias(search).n_trials, sp.selection_bias(search).bias) == (1, 0.0)


@pytest.mark.parametrize("n_folds", [2, 3, 5, 11])
@pytest.mark.parametrize("spread", [0.0, 1.0])
@pytest.mark.parametrize("noisiest", [1.0, 4.0], ids=["folds alike", "one noisy fold"])
def test_the_bias_is_never_far_below_the_truth(n_folds, spread, noisiest):
    rng = np.random.default_rng(0)
    size = np.append(np.ones(n_folds - 1), noisiest)
    found, true = [], []
    for _ in range(400):
        worth = rng.normal(0.0, spread, 20)
        alike = np.linspace(-1.0, 1.0, 20)[:, None] * rng.normal(size=n_folds)
        noise = rng.normal(size=n_folds) + size * (rng.normal(size=(20, n_folds)) + alike)
        scores = worth[:, None] + noise
        found.append(sp.selection_bias(table_of(scores)).bias)
        true.append(scores.mean(axis=1).max() - worth[scores.mean(axis=1).argmax()])
    assert 0.8 < np.mean(found) / np.mean(true) < 1.7


def test_a_clear_winner_has_no_bias():
    rng = np.random.default_rng(0)
    scores = rng.normal(scale=0.01, size=(10, 5)) + np.arange(10.0)[:, None]
    assert sp.selection_bias(table_of(scores)).bias == 0.0


def test_the_search_warns_of_its_bias(data):
    X, _ = data
    noise = pd.Series(np.random.default_rng(1).normal(size=400), index=X.index)
    search = sp.BayesianSearchCV(
        MLPRegressor(hidden_layer_sizes=(5,), max_iter=3, learning_rate_init=0.1),
        {"random_state": list(range(50))}, n_trials=25, pruner=None, random_state=0,
    )  # fmt: skip
    with (
        pytest.warns(SelectionBiasWarning, match="comes from choosing it"),
        pytest.warns(UserWarning, match="Maximum iterations"),
    ):
        search.fit(X, noise)


def test_what_has_no_bias_to_tell():
    with pytest.raises(
        InvalidParameterError, match=r"metric must be one that the search .*\(score\)"
    ):
        sp.selection_bias(table_of(np.ones((2, 3))), metric="rmse")
    with pytest.raises(InvalidParameterError, match="no trial of the search finished"):
        sp.selection_bias(table_of(np.full((2, 3), np.nan)))
