"""FitOnInliers: flagged rows take no part in fit, every row is predicted and scored."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LostIndexError

BAD = [7, 50, 51, 200]
LIMITS = sp.PhysicalLimits({"c0": (-50, 50)}, action="keep")


@pytest.fixture
def data(make_log):
    X = make_log(lengths=(103, 57, 90), n_channels=2)
    y = 2 * X["c0"] - X["c1"]
    X.iloc[BAD, 0] = 99.0
    return X, y


def test_flagged_rows_take_no_part_in_fit(data):
    X, y = data
    model = sp.FitOnInliers(LinearRegression(), LIMITS).fit(X, y)
    np.testing.assert_allclose(model.estimator_.coef_, [2, -1])
    assert model.n_outliers_ == 4
    assert model.outlier_share_ == 4 / 250
    assert abs(LinearRegression().fit(X, y).coef_[0]) < 0.5


def test_every_row_is_predicted_and_scored(data):
    X, y = data
    model = sp.FitOnInliers(LinearRegression(), LIMITS).fit(X, y)
    assert model.predict(X).shape == (len(X),)
    np.testing.assert_allclose(model.predict(X)[7], 2 * 99 - X["c1"].iloc[7])
    assert model.score(X, y) == model.estimator_.score(X, y) < 0
    assert model.score(X.drop(X.index[BAD]), y.drop(y.index[BAD])) == pytest.approx(1)


@pytest.mark.parametrize(
    "detector",
    [
        sp.ZScoreFilter(4.0),
        sp.IQRFilter(5.0),
        sp.HampelFilter(11, 8.0),
        sp.IsolationForestFilter(0.016, random_state=0),
        sp.LocalOutlierFactorFilter(contamination=0.016),
        sp.ResidualFilter(threshold=20.0, columns=["c0"]),
        IsolationForest(contamination=0.016, random_state=0),
    ],
    ids=lambda detector: type(detector).__name__,
)
def test_any_detector(data, detector):
    X, y = data
    model = sp.FitOnInliers(LinearRegression(), detector).fit(X, y)
    np.testing.assert_allclose(model.estimator_.coef_, [2, -1])
    assert type(model.detector_) is type(detector)
    assert model.detector_ is not detector


def test_a_model_that_has_learned_the_outliers_does_not_hide_them(data):
    X, y = data
    X = X.assign(c2=X["c0"].where(X["c0"] < 50, 0.0), c3=np.arange(len(X)))
    detector = sp.ResidualFilter(
        KNeighborsRegressor(1), columns=["c0"], inputs=["c2", "c3"], threshold=20.0
    )
    model = sp.FitOnInliers(LinearRegression(), detector).fit(X, y)
    assert not model.detector_.flag(X).any(axis=None)
    unseen = detector.fit_flag(X).any(axis=1).to_numpy()
    assert unseen[BAD].all()
    assert model.n_outliers_ == unseen.sum() < 20


def test_steps_of_a_pipeline_see_every_row(data):
    X, y = data
    pipeline = sp.make_pipeline(sp.ExponentialFeatures([5]), KNeighborsRegressor(3))
    model = sp.FitOnInliers(pipeline, LIMITS).fit(X, y)
    features = sp.ExponentialFeatures([5]).fit_transform(X)
    rest = np.delete(np.arange(len(X)), BAD)
    by_hand = KNeighborsRegressor(3).fit(features.iloc[rest], y.iloc[rest])
    np.testing.assert_array_equal(model.predict(X), by_hand.predict(features))
    assert [name for name, _ in model.estimator_.steps] == [
        "exponentialfeatures",
        pipeline.steps[1][0],
    ]
    assert model.memory_ == sp.reach(model.estimator_).memory > 0


def test_a_pipeline_in_a_pipeline_and_one_of_a_single_step(data):
    X, y = data
    inner = sp.make_pipeline(sp.HampelFilter(5, action="hold"), LinearRegression())
    nested = sp.FitOnInliers(sp.make_pipeline(sp.Scaler(), inner), LIMITS).fit(X, y)
    flat = sp.make_pipeline(sp.Scaler(), sp.HampelFilter(5, action="hold"), LinearRegression())
    flat = sp.FitOnInliers(flat, LIMITS).fit(X, y)
    np.testing.assert_array_equal(nested.predict(X), flat.predict(X))
    single = sp.FitOnInliers(sp.make_pipeline(LinearRegression()), LIMITS).fit(X, y)
    np.testing.assert_allclose(single.estimator_[-1].coef_, [2, -1])


def test_a_pipeline_with_a_memory(data, tmp_path):
    X, y = data
    steps = (sp.ExponentialFeatures([5]), Ridge())
    plain = sp.FitOnInliers(sp.make_pipeline(*steps), LIMITS).fit(X, y)
    cached = sp.make_pipeline(*steps, memory=str(tmp_path))
    for _ in range(2):
        model = sp.FitOnInliers(cached, LIMITS).fit(X, y)
        np.testing.assert_array_equal(model.predict(X), plain.predict(X))


def test_the_estimator_given_is_not_fitted(data):
    X, y = data
    pipeline, detector = sp.make_pipeline(sp.Scaler(), Ridge()), sp.ZScoreFilter()
    sp.FitOnInliers(pipeline, detector).fit(X, y)
    for part in (pipeline[0], pipeline[1], detector):
        assert not [name for name in vars(part) if name.endswith("_")]


def test_inside_at_rate_and_around_it(data):
    X, y = data
    inside = sp.AtRate(sp.FitOnInliers(Ridge(), sp.ZScoreFilter(3.0)), factor=5).fit(X, y)
    assert inside.predict(X).shape == (len(X),)
    assert inside.estimator_.n_outliers_ > 0
    around = sp.FitOnInliers(sp.AtRate(LinearRegression(), factor=5), LIMITS).fit(X, y)
    decimator = sp.Decimator(5).fit(X)
    kept = decimator.kept_rows(X)
    good = ~np.isin(kept, BAD)
    assert not good.all()
    slow = decimator.transform(X)
    by_hand = LinearRegression().fit(slow[good], y.iloc[kept[good]])
    np.testing.assert_array_equal(around.estimator_.estimator_.coef_, by_hand.coef_)
    assert sp.reach(around) == sp.reach(around.estimator_)
    every = sp.FitOnInliers(sp.AtRate(LinearRegression(), factor=5), sp.ZScoreFilter(1e6))
    np.testing.assert_array_equal(
        every.fit(X, y).predict(X), sp.AtRate(LinearRegression(), factor=5).fit(X, y).predict(X)
    )


def test_in_search_cross_validation_and_validate(data):
    X, y = data
    pipeline = sp.make_pipeline(sp.ExponentialFeatures([3]), Ridge())
    model = sp.FitOnInliers(pipeline, sp.IQRFilter())
    assert cross_val_predict(model, X, y, cv=sp.CycleKFold(3)).shape == (len(X),)
    grid = {"detector__k": [1.5, 3.0], "estimator__ridge__alpha": [0.1, 10.0]}
    search = GridSearchCV(model, grid, cv=sp.CycleKFold(3)).fit(X, y)
    assert set(search.best_params_) == set(grid)
    assert sp.reach(search).lookahead == 0
    assert len(sp.validate(model, X, y, cv=3).predictions) == len(X)


def test_a_classifier(data):
    X, y = data
    model = sp.FitOnInliers(LogisticRegression(), LIMITS).fit(X, y > 0)
    assert model.classes_.tolist() == [False, True]
    assert model.predict_proba(X).shape == (len(X), 2)
    assert model.decision_function(X).shape == (len(X),)
    assert not hasattr(sp.FitOnInliers(Ridge()), "predict_proba")


def test_arrays_and_several_targets(data):
    X, y = data
    targets = np.column_stack([y, -y])
    model = sp.FitOnInliers(LinearRegression(), sp.IQRFilter(5.0)).fit(X.to_numpy(), targets)
    np.testing.assert_allclose(model.estimator_.coef_, [[2, -1], [-2, 1]])
    frame = pd.DataFrame(targets, index=X.index)
    model = sp.FitOnInliers(LinearRegression(), sp.IQRFilter(5.0)).fit(X, frame)
    np.testing.assert_allclose(model.estimator_.coef_, [[2, -1], [-2, 1]])


def test_reach_needs_a_fit(data):
    X, y = data
    with pytest.raises(NotFittedError):
        sp.reach(sp.FitOnInliers())
    assert sp.reach(sp.FitOnInliers().fit(X, y)) == (0, 0, 0)


def test_errors(data):
    X, y = data
    with pytest.raises(InvalidParameterError, match="detector must have the method flag"):
        sp.FitOnInliers(Ridge(), Ridge()).fit(X, y)
    with pytest.raises(InvalidLogError, match=r"PhysicalLimits flags all of the 250"):
        sp.FitOnInliers(Ridge(), sp.PhysicalLimits({"c0": (100, 200)})).fit(X, y)
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        sp.FitOnInliers().fit(X, y.sort_index(ascending=False))
    with pytest.raises(InvalidLogError, match=r"steps before 'ridge' must keep rows \(250\)"):
        sp.FitOnInliers(sp.make_pipeline(sp.Decimator(2), Ridge())).fit(X, y)
    over_time = TransformedTargetRegressor(sp.make_pipeline(sp.HampelFilter(), Ridge()))
    with pytest.raises(InvalidParameterError, match="rows cannot be left out of TransformedTarget"):
        sp.FitOnInliers(over_time).fit(X, y)
    with pytest.raises(InvalidParameterError, match="must end in something to fit"):
        sp.FitOnInliers(sp.make_pipeline(sp.Scaler(), "passthrough")).fit(X, y)
    with pytest.raises(LostIndexError, match="fitted on a log"):
        sp.FitOnInliers().fit(X, y).predict(X.to_numpy())
