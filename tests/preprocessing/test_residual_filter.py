import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

BAD = [20, 130, 131, 250]


@pytest.fixture
def log(make_log):
    """A drifting pair and their sum with noise, wrong in four rows but ordinary by itself."""
    log = make_log(lengths=(100, 80, 120), n_channels=3)
    log[["c0", "c1"]] = 5 * np.sin(np.arange(300)[:, None] / [9.0, 23.0])
    log["c2"] = log["c0"] + log["c1"] + 0.05 * log["c2"]
    log.iloc[BAD, 2] -= np.sign(log.iloc[BAD, 2]) * 4
    return log


@pytest.mark.parametrize("detector", ["robust", "zscore", "hampel"])
def test_finds_what_does_not_go_with_the_rest(log, detector):
    step = sp.ResidualFilter(detector=detector, threshold=6.0, min_scale=0.05, columns=["c2"]).fit(
        log
    )
    assert np.flatnonzero(step.flag(log)["c2"]).tolist() == BAD
    assert not step.flag(log)[["c0", "c1"]].any(axis=None)
    assert not sp.ZScoreFilter().fit(log).flag(log)["c2"].any()


def test_thresholds_come_from_cycles_the_model_did_not_see(log):
    forest = RandomForestRegressor(5, random_state=0)
    step = sp.ResidualFilter(forest, columns=["c2"], threshold=2.5).fit(log)
    inputs, target = log[["c0", "c1"]], log["c2"]
    cycle = log.index.get_level_values("cycle")
    unseen = target - cross_val_predict(forest, inputs, target, groups=cycle, cv=GroupKFold(3))
    middle = np.median(unseen)
    scale = 1.4826 * np.median(np.abs(unseen - middle))
    np.testing.assert_allclose([step.center_[0], step.scale_[0]], [middle, scale], rtol=1e-10)
    ends = [middle - 2.5 * scale, middle + 2.5 * scale]
    np.testing.assert_allclose([step.low_[0], step.high_[0]], ends, rtol=1e-10)
    seen = target - step.models_[0].predict(inputs)
    assert np.median(np.abs(seen)) < 0.7 * np.median(np.abs(unseen))
    assert step.thresholds_.loc["c2", "n"] == len(log)
    expected = (seen < step.low_[0]) | (seen > step.high_[0])
    np.testing.assert_array_equal(step.flag(log)["c2"], expected)
    assert step.cycles_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("nan_policy", ["raise", "omit"])
def test_a_z_score_is_that_of_the_cross_fitted_residuals(log, nan_policy):
    if nan_policy == "omit":
        log.iloc[7, 2] = np.nan
    step = sp.ResidualFilter(detector="zscore", columns=["c2"], nan_policy=nan_policy).fit(log)
    there = log.dropna()
    groups = there.index.get_level_values("cycle")
    inputs, target = there[["c0", "c1"]], there["c2"]
    unseen = target - cross_val_predict(Ridge(), inputs, target, groups=groups, cv=GroupKFold(3))
    middle, spread = unseen.mean(), unseen.std(ddof=0)
    np.testing.assert_allclose([step.center_[0], step.scale_[0]], [middle, spread], rtol=1e-10)
    residual = log["c2"] - step.models_[0].predict(log[["c0", "c1"]])
    np.testing.assert_array_equal(step.flag(log)["c2"], (residual - middle).abs() > 3 * spread)


class Memory(LinearRegression):
    """Predicts what it has seen without error, outliers too, and the rest by a straight line."""

    def fit(self, X, y):
        self.seen_ = dict(zip(map(tuple, np.asarray(X)), y, strict=True))
        return super().fit(X, y)

    def predict(self, X):
        line = super().predict(X)
        rows = zip(map(tuple, np.asarray(X)), line, strict=True)
        return np.array([self.seen_.get(row, value) for row, value in rows])


