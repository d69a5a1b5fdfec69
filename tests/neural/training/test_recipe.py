"""A recipe is a part of its network: searched, cloned, printed and checked with it."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import signalprep as sp
from signalprep.errors import InvalidParameterError
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor
from small_networks import small

BOTH = pytest.mark.parametrize("kind", [RecurrentRegressor, FeedForwardRegressor])
TRAINED = pytest.mark.usefixtures("torch")


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="training a network needs torch, which is an extra")


@pytest.fixture(scope="module")
def data():
    log = sp.datasets.simulate_pmsm(n_cycles=4, rate=0.5, random_state=0)
    return log.drop(columns="T_pm"), log["T_pm"]


@TRAINED
@BOTH
@pytest.mark.parametrize("recipe", [None, sp.Recipe(dropout=0.1)])
def test_a_search_finds_its_parameters(data, kind, recipe):
    X, y = data
    model = sp.make_pipeline(sp.Scaler(), small(kind).set_params(recipe=recipe))
    name = f"{kind.__name__.lower()}__recipe__weight_decay"
    values = [1e-4, 0.3]
    grid = GridSearchCV(model, {name: values}, cv=sp.CycleKFold(2)).fit(X, y)
    assert grid.best_params_[name] in values
    assert np.ptp(grid.cv_results_["mean_test_score"]) > 0.0
    found = grid.best_estimator_[-1].recipe
    assert found.weight_decay == grid.best_params_[name]
    assert found.dropout == (0.0 if recipe is None else 0.1)
    assert model[-1].recipe is recipe


@TRAINED
def test_a_bayesian_search_finds_its_parameters(data):
    pytest.importorskip("optuna", reason="BayesianSearchCV needs optuna, which is an extra")
    X, y = data
    search = sp.BayesianSearchCV(
        small(FeedForwardRegressor),
        {"recipe__weight_decay": [1e-4, 0.3], "recipe__loss": ["huber", "squared_error"]},
        n_trials=3,
        cv=sp.CycleKFold(2),
        random_state=0,
    ).fit(X, y)
    assert search.best_estimator_.recipe.weight_decay == search.best_params_["recipe__weight_decay"]


@BOTH
def test_none_is_a_recipe_as_it_comes(kind):
    model = kind()
    assert model.recipe is None
    assert model.set_params(recipe__l1=0.1).recipe.get_params() == sp.Recipe(l1=0.1).get_params()
    other = clone(model)
    assert other.recipe is not model.recipe
    other.set_params(recipe__l1=0.2, learning_rate=0.1)
    assert (model.recipe.l1, other.recipe.l1) == (0.1, 0.2)
    assert model.set_params(recipe=None, recipe__dropout=0.5).recipe.l1 == 0.0
    assert repr(model) == f"{kind.__name__}(recipe=Recipe(dropout=0.5))"
    with pytest.raises(ValueError, match="Invalid parameter 'weight' for estimator Recipe"):
        kind().set_params(recipe__weight=1.0)


def test_it_is_shown_in_a_notebook():
    assert "weight_decay" in RecurrentRegressor(recipe=sp.Recipe(weight_decay=0.3))._repr_html_()


@TRAINED
@BOTH
def test_none_trains_as_the_default_does(data, kind):
    X, y = data
    usual = 8 if kind is RecurrentRegressor else 256
    wanted = small(kind).fit(X, y).predict(X)
    for recipe in (sp.Recipe(), sp.Recipe(batch_size=usual)):
        np.testing.assert_array_equal(
            small(kind).set_params(recipe=recipe).fit(X, y).predict(X), wanted
        )


@TRAINED
def test_fit_leaves_a_recipe_alone(data):
    recipe = sp.Recipe(regimes=sp.RegimeBinner({"omega_m": 2}))
    before = repr(recipe)
    small(FeedForwardRegressor).set_params(recipe=recipe).fit(*data)
    assert repr(recipe) == before
    assert recipe.batch_size is None
    assert not hasattr(recipe.regimes, "edges_")


@TRAINED
@pytest.mark.parametrize("recipe", [{"l1": 0.1}, sp.Recipe, "default"])
def test_what_is_no_recipe(data, recipe):
    with pytest.raises(InvalidParameterError, match="recipe must be a Recipe or None; got"):
        small().set_params(recipe=recipe).fit(*data)


@TRAINED
def test_an_audit_looks_into_it(data):
    X, y = data
    speed = X["omega_m"]
    edges = [speed.min() - 1.0, speed.mean(), speed.max() + 1.0]
    model = small(FeedForwardRegressor, regimes={"omega_m": edges}, max_epochs=1)
    findings = sp.audit(model, X, y, cv=sp.CycleKFold(2)).findings
    assert findings["kind"].tolist() == ["test_statistics"]
    assert "the mean of 'omega_m' over all rows" in findings["what"].iloc[0]
