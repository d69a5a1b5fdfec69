"""What only who knows the whole cycle can make: just within each limit, and just beyond."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._whole_cycle import (
    STATISTICS,
    _drawn_in_steps,
    _is_function_of,
    _last_of_all,
    _made_of_cycle,
    _of_each_cycle,
    _on_a_line,
    _runs_to_the_end,
    _same_ends,
    _same_last,
    _same_middle,
    _statistic_of,
    whole_cycle_findings,
)
from signalprep.trial import Case

SECONDS = [np.arange(float(n)) / 2.0 for n in (30, 40, 50, 60)]
DONE = "is the part of the cycle that is done"
LEFT = "is the time to the cycle's end"
ROWS_DONE = "is the part of the cycle's rows that is done"


def parts_of(n=6, rows=12, seed=0, last=None):
    """Cycles of noise, each a row longer than the one before, that end at one value."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=rows + k) for k in range(n)]
    for part in parts:
        part[2:4] = -3.0 - rng.random(), 3.0 + rng.random()
        if last is not None:
            part[-1] = last
    return parts


def test_one_value_amid_the_others_ends_every_cycle():
    assert _last_of_all(parts_of(last=0.25)) == 0.25
    assert _last_of_all(parts_of(rows=10, last=0.25)) == 0.25
    assert _last_of_all(parts_of(rows=9, last=0.25)) is None, "nine rows"
    assert str(_last_of_all(parts_of(last=-0.0))) == "0.0"
    assert _last_of_all(parts_of()) is None
    missing = parts_of(last=0.25)
    missing[2][5] = np.nan
    assert _last_of_all(missing) is None
    again = parts_of(last=0.25)
    again[3][5] = 0.25
    assert _last_of_all(again) is None, "it comes elsewhere, too"
    moved = parts_of(last=0.25)
    moved[4][[5, -1]] = moved[4][[-1, 5]]
    assert _last_of_all(moved) is None, "elsewhere only"


@pytest.mark.parametrize(("off", "expected"), [(0.9e-9, 0.25), (1.1e-9, None)])
def test_the_last_value_to_nine_digits_of_the_range(off, expected):
    parts = parts_of(last=0.25)
    widest = max(float(np.ptp(part)) for part in parts)
    parts[3][-1] += off * widest
    assert _last_of_all(parts) == expected


@pytest.mark.parametrize(("alike", "expected"), [(2, 0.25), (3, None)])
def test_cycles_that_end_alike_are_one_programme(alike, expected):
    """Of six, so many share the row before the last with another one."""
    parts = parts_of(last=0.25)
    for one, other in list(zip(parts[::2], parts[1::2], strict=True))[:alike]:
        other[-2] = one[-2]
    assert _last_of_all(parts) == expected


@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize(("outermost", "expected"), [(3, 0.25), (4, None)])
def test_a_last_value_at_the_end_of_the_range_says_nothing(side, outermost, expected):
    parts = parts_of(last=0.25)
    for part in parts[:outermost]:
        part[:-1] = 0.25 + side * (0.1 + np.abs(part[:-1]))
    assert _last_of_all(parts) == expected


def test_two_channels_that_end_at_zero_or_one_that_ends_elsewhere():
    zero, other = parts_of(last=0.0), parts_of(last=0.0, seed=1)
    assert list(_same_last({"a": zero})) == []
    (both,) = _same_last({"a": zero, "c": parts_of(seed=2), "b": other})
    assert (both.severity, both.kind, both.channel) == ("leak", "lookahead", "a, b")
    assert (both.effect, both.unit) == (2.0, "channels")
    assert both.what.startswith("'a', 'b': 0 in the last row of every cycle and in no other")
    (one,) = _same_last({"a": [part + 2.5 for part in zero]})
    assert (one.channel, one.effect) == ("a", 1.0)
    assert "2.5 in the last row" in one.what


# means and medians


def about(level, parts):
    return [part - part.mean() + level for part in parts]


