"""Groups of cycles: kept whole by folds, drawn whole by intervals, counted as evidence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold
from sklearn.neighbors import KNeighborsRegressor

import signalprep as sp
from signalprep.errors import InvalidParameterError, LeakError
from signalprep.metrics import classification_metrics, paired_metrics, regime_metrics

BINS = {"speed": [0.0, 50.0, 100.0]}


def day_of(cycle: str) -> str:
    return cycle.split("_", maxsplit=1)[0]


@pytest.fixture(scope="module")
def data():
    """Six days of three laps; every day has an offset that another channel tells by heart."""
    rng = np.random.default_rng(0)
    frames = []
    for day, offset in enumerate([0, 37, -25, 14, 8, -9]):
        for lap in range(3):
            speed = rng.uniform(0, 100, 40)
            frames.append(
                pd.DataFrame(
                    {
                        "cycle": f"d{day}_{lap}",
                        "speed": speed,
                        "tyre": day + 0.01 * rng.normal(size=40),
                        "T": offset + 0.1 * speed + rng.normal(size=40),
                    }
                )
            )
    log = sp.as_log(pd.concat(frames, ignore_index=True), cycle="cycle", rate=1.0)
    return log[["speed", "tyre"]], log["T"]


@pytest.fixture(scope="module")
def result(data):
    return sp.validate(Ridge(), *data, groups=day_of, regimes=BINS, n_bootstrap=50)


def folds_of(validation) -> list[tuple]:
    return sorted(map(tuple, validation.by_cycle.groupby("fold").groups.values()))


def test_folds_keep_groups_whole_however_they_are_named(data, result):
    cycles = list(sp.cycles(data[0]))
    days = {cycle: day_of(cycle) for cycle in cycles}
    assert result.by_cycle.groupby(day_of)["fold"].nunique().eq(1).all()
    for named in (days, pd.Series(days)):
        other = sp.validate(Ridge(), *data, groups=named, regimes=BINS, n_bootstrap=50)
        pd.testing.assert_frame_equal(other.by_regime, result.by_regime)
    kept = sp.validate(Ridge(), *data, cv=sp.CycleKFold(5, together=days), n_bootstrap=0)
    assert folds_of(kept) == folds_of(result)
    assert kept.groups.tolist() == result.groups.tolist()
    assert kept.overall["n_groups"] == 6
    asked = sp.validate(Ridge(), *data, cv=GroupKFold(3), groups=days, n_bootstrap=0)
    assert asked.by_cycle.groupby(day_of)["fold"].nunique().eq(1).all()


def test_tables_count_groups_and_words_say_so(data, result):
    for table in (result.overall.to_frame().T, result.by_regime):
        assert table["n_cycles"].tolist() == [18] * len(table)
        assert table["n_groups"].tolist() == [6] * len(table)
    assert "18 cycles, 720 rows, 5 folds, 6 groups kept whole" in repr(result)
    few = sp.validate(Ridge(), *data, groups=day_of, min_cycles=7, regimes=BINS, n_bootstrap=20)
    assert not few.by_regime["evidence"].any()
    alone = sp.validate(Ridge(), *data, cv=3, n_bootstrap=0)
    assert alone.groups is None
    assert alone.overall["n_groups"] == 18


def test_intervals_are_those_of_groups_taken_as_cycles(data, result):
    rows = result.predictions
    day = rows.index.get_level_values("cycle").map(day_of)
    truth, found = rows["truth"].to_numpy(), rows["prediction"].to_numpy()
    options = {"n_bootstrap": 50, "random_state": 0}
    plain = regime_metrics(truth, found, result.regimes.to_numpy().ravel(), day, **options)
    ends = [name for name in plain if name.endswith(("_low", "_high"))]
    np.testing.assert_array_equal(result.by_regime[ends], plain[ends])
    again = result.metrics_by(result.regimes)
    np.testing.assert_array_equal(again[ends], plain[ends])
    groups = {cycle: day_of(cycle) for cycle in rows.index.unique("cycle")}
    one = paired_metrics(rows["truth"], rows["prediction"], 0 * rows["truth"], groups=groups)
    other = paired_metrics(truth, found, 0 * truth, cycles=day)
    assert one["n_cycles"].tolist() == [18]
    pd.testing.assert_frame_equal(one.drop(columns="n_cycles"), other.drop(columns="n_cycles"))
    labels, guess = np.where(truth > 5, "hot", "cold"), np.where(found > 5, "hot", "cold")
    index = rows.index
    one = classification_metrics(pd.Series(labels, index), pd.Series(guess, index), groups=groups)
    other = classification_metrics(labels, guess, cycles=day)
    pd.testing.assert_frame_equal(one.drop(columns="n_cycles"), other.drop(columns="n_cycles"))


def test_days_that_differ_make_wide_intervals(data, result):
    alone = sp.validate(Ridge(), *data, cv=sp.CycleKFold(5, together=day_of), n_bootstrap=200)
    by_cycle = sp.compare(alone, alone, groups=lambda cycle: cycle)
    assert by_cycle.overall["n_groups"] == 18
    assert sp.compare(alone, alone).overall["n_groups"] == 6
    rows = result.predictions
    single = regime_metrics(rows["truth"], rows["prediction"], np.zeros(len(rows)))
    whole = regime_metrics(rows["truth"], rows["prediction"], np.zeros(len(rows)), groups=day_of)
    width = [(table["bias_high"] - table["bias_low"]).iloc[0] for table in (single, whole)]
    assert width[1] > 1.5 * width[0]


def test_models_with_different_groups_are_not_compared_by_those_of_one(data):
    rows = sp.validate(Ridge(), *data, cv=sp.CycleKFold(3, together=day_of), n_bootstrap=0)
    cycles = list(sp.cycles(data[0]))
    pairs = pd.Series(np.arange(18) // 6, cycles)
    other = dataclasses.replace(rows, groups=pairs)
    for a, b in [(rows, other), (other, rows)]:
        with pytest.raises(InvalidParameterError, match="the same groups; those of cycle 'd1_0'"):
            sp.compare(a, b, n_bootstrap=20)
        assert sp.compare(a, b, groups=pairs, n_bootstrap=20).overall["n_groups"] == 3
    named = dataclasses.replace(rows, groups=rows.groups.str.upper())
    assert sp.compare(rows, named, n_bootstrap=20).overall["n_groups"] == 6


def test_a_split_that_parts_a_group_is_a_leak(data):
    parted = sp.CycleKFold(5, together=lambda cycle: cycle)
    with pytest.raises(LeakError, match=r"groups must be whole: fold 0 .* groups? 'd\d'"):
        sp.validate(Ridge(), *data, cv=parted, groups=day_of)
    options = {"groups": day_of, "allow_leak": True, "n_bootstrap": 0}
    allowed = sp.validate(Ridge(), *data, cv=KFold(5), **options)
    assert allowed.overall["n_groups"] == 6
    assert "6 groups parted by folds" in repr(allowed)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"d0_0": "d0"}, "groups must give a group for every cycle; it has none for cycle 'd0_1'"),
        (["d0"] * 18, "dict or Series .* or a function of the id; got list"),
        (lambda cycle: None, "groups must give a group for every cycle"),
        (lambda cycle: [cycle], "such as text, numbers or tuples; got a list for cycle 'd0_0'"),
        (lambda cycle: ([], 1), "such as text, numbers or tuples; got a tuple for cycle 'd0_0'"),
    ],
)
def test_groups_that_cannot_be_read(data, groups, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.validate(Ridge(), *data, groups=groups)
    by_row = pd.Series("d0", data[0].index)
    with pytest.raises(InvalidParameterError, match=r"groupby\(level='cycle'\)"):
        sp.validate(Ridge(), *data, groups=by_row)


def test_all_honest_tests_of_the_prices_keep_groups_whole(data):
    for given in ({"groups": day_of}, {"cv": sp.CycleKFold(5, together=day_of)}):
        prices = sp.price_of_leaks(
            KNeighborsRegressor(5), *data, regimes=BINS, n_bootstrap=0, **given
        ).table
        assert (
            prices.loc[["unseen cycle", "later in time", "unseen regime"], "n_groups"] > 0
        ).all()
        assert prices.loc["later in time", "rmse"] > 0.7 * prices.loc["unseen cycle", "rmse"]
        assert prices.loc["unseen regime", "rmse"] > 0.7 * prices.loc["unseen cycle", "rmse"]


def test_groups_that_follow_one_another_are_tested_whole(data):
    X, _ = data
    days = pd.Series({cycle: day_of(cycle) for cycle in sp.cycles(X)})
    for train, test in sp.ForwardCycleSplit(5, together=days).split(X):
        seen, tested = (set(days[X.index[rows].unique("cycle")]) for rows in (train, test))
        assert not seen & tested
        assert len(test) == 3 * 40
    mixed = pd.Series(np.arange(18) % 3, index=sp.cycles(X))
    with pytest.raises(InvalidParameterError, match="leave rows to train on"):
        list(sp.ForwardCycleSplit(3, together=mixed).split(X))


def test_bands_count_groups(data):
    bands = sp.ConformalBands(Ridge(), BINS, groups=day_of, coverage=0.8, min_cycles=2).fit(*data)
    assert bands.cells_["n_cycles"].tolist() == [6, 6]
    with pytest.warns(UserWarning, match="needs at least 9 cycles to be assured; got 6"):
        sp.ConformalBands(Ridge(), groups=day_of, coverage=0.9).fit(*data)
    with pytest.raises(InvalidParameterError, match="groups needs a log"):
        sp.ConformalBands(Ridge(), groups=day_of).fit(data[0].to_numpy(), data[1].to_numpy())


@pytest.mark.parametrize(
    "given",
    [
        {"groups": day_of, "cv": 3},
        {"groups": day_of, "cv": sp.CycleKFold(3)},
        {"groups": day_of, "cv": GroupKFold(3)},
        {"cv": sp.CycleKFold(3, together=day_of)},
    ],
    ids=["int", "CycleKFold", "GroupKFold", "together"],
)
def test_bands_are_calibrated_on_groups_that_were_not_trained_on(data, given):
    """Nearest neighbours know a day by heart: laps of it would give far too narrow bands."""
    bands = sp.ConformalBands(KNeighborsRegressor(5), coverage=0.5, **given).fit(*data)
    assert bands.half_width_ > 10.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"groups": day_of, "cv": sp.CycleKFold(18, together=str)}, "groups must be whole: fold 0"),
        ({"cv": KFold(5)}, "test cycles must be unseen in training; fold 0"),
    ],
)
def test_bands_refuse_folds_that_part_a_group_or_a_cycle(data, given, message):
    with pytest.raises(LeakError, match=message) as found:
        sp.ConformalBands(Ridge(), coverage=0.5, **given).fit(*data)
    assert "allow_leak" not in str(found.value), "bands have no such parameter"


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (3.0, "cv must be a number of folds, a splitter or a list of .*; got 3.0"),
        ("5", "got '5': pass an int, such as cv=5"),
        (KFold, r"cv must be a splitter, not its class; got KFold: pass KFold\(\)"),
        ([([0], [720])], "cv must give positions of rows, 0 to 719; test of fold 0 has 720"),
        ([([-1], [0])], "train of fold 0 has -1"),
        ([([0.5], [1.0])], "by their positions, ints, .*; train of fold 0 has float64"),
        ([[0, 1, 2]], r"cv must give \(train, test\) rows; fold 0 is"),
        ([3], r"cv must give \(train, test\) rows; fold 0 is 3"),
    ],
)
def test_folds_that_are_none(data, cv, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.validate(Ridge(), *data, cv=cv)


def test_fewer_groups_than_folds_say_what_to_pass(data):
    two = {"groups": lambda cycle: cycle < "d2"}
    with pytest.raises(InvalidParameterError, match="n_splits=5 and 2 groups .* such as cv=2"):
        sp.validate(Ridge(), *data, **two)
    with pytest.raises(InvalidParameterError, match="and 1 group of cycles: it takes two"):
        sp.validate(Ridge(), *data, groups=lambda cycle: "one")


def test_the_learning_curve_draws_and_tests_groups_whole(data):
    options = {"cv": 3, "sizes": [3, 12], "n_repeats": 1}
    curve = sp.cycle_learning_curve(KNeighborsRegressor(5), *data, groups=day_of, **options)
    assert curve.table["train"].iloc[0] < 2.0, "three laps of one day, not of three"
    alone = sp.cycle_learning_curve(KNeighborsRegressor(5), *data, **options)
    assert alone.table["test"].iloc[-1] < 0.7 * curve.table["test"].iloc[-1]
    parted = sp.CycleKFold(5, together=lambda cycle: cycle)
    with pytest.raises(LeakError, match="groups must be whole"):
        sp.cycle_learning_curve(Ridge(), *data, cv=parted, groups=day_of)
