"""Channels clipped before the split: rows at the ends, shares, fences, steps; at each limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.leaks._clipped import (
    SHARES,
    Ends,
    _at_fences,
    _at_shares,
    _chance,
    _ends,
    _fence,
    _is_on_grid,
)


def clipped(n, low, high, seed=0):
    """So many values, of which so many lie at either end."""
    values = np.sort(np.random.default_rng(seed).normal(size=n))
    return np.clip(values, values[low - 1], values[n - high])


def test_shares_that_people_clip_at():
    assert SHARES == (0.0005, 0.001, 0.005, 0.01, 0.02, 0.025, 0.03, 0.05, 0.1)


def test_ends_with_the_rows_at_them():
    values = np.r_[np.repeat([0.0, 1.0, 5.0, 9.0], [3, 2, 28, 4]), np.nan]
    found = _ends(values)
    assert (found.values, found.counts, found.beside) == ((0.0, 9.0), (3, 4), (2, 28))
    assert len(found.ordered) == 37
    assert _ends(np.arange(32.0)) is not None
    assert _ends(np.arange(31.0)) is None, "too short"
    assert _ends(np.ones(40)) is None


@pytest.mark.parametrize(
    ("counts", "beside", "piled"),
    [
        ((3, 3), (1, 1), True),
        ((2, 3), (0, 1), False),
        ((3, 2), (1, 0), False),
        ((4, 9), (2, 1), False),
        ((5, 9), (2, 4), True),
    ],
)
def test_rows_piled_at_both_ends(counts, beside, piled):
    assert Ends(np.arange(40.0), (0.0, 1.0), counts, beside).piled is piled


@pytest.mark.parametrize(
    ("counts", "beside", "met"),
    [
        ((10, 10), (1, 1), True),
        ((11, 10), (1, 1), True),
        ((12, 10), (1, 1), False),
        ((10, 9), (1, 1), False),
        ((13, 10), (2, 1), True),
        ((14, 10), (2, 1), False),
    ],
)
def test_the_chance_of_a_share(counts, beside, met):
    """Ten rows of 1000 at each end are what clipping at 1 % leaves."""
    found = _chance(Ends(np.arange(1000.0), (0.0, 1.0), counts, beside), 0.01)
    most = [1.0 if one == 1 else 1.5 * one for one in beside]
    expected = np.prod([0.4 * (one + 1) / np.sqrt(0.3 * 10) for one in most])
    assert found == pytest.approx(min(1.0, expected) if met else 1.0)


def test_eight_rows_say_something():
    ends = Ends(np.arange(800.0), (0.0, 1.0), (8, 8), (1, 1))
    assert _chance(ends, 0.01) < 1.0
    assert _chance(ends._replace(ordered=np.arange(700.0), counts=(7, 7)), 0.01) == 1.0


def shares(**rows):
    return [
        (one.severity, one.channel, one.effect)
        for one in _at_shares({k: _ends(clipped(*v)) for k, v in rows.items()})
    ]


def test_channels_clipped_at_one_share():
    many = (20_000, 200, 200)
    assert shares(a=many) == [("warning", "a", 0.02)]
    assert shares(a=many, b=(20_000, 200, 200, 1)) == [("leak", "a, b", 0.02)]
    assert shares(a=(110_000, 1100, 1100)) == [("warning", "a", 0.02)], "one may be chance"
    few = (1000, 10, 10)  # chance meets such numbers
    assert shares(a=few) == []
    assert shares(a=(4000, 40, 40), b=(4000, 40, 40, 1)) == [("warning", "a, b", 0.02)]
    assert shares(a=many, b=(20_000, 230, 180, 1)) == [], "others are clipped elsewhere"
    five = {name: (20_000, 200, 200, k) for k, name in enumerate("abcde")}
    assert shares(**five, z=(20_000, 230, 180, 9)) == [("leak", "a, b, c, d, e", 0.02)]
    whole = np.clip(np.sort(np.random.default_rng(0).normal(size=20_000)), -9, 9)
    whole[:200], whole[-200:] = -9.0, 9.0
    assert list(_at_shares({"a": _ends(whole)})) == [], "round limits are set by hand"
    wider = whole.copy()
    wider[:1000], wider[-1000:] = -9.0, 9.0
    piled = {"a": whole, "b": wider, "c": 2.0 * wider}
    (found,) = _at_shares({name: _ends(values) for name, values in piled.items()})
    assert (found.severity, found.channel, found.effect) == ("leak", "b, c", 0.1)


def fenced(times, low=0.0, high=0.0, n=401, scale=1.0):
    """Values from the lower to the upper fence, which are moved by so much."""
    values = np.linspace(-1.0, 1.0, n) ** 3 + np.sin(np.arange(n)) * 1e-3
    values = np.sort(values)
    lower, upper = np.quantile(values, [0.25, 0.75])
    range_ = upper - lower
    values[:5] = lower - times * range_ + low * range_
    values[-5:] = upper + times * range_ + high * range_
    lower, upper = np.quantile(values, [0.25, 0.75])
    return values * scale


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(
    ("times", "low", "high", "expected"),
    [
        (4.0, 0.0, 0.0, 4.0),
        (4.05, 0.0, 0.0, 4.05),
        (4.02, 0.0, 0.0, 0.0),
        (4.0, 3e-9, 0.0, 4.0),
        (4.0, 6e-9, 0.0, 0.0),
        (4.0, 0.0, 3e-9, 4.0),
        (4.0, 0.0, 6e-9, 0.0),
    ],
)
def test_fences_to_nine_digits_of_the_farther_end(times, low, high, expected, scale):
    """The farther end lies 4.5 interquartile ranges from zero."""
    assert _fence(_ends(fenced(times, low, high, scale=scale))) == expected


def test_no_fence_at_the_quartiles_or_without_a_range():
    half = np.r_[np.zeros(10), np.full(40, 0.5), np.ones(10)]
    assert _fence(_ends(half)) == 0.0, "no range"
    flat = np.r_[np.zeros(15), np.linspace(0.1, 0.9, 30), np.ones(15)]
    assert _fence(_ends(flat)) == 0.0


def test_cut_at_fences_of_all_rows():
    one, two = _ends(fenced(4.0)), _ends(fenced(4.0, scale=7.0))
    other = _ends(fenced(5.0))
    (alone,) = _at_fences({"a": one})
    assert (alone.severity, alone.kind, alone.channel) == ("warning", "clipped_before_split", "a")
    assert (alone.effect, alone.unit) == (4.0, "interquartile ranges")
    both, third = _at_fences({"a": one, "b": two, "c": other})
    assert (both.severity, both.channel, third.severity) == ("leak", "a, b", "warning")
    assert "cut 4 interquartile ranges of all rows" in both.what


@pytest.mark.parametrize(
    ("levels", "times", "outer", "on_grid"),
    [
        (19, 9, 0.37, True),  # few levels
        (20, 9, 0.37, False),
        (20, 4, 1.0, True),
        (20, 4, 2.0, True),
        (20, 4, 0.37, False),
        (20, 3, 1.0, False),  # fine: more than a quarter of the rows are levels
        (20, 4, 1.0 + 0.9e-6, True),
        (20, 4, 1.0 + 1.2e-6, False),
    ],
)
def test_coarse_channels_that_end_at_a_step(levels, times, outer, on_grid):
    values = np.arange(levels - 2.0) * 0.5
    values = np.r_[-0.37 * 0.5, values, values[-1] + 0.5 * outer]
    assert _is_on_grid(_ends(np.repeat(values, times))) is on_grid


def test_names_of_channels_are_told_in_order():
    frame = pd.DataFrame({"b": clipped(20_000, 200, 200), "a": clipped(20_000, 200, 200, 3)})
    (found,) = _at_shares({name: _ends(frame[name].to_numpy()) for name in frame})
    assert found.what.startswith("'b', 'a': just 1 % of the rows lie at the lowest")
