"""A decision a recording: one truth a cycle, one vote of its rows, one row in every table."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.preprocessing import StandardScaler

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

CYCLES = [f"r{k:02d}" for k in range(16)]
FAST = {"n_bootstrap": 50}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """Sixteen recordings of 20 to 35 rows, of four vehicles."""
    rng = np.random.default_rng(0)
    frames = []
    for k, cycle in enumerate(CYCLES):
        n = 20 + k
        level = np.sin(7.0 * k)
        frames.append(
            pd.DataFrame(
                {
                    "cycle": cycle,
                    "x": level + rng.normal(size=n),
                    "speed": np.where(np.arange(n) < 8 + k, 10.0, 90.0),
                }
            )
        )
    return sp.as_log(pd.concat(frames, ignore_index=True), cycle="cycle", rate=10.0)


@pytest.fixture(scope="module")
def state() -> pd.Series:
    """What each recording is."""
    levels = np.sin(7.0 * np.arange(16)) > 0
    return pd.Series(np.where(levels, "fault", "normal"), CYCLES, name="state")


@pytest.fixture(scope="module")
def wear() -> pd.Series:
    rng = np.random.default_rng(1)
    return pd.Series(np.sin(7.0 * np.arange(16)) + 0.1 * rng.normal(size=16), CYCLES, name="wear")


def by_hand(model, log, truth, decision) -> pd.Series:
    """Decisions about the cycles, fold by fold, by loops over cycles."""
    cycle = log.index.get_level_values("cycle")
    y = truth.loc[cycle].to_numpy()
    found = {}
    for train, test in sp.CycleKFold(5).split(log):
        fitted = clone(model).fit(log.iloc[train], y[train])
        for one in cycle[test].unique():
            found[one] = decision(fitted, log[cycle == one])
    return pd.Series(found)[truth.index]


VOTES = {
    "mean": lambda model, rows: model.classes_[model.predict_proba(rows).mean(axis=0).argmax()],
    "majority": lambda model, rows: pd.Series(model.predict(rows)).mode()[0],
}


@pytest.mark.parametrize("vote", VOTES)
def test_classes_are_those_of_a_loop_over_recordings(log, state, vote):
    model = LogisticRegression()
    found = sp.validate(model, log, state, decide="cycle", vote=vote, **FAST)
    expected = by_hand(model, log, state, VOTES[vote])
    decided = found.predictions["prediction"].droplevel("time")
    assert decided.to_dict() == expected.to_dict()
    assert found.overall["accuracy"] == (expected == state).mean()
    assert found.overall["n"] == found.overall["n_cycles"] == 16
    probability = by_hand(model, log, state, lambda m, rows: m.predict_proba(rows)[:, 0].mean())
    np.testing.assert_allclose(found.predictions["p_fault"], probability, rtol=1e-12)


@pytest.mark.parametrize(
    ("vote", "decision"),
    [("mean", np.mean), (np.median, np.median), (lambda rows: rows[-1], lambda rows: rows[-1])],
    ids=["mean", "median", "last"],
)
def test_numbers_are_those_of_a_loop_over_recordings(log, wear, vote, decision):
    found = sp.validate(Ridge(), log, wear, decide="cycle", vote=vote, **FAST)
    expected = by_hand(Ridge(), log, wear, lambda model, rows: decision(model.predict(rows)))
    rmse = np.sqrt(np.mean((expected - wear) ** 2))
    assert found.overall["rmse"] == pytest.approx(rmse, rel=1e-12)
    assert found.overall["n"] == 16


def test_a_truth_a_cycle_is_that_truth_at_each_row(log, wear):
    cycle = log.index.get_level_values("cycle")
    rows = pd.Series(wear.loc[cycle].to_numpy(), log.index, name="wear")
    for options in ({}, {"decide": "cycle"}):
        one = sp.validate(Ridge(), log, wear[::-1], **options, **FAST)
        other = sp.validate(Ridge(), log, rows, **options, **FAST)
        pd.testing.assert_frame_equal(one.predictions, other.predictions)
    assert len(one.predictions) == 16


def test_several_targets_are_decided_each_by_itself(log, wear):
    both = pd.DataFrame({"wear": wear, "twice": 2 * wear + 1})
    found = sp.validate(Ridge(), log, both, decide="cycle", vote=np.median, **FAST)
    alone = sp.validate(Ridge(), log, wear, decide="cycle", vote=np.median, **FAST)
    np.testing.assert_allclose(
        found["wear"].predictions["prediction"], alone.predictions["prediction"], rtol=1e-9
    )


def test_a_decision_lies_in_the_cell_of_most_rows(log, state):
    found = sp.validate(
        LogisticRegression(), log, state, decide="cycle", regimes={"speed": [0, 50, 100]}, **FAST
    )
    slow = [8 + k >= 12 for k in range(16)]  # of 20 + k rows, 8 + k are slow; of two the first
    assert found.by_regime["n"].tolist() == [sum(slow), 16 - sum(slow)]
    by_vehicle = pd.Series(np.repeat(["a", "b"], 8), CYCLES, name="vehicle")
    found = sp.validate(
        LogisticRegression(), log, state, decide="cycle", regimes=by_vehicle, **FAST
    )
    assert found.by_regime["n"].to_dict() == {"a": 8, "b": 8}


def test_groups_of_recordings_are_resampled_whole(log, state):
    vehicle = dict(zip(CYCLES, np.repeat(list("abcdefgh"), 2), strict=True))
    found = sp.validate(LogisticRegression(), log, state, decide="cycle", groups=vehicle, **FAST)
    assert (found.overall["n"], found.overall["n_groups"]) == (16, 8)
    nested = sp.validate(
        LogisticRegression(), log, state, decide="cycle", interval="nested", **FAST
    )
    assert nested.settings["inflation"] >= 1.0


def test_it_is_said_in_words(log, state, tmp_path):
    found = sp.validate(LogisticRegression(), log, state, decide="cycle", vote="majority", **FAST)
    assert "one decision a cycle (majority of its rows)" in repr(found)
    found.to_html(tmp_path / "page.html")
    assert "one decision a cycle (majority of its rows)" in (tmp_path / "page.html").read_text()
    found.to_json(tmp_path / "tables.json")
    tables = json.loads((tmp_path / "tables.json").read_text())
    assert tables["settings"]["decide"] == "cycle"


def test_a_row_a_recording_is_a_log(log, state, wear, tmp_path):
    features = log.groupby("cycle").agg(["mean", "std"])
    features.columns = ["_".join(names) for names in features.columns]
    one = sp.as_log(features.reset_index(), cycle="cycle", rate=1.0)
    found = sp.validate(
        sp.make_pipeline(StandardScaler(), LogisticRegression()), one, state, **FAST
    )
    assert found.overall["n"] == 16
    assert np.isnan(found.rate)
    found.to_html(tmp_path / "page.html")
    assert "nan" not in (tmp_path / "page.html").read_text().lower().replace("versions", "")
    same = sp.validate(Ridge(), one, wear.to_numpy(), decide="cycle", **FAST)
    other = sp.validate(Ridge(), one, wear, **FAST)
    pd.testing.assert_series_equal(same.overall, other.overall)
    same.to_html(tmp_path / "page.html")
    kinds = sp.audit(Ridge(), one.assign(k=np.arange(16.0)), wear).findings["kind"].tolist()
    assert "identifier" in kinds
    assert "time_overlap" not in kinds


def test_a_fold_of_one_class_is_told_with_what_works(log, state):
    rare = state.where(state.index < "r13", "odd").where(state.index >= "r13", "normal")
    one = log.groupby("cycle").mean().assign(time=0.0).set_index("time", append=True)
    for X in (log, one):
        splits = [(np.arange(10), np.arange(len(X) - 10, len(X)))]
        with pytest.raises(
            InvalidParameterError, match="fold 0 trains on one class alone, 'normal'"
        ):
            sp.validate(LogisticRegression(), X, rare, cv=splits, allow_leak=True)
        dealt = sp.CycleKFold(3, stratify=rare)
        found = sp.validate(LogisticRegression(), X, rare, cv=dealt, decide="cycle", **FAST)
        assert found.predictions.groupby("fold")["truth"].nunique().tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    "step",
    [
        sp.HampelFilter(window_length=5),
        sp.SavitzkyGolayFilter(),
        sp.ExponentialFeatures(["5s"]),
        sp.KalmanFilter(),
        sp.Decimator(factor=2),
        sp.Detrender(),
        sp.AtRate(Ridge(), factor=2),
    ],
    ids=lambda step: type(step).__name__,
)
def test_what_works_over_time_is_refused_before_any_fit(step, wear):
    class Unfittable(Ridge):
        def fit(self, X, y, sample_weight=None):
            raise AssertionError("fitted")

    one = sp.as_log(pd.DataFrame({"c": CYCLES, "x": np.arange(16.0)}), cycle="c", rate=1.0)
    model = sp.make_pipeline(step, Unfittable()) if hasattr(step, "transform") else step
    for ask in (sp.validate, sp.audit):
        with pytest.raises(InvalidLogError, match=f"{type(step).__name__} works over time"):
            ask(model, one, wear)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"decide": "recording"}, InvalidParameterError, "decide must be one of 'row', 'cycle'"),
        (
            {"decide": "cycle", "vote": "median"},
            InvalidParameterError,
            "vote must be one of 'mean'",
        ),
        ({"vote": "majority"}, InvalidParameterError, "pass decide='cycle' too"),
        (
            {"decide": "cycle", "estimator": RidgeClassifier()},
            InvalidParameterError,
            "vote='mean' needs probabilities.*pass vote='majority'",
        ),
        (
            {"decide": "cycle", "vote": lambda rows: rows[:2]},
            InvalidParameterError,
            "vote must make one value",
        ),
        (
            {"decide": "cycle", "vote": lambda rows: "odd"},
            InvalidParameterError,
            "must predict classes of y",
        ),
    ],
)
def test_refusals(log, state, options, error, words):
    model = options.pop("estimator", LogisticRegression())
    with pytest.raises(error, match=words):
        sp.validate(model, log, state, **options, **FAST)


def test_numbers_have_no_majority_and_intervals_no_decision(log, wear):
    with pytest.raises(InvalidParameterError, match="vote must be one of 'mean' for numbers"):
        sp.validate(Ridge(), log, wear, decide="cycle", vote="majority")
    with pytest.raises(InvalidParameterError, match="ConformalBands gives the interval of a row"):
        sp.validate(sp.ConformalBands(Ridge()), log, wear, decide="cycle")


def test_a_truth_that_changes_cannot_be_decided(log):
    with pytest.raises(InvalidLogError, match=r"one truth a cycle; y changes at .*'r00'"):
        sp.validate(Ridge(), log[["x"]], log["speed"], decide="cycle")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y: y.iloc[1:], "cycle 'r00' has none"),
        (lambda y: pd.concat([y, y[:1]]), "cycle 'r00' has several"),
        (lambda y: pd.concat([y, pd.Series({"r99": 1.0})]), "'r99' is no cycle of X"),
        (lambda y: y.reset_index(drop=True), "y must carry the index of X"),
    ],
)
def test_a_truth_a_cycle_belongs_to_the_cycles(log, wear, change, words):
    with pytest.raises(InvalidLogError, match=words):
        sp.validate(Ridge(), log, change(wear))


def test_decisions_have_no_course_to_diagnose(log, wear):
    found = sp.validate(Ridge(), log, wear, decide="cycle", **FAST)
    with pytest.raises(InvalidParameterError, match="every cycle has one prediction"):
        sp.diagnose(found)


def test_next_tests_take_as_long_as_a_recording(log, wear):
    found = sp.validate(Ridge(), log, wear, decide="cycle", regimes={"speed": [0, 50, 100]}, **FAST)
    told = found.next_tests()
    duration = found.quality.cycles["duration"].median()
    np.testing.assert_allclose(told["seconds"], told["more_cycles"] * duration)
