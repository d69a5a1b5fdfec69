"""What a column was made of, told by its numbers alone: gaps filled, categories encoded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._encoded import (
    Levels,
    _drawn,
    _is_constant,
    _is_even,
    _levels,
    _means,
    _on_a_line,
    _without_itself,
    encoded_findings,
)
from signalprep.leaks._filled import (
    Filled,
    _filled,
    _filled_by_cycle,
    _most_frequent,
    filled_findings,
)
from signalprep.leaks._finding import some
from signalprep.trial import Case

MEAN = Filled("test_statistics", "mean", True)
MEDIAN = Filled("test_statistics", "median", True)
MIDDLE = Filled("test_statistics", "median", False)
BY_CYCLE = Filled("lookahead", "mean or median", True)


def drawn(n, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def filled(known, value, gaps):
    """Known values, and gaps in front of them that hold one value."""
    return np.r_[np.full(gaps, value), known]


def case(X, y):
    index = X.index
    folds = list(sp.CycleKFold(2).split(X))
    return Case(estimator=None, X=X, y=pd.Series(y, index, name="y"), folds=folds, cv="cv")


def of_cycles(columns, n_cycles=4):
    n = len(next(iter(columns.values()))) // n_cycles
    index = pd.MultiIndex.from_product([range(n_cycles), np.arange(float(n))])
    return pd.DataFrame(columns, index=index.set_names(["cycle", "time"]))


@pytest.mark.parametrize(
    ("known", "value", "gaps", "found"),
    [
        (drawn(14), drawn(14).mean(), 6, MEAN),
        (drawn(13), drawn(13).mean(), 6, None),  # 19 values say too little
        (drawn(14), drawn(14).mean() + 1e-8, 6, None),
        (drawn(14), drawn(14).mean() + 2e-10, 6, MEAN),
        (drawn(15), drawn(15).mean(), 5, None),  # not more than five times as often as the others
        (drawn(14), np.median(drawn(14)), 6, MEDIAN),
        (drawn(15), np.median(drawn(15)), 6, MIDDLE),  # of an odd number it is one of them
        (drawn(15), np.sort(drawn(15))[6], 6, None),
        (np.full(14, 0.123456789), 0.123456789, 6, None),
        (np.arange(14.0), 6.5, 6, None),  # a round number is a level
    ],
)
def test_gaps_that_hold_what_the_others_tell(known, value, gaps, found):
    values = filled(known, value, gaps)
    assert _filled(values, np.array([0, len(values)])) == found
    if len(values) == 20:
        assert _filled(np.r_[values, np.nan, np.inf], np.array([0, len(values) + 2])) == found


def test_the_value_that_comes_most_often():
    assert _most_frequent(np.array([1.0, 2.0, 2.0, 2.0, 3.0, 3.0])) == (2.0, 3, 2)
    assert _most_frequent(np.array([1.0, 1.0, 4.0])) == (1.0, 2, 1)
    assert _most_frequent(np.array([5.0, 5.0])) == (5.0, 2, 0)


@pytest.mark.parametrize(
    ("statistics", "found"),
    [
        ([np.mean] * 3, BY_CYCLE),
        ([np.median] * 3, BY_CYCLE),
        ([np.mean] * 2, None),
        ([np.mean] * 4 + [np.max], BY_CYCLE),  # in four of five
        ([np.mean] * 3 + [np.max], None),
        ([np.mean] * 3 + [None], BY_CYCLE),  # a cycle without gaps says nothing
    ],
)
def test_gaps_that_hold_the_middle_of_their_cycle(statistics, found):
    parts = [drawn(10, seed=k) for k in range(len(statistics))]
    parts = [
        part if of is None else filled(part, of(part), 2)
        for part, of in zip(parts, statistics, strict=True)
    ]
    bounds = np.cumsum([0, *map(len, parts)])
    values = np.concatenate(parts)
    assert _filled_by_cycle(values, bounds) == found
    assert _filled(values, bounds) == found


@pytest.mark.parametrize("rows", [4, 5])
def test_short_cycles_are_not_judged(rows):
    parts = [filled(drawn(rows - 2, seed=k), drawn(rows - 2, seed=k).mean(), 2) for k in range(6)]
    found = _filled_by_cycle(np.concatenate(parts), np.arange(7) * rows)
    assert found == (BY_CYCLE if rows == 5 else None)


def test_what_is_said_of_filled_gaps():
    log = of_cycles(
        {name: filled(drawn(94, k), drawn(94, k).mean(), 6) for k, name in enumerate("ab")}
    )
    (found,) = filled_findings(case(log, drawn(100, 9)))
    assert (found.severity, found.kind, found.channel, found.effect) == (
        "leak",
        "test_statistics",
        "a, b",
        2.0,
    )
    assert found.what == (
        "'a', 'b': gaps hold the mean of all other rows, which was learned from test rows, too."
    )
    middle = {
        name: filled(drawn(95, k), np.median(drawn(95, k)), 7) for k, name in enumerate("abc")
    }
    for names, severity in [("a", None), ("ab", "warning"), ("abc", "leak")]:
        log = of_cycles({name: middle[name] for name in names}, 2)
        found = [one.severity for one in filled_findings(case(log, drawn(102, 9)))]
        assert found == ([severity] if severity else [])


def test_names_for_a_sentence():
    assert some(list("abcd")) == "'a', 'b', 'c', 'd'"
    assert some(list("abcdef")) == "'a', 'b', 'c', 'd' and 2 more"


OF_ROW = np.repeat(np.arange(6), (5, 6, 7, 8, 9, 10))
TARGET = drawn(45) + OF_ROW**1.5
LEVELS = Levels(np.zeros(6), OF_ROW, np.bincount(OF_ROW))
MEANS = LEVELS.mean(TARGET)


def test_means_by_level():
    np.testing.assert_allclose(MEANS, pd.Series(TARGET).groupby(OF_ROW).mean())
    share = LEVELS.counts * TARGET.var()
    share = share / (share + pd.Series(TARGET).groupby(OF_ROW).var(ddof=0).to_numpy())
    expected = share * MEANS + (1 - share) * TARGET.mean()
    np.testing.assert_allclose(_drawn(LEVELS, TARGET, MEANS), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (MEANS, "the mean"),
        (pd.Series(TARGET).groupby(OF_ROW).median().to_numpy(), "the median"),
        (_drawn(LEVELS, TARGET, MEANS), "the mean, drawn to that of all rows,"),
        (3.0 - 2.0 * MEANS, "the mean, scaled,"),
        (
            (LEVELS.counts * MEANS + 10.0 * 1.7) / (LEVELS.counts + 10.0),
            "the mean, drawn to one value,",
        ),
        (MEANS + 1e-7 * drawn(6), ""),
        (MEANS * np.r_[1.0, -1.0, 1.0, -1.0, 1.0, -1.0], ""),
        (np.arange(6.0), ""),
    ],
)
def test_which_mean_of_the_target_a_column_is(values, words):
    assert _means(LEVELS._replace(values=values), TARGET) == words


def test_four_levels_on_a_line_are_chance():
    of_row = OF_ROW[OF_ROW < 4]
    y = TARGET[: len(of_row)]
    four = Levels(np.zeros(4), of_row, np.bincount(of_row))
    assert _means(four._replace(values=2.0 * four.mean(y)), y) == ""
    assert _means(four._replace(values=four.mean(y)), y) == "the mean"
    of_row, y = OF_ROW[OF_ROW < 5], TARGET[OF_ROW < 5]
    five = Levels(np.zeros(5), of_row, np.bincount(of_row))
    assert _means(five._replace(values=2.0 * five.mean(y)), y) == "the mean, scaled,"


def test_even_steps_and_lines():
    assert _is_even(np.array([3.0, 1.0, 2.0]))
    assert not _is_even(np.array([3.0, 1.0, 2.1]))
    x = drawn(8)
    assert _on_a_line(x, 2.0 - 3.0 * x)
    assert not _on_a_line(x, 2.0 - 3.0 * x + 1e-7 * drawn(8, 1))
    assert not _on_a_line(x, np.ones(8))
    assert not _on_a_line(np.ones(8), x)


@pytest.mark.parametrize(
    ("column", "n_levels"),
    [
        (np.repeat([1.0, 2.0], 5), 2),
        (np.repeat([1.0, 2.0], [5, 4]), None),  # fewer than five rows to a level
        (np.ones(10), None),
        (np.r_[np.repeat([1.0, 2.0], 8), np.nan], None),
        (np.repeat(np.arange(400.0), 5), 400),
        (np.repeat(np.arange(401.0), 5), None),
        (np.repeat(["a", "b"], 5), 2),
    ],
)
def test_columns_of_few_values(column, n_levels):
    found = _levels(pd.Series(column))
    assert (None if found is None else len(found.values)) == n_levels
    if found is not None:
        assert found.counts.tolist() == [5] * n_levels
        assert found.values[1] == (2.0 if column[0] == 1.0 else 1.0)


def test_a_value_that_changes_only_with_the_cycle():
    cycle = np.repeat([0, 1, 2], 3)
    assert _is_constant(np.repeat([0, 1, 0], 3), cycle)
    assert not _is_constant(np.array([0, 0, 1, 1, 1, 1, 1, 1, 1]), cycle)


def test_the_mean_of_all_rows_but_one():
    sums, n = np.bincount(OF_ROW, TARGET), np.bincount(OF_ROW)
    column = (sums[OF_ROW] - TARGET) / (n[OF_ROW] - 1)
    assert _without_itself(column, {3: LEVELS}, TARGET) == "the mean, without the row itself,"
    column[7] += 1e-6
    assert _without_itself(column, {3: LEVELS}, TARGET) == ""
    assert _without_itself(column, {}, TARGET) == ""
    single = Levels(np.zeros(2), np.r_[np.zeros(44, int), 1], np.array([44, 1]))
    assert _without_itself(column, {0: single}, TARGET) == ""


def test_what_is_said_of_an_encoded_category():
    order = np.random.default_rng(1).permutation(np.tile(OF_ROW, 4))
    y = drawn(180) + order
    by = pd.Series(y).groupby(order)
    without = (by.transform("sum") - y) / (by.transform("size") - 1)
    columns = {
        "kind": order,
        "code": by.transform("mean"),
        "other": without,
        "plain": drawn(180, 5),
    }
    log = of_cycles({name: np.asarray(values) for name, values in columns.items()})
    found = list(encoded_findings(case(log, y)))
    assert [(one.severity, one.kind, one.channel) for one in found] == [
        ("leak", "target_in_inputs", "code"),
        ("leak", "target_in_inputs", "other"),
    ]
    assert found[0].what == (
        "Channel 'code' was encoded by the target 'y': it is the mean of it over all rows of one "
        "value, test rows among them."
    )
    assert list(encoded_findings(case(log, np.zeros(180)))) == []
    assert list(encoded_findings(case(log, np.r_[np.nan, y[1:]]))) == []
    whole = np.repeat(np.arange(4.0), 45)
    means = pd.Series(y).groupby(whole).transform("mean").to_numpy()
    assert list(encoded_findings(case(of_cycles({"own": means}), y))) == [], "told elsewhere"
