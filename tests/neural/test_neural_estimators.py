"""The neural regressors among scikit-learn's tools."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor

pytest.importorskip("torch", reason="training a network needs torch, which is an extra")


@pytest.fixture(scope="module")
def log():
    return sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)


def quick(kind=RecurrentRegressor, **parameters):
    known = {"max_epochs": 3, "random_state": 0}
    size = {"hidden_size": 4} if kind is RecurrentRegressor else {"hidden_layer_sizes": (8,)}
    return kind(**(known | size | parameters))


@pytest.mark.parametrize("kind", [RecurrentRegressor, FeedForwardRegressor])
def test_pipelines_search_and_validation(log, kind):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = sp.make_pipeline(sp.HampelFilter(5), sp.ExponentialFeatures([10]), quick(kind))
    step = type(model[-1]).__name__.lower()
    search = GridSearchCV(
        model, {f"{step}__learning_rate": [1e-3, 1e-2]}, cv=sp.CycleKFold(2), n_jobs=1
    ).fit(X, y)
    assert search.best_params_[f"{step}__learning_rate"] in (1e-3, 1e-2)
    found = cross_val_predict(model, X, y, cv=sp.CycleKFold(3))
    assert found.shape == y.shape
    result = sp.validate(model, X, y, cv=2, n_bootstrap=50)
    assert np.isfinite(result.overall["rmse"])
    assert clone(model).get_params().keys() == model.get_params().keys()


def test_at_a_lower_rate(log):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = sp.AtRate(quick(), factor=4).fit(X, y)
    found = model.predict(X)
    assert found.shape == y.shape
    assert model.memory_ > 4 * model.estimator_.memory_
    live = sp.stream(model)
    bounds = sp.segments(X)
    first = X.iloc[: bounds[1]]
    np.testing.assert_allclose(live.push(first), found[: bounds[1]], rtol=1e-12)


def test_reach_is_claimed(log):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = quick().fit(X, y)
    longest = np.diff(sp.segments(X)).max()
    assert sp.reach(model) == (0, longest - 1, 0)
    assert sp.reach(quick(FeedForwardRegressor).fit(X, y)) == (0, 0, 0)
    added = sp.make_pipeline(sp.SavitzkyGolayFilter(5), quick()).fit(X, y)
    assert sp.reach(added).memory == longest - 1 + 4


def test_several_targets(log):
    X, y = log.drop(columns=["T_pm", "T_m"]), log[["T_pm", "T_m"]]
    for model in (quick(max_epochs=2), quick(FeedForwardRegressor, max_epochs=2)):
        assert model.fit(X, y).predict(X).shape == (len(X), 2)


def test_the_index_must_be_kept(log):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = quick().fit(X, y)
    with pytest.raises(sp.errors.LostIndexError, match="must carry the \\(cycle, time\\) index"):
        model.predict(X.to_numpy())
    with pytest.raises(sp.errors.InvalidLogError, match="y must carry the index of X"):
        quick().fit(X, y.iloc[::-1])
    slower = sp.as_log(X.reset_index(drop=True), rate=5.0)
    with pytest.raises(sp.errors.InvalidLogError, match="sample time|rate"):
        model.predict(slower)


def test_it_learns_what_a_row_alone_does_not_tell():
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(20), 150)
    log = sp.as_log(rng.normal(size=(3000, 1)), cycle=cycle, rate=1.0)
    y = log["x0"].groupby(level="cycle").transform(lambda one: one.ewm(alpha=0.2).mean())
    training = np.asarray(log.index.get_level_values("cycle") < 15)
    model = RecurrentRegressor(
        hidden_size=8,
        max_epochs=40,
        learning_rate=0.02,
        random_state=0,
        recipe=sp.Recipe(early_stopping=False),
    ).fit(log[training], y[training])
    plain = Ridge().fit(log[training], y[training])
    assert model.score(log[~training], y[~training]) > 0.9
    assert plain.score(log[~training], y[~training]) < 0.5


@pytest.mark.parametrize("go_on", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (FeedForwardRegressor, {"hidden_layer_sizes": (6,)}),
        (RecurrentRegressor, {"hidden_size": 6}),
        (RecurrentRegressor, {"cell": "lstm"}),
    ],
)
def test_a_warm_start_keeps_the_sizes(log, kind, change, go_on):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = quick(kind, recipe=sp.Recipe(warm_start=True)).fit(X, y).set_params(**change)
    with pytest.raises(InvalidParameterError, match="whose kind and sizes must stay"):
        getattr(model, go_on)(X, y)


@pytest.mark.parametrize(
    ("kind", "change"),
    [(RecurrentRegressor, {"cell": "lstm"}), (FeedForwardRegressor, {"activation": "tanh"})],
)
def test_parameters_set_after_the_fit_do_not_change_predictions(log, kind, change):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    model = quick(kind).fit(X, y)
    before = model.predict(X)
    model.set_params(**change)
    np.testing.assert_array_equal(model.predict(X), before)
    np.testing.assert_array_equal(sp.stream(model).push(X.iloc[:5].to_numpy()), before[:5])


@pytest.mark.parametrize("kind", [FeedForwardRegressor, RecurrentRegressor])
@pytest.mark.parametrize(("value", "words"), [(np.nan, "NaN"), (-np.inf, "infinity")])
def test_what_is_no_number_is_named_with_its_place(log, kind, value, words):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    broken = X.copy()
    broken.iloc[7, 1] = value
    first = sp.log.cycles(X)[0]
    message = f"Input X contains {words}: channel {X.columns[1]!r}, cycle {first!r}, row 7"
    with pytest.raises(InvalidLogError, match=re.escape(message)):
        quick(kind).fit(broken, y)
    model = quick(kind).fit(X, y)
    with pytest.raises(InvalidLogError, match=re.escape(message)):
        model.predict(broken)
    with pytest.raises(InvalidLogError, match=f"contains {words}: channel 'x1', row 7"):
        quick(kind).fit(broken.to_numpy(), y.to_numpy())


@pytest.mark.parametrize("kind", [FeedForwardRegressor, RecurrentRegressor])
def test_numbers_without_finite_squares_are_refused(log, kind):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    with pytest.raises(InvalidLogError, match="of a size whose squares are finite"):
        quick(kind).fit(X * 1e200, y)


def test_rows_by_themselves_may_be_dealt_out_at_random(log):
    X, y = log.drop(columns="T_pm"), log["T_pm"]
    kept = np.sort(np.random.default_rng(0).choice(len(X), len(X) // 3, replace=False))
    model = quick(FeedForwardRegressor).fit(X.iloc[kept], y.iloc[kept])
    np.testing.assert_array_equal(model.predict(X.iloc[kept]), model.predict(X)[kept])
    with pytest.raises(InvalidLogError, match="sample time"):
        quick(RecurrentRegressor).fit(X.iloc[kept], y.iloc[kept])
