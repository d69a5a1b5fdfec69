"""CycleKFold keeps cycles whole, wherever scikit-learn calls it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import StackingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


@pytest.fixture
def log(make_log):
    return make_log(lengths=(50, 10, 40, 30, 20, 60, 15))


@pytest.mark.parametrize("shuffle", [False, True])
def test_folds_partition_rows_by_whole_cycles(log, shuffle):
    cv = sp.CycleKFold(3, shuffle=shuffle, random_state=0 if shuffle else None)
    cycle = log.index.get_level_values("cycle").to_numpy()
    tested = []
    for train, test in cv.split(log):
        assert not set(cycle[train]) & set(cycle[test])
        assert sorted([*train, *test]) == list(range(len(log)))
        tested.extend(test)
    assert sorted(tested) == list(range(len(log)))


def test_folds_are_balanced_in_rows(log):
    sizes = [len(test) for _, test in sp.CycleKFold(3).split(log)]
    assert max(sizes) - min(sizes) <= 15


def test_shuffle_depends_on_the_seed_alone(log):
    def tests(seed):
        return [t.tolist() for _, t in sp.CycleKFold(3, shuffle=True, random_state=seed).split(log)]

    assert tests(0) == tests(0)
    assert any(tests(0) != tests(seed) for seed in range(1, 5))


def test_it_works_without_groups_inside_scikit_learn(log):
    X, y = log[["c0"]], log["c1"]
    cv = sp.CycleKFold(3)
    scores = cross_validate(Ridge(), X, y, cv=cv, scoring=["r2", "neg_mean_squared_error"])
    assert len(scores["test_r2"]) == 3
    assert cross_val_predict(Ridge(), X, y, cv=cv).shape == (len(log),)
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=sp.CycleKFold(2))
    nested = cross_validate(search, X, y, cv=cv, error_score="raise")
    assert np.isfinite(nested["test_score"]).all()


def test_the_index_of_y_serves_when_x_is_an_array(log):
    a = [t.tolist() for _, t in sp.CycleKFold(3).split(log)]
    b = [t.tolist() for _, t in sp.CycleKFold(3).split(log.to_numpy(), log["c0"])]
    assert a == b


def test_groups_stand_in_for_a_missing_index(log):
    groups = log.index.get_level_values("cycle")
    a = [t.tolist() for _, t in sp.CycleKFold(3).split(log)]
    b = [t.tolist() for _, t in sp.CycleKFold(3).split(log.to_numpy(), groups=groups)]
    assert a == b


def test_groups_may_join_cycles_but_not_cut_them(log):
    joined = log.index.get_level_values("cycle").to_numpy() // 2
    assert len(list(sp.CycleKFold(3).split(log, groups=joined))) == 3
    cut = np.arange(len(log)) // 25
    with pytest.raises(InvalidLogError, match="begins inside a cycle"):
        next(sp.CycleKFold(3).split(log, groups=cut))


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (sp.CycleKFold(1), "n_splits must be an int >= 2; got 1"),
        (sp.CycleKFold(2.5), "n_splits must be an int >= 2; got 2.5"),
        (sp.CycleKFold(8), "n_splits=8 and 7 cycles"),
        (sp.CycleKFold(3, random_state=0), "no effect without shuffle=True"),
    ],
)
def test_wrong_parameters(log, splitter, message):
    with pytest.raises(InvalidParameterError, match=message):
        next(splitter.split(log))


def test_it_works_inside_stacking_which_sets_a_random_state(log):
    X, y = log[["c0"]], log["c1"]
    model = StackingRegressor([("a", Ridge()), ("b", Ridge(10.0))], cv=sp.CycleKFold(3))
    assert len(model.fit(X, y).predict(X)) == len(X)


def test_one_cycle_is_refused_in_our_own_words(make_log):
    with pytest.raises(InvalidParameterError, match="n_splits=5 and 1 cycle: it takes two"):
        next(sp.CycleKFold().split(make_log(lengths=(30,))))


def test_no_index_and_bad_groups_are_refused(log):
    with pytest.raises(InvalidLogError, match="indexed by"):
        next(sp.CycleKFold(2).split(log.to_numpy()))
    groups = pd.Series(log.index.get_level_values("cycle").to_numpy(), dtype=float)
    groups.iloc[4] = np.nan
    with pytest.raises(InvalidLogError, match="has none at 4"):
        next(sp.CycleKFold(2).split(log.to_numpy(), groups=groups))
    with pytest.raises(InvalidLogError, match=r"one id a row \(6\); got 4"):
        next(sp.CycleKFold(2).split(np.zeros((6, 1)), groups=[0, 0, 1, 1]))
    with pytest.raises(InvalidLogError, match="one type; found int, str"):
        next(sp.CycleKFold(2).split(np.zeros((4, 1)), groups=[1, 1, "1", "1"]))
    with pytest.raises(InvalidLogError, match="contiguous"):
        next(sp.CycleKFold(2).split(log.to_numpy(), groups=np.arange(len(log)) % 5))


def test_repr_shows_parameters():
    assert repr(sp.CycleKFold(4)) == (
        "CycleKFold(n_splits=4, random_state=None, shuffle=False, stratify=None, together=None)"
    )
    labels = pd.Series(["a", "b"], index=["one", "two"])
    assert "stratify=<Series of 2 rows>" in repr(sp.CycleKFold(2, stratify=labels))
