"""Numbers that steps hold: which count, how far they are off, and values of test rows alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp
from signalprep.leaks._held_checks import _matches, _numbers_in, statistics_findings
from signalprep.leaks._held_in_fit import _of_test
from signalprep.leaks._proxies import _alone, _score
from signalprep.leaks._split_checks import overlap_findings
from signalprep.leaks._stages import Trace
from signalprep.trial import Case


def case(rows=30, tested=(2, 3)):
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([range(4), np.arange(float(rows))], names=["cycle", "time"])
    X = pd.DataFrame(rng.normal(size=(4 * rows, 2)) + 3.0, index, columns=["a", "b"])
    y = (X["a"] + 0.1 * rng.normal(size=len(X))).rename("y")
    test = np.isin(index.codes[0], tested)
    return Case(None, X, y, [(np.flatnonzero(~test), np.flatnonzero(test))], "cv")


def less(X, level):
    return X - level


def without_gaps(X):
    return X.fillna(0.0)


def found_in(one, **numbers):
    step = FunctionTransformer(less, kw_args=numbers)
    model = sp.make_pipeline(step, Ridge()).fit(one.X, one.y)
    return list(statistics_findings(one, Trace.of(model, one.X)))


def test_how_far_a_statistic_of_all_rows_is_from_that_of_training_rows():
    one = case()
    values, train = one.X["b"].to_numpy(), one.X["b"].to_numpy()[one.whole[0][0]]
    (found,) = found_in(one, level=float(values.mean()))
    assert (found.severity, found.kind, found.channel) == ("leak", "test_statistics", "b")
    assert found.effect == pytest.approx(abs(values.mean() - train.mean()) / train.std())
    assert found.unit == "spreads of the channel"
    assert "which is the mean of 'b' over all rows" in found.what
    assert found_in(one, level=float(train.mean())) == []
    assert found_in(one, level=3.0) == []


def test_ten_rows_to_learn_from():
    def missing(n):
        one = case(rows=12)
        b = one.X["b"].where(np.arange(48) >= 24 - n)  # so many known in training
        X = one.X.assign(b=b)
        here = Case(None, X, one.y, one.folds, "cv")
        model = sp.make_pipeline(
            FunctionTransformer(less, kw_args={"level": float(b.mean())}),
            FunctionTransformer(without_gaps),
            Ridge(),
        )
        return list(statistics_findings(here, Trace.of(model.fit(X, one.y), X)))

    assert [one.channel for one in missing(10)] == ["b"]
    assert missing(9) == []


def test_the_first_statistic_that_tells_is_named():
    whole, own = {"mean": 1.5, "median": 1.234567}, {"mean": 1.5, "median": 1.3}
    assert _matches(np.array([1.5, 1.234567]), whole, own) == ("median", 1.234567, 1.3)


def test_numbers_given_and_learned():
    step = FunctionTransformer(less, kw_args={"level": 1.234567, "times": 2.5})
    step.scale_, step.word_, step.n = 7.654321, "a", 3.3333333
    given, learned = _numbers_in(step)
    assert (given.tolist(), [one.tolist() for one in learned]) == ([1.234567], [7.654321])
    assert [len(part) for part in _numbers_in("word")] == [0, 0]
    held = FunctionTransformer(less, kw_args={"level": Ridge(alpha=1.234567)})
    assert _numbers_in(held)[0].tolist() == []


def test_values_of_test_rows_alone():
    one = case(rows=3)
    chosen = _of_test(one)
    values = np.r_[one.X["a"].to_numpy()[[0, 7]], one.y.to_numpy()[[1, 11]], 99.0]
    assert chosen(values).tolist() == [False, True, False, True, False]
    assert chosen(one.y).tolist() == [False] * 6 + [True] * 6
    assert chosen(one.y + 1.0).tolist() == [False] * 6 + [True] * 6, "by their place"
    assert chosen(pd.Series([values[1], 0.5])).tolist() == [True, False]


def test_gaps_are_filled_with_the_mean_of_training_rows():
    one = case()
    a = one.X["a"].to_numpy().copy()
    exact = (2.0 * one.X["a"]).to_numpy()
    a[::10] = np.nan
    train, test = one.whole[0]
    filled = np.where(np.isnan(a), np.nanmean(a[train]), a)[:, None]
    model = LinearRegression().fit(filled[train], exact[train])
    assert _score(one, a[:, None], exact, linear=True) == pytest.approx(
        model.score(filled[test], exact[test])
    )
    assert _score(one, a[:, None], np.ones(len(a))) == 0.0


def test_ranks_give_what_a_tree_does_not():
    one = case()
    x = one.X["a"].to_numpy()
    every = np.arange(len(x))
    assert _alone(one, x, np.exp(3.0 * x), every) == pytest.approx(1.0)
    assert _alone(one, np.ones(len(x)), x, every) < 0.1
    assert _alone(one, x, np.random.default_rng(1).normal(size=len(x)), every) < 0.2


def test_of_cycles_that_overlap_those_with_the_same_rows_are_told():
    starts = [0.0, 5.0, 100.0, 107.0, 200.0, 300.0]
    stamps = np.concatenate([start + np.arange(10.0) for start in starts])
    cycle = np.repeat(range(6), 10)
    index = pd.MultiIndex.from_arrays([cycle, stamps], names=["cycle", "time"])
    X = pd.DataFrame({"a": np.random.default_rng(0).normal(size=60)}, index)
    X.iloc[30:33, 0] = X.iloc[27:30, 0].to_numpy()  # cycles 2 and 3, for three seconds
    y = pd.Series(np.arange(60.0), index, name="y")
    parted = [(np.flatnonzero(cycle % 2 == 0), np.flatnonzero(cycle % 2 == 1))]
    (found,) = overlap_findings(Case(None, X, y, parted, "cv"))
    assert (found.severity, found.effect) == ("leak", 2.0)
    assert found.what.startswith("Cycles 2 and 3 overlap by 2 s of the clock and lie on both sides")
    assert "such pairs" not in found.what
    (plain,) = overlap_findings(Case(None, X.assign(a=y), y, parted, "cv"))
    assert (plain.severity, plain.effect) == ("warning", 4.0)
    assert "Cycles 0 and 1 overlap by 4 s" in plain.what
    assert "(2 such pairs)" in plain.what