@pytest.mark.parametrize("detector", ["robust", "hampel"])
def test_training_rows_can_be_flagged_by_models_that_have_not_learned_them(log, detector):
    step = sp.ResidualFilter(
        Memory(), detector=detector, threshold=4.0, columns=["c2"], min_scale=0.3
    )
    unseen = clone(step).fit_flag(log)
    assert unseen["c2"].to_numpy()[BAD].all()
    step.fit(log)
    assert not step.flag(log).any(axis=None)
    assert list(unseen) == list(log)
    assert not unseen[["c0", "c1"]].any(axis=None)
    cycle = log.index.get_level_values("cycle")
    inputs, target = log[["c0", "c1"]], log["c2"]
    residual = target - cross_val_predict(Memory(), inputs, target, groups=cycle, cv=GroupKFold(3))
    if detector == "robust":
        expected = (residual < step.low_[0]) | (residual > step.high_[0])
    else:
        expected = sp.HampelFilter(11, 4.0, min_scale=0.3).fit_transform(residual.to_frame())
        expected = expected["c2"] != residual
    np.testing.assert_array_equal(unseen["c2"], expected)


def test_training_rows_of_an_array_are_flagged_by_models_of_other_runs(log):
    step = sp.ResidualFilter(Memory(), columns=[2], threshold=10.0)
    flags = step.fit_flag(log.to_numpy())
    assert flags.shape == log.shape
    assert flags[BAD, 2].all()
    assert not step.flag(log.to_numpy()).any()


def test_a_single_recording_is_split_into_runs_of_rows(log):
    array = log.to_numpy()
    step = sp.ResidualFilter(DecisionTreeRegressor(random_state=0), columns=[2]).fit(array)
    assert step.scale_[0] > 0.01
    assert np.abs(array[:, 2] - step.models_[0].predict(array[:, :2])).max() == 0


def test_hampel_of_the_residual(log):
    step = sp.ResidualFilter(
        detector="hampel", window_length=9, causal=False, threshold=4.0, columns=["c2"]
    ).fit(log)
    residual = log[["c2"]].sub(step.models_[0].predict(log[["c0", "c1"]]), axis=0)
    hampel = sp.HampelFilter(9, 4.0, causal=False).fit(residual)
    np.testing.assert_array_equal(step.flag(log)["c2"], hampel.flag(residual)["c2"])
    assert step.lookahead_ == 4


@pytest.mark.parametrize("detector", ["robust", "hampel"])
@pytest.mark.parametrize("action", ["hold", "nan", "clip", "interpolate", "keep"])
def test_actions(log, detector, action):
    step = sp.ResidualFilter(
        detector=detector,
        threshold=6.0,
        min_scale=0.05,
        columns=["c2"],
        action=action,
        add_indicator=True,
    ).fit(log)
    out = step.transform(log)
    assert np.flatnonzero(out["c2_flagged"]).tolist() == BAD
    rest = np.delete(np.arange(len(log)), BAD)
    np.testing.assert_array_equal(out.iloc[rest, :3], log.iloc[rest])
    found, x = out["c2"].to_numpy()[BAD], log["c2"].to_numpy()
    if action == "clip":
        prediction = step.models_[0].predict(log[["c0", "c1"]])[BAD]
        assert (np.abs(found - prediction) < 1.0).all()
        assert (np.abs(found - prediction) > 0.1).all()
        if detector == "robust":
            residual = np.clip(x[BAD] - prediction, step.low_[0], step.high_[0])
            np.testing.assert_allclose(found, prediction + residual)
        return
    middle = (x[129] + np.arange(1, 3) * (x[132] - x[129]) / 3).tolist()
    line = [(x[19] + x[21]) / 2, *middle, (x[249] + x[251]) / 2]
    expected = {
        "hold": x[[19, 129, 129, 249]],
        "nan": np.full(4, np.nan),
        "interpolate": line,
        "keep": x[BAD],
    }
    np.testing.assert_allclose(found, expected[action])


def test_hold_before_the_first_good_sample_gives_the_clipped_one(log):
    fitted = [
        sp.ResidualFilter(threshold=6.0, columns=["c2"], action=action).fit(log)
        for action in ("hold", "interpolate", "clip")
    ]
    bad = log.iloc[[0]] + [0.0, 0.0, 50.0]
    held, drawn, clipped = (step.transform(bad)["c2"].item() for step in fitted)
    assert held == drawn == clipped
    assert abs(clipped - log.iloc[0, 2]) < 1.0


