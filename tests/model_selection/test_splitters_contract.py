"""What every splitter keeps: whole cycles on one side, the index as the only source, seeds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

BINS = {"c0": [-1.0, 0.0, 1.0]}
SPLITTERS = [
    sp.CycleKFold(3),
    sp.CycleKFold(3, shuffle=True, random_state=0),
    sp.CycleKFold(3, stratify=sp.RegimeBinner(BINS)),
    sp.CycleKFold(3, stratify=BINS, shuffle=True, random_state=0),
    sp.CycleShuffleSplit(4, test_size=0.3, random_state=0),
    sp.ForwardCycleSplit(3),
    sp.ForwardCycleSplit(3, purge=5, window=2),
    sp.RegimeHoldout(BINS, n_splits=3),
]
PARTITIONS = [cv for cv in SPLITTERS if isinstance(cv, (sp.CycleKFold, sp.RegimeHoldout))]


def random_log(lengths, seed):
    rng = np.random.default_rng(seed)
    n = sum(lengths)
    cycle = np.repeat([f"run {k}" for k in range(len(lengths))], lengths)
    return sp.as_log(
        pd.DataFrame(rng.normal(size=(n, 2)), columns=["c0", "c1"]), cycle=cycle, rate=10.0
    )


@pytest.fixture
def log(make_log):
    return make_log(lengths=(50, 20, 40, 30, 20, 60, 25, 35))


def name(cv):
    return repr(cv)


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.integers(12, 60), min_size=5, max_size=9), seed=st.integers(0, 99))
@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_no_cycle_is_on_both_sides(cv, lengths, seed):
    log = random_log(lengths, seed)
    cycle = log.index.codes[0]
    folds = list(cv.split(log))
    assert len(folds) == cv.get_n_splits(log)
    for train, test in folds:
        assert train.dtype == test.dtype == np.int64
        assert len(train) > 0
        assert len(test) > 0
        assert not np.intersect1d(cycle[train], cycle[test]).size
        for rows in (train, test):
            assert (np.diff(rows) > 0).all()
            assert 0 <= rows[0] <= rows[-1] < len(log)


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.integers(12, 60), min_size=5, max_size=9), seed=st.integers(0, 99))
@pytest.mark.parametrize("cv", PARTITIONS, ids=name)
def test_every_row_is_tested_once(cv, lengths, seed):
    log = random_log(lengths, seed)
    tested = np.concatenate([test for _, test in cv.split(log)])
    assert np.array_equal(np.sort(tested), np.arange(len(log)))


@pytest.mark.parametrize("cv", [cv for cv in SPLITTERS if isinstance(cv, sp.CycleKFold)], ids=name)
def test_no_cycle_is_in_two_test_folds_and_the_union_covers(log, cv):
    cycle = log.index.get_level_values("cycle").to_numpy()
    for train, test in cv.split(log):
        assert set(cycle[train]) | set(cycle[test]) == set(cycle)
    tested = [c for _, test in cv.split(log) for c in np.unique(cycle[test])]
    assert sorted(tested) == sorted(set(cycle))


@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_it_works_inside_scikit_learn_without_groups(log, cv):
    X, y = log[["c0"]], log["c1"]
    scores = cross_validate(Ridge(), X, y, cv=cv, error_score="raise")
    assert np.isfinite(scores["test_score"]).all()
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=cv, error_score="raise").fit(X, y)
    assert search.n_splits_ == cv.get_n_splits(X, y)
    nested = cross_validate(search, X, y, cv=sp.CycleKFold(2), error_score="raise")
    assert np.isfinite(nested["test_score"]).all()


@pytest.mark.parametrize("cv", PARTITIONS, ids=name)
def test_partitions_predict_every_row(log, cv):
    assert cross_val_predict(Ridge(), log[["c0"]], log["c1"], cv=cv).shape == (len(log),)


@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_the_same_seed_gives_the_same_folds(log, cv):
    first, second = ([t.tolist() for _, t in cv.split(log)] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_repr_names_every_parameter_on_one_line(cv):
    text = repr(cv)
    assert text.startswith(type(cv).__name__ + "(")
    assert "\n" not in text
    assert "together=None" in text


@pytest.mark.parametrize("how", ["together", "groups"])
@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_groups_of_cycles_stay_on_one_side(log, cv, how):
    twin = {0: 0, 1: 1, 2: 2, 3: 1, 4: 4, 5: 5, 6: 6, 7: 1}  # 1, 3 and 7 are one drive
    group = log.index.get_level_values("cycle").map(twin).to_numpy()
    if how == "groups":
        folds = list(cv.split(log, groups=group))
    else:
        parameters = {**vars(cv), "together": pd.Series(twin)}
        folds = list(type(cv)(**parameters).split(log))
    for train, test in folds:
        assert not set(group[train]) & set(group[test])


@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_groups_that_cut_a_cycle_are_refused(log, cv):
    with pytest.raises(InvalidLogError, match="begins inside a cycle, at cycle 0, row 25"):
        next(cv.split(log, groups=np.arange(len(log)) // 25))


@pytest.mark.parametrize("cv", SPLITTERS, ids=name)
def test_no_index_and_no_groups_is_refused(cv):
    with pytest.raises(InvalidLogError, match="indexed by"):
        next(cv.split(np.zeros((30, 1))))


@pytest.mark.parametrize(
    ("together", "message"),
    [
        ({0: 0}, "a group for every cycle; it has none for cycle 1"),
        ({}, "it has none for cycle 0"),
        ([0, 1], "must be a dict or Series.*got list"),
        (pd.Series([1, 2], index=[0, 0]), "cycle 0 occurs more than once"),
        (dict.fromkeys(range(8), np.nan), "it has none for cycle 0"),
    ],
)
def test_together_must_name_every_cycle(log, together, message):
    with pytest.raises(InvalidParameterError, match=message):
        next(sp.CycleKFold(2, together=together).split(log))


def test_together_may_name_other_cycles_too(log):
    part = log.loc[[0, 1, 2]]
    assert len(list(sp.CycleKFold(3, together={k: k for k in range(8)}).split(part))) == 3
    with pytest.raises(InvalidParameterError, match="n_splits=3 and 2 groups of cycles"):
        next(sp.CycleKFold(3, together=dict.fromkeys(range(1, 8), 1) | {0: 0}).split(part))


def test_together_and_groups_at_once_are_refused(log):
    groups = log.index.get_level_values("cycle")
    with pytest.raises(InvalidParameterError, match="not both"):
        next(sp.CycleKFold(2, together={k: k for k in range(8)}).split(log, groups=groups))
