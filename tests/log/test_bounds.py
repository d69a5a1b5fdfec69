"""The drive log at its borders: steps just a gap, rates that just fit, values just fresh."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log._channel import Channel
from signalprep.log._cut import _slack, cut_channels, cycle_changes
from signalprep.log._drawn import averaged, interpolated, linear_channels, why_only_held
from signalprep.log._freshness import freshness_limits
from signalprep.log._groups import groups_of_cycles
from signalprep.log._held import Last, LastSamples, held, last_at
from signalprep.log._index import where
from signalprep.log._lower_rate import _simplest, rows_to_one
from signalprep.log._rates import (
    _is_regular,
    is_one_clock,
    refuse_fast_channels,
    refuse_several_clocks,
)
from signalprep.log._restarts import restarted_cycles, without_repeats
from signalprep.log._rows import Rows, grid, noise
from signalprep.log._samples import Sampled, inner_steps, sampled, valid_rows, valid_samples
from signalprep.log._segments import _onto_the_slowest
from signalprep.log._table import common_start, resampled, sparse_channels
from signalprep.log._time_axis import evened_at
from signalprep.log._unrounded import are_multiples, resolution, unrounded

NAN = np.nan


def log_of(*cycles):
    """A log of cycles with these stamps."""
    ids = np.repeat(np.arange(len(cycles)), [len(one) for one in cycles])
    index = pd.MultiIndex.from_arrays(
        [ids, np.concatenate([np.asarray(one, float) for one in cycles])], names=["cycle", "time"]
    )
    return pd.DataFrame({"x": np.arange(len(index), dtype=float)}, index=index)


def of(stamps):
    stamps = np.asarray(stamps, dtype=float)
    return sampled(stamps, None, np.array([0, len(stamps)]))


def rows_at(stamps, step):
    stamps = np.asarray(stamps, dtype=float)
    return Rows(stamps, None, np.array([0, len(stamps)]), step)


# segments


@pytest.mark.parametrize(
    ("step", "borders"), [(1.5, None), (1.5625, [0, 5, 9]), (1.0078125, [0, 9]), (1.015625, None)]
)
def test_what_is_even_a_gap_or_jitter(step, borders):
    log = log_of(np.concatenate([np.arange(5.0), 4.0 + step + np.arange(4.0)]))
    if borders is None:
        with pytest.raises(InvalidLogError, match="must lie within 0.01"):
            sp.segments(log)
    else:
        assert sp.segments(log).tolist() == borders


def test_jitter_and_sample_time_that_were_asked_for():
    log = log_of([0.0, 1.0, 2.0, 3.25, 4.25])
    assert sp.segments(log, jitter=0.25).tolist() == [0, 5]
    assert sp.segments(log, jitter=0.3, sample_time=1.0).tolist() == [0, 5]
    with pytest.raises(InvalidLogError, match=r"0.2 \(jitter\).*row 3 of it.*after 1.25 s"):
        sp.segments(log, jitter=0.2)
    assert sp.segments(log_of([0.0, 1.0, 2.0]), sample_time=0.6).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("n_gaps", "fine"), [(2, True), (3, False)])
def test_gaps_at_most_of_the_steps_are_another_rate(n_gaps, fine):
    steps = [1.0] * (4 - n_gaps) + [4.0] * n_gaps
    log = log_of(np.arange(20.0), np.concatenate([[0.0], np.cumsum(steps)]))
    if fine:
        assert len(sp.segments(log)) == 3 + n_gaps
    else:
        with pytest.raises(InvalidLogError, match="most rows of cycle 1 follow after 4 s"):
            sp.segments(log)
    short = log_of(np.arange(20.0), [0.0, 4.0, 8.0, 12.0])
    assert sp.segments(short).tolist() == [0, 20, 21, 22, 23, 24]


def test_rates_are_whole_where_stamps_say_so_but_for_a_millionth():
    for step, dt in [
        (0.1 * (1 + 0.9e-6), 0.1),
        (0.1 * (1 + 1.2e-6), None),
        (3.0 * (1 - 0.9e-6), 3.0),
        (3.0 * (1 + 1.2e-6), None),
        (0.3, None),
    ]:
        found = sp.log.sample_time(log_of(step * np.arange(6.0)))
        assert found == (dt if dt is not None else pytest.approx(step, rel=1e-12, abs=0.0))
    assert sp.rate(log_of(0.004 * np.arange(5))) == 250.0
    assert sp.rate(log_of(0.3 * np.arange(5))) == pytest.approx(1 / 0.3)
    with pytest.raises(InvalidLogError, match="a cycle of at least two rows; every cycle has one"):
        sp.rate(log_of([0.0], [0.0]))


def test_order_of_time():
    with pytest.raises(InvalidLogError, match="repeats the time before it; duplicates='last'"):
        sp.segments(log_of([0, 1, 1, 2, 3, 4, 5, 6, 7]))
    coarse = log_of([0, 0, 1, 1, 2, 2, 3, 3])
    with pytest.raises(InvalidLogError, match="as 4 of 8 rows do: the stamps are too coarse"):
        sp.segments(coarse)
    with pytest.raises(InvalidLogError, match="duplicates='last'"):
        sp.segments(log_of([0, 0, 1, 1, 2]))
    with pytest.raises(InvalidLogError, match="row 4 of it.* goes back in time, where it starts"):
        sp.segments(log_of([5, 6, 7, 8, 8 - 0.25, 9]))
    with pytest.raises(InvalidLogError, match=r"goes back in time$"):
        sp.segments(log_of([5, 6, 7, 8, 9, 10, 9 - 0.25, 10]))


@pytest.mark.parametrize(
    ("length", "dt", "samples"),
    [(1, None, 1), ("0.3s", 0.1, 3), ("60ms", 0.1, 1), (np.int8(4), 1, 4)],
)
def test_lengths_in_samples(length, dt, samples):
    assert sp.log.to_samples(length, dt, "window") == samples


@pytest.mark.parametrize(
    ("length", "dt", "message"),
    [
        (0, 1.0, "window must be at least 1 sample; got 0"),
        (True, 1.0, "must be a number of samples"),
        (1.0, 1.0, "must be a number of samples"),
        ("soon", 1.0, "must be a duration such as"),
        ("1s", None, "is a duration and needs a log"),
        ("49ms", 0.1, "is shorter than one sample of 0.1 s"),
    ],
)
def test_lengths_that_cannot_be(length, dt, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.log.to_samples(length, dt, "window")


# a lower rate


@pytest.mark.parametrize(
    ("rate", "dt", "rows"),
    [
        (10.0, 0.1, 1),
        (3, 0.1, Fraction(10, 3)),
        ("2.5 Hz", 0.1, 4),
        ("500 mHz", 0.5, 4),
        ("0.002kHz", 0.1, 5),
        ("1MHz", 5e-7, 2),
        (1 / 3, 1.0, 3),
        (10.0 * (1 + 0.9e-6), 0.1, 1),
    ],
)
def test_rows_of_a_log_to_one_at_a_lower_rate(rate, dt, rows):
    assert rows_to_one(rate, dt) == rows


@pytest.mark.parametrize(
    ("rate", "dt", "message"),
    [
        (10.0 * (1 + 1.2e-6), 0.1, "must not be above that of the log, 10 Hz"),
        (0, 0.1, "must be a positive number in Hz"),
        ("-1Hz", 0.1, "must be a positive number"),
        (True, 0.1, "must be a positive number"),
        (np.inf, 0.1, "must be a positive number"),
        ("1 s", 0.1, "must be a positive number"),
        (1.0, None, "Give factor= instead"),
        (2e4 / 80_001, 1e-4, r"p / q of the rate of the log, 10000 Hz.*rate=0.25; or"),
    ],
)
def test_rates_that_cannot_be(rate, dt, message):
    with pytest.raises(InvalidParameterError, match=message):
        rows_to_one(rate, dt)


def test_the_simplest_fraction():
    assert _simplest(Fraction(3, 10), Fraction(2, 5)) == Fraction(1, 3)
    assert _simplest(Fraction(5, 2), Fraction(3)) == 3
    assert _simplest(Fraction(21, 10), Fraction(23, 10)) == Fraction(9, 4)
    assert _simplest(Fraction(1), Fraction(1)) == 1


# restarts and repeats


def test_time_may_start_anew_within_three_steps():
    assert restarted_cycles(np.array([1.0, 2, 3, 4, 5, 4, 5])).tolist() == [0] * 5 + [1, 1]
    with pytest.raises(InvalidLogError, match="row 6 goes back from 6 s to 5 s"):
        restarted_cycles(np.array([1.0, 2, 3, 4, 5, 6, 5, 6]))
    assert restarted_cycles(np.array([3.0, 4, 5, 1, 2])).tolist() == [0, 0, 0, 1, 1]
    assert restarted_cycles(np.array([2.0, 2.0])).tolist() == [0, 0]
    with pytest.raises(InvalidLogError, match="row 1 goes back"):
        restarted_cycles(np.array([2.0, 1.0]))


def test_the_last_value_of_each_repeated_stamp():
    log = log_of([0, 1, 1, 1, 2], [2, 2, 3]).assign(
        y=[0, 10.0, NAN, NAN, 4, 5, NAN, NAN], z=[NAN, NAN, NAN, NAN, 1.0, 2, 3, 4]
    )
    kept = without_repeats(log)
    assert kept.index.tolist() == [(0, 0), (0, 1), (0, 2), (1, 2), (1, 3)]
    assert kept["x"].tolist() == [0, 3, 4, 6, 7]
    np.testing.assert_array_equal(kept["y"], [0, 10, 4, 5, NAN])
    np.testing.assert_array_equal(kept["z"], [NAN, NAN, 1, 3, 4])
    alone = log_of([0, 1], [1, 2])
    assert without_repeats(alone) is alone


# samples, rows and what is held


def test_samples_that_count():
    t = np.array([0.0, 1.0, 1.0, 2.0])
    channel = Channel("x", t, np.array([1.0, NAN, 3.0, 4.0]), valid=np.array([1, 1, 1, 0], bool))
    found = valid_samples([channel], "last", None)
    assert found.samples[0].stamps.tolist() == [0.0, 1.0]
    assert found.samples[0].rows.tolist() == [0, 2]
    assert found.report["x"] == {"read": 4, "invalid": 1, "duplicate": 1}
    for bad, message in [
        (Channel("x", t, np.arange(3.0)), "one stamp a value; got 3 values and 4 stamps"),
        (Channel("x", t, np.arange(4.0), valid=np.ones(3, bool)), "one stamp a value"),
        (Channel("x", t, np.arange(4.0)), "channel 'x', row 2, repeats the time before it, 1 s"),
        (Channel("x", t[::-1], np.arange(4.0)), "row 1, goes back in time, from 2 s to 1 s"),
        (Channel("x", np.array([0, NAN, 2, 3]), np.arange(4.0)), "row 1, has none"),
        (Channel("x", t, np.arange(4.0), valid=np.zeros(4, bool)), "marked as invalid|repeats"),
    ]:
        with pytest.raises(InvalidLogError, match=message):
            valid_samples([bad], "raise", None)
    with pytest.raises(InvalidLogError, match="'x' occurs more than once"):
        valid_samples([channel, channel], "last", None)


def test_values_that_are_known():
    assert valid_rows(np.array([1.0, NAN])).tolist() == [True, False]
    assert valid_rows(np.array([1, 2]), np.array([0, 1])).tolist() == [False, True]
    assert valid_rows(np.array(["a", None], dtype=object)).tolist() == [True, False]
    assert valid_rows(pd.array([1, None], dtype="Int64")).tolist() == [True, False]


def test_steps_inside_cycles():
    stamps = np.array([0.0, 1, 2, 0, 5])
    assert inner_steps(stamps, np.array([0, 3, 5])).tolist() == [1, 1, 5]
    assert inner_steps(stamps[:3], np.array([0, 0, 3, 3])).tolist() == [1, 1]
    assert np.isnan(of([1.0]).step)
    assert of([1.0, 3.0, 4.0, 5.0]).step == 1.0


def test_one_clock_within_a_millionth_of_a_step():
    first = np.arange(6.0)
    for off, same in [(1e-6, True), (1.1e-6, False)]:
        other = first.copy()
        other[0] = off
        found = Sampled([of(first), of(other)], [first, other], {})
        assert is_one_clock(found) is same
    assert not is_one_clock(Sampled([of(first), of(first[:5])], [first, first[:5]], {}))
    empty = np.empty(0)
    assert is_one_clock(Sampled([of(first), of(empty)], [first, empty], {}))


def test_several_clocks_in_words():
    slow, fast, faster = of(np.arange(0, 8, 0.5)), of(np.arange(0, 8, 0.25)), of([0.0])
    with pytest.raises(
        InvalidLogError, match=r"a 2 Hz, b 4 Hz, c \(1 sample\)\. Give clock='b' or rate=4 to"
    ):
        refuse_several_clocks(["a", "b", "c"], [slow, fast, faster])
    third = of(np.arange(0, 8, 0.8))
    with pytest.raises(InvalidLogError, match="Give clock='b' or"):
        refuse_several_clocks(["a", "b"], [third, fast])
    uneven = of(np.cumsum([0.25, 0.3, 0.25, 0.2, 0.25, 0.25]))
    with pytest.raises(InvalidLogError, match="Give clock='a' or rate=4"):
        refuse_several_clocks(["a", "b"], [slow, uneven])
    with pytest.raises(InvalidLogError, match="Give clock='b' to"):
        refuse_several_clocks(["a", "b"], [of([]), of([1.0])])
    many = [of(np.arange(3) * (1.0 + k)) for k in range(42)]
    with pytest.raises(InvalidLogError, match="x39 0.025 Hz, and 2 more"):
        refuse_several_clocks([f"x{k}" for k in range(42)], many)


def test_regular_stamps():
    assert _is_regular(of([0, 1, 2, 3, 9]))
    assert _is_regular(of([0, 1, 9, 10, 18, 19]))
    assert not _is_regular(of([0, 1, 2.02, 3.02]))
    assert not _is_regular(of([1.0]))
    assert not _is_regular(of([0, 1, 3]))


def test_channels_twice_as_fast_as_the_clock():
    refuse_fast_channels(["a"], [of(np.arange(6) * 0.5)], 1.0)
    refuse_fast_channels(["a"], [of(np.arange(6) * 0.1)], NAN)
    with pytest.raises(InvalidLogError, match=r"clock \(1 Hz\).*found a 2.222 Hz.*clock='a'"):
        refuse_fast_channels(["b", "a"], [of(np.arange(6.0)), of(np.arange(6) * 0.45)], 1.0)


def test_rows_and_those_before():
    rows = Rows(np.array([0.0, 1, 2, 3.5, 5.1, 0, 1]), None, np.array([0, 5, 7]), 1.0)
    np.testing.assert_array_equal(rows.before().stamps, [-1, 0, 1, 2, 4.1, -1, 0])
    assert rows.tolerance == 1e-6
    assert Rows(rows.stamps, None, rows.bounds, NAN).tolerance == noise(rows.stamps)
    keep = np.array([1, 0, 1, 1, 0, 0, 1], bool)
    fewer = rows.chosen(keep)
    assert fewer.stamps.tolist() == [0, 2, 3.5, 1]
    assert fewer.bounds.tolist() == [0, 3, 4]
    assert noise(np.empty(0)) == 0.0
    assert noise(np.array([-8.0, 1.0])) == 4.0 * np.spacing(8.0)


def test_stamps_are_shown_as_recorded_where_regular():
    even = np.arange(5.0)
    for off, own in [(0.004, True), (0.006, False)]:
        recorded = even + np.array([0, off, -off, 0, 0])
        rows = Rows(even, recorded, np.array([0, 5]), 1.0)
        assert (rows.shown is recorded) is own


def test_grids_start_anew_after_what_is_fresh():
    a, b = np.array([0.0, 1, 2, 10, 11]), np.array([3.0, 4.0])
    assert grid([a], [3.0], 1.0).tolist() == [0, 1, 2, 10, 11]
    assert grid([a, b], [3.0, 1.5], 2.0).tolist() == [*np.arange(0, 4.1, 0.5), 10, 10.5, 11]
    assert grid([a], [8.0], 1.0).tolist() == list(range(12))
    assert grid([np.empty(0)], [1.0], 1.0).tolist() == []
    assert grid([np.array([0.0, 1.5, 3.2])], [0.1], 1.0).tolist() == [0, 1, 3.2]
    with pytest.raises(InvalidLogError, match="would have 1.2e.09. Lower rate="):
        grid([np.array([0.0, 1.2e9])], [np.inf], 1.0)


def test_the_last_sample_at_each_row():
    samples = of([1.0, 2.0, 4.0])
    rows = rows_at([0.0, 1.0, 1.5, 2.0 - 1e-7, 3.9, 9.0], 0.5)
    assert last_at(samples, rows).tolist() == [-1, 0, 0, 1, 1, 2]
    last = LastSamples(rows).of(samples, 1.9)
    np.testing.assert_allclose(last.age, [NAN, 0, 0.5, 0, 1.9, 5], atol=1e-12)
    assert last.missing.tolist() == [True, False, False, False, False, True]
    assert LastSamples(rows).of(samples, 5.0).missing.tolist() == [True] + [False] * 5
    assert LastSamples(rows).of(samples, 4.9).missing.tolist() == [True, *[False] * 4, True]


def test_rows_with_something_fresh_or_known():
    rows = rows_at(np.arange(6.0), 1.0)
    last, samples = LastSamples(rows), [of([1.0, 2.0]), of([4.0])]
    assert last.fresh(samples, [1.0, 0.5]).tolist() == [False, True, True, True, True, False]
    assert last.known(samples, [1.0, 0.5]).tolist() == [False] * 4 + [True] * 2
    assert last.known([*samples, of([])], [1.0, 0.5, 1.0]).tolist() == [False] * 4 + [True] * 2
    fewer = last.chosen(np.array([0, 1, 1, 0, 0, 0], bool))
    assert fewer.of(samples[0], 1.0).sample.tolist() == [0, 1]
    assert last.chosen(np.ones(6, bool)) is last


LAST = Last(np.array([-1, 0, 1]), np.array([NAN, 0.0, 0.0]), np.array([True, False, False]))
ALL = Last(np.array([0, 0, 1]), np.zeros(3), np.zeros(3, bool))


@pytest.mark.parametrize(
    ("values", "whole", "dtype", "missing"),
    [
        (np.array([1.5, 2.5]), [1.5, 1.5, 2.5], np.float64, NAN),
        (np.array([1.5, 2.5], dtype=np.float32), [1.5, 1.5, 2.5], np.float32, NAN),
        (np.array([1, 2], dtype=np.int8), [1, 1, 2], np.float64, NAN),
        (np.array([True, False]), [True, True, False], np.float64, NAN),
        (np.array(["a", "b"]), ["a", "a", "b"], object, None),
        (np.array(["2020", "2021"], "M8[D]"), None, "M8[D]", np.datetime64("NaT")),
    ],
)
def test_held_values_keep_their_kind(values, whole, dtype, missing):
    samples = of([0.0, 1.0])
    found = held(values, samples, ALL)
    assert found.dtype == values.dtype
    if whole is not None:
        assert found.tolist() == whole
    found = held(values, samples, LAST)
    assert found.dtype == dtype
    assert found[1:].tolist() == values.astype(dtype).tolist()
    assert pd.isna(found[0])
    none = held(values[:0], of([]), LAST)
    assert len(none) == 3
    assert pd.isna(none).all()


def test_held_values_of_many_digits_and_of_pandas():
    samples, big = of([0.0, 1.0]), np.array([2**53 + 1, 3])
    found = held(big, samples, LAST)
    assert found.dtype == "Int64"
    assert found[1] == 2**53 + 1
    assert held(np.array([2**53, 3]), samples, LAST).dtype == np.float64
    assert held(np.array([-(2**53) - 1, 3]), samples, LAST).dtype == "Int64"
    assert held(np.array([2**63, 3], dtype=np.uint64), samples, LAST).dtype == "UInt64"
    own = held(pd.array(["a", "b"], dtype="string"), samples, LAST)
    assert own.tolist()[1:] == ["a", "b"]
    assert pd.isna(own[0])
    some = sampled(np.array([0.0, 1.0]), np.array([1, 3]), np.array([0, 2]))
    assert held(np.arange(4.0), some, ALL).tolist() == [1.0, 1.0, 3.0]
    assert held(pd.array([1, 2, 3, 4]), some, ALL).tolist() == [2, 2, 4]


# how long a value counts


def test_limits_of_freshness():
    names, steps = ["a", "b", "c"], [0.5, NAN, 0.01]
    assert freshness_limits("auto", names, steps, 0.1) == [1.5, 0.1, 0.1]
    assert freshness_limits("auto", names, steps, NAN) == [1.5, 0.0, 0.03]
    assert freshness_limits(2, names, steps, 0.1) == [2.0] * 3
    assert freshness_limits({"b": None, "c": "20ms"}, names, steps, 0.1) == [1.5, np.inf, 0.02]
    assert freshness_limits(pd.Timedelta("1min"), ["a"], [1.0], 1.0) == [60.0]


@pytest.mark.parametrize(
    ("hold", "message"),
    [
        ({"d": 1}, "hold names 'd', which is no channel"),
        ({"a": 0}, r"hold\['a'\] must be 'auto', a positive duration .*; got 0"),
        (-1.0, "hold must be"),
        (True, "got True"),
        ("5", "got '5', which has no unit"),
        ("soon", "got 'soon'"),
        ([1], r"got \[1\]"),
        (NAN, "got nan"),
    ],
)
def test_limits_that_cannot_be(hold, message):
    with pytest.raises(InvalidParameterError, match=message):
        freshness_limits(hold, ["a"], [1.0], 1.0)


# values drawn on request


def test_lines_between_samples_that_are_near():
    samples = of([0.0, 2.0, 5.0, 6.0])
    values = np.array([0.0, 4.0, 10.0, 7.0])
    rows = rows_at(np.arange(8.0), 1.0)
    last = LastSamples(rows).of(samples, np.inf)
    column = held(values, samples, last)
    drawn, left, longest = interpolated(values, samples, last, 3.0, rows, column)
    np.testing.assert_allclose(drawn, [0, 2, 4, 6, 8, 10, 7, 7])
    assert (sorted(set(left.tolist())), longest) == ([0, 1], 3.0)
    drawn, left, longest = interpolated(values, samples, last, 2.9, rows, column)
    np.testing.assert_allclose(drawn, [0, 2, 4, 4, 4, 10, 7, 7])
    assert (left.tolist(), longest) == ([0], 2.0)
    assert interpolated(values, samples, last, 0.5, rows, column)[0] is column


def test_means_of_the_samples_between_rows():
    samples = of(np.arange(0.0, 4.1, 0.5))
    values = np.arange(9.0) ** 2
    rows = rows_at([1.0, 2.0, 4.0], 1.0)
    last = LastSamples(rows).of(samples, np.inf)
    column, part = averaged(values, samples, last, rows.before(), held(values, samples, last))
    np.testing.assert_allclose(column, [(1 + 4) / 2, (9 + 16) / 2, (49 + 64) / 2])
    assert part.tolist() == [False, True, True, True, True, False, False, True, True]


def test_channels_that_may_be_drawn():
    t = np.arange(4.0)
    channels = [
        Channel("x", t, np.array([0.5, 1, 2, 3])),
        Channel("whole", t, np.arange(4.0)),
        Channel("int", t, np.arange(4)),
        Channel("state", t, np.array([0.5, 1, 2, 3]), kind="state"),
    ]
    samples = [of(t)] * 4
    assert linear_channels(None, channels, samples) == set()
    assert linear_channels("linear", channels, samples) == {"x"}
    assert linear_channels(["whole"], channels, samples) == {"whole"}
    assert why_only_held(channels[2], samples[0]) == "holds int64, not floats"
    for asked, message in [
        ("cubic", "must be 'linear', a list of channels, or None; got 'cubic'"),
        (["y"], "names 'y', which is no channel"),
        (["state"], "'state' is of the kind 'state' and is only held"),
    ]:
        with pytest.raises(InvalidParameterError, match=message):
            linear_channels(asked, channels, samples)


# cycles told by channels


def test_cycles_begin_where_a_channel_says_something_else():
    t = np.arange(6.0)
    run = Channel("run", t, np.array([1.0, 1, 2, 2, 2, 3]))
    late = Channel("who", np.array([1.0, 4.0]), np.array(["a", "b"], dtype=object))
    begin, said = cycle_changes([run, late])
    assert begin.tolist() == [1.0, 2.0, 4.0, 5.0]
    assert said["run"].tolist() == [1, 2, 2, 3]
    assert said["who"].tolist() == ["a", "a", "b", "b"]
    close = Channel("who", np.array([0.0, 2.0 + 1e-7]), np.array(["a", "b"], dtype=object))
    begin, said = cycle_changes([run, close])
    assert begin.tolist() == [0.0, 2.0, 5.0]
    assert said["who"].tolist() == ["a", "b", "b"]
    parts = cut_channels([run, late], begin[1:])
    assert [[len(one.times) for one in part] for part in parts] == [[2, 1], [3, 1], [1, 0]]
    with pytest.raises(InvalidLogError, match="channel 'run' must tell cycles; it has no sample"):
        cycle_changes([Channel("run", np.empty(0), np.empty(0))])


# columns of a table


def test_columns_sampled_more_slowly():
    half = np.where(np.arange(12) % 2 == 0, 1.0, NAN)
    frame = pd.DataFrame({"x": np.arange(12.0), "half": half})
    frame["few"] = np.where(np.arange(12) % 6 == 0, 1.0, NAN)
    frame["thrice"] = np.where(np.arange(12) % 4 == 0, 1.0, NAN)
    frame["holes"] = np.where(np.arange(12) % 4 == 0, NAN, 1.0)
    assert sparse_channels(frame) == ["half", "thrice"]
    assert sparse_channels(frame, np.array([0, 4, 8, 12])) == ["half"]


def test_rows_before_all_columns_have_a_value():
    log = log_of(range(4), range(4), range(3)).assign(
        a=[NAN, 1, 1, 1, 1, 1, NAN, 1, 1, NAN, 1], b=[1, NAN, 1, 1, NAN, NAN, NAN, NAN, 1, 1, 1]
    )
    assert common_start(log, ["a"]).index.tolist() == log.index[1:].tolist()
    assert common_start(log, ["a", "b"])["x"].tolist() == [1, 2, 3, *range(4, 11)]
    assert common_start(log, ["x"]) is log


# groups


def test_groups_of_cycles_by_all_that_tells_them():
    ids = pd.Index([3, 5])
    for groups in ({3: "a", 5: "b", 7: "c"}, pd.Series(["a", "b"], [3, 5]), {5: "b", 3: "a"}.get):
        found = groups_of_cycles(groups, ids)
        assert (found.tolist(), found.index.tolist(), found.name) == (["a", "b"], [3, 5], "group")
    for groups, message in [
        ("ab", "groups must be a dict or Series .*; got str"),
        (pd.Series(["a", "b"], [3, 3]), "cycle 3 occurs more than once"),
        ({3: "a"}, "it has none for cycle 5"),
        ({3: "a", 5: None}, "it has none for cycle 5"),
        ({}, "it has none for cycle 3"),
        ({3: [1], 5: [2]}, r"got a list for cycle 3: pass tuple\(\[1\]\)"),
        (pd.Series("a", log_of([0, 1]).index), "got a value for each row"),
    ]:
        with pytest.raises(InvalidParameterError, match=message):
            groups_of_cycles(groups, ids)


# rounded stamps


def test_resolution_of_stamps():
    assert resolution(np.array([0.0, 3.0])) == 1.0
    assert resolution(np.array([0.0, 0.25])) == pytest.approx(0.01)
    assert resolution(np.array([0.0, 0.123456789012])) is None
    assert resolution(np.concatenate([np.arange(150.0), [150.5]])) == pytest.approx(0.1)
    assert are_multiples(np.array([1.0 + 0.9e-6]), 1.0)
    assert not are_multiples(np.array([1.0 + 1.1e-6]), 1.0)
    assert are_multiples(np.empty(0), 1.0)
    assert not are_multiples(np.array([2.0**46]), 1e-3 / 4)


@pytest.mark.parametrize("dt", [1 / 60, 1 / 30, 0.0437, 0.0123456])
def test_rounded_stamps_go_back_to_their_grid(dt):
    exact = np.concatenate([np.arange(200) * dt, 30.0 + np.arange(150) * dt])
    found = unrounded(np.round(exact, 3), np.array([0, 350]))
    step = np.diff(found[:200])
    assert np.ptp(step) < 1e-9
    assert step[0] == pytest.approx(dt, rel=2e-5)
    assert np.abs(found - np.round(exact, 3)).max() <= 0.5e-3 * (1 + 1e-5)
    assert np.diff(found[200:]).mean() == pytest.approx(step[0], rel=1e-9)


def test_grids_that_rounding_does_not_show():
    assert unrounded(np.arange(100) * 0.05, np.array([0, 100])) is None
    jittery = np.arange(100) * 0.05 + np.round(np.random.default_rng(0).uniform(0, 0.01, 100), 3)
    assert unrounded(jittery, np.array([0, 100])) is None
    assert unrounded(np.round(np.arange(40) / 600, 3), np.array([0, 40])) is None, "too coarse"
    assert unrounded(np.array([0.0, 1.0, 1.0]), np.array([0, 3])) is None
    repeated = np.round(np.arange(100) / 60, 3)
    assert unrounded(repeated, np.array([0, 100])) is not None
    assert unrounded(np.append(repeated, repeated[-1]), np.array([0, 101])) is None


def test_a_rate_must_be_that_of_the_stamps():
    log = log_of(np.arange(10) * 0.1)
    assert evened_at(log, 10.0, 0.01) == (log, False)
    assert evened_at(log, 10.09, 0.01)[1] is False
    with pytest.raises(
        InvalidLogError, match="rate=10.2 Hz contradicts .* has 10 Hz; a log cannot"
    ):
        evened_at(log, 10.2, 0.01)
    with pytest.raises(InvalidLogError, match="rate=5 Hz contradicts .*reduce='mean'"):
        evened_at(log, 5.0, 0.01)
    rng = np.random.default_rng(0)
    jittery = log_of(np.arange(200) * 0.1 + rng.uniform(0, 0.03, 200))
    for rate, fine in [(12.0, True), (8.2, True), (13.0, False), (7.5, False)]:
        if fine:
            assert evened_at(jittery, rate, 0.01)[1] is True
        else:
            with pytest.raises(InvalidLogError, match="contradicts the time axis"):
                evened_at(jittery, rate, 0.01)


def test_slack_is_a_millionth_of_a_step():
    assert _slack(np.arange(5) * 10.0) == pytest.approx(1e-5)
    assert _slack(np.array([8.0])) == noise(np.array([8.0]))
    assert of(np.arange(6) * 10.0).step == 10.0
    rows = rows_at(np.arange(6) * 10.0, 10.0)
    assert rows.tolerance == pytest.approx(1e-5)
    assert rows.before().stamps.tolist() == [-10.0, 0.0, 10.0, 20.0, 30.0, 40.0]
    assert grid([np.array([0.0, 10.0, 30.0])], [0.1], 0.1).tolist() == [0.0, 10.0, 30.0]


def test_places_in_words():
    index = log_of([0.0, 1.5], [2.0, 3.0]).index
    bounds = np.array([0, 2, 4])
    assert where(index, bounds, 3) == "cycle 1, row 1 of it (row 3 in all, time 3 s)"
    dates = pd.MultiIndex.from_arrays(
        [["a", "a"], [pd.Timestamp("2024-01-01"), pd.NaT]], names=["cycle", "time"]
    )
    first = where(dates, np.array([0, 2]), 0)
    assert first == "cycle 'a', row 0 of it (row 0 in all, time 2024-01-01 00:00:00)"
    assert where(dates, np.array([0, 2]), 1).endswith("time unknown)")


def test_whole_numbers_that_floats_tell_apart_become_ints():
    t = np.arange(2.0)
    for largest, dtype in [(2.0**53 - 1, "i"), (2.0**53, "f")]:
        _, said = cycle_changes([Channel("run", t, np.array([1.0, largest]))])
        assert {type(value) for value in said["run"]} == ({int} if dtype == "i" else {float})


def test_one_value_is_fresh_for_a_step_of_the_grid():
    log = log_of(np.arange(0.0, 8.0, 2.0)).assign(once=[5.0, NAN, NAN, NAN])
    made = resampled(log, 0.5, interpolate=None, hold="auto", ages=False)
    np.testing.assert_array_equal(made["once"], [5.0, 5.0, NAN, NAN])
    made = resampled(log, 1.0, interpolate=None, hold="auto", ages=False)
    np.testing.assert_array_equal(made["once"], [5.0, 5.0, *[NAN] * 5])
    assert made["x"].tolist() == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0]


def test_the_slowest_of_several_rates_in_words():
    def words(step, *bounds):
        return _onto_the_slowest(np.array(step, dtype=float), np.array(bounds))

    several = words([9, 2, 2, 9, 1, 1, 1, 1], 0, 1, 4, 9)
    assert "rate=1, reduce" in several, "a median of few says little"
    assert "rate=0.5, reduce" in words([9, 2, 2, 9, 1], 0, 1, 4, 6)
    assert "rate=0.3333, reduce" in words([3, 3, 3], 0, 4)
