"""Weights of rows reach the models of every composite, as if each had been fitted by hand."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler

import signalprep as sp
from signalprep.errors import InvalidParameterError

PIPE = sp.make_pipeline(sp.ExponentialFeatures(spans=[5]), Ridge())


@pytest.fixture
def data(make_log):
    X = make_log(lengths=(103, 57, 90), n_channels=2)
    weight = np.random.default_rng(1).uniform(0.0, 2.0, len(X))
    return X, (X["c0"] + X["c1"] ** 2).rename("y"), weight


@pytest.mark.parametrize("inner", [Ridge(), PIPE], ids=["bare", "pipeline"])
def test_at_rate_sums_over_the_rows_that_a_row_stands_for(data, inner):
    X, y, weight = data
    model = sp.AtRate(inner, factor=4).fit(X, y, sample_weight=weight)
    kept = model.native_rows(X)
    ends = [*kept[1:], len(X)]
    summed = np.array([weight[i:j].sum() for i, j in zip(kept, ends, strict=True)])
    slow, target = model.decimate(X, y)
    name = "sample_weight" if inner is not PIPE else "ridge__sample_weight"
    alone = clone(inner).fit(slow, target, **{name: summed})
    np.testing.assert_allclose(model.estimator_.predict(slow), alone.predict(slow), rtol=1e-12)
    plain = sp.AtRate(inner, factor=4).fit(X, y)
    assert not np.allclose(plain.predict(X), model.predict(X))


def test_per_regime_slices_by_cell(data):
    X, y, weight = data
    of = {"estimator": PIPE, "regimes": {"c0": [-9, 0, 9]}, "min_rows": 5, "softness": 0.1}
    model = sp.PerRegime(**of).fit(X, y, sample_weight=weight)
    features = model.steps_.transform(X)
    np.testing.assert_allclose(model.fallback_.coef_, Ridge().fit(features, y, weight).coef_)
    hard = sp.PerRegime(**of | {"softness": 0.0}).fit(X, y, sample_weight=weight)
    cell = hard.regimes_of(X)
    for number, one in hard.models_.items():
        rows = cell == number
        alone = Ridge().fit(features[rows], y[rows], weight[rows])
        np.testing.assert_allclose(one.coef_, alone.coef_)
    ones = sp.PerRegime(**of).fit(X, y, sample_weight=np.ones(len(X)))
    np.testing.assert_allclose(ones.predict(X), sp.PerRegime(**of).fit(X, y).predict(X))


def test_a_cell_whose_rows_weigh_nothing_has_no_model(data):
    X, y, _ = data
    weight = (X["c0"] > 0).to_numpy(dtype=float)
    model = sp.PerRegime(Ridge(), {"c0": [-9, 0, 9]}, min_rows=5).fit(X, y, sample_weight=weight)
    assert model.cells_["own"].tolist() == [False, True]


def test_inliers_keep_their_weights(data):
    X, y, weight = data
    detector = sp.ZScoreFilter(threshold=1.5)
    out = np.asarray(clone(detector).fit(X).flag(X)).any(axis=1)
    model = sp.FitOnInliers(PIPE, detector).fit(X, y, sample_weight=weight)
    features = model.estimator_[:-1].transform(X)
    alone = Ridge().fit(features[~out], y[~out], weight[~out])
    np.testing.assert_allclose(model.estimator_[-1].coef_, alone.coef_)


def test_a_row_left_out_gives_no_weight_to_the_slow_row_that_stands_for_it(data):
    X, y, weight = data
    detector = sp.ZScoreFilter(threshold=1.5)
    out = np.asarray(clone(detector).fit(X).flag(X)).any(axis=1)
    model = sp.FitOnInliers(sp.AtRate(Ridge(), factor=4), detector).fit(X, y, sample_weight=weight)
    slower = sp.AtRate(Ridge(), factor=4).fit(X, y)
    kept = slower.native_rows(X)
    slow, target = slower.decimate(X, y)
    summed = np.add.reduceat(np.where(out, 0.0, weight), kept)
    inlier = ~out[kept]
    alone = Ridge().fit(slow[inlier], target[inlier], summed[inlier])
    np.testing.assert_allclose(model.estimator_.estimator_.coef_, alone.coef_)


@pytest.mark.filterwarnings("ignore:coverage=0.9 needs")
def test_bands_weigh_the_fits_and_not_the_calibration(data):
    X, y, weight = data
    cv = sp.CycleKFold(3)
    model = sp.ConformalBands(PIPE, cv=cv).fit(X, y, sample_weight=weight)
    whole = clone(PIPE).fit(X, y, ridge__sample_weight=weight)
    np.testing.assert_array_equal(model.predict(X), whole.predict(X))
    worst = 0.0
    for train, test in cv.split(X):
        part = clone(PIPE).fit(X.iloc[train], y.iloc[train], ridge__sample_weight=weight[train])
        worst = max(worst, np.abs(part.predict(X.iloc[test]) - y.iloc[test]).max())
    assert model.half_width_ == worst


def test_models_without_weights_are_refused_by_name(data):
    X, y, weight = data
    for around in (sp.AtRate, sp.PerRegime, sp.FitOnInliers, sp.ConformalBands):
        with pytest.raises(InvalidParameterError, match="cannot reach.*MinMaxScaler"):
            around(sp.make_pipeline(MinMaxScaler())).fit(X, y, sample_weight=weight)
