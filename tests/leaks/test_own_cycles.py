"""Preparation of test cycles: how far ahead it looks, whose target it takes, beside whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.leaks._own_cycles import (
    Cycle,
    _is_target,
    _moment,
    beside_each_other,
    earlier_rows,
    own_target,
)
from signalprep.leaks._preparation import _changed, preparation_findings
from signalprep.trial import Case

LENGTHS = (24, 22, 26, 20)
STEP = 0.5


def raw_log(lengths=LENGTHS, gap=None):
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(len(lengths)), lengths)
    time = np.concatenate([STEP * np.arange(n) for n in lengths])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    values = np.cumsum(rng.normal(size=(len(cycle), 2)), axis=0)
    raw = pd.DataFrame(values, index=index, columns=["a", "b"])
    if gap is not None:
        raw.iloc[gap, 0] = np.nan
    return raw


def case(prepare, raw=None, tested=(1, 2), y=None, with_y=False):
    raw = raw_log() if raw is None else raw
    if y is None:
        y = pd.Series(
            np.cumsum(np.random.default_rng(5).normal(size=len(raw))), raw.index, name="y"
        )
    X = prepare(raw, y)
    codes = X.index.get_level_values("cycle")
    test = np.flatnonzero(codes.isin(tested))
    folds = [(np.setdiff1d(np.arange(len(X)), test), test)]
    given = prepare if with_y else (lambda raw: prepare(raw, None))
    return Case(None, X, y.loc[X.index], folds, "cv", raw=raw, prepare=given)


def shifted(rows):
    def prepare(raw, y):
        moved = raw.groupby(level="cycle", sort=False).shift(-rows)
        return moved.groupby(level="cycle", sort=False).ffill().fillna(0.0)

    return prepare


@pytest.mark.parametrize("tested", [(1, 2), (2,)])
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_seconds_that_rows_look_ahead(rows, tested):
    found = earlier_rows(case(shifted(rows), tested=tested), shifted(rows))
    assert (0.0 if found is None else found[0]) == rows * STEP
    assert found is None or found[1] in ("a", "b")


def test_first_rows_that_are_filled_from_behind():
    def prepare(raw, y):
        first = raw.groupby(level="cycle").cumcount() == 0
        return raw.mask(first).groupby(level="cycle").bfill()

    found = earlier_rows(case(prepare), prepare)
    assert found is not None
    assert found[0] >= STEP


def test_gaps_that_are_drawn_over_look_ahead():
    def drawn(raw, y):
        by_cycle = raw.groupby(level="cycle", sort=False)
        return (by_cycle.ffill().fillna(0.0) + by_cycle.bfill().fillna(0.0)) / 2

    holed = raw_log(gap=[30, 31, 60])
    found = earlier_rows(case(drawn, holed), drawn)
    assert found is not None
    assert found[1] == "a"
    assert found[0] >= 2 * STEP
    assert earlier_rows(case(drawn), drawn) is None, "nothing is missing"

    def held(raw, y):
        return raw.groupby(level="cycle", sort=False).ffill().fillna(0.0)

    assert earlier_rows(case(held, holed), held) is None


def test_spikes_that_are_replaced_by_what_comes_next():
    def prepare(raw, y):
        return raw.mask(raw.abs() > 60.0).groupby(level="cycle").bfill().fillna(0.0)

    found = earlier_rows(case(prepare), prepare)
    assert found is not None
    assert found[0] >= STEP

    def refuses(raw, y):
        if (raw.abs() > 60.0).any(axis=None):
            raise ValueError("no such rows")
        return shifted(2)(raw, y)

    found = earlier_rows(case(refuses), refuses)
    assert found is not None
    assert found[0] == 2 * STEP


def test_short_cycles_and_lost_columns_show_nothing():
    short = raw_log((24, 3, 3, 20))
    assert earlier_rows(case(shifted(2), short), shifted(2)) is None
    four = raw_log((24, 4, 4, 20))
    assert earlier_rows(case(shifted(1), four), shifted(1)) is not None
    whole = len(raw_log())

    def chooses(raw, y):
        return raw if len(raw) == whole else raw[["a"]]

    assert earlier_rows(case(chooses), chooses) is None


def test_the_target_of_test_rows():
    def adds(raw, y):
        return raw.assign(c=0.0 if y is None else y.groupby("cycle").cumsum())

    channel, change = own_target(case(adds, with_y=True), adds)
    assert (channel, change.column) == ("c", 2)

    def first(raw, y):
        return raw.assign(c=0.0 if y is None else y.groupby("cycle").transform("first"))

    assert own_target(case(first, with_y=True), first) is None, "how a drive starts may be known"
    plain = lambda raw, y: raw  # noqa: E731
    assert own_target(case(plain), plain) is None
    raw = raw_log().rename(columns={"b": "y"})

    def doubled(raw, y):
        return raw[["a"]].assign(c=2.0 * raw["y"])

    channel, change = own_target(case(doubled, raw, y=raw["y"]), doubled)
    assert channel == "c"


def test_test_cycles_beside_each_other():
    def carried(raw, y):
        return raw.assign(a=raw["a"].shift(1).bfill())

    ids, channel, change = beside_each_other(case(carried), carried)
    assert (ids.tolist(), channel) == ([2], "a")
    assert np.flatnonzero(change.rows).tolist() == [0]
    assert beside_each_other(case(carried, tested=(1,)), carried) is None
    assert beside_each_other(case(shifted(3)), shifted(3)) is None
    ids, _, _ = beside_each_other(case(carried, tested=(0, 1, 2, 3)), carried)
    assert ids.tolist() == [1, 3]


def test_what_training_rows_show():
    base = raw_log()
    trained = pd.Index([0, 3])
    assert _changed(base, base.copy(), trained) is None
    other = base.copy()
    other.loc[1] += 1.0
    assert _changed(base, other, trained) is None, "test rows may change"
    other.loc[3, "b"] = base.loc[3, "b"].to_numpy() + 2.0
    seen = _changed(base, other, trained)
    assert (seen.changed.tolist(), seen.channel, seen.beside) == ([3], "b", False)
    assert seen.change.size == pytest.approx(2.0)
    seen = _changed(base, other.rename(columns={"b": "c"}), trained)
    assert (seen.channel, seen.change) == ("b, c", None)
    seen = _changed(base, other.iloc[1:], trained)
    assert (seen.channel, seen.change.size, seen.changed.tolist()) == ("rows", np.inf, [0, 3])
    assert not seen.beside


@pytest.mark.parametrize(
    ("prepare", "kind", "words"),
    [
        (lambda raw: raw - raw.mean(), "test_statistics", "so it learned from test rows."),
        (lambda raw: raw.cumsum(), "bleeding", "across cycle borders."),
        (lambda raw: raw - raw.loc[[0, 3]].mean(), None, ""),
        (
            lambda raw: raw[[raw.loc[[1, 2]].std().idxmax()]],
            "feature_selection",
            "they were selected with test rows.",
        ),
    ],
)
def test_what_is_said_of_training_rows(prepare, kind, words):
    raw = raw_log()
    y = pd.Series(np.arange(len(raw), dtype=float), raw.index, name="y")
    codes = raw.index.codes[0]
    folds = [
        (np.flatnonzero((codes == 0) | (codes == 3)), np.flatnonzero((codes == 1) | (codes == 2)))
    ]
    found = list(
        preparation_findings(Case(None, prepare(raw), y, folds, "cv", raw=raw, prepare=prepare))
    )
    assert [(one.severity, one.kind) for one in found] == ([("leak", kind)] if kind else [])
    assert not found or found[0].what.endswith(words)


def test_the_target_among_raw_channels():
    one = case(lambda raw, y: raw, y=raw_log()["a"].rename("y"))
    assert _is_target(one, raw_log()["a"])
    assert not _is_target(one, raw_log()["b"])
    assert not _is_target(one, pd.Series(1.0, raw_log().index))


def test_moments_of_a_cycle():
    cycle = Cycle("c", 10, 14, STEP * np.arange(4), np.array([], dtype=int))
    drawn = {_moment(cycle, np.random.default_rng(seed), at_gap=True) for seed in range(30)}
    assert drawn == {1, 2}
    tiny = cycle._replace(stop=11)
    assert _moment(tiny, np.random.default_rng(0), at_gap=False) == 1


def test_test_cycles_that_are_carried_on_into_each_other_are_told():
    raw = raw_log()
    y = pd.Series(np.arange(len(raw), dtype=float), raw.index, name="y")
    train = np.flatnonzero(raw.index.codes[0] < 2)
    folds = [(train, np.arange(len(train), len(raw)))]

    def carried(raw):
        return raw.shift(1).bfill()

    one = Case(None, carried(raw), y, folds, "cv", raw=raw, prepare=carried)
    (found,) = preparation_findings(one)
    assert (found.severity, found.kind, found.unit) == (
        "leak",
        "bleeding",
        "spreads of the channel",
    )
    assert found.what.startswith("prepare > carried gives other training rows when only test rows")
    assert "of cycle 3 changes by up to" in found.what
    assert found.what.endswith("across cycle borders.")
