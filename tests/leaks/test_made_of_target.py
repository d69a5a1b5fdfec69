"""Whether one column gives another: shifted, summed, coarse, filtered, carried across borders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.leaks._altered import altered
from signalprep.leaks._carried import (
    _allowed,
    _fitting,
    _is_filled,
    _is_small,
    _moved,
    _rows,
    _runs_on,
    _sizes,
    _slope,
    _some,
    carried_findings,
    way_within,
)
from signalprep.leaks._made_of_target import _is_coarse, _is_filtered, made_of_target
from signalprep.leaks._proxies import (
    Match,
    _correlated,
    _differences,
    _explained,
    _some_cycles,
    _summed,
    _thinned,
    best_match,
)
from signalprep.trial import Case

BOUNDS = np.array([0, 300, 520, 800])
CUTS = BOUNDS[1:-1]


def walk(seed=0, n=800):
    """Wanders within each cycle, and begins each anew."""
    steps = np.random.default_rng(seed).normal(size=n)
    return np.concatenate([np.cumsum(part) for part in np.split(steps, CUTS)])


def by_cycle(of, x):
    return np.concatenate([np.asarray(of(pd.Series(part))) for part in np.split(x, CUTS)])


def over_all(of, x):
    return np.asarray(of(pd.Series(x)))


X = walk()
WAYS = {
    "the running sum": lambda s: s.cumsum(),
    "the difference from row to row": lambda s: s.diff().fillna(0.0),
    "the exponential mean": lambda s: s.ewm(alpha=0.2, adjust=False).mean(),
    "the value 7 rows before": lambda s: s.shift(7).bfill(),
    "the moving mean over 9 rows": lambda s: s.rolling(9, min_periods=1).mean(),
}


def carried(made, source):
    lengths = np.diff(BOUNDS)
    index = pd.MultiIndex.from_arrays(
        [np.repeat(np.arange(3), lengths), np.concatenate([np.arange(n) for n in lengths])],
        names=["cycle", "time"],
    )
    X = pd.DataFrame({"made": made, "source": source}, index)
    y = pd.Series(walk(9), index, name="y")
    rows = np.arange(800)
    return list(
        carried_findings(Case(estimator=None, X=X, y=y, folds=[(rows[:520], rows[520:])], cv="cv"))
    )


@pytest.mark.parametrize("words", WAYS)
def test_ways_within_cycles_are_named(words):
    starts_anew = words in ("the running sum", "the value 7 rows before")  # a sum runs on
    assert way_within(by_cycle(WAYS[words], X), X, BOUNDS) == ("" if starts_anew else words)
    assert way_within(by_cycle(WAYS[words], X) + 1e-3 * walk(3), X, BOUNDS) == ""
    assert carried(by_cycle(WAYS[words], X), X) == []


@pytest.mark.parametrize("words", ["the value 5 rows after", "the mean over 11 rows around each"])
def test_what_looks_ahead(words):
    of = (lambda s: s.shift(-5).ffill()) if "after" in words else None
    of = of or (lambda s: s.rolling(11, center=True, min_periods=1).mean())
    (found,) = carried(by_cycle(of, X), X)
    assert (found.severity, found.kind, found.channel, found.effect) == (
        "leak",
        "lookahead",
        "made",
        5.0,
    )
    assert found.what == f"Channel 'made' is {words} of 'source', which looks 5 samples ahead."


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_what_was_made_across_borders(shift):
    many = np.concatenate([walk(seed) + shift for seed in range(3)])
    lengths = np.tile(np.diff(BOUNDS), 3)
    index = pd.MultiIndex.from_arrays(
        [np.repeat(np.arange(9), lengths), np.concatenate([np.arange(n) for n in lengths])],
        names=["cycle", "time"],
    )
    folds = [(np.arange(800), np.arange(800, 2400))]
    y = pd.Series(np.random.default_rng(2).normal(size=2400), index, name="y")
    for words in ("the exponential mean", "the value 7 rows before", "the moving mean over 9 rows"):
        table = pd.DataFrame({"made": over_all(WAYS[words], many), "source": many}, index)
        found = list(carried_findings(Case(estimator=None, X=table, y=y, folds=folds, cv="cv")))
        assert [(one.kind, one.channel) for one in found] == [("bleeding", "made")], words
        assert found[0].what == (
            f"Channel 'made' is {words} of 'source', across cycle borders: it starts with rows of "
            "the cycle before."
        )


def test_rows_before_and_after():
    rows = _rows(np.array([0, 3, 5]))
    assert rows.before.tolist() == [0, 1, 2, 0, 1]
    assert rows.after.tolist() == [2, 1, 0, 1, 0]
    assert rows.late.tolist() == [False, False, False, True, True]


def test_small_parts_of_what_follows():
    rows = _rows(BOUNDS)
    assert _runs_on(np.linspace(0, 9, 800), rows)
    assert not _runs_on(X, rows)
    assert not _runs_on(np.random.default_rng(0).normal(size=800), rows)
    assert _moved(np.arange(4.0), 1)[1:].tolist() == [0.0, 1.0, 2.0]
    assert np.isnan(_moved(np.arange(4.0), 1)[0])
    assert _moved(np.arange(4.0), -3)[0] == 3.0
    assert np.isnan(_moved(np.arange(4.0), -3)[1:]).all()
    assert _some(np.arange(200) >= 100)[[0, -1]].tolist() == [100, 199]
    assert len(_some(np.ones(200, bool))) == 64
    assert _some(np.arange(5) > 2).tolist() == [3, 4]
    sizes = _sizes(rows, 2)
    assert (sizes[0], sizes[-1]) == (2, 200)  # 299 rows before the last, less the 64 that settle
    assert _sizes(_rows(np.array([0, 10])), 2).tolist() == [2]
    assert not _is_small(np.empty(0), 1.0)
    assert _is_small(np.array([-1.0, 1.0]), 1.0)
    assert not _is_small(np.array([-1.1, 1.0]), 1.0)
    given = np.column_stack([np.arange(5.0) + 1, np.arange(5.0), np.arange(5.0)])
    assert _fitting(np.arange(5.0)[:, None], given, 1e-3, np.array([3, 4, 5])) == [4]
    assert _fitting(np.arange(5.0)[:, None], given, 0.04, np.array([3, 4, 5])) == []  # hardly moves
    assert _fitting(np.empty((0, 1)), given[:0], 1e-3, np.array([3, 4, 5])) == []
    assert _slope(np.array([1.0, 2.0]), np.array([3.0, 6.0])) == pytest.approx(3.0)


def test_what_follows_may_be_off_by_rounding():
    x = np.r_[0.0, np.cumsum(np.tile([1.0, -1.0], 50))]
    assert _allowed(x) == pytest.approx(1e-5, rel=0.01)
    assert _allowed(x + 1e11) == pytest.approx(4 * np.finfo(float).eps * 1e11, rel=0.01)
    assert _allowed(x + 1e14) is None


def test_edges_that_were_filled():
    rows = _rows(np.array([0, 4, 8]))
    edge = rows.after < 2
    c = np.array([1.0, 2, 2, 2, 4, 5, 5, 5])
    assert _is_filled(c, edge, rows)
    assert not _is_filled(np.arange(8.0), edge, rows)
    zeros = np.array([1.0, 2, 0, 0, 4, 5, 0, 0])
    assert _is_filled(zeros, edge, rows)


@pytest.mark.parametrize("lag", [-40, -3, 0, 3, 40])
def test_the_shift_of_a_copy(lag):
    rng = np.random.default_rng(1)
    y, x = [], []
    for n in np.diff(BOUNDS):
        long = np.cumsum(rng.normal(size=n + 80))
        y.append(long[40 : 40 + n])
        x.append(3.0 - 2.0 * long[40 - lag : 40 - lag + n])
    x, y = np.concatenate(x), np.concatenate(y)
    found = best_match(x, y, BOUNDS)
    assert found.lag == lag
    assert found.explained == pytest.approx(1.0, abs=1e-12)
    assert _explained(x, y, BOUNDS, lag) == pytest.approx(1.0, abs=1e-12)
    white = _differences(x, y, BOUNDS)
    assert _correlated(*white, BOUNDS, 110) == [lag]
    assert abs(_correlated(*white, BOUNDS, 20)[0]) <= 20
    assert best_match(np.ones(800), y, BOUNDS) == Match(0.0, 0)
    holes = x.copy()
    holes[7] = np.nan
    assert best_match(holes, y, BOUNDS).lag == lag
    assert best_match(np.full(800, np.nan), y, BOUNDS) == Match(0.0, 0)


def test_steps_from_row_to_row():
    dx, dy = _differences(np.array([1.0, 3, 9, 4]), np.array([2.0, 2, 5, 6]), np.array([0, 2, 4]))
    assert dx.tolist() == [0.0, 2.0, 0.0, -5.0]
    assert dy.tolist() == [0.0, 0.0, 0.0, 1.0]
    total = by_cycle(WAYS["the running sum"], X)
    assert _summed(total, X, BOUNDS) > 0.98
    assert _summed(np.r_[np.nan, total[1:]], X, BOUNDS) == 0.0
    assert _explained(np.arange(9.0), np.arange(9.0), np.array([0, 9]), 0) == 0.0, "nine rows"
    assert _explained(np.arange(10.0), np.arange(10.0), np.array([0, 10]), 0) == pytest.approx(1.0)
    twenty = np.arange(20.0)
    assert _explained(twenty, twenty, np.array([0, 20]), 10) == pytest.approx(1.0)
    assert _explained(twenty, twenty, np.array([0, 20]), 11) == 0.0, "less than half"


def test_some_cycles_and_some_rows():
    index = pd.MultiIndex.from_product([range(20), range(3)], names=["cycle", "time"])
    rows, bounds = _some_cycles(pd.DataFrame({"a": 0.0}, index))
    assert bounds.tolist() == [*range(0, 25, 3)]
    assert rows.tolist() == [3 * k + j for k in (0, 2, 5, 8, 10, 13, 16, 19) for j in range(3)]
    train, test = _thinned((np.arange(60_000), np.arange(39_999)))
    assert (len(train), train[1], len(test)) == (20_000, 3, 39_999)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (2.0 - 3.0 * X, "{}, shifted, scaled or smoothed"),
        (np.floor(X / 5.0), "{} in coarse steps"),
        (-np.floor(X / 5.0), "{} in coarse steps"),
        (by_cycle(WAYS["the moving mean over 9 rows"], X), "the moving mean over 9 rows of {}"),
        (walk(5), ""),
        (np.ones(800), ""),
        (np.r_[np.nan, X[1:]], ""),
    ],
)
def test_what_of_the_target_values_are(values, words):
    found = made_of_target(values, X, BOUNDS)
    assert found == words or (words.startswith("the moving") and found.startswith("{}, shifted"))


def test_coarse_steps():
    y = np.arange(12.0)
    one = np.array([0, 12])
    assert _is_coarse(np.repeat([0.0, 1, 2], 4), y, one)
    assert not _is_coarse(np.repeat([0.0, 1], 6), y, one), "two levels are a switch"
    assert _is_coarse(np.repeat(np.arange(6.0), 2), y, one)
    assert not _is_coarse(np.r_[np.repeat(np.arange(5.0), 2), 5, 6], y, one), "too fine"
    assert not _is_coarse(np.repeat([0.0, 2, 1], 4), y, one)
    assert not _is_coarse(np.repeat([0.0, 1, 2], 4), y, np.array([0, 4, 8, 12])), "of a cycle"


def test_filters_of_two_poles():
    from scipy.signal import butter, lfilter

    white = np.random.default_rng(0).normal(size=800)
    b, a = butter(2, 0.2)
    filtered = np.concatenate([lfilter(b, a, part) for part in np.split(white, CUTS)])
    assert _is_filtered(filtered, white, BOUNDS)
    assert not _is_filtered(filtered + 1e-4 * walk(4), white, BOUNDS)
    assert not _is_filtered(np.sin(np.arange(800) / 9.0), white, BOUNDS), "a wave follows itself"
    assert not _is_filtered(filtered[:150], white[:150], np.array([0, 150])), "too few rows"


def test_defaults_behind_the_star_are_altered():
    table = np.arange(40.0)

    def step(x, scale=2.0, *, held=table, shift=1.0):
        return x * scale + held[: len(x)] + shift

    other = altered(step, table)
    assert other.__kwdefaults__["shift"] == 1.0
    assert other.__kwdefaults__["held"] is not table
    assert other.__defaults__ == (2.0,)
    moved = other.__kwdefaults__["held"]
    np.testing.assert_allclose(other(np.ones(3)), 3.0 + moved[:3])
    assert (moved[:3] != table[:3]).all()
