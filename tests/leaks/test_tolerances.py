"""Where each check begins to see: just below its tolerance and just above."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._changes import as_numbers, change_between, spread_of
from signalprep.leaks._clipped import clip_findings
from signalprep.leaks._disturb import disturbed, limits, spiked, stretches
from signalprep.leaks._held_checks import _long, _matches
from signalprep.leaks._input_checks import (
    _linear,
    identifier_findings,
    scale_findings,
)
from signalprep.leaks._proxies import _explained, best_match, proxy_findings
from signalprep.leaks._statistics import is_odd, moments, statistics
from signalprep.leaks._touching import touching_by_clock
from signalprep.leaks._whole_cycle import (
    _drawn_in_steps,
    _is_function_of,
    _on_a_line,
    _runs_to_the_end,
    _same_ends,
    _same_middle,
    whole_cycle_findings,
)
from signalprep.trial import Case

LENGTHS = (90, 110, 100, 120, 95, 105)
BOUNDS = np.concatenate([[0], np.cumsum(LENGTHS)])


@pytest.fixture(scope="module")
def log():
    """Six cycles of three channels and a target that none of them gives."""
    rng = np.random.default_rng(0)
    cycle = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
    time = np.concatenate([np.arange(n) / 2.0 for n in LENGTHS])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    values = np.cumsum(rng.normal(size=(len(cycle), 4)), axis=0)
    return pd.DataFrame(values, index=index, columns=["a", "b", "c", "y"])


def case(log, **channels):
    X = log.drop(columns="y").assign(**channels)
    folds = list(sp.CycleKFold(3).split(X))
    return Case(estimator=None, X=X, y=log["y"], folds=folds, cv="cv")


def found_in(findings, channel):
    """Severity and kind of what is said of one channel."""
    return [(one.severity, one.kind) for one in findings if channel in one.channel.split(", ")]


def like(y, explained, seed=5):
    """A channel whose squared correlation with the target is just this."""
    y = (y - y.mean()) / y.std()
    noise = np.random.default_rng(seed).normal(size=len(y))
    noise -= noise.mean()
    noise -= y * (noise @ y) / (y @ y)
    return np.sqrt(explained) * y + np.sqrt(1.0 - explained) * noise / noise.std()


@pytest.mark.parametrize(
    ("explained", "said"),
    [
        (0.99902, [("leak", "target_in_inputs")]),
        (0.99898, [("warning", "target_in_inputs")]),
        (0.995, [("warning", "target_in_inputs")]),
        (0.97, []),
    ],
)
def test_copies_of_the_target(log, explained, said):
    y = log["y"].to_numpy()
    x = like(y, explained)
    assert _explained(x, y, BOUNDS, 0) == pytest.approx(explained, abs=1e-12)
    assert found_in(proxy_findings(case(log, x=x)), "x") == said


@pytest.mark.parametrize("lag", [-3, -1, 0, 1, 2, 7])
def test_shifts_are_named_with_their_side(log, lag):
    y = log["y"]
    x = y.groupby("cycle").shift(lag).groupby("cycle").bfill().groupby("cycle").ffill()
    (one,) = [found for found in proxy_findings(case(log, x=3.0 - 2.0 * x)) if found.channel == "x"]
    when = {
        -3: "3 samples (1.5 s) earlier",
        -1: "1 sample (0.5 s) earlier",
        0: "at the same time",
        1: "1 sample (0.5 s) later",
        2: "2 samples (1 s) later",
        7: "7 samples (3.5 s) later",
    }[lag]
    flipped = when.replace("earlier", "?").replace("later", "earlier").replace("?", "later")
    assert f"is the target 'y' {when if lag == 0 else flipped}," in one.what


def test_correlation_needs_ten_rows_and_half_of_all():
    rng = np.random.default_rng(0)
    y = rng.normal(size=40)
    bounds = np.array([0, 20, 40])
    assert _explained(y, y, bounds, 0) == pytest.approx(1.0)
    assert _explained(np.roll(y, 10), y, bounds, 10) == pytest.approx(1.0)
    assert _explained(np.roll(y, 11), y, bounds, 11) == 0.0, "less than half of the rows"
    assert _explained(y[:10], y[:10], np.array([0, 10]), 0) == pytest.approx(1.0)
    assert _explained(y[:9], y[:9], np.array([0, 9]), 0) == 0.0
    assert _explained(np.ones(40), y, bounds, 0) == _explained(y, np.ones(40), bounds, 0) == 0.0


@pytest.mark.parametrize(("dtype", "close"), [(np.float64, 1e-8), (np.float32, 1e-4)])
def test_a_change_counts_beyond_rounding_of_its_column(dtype, close):
    one = np.zeros((5, 2), dtype=dtype)
    one[0] = 100.0, 1.0
    small, large = one.copy(), one.copy()
    small[3, 0], large[3, 0] = 90.0 * close, 130.0 * close
    assert change_between(one, small) is None
    change = change_between(one, large)
    assert change.rows.tolist() == [False, False, False, True, False]
    assert change.column == 0
    assert change.size == pytest.approx(130.0 * close, rel=1e-3)
    assert change.relative == pytest.approx(130.0 * close / one[:, 0].std(), rel=1e-3)
    large[4, 1] = 50.0 * close  # small beside the other column, large beside its own
    assert change_between(one, large).column == 1


def test_what_amplifies_rounding_is_allowed_a_hundred_times_that():
    one = np.ones((4, 1))
    other = one + np.array([[0.0], [0.0], [0.0], [1e-3]])
    assert change_between(one, other, lambda: one + 1.01e-5) is None
    assert change_between(one, other, lambda: one + 0.99e-5).size == pytest.approx(1e-3)


def test_missing_in_one_only_is_the_largest_change():
    one = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, np.nan]])
    other = np.array([[1.5, np.nan], [2.0, np.nan], [3.0, np.nan]])
    change = change_between(one, other)
    assert change.rows.tolist() == [True, True, False]
    assert (change.column, change.size) == (1, np.inf)
    assert change_between(one, one) is None


def test_spread_of_what_is_constant_is_its_size():
    assert spread_of(np.array([1.0, 3.0, np.nan])) == 1.0
    assert spread_of(np.array([-7.0, -7.0])) == 7.0
    assert spread_of(np.array([0.2, 0.2])) == spread_of(np.array([np.nan])) == 1.0


def test_numbers_of_outputs():
    frame = pd.DataFrame({"x": [1, 2], "flag": [True, False], "word": ["a", "b"]})
    found = as_numbers(frame)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found[:, :2], [[1.0, 1.0], [2.0, 0.0]])
    assert found[0, 2] != found[1, 2]
    assert as_numbers(frame[["x"]].astype(np.float32)).dtype == np.float32
    assert as_numbers(pd.DataFrame({"x": np.float32([1]), "y": [1.0]})).dtype == np.float64
    np.testing.assert_array_equal(as_numbers(np.array([[True, False]])), [[1.0, 0.0]])
    words = as_numbers(np.array([["a"], ["b"], ["a"]], dtype=object))
    assert words[0, 0] == words[2, 0] != words[1, 0]
    assert as_numbers(pd.DataFrame(index=[0, 1])).shape == (2, 0)


def test_disturbed_rows_are_turned_round_and_drawn_to_the_farther_limit():
    values = np.arange(10.0)[:, None]
    within = limits(values)
    assert within.tolist() == [[0.0], [9.0]]
    out = disturbed(values, slice(7, 10), within)
    np.testing.assert_allclose(out[7:, 0], 0.7 * np.array([9.0, 8.0, 7.0]) + 0.3 * 0.0)
    np.testing.assert_array_equal(out[:7], values[:7])
    both = disturbed(values, [slice(0, 2), slice(4, 6)], within)
    np.testing.assert_allclose(both[[0, 1, 4, 5], 0], 0.7 * np.array([1, 0, 5, 4]) + 0.3 * 9.0)
    np.testing.assert_array_equal(values[:, 0], np.arange(10.0))
    words = disturbed(pd.DataFrame({"w": list("abcd")}), slice(1, 4), limits(pd.DataFrame()))
    assert words["w"].tolist() == list("adcb")


def test_spikes_stand_twenty_ranges_above():
    values = np.array([[0.0, 5.0], [4.0, 5.5], [1.0, 5.2], [2.0, 5.1], [3.0, 5.0]])
    out = spiked(values, [0, 1, 2, 4], limits(values))
    np.testing.assert_allclose(out[:, 0], [84.0, 4.0, 84.0, 2.0, 84.0])
    np.testing.assert_allclose(out[:, 1], [25.5, 5.5, 25.5, 5.1, 25.5])


def test_runs_of_rows():
    rows = np.array([True, True, False, True, False, False, True])
    assert stretches(rows) == [slice(0, 2), slice(3, 4), slice(6, 7)]
    assert stretches(~rows) == [slice(2, 3), slice(4, 6)]


@pytest.mark.parametrize(("off", "said"), [(0.9, True), (1.2, False)])
@pytest.mark.parametrize("kind", ["mean", "deviation", "quantile"])
def test_scaled_over_all_rows_to_the_last_digits(log, kind, off, said):
    x = log["a"].to_numpy()
    z = (x - x.mean()) / x.std()
    low, middle, high = np.quantile(x, [0.25, 0.5, 0.75])
    made = {
        "mean": 3.0 * (z + off * 1e-8),
        "deviation": z * (1.0 + off * 1e-8),
        "quantile": (x - middle) / (high - low) + off * 1e-8,
    }[kind]
    by_itself = {"mean": "warning", "deviation": "leak", "quantile": "warning"}[kind]
    severity = [(by_itself, "scaled_before_split")] if said else []
    if kind == "deviation" and not said:
        severity = [("warning", "scaled_before_split")]  # still centred
    assert found_in(scale_findings(case(log, x=made)), "x") == severity


def test_centred_within_every_cycle(log):
    x = log["a"].groupby("cycle").transform(lambda part: part - part.mean())
    assert found_in(scale_findings(case(log, x=x)), "x") == [("leak", "lookahead")]
    pushed = x.copy()
    pushed.loc[2] += 1e-3
    pushed -= pushed.mean()
    assert found_in(scale_findings(case(log, x=pushed)), "x") == [
        ("warning", "scaled_before_split")
    ]


def test_ends_of_all_rows_met_by_one_cycle(log):
    x = log["a"].to_numpy()
    x = (x - x.min()) / np.ptp(x)
    assert found_in(scale_findings(case(log, x=x)), "x") == [("warning", "scaled_before_split")]
    twice = x.copy()
    twice[[5, -5]] = 1.0
    twice[x == 1.0] = 0.5
    assert found_in(scale_findings(case(log, x=twice)), "x") == []


def test_clipping_at_quantiles(log):
    n, x = len(log), log["a"].to_numpy()
    low, high = np.sort(x)[[round(0.05 * n) - 1, n - round(0.05 * n)]]
    one = np.clip(x, low, high)
    assert found_in(clip_findings(case(log, x=one)), "x") == [("warning", "clipped_before_split")]
    both = case(log, x=one, z=-one)
    assert found_in(clip_findings(both), "z") == [("warning", "clipped_before_split")]
    by_hand = np.clip(x, np.round(low), np.round(high))
    assert found_in(clip_findings(case(log, x=by_hand)), "x") == []


def test_columns_that_count(log):
    n = len(log)
    rows = np.concatenate([np.arange(float(length)) for length in LENGTHS])
    time = log.index.get_level_values("time").to_numpy()
    cycle = log.index.get_level_values("cycle").to_numpy()
    shifted = 100.0 * cycle + time
    said = {
        "row": (np.arange(n) * 0.1 + 5.0, [("leak", "identifier")]),
        "nearly": (np.arange(n) * 0.1 + 1e-4 * log["a"].to_numpy(), []),
        "clock": (2.0 * time + 1.0, [("warning", "identifier")]),
        "in cycle": (rows + 7.0 * cycle**2, [("warning", "identifier")]),
        "cycle": (cycle + 3.0, [("leak", "identifier")]),
        "id": (10.0 * cycle**2, [("warning", "identifier")]),
        "load": (np.sqrt(cycle + 0.5), []),
        "shared": (np.minimum(cycle, 4.0), []),
        "words": (np.array(list("abcdef"))[cycle], [("leak", "identifier")]),
        "drivers": (np.array(list("abcdee"))[cycle], []),
        "both": (shifted, [("warning", "identifier")]),
    }
    for name, (values, expected) in said.items():
        found = identifier_findings(case(log, **{name: values}))
        assert found_in(found, name) == expected, name


def test_what_only_the_whole_cycle_tells(log):
    time = log.index.get_level_values("time").to_numpy()
    by_cycle = log["y"].groupby("cycle")
    length = np.repeat(np.array(LENGTHS, dtype=float), LENGTHS)
    rows = np.concatenate([np.arange(float(n)) for n in LENGTHS])
    last = time[BOUNDS[1:] - 1].repeat(LENGTHS)
    near = by_cycle.transform("mean") * (1.0 + 1e-4 * (log.index.codes[0] == 2))
    said = {
        "length": (3.0 - 2.0 * length, "gives the duration"),
        "inverse": (1.0 / length, "gives the number of rows"),
        "logarithm": (np.log(length), "gives the number of rows"),
        "mean": (by_cycle.transform("mean"), "gives the mean of the target"),
        "last": (by_cycle.transform("last"), "gives the last value of the target"),
        "top": (by_cycle.transform("max"), "gives the maximum of the target"),
        "of a": (log["a"].groupby("cycle").transform("sum"), "gives the sum of channel 'a'"),
        "near": (near, ""),
        "first": (by_cycle.transform("first"), ""),
        "left": (last - time, "is the time to the cycle's end"),
        "done": (time / last, "is the part of the cycle that is done"),
        "share": (rows / length, "is the part of the cycle's rows that is done"),
    }
    for name, (values, words) in said.items():
        told = list(whole_cycle_findings(case(log, **{name: values})))
        told = [one.what for one in told if one.channel == name]
        assert len(told) == bool(words), name
        assert all(words in what for what in told), name


def test_pieces_of_one_recording_by_the_clock():
    spans = np.array([[20.0, 29.0], [0.0, 9.0], [10.0, 18.0], [30.6, 40.0]])
    assert touching_by_clock(spans, 1.0) == [(1, 2)]
    assert touching_by_clock(spans, 1.34) == [(1, 2), (2, 0), (0, 3)]
    assert touching_by_clock(np.array([[0.0, 9.0], [9.0, 12.0]]), 1.0) == [], "one row in both"


def test_statistics_by_name():
    values = np.random.default_rng(0).gamma(2.0, size=500)
    found = statistics(values)
    quartiles = np.percentile(values, [25, 50, 75])
    mad = np.median(np.abs(values - quartiles[1]))
    expected = {
        "mean": values.mean(),
        "standard deviation (ddof=1)": values.std(ddof=1),
        "variance (ddof=0)": values.var(),
        "mean + 3 standard deviations (ddof=0)": values.mean() + 3 * values.std(),
        "mean - 2.5 standard deviations (ddof=1)": values.mean() - 2.5 * values.std(ddof=1),
        "99 % quantile": np.quantile(values, 0.99),
        "interquartile range": quartiles[2] - quartiles[0],
        "lower quartile - 1.5 interquartile ranges": quartiles[0]
        - 1.5 * (quartiles[2] - quartiles[0]),
        "upper quartile + 3 interquartile ranges": quartiles[2]
        + 3.0 * (quartiles[2] - quartiles[0]),
        "median absolute deviation": mad,
        "median - 3 scaled median deviations": quartiles[1] - 3 * 1.4826 * mad,
        "median + 6 scaled median deviations": quartiles[1] + 6 * 1.4826 * mad,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-12), name
    assert len(moments(values)) == 5
    assert len(found) == 5 + 2 * 7 * 2 + 17 + 1 + 2 * 4 + 1 + 2 * 7


def test_numbers_held_are_compared_to_eleven_digits():
    whole, own = {"mean": 1.234567}, {"mean": 1.3}
    assert _matches(np.array([1.234567 * (1 + 0.9e-9)]), whole, own) == ("mean", 1.234567, 1.3)
    assert _matches(np.array([1.234567 * (1 + 1.2e-9)]), whole, own) is None
    assert _matches(np.array([1.234567]), whole, {"mean": 1.234567 * (1 + 0.9e-6)}) is None
    assert _matches(np.array([1.234567]), whole, {"mean": 1.234567 * (1 + 1.1e-6)}) is not None
    assert _matches(np.array([]), whole, own) is None
    assert _matches(np.array([1.234567]), whole, {}) is None
    np.testing.assert_array_equal(
        _long([np.array([1.5, 0.123456, 123.456, 12345.0]), np.array([7.0, 1 / 3])]),
        [0.123456, 1 / 3, 123.456],
    )


def parts_of(seed=0, n=6, rows=40):
    rng = np.random.default_rng(seed)
    return [np.cumsum(rng.normal(size=rows + k)) for k in range(n)]


def drawn(part, low=0.0, high=1.0):
    return low + (high - low) * (part - part.min()) / np.ptp(part)


def test_cycles_drawn_to_the_same_ends():
    words = "has the same lowest and highest value in every cycle"
    parts = parts_of()
    assert _same_ends([drawn(part, -2.0, 7.0) for part in parts]) == words
    assert _same_ends(parts) == ""
    assert _same_ends([drawn(part, -2.0, 7.0 + 1e-7 * k) for k, part in enumerate(parts)]) == ""
    assert _same_ends([np.round(drawn(part), 1) for part in parts]) == "", "few values"
    top = [part / part.max() if part.max() > 0 else part - part.max() + 1.0 for part in parts]
    assert _same_ends(top) == "has the same highest value in every cycle, in one row"
    assert _same_ends([part * 3.0 for part in top]) == ""
    lowest = [part - part.min() for part in parts]
    assert _same_ends(lowest) == "has the same lowest value in every cycle, in one row"
    assert _same_ends([part + 1.0 for part in lowest]) == ""


def test_cycles_drawn_in_steps_of_their_own():
    words = "goes from the same lowest to the same highest value in steps of its own"
    counts = [np.arange(12.0 + k).repeat(2) / (11.0 + k) for k in range(6)]
    assert _drawn_in_steps(counts) == words
    assert _drawn_in_steps([part * 5.0 for part in counts]) == words
    assert _drawn_in_steps([part * (1.0 + 0.1 * k) for k, part in enumerate(counts)]) == ""
    assert _drawn_in_steps([counts[0]] * 6) == "", "all in the same steps"
    assert _drawn_in_steps([*counts[:3], *[counts[0]] * 3]) == ""
    for off, same in [(5e-5, words), (1.2e-4, "")]:
        bent = [part.copy() for part in counts]
        for part in bent:
            part[4:6] += off * np.diff(np.unique(part)).max()
        assert _drawn_in_steps(bent) == same
    odd = [np.sort(np.r_[0.0, 1.0, 0.1003, 0.4, 0.7]) for _ in range(6)]
    assert _drawn_in_steps(odd) == ""
    assert _drawn_in_steps([np.array([0.0, 0.5, 1.0])] * 6) == "", "three levels are no steps"
    assert _drawn_in_steps([np.zeros(5)] * 6) == ""


def test_cycles_about_the_same_middle():
    parts = [part * (1.0 + 0.2 * k) for k, part in enumerate(parts_of())]
    assert (
        _same_middle([part - part.mean() + 5.0 for part in parts])
        == "has the same mean in every cycle"
    )
    medians = [part - np.median(part) + 5.0 for part in parts]
    assert _same_middle(medians) == "has the same median in every cycle"
    assert _same_middle([part - part.mean() for part in parts]) == "", "told of as scaled"
    assert _same_middle(parts) == ""
    assert _same_middle([parts[0]] * 5) == "", "one programme"
    near = [part - part.mean() + 5.0 + 1e-6 * k for k, part in enumerate(parts)]
    assert _same_middle(near) == ""


def test_what_runs_to_the_end():
    seconds = [np.arange(float(n)) / 2.0 for n in (30, 40, 50, 60)]
    left = [part[-1] - part for part in seconds]
    assert _runs_to_the_end(left, seconds) == "is the time to the cycle's end"
    assert (
        _runs_to_the_end([3.0 - 2.0 * part for part in left], seconds)
        == "is the time to the cycle's end"
    )
    done = [part / part[-1] for part in seconds]
    assert _runs_to_the_end(done, seconds) == "is the part of the cycle that is done"
    rows = [np.arange(float(len(part))) / len(part) for part in seconds]
    assert _runs_to_the_end(rows, seconds) == "is the part of the cycle's rows that is done"
    assert _runs_to_the_end(seconds, seconds) == "", "the time itself"
    assert _runs_to_the_end([part**2 for part in left], seconds) == ""
    assert _runs_to_the_end([left[0]] * 4, [seconds[0]] * 4) == "", "all as long as each other"
    assert _runs_to_the_end([part[:2] for part in left], [part[:2] for part in seconds]) == ""
    off = [part + 1e-4 * k for k, part in enumerate(left)]
    assert _runs_to_the_end(off, seconds) == ""


def test_one_is_the_other_on_a_line_or_bent():
    given = np.array([1.0, 2.0, 4.0, 7.0])
    for values in (3 - 2 * given, given**2, 1 / given, np.log(given) + 5):
        assert _is_function_of(values, given)
    assert not _is_function_of(np.sqrt(given), given)
    assert not _is_function_of(given[:3], given[:3]), "three say little"
    assert _on_a_line(given, given + np.array([0.0, 0.0, 0.0, 5e-6]))
    assert not _on_a_line(given, given + np.array([0.0, 0.0, 0.0, 2e-5]))
    assert not _on_a_line(given, np.ones(4))


def test_the_nearest_shift_that_does_as_well_is_told():
    rng = np.random.default_rng(0)
    y = np.cumsum(rng.normal(size=600))
    bounds = np.array([0, 600])
    x = np.roll(y, 3) + 1.2 * rng.normal(size=600)
    x[:3] = y[0]
    best, near = 1 - _explained(x, y, bounds, 3), 1 - _explained(x, y, bounds, 2)
    assert 1.05 < near / best < 2.0
    assert best_match(x, y, bounds).lag == 3


def test_numbers_that_nobody_sets_by_hand():
    assert is_odd(1.23456)
    assert not is_odd(1.2345)
    assert is_odd(-0.00123456)
    assert not is_odd(123000.0)


def test_a_line_in_time():
    t = np.arange(5.0)
    assert _linear(3.0 - 2.0 * t, t)
    assert _linear(t + 3e-7 * np.array([0, 1, 0, 1, 0]), t)
    assert not _linear(t + 3e-5 * np.array([0, 1, 0, 1, 0]), t)
    assert not _linear(np.zeros(5), t)
    assert not _linear(t, np.zeros(5))
