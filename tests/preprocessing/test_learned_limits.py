"""What ZScoreFilter and IQRFilter share: actions, thresholds from training rows, by regime."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.preprocessing import KBinsDiscretizer

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LeakError

FILTERS = [sp.ZScoreFilter(2.0), sp.IQRFilter(1.0)]
each = pytest.mark.parametrize("step", FILTERS, ids=["z-score", "iqr"])


def by_hand(step, values):
    """Low and high from numpy."""
    if isinstance(step, sp.ZScoreFilter):
        return values.mean() - 2 * values.std(), values.mean() + 2 * values.std()
    q1, q3 = np.quantile(values, [0.25, 0.75])
    return q1 - (q3 - q1), q3 + (q3 - q1)


@pytest.fixture
def log(make_log):
    """Two channels whose level and spread depend on a gear, and that gear."""
    log = make_log(lengths=(200, 150, 250), n_channels=3)
    log["c2"] = np.repeat([0.0, 1.0, 2.0, 1.0, 0.0, 2.0], 100)
    log["c0"] = log["c0"] * (1 + log["c2"]) + 20 * log["c2"]
    return log


@each
def test_thresholds_are_those_of_numpy(step, log):
    step = clone(step).fit(log)
    expected = np.array([by_hand(step, log[name].to_numpy()) for name in log])
    np.testing.assert_allclose(np.stack([step.low_, step.high_], axis=1), expected, rtol=1e-12)
    assert list(step.thresholds_.index) == ["c0", "c1", "c2"]
    np.testing.assert_array_equal(step.thresholds_["low"], step.low_)
    np.testing.assert_array_equal(step.thresholds_["n"], len(log))
    outside = (log < expected[:, 0]) | (log > expected[:, 1])
    pd.testing.assert_frame_equal(step.flag(log), outside)
    assert outside["c1"].any()


@each
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("hold", ["low", 1, 1, 1, 2, 2, "high", 4]),
        ("clip", ["low", 1, "high", "low", 2, "high", "high", 4]),
        ("keep", [-99, 1, 99, -99, 2, 99, 99, 4]),
        ("nan", [np.nan, 1, np.nan, np.nan, 2, np.nan, np.nan, 4]),
        ("interpolate", [1, 1, 4 / 3, 5 / 3, 2, 2, 4, 4]),
    ],
)
def test_actions(step, action, expected, make_log):
    log = make_log(lengths=(6, 2), n_channels=2)
    log["c0"] = [-99.0, 1.0, 99.0, -99.0, 2.0, 99.0, 99.0, 4.0]
    train = make_log(lengths=(100,), n_channels=2, seed=1)
    train["c0"] = train["c0"] + 2.5
    step = clone(step).set_params(action=action, columns=["c0"], add_indicator=True).fit(train)
    ends = {"low": step.low_[0], "high": step.high_[0]}
    out = step.transform(log)
    np.testing.assert_allclose(out["c0"], [ends.get(value, value) for value in expected])
    np.testing.assert_array_equal(out["c1"], log["c1"])
    np.testing.assert_array_equal(out["c0_flagged"], [1, 0, 1, 1, 0, 1, 1, 0])
    np.testing.assert_array_equal(step.flag(log)["c0"], out["c0_flagged"] == 1)


@each
def test_a_segment_without_a_good_sample_gets_the_thresholds(step, make_log):
    step = clone(step).set_params(action="interpolate").fit(make_log(n_channels=1))
    bad = sp.as_log(pd.DataFrame({"c0": [99.0, -99.0]}), rate=10.0)
    out = step.transform(bad)["c0"]
    np.testing.assert_array_equal(out, [step.high_[0], step.low_[0]])


@each
def test_claims(step, make_log):
    log = make_log(lengths=(60, 80), n_channels=1)
    log.iloc[[10, 30, 31, 32], 0] = 99.0

    def claims(action):
        fitted = clone(step).set_params(action=action).fit(log)
        return fitted.lookahead_, fitted.memory_, fitted.delay_

    flags = clone(step).fit(log).flag(log)["c0"].to_numpy()
    runs = np.diff(np.flatnonzero(np.concatenate([[True], ~flags, [True]]))).max() - 1
    assert runs >= 3
    assert claims("hold") == (0, runs, 0)
    assert claims("interpolate") == (79, runs, 0)
    assert claims("clip") == claims("nan") == claims("keep") == (0, 0, 0)


@each
def test_test_rows_change_no_threshold(step, log):
    train, test = log.loc[[0, 1]], log.loc[[2]]
    step = clone(step).fit(train)
    before = step.thresholds_.copy()
    alone = step.flag(test)
    step.transform(test * 1000)
    pd.testing.assert_frame_equal(step.thresholds_, before)
    pd.testing.assert_frame_equal(step.flag(test), alone)
    assert step.cycles_.tolist() == [0, 1]
    assert len(clone(step).fit(train.to_numpy()).cycles_) == 0


@each
def test_validate_refuses_thresholds_from_test_cycles(step, log):
    fitted = clone(step).fit(log)

    class Prefit(sp.ZScoreFilter):
        def fit(self, X, y=None):
            self.__dict__.update(fitted.__dict__)
            return self

    y = log["c1"].abs().rename("y")
    with pytest.raises(LeakError, match="statistics must come from training cycles"):
        sp.validate(sp.make_pipeline(Prefit(), Ridge()), log, y, cv=3)
    honest = sp.make_pipeline(clone(step), Ridge())
    assert len(sp.validate(honest, log, y, cv=3).by_cycle) == 3


@each
def test_thresholds_by_a_column(step, log):
    step = clone(step).set_params(by="c2").fit(log)
    assert step.thresholds_.index.names == ["c2", "channel"]
    assert list(step.channels_) == [0, 1]
    for (gear, channel), row in step.thresholds_.iterrows():
        values = log.loc[log["c2"] == gear, channel]
        np.testing.assert_allclose([row["low"], row["high"]], by_hand(step, values.to_numpy()))
        assert row["n"] == len(values)
        assert row["own"]
    assert len(step.thresholds_) == 6
    flags = step.flag(log)
    expected = log.groupby("c2", group_keys=False)[["c0", "c1"]].apply(
        lambda rows: rows.apply(lambda v: (v < by_hand(step, v)[0]) | (v > by_hand(step, v)[1]))
    )
    pd.testing.assert_frame_equal(flags[["c0", "c1"]], expected.loc[log.index])
    assert not flags["c2"].any()


@each
def test_thresholds_by_a_binner(step, log):
    binner = sp.RegimeBinner({"c2": [0, 0.5, 1.5, 2], "c1": [-9, 0, 9]})
    step = clone(step).set_params(by=binner, columns=["c0"], action="clip").fit(log)
    assert step.thresholds_.index.names == ["c2", "c1", "channel"]
    assert len(step.thresholds_) == 6
    labels = binner.fit_transform(log)
    out = step.transform(log)["c0"]
    for (gear, level, _), row in step.thresholds_.iterrows():
        here = ((labels["c2"] == gear) & (labels["c1"] == level)).to_numpy()
        low, high = by_hand(step, log["c0"].to_numpy()[here])
        np.testing.assert_allclose([row["low"], row["high"]], [low, high])
        np.testing.assert_allclose(out[here], log["c0"][here].clip(low, high))


@each
def test_the_binner_given_is_not_fitted(step, log):
    binner = sp.RegimeBinner({"c2": 2})
    clone(step).set_params(by=binner).fit(log)
    assert not hasattr(binner, "edges_")


@each
def test_an_array_by_position_equals_a_frame_by_name(step, log):
    array = log.to_numpy()
    frame = pd.DataFrame(array, columns=list(log))
    expected = clone(step).set_params(by="c2").fit(frame).flag(frame)
    np.testing.assert_array_equal(clone(step).set_params(by=2).fit(array).flag(array), expected)
    by_bins = clone(step).set_params(by=sp.RegimeBinner({2: [0, 0.5, 1.5, 2]}))
    np.testing.assert_array_equal(by_bins.fit(array).flag(array)[:, :2], expected.iloc[:, :2])


@each
@pytest.mark.filterwarnings("ignore:.*quantile_method")
def test_any_transformer_that_gives_labels(step, log):
    gears = KBinsDiscretizer(3, encode="ordinal", strategy="uniform")
    step = clone(step).set_params(by=gears, min_rows=5).fit(log)
    assert step.thresholds_["own"].any()
    with pytest.raises(InvalidParameterError, match="by must give dense labels"):
        clone(step).set_params(by=KBinsDiscretizer(3, strategy="uniform")).fit(log)


@each
def test_unseen_rare_and_missing_regimes_have_the_overall_thresholds(step, log):
    train = log.copy()
    train.iloc[:10, 2] = 7.0
    step = clone(step).set_params(by="c2", nan_policy="omit").fit(train)
    overall = clone(step).set_params(by=None, columns=["c0", "c1"]).fit(train)
    for regime in (7.0, 8.0, np.nan):
        other = train.assign(c2=regime)
        pd.testing.assert_frame_equal(step.flag(other), overall.flag(other))
    rare = step.thresholds_.loc[7.0]
    assert not rare["own"].any()
    assert rare["n"].tolist() == [10, 10]
    np.testing.assert_array_equal(rare["low"], overall.low_)
    assert not step.flag(train.assign(c2=1.0)).equals(overall.flag(train))


@each
def test_a_missing_regime_of_a_binner_falls_back_even_if_training_saw_it(step, log):
    train = log.copy()
    train.iloc[:100, 2] = np.nan
    binner = sp.RegimeBinner({"c2": [0, 0.5, 1.5, 2]})
    step = clone(step).set_params(by=binner, columns=["c0"], nan_policy="omit").fit(train)
    assert "missing" not in step.thresholds_.index.get_level_values("c2")
    missing = log.assign(c2=np.nan)
    overall = clone(step).set_params(by=None).fit(train)
    pd.testing.assert_frame_equal(step.flag(missing), overall.flag(missing))


@each
def test_hold_and_indicator_by_regime(step, log):
    step = clone(step).set_params(by="c2", add_indicator=True).fit(log)
    out, flags = step.transform(log), step.flag(log)
    good = log["c0"].where(~flags["c0"])
    held = good.groupby(level="cycle").ffill()
    known = held.notna()
    np.testing.assert_array_equal(out["c0"][known], held[known])
    np.testing.assert_array_equal(out["c0_flagged"], flags["c0"])
    assert "c2_flagged" not in out


@each
def test_a_constant_channel_lets_only_its_constant_pass(step):
    train = np.full((40, 1), 0.1)
    step = clone(step).fit(train)
    assert step.low_ == step.high_ == 0.1
    assert step.flag(np.array([[0.1], [0.1 + 1e-9], [0.0]])).ravel().tolist() == [0, 1, 1]


@each
@pytest.mark.parametrize("nan_policy", ["omit", "propagate"])
def test_missing_values_stay_and_are_left_out(step, log, nan_policy):
    holed = log.copy()
    holed.iloc[::7, 0] = np.nan
    step = clone(step).set_params(nan_policy=nan_policy, columns=["c0"]).fit(holed)
    low, high = by_hand(step, holed["c0"].dropna().to_numpy())
    np.testing.assert_allclose([step.low_[0], step.high_[0]], [low, high], rtol=1e-12)
    assert step.thresholds_["n"].tolist() == [holed["c0"].notna().sum()]
    out = step.transform(holed)
    np.testing.assert_array_equal(out["c0"].isna(), holed["c0"].isna())
    assert not step.flag(holed)["c0"][holed["c0"].isna()].any()
    with pytest.raises(InvalidLogError, match="channel 'c0' must hold training values"):
        step.fit(holed.assign(c0=np.nan))


@each
def test_float32_thresholds_count_rounded(step):
    x = np.linspace(0, 1, 101, dtype=np.float32)[:, None]
    step = clone(step).set_params(action="clip").fit(x)
    beyond = np.array([[-50.0], [50.0]], dtype=np.float32)
    out = step.transform(beyond)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out[:, 0], [np.float32(step.low_[0]), np.float32(step.high_[0])])
    assert not step.flag(out).any()


@each
@pytest.mark.parametrize(("seen", "used"), [("float32", "float64"), ("float64", "float32")])
def test_a_regime_is_the_same_one_in_single_and_double_precision(step, log, seen, used):
    log["c2"] = log["c2"] / 3 + 0.1
    log.iloc[5:9, 2] = [np.nan, 0.2, 1e-9, np.nan]
    step = clone(step).set_params(by="c2", nan_policy="omit").fit(log.astype(seen))
    same, other = log.astype(seen), log.astype(used)
    assert step.flag(other).equals(step.flag(same))
    overall = clone(step).set_params(by=None, columns=["c0", "c1"]).fit(log)
    assert not overall.flag(log).equals(step.flag(same))


@each
def test_a_target_in_another_order_is_refused(step, log):
    binner = sp.RegimeBinner({"c1": "t3"})
    step = clone(step).set_params(by=binner)
    target = log["c0"]
    edges = binner.fit(log, target).edges_["c1"]
    np.testing.assert_array_equal(step.fit(log, target).split_.by_.edges_["c1"], edges)
    np.testing.assert_array_equal(step.fit(log, target.to_numpy()).split_.by_.edges_["c1"], edges)
    with pytest.raises(InvalidLogError, match="y must carry the index of X; got another index"):
        step.fit(log, target[::-1])


@each
def test_a_regime_cannot_be_the_only_channel(step, log):
    with pytest.raises(InvalidParameterError, match="by='c2' must leave a channel to filter"):
        clone(step).set_params(by="c2").fit(log[["c2"]])


@each
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"action": "median"}, "action must be one of .* got 'median'"),
        ({"by": "speed"}, "by must name channels of X .* got 'speed'"),
        ({"by": ["c2"]}, r"by must be a channel or a transformer .* got \['c2'\]"),
        ({"by": sp.RegimeBinner}, "by must be a channel or a transformer"),
        ({"by": "c1"}, "must give a regime at least min_rows=30 training rows; got 600 regimes"),
        ({"by": "c2", "min_rows": 0}, "min_rows must be an int of at least 1; got 0"),
        ({"by": "c2", "min_rows": 9.5}, "min_rows must be an int"),
        ({"columns": ["c9"]}, "columns must name channels"),
    ],
)
def test_wrong_parameters(step, log, params, message):
    with pytest.raises(InvalidParameterError, match=message):
        clone(step).set_params(**params).fit(log)


@each
def test_works_in_a_search(step, log):
    from sklearn.model_selection import GridSearchCV

    name = "threshold" if isinstance(step, sp.ZScoreFilter) else "k"
    pipeline = sp.make_pipeline(clone(step), Ridge())
    grid = {f"{pipeline.steps[0][0]}__{name}": [1.5, 3.0]}
    search = GridSearchCV(pipeline, grid, cv=sp.CycleKFold(3)).fit(log, log["c1"])
    assert sp.reach(search).lookahead == 0
