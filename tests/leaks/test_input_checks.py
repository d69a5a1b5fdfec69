"""Columns that number or were scaled: just within each limit, and just beyond."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._input_checks import (
    _drawn_to_one,
    _goes_with,
    _identifies,
    _is_difference,
    _is_one_programme,
    _names_cycles,
    _numbers_cycles,
    _same_ends,
    _scaled_as,
    _share_values,
    identifier_findings,
    scale_findings,
)
from signalprep.trial import Case

BOUNDS = np.array([0, 20, 45, 65, 90])


def noise(n=90, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def uneven(n=90):
    return np.arange(n) + 0.3 * np.sin(np.arange(n))


# columns that number


def said(values, bounds=BOUNDS, seconds=None):
    seconds = uneven(bounds[-1]) if seconds is None else seconds
    found = _identifies(pd.Series(values), bounds, seconds)
    return None if found is None else (found[0], found[1].split(":")[0])


GROWS = ("leak", "grows by the same amount from row to row")


def test_what_counts_rows():
    rows = np.arange(90.0)
    assert said(rows) == said(7.0 - 2.0 * rows) == GROWS
    assert said(np.arange(3), np.array([0, 3])) == GROWS
    assert said(np.arange(2), np.array([0, 2])) is None
    assert said(np.where(rows == 5, np.nan, rows)) is None
    assert said(np.r_[0.0, np.cumsum(1.0 + 0.9e-6 * (np.arange(89) == 40))]) == GROWS
    assert (
        said(np.r_[0.0, np.cumsum(1.0 + 1.1e-6 * (np.arange(89) == 40))], seconds=noise()) is None
    )
    assert said(np.zeros(90)) is None


def test_what_repeats_the_clock():
    seconds = uneven()
    assert said(3.0 - 2.0 * seconds) == ("leak", "is the time of the clock")
    own = np.concatenate([uneven(n) for n in np.diff(BOUNDS)])
    assert said(3.0 - 2.0 * own, seconds=own) == (
        "warning",
        "is the time since the start of the cycle",
    )
    late = own + np.repeat([0.0, 0.0, 0.0, 1.0], np.diff(BOUNDS))
    assert said(late, seconds=late) == ("leak", "is the time of the clock"), "one starts elsewhere"


def test_rows_of_each_cycle_and_starts_of_its_own():
    rows = np.concatenate([np.arange(float(n)) for n in np.diff(BOUNDS)])
    level = np.repeat([5.0, 90.0, 3.0, 11.0], np.diff(BOUNDS))
    counts = ("warning", "counts the rows of each cycle, which is the time since its start")
    assert said(rows + level, seconds=noise()) == counts
    assert said(1.01 * rows + level, seconds=noise()) is None
    own = np.concatenate([uneven(n) for n in np.diff(BOUNDS)])
    names = ("warning", "is the time, with a start of its own in each cycle, which it names")
    assert said(2.0 * own + level, seconds=own) == names
    assert said(rows + level, seconds=rows) == names, "both: it names cycles"
    assert said(2.0 * own + np.round(level, -1), seconds=own) is None, "two start alike"


def test_time_from_starts_that_no_other_has():
    own = np.concatenate([uneven(n) for n in np.diff(BOUNDS)])
    level = np.repeat([5.0, 90.0, 3.0, 11.0], np.diff(BOUNDS))
    bent = 2.0 * own + level
    widest = 2.0 * np.ptp(own)
    assert _goes_with(bent, own, BOUNDS)
    for off, goes in [(0.9e-6, True), (1.2e-6, False)]:
        assert _goes_with(bent + off * widest * (np.arange(90) == 30), own, BOUNDS) is goes
    assert not _goes_with(bent[:65], own[:65], BOUNDS[:-1]), "three cycles"
    assert not _goes_with(level, own, BOUNDS)
    assert not _goes_with(bent, np.zeros(90), BOUNDS)


def test_names_and_numbers_of_cycles():
    names = pd.Series(np.repeat(list("acbd"), np.diff(BOUNDS)))
    assert _names_cycles(names, BOUNDS)[0] == "leak"
    assert _names_cycles(names[:65], BOUNDS[:-1]) is None, "three cycles"
    assert _names_cycles(names.replace("d", "a"), BOUNDS) is None
    inside = names.copy()
    inside[50] = "z"
    assert _names_cycles(inside, BOUNDS) is None
    assert _numbers_cycles(np.array([4.0, 3, 6, 5]))[0] == "leak"
    assert _numbers_cycles(np.array([4.5, 3.5, 6.5, 5.5]))[0] == "leak"
    assert _numbers_cycles(np.array([4.0, 3, 6, 8]))[0] == "warning"
    assert _numbers_cycles(np.array([4.0, 3, 6.5, 8])) is None
    assert _numbers_cycles(np.array([4.0, 3, 5])) is None
    assert _numbers_cycles(np.array([4.0, 3, 6, 5, 5])) is None
    assert said(np.repeat([4.0, 3, 6, 5], np.diff(BOUNDS)))[1].startswith("numbers the cycles")


# columns that were scaled


def scaled(kind, n=90, seed=0, off=0.0, spread=1.0):
    x = noise(n, seed)
    if kind == "z":
        x = (x - x.mean()) / x.std()
    elif kind == "sample":
        x = (x - x.mean()) / x.std(ddof=1)
    elif kind == "robust":
        low, median, high = np.quantile(x, [0.25, 0.5, 0.75])
        x = (x - median) / (high - low)
    elif kind == "minmax":
        x = (x - x.min()) / np.ptp(x)
    return x * spread + off


@pytest.mark.parametrize(("short", "digits"), [(False, 1e-8), (True, 1e-4)])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_scaled_to_the_last_digits_of_its_type(short, digits, sign):
    within, beyond = 0.9 * sign * digits, 1.1 * sign * digits
    for kind, word in [("z", "z-score"), ("sample", "z-score"), ("robust", "robust")]:
        for off, expected in [(within, word), (beyond, "")]:
            assert _scaled_as(scaled(kind, off=off), BOUNDS, short) == expected, (kind, off)
    for kind in ("z", "sample"):
        assert _scaled_as(scaled(kind, spread=1.0 + within), BOUNDS, short) == "z-score"
        assert _scaled_as(scaled(kind, spread=1.0 + 9 * beyond), BOUNDS, short) == "centred"
    assert _scaled_as(scaled("robust", spread=1.0 + within), BOUNDS, short) == "robust"
    assert _scaled_as(scaled("robust", spread=1.0 + beyond), BOUNDS, short) == ""
    assert _scaled_as(scaled("minmax", off=within), BOUNDS, short) == "minmax"
    assert _scaled_as(scaled("minmax", off=beyond), BOUNDS, short) == ""


def test_few_values_and_values_that_pile_up_are_not_told():
    ten = np.array([0, 5, 10])
    assert _scaled_as(scaled("z", 10), ten, False) == "z-score"
    assert _scaled_as(scaled("z", 9), np.array([0, 5, 9]), False) == ""
    assert _scaled_as(np.r_[scaled("z", 10), np.nan], np.array([0, 5, 11]), False) == "z-score"
    assert _scaled_as(np.zeros(90), BOUNDS, False) == ""
    piled = scaled("robust")
    for ends in ((np.quantile(piled, 0.25), 9.0), (-9.0, np.quantile(piled, 0.75))):
        assert _scaled_as(np.clip(piled, *ends), BOUNDS, False) == "", "a quartile is the end"


@pytest.mark.parametrize(("row", "said"), [(21, "minmax"), (80, "")])
@pytest.mark.parametrize("end", [0.0, 1.0])
def test_an_end_that_two_cycles_meet_is_a_limit(end, row, said):
    x = 0.3 + 0.4 * scaled("minmax")
    x[[25, 30]] = 0.0, 1.0  # both in the second cycle
    x[row] = end
    assert _scaled_as(x, BOUNDS, False) == said


def test_centred_in_every_cycle_unless_all_hold_one_programme():
    parts = [part - part.mean() for part in np.split(noise(), BOUNDS[1:-1])]
    assert _scaled_as(np.concatenate(parts), BOUNDS, False) == "cycle"
    gone = [np.full(20, np.nan), *parts[1:]]
    assert _scaled_as(np.concatenate(gone), BOUNDS, False) == "cycle"
    deviation = np.concatenate(parts).std()
    for off, said in [(0.9e-8, "cycle"), (1.3e-8, "centred")]:
        near = [parts[0] + off * deviation, parts[1], parts[2] - off * deviation, parts[3]]
        assert _scaled_as(np.concatenate(near), BOUNDS, False) == said
    week = [np.array([2.0, -1, 0, -1] * 5), np.array([0.0, 2, -1, -1] * 5)]
    assert _scaled_as(np.concatenate(week), np.array([0, 20, 40]), False) == ""
    assert _is_one_programme(week)
    assert not _is_one_programme([*week, week[0][:-4]])
    assert not _is_one_programme([*week, 2.0 * week[0]])


def frame(**columns):
    time = np.concatenate([np.arange(float(n)) for n in np.diff(BOUNDS)])
    cycle = np.repeat(range(4), np.diff(BOUNDS))
    return pd.DataFrame(columns, pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"]))


def between(low, high, seed=0, n=90):
    x = noise(n, seed)
    return low + (high - low) * (x - x.min()) / np.ptp(x)


def test_channels_of_the_same_ends():
    X = frame(a=between(-2, 5), b=between(-2, 5, 1), c=between(-2, 5.5, 2), d=between(-2, 5, 3))
    assert _same_ends(X, [0, 1, 2, 3], BOUNDS)[-2.0, 5.0] == ["a", "b", "d"]
    assert _same_ends(X, [0, 2], BOUNDS) == {(-2.0, 5.0): ["a"], (-2.0, 5.5): ["c"]}
    odd = frame(a=between(-2.123456, 5), b=between(-2.123456, 5, 1))
    assert _same_ends(odd, [0, 1], BOUNDS) == {}
    for sign in (-1.0, 1.0):  # no "-0"
        near = sign * frame(a=between(1, 5), b=between(1, 5, 1))
        near = near.where(near.abs() > 1.0, -0.0)
        (ends,) = _same_ends(near, [0, 1], BOUNDS)
        assert "-0.0" not in map(str, ends)
    shifted = X.assign(b=np.roll(X["a"], 3))
    assert _same_ends(shifted, [0, 1], BOUNDS) == {(-2.0, 5.0): ["a"]}
    flat = X.assign(a=1.0, b=np.where(np.arange(90) < 9, X["b"], np.nan))
    assert _same_ends(flat, [0, 1], BOUNDS) == {}


@pytest.mark.parametrize(("off", "n"), [(0.9e-9, 1), (1.1e-9, 2)])
def test_an_end_met_again_to_nine_digits_of_the_range(off, n):
    """By a second cycle; then one channel is left, which is no finding."""
    low = between(-2, 5)
    elsewhere = (low.argmin() + 45) % 90
    assert low[elsewhere] < 5
    low[elsewhere] = -2.0 + off * 7.0
    found = _same_ends(frame(a=low, b=between(-2, 5, 1)), [0, 1], BOUNDS)
    assert sum(map(len, found.values())) == n


def test_channels_drawn_to_one():
    a, b = between(-0.4, 1.0), -between(-0.7, 1.0, 1)
    assert _drawn_to_one(frame(a=a, b=b), [0, 1], BOUNDS) == [0, 1]
    assert _drawn_to_one(frame(a=a, b=np.roll(a, 2)), [0, 1], BOUNDS) == [0], "a shift"
    for off, found in [(0.9e-12, [0]), (1.2e-12, [])]:
        assert _drawn_to_one(frame(a=a * (1.0 + off)), [0], BOUNDS) == found
        other = a.copy()
        other[(a.argmax() + 45) % 90] = -1.0 + off
        assert _drawn_to_one(frame(a=other), [0], BOUNDS) == ([] if found else [0])
    coarse = np.where(np.arange(90) < 45, 0.5, a)
    coarse[a.argmax()] = 1.0
    n = len(np.unique(np.abs(coarse)))
    assert _drawn_to_one(frame(a=coarse), [0], BOUNDS) == [0] * (2 * n > 90)
    few = np.full(90, np.nan)
    few[:9] = between(-0.4, 1.0, n=9)
    assert _drawn_to_one(frame(a=few), [0], BOUNDS) == []
    few[9] = 0.123
    assert _drawn_to_one(frame(a=few), [0], BOUNDS) == [0]


def test_more_than_half_of_the_values():
    assert not _share_values(np.arange(4.0), np.array([0.0, 1.0]))
    assert _share_values(np.arange(4.0), np.array([0.0, 1.0, 2.0]))


def test_how_another_one_changes():
    walk = np.cumsum(noise())
    steps = np.diff(walk, prepend=walk[0])
    steps[BOUNDS[:-1]] = 0.0
    X = frame(d=steps, x=3.0 * walk + 5.0)
    assert _is_difference(X, 0, BOUNDS)
    assert not _is_difference(X[["d"]], 0, BOUNDS)
    assert not _is_difference(X.assign(x=noise(seed=4)), 0, BOUNDS)
    assert not _is_difference(X.assign(x="a"), 0, BOUNDS)
    assert not _is_difference(X.assign(x=1.0), 0, BOUNDS)
    assert _is_difference(X.assign(w="a", c=2.0), 0, BOUNDS)
    holed = X.assign(x=X["x"].where(np.arange(90) != 7), z=X["x"])
    assert _is_difference(holed, 0, BOUNDS)
    assert not _is_difference(holed[["d", "x"]], 0, BOUNDS)


def case(X):
    y = pd.Series(noise(len(X), 9), X.index, name="y")
    return Case(None, X, y, list(sp.CycleKFold(2).split(X)), "cv")


def test_what_is_said_of_scaled_channels():
    def found(**columns):
        return [
            (one.severity, one.kind, one.channel, one.effect, one.what.split(": ")[1][:22])
            for one in scale_findings(case(frame(**columns)))
        ]

    kind = "scaled_before_split"
    assert found(a=scaled("z")) == [("leak", kind, "a", 1.0, "mean 0 and standard de")]
    assert found(a=noise() - noise().mean()) == [
        ("warning", kind, "a", 1.0, "mean 0 over all rows t")
    ]
    assert found(a=scaled("robust"), b=scaled("robust", seed=1)) == [
        ("leak", kind, "a, b", 2.0, "median 0 and interquar")
    ]
    assert found(a=scaled("minmax")) == [("warning", kind, "a", 1.0, "from 0 to 1 over all r")]
    assert found(a=between(-2, 5), b=between(-2, 5, 1)) == [
        ("leak", kind, "a, b", 2.0, "from -2 to 5 over all ")
    ]
    assert found(a=between(-1, 1), b=between(-1, 1, 1)) == [
        ("leak", kind, "a, b", 2.0, "from -1 to 1 over all ")
    ], "told once"
    loops = [np.sin(2 * np.pi * np.arange(n) / (n - 1)) for n in np.diff(BOUNDS)]
    steps = np.concatenate([np.diff(part, prepend=part[0]) for part in loops])
    (cycle,) = found(d=steps)
    assert cycle[:3] == ("leak", "lookahead", "d")
    assert found(d=steps, x=7.0 + np.concatenate(loops)) == [], "how another one changes"
    assert found(a=between(-2, 5)) == []
    assert found(a=between(-0.4, 1.0)) == []
    assert found(a=between(-0.4, 1.0), b=between(-0.7, 1.0, 1)) == [
        ("leak", kind, "a, b", 2.0, "1 at the most over all")
    ]
    assert found(a=scaled("z").astype(np.float32))[0][:3] == ("leak", kind, "a")
    assert found(a=np.arange(90) % 7) == []


def test_what_is_said_of_numbers():
    (one,) = identifier_findings(case(frame(n=np.arange(90.0), x=noise())))
    assert (one.severity, one.kind, one.step, one.channel) == ("leak", "identifier", "input", "n")
    assert (one.effect, one.unit) == (1.0, "share of rows")
    assert one.what == "Channel 'n' grows by the same amount from row to row: it counts rows."
