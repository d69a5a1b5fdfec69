"""What steps hold and how it is altered; what a column was made of; piece by piece."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.leaks._altered import altered, tables_in
from signalprep.leaks._carried import carried_findings
from signalprep.leaks._changes import Change
from signalprep.leaks._finding import Finding, findings_table
from signalprep.leaks._held import held_by, numbers_of
from signalprep.leaks._held_checks import _fitted_values, _same_values
from signalprep.leaks._held_rows import _aligned, _among, _known, _long, _match, _numbers
from signalprep.leaks._own_cycles import _is_target, _moment, _other_target, _seconds_like, _tested
from signalprep.leaks._preparation import _size
from signalprep.leaks._prepare import check_preparation, function_of, steps_of
from signalprep.leaks._stages import Trace, names_of, opening, words
from signalprep.trial import Case

TABLE = np.array([1.0, 2.0, 4.0])
FRAME = pd.DataFrame({"a": [1.0, 3.0], "n": [1, 2]})


def uses_outside(X):
    return X * TABLE[0]


def enclosing(table):
    def inner(X, extra=FRAME, *, more=None):
        return X + table[0] + extra["a"].iloc[0] + (0.0 if more is None else more[0])

    return inner


class Bound:
    def __init__(self, table):
        self.table = table

    def method(self, X):
        return X + self.table[0]


def names(thing):
    return [path for path, _ in tables_in(thing)]


def test_tables_are_found_by_name():
    assert names(TABLE) == [""]
    assert names(np.array([1.0])) == [], "one number is no table"
    assert names({"x": 1.0, "y": 2.0}) == [""]
    assert names({"x": 1.0, "y": "word"}) == []
    assert names([1.0, 2.0]) == [""]
    assert names([1, 2]) == [], "whole numbers are settings"
    assert names({"deep": {"deeper": TABLE}}) == ["deeper"]
    assert names([[[[TABLE]]]]) == [""]
    assert names([[[[[TABLE]]]]]) == [], "too deep"
    assert names(FunctionTransformer(uses_outside)) == ["TABLE"]
    assert sorted(names(enclosing(TABLE))) == ["extra", "table"]
    assert names(functools.partial(uses_outside, TABLE)) == ["TABLE", "args"]
    assert names(Ridge()) == []


def test_a_table_is_altered_and_nothing_else():
    ten = np.zeros(3)
    inner = enclosing(TABLE)
    other = altered(inner, TABLE)
    moved = TABLE * 1.1 + TABLE.std()
    np.testing.assert_allclose(other(ten), ten + moved[0] + 1.0)
    np.testing.assert_allclose(inner(ten), ten + 1.0 + 1.0)
    framed = altered(inner, FRAME)
    np.testing.assert_allclose(framed(ten), ten + 1.0 + 1.0 * 1.1 + FRAME["a"].std(ddof=0))
    assert FRAME["a"].tolist() == [1.0, 3.0]
    keyed = enclosing(TABLE)
    keyed.__kwdefaults__ = {"more": TABLE}
    np.testing.assert_allclose(altered(keyed, TABLE)(ten), ten + 2 * moved[0] + 1.0)
    outside = altered(uses_outside, TABLE)
    np.testing.assert_allclose(outside(np.ones(1)), moved[:1])
    np.testing.assert_allclose(uses_outside(np.ones(1)), [1.0])
    step = FunctionTransformer(uses_outside)
    np.testing.assert_allclose(altered(step, TABLE).func(np.ones(1)), moved[:1])
    assert step.func is uses_outside
    partial = functools.partial(enclosing(TABLE), more=TABLE)
    np.testing.assert_allclose(altered(partial, TABLE)(ten), ten + 2 * moved[0] + 1.0)
    assert altered(step, FRAME) is step


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (np.array([1, 2]), [1, 2]),
        ([1.0, 3.0], [2.1, 4.3]),
        ((1.0, 3.0), (2.1, 4.3)),
        ({"a": 2.0, "b": 2.0}, {"a": 3.2, "b": 3.2}),
        (np.array([2.0, 2.0]), [3.2, 3.2]),
    ],
)
def test_other_numbers(table, expected):
    found = altered(table, table)
    if isinstance(expected, dict):
        assert found == pytest.approx(expected)
    else:
        np.testing.assert_allclose(found, expected)
        assert type(found) is type(table)


def test_numbers_held_by_parameters():
    def held(thing):
        return [(path, np.ravel(value).tolist()) for path, value in held_by(thing)]

    assert held(3.5) == [("", [3.5])]
    assert held(True) == held("word") == held(None) == held(Ridge) == []
    assert held({"a": [1.5, {"b": 2.5}]}) == [("['a']", [1.5]), ("['a']['b']", [2.5])]
    assert held([[[[1.5]]]]) == [("", [1.5])]
    assert held([[[[[1.5]]]]]) == []
    assert [path for path, _ in held_by(uses_outside)] == ["TABLE"]
    assert held(Bound(TABLE).method) == []
    assert [path for path, _ in held_by(functools.partial(uses_outside, 2.5))] == ["TABLE", ""]
    assert numbers_of(np.array([[1.0, np.nan], [np.inf, 2.0]])).tolist() == [1.0, 2.0]
    assert numbers_of(pd.DataFrame({"a": [1.5], "w": ["x"]})).tolist() == [1.5]
    assert len(numbers_of(np.ones(100_000))) == 100_000
    assert len(numbers_of(np.ones(100_001))) == len(numbers_of("word")) == 0


def test_numbers_that_an_estimator_learned():
    step = Ridge()
    step.coef_, step.n_features_in_, step.how_ = np.array([1.5, 2.5]), 2, "by hand"
    step.by_name_, step.hidden__, step.plain = {"a": 1.0}, 3.5, 4.5
    found = _fitted_values(step)
    assert {name: value.tolist() for name, value in found.items()} == {"coef_": [1.5, 2.5]}
    pipe = make_pipeline(StandardScaler(), step)
    pipe[0].mean_ = np.array([7.0])
    assert sorted(_fitted_values(pipe)) == ["ridge.coef_", "standardscaler.mean_"]
    assert _same_values(found, {"coef_": np.array([1.5, 2.5 * (1 + 0.9e-6)])})
    assert not _same_values(found, {"coef_": np.array([1.5, 2.5 * (1 + 1.2e-6)])})
    assert not _same_values(found, {"coef_": np.array([1.5])})
    assert not _same_values(found, {"other_": found["coef_"]})
    assert not _same_values({}, {})


# columns made of others


def log_of(seed=0, lengths=(150,) * 5):
    rng = np.random.default_rng(seed)
    cycle = np.repeat(np.arange(len(lengths)), lengths)
    time = np.concatenate([np.arange(float(n)) for n in lengths])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    x = np.concatenate([rng.normal(size=n) + 3.0 * rng.normal() for n in lengths])
    return pd.DataFrame({"x": x, "z": rng.normal(size=len(cycle))}, index=index)


def case(log, y=None):
    folds = list(sp.CycleKFold(min(3, log.index.codes[0].max() + 1)).split(log))
    if y is None:
        y = pd.Series(np.random.default_rng(9).normal(size=len(log)), log.index, name="y")
    return Case(estimator=None, X=log, y=y, folds=folds, cv="cv")


MADE = {
    "sum": (lambda x: x.cumsum(), "the running sum of 'x', across cycle borders"),
    "mean": (
        lambda x: x.ewm(alpha=0.1, adjust=False).mean(),
        "the exponential mean of 'x', across",
    ),
    "window": (lambda x: x.rolling(7).mean().bfill(), "the moving mean over 7 rows of 'x', across"),
    "diff": (lambda x: x.diff().fillna(0.0), "the difference from row to row of 'x', across"),
    "shift": (lambda x: x.shift(3).bfill(), "the value 3 rows before of 'x', across"),
}


@pytest.mark.parametrize("how", MADE)
def test_columns_carried_over_borders(how):
    make, words = MADE[how]
    log = log_of(lengths=(150,) * 8)
    log["made"] = make(log["x"])
    found = [one for one in carried_findings(case(log)) if one.channel == "made"]
    assert len(found) == 1, found
    assert (found[0].severity, found[0].kind) == ("leak", "bleeding")
    assert words in found[0].what
    log["made"] = log["x"].groupby("cycle", group_keys=False).apply(make)
    assert not [one for one in carried_findings(case(log)) if one.channel == "made"]


@pytest.mark.parametrize(("rows", "centred"), [(4, False), (7, True)])
def test_columns_made_of_later_rows(rows, centred):
    log = log_of()
    by_cycle = log["x"].groupby("cycle", group_keys=False)
    if centred:
        made = by_cycle.apply(lambda x: x.rolling(rows, center=True, min_periods=1).mean())
        words, ahead = f"the mean over {rows} rows around each of 'x', which looks 3", 3.0
    else:
        made = by_cycle.apply(lambda x: x.shift(-rows).ffill())
        words, ahead = f"the value {rows} rows after of 'x', which looks {rows}", float(rows)
    log["made"] = made
    (found,) = [one for one in carried_findings(case(log)) if one.channel == "made"]
    assert (found.severity, found.kind, found.effect) == ("leak", "lookahead", ahead)
    assert words in found.what


# test rows and tables of them


def test_values_among_others_to_eleven_digits():
    numbers = np.array([1.0, 2.0, 3.0])
    assert _among(np.array([2.0 * (1 + 0.9e-11), 3.0 * (1 - 0.9e-11), 5.0]), numbers) == 2
    assert _among(np.array([2.0 * (1 + 1.2e-11), 0.5, 9.0]), numbers) == 0
    assert _long(np.array([1.5, np.nan, 0.12345, 0.123456, 1 / 3, 1 / 3])).tolist() == [
        0.123456,
        1 / 3,
    ]
    assert _numbers({"a": 1.5, "b": np.nan}).tolist() == [1.5]
    assert _numbers(["a", "b"]).tolist() == []
    assert _numbers(pd.DataFrame({"a": [1.5], "w": ["x"]})).tolist() == [1.5]


def test_tables_made_of_test_rows():
    log = log_of()
    one = case(log)
    tested = one.whole[0][1]
    known = list(_known(one))
    words = [each.words for each in known]
    assert "the target 'y' of test rows" in words
    assert "channel 'x' of test rows" in words
    assert "the mean of the target 'y' in test cycles" in words
    y = one.y.to_numpy()
    assert _match(y[tested], known).words == "the target 'y' of test rows"
    assert _match(log["x"].to_numpy()[tested], known).words == "channel 'x' of test rows"
    fewest = next(each.fewest for each in known if each.words == "the target 'y' of test rows")
    assert fewest == int(0.2 * len(tested))
    assert _match(y[tested[:fewest]], known) is not None
    assert _match(y[tested[: fewest - 1]], known) is None
    means = one.y.groupby("cycle").mean().to_numpy()
    assert "mean of the target" in _match(means, known).words
    assert _match(np.random.default_rng(3).normal(size=500), known) is None
    assert _match(np.array(["a"]), known) is None


def test_rounded_tables_at_their_own_places():
    log = log_of()
    y = log["x"].round(1).rename("y")
    one = case(log[["z"]], y)
    found = _aligned(one, y)
    assert (found.kind, found.words) == ("target_in_inputs", "the target 'y' of test rows")
    assert _aligned(one, y.to_numpy()).words == found.words
    assert _aligned(one, y.sample(frac=1.0, random_state=0).to_numpy()) is None
    last = y.groupby("cycle").last()
    assert _aligned(one, last).words == "the last value of the target 'y' in test cycles"
    assert _aligned(one, last.to_dict()).words == "the last value of the target 'y' in test cycles"
    assert _aligned(one, last + 1.0) is None
    assert _aligned(one, [1.0, 2.0]) is None


# the own cycle's target and moments


def test_the_target_in_its_own_numbers():
    log = log_of()
    one = case(log[["z"]], log["x"].rename("y"))
    assert _is_target(one, log["x"])
    assert _is_target(one, log["x"] * (1 + 0.9e-6))
    assert not _is_target(one, log["x"] * (1 + 1.2e-6))
    assert not _is_target(one, -log["x"])
    assert _is_target(one, log["x"].iloc[: len(log) // 2])
    assert not _is_target(one, log["x"].iloc[: len(log) // 2 - 1])
    assert not _is_target(one, log["x"].astype(str))


def test_another_target():
    y = pd.Series([0.0, 1.0, 10.0])
    rows = np.array([False, True, True])
    np.testing.assert_allclose(_other_target(y, rows), [0.0, 0.7 * 9 + 3, 0.7 * 0 + 3])
    labels = pd.Series(["a", "b", "c", "a"])
    assert _other_target(labels, np.array([1, 1, 1, 0], bool)).tolist() == ["c", "a", "b", "a"]
    whole = _other_target(pd.Series([1, 2, 1]), np.array([1, 1, 0], bool))
    assert whole.tolist() == [2, 1, 1]
    assert whole.dtype == np.int64


def test_test_cycles_with_their_gaps():
    log = log_of(lengths=(8, 3, 12, 9, 10, 11))
    log = log.drop(log.index[3])
    log.iloc[12:14, 0] = np.nan
    folds = [(np.flatnonzero(log.index.codes[0] > 2), np.flatnonzero(log.index.codes[0] <= 2))]
    y = pd.Series(np.arange(len(log), dtype=float), log.index)
    one = Case(None, log, y, folds, "cv", raw=log, prepare=lambda raw: raw)
    first, second = _tested(one)
    assert (first.name, first.start, first.stop) == (0, 0, 7)
    assert first.after_gaps.tolist() == [3]
    assert (second.name, second.after_gaps.tolist()) == (2, [4])
    rng = np.random.default_rng(0)
    assert {_moment(first, rng, at_gap=True) for _ in range(5)} == {3}
    drawn = {_moment(second, rng, at_gap=False) for _ in range(60)}
    assert drawn == set(range(3, 9))
    dates = log.copy()
    stamps = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(log)), unit="s")
    dates.index = pd.MultiIndex.from_arrays(
        [log.index.get_level_values(0), stamps], names=["cycle", "time"]
    )
    assert _seconds_like(dates.iloc[5:8], dates).tolist() == [5.0, 6.0, 7.0]
    assert _seconds_like(log.iloc[:3], log).tolist() == [0.0, 1.0, 2.0]


# preparation


def prepared(prepare, X=None):
    log = log_of()
    y = pd.Series(np.arange(len(log), dtype=float), log.index)
    folds = list(sp.CycleKFold(3).split(log))
    return Case(None, log if X is None else X, y, folds, "cv", raw=log, prepare=prepare)


def test_preparation_must_give_what_it_gave():
    log = log_of()
    check_preparation(prepared(lambda raw: raw))
    check_preparation(prepared(lambda raw, y: raw.assign(x=raw["x"] + 0 * y)))
    check_preparation(prepared(lambda raw, copy=True: raw))
    check_preparation(prepared(lambda raw: raw * (1 + 0.9e-6)))
    check_preparation(prepared(lambda raw: raw.to_numpy()))
    check_preparation(prepared(lambda raw: raw.reset_index(drop=True)))
    for prepare, error, message in [
        (lambda raw: raw * (1 + 3e-6), InvalidParameterError, "channel 'x' differs at row 0"),
        (lambda raw: raw[["z", "x"]], InvalidParameterError, "got 750 rows of z, x"),
        (lambda raw: raw.iloc[1:], InvalidParameterError, "got 749 rows of x, z"),
        (lambda raw: raw.to_numpy()[1:], InvalidLogError, "must give a log.*got ndarray"),
        ("mean", InvalidParameterError, "must be a function or a transformer; got str"),
    ]:
        with pytest.raises(error, match=message):
            check_preparation(prepared(prepare))
    with pytest.raises(InvalidLogError, match="raw must be a log"):
        check_preparation(Case(None, log, log["x"], [], "cv", raw=log.to_numpy(), prepare=len))
    with pytest.raises(InvalidParameterError, match="must be given together"):
        check_preparation(Case(None, log, log["x"], [], "cv", raw=log))
    check_preparation(Case(None, log, log["x"], [], "cv"))


def test_steps_of_a_preparation():
    def halve(raw):
        return raw / 2

    assert [name for name, _ in steps_of(halve)] == ["prepare > halve"]
    pipe = make_pipeline(FunctionTransformer(halve), StandardScaler())
    named = steps_of(pipe)
    assert [name for name, _ in named] == [
        "prepare > functiontransformer",
        "prepare > standardscaler",
    ]
    log = log_of()
    pd.testing.assert_frame_equal(named[0][1](log, None), log / 2)
    assert function_of(StandardScaler())(log, None).columns.tolist() == ["x", "z"]


def test_the_gravest_come_first():
    kinds = [
        ("note", "not_probed"),
        ("leak", "lookahead"),
        ("warning", "memory"),
        ("leak", "bleeding"),
    ]
    table = findings_table([Finding(a, b, "", "", 1, "", "") for a, b in kinds])
    assert table["severity"].tolist() == ["leak", "leak", "warning", "note"]
    assert table["kind"].tolist() == ["lookahead", "bleeding", "memory", "not_probed"]
    assert table["remedy"].str.len().min() > 10
    assert table["effect"].dtype == np.float64
    assert findings_table([]).shape == (0, 8)


@pytest.mark.parametrize(
    ("fitted_on", "severity", "words"),
    [
        ("all", "leak", "its numbers are those of a fit on all rows, test rows among them"),
        ("others", "warning", "it does not remember on which cycles, so test cycles may be among"),
        ("training", None, ""),
    ],
)
def test_what_was_fitted_before_the_folds(fitted_on, severity, words):
    log = log_of(lengths=(40,) * 4)
    folds = [(np.arange(80), np.arange(80, 160))]
    rows = {"all": log, "others": 2.0 * log.iloc[:50], "training": log.iloc[:80]}[fitted_on]
    scaler = FrozenEstimator(StandardScaler().set_output(transform="pandas").fit(rows))
    y = pd.Series(np.arange(160.0), log.index, name="y")
    check = "steps that hold statistics of test rows"
    model = sp.make_pipeline(scaler, Ridge())
    found = sp.audit(model, log, y, cv=folds, checks=[check]).findings
    assert found["severity"].tolist() == ([severity] if severity else [])
    assert words in "".join(found["what"])


def test_steps_in_words():
    log = log_of(lengths=(30,) * 3)
    model = sp.make_pipeline(FunctionTransformer(np.abs), sp.Scaler(), Ridge())
    trace = Trace.of(model.fit(log, log["x"]), log)
    stages = [one.stage for one in trace.passed]
    assert [opening(stage) for stage in stages] == [
        "Step 'functiontransformer' (FunctionTransformer of absolute)",
        "Step 'scaler' (Scaler)",
        "Step 'ridge' (Ridge)",
    ]
    assert words(stages[1]) == "step 'scaler' (Scaler)"
    assert [names_of(one.stage, one.out) for one in trace.passed[:2]] == [["x", "z"]] * 2
    assert names_of(stages[2], np.zeros((3, 2))) == ["prediction"] * 2
    assert names_of(stages[0], np.zeros((3, 2))) == ["column 0", "column 1"]
    assert trace.bounds(1).tolist() == [0, 30, 60, 90]
    assert trace.lost_by() is None
    lost = make_pipeline(FunctionTransformer(lambda X: X.to_numpy()), Ridge())
    assert Trace.of(lost.fit(log, log["x"]), log).lost_by() == 0


def test_sizes_of_changes_in_words():
    rows = np.array([True])
    assert _size(Change(rows, 0, 2.5, 0.5)) == "2.5 (0.5 times its spread)"
    assert _size(Change(rows, 0, np.inf, np.inf)) == "a value that is missing in one case only"
