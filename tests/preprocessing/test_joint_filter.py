"""What IsolationForestFilter and LocalOutlierFactorFilter share: rows judged as a whole."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.preprocessing.outliers import _row_judge

FILTERS = [
    sp.IsolationForestFilter(n_estimators=30, random_state=0),
    sp.LocalOutlierFactorFilter(random_state=0),
]
each = pytest.mark.parametrize("step", FILTERS, ids=["forest", "local"])


@pytest.fixture
def log(make_log):
    """Two channels that go together but in the rows 20 and 130, each of them ordinary alone."""
    log = make_log(lengths=(100, 80, 120), n_channels=3)
    log["c1"] = log["c0"] + 0.01 * log["c1"]
    log.iloc[[20, 130], 0] = 2.0
    log.iloc[[20, 130], 1] = -2.0
    return log


def test_local_outlier_factor_finds_rows_that_are_unusual_in_combination_only(log):
    step = sp.LocalOutlierFactorFilter(columns=["c0", "c1"]).fit(log)
    flags = step.flag(log)
    assert flags.iloc[[20, 130], :2].all(axis=None)
    assert flags["c0"].mean() < 0.1
    assert not flags["c2"].any()
    assert not sp.ZScoreFilter().fit(log).flag(log).iloc[[20, 130]].any(axis=None)


def test_the_forest_is_that_of_scikit_learn(log):
    step = sp.IsolationForestFilter(0.05, n_estimators=30, random_state=3).fit(log)
    peer = IsolationForest(n_estimators=30, contamination=0.05, random_state=3)
    expected = peer.fit_predict(log.to_numpy()) == -1
    np.testing.assert_array_equal(step.flag(log).all(axis=1), expected)
    np.testing.assert_array_equal(step.flag(log).any(axis=1), expected)
    assert expected.mean() == pytest.approx(0.05, abs=0.005)


def test_the_factor_is_that_of_scikit_learn(log):
    step = sp.LocalOutlierFactorFilter(10, contamination=0.05).fit(log)
    scaled = log.to_numpy() / step.scale_
    q1, q3 = np.quantile(log, [0.25, 0.75], axis=0)
    np.testing.assert_array_equal(step.scale_, q3 - q1)
    peer = LocalOutlierFactor(10, contamination=0.05, novelty=True).fit(np.unique(scaled, axis=0))
    np.testing.assert_array_equal(step.flag(log)["c0"], peer.predict(scaled) == -1)


@each
@pytest.mark.parametrize("action", ["hold", "nan", "interpolate", "keep"])
def test_actions_on_all_chosen_channels(step, log, action):
    step = clone(step).set_params(action=action, columns=["c1", "c0"], add_indicator=True).fit(log)
    flags, out = step.flag(log), step.transform(log)
    bad = flags["c0"].to_numpy()
    assert 0 < bad.sum() < 60
    np.testing.assert_array_equal(flags["c1"], bad)
    np.testing.assert_array_equal(out["c2"], log["c2"])
    assert list(out)[3:] == ["c1_flagged", "c0_flagged"]
    start = pd.Series(step.start_, index=["c1", "c0"])
    for name in ("c0", "c1"):
        np.testing.assert_array_equal(out[f"{name}_flagged"], bad)
        good = log[name].where(~bad)
        if action == "keep":
            good = log[name]
        elif action == "hold":
            good = good.groupby(level="cycle").ffill().fillna(start[name])
        elif action == "interpolate":
            good = good.groupby(level="cycle", group_keys=False).apply(
                lambda one: one.interpolate(limit_direction="both", method="linear")
            )
        np.testing.assert_allclose(out[name], good, rtol=1e-12)


@each
@pytest.mark.parametrize("action", ["hold", "interpolate"])
def test_a_segment_without_a_good_row_starts_from_the_medians_of_good_training_rows(
    step, log, action
):
    step = clone(step).set_params(action=action).fit(log)
    good = ~step.flag(log)["c0"]
    np.testing.assert_allclose(step.start_, log[good].median())
    far = pd.DataFrame(1e3, index=log.index[:4], columns=log.columns)
    np.testing.assert_array_equal(step.transform(far), np.tile(step.start_, (4, 1)))


@each
def test_clip_is_refused(step, log):
    with pytest.raises(InvalidParameterError, match=r"'clip' needs limits of each channel, and"):
        clone(step).set_params(action="clip").fit(log)
    with pytest.raises(InvalidParameterError, match="action must be one of 'hold', 'nan', 'int"):
        clone(step).set_params(action="median").fit(log)


@each
def test_only_training_rows_count(step, log):
    train, test = log.loc[[0, 1]], log.loc[[2]]
    step = clone(step).fit(train)
    alone = step.flag(test)
    step.flag(log * 100)
    pd.testing.assert_frame_equal(step.flag(test), alone)
    pd.testing.assert_frame_equal(step.flag(log).loc[[2]], alone)
    assert step.cycles_.tolist() == [0, 1]


@each
def test_a_row_with_a_missing_value_is_not_judged(step, log):
    holed = log.copy()
    holed.iloc[[20, 50], 0] = np.nan
    step = clone(step).set_params(nan_policy="omit").fit(holed)
    assert not step.flag(holed).iloc[[20, 50]].any(axis=None)
    rest = np.delete(np.arange(len(log)), [20, 50])
    alone = clone(step).fit(log.to_numpy()[rest])
    np.testing.assert_array_equal(
        step.flag(holed).to_numpy()[rest], alone.flag(log.to_numpy()[rest])
    )
    with pytest.raises(InvalidLogError, match="must have a training row with a value in each"):
        step.fit(holed.assign(c1=np.nan))


@each
def test_blocks_and_threads_change_nothing(step, log, monkeypatch):
    step = clone(step).fit(log)
    expected = step.flag(log)
    monkeypatch.setattr(_row_judge, "BLOCK", 37)
    pd.testing.assert_frame_equal(step.flag(log), expected)
    threads = clone(step).set_params(n_jobs=3).fit(log)
    pd.testing.assert_frame_equal(threads.flag(log), expected)


@each
def test_a_detector_for_each_regime(step, make_log):
    log = make_log(lengths=(300, 100), n_channels=3)
    log["c2"] = np.repeat([0.0, 1.0, 0.0, 5.0], [150, 150, 95, 5])
    log["c0"] += 50 * log["c2"]
    step = clone(step).set_params(by="c2").fit(log)
    assert step.channels_.tolist() == [0, 1]
    assert step.split_.labels_["c2"].tolist() == [0.0, 1.0, 5.0]
    assert step.split_.n_rows_.tolist() == [245, 150, 5]
    assert sorted(step.detectors_) == [0, 1]
    wrong = log.iloc[:10].assign(c0=50.0, c2=0.0)
    assert step.flag(wrong)["c0"].all()
    alone = clone(step).set_params(by=None, columns=["c0", "c1"])
    for regime in (0.0, 1.0):
        here = log[log["c2"] == regime].to_numpy()
        flags = step.flag(log)[log["c2"] == regime].to_numpy()
        if isinstance(step, sp.IsolationForestFilter):  # the other scales by all rows
            one = clone(alone).set_params(columns=[0, 1]).fit(here).flag(here)
            np.testing.assert_array_equal(flags[:, :2], one[:, :2])
    overall = clone(alone).fit(log)
    for regime in (5.0, 77.0):
        other = log.assign(c2=regime)
        np.testing.assert_array_equal(step.flag(other)["c0"], overall.flag(other)["c0"])


@each
@pytest.mark.parametrize("contamination", ["often", 0.0, 0.6, None, True])
def test_wrong_contamination(step, log, contamination):
    with pytest.raises(InvalidParameterError, match="contamination must be 'auto' or a share"):
        clone(step).set_params(contamination=contamination).fit(log)


@pytest.mark.parametrize(
    ("name", "value"), [("n_neighbors", 0), ("max_rows", 1), ("max_rows", "a")]
)
def test_wrong_numbers(log, name, value):
    with pytest.raises(InvalidParameterError, match=f"{name} must be an int of at least"):
        sp.LocalOutlierFactorFilter(**{name: value}).fit(log)


def test_the_unit_of_a_channel_does_not_matter_to_the_factor(log):
    step = sp.LocalOutlierFactorFilter()
    expected = clone(step).fit(log).flag(log)
    scaled = log * [1024.0, 1.0, 2.0**-10]
    pd.testing.assert_frame_equal(clone(step).fit(scaled).flag(scaled), expected)


def test_standstill_does_not_make_every_other_row_an_outlier(make_log):
    log = make_log(lengths=(800,), n_channels=2)
    log.iloc[:600] = 0.0
    assert sp.LocalOutlierFactorFilter().fit(log).flag(log)["c0"].mean() < 0.1


def test_more_training_rows_than_are_kept(make_log):
    log = make_log(lengths=(600,), n_channels=2)
    step = sp.LocalOutlierFactorFilter(max_rows=100, random_state=1).fit(log)
    assert step.detector_.n_samples_fit_ == 100
    pd.testing.assert_frame_equal(clone(step).fit(log).flag(log), step.flag(log))
    assert step.flag(log * 100)["c0"].mean() > 0.9


@each
def test_training_rows_are_judged_once_in_fit(step, log, monkeypatch):
    judged = []

    def judge(self, signals, at, number):
        judged.extend(at)
        return np.zeros(len(at), dtype=bool)

    monkeypatch.setattr(_row_judge.RowJudge, "_judge", judge)
    clone(step).set_params(action="hold").fit(log)
    assert judged == list(range(len(log)))


@each
def test_no_channel_to_judge_by(step, log):
    with pytest.raises(InvalidParameterError, match=r"columns must name a channel to judge by"):
        clone(step).set_params(columns=[]).fit(log)


def test_a_share_of_few_rows_is_at_least_two(make_log):
    log = make_log(lengths=(300,), n_channels=2)
    log["c1"] = np.repeat([0.0, 1.0], [260, 40])
    step = sp.IsolationForestFilter(max_samples=0.01, by="c1", n_estimators=3).fit(log)
    drawn = [step.detector_.max_samples_, step.detectors_[1].max_samples_]
    assert drawn == [3, 2]


def test_few_rows():
    with pytest.raises(InvalidLogError, match="two different training rows; got n_samples = 3"):
        sp.LocalOutlierFactorFilter().fit(np.ones((3, 2)))
    few = np.random.default_rng(0).normal(size=(5, 2))
    assert sp.LocalOutlierFactorFilter().fit(few).detector_.n_neighbors == 4
    assert sp.IsolationForestFilter(max_samples=500, n_estimators=2).fit(few).flag(few).shape == (
        5,
        2,
    )
