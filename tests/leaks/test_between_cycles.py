"""What one cycle tells of another: values that go on, rows hand in hand, rows that come again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._hand_in_hand import (
    _candidates,
    _is_rare,
    _shape_away,
    _telling,
    hand_in_hand,
)
from signalprep.leaks._preparation import _next_to
from signalprep.leaks._repeated_rows import _copies, repeated_row_findings
from signalprep.leaks._touching import (
    _is_fast,
    _shifts,
    between_neighbours,
    touching_by_values,
)
from signalprep.trial import Case


def case(parts, folds=None, names=("a", "b", "y")):
    """Cycles of the rows given, the last column the target."""
    lengths = [len(part) for part in parts]
    index = pd.MultiIndex.from_arrays(
        [
            np.repeat(np.arange(len(parts)), lengths),
            np.concatenate([np.arange(n) for n in lengths]),
        ],
        names=["cycle", "time"],
    )
    table = pd.DataFrame(np.concatenate(parts), index, list(names))
    X = table.drop(columns="y")
    folds = list(sp.CycleKFold(2).split(X)) if folds is None else folds
    return Case(estimator=None, X=X, y=table["y"], folds=folds, cv="cv")


def walk(n, seed=0):
    return np.cumsum(np.random.default_rng(seed).normal(size=(n, 3)), axis=0)


def cut(values, n_parts):
    return np.array_split(values, n_parts)


def test_pieces_of_one_recording():
    pieces = cut(walk(240), 8)
    assert touching_by_values(case(pieces)) == [(k, k + 1) for k in range(7)]
    assert touching_by_values(case(cut(walk(180), 6))) == [(k, k + 1) for k in range(5)]
    assert touching_by_values(case(cut(walk(120), 4))) == [], "three borders may be chance"
    assert touching_by_values(case(cut(walk(90), 3))) == []
    assert touching_by_values(case([walk(30, seed) for seed in range(8)])) == []
    shifted = [piece + 100.0 * (k == 4) for k, piece in enumerate(pieces)]
    assert touching_by_values(case(shifted)) == [(0, 1), (1, 2), (2, 3), (5, 6), (6, 7)]
    few = [piece + 100.0 * max(k - 2, 0) for k, piece in enumerate(pieces)]
    assert touching_by_values(case(few)) == [], "two of seven borders may be chance"
    gap = cut(walk(400, 2), 10)
    gap[3][2, 0] = np.nan
    assert len(touching_by_values(case(gap))) == 9, "two channels without gaps are left"
    gap[3][2, 1] = np.nan
    assert touching_by_values(case(gap)) == []


def test_a_column_of_words_is_left_aside():
    one = case(cut(walk(240), 8))
    one.X["word"] = "w"
    assert len(touching_by_values(one)) == 7


@pytest.mark.parametrize(("n", "shifts"), [(4, [2]), (6, [2, 3, 4]), (100, list(range(2, 40)))])
def test_cycles_that_show_what_is_usual(n, shifts):
    assert list(_shifts(n)) == shifts


def test_channels_that_change_within_cycles():
    bounds = np.array([0, 4, 8])
    level = np.repeat([0.0, 1.0], 4)
    for size, fast in [(1.01, True), (0.99, False)]:
        values = level + size * np.tile([-0.5, 0.5], 4)
        assert _is_fast(values[:, None], bounds).tolist() == [fast], size


def test_the_line_between_the_pieces_beside():
    slow = np.linspace(0.0, 1.0, 120) ** 2
    rows = np.column_stack([slow, slow, slow])
    pairs = [(k, k + 1) for k in range(5)]
    pieces = case(cut(rows, 6))
    y, line, truth = cut(slow, 6), [], []
    for k in range(6):
        before, after = y[k - 1][-1] if k else y[1][0], y[k + 1][0] if k < 5 else y[4][-1]
        truth.append(y[k])
        line.append(before + (after - before) * np.arange(1, 21) / 21)
    likeness = np.corrcoef(np.concatenate(truth), np.concatenate(line))[0, 1]
    assert between_neighbours(pieces, pairs) == pytest.approx(likeness**2, rel=1e-12)
    assert between_neighbours(case(cut(0.0 * rows, 6)), pairs) == 0.0
    saw = case([rows[:20] * (-1) ** k + k % 2 for k in range(6)])
    assert between_neighbours(saw, [(0, 1)]) == pytest.approx(
        max(0.0, np.corrcoef(np.r_[slow[:20], 1 - slow[:20]], np.repeat([1.0, slow[19]], 20))[0, 1])
        ** 2
    )


def test_cycles_next_to_those_tested():
    ids = pd.Index(list("abcdefg"))
    assert _next_to(ids, pd.Index(["c"])).tolist() == ["b", "d"]
    assert _next_to(ids, pd.Index(["a", "g"])).tolist() == ["b", "f"]
    assert _next_to(ids, pd.Index(["b", "d", "f"])).tolist() == [], "all are next to one"
    assert _next_to(ids, pd.Index(["a", "b"])).tolist() == ["c"]


def smooth(n=60, seed=0, n_channels=3):
    t = np.arange(n)
    rng = np.random.default_rng(seed)
    waves = rng.uniform(70, 110, n_channels)[:, None], rng.uniform(0, 6, n_channels)[:, None]
    return np.sin(2 * np.pi * t / waves[0] + waves[1]) * 10.0 + 0.05 * rng.normal(
        size=(n_channels, n)
    )


def test_every_second_row_as_a_cycle_of_its_own():
    whole = smooth(120)
    a, b = whole[:, ::2], whole[:, 1::2]
    assert _telling(a, b).tolist() == [True] * 3
    assert _telling(a, b[:, :-1]).tolist() == [True] * 3
    assert not _telling(a, a).any(), "a programme"
    assert not _telling(a, smooth(60, 7)).any()
    drift = b + np.linspace(0.0, 1.5, 60)
    assert not _telling(a, drift).any(), "another drive of one course"
    assert not _telling(a[:1], b[:1]).any(), "one channel is chance"
    apart = np.vstack([b[:2], b[2:] + 50.0])
    assert not _telling(a, apart).any(), "they part in one of them"
    others = [smooth(60, seed) for seed in range(1, 5)]
    assert _is_rare([a, b, *others], 0, 1, np.ones(3, bool))
    assert not _is_rare([a, b], 0, 1, np.ones(3, bool))
    assert not _is_rare([a, b, *others], 0, 1, np.array([True, False, False]))
    assert not _is_rare([a, b, *[a + 0.1 * other for other in others]], 0, 1, np.ones(3, bool))
    np.testing.assert_allclose(_shape_away(a, b[:, :50] + 3.0), (b - a)[:, :50].std(axis=1))
    there = case([part.T for part in (a, b, *others)])
    parted = np.ones((6, 6), dtype=bool)
    assert hand_in_hand(there, parted) == [(0, 1, 3)]
    assert hand_in_hand(there, ~parted) == []


def test_pairs_worth_comparing():
    def begins(first, n=21):
        return np.full((1, n), float(first))

    assert _candidates([begins(0), begins(1, 22), begins(2, 24)]) == {(0, 1)}
    assert _candidates([begins(0, 20), begins(1, 20)]) == set(), "too short"
    far = _candidates([begins(k) for k in range(15)])
    assert (0, 12) in far
    assert (0, 13) not in far


@pytest.mark.parametrize(("n_copied", "found"), [(8, True), (7, False)])
def test_rows_that_come_again(n_copied, found):
    parts = [walk(40, seed) for seed in range(2)]
    parts[1][5 : 5 + n_copied] = parts[0][3 : 3 + n_copied]
    folds = [(np.arange(40), np.arange(40, 80)), (np.arange(40, 80), np.arange(40))]
    there = case(parts, folds)
    copies = _copies(there)
    findings = list(repeated_row_findings(there))
    assert bool(findings) is found
    if not found:
        assert (copies[copies >= 0].size if copies is not None else 0) in (0, 14)
        return
    assert np.flatnonzero(copies >= 0).tolist() == [*range(3, 11), *range(45, 53)]
    np.testing.assert_array_equal(copies[3:11], copies[45:53])
    (one,) = findings
    assert (one.severity, one.kind, one.effect) == ("leak", "repeated_rows", 8 / 40)
    assert one.what.startswith("8 rows that a fold tests (20 %) are among those it trains on")
    assert one.what.endswith("one of cycle 1, say, in cycle 0.")


def test_rows_at_rest_are_no_copies():
    rest = np.zeros((40, 3))
    moving = [np.where(np.arange(40)[:, None] < 20, rest, walk(40, seed)) for seed in range(2)]
    assert (_copies(case(moving)) >= 0).sum() == 40
    assert list(repeated_row_findings(case(moving))) == [], "once however often it comes"
    coarse = [np.column_stack([rest[:, :2], np.repeat([1.0, 2.0], 20)]) for _ in range(2)]
    copies = _copies(case(coarse))
    assert copies is None or (copies == -1).all(), "one channel tells"
