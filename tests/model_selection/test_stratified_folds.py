"""Stratified folds: balanced in regimes and rows, from any kind of labels."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import StratifiedGroupKFold, cross_validate

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.model_selection._balance import deal, imbalance


def uneven_log(n_cycles=30, n_regimes=6, seed=0):
    """Cycles that each prefer some regimes."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(40, 400, n_cycles)
    codes = [rng.choice(n_regimes, n, p=rng.dirichlet(np.full(n_regimes, 0.3))) for n in lengths]
    frame = pd.DataFrame({"regime": np.concatenate(codes)})
    frame["x"] = frame["regime"] + rng.uniform(0.0, 0.9, len(frame))
    return sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), lengths), rate=10.0)


def folds_of(cv, log, **kwargs):
    return [test.tolist() for _, test in cv.split(log, **kwargs)]


def deviation(tests, labels):
    """Largest deviation of a fold's part of a regime from an equal share, and of its rows."""
    labels = np.asarray(labels)
    parts = [
        [np.mean(np.isin(np.flatnonzero(labels == r), test)) for test in tests]
        for r in np.unique(labels)
    ]
    rows = np.array([len(test) for test in tests]) / len(labels)
    return np.abs(np.array(parts) - 1 / len(tests)).max(), np.abs(rows - 1 / len(tests)).max()


@pytest.mark.parametrize("seed", range(4))
def test_stratified_folds_are_better_balanced(seed):
    log = uneven_log(seed=seed)
    plain, _ = deviation(folds_of(sp.CycleKFold(5), log), log["regime"])
    ours, rows = deviation(folds_of(sp.CycleKFold(5, stratify="regime"), log), log["regime"])
    groups = log.index.get_level_values("cycle")
    peer = StratifiedGroupKFold(5).split(log, log["regime"], groups)
    theirs, _ = deviation([test for _, test in peer], log["regime"])
    assert ours < plain
    assert ours <= theirs
    assert rows < 0.02


def test_every_way_to_give_labels_gives_the_same_folds():
    log = uneven_log()
    by_column = folds_of(sp.CycleKFold(4, stratify="regime"), log)
    given = [
        log["regime"],
        log["regime"].sample(frac=1, random_state=0),  # aligned, not taken by position
        log[["regime"]],
        log["regime"].astype("category"),
        log["regime"].map(lambda k: f"regime {k}"),
        sp.RegimeBinner({"x": list(range(7))}),
        sp.RegimeBinner({"x": list(range(7))}).fit(log[["x"]]),
        {"x": list(range(7))},
    ]
    for stratify in given:
        assert folds_of(sp.CycleKFold(4, stratify=stratify), log) == by_column


