"""What a column was made of: how little it may be off, how many rows and borders must show it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._carried import (
    SIZES,
    _allowed,
    _fitting,
    _is_filled,
    _is_small,
    _made_of,
    _moved,
    _rows,
    _runs_on,
    _sizes,
    _slope,
    _some,
    _ways,
    carried_findings,
    way_within,
)
from signalprep.trial import Case

CYCLE_OF_FOUR = np.array([0.0, 1.0, 0.0, 1.0, 0.0])


def bounds_of(*lengths):
    return np.concatenate([[0], np.cumsum(lengths)])


def rows_of(*lengths):
    return _rows(bounds_of(*lengths))


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def test_rows_by_their_place():
    rows = rows_of(3, 2)
    assert rows.before.tolist() == [0, 1, 2, 0, 1]
    assert rows.after.tolist() == [2, 1, 0, 1, 0]
    assert rows.late.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (0.0, 1e-5),
        (-1e12, 4 * np.finfo(float).eps * 1e12),
        (1e13, 4 * np.finfo(float).eps * 1e13),
        (1.5e13, None),
    ],
)
def test_by_how_much_what_follows_may_be_off(offset, expected):
    found = _allowed(CYCLE_OF_FOUR + offset)
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-3))


def test_windows_that_people_use_are_tried():
    by_rate = [64, 75, 80, 90, 100, 120, 128, 150, 180, 200, 240, 250, 256, 300, 360, 400]
    by_clock = [480, 500, 512, 600, 720, 900, 1000, 1200, 1440, 1800, 2000, 3000, 3600]
    assert SIZES.tolist() == [*range(1, 61), *by_rate, *by_clock]
    assert _sizes(rows_of(100), 1).tolist() == list(range(1, 36))
    assert _sizes(rows_of(5, 125), 2).tolist() == list(range(2, 61))
    assert _sizes(rows_of(129), 1)[-2:].tolist() == [60, 64]
    assert _sizes(rows_of(50), 1).tolist() == [1]
    assert _sizes(rows_of(50), 2).tolist() == [2]


def test_some_rows_from_the_first_to_the_last():
    assert _some(np.array([True, False, True, True])).tolist() == [0, 2, 3]
    many = _some(np.ones(1000, bool))
    assert (len(many), many[0], many[-1]) == (64, 0, 999)


def test_small_misses_and_the_first_size_that_fits():
    assert _is_small(np.array([-2.0, 1.0]), 2.0)
    assert not _is_small(np.array([-2.1, 1.0]), 2.0)
    assert not _is_small(np.empty(0), 2.0)
    given, sizes = np.array([[5.0, 1.0, 0.0], [101.0, 100.0, 101.0]]), np.array([3, 4, 5])
    assert _fitting(np.array([[0.0], [101.0]]), given, 1.0, sizes) == [4]
    assert _fitting(np.array([[0.0], [101.0]]), given, 0.5, sizes) == [5]
    assert _fitting(np.array([[0.0], [100.0]]), given, 1.0, sizes) == [], "hardly moves"
    assert _fitting(np.empty((0, 1)), np.empty((0, 3)), 1.0, sizes) == []


def test_rows_moved_and_slopes():
    x = np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(_moved(x, 1), [np.nan, 1.0, 2.0])
    np.testing.assert_array_equal(_moved(x, -2), [4.0, np.nan, np.nan])
    assert _slope(x, 3.0 * x) == 3.0
    assert _slope(np.zeros(3), x) == 0.0


@pytest.mark.parametrize(("jump", "runs"), [(0.0, True), (6.0, True), (6.02, False), (-7.0, False)])
def test_a_sum_does_not_jump_where_cycles_begin(jump, runs):
    """The first row of all counts as a border without a jump."""
    steps = np.ones(200)
    steps[100] = jump
    assert _runs_on(np.cumsum(steps), rows_of(100, 100)) is runs


@pytest.mark.parametrize(("ratio", "runs"), [(4.5, False), (5.5, True)])
def test_a_sum_wanders(ratio, runs):
    place = np.arange(200.0)
    c = 2.0 * ratio * place / place.std() + (-1.0) ** place
    assert np.std(c) / np.std(np.diff(c)) == pytest.approx(ratio, rel=0.02)
    assert _runs_on(c, rows_of(100, 100)) is runs


def test_edges_that_were_filled():
    rows = rows_of(4, 4)
    first, last = rows.before < 2, rows.after < 2
    beside = np.array([5.0, 5.0, 6.0, 7.0, 8.0, 8.0, 9.0, 9.0])
    assert _is_filled(beside, first, rows)
    assert not _is_filled(beside, last, rows)
    assert _is_filled(np.array([5.0, 6.0, 6.0, 6.0, 7.0, 8.0, 8.0, 8.0]), last, rows)
    one = np.array([5.0, 5.0, 6.0, 7.0, 5.0, 5.0, 9.0, 9.0])
    assert _is_filled(np.where(last, 0.0, one), last, rows)
    assert not _is_filled(np.r_[5.0, 6.0, beside[2:]], first, rows)


def summed(*lengths, drift=3.0):
    x = noise(sum(lengths)) + drift
    return np.cumsum(x), x, rows_of(*lengths)


@pytest.mark.parametrize(
    ("lengths", "found"),
    [
        ((17, 17, 17, 17), True),
        ((16, 17, 17, 17), False),  # 63 rows show it
        ((40, 40, 40, 40), True),
        ((40, 40, 40), False),  # two borders show nothing
    ],
)
def test_rows_and_borders_that_show_a_running_sum(lengths, found):
    made = _made_of(*summed(*lengths))
    assert (made is not None) is found
    if made is not None:
        assert (made.words, made.ahead, made.across.sum()) == (
            "the running sum",
            0,
            len(lengths) - 1,
        )
        assert made.inside.sum() == sum(lengths) - len(lengths)


@pytest.mark.parametrize(("cycles", "found"), [(12, True), (11, False)])
def test_one_border_in_ten_may_be_its_own(cycles, found):
    c, x, rows = summed(*(20,) * cycles)
    c[-20:] += 2.0
    assert (_made_of(c, x, rows) is not None) is found


def test_at_a_standstill_borders_show_nothing():
    _, x, rows = summed(40, 40, 40, 40)
    x[rows.before == 0] = 1.0
    assert _made_of(np.cumsum(x), x, rows) is None
    x[40] = 1.0 + 2e-3
    assert _made_of(np.cumsum(x), x, rows) is not None


def test_the_way_within_cycles():
    lengths = (33, 33)
    x = np.cos(2 * np.pi * (np.arange(66) + 0.5) / 33) + 0.02 * noise(66)
    own = np.concatenate([np.cumsum(x[:33]), np.cumsum(x[33:])])
    assert way_within(own, x, bounds_of(*lengths)) == "the running sum"
    assert way_within(own[1:], x[1:], bounds_of(32, 33)) == "", "63 rows"
    assert way_within(own + 1e-3 * noise(66, 1), x, bounds_of(*lengths)) == ""
    assert way_within(np.arange(66.0) + 1e9, x, bounds_of(*lengths)) == "", "rounding is all"


def frame(columns, lengths):
    cycle = np.repeat(np.arange(len(lengths)), lengths)
    time = np.concatenate([np.arange(float(n)) for n in lengths])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    X = pd.DataFrame(columns, index=index)
    y = pd.Series(noise(len(X), 9), index, name="y")
    return Case(None, X, y, list(sp.CycleKFold(3).split(X)), "cv")


LENGTHS = (110, 120, 130, 120, 140, 120, 110, 130)
MADE = {
    "sum": lambda x: (x + 3.0).cumsum(),
    "difference": lambda x: x.diff().fillna(0.0),
    "mean": lambda x: x.ewm(alpha=0.2, adjust=False).mean(),
    "shift": lambda x: x.shift(5).fillna(0.0),
    "window": lambda x: x.rolling(9).mean().bfill(),
}


@pytest.mark.parametrize("how", MADE)
def test_only_what_was_made_is_told_and_what_it_was_made_of(how):
    x = pd.Series(noise(sum(LENGTHS)) + np.repeat(3.0 * noise(8, 4), LENGTHS))
    source = x + 3.0 if how == "sum" else x
    columns = {"x": source, "made": MADE[how](x), "z": noise(len(x), 7)}
    case = frame({name: np.asarray(values) for name, values in columns.items()}, LENGTHS)
    found = list(carried_findings(case))
    assert [(one.channel, one.effect, one.unit) for one in found] == [
        ("made", 1.0, "share of borders")
    ]
    assert "of 'x', across cycle borders" in found[0].what
    holed = case.X.assign(x=case.X["x"].where(np.arange(len(x)) != 50))
    whole = case.X.assign(x=case.X["x"].astype(np.int64))
    for X in (holed, whole):  # gaps and whole numbers are left alone
        assert list(carried_findings(Case(None, X, case.y, case.folds, "cv"))) == []


def test_a_channel_is_told_once_and_two_rows_ahead_are_told():
    x = noise(sum(LENGTHS))
    by_cycle = pd.Series(x).groupby(np.repeat(range(8), LENGTHS))
    later = by_cycle.shift(-2).groupby(np.repeat(range(8), LENGTHS)).ffill().to_numpy()
    case = frame({"made": later, "x": x, "copy": x.copy()}, LENGTHS)
    (found,) = [one for one in carried_findings(case) if one.channel == "made"]
    assert (found.kind, found.effect, found.unit) == ("lookahead", 2.0, "samples")
    assert "the value 2 rows after of 'x', which looks 2 samples ahead" in found.what


def across_borders(x, how, n):
    series = pd.Series(x)
    return {
        "before": series.shift(n).bfill(),
        "mean": series.rolling(n).mean().bfill(),
        "smooth": series.ewm(alpha=1 / n, adjust=False).mean(),
    }[how].to_numpy()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("before", "the value 5 rows before"),
        ("mean", "the moving mean over 5 rows"),
        ("smooth", "the exponential mean"),
    ],
)
def test_rows_that_show_within_cycles_and_across_their_borders(how, words):
    lengths = (120, 130, 140, 150)
    rows, x = rows_of(*lengths), noise(540) + np.repeat([0.0, 5.0, -5.0, 2.0], lengths)
    c = across_borders(x, how, 5)
    (made,) = [one for one in _ways(c, x, rows, _allowed(c)) if one.words == words]
    place = np.arange(540)
    expected = {
        "before": (rows.before >= 5, (rows.before < 5) & (place >= 5)),
        "mean": (rows.before >= 5, (rows.before < 5) & (rows.before > 0) & (place >= 5)),
        "smooth": ((rows.before > 0) & rows.late, (rows.before == 0) & rows.late),
    }[how]
    np.testing.assert_array_equal(made.inside, expected[0])
    np.testing.assert_array_equal(made.across, expected[1])
    assert made.ahead == 0
    np.testing.assert_allclose(made.misses[made.inside | made.across], 0.0, atol=1e-9)


def test_rows_that_show_a_mean_around_them():
    lengths = (120, 130, 140)
    rows, x = rows_of(*lengths), noise(390)
    parts = np.split(x, np.cumsum(lengths)[:-1])
    c = np.concatenate(
        [pd.Series(part).rolling(9, center=True, min_periods=1).mean() for part in parts]
    )
    (made,) = [one for one in _ways(c, x, rows, _allowed(c)) if one.ahead]
    assert (made.words, made.ahead) == ("the mean over 9 rows around each", 4)
    np.testing.assert_array_equal(made.inside, (rows.before > 4) & (rows.after >= 4))
    assert not made.across.any()
    np.testing.assert_allclose(made.misses[made.inside], 0.0, atol=1e-9)