def test_middles_are_the_same_to_eight_digits():
    parts = parts_of()
    largest = max(float(np.std(part)) for part in parts)
    words = "has the same mean in every cycle"
    for off, said in [(0.8e-8, words), (1.2e-8, "")]:
        near = about(5.0, parts)
        near[2] = near[2] + off * largest
        assert _same_middle(near) == said
    assert _same_middle(about(1.2e-8 * largest, parts)) == words
    assert _same_middle(about(-1.2e-8 * largest, parts)) == words
    assert _same_middle(about(0.8e-8 * largest, parts)) == "", "told of as scaled"


@pytest.mark.parametrize(("times", "said"), [(2, "has the same median in every cycle"), (3, "")])
def test_a_level_that_comes_often_is_in_the_middle_by_its_nature(times, said):
    parts = [np.sort(part) for part in parts_of(rows=21)]
    for part in parts:
        part[len(part) // 2 - 1 : len(part) // 2 - 1 + times] = 0.5
        part[: len(part) // 2 - 1] = -1.0 - np.abs(part[: len(part) // 2 - 1])
        part[len(part) // 2 - 1 + times :] = 1.0 + np.abs(part[len(part) // 2 - 1 + times :])
    odd = [part for part in parts if np.median(part) == 0.5]
    assert _same_middle(odd) == said


def test_cycles_of_one_deviation_are_one_programme():
    parts = [(part - part.mean()) / part.std() + 5.0 for part in parts_of()]
    assert _same_middle(parts) == ""
    parts[2] = (parts[2] - 5.0) * (1 + 0.8e-6) + 5.0
    for scale in (1e-3, 1.0, 1e3):
        assert _same_middle([scale * part for part in parts]) == ""
    parts[2] = (parts[2] - 5.0) * (1 + 1e-6) + 5.0
    assert _same_middle(parts) == "has the same mean in every cycle"


# one value in each cycle


@pytest.mark.parametrize("name", STATISTICS)
def test_statistics_of_whole_cycles_are_named(name):
    by_hand = {
        "mean": np.mean,
        "last value": lambda v: v[-1],
        "maximum": max,
        "minimum": min,
        "median": np.median,
        "sum": sum,
        "standard deviation": np.std,
        "standard deviation (ddof=1)": lambda v: np.std(v, ddof=1),
        "range": lambda v: max(v) - min(v),
        "rise": lambda v: v[-1] - v[0],
    }
    parts = parts_of()
    assert _statistic_of(np.array([by_hand[name](part) for part in parts]), parts) == name


@pytest.mark.parametrize("early", [lambda n: 0, lambda n: n // 4])
def test_what_early_rows_say_is_known_in_time(early):
    parts = parts_of(rows=200)
    for k, part in enumerate(parts):
        part[early(len(part))] = 9.0 + k**2
    tops = np.array([part.max() for part in parts])
    assert _statistic_of(tops, parts) == ""
    late = parts_of(rows=200)
    for k, part in enumerate(late):
        part[len(part) // 3] = 9.0 + k**2
    assert _statistic_of(tops, late) == "maximum"
    late[0][1] = np.nan
    assert _statistic_of(tops, late) == ""


def test_what_one_value_in_each_cycle_gives():
    lengths = np.array([30.0, 30.0, 41.0, 52.0, 63.0])
    seconds = [9.0 * k + np.arange(n) * (0.5 + 0.1 * k) for k, n in enumerate(lengths)]
    target, channel = parts_of(5), parts_of(5, seed=3)
    X = pd.DataFrame(columns=["a", "b"])

    def said(values):
        return _of_each_cycle(np.array(values), seconds, target, "y", {1: channel}, X)

    assert said([part[-1] - part[0] for part in seconds]) == (
        "lookahead",
        "gives the duration of the cycle",
    )
    assert said(lengths) == ("lookahead", "gives the number of rows of the cycle")
    assert said([30.0, 30.0, 41.0, 52.0, 52.0]) is None, "three values"
    assert said([part.max() for part in target]) == (
        "target_in_inputs",
        "gives the maximum of the target 'y'",
    )
    assert said([part.min() for part in channel]) == (
        "lookahead",
        "gives the minimum of channel 'b'",
    )
    assert said([1.0, 5.0, 2.0, 9.0, 4.0]) is None


def test_functions_of_few_or_negative_values():
    given = np.array([0.0, 1.0, 4.0, 9.0])
    assert _is_function_of(given**2, given)
    assert not _is_function_of(np.sqrt(given), given), "neither inverse nor logarithm of zero"
    assert _is_function_of((given - 3.0) ** 2, given - 3.0)
    assert not _is_function_of(np.array([1.0, 2, 2, 5]), np.array([1.0, 2, 2, 5]))


@pytest.mark.parametrize("scale", [1e-3, 1e3])
@pytest.mark.parametrize(("off", "straight"), [(2.5e-6, True), (2.9e-6, False)])
def test_lines_to_six_digits_of_the_range(scale, off, straight):
    x = np.array([-1.0, 0.0, 0.0, 1.0])
    y = (x + off * np.array([0.0, 1.0, 0.0, 0.0])) * scale
    assert _on_a_line(x, y) is straight
    assert _on_a_line(np.array([0.0, 0.5, 1.0]), np.array([3.0, 2.5, 2.0]))


# what runs to the end, and the same ends


@pytest.mark.parametrize("scale", [1e-3, 1e3])
@pytest.mark.parametrize(("off", "same"), [(0.9e-6, True), (1.1e-6, False)])
def test_ends_are_the_same_to_six_digits(scale, off, same):
    one = np.array([0.0, 0.0, 0.0, off])
    left = [part[-1] - part for part in SECONDS]
    widest = SECONDS[-1][-1]
    moved = [scale * (part + d * widest) for part, d in zip(left, one, strict=True)]
    assert _runs_to_the_end(moved, SECONDS) == (LEFT if same else "")
    share = [part / part[-1] for part in SECONDS]
    turned = [scale * (1.0 - (1.0 - part) * (1.0 + d)) for part, d in zip(share, one, strict=True)]
    assert _runs_to_the_end(turned, SECONDS) == (DONE if same else LEFT)
    rows = [np.arange(float(len(part))) / len(part) for part in SECONDS]
    assert _runs_to_the_end([3.0 + part for part in rows], SECONDS) == ROWS_DONE
    twos = [rows[0], rows[0], rows[1], rows[1]]
    assert _runs_to_the_end(twos, [SECONDS[k] for k in (0, 0, 1, 1)]) == ROWS_DONE
    steeper = [scale * part * (1.0 + d) for part, d in zip(rows, one, strict=True)]
    assert _runs_to_the_end(steeper, SECONDS) == (ROWS_DONE if same else "")


def test_short_cycles_and_cycles_of_as_many_rows():
    short = [np.arange(float(n)) for n in (3, 4, 5, 6)]
    assert _runs_to_the_end([part[-1] - part for part in short], short) == LEFT
    short = [np.arange(float(n)) for n in (2, 4, 5, 6)]
    assert _runs_to_the_end([part[-1] - part for part in short], short) == ""
    seconds = [np.arange(20.0) * step for step in (0.5, 1.0, 1.0, 1.0)]
    share = [np.arange(20.0) / 20.0] * 4
    assert _runs_to_the_end(share, seconds) == DONE
    assert _runs_to_the_end(share, seconds[1:]) == "", "all as long as each other"
    later = [3.0 * k + seconds[1] for k in range(4)]
    assert _runs_to_the_end(share, later) == "", "whenever they begin"


def shaped(low, high, at_low, at_high):
    """Six cycles of fifteen rows and more, with these ends at these places."""
    parts = [np.random.default_rng(k).uniform(0.3, 0.6, 15 + k) for k in range(6)]
    for k, part in enumerate(parts):
        part[at_low(k)] = low + 0.01 * k * (low != round(low))
        part[at_high(k)] = high + 0.01 * k * (high != round(high))
    return parts


def test_ends_in_one_row_of_every_cycle():
    both = "has the same lowest and highest value in every cycle"
    top, low = (f"has the same {end} value in every cycle, in one row" for end in HIGH_LOW)
    for parts, said in [
        (shaped(-2.0, 7.0, lambda k: k, lambda k: 9), both),
        (shaped(-2.0, 7.0, lambda k: 5, lambda k: k + 6), both),
        (shaped(-2.0, 7.0, lambda k: 5, lambda k: 9), ""),
        (shaped(-2.0, 7.0, lambda k: 5, lambda k: 9 + (k == 3)), both),
        (shaped(-2.5, 1.0, lambda k: k, lambda k: k + 6), top),
        (shaped(-2.5, 100.0, lambda k: k, lambda k: k + 6), top),
        (shaped(-2.5, 1.0, lambda k: k, lambda k: 9), ""),
        (shaped(-2.5, 1.0, lambda k: k, lambda k: -1), top),
        (shaped(-2.5, 2.0, lambda k: k, lambda k: k + 6), ""),
        (shaped(0.0, 7.5, lambda k: k, lambda k: k + 6), low),
        (shaped(0.0, 7.5, lambda k: -1, lambda k: k + 6), ""),
        (shaped(-1.0, 7.5, lambda k: k, lambda k: k + 6), ""),
    ]:
        assert _same_ends(parts) == said
    twice = shaped(-2.0, 7.0, lambda k: k, lambda k: 9)
    twice[3][11] = 7.0
    assert _same_ends(twice) == ""


HIGH_LOW = ("highest", "lowest")


@pytest.mark.parametrize(("off", "same"), [(0.9e-9, True), (1.1e-9, False)])
def test_ends_of_every_cycle_to_nine_digits(off, same):
    parts = shaped(-2.0, 7.0, lambda k: k, lambda k: 9)
    parts[2][9] += off * 9.0
    assert bool(_same_ends(parts)) is same


@pytest.mark.parametrize(("n", "said"), [(4, True), (3, False)])
def test_four_cycles_say_something(n, said):
    lengths = [20 + 3 * k for k in range(n)]
    cycle = np.repeat(np.arange(n), lengths)
    time = np.concatenate([np.arange(float(length)) for length in lengths])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    X = pd.DataFrame({"n": np.repeat(lengths, lengths), "z": 1.0}, index)
    y = pd.Series(np.random.default_rng(0).normal(size=len(X)), index, name="y")
    case = Case(None, X, y, list(sp.CycleKFold(3).split(X)), "cv")
    found = list(whole_cycle_findings(case))
    assert [(one.severity, one.channel, one.effect, one.unit) for one in found] == [
        ("leak", "n", 1.0, "share of cycles")
    ] * said
    (first, *_) = found or [None]
    assert first is None or first.what == (
        "Channel 'n' gives the duration of the cycle, which nobody knows before the cycle ends."
    )


def test_steps_of_four_levels_and_more():
    words = "goes from the same lowest to the same highest value in steps of its own"
    for least, said in [(4, words), (3, "")]:
        parts = [np.arange(float(n)).repeat(5) / (n - 1) for n in range(least, least + 6)]
        assert _drawn_in_steps(parts) == said


def test_a_column_that_moves_is_not_one_value_in_each_cycle():
    lengths = [20.0, 25.0, 30.0, 35.0, 40.0]
    parts = [np.full(int(n), n) for n in lengths]
    seconds = [np.arange(n) for n in lengths]
    target, X = parts_of(5), pd.DataFrame(columns=["a"])
    found = _made_of_cycle(parts, seconds, target, "y", {}, X)
    assert found == ("lookahead", "gives the duration of the cycle")
    for k, part in enumerate(parts):
        part[5] += 1.0 + k
    assert _made_of_cycle(parts, seconds, target, "y", {}, X) is None
    uneven = [
        np.cumsum(1.0 + np.random.default_rng(k).random(int(n))) for k, n in enumerate(lengths)
    ]
    left = [np.arange(n)[::-1] for n in lengths]
    found = _made_of_cycle(left, uneven, target, "y", {}, X)
    assert found == ("lookahead", "is the time to the cycle's end")