def test_joint_cells_of_several_columns():
    log = uneven_log()
    both = pd.DataFrame({"a": log["regime"] // 2, "b": log["regime"] % 2})
    assert folds_of(sp.CycleKFold(4, stratify=both), log) == folds_of(
        sp.CycleKFold(4, stratify="regime"), log
    )


def test_one_label_a_cycle():
    log = uneven_log(n_cycles=12)
    kind = pd.Series(["city", "hill", "bench"] * 4, index=range(12))
    cycle = log.index.get_level_values("cycle").to_numpy()
    for test in folds_of(sp.CycleKFold(4, stratify=kind), log):
        assert set(kind[np.unique(cycle[test])]) == {"city", "hill", "bench"}


def test_missing_labels_are_a_stratum():
    log = uneven_log()
    labels = log["regime"].astype(float).where(log["regime"] > 0)
    ours, _ = deviation(folds_of(sp.CycleKFold(5, stratify=labels), log), labels.fillna(-1.0))
    plain, _ = deviation(folds_of(sp.CycleKFold(5), log), labels.fillna(-1.0))
    assert ours < plain
    wide = log["regime"].astype("Int64").mask(log["regime"] == 0)
    assert folds_of(sp.CycleKFold(5, stratify=wide), log) == folds_of(
        sp.CycleKFold(5, stratify=labels), log
    )


def test_labels_are_found_in_a_part_of_the_log():
    log = uneven_log()
    cv = sp.CycleKFold(3, stratify=log["regime"])
    part = log.loc[[2, 5, 7, 11, 20]]
    expected = folds_of(sp.CycleKFold(3, stratify="regime"), part)
    assert folds_of(cv, part) == expected
    assert cross_validate(Ridge(), log[["x"]], log["regime"], cv=cv)["test_score"].shape == (3,)


def test_bins_of_the_target_read_y():
    log = uneven_log()
    cv = sp.CycleKFold(3, stratify={"x": "t3"})
    folds = list(cv.split(log[["x"]], log["regime"]))
    assert len(folds) == 3
    with pytest.raises(InvalidParameterError, match="requires y"):
        next(cv.split(log[["x"]]))


def test_a_fitted_binner_is_left_as_it_was():
    log = uneven_log()
    binner = sp.RegimeBinner({"x": 3}).fit(log[["x"]].iloc[:100])
    edges, attributes = binner.edges_["x"].copy(), set(vars(binner))
    list(sp.CycleKFold(3, stratify=binner).split(log))
    assert np.array_equal(binner.edges_["x"], edges)
    assert set(vars(binner)) == attributes


def test_seeds_of_the_stratified_shuffle():
    log = uneven_log()

    def tests(seed):
        return folds_of(sp.CycleKFold(5, stratify="regime", shuffle=True, random_state=seed), log)

    assert tests(0) == tests(0)
    assert any(tests(0) != tests(seed) for seed in range(1, 4))
    plain, _ = deviation(folds_of(sp.CycleKFold(5), log), log["regime"])
    for seed in range(3):
        assert deviation(tests(seed), log["regime"])[0] < plain


@pytest.mark.parametrize(
    ("stratify", "error", "message"),
    [
        ("speed", InvalidParameterError, "stratify must name a column of X .*'regime'.*'speed'"),
        ({"speed": 3}, InvalidParameterError, "stratify must name columns of X .*got 'speed'"),
        ([1, 2], InvalidParameterError, "must be a RegimeBinner.*got list"),
        ("x", InvalidParameterError, "different numbers, which is a signal"),
        (pd.Series(np.zeros(9000)), InvalidLogError, r"must carry the \(cycle, time\) index"),
        (pd.Series(["a"], index=[0]), InvalidLogError, "it has none for cycle 1"),
    ],
)
def test_labels_that_cannot_be_read(stratify, error, message):
    with pytest.raises(error, match=message):
        next(sp.CycleKFold(3, stratify=stratify).split(uneven_log()))


def test_labels_that_miss_a_row_are_refused():
    log = uneven_log()
    with pytest.raises(InvalidLogError, match="it has none for cycle 0, row 2 of it"):
        next(sp.CycleKFold(3, stratify=log["regime"].drop(log.index[2])).split(log))


def test_too_many_labels_are_refused():
    log = uneven_log()
    labels = pd.Series(np.arange(len(log)) * 7_000_000, index=log.index)
    big = pd.concat([labels] * 3, axis=1, keys=list("abc"))
    with pytest.raises(InvalidParameterError, match="joint cells"):
        next(sp.CycleKFold(3, stratify=big).split(log))


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.7, 0.15, 0.15), (0.9, 0.05, 0.05)])
@pytest.mark.parametrize("n_units", [3, 7, 60])
def test_no_fold_stays_empty(n_units, shares):
    rng = np.random.default_rng(n_units)
    counts = rng.integers(1, 1000, (n_units, 4)) * (rng.random((n_units, 4)) < 0.4)
    counts[:, 0] += 1
    folds = deal(counts, np.array(shares))
    assert set(folds) == set(range(len(shares)))


def test_unequal_shares_are_met():
    counts = np.random.default_rng(0).integers(50, 150, (200, 5))
    shares = np.array([0.7, 0.15, 0.15])
    assert imbalance(counts, deal(counts, shares), shares).max() < 0.01


def test_more_units_than_are_refined():
    counts = np.random.default_rng(0).poisson(5.0, (2500, 20))
    counts[:, 0] += 1
    shares = np.full(5, 0.2)
    assert imbalance(counts, deal(counts, shares), shares).max() < 0.01
