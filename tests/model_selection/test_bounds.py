"""Splitters at their borders: what is dealt, counted, and just allowed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LeakError
from signalprep.model_selection import (
    check_fold_borders,
    check_groups_whole,
    cv_text,
    listed,
    split,
)
from signalprep.model_selection._balance import (
    _excess,
    _Exchange,
    _points,
    _quality,
    deal,
    imbalance,
)
from signalprep.model_selection._cycle_groups import CycleGroups, read_cycle_groups
from signalprep.model_selection._folds import _positions, shared_groups
from signalprep.model_selection._strata import (
    CHUNK,
    FEW_CELLS,
    _joint,
    _numbered,
    _occurring,
    read_strata,
)

# strata


def test_labels_are_numbered():
    codes, labels = _numbered(pd.Series([7, 5, 7, 6]), "stratify")
    assert (codes.tolist(), labels) == ([2, 0, 2, 1], ["5", "6", "7"])
    codes, labels = _numbered(pd.Series([0, (1 << 16) - 1]), "stratify")
    assert len(labels) == 1 << 16
    codes, labels = _numbered(pd.Series([0, 1 << 16]), "stratify")
    assert (codes.tolist(), labels) == ([0, 1], ["0", "65536"])
    codes, labels = _numbered(pd.Series(["b", None, "a"]), "stratify")
    assert (codes.tolist(), labels) == ([0, 2, 1], ["b", "a", "missing"])
    given = pd.Series(pd.Categorical(["hot", None], categories=["cold", "hot"]))
    codes, labels = _numbered(given, "stratify")
    assert (codes.tolist(), labels) == ([1, 2], ["cold", "hot", "missing"])
    assert len(_numbered(pd.Series(np.arange(100) / 2), "stratify")[1]) == 100
    with pytest.raises(InvalidParameterError, match="got 101 different numbers, which is a signal"):
        _numbered(pd.Series(np.arange(101) / 2), "stratify")


def test_cells_of_several_labels():
    one = (np.array([0, 1, 1, 2]), ["a", "b", "missing"])
    other = (np.array([1, 0, 1, 0]), ["x", "y"])
    strata = _joint([one, other], "stratify")
    assert strata.names == ["a | y", "b | x", "b | y", "missing | x"]
    assert strata.known.tolist() == [True, True, True, False]
    assert strata.codes.tolist() == [1, 2, 3, 4]
    assert strata.counts(np.array([0, 1, 4])).tolist() == [[1, 0, 0, 0], [0, 1, 1, 1]]


def test_how_many_cells_there_may_be():
    def columns(*sizes):
        return [(np.array([0, n - 1]), [str(k) for k in range(n)]) for n in sizes]

    assert _joint(columns(1000, 1000), "stratify").names == ["0 | 0", "999 | 999"]
    with pytest.raises(InvalidParameterError, match="at most 1000000 joint cells; got 1001000"):
        _joint(columns(1000, 1001), "stratify")
    many = [(np.arange(10_000), [str(k) for k in range(10_000)])]
    assert len(_joint(many, "stratify").names) == 10_000
    many = [(np.arange(10_001), [str(k) for k in range(10_001)])]
    with pytest.raises(InvalidParameterError, match="at most 10000 different labels; got 10001"):
        _joint(many, "stratify")


@pytest.mark.parametrize("width", [FEW_CELLS, FEW_CELLS + 1])
def test_few_and_many_cells_are_counted_alike(width):
    codes = np.concatenate([np.zeros(CHUNK, np.intp), [5, 5, width - 1]])
    assert _occurring(codes, width).tolist() == [0, 5, width - 1]
    strata = _joint([(codes, [str(k) for k in range(width)])], "stratify")
    assert strata.names == ["0", "5", str(width - 1)]
    bounds = np.array([0, CHUNK + 1, CHUNK + 3])
    assert strata.counts(bounds).tolist() == [[CHUNK, 1, 0], [0, 1, 1]]


# dealing cycles out to folds


def counts_of(seed, n_units=12, n_strata=3):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 40, size=(n_units, n_strata)) + np.eye(n_units, n_strata, dtype=int)


def cost_of(counts, folds, shares):
    """The sum that the docs give, written out."""
    total = 0.0
    strata = [s for s in range(counts.shape[1]) if counts[:, s].sum()]
    for f, share in enumerate(shares):
        mine = folds == f
        part = counts[mine].sum() / counts.sum()
        total += (part - share) ** 2 / share
        for s in strata:
            part = counts[mine, s].sum() / counts[:, s].sum()
            total += (part - share) ** 2 / share / len(strata)
    return total


@pytest.mark.parametrize("shares", [[0.25] * 4, [0.2, 0.5, 0.3]])
def test_what_is_dealt_costs_what_the_docs_say(shares):
    counts, shares = counts_of(0), np.array(shares)
    counts[:, 1] = 0
    folds = np.arange(12) % len(shares)
    points = _points(counts)
    cost, largest = _quality(points, folds, shares)
    assert cost == pytest.approx(cost_of(counts, folds, shares))
    assert largest == pytest.approx(imbalance(counts, folds, shares).max(), abs=1e-9)
    assert imbalance(counts, folds, shares)[1] == 0.0
    found = deal(counts, shares)
    assert set(found) == set(range(len(shares)))
    assert cost_of(counts, found, shares) <= cost_of(counts, folds, shares)


@pytest.mark.parametrize("seed", range(6))
def test_each_move_or_swap_gains_what_it_says_and_is_the_best(seed):
    counts, shares = counts_of(seed, 7, 2), np.array([0.3, 0.3, 0.4])
    folds = np.array([0, 1, 2, 0, 1, 2, 0])
    points = _points(counts)
    exchange = _Exchange(points, folds, shares, np.arange(7))
    for unit in [0, 3, 5, 1, 6, 2, 4] * 2:
        before, own = cost_of(counts, exchange.own, shares), exchange.own.copy()
        best = 0.0
        for other in range(3):
            if other != own[unit] and (own == own[unit]).sum() > 1:
                moved = own.copy()
                moved[unit] = other
                best = max(best, before - cost_of(counts, moved, shares))
        for partner in range(7):
            swapped = own.copy()
            swapped[[unit, partner]] = swapped[[partner, unit]]
            best = max(best, before - cost_of(counts, swapped, shares))
        gained = exchange.improve(unit)
        assert gained == pytest.approx(best, abs=1e-12)
        assert gained == pytest.approx(before - cost_of(counts, exchange.own, shares), abs=1e-12)
        assert exchange.sizes.tolist() == np.bincount(exchange.own, minlength=3).tolist()
        again = _excess(points, exchange.own, shares) @ points.T
        np.testing.assert_allclose(exchange.products, 2.0 * again / shares[:, None], atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_a_deal_is_near_the_best_there_is(seed):
    counts, shares = counts_of(seed, 8, 2), np.array([0.5, 0.5])
    every = [np.array([number >> k & 1 for k in range(8)]) for number in range(1, 255)]
    best = min(cost_of(counts, folds, shares) for folds in every)
    assert cost_of(counts, deal(counts, shares), shares) <= 1.1 * best + 1e-9


def test_stratified_folds_are_dealt_in_equal_parts(make_log):
    log = make_log(lengths=(50, 20, 40, 30, 20, 60, 25, 35, 10, 44))
    log["kind"] = np.where(log["c0"] > 0.5, "b", "a")
    folds = np.empty(10, dtype=int)
    for k, (_, test) in enumerate(sp.CycleKFold(3, stratify="kind").split(log)):
        folds[np.unique(log.index.codes[0][test])] = k
    counts = log.groupby("cycle")["kind"].value_counts().unstack(fill_value=0).to_numpy()
    np.testing.assert_array_equal(folds, deal(counts, np.full(3, 1 / 3)))


def test_no_fold_stays_empty():
    counts = np.array([[1000], [1], [1]])
    assert sorted(deal(counts, np.full(3, 1 / 3)).tolist()) == [0, 1, 2]
    rng = np.random.RandomState(0)
    deals = {tuple(deal(counts_of(1, 9), np.full(3, 1 / 3), rng)) for _ in range(8)}
    assert len(deals) > 1


# sizes


@pytest.mark.parametrize(
    ("train", "test", "numbers"),
    [
        (None, None, (8, 2)),
        (None, 0.25, (7, 3)),
        (0.25, None, (2, 8)),
        (3, 4, (3, 4)),
        (0.5, 0.5, (5, 5)),
        (1, 9, (1, 9)),
        (None, 9, (1, 9)),
    ],
)
def test_numbers_of_cycles(train, test, numbers):
    splitter = sp.CycleShuffleSplit(train_size=train, test_size=test)
    assert splitter._numbers(10, "10 cycles") == numbers


@pytest.mark.parametrize(
    ("train", "test"), [(None, 10), (10, None), (6, 5), (0.04, 0.5), (0, 1), (True, 1), (1.0, 1)]
)
def test_numbers_of_cycles_that_cannot_be(train, test):
    splitter = sp.CycleShuffleSplit(train_size=train, test_size=test)
    with pytest.raises(InvalidParameterError, match="train_size"):
        splitter._numbers(10, "10 cycles")


# folds


def test_folds_as_they_may_be_given(make_log):
    log = make_log(lengths=(4, 3, 5))
    mask = np.arange(12) < 4
    given = [(~mask, mask), (list(range(7)), range(7, 12))]
    folds = split(given, log, None)
    assert [part.tolist() for part in folds[0]] == [list(range(4, 12)), [0, 1, 2, 3]]
    assert folds[1][1].dtype == np.int64
    for bad, message in [
        ([], "at least one fold; got none"),
        ([(mask, ~mask, mask)], r"must give \(train, test\) rows; fold 0 is"),
        ([3], "fold 0 is 3"),
        ([(mask, [])], "fold 0 has 4 and 0"),
        ([([], mask)], "fold 0 has 0 and 4"),
        ([(mask, [0.5])], "test of fold 0 has float64 of shape"),
        ([(mask, [[1]])], r"has int64 of shape \(1, 1\)"),
        ([(mask[:5], ~mask)], "train of fold 0 has bool of shape"),
        ([(mask, [12])], "positions of rows, 0 to 11; test of fold 0 has 12"),
        ([(mask, [-1])], "test of fold 0 has -1"),
        ([(mask, [5]), (mask, [5])], "test a row at most once"),
    ]:
        with pytest.raises(InvalidParameterError, match=message):
            split(bad, log, None)
    assert len(split([(mask, [5]), (mask, [5])], log, None, once=False)) == 2
    assert _positions((mask, [0, 11]), 0, 12)[1].tolist() == [0, 11]


def test_splitters_get_what_they_ask_for(make_log):
    log = make_log(lengths=(4, 3, 5, 4))
    groups = pd.Series([0, 0, 1, 1], index=[0, 1, 2, 3])
    by_cycle = split(GroupKFold(4), log, None)
    assert sorted(len(test) for _, test in by_cycle) == [3, 4, 4, 5]
    assert sorted(len(test) for _, test in split(GroupKFold(2), log, None, groups)) == [7, 9]
    assert sorted(len(test) for _, test in split(sp.CycleKFold(2), log, None, groups)) == [7, 9]
    own = sp.CycleKFold(2, together={0: "a", 1: "b", 2: "b", 3: "b"})
    assert sorted(len(test) for _, test in split(own, log, None, groups)) == [4, 12]
    assert len(split(KFold(8), log, None, groups)) == 8
    with pytest.raises(InvalidParameterError, match="asks for groups, which a log has"):
        split(GroupKFold(2), log.reset_index(drop=True), None)
    assert len(split(ShuffleSplit(3), log, None, once=False)) == 3


def test_folds_in_words():
    folds = [(np.arange(3), np.arange(3, 5))]
    assert cv_text(folds, folds) == "1 fold given by their rows"
    assert cv_text(folds * 2, folds * 2) == "2 folds given by their rows"
    assert cv_text(sp.CycleKFold(3), folds) == repr(sp.CycleKFold(3))
    assert listed(pd.Index([1])) == "cycle 1"
    assert listed(pd.Index([1, 2])) == "cycles 1, 2"
    assert listed(pd.Index([1, 2, 3])) == "cycles 1, 2, 3"
    assert listed(pd.Index([1, 2, 3, 4, 5])) == "cycles 1, 2, 3 and 2 more"
    assert listed(pd.Index(["a"]), what="group") == "group 'a'"


def test_cycles_and_groups_on_both_sides(make_log):
    log = make_log(lengths=(4, 4, 4))
    cut = [(np.arange(6), np.arange(6, 12))]
    with pytest.raises(LeakError, match="fold 0 trains on rows of cycle 1, which it also tests"):
        check_fold_borders(log, cut)
    whole = [(np.arange(8), np.arange(8, 12))]
    check_fold_borders(log, whole)
    groups = pd.Series(["a", "b", "b"], index=[0, 1, 2])
    with pytest.raises(LeakError, match="fold 0 trains on cycles of group 'b', which it also"):
        check_groups_whole(log, whole, groups)
    check_groups_whole(log, whole, pd.Series(["a", "b", "c"], index=[0, 1, 2]))
    assert list(shared_groups(log, whole, None)) == []


# groups of cycles


def test_cycles_in_groups(make_log):
    log = make_log(lengths=(2, 3, 4))
    alone = read_cycle_groups(log, None, None, None)
    assert (alone.n_groups, alone.n_rows, alone.counted(), alone.timed) == (3, 9, "3 cycles", True)
    assert alone.group_lengths.tolist() == alone.lengths.tolist() == [2, 3, 4]
    joined = read_cycle_groups(log, None, None, {0: "x", 1: "y", 2: "x"})
    assert joined.group_of_cycle.tolist() == [0, 1, 0]
    assert joined.group_lengths.tolist() == [6, 3]
    assert joined.counted() == "2 groups of cycles"
    assert joined.rows(np.array([True, False, True])).tolist() == [0, 1, 5, 6, 7, 8]
    assert joined.rows(np.array([True, True, False])).tolist() == [0, 1, 2, 3, 4]
    one = read_cycle_groups(log, None, None, lambda cycle: 0)
    assert one.counted() == "1 group of cycles"
    by_rows = read_cycle_groups(None, None, [5, 5, 7], None)
    assert (by_rows.ids.tolist(), by_rows.timed, by_rows.counted()) == ([5, 7], False, "2 cycles")
    assert isinstance(by_rows, CycleGroups)
    single = read_cycle_groups(None, None, [5], None)
    assert single.counted() == "1 cycle"


def test_groups_of_rows_that_cannot_be(make_log):
    log = make_log(lengths=(2, 3))
    for X, groups, together, error, message in [
        (log, [0, 0, 1, 1], None, InvalidLogError, r"one id a row \(5\); got 4"),
        (log, [0, 0, 1, 1, None], None, InvalidLogError, "groups has none at 4"),
        (log, [0, 1, 1, 1, 1], None, InvalidLogError, "begins inside a cycle, at cycle 0, row 1"),
        (log, [0, 0, 1, 1, 1], {0: 1}, InvalidParameterError, "not both"),
        (np.ones((3, 1)), None, None, InvalidLogError, "got ndarray without groups"),
        (np.ones((3, 1)), [1, 1], None, InvalidLogError, r"one id a row \(3\); got 2"),
        ([[1], [2]], [1], None, InvalidLogError, r"one id a row \(2\); got 1"),
    ]:
        with pytest.raises(error, match=message):
            read_cycle_groups(X, None, groups, together)


def test_labels_are_aligned_by_index(make_log):
    log = make_log(lengths=(2, 3))
    units = read_cycle_groups(log, None, None, None)
    by_cycle = pd.Series(["b", "a"], index=[1, 0])
    strata = read_strata(by_cycle, log, None, units, "stratify")
    assert [strata.names[k] for k in strata.codes] == ["a", "a", "b", "b", "b"]
    by_row = pd.Series(list("vwxyz"), index=log.index)
    shuffled = read_strata(by_row.iloc[::-1], log, None, units, "stratify")
    assert [shuffled.names[k] for k in shuffled.codes] == list("vwxyz")
    for given, X, error, message in [
        (pd.Series(["a", "b", "b"], index=[0, 1, 1]), log, InvalidLogError, "one label for each"),
        (pd.Series(["a"], index=[0]), log, InvalidLogError, "it has none for cycle 1"),
        (by_row.iloc[1:], log, InvalidLogError, "it has none for cycle 0, row 0 of it"),
        (by_row.reset_index(drop=True), log, InvalidLogError, "got 5 labels with an index of"),
        ("c9", log, InvalidParameterError, "must name a column of X"),
        ("c0", log.to_numpy(), InvalidParameterError, "so X must be a DataFrame; got ndarray"),
        ([1, 2], log, InvalidParameterError, "got list"),
        ({"c9": 3}, log, InvalidParameterError, "got 'c9'"),
        (sp.RegimeBinner({"c0": 2}), None, InvalidLogError, "reads X; got None"),
    ]:
        with pytest.raises(error, match=message):
            read_strata(given, X, None, units, "stratify")
    plain = read_cycle_groups(None, None, [0, 0, 1], None)
    with pytest.raises(InvalidLogError, match="so X must carry it too"):
        read_strata(by_row, np.ones((3, 1)), None, plain, "stratify")
    twice = pd.concat([log[["c0"]], log[["c0"]]], axis=1)
    with pytest.raises(InvalidParameterError, match="names 2 columns"):
        read_strata("c0", twice, None, units, "stratify")
    fitted = sp.RegimeBinner({"c0": [-9.0, 0.0, 9.0]}).fit(log)
    found = read_strata(fitted, log, None, units, "stratify")
    assert found.names == ["[-9, 0)", "[0, 9]"]


def test_a_window_of_one_cycle(make_log):
    log = make_log(lengths=(5,) * 4)
    trained = [
        np.unique(log.index.codes[0][train]).tolist()
        for train, _ in sp.ForwardCycleSplit(3, window=1).split(log)
    ]
    assert trained == [[0], [1], [2]]
    for window in (0, True, 1.5):
        with pytest.raises(InvalidParameterError, match="window must be a number of cycles >= 1"):
            next(sp.ForwardCycleSplit(3, window=window).split(log))
