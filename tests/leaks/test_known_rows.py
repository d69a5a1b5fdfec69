"""What of a log a step must not hold: how many values tell, of how many cycles and levels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp
from signalprep.leaks._held_rows import (
    Known,
    _aligned,
    _known,
    _match,
    _means_by_level,
    _same_column,
    held_row_findings,
)
from signalprep.leaks._stages import Trace
from signalprep.trial import Case


def case(rows=12, n_cycles=4, tested=(2, 3), **columns):
    rng = np.random.default_rng(0)
    n = rows * n_cycles
    index = pd.MultiIndex.from_product(
        [range(n_cycles), np.arange(float(rows))], names=["cycle", "time"]
    )
    X = pd.DataFrame({"a": rng.normal(size=n)}, index).assign(**columns)
    y = pd.Series(rng.normal(size=n), index, name="y")
    test = np.isin(index.codes[0], tested)
    return Case(None, X, y, [(np.flatnonzero(~test), np.flatnonzero(test))], "cv")


def fewest(one):
    return {each.words: each.fewest for each in _known(one)}


@pytest.mark.parametrize(("rows", "told"), [(10, True), (9, False)])
def test_ten_values_of_test_rows(rows, told):
    found = fewest(case(rows, tested=(3,)))
    assert ("the target 'y' of test rows" in found) is told
    assert ("channel 'a' of test rows" in found) is told
    assert "the mean of the target 'y' in test cycles" not in found, "one cycle is no table"


def test_how_many_must_be_held():
    found = fewest(case(40, tested=(2, 3)))
    assert found["the target 'y' of test rows"] == 16
    assert found["channel 'a' of test rows"] == 16
    assert found["the mean of the target 'y' in test cycles"] == 2
    assert found["the rise of channel 'a' in test cycles"] == 2
    many = fewest(case(5, 12, tested=range(2, 12)))
    assert many["the mean of the target 'y' in test cycles"] == 5
    few = fewest(case(12, 4))
    assert few["the target 'y' of test rows"] == 10


def test_rounded_values_and_gaps_say_nothing():
    one = case()
    plain = Case(None, one.X.round(2), one.y.round(3), one.folds, "cv")
    assert "the target 'y' of test rows" not in fewest(plain)
    holed = one.X.assign(a=one.X["a"].where(np.arange(48) != 30))
    found = fewest(Case(None, holed, one.y, one.folds, "cv"))
    assert "the mean of channel 'a' in test cycles" not in found, "one cycle is left"
    assert "channel 'a' of test rows" in found


@pytest.mark.parametrize(("levels", "least"), [(1, None), (2, 2), (7, 3), (100, 50), (101, None)])
def test_means_of_the_target_by_level(levels, least):
    codes = np.tile(np.arange(levels), 404 // levels + 1)[:404]
    one = case(101, c=codes, a=0.0)
    known = list(_means_by_level(one, one.numbers(), "y", one.whole[0][0]))
    assert [each.fewest for each in known] == ([] if least is None else [least])
    if least is not None:
        assert known[0].kind == "target_in_inputs"
        assert known[0].words == "the mean of the target 'y' by 'c' over all rows"
        means = one.y.groupby(codes).mean().to_numpy()
        np.testing.assert_allclose(known[0].numbers, np.sort(means))
        assert _match(means[:least], known) is known[0]
        assert _match(means[: least - 1], known) is None


def test_values_at_their_own_places():
    one = case(rows=10)
    assert _aligned(one, one.y).words == "the target 'y' of test rows"
    assert _aligned(one, one.X["a"]).words == "channel 'a' of test rows"
    assert _aligned(one, one.X["a"]).kind == "test_statistics"
    assert _aligned(one, one.y.iloc[31:]) is None, "nine rows"
    assert _aligned(one, one.y.iloc[30:]) is None, "half of them"
    nearly = one.y.copy()
    nearly.iloc[20:22] += 1.0
    assert _aligned(one, nearly) is None, "18 of 20"
    nearly.iloc[20] = one.y.iloc[20]
    assert _aligned(one, nearly) is not None, "19 of 20"
    assert _aligned(one, pd.concat([one.y, one.y])) is None, "which of them?"
    tops = one.X["a"].groupby("cycle").max()
    assert _aligned(one, tops).words == "the maximum of channel 'a' in test cycles"
    assert _aligned(one, tops.loc[[3]]) is None, "one cycle"
    lows = one.y.groupby("cycle").min().to_dict()
    assert _aligned(one, lows).words == "the minimum of the target 'y' in test cycles"


def test_columns_that_are_the_same_where_something_moves():
    one = case(rows=10)
    held = pd.DataFrame({"k": np.r_[np.ones(10), 2.0]})
    made = {"{} of test rows": pd.DataFrame({"a": np.r_[np.ones(10), 3.0]})}
    assert _same_column(one, held, made, 10) is None, "a constant"
    wanted = np.arange(11.0)
    made = {"{} of test rows": pd.DataFrame({"a": wanted})}
    for off, same in [(0.9e-9, True), (1.2e-9, False)]:
        held = pd.DataFrame({"k": wanted * (1.0 + off)})
        found = _same_column(one, held, made, 10)
        assert isinstance(found, Known) is same
    assert _same_column(one, pd.DataFrame({"k": wanted}), made, 12) is None


def moved(X, by, names=None):
    return X + by[0] + (0.0 if names is None else names[0])


def test_a_step_that_holds_two_tables_is_told_once():
    one = case()
    test = one.whole[0][1]

    def found(**tables):
        step = FunctionTransformer(moved, kw_args=tables)
        model = sp.make_pipeline(step, Ridge()).fit(one.X, one.y)
        return list(held_row_findings(one, Trace.of(model, one.X)))

    y, a = one.y.to_numpy()[test], one.X["a"].to_numpy()[test]
    (told,) = found(by=y, names=a)
    assert (told.severity, told.kind, told.step) == (
        "leak",
        "target_in_inputs",
        "functiontransformer",
    )
    assert "holds the target 'y' of test rows" in told.what
    assert told.what.endswith("and gives other values for them without.")
    (told,) = found(by=np.arange(24.0), names=a)
    assert (told.kind, "channel 'a' of test rows" in told.what) == ("test_statistics", True)
    assert found(by=np.arange(24.0)) == []