def test_thresholds_by_regime(log):
    noisy = log.copy()
    noisy["c3"] = np.repeat([0.0, 1.0], 150)
    noisy["c2"] += noisy["c3"] * np.random.default_rng(0).normal(size=300)
    step = sp.ResidualFilter(columns=["c2"], by="c3", inputs=["c0", "c1"]).fit(noisy)
    width = step.thresholds_["high"] - step.thresholds_["low"]
    assert width.loc[1.0].item() > 5 * width.loc[0.0].item()
    unseen = noisy.assign(c3=9.0)
    overall = sp.ResidualFilter(columns=["c2"], inputs=["c0", "c1"]).fit(noisy)
    pd.testing.assert_frame_equal(step.flag(unseen), overall.flag(unseen))


def test_each_channel_is_predicted_from_the_others(log):
    step = sp.ResidualFilter(LinearRegression()).fit(log)
    names = [list(model.feature_names_in_) for model in step.models_]
    assert names == [["c1", "c2"], ["c0", "c2"], ["c0", "c1"]]
    step = sp.ResidualFilter(LinearRegression(), inputs=["c0", "c2"]).fit(log)
    names = [list(model.feature_names_in_) for model in step.models_]
    assert names == [["c2"], ["c0", "c2"], ["c0"]]


def test_samples_that_cannot_be_judged(log):
    holed = log.copy()
    holed.iloc[20, 0] = np.nan
    holed.iloc[130, 2] = np.nan
    for detector in ("robust", "zscore", "hampel"):
        step = sp.ResidualFilter(
            detector=detector,
            threshold=6.0,
            min_scale=0.05,
            columns=["c2"],
            nan_policy="omit",
        ).fit(holed)
        assert np.flatnonzero(step.flag(holed)["c2"]).tolist() == [131, 250]
        out = step.transform(holed)
        assert out["c2"].isna().sum() == 1
        assert out["c2"].iloc[20] == log["c2"].iloc[20]
    with pytest.raises(InvalidLogError, match="channel 'c2' must have at least two training rows"):
        step.fit(holed.assign(c0=np.nan))


def test_rounding_is_no_outlier(log):
    exact = log.assign(c2=log["c0"] + log["c1"])
    flags = sp.ResidualFilter(LinearRegression(), threshold=3.0).fit(exact).flag(exact)
    assert not flags.any(axis=None)


def test_min_scale_is_a_floor(log):
    step = sp.ResidualFilter(min_scale=10.0, columns=["c2"])
    assert step.fit(log).scale_ == [10.0]
    assert not step.flag(log).any(axis=None)


def test_claims_count_what_the_model_sees(log):
    model = sp.make_pipeline(sp.HampelFilter(7, causal=False, columns=["c0"]), Ridge())
    step = sp.ResidualFilter(model, columns=["c2"], action="keep").fit(log)
    assert (step.lookahead_, step.memory_, step.delay_) == (0, 0, 0)
    assert sp.reach(step) == (3, 3, 0)
    step = clone(step).set_params(detector="hampel", action="hold", threshold=6.0).fit(log)
    assert (step.lookahead_, step.memory_) == (0, 10 + 2)
    assert sp.reach(step) == (3, 15, 0)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"detector": "iqr"}, "detector must be one of 'robust', 'zscore', 'hampel'; got"),
        ({"detector": "hampel", "by": "c0"}, "by needs detector='robust' or 'zscore'"),
        ({"columns": []}, r"columns must name a channel to filter; got \[\]"),
        ({"columns": [], "detector": "hampel"}, "columns must name a channel to filter"),
        ({"threshold": -1}, "threshold must be a finite number"),
        ({"min_scale": None}, "min_scale must be a finite number"),
        ({"n_splits": 1}, "n_splits must be an int of at least 2; got 1"),
        ({"inputs": ["c2"], "columns": ["c2"]}, "inputs must hold a channel other than 'c2'"),
        ({"inputs": ["c7"]}, "inputs must name channels of X"),
        ({"action": "median"}, "action must be one of"),
        ({"estimator": LogisticRegression()}, "estimator must be a regressor"),
        ({"by": "c9"}, "by must name channels"),
    ],
)
def test_wrong_parameters(log, params, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.ResidualFilter(**params).fit(log)
