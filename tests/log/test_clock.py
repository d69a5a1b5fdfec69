"""on_clock: the last valid sample of each channel at each row, and nothing else."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import Channel, on_clock


def recording(rng, n_channels=5):
    """Channels of several rates, some jittery, with gaps, invalid and missing samples."""
    channels = []
    for k in range(n_channels):
        n = int(rng.integers(4, 60))
        step = rng.choice([0.01, 0.013, 0.02, 0.2])
        times = rng.uniform(0, 1) + step * np.arange(n)
        times += rng.choice([0.0, 0.4]) * step * rng.uniform(-1, 1, n)
        times[n // 2 :] += rng.choice([0.0, 0.0, 3.0])
        values = [rng.normal(size=n), rng.integers(0, 9, n).astype(float)][k % 2]
        values[1:][rng.random(n - 1) < rng.choice([0.0, 0.1])] = np.nan
        valid = None if rng.random() < 0.5 else (rng.random(n) < 0.8) | (np.arange(n) == 0)
        kind = ["number", "state"][k % 2]
        channels.append(Channel(f"c{k}", times, values, valid, kind=kind))
    return channels


def valid(channel):
    known = ~np.isnan(channel.values)
    return known if channel.valid is None else known & channel.valid


def median_step(channel):
    step = np.diff(channel.times[valid(channel)])
    return np.median(step) if len(step) else np.nan


def some_clock(rng, channels):
    """A grid, or the fastest channel: the two ways, and the step of each."""
    if rng.random() < 0.5:
        return {"rate": 100.0}, 0.01
    fastest = min(channels, key=lambda c: np.nan_to_num(median_step(c), nan=np.inf))
    return {"clock": fastest.name}, median_step(fastest)


def last_sample(channel, times, limit):
    """What pandas says: value and stamp of the sample at each row."""
    known = valid(channel)
    samples = pd.DataFrame({"t": channel.times[known], "value": channel.values[known]})
    samples["stamp"] = samples["t"]
    rows = pd.DataFrame({"t": times + 1e-9})
    return pd.merge_asof(rows, samples, on="t", direction="backward", tolerance=limit + 2e-9)


@pytest.mark.parametrize("seed", range(100))
@pytest.mark.parametrize("hold", ["auto", 0.3, None])
def test_each_row_has_the_last_valid_sample_as_pandas_finds_it(seed, hold):
    rng = np.random.default_rng(seed)
    channels = recording(rng)
    by, step = some_clock(rng, channels)
    clocked = on_clock(channels, hold=hold, ages=True, **by)
    assert len(clocked.times) > 1
    assert clocked.lookahead == 0
    fresh_somewhere = np.zeros(len(clocked.times), dtype=bool)
    for channel in channels:
        auto = max(np.nan_to_num(3 * median_step(channel)), step)
        limit = {"auto": auto, None: 1e9}.get(hold, hold)
        oracle = last_sample(channel, clocked.times, limit)
        np.testing.assert_array_equal(clocked.columns[channel.name], oracle["value"])
        fresh = oracle["value"].notna().to_numpy()
        age = clocked.columns[f"{channel.name}.age"]
        np.testing.assert_allclose(age[fresh], (clocked.times - oracle["stamp"])[fresh], atol=2e-9)
        assert ((age[fresh] >= 0) & (age[fresh] <= limit + 1e-7)).all()
        fresh_somewhere |= fresh
    assert fresh_somewhere.all(), "no rows where nothing was recorded"
    for counts in clocked.report.values():
        parts = ("used", "invalid", "duplicate", "left_out")
        assert counts["read"] == sum(counts[part] for part in parts)
        assert min(counts.values()) >= 0


@pytest.mark.parametrize("seed", range(200))
def test_no_row_knows_the_future(seed):
    rng = np.random.default_rng(seed)
    channels = recording(rng)
    by, _ = some_clock(rng, channels)
    start = "common" if "rate" in by and seed % 3 == 0 else "first"
    options = {"reduce": [None, "mean"][seed % 2], "ages": True, "start": start, **by}
    clocked = on_clock(channels, **options)
    moment = rng.choice(clocked.times)
    changed = [
        replace(c, values=np.where(c.times > moment, c.values + 77.0, c.values)) for c in channels
    ]
    other = on_clock(changed, **options)
    known = clocked.times <= moment
    np.testing.assert_array_equal(other.times, clocked.times)
    for name, column in clocked.columns.items():
        np.testing.assert_array_equal(other.columns[name][known], column[known])


@pytest.mark.parametrize("seed", range(100))
def test_lines_know_no_more_of_the_future_than_they_say(seed):
    rng = np.random.default_rng(seed)
    channels = recording(rng)
    by, step = some_clock(rng, channels)
    clocked = on_clock(channels, interpolate="linear", **by)
    moment = rng.choice(clocked.times)
    changed = [
        replace(c, values=np.where(c.times > moment, c.values + 77.0, c.values)) for c in channels
    ]
    other = on_clock(changed, interpolate="linear", **by)
    known = clocked.times <= moment - clocked.lookahead * step + 1e-9
    for name, column in clocked.columns.items():
        np.testing.assert_array_equal(other.columns[name][known], column[known])


def test_the_clock_of_a_channel_is_its_valid_stamps():
    times = np.arange(5) / 10
    speed = Channel("speed", times, np.array([0.0, 1.0, np.nan, 3.0, 4.0]))
    gear = Channel("gear", np.array([0.05]), np.array([2]), kind="state")
    clocked = on_clock([speed, gear], clock="speed", hold=None)
    np.testing.assert_array_equal(clocked.times, times[[0, 1, 3, 4]])
    np.testing.assert_array_equal(clocked.columns["gear"], [np.nan, 2, 2, 2])


def test_one_sample_is_held_for_a_step_of_the_clock():
    speed = Channel("speed", np.arange(5) / 10, np.zeros(5))
    gear = Channel("gear", np.array([0.1]), np.array([2]), kind="state")
    gears = on_clock([speed, gear], clock="speed").columns["gear"]
    np.testing.assert_array_equal(gears, [np.nan, 2, 2, np.nan, np.nan])


def test_same_stamps_need_no_clock_and_missing_samples_are_held_while_fresh():
    times = np.arange(10) / 10
    values = np.arange(10.0)
    marked = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 1], dtype=bool)
    channels = [Channel("a", times, values), Channel("b", times + 1e-12, values, marked)]
    clocked = on_clock(channels, ages=True)
    np.testing.assert_array_equal(clocked.times, times)
    held = [0, 1, 2, 3, 3, 3, 3, np.nan, np.nan, 9]
    np.testing.assert_array_equal(clocked.columns["b"], held)
    np.testing.assert_allclose(
        clocked.columns["b.age"], [0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0], atol=1e-9
    )
    assert clocked.report["b"] == {
        "read": 10,
        "invalid": 5,
        "duplicate": 0,
        "used": 5,
        "left_out": 0,
    }


@pytest.mark.parametrize("hold", [0.3, "0.3s", "300ms", pd.Timedelta("0.3s"), {"b": 0.3}])
@pytest.mark.parametrize("offset", [0.0, 0.1, 1e6, 1.7e9])
def test_an_age_of_just_the_limit_is_fresh(hold, offset):
    a = Channel("a", offset + np.arange(20) / 10, np.zeros(20))
    b = Channel("b", offset + np.array([0.1, 1.3]), np.array([1.0, 2.0]))
    column = on_clock([a, b], clock="a", hold=hold).columns["b"]
    np.testing.assert_array_equal(np.flatnonzero(~np.isnan(column)), [1, 2, 3, 4, 13, 14, 15, 16])


@pytest.mark.parametrize("hold", ["5", "soon", 0, -1.0, True, [1], {"b": "x"}, {"nix": "5s"}])
def test_what_is_no_freshness_is_refused(hold):
    channels = [Channel(name, np.arange(3.0), np.zeros(3)) for name in "ab"]
    with pytest.raises(InvalidParameterError, match="hold"):
        on_clock(channels, hold=hold)


def test_a_stretch_without_samples_has_no_rows_and_the_grid_starts_anew():
    times = np.concatenate([np.arange(10) / 10, 5.03 + np.arange(10) / 10])
    slow = Channel("slow", np.array([0.0, 0.7, 5.1, 5.8]), np.arange(4.0))
    fast = Channel("fast", times, np.arange(20.0))
    clocked = on_clock([fast, slow], rate=10.0)
    np.testing.assert_allclose(clocked.times, times, rtol=1e-12)
    np.testing.assert_array_equal(clocked.columns["fast"], np.arange(20.0))
    assert len(on_clock([fast, slow], rate=10.0, hold=None).times) == 60
    bridged = on_clock([fast, slow], rate=10.0, hold={"slow": "5s"})
    assert len(bridged.times) == 60
    assert np.isnan(bridged.columns["fast"]).sum() > 30


def test_common_start_begins_where_all_are_known():
    fast = Channel("fast", np.arange(10) / 10, np.arange(10.0))
    late = Channel("late", np.array([0.42, 0.7]), np.array([1.0, 2.0]))
    none = Channel("none", np.arange(10) / 10, np.full(10, np.nan))
    clocked = on_clock([fast, late, none], clock="fast", start="common", ages=True)
    np.testing.assert_array_equal(clocked.times, fast.times[5:])
    np.testing.assert_array_equal(clocked.columns["late"], [1, 1, 2, 2, 2])
    assert np.isnan(clocked.columns["none"]).all()
    assert clocked.report["fast"]["left_out"] == 5
    after = Channel("after", np.array([2.0, 3.0]), np.zeros(2))
    with pytest.raises(InvalidLogError, match="start='first'"):
        on_clock([fast, after], clock="fast", start="common")


@pytest.mark.parametrize("first", range(60))
def test_the_grid_reaches_the_last_stamp(first):
    times = (first + np.arange(20)) / 10
    clocked = on_clock([Channel("x", times, np.arange(20.0))], rate=10.0)
    np.testing.assert_allclose(clocked.times, times, rtol=1e-12)
    np.testing.assert_array_equal(clocked.columns["x"], np.arange(20.0))


def test_a_grid_beyond_all_memory_is_refused():
    channels = [
        Channel(name, start + np.arange(5.0), np.zeros(5))
        for name, start in (("a", 0), ("b", 1.7e9))
    ]
    assert len(on_clock(channels, rate=10.0).times) == 82
    with pytest.raises(InvalidLogError, match="rows at most"):
        on_clock(channels, rate=10.0, hold=None)


def test_a_few_events_are_no_rounded_grid():
    clock = Channel("clock", np.arange(200) / 10, np.zeros(200))
    gear = Channel("gear", np.array([3.0, 7.0, 12.0, 16.0]), np.arange(4), kind="state")
    gears = on_clock([clock, gear], clock="clock", hold=None).columns["gear"]
    np.testing.assert_array_equal(np.flatnonzero(np.diff(gears) == 1) + 1, [70, 120, 160])


def test_rows_stay_on_one_grid_where_values_are_fresh_for_less_than_a_step():
    rng = np.random.default_rng(0)
    x = Channel("x", np.arange(100) / 10 + rng.uniform(0, 0.04, 100), np.arange(100.0))
    times = on_clock([x], rate=10.0, hold=0.02).times
    steps = np.diff(times) * 10.0
    assert 10 < len(times) < 90
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)


@pytest.mark.parametrize("seed", range(30))
def test_the_clock_that_is_advised_works(seed):
    rng = np.random.default_rng(seed)
    channels = recording(rng)
    with pytest.raises(InvalidLogError, match="need one clock") as caught:
        on_clock(channels)
    words = str(caught.value)
    for channel in channels:
        assert re.search(rf"\b{channel.name} ([\d.]+ Hz|\(1 sample\))", words)
    for name in re.findall(r"clock='(\w+)'", words):
        assert len(on_clock(channels, clock=name).times)
    for rate in re.findall(r"rate=([\d.e+]+)[ :]", words):
        assert len(on_clock(channels, rate=float(rate)).times)


def test_a_regular_channel_is_advised_before_a_jittery_one():
    rng = np.random.default_rng(0)
    n = 100
    jittery = Channel("jittery", np.arange(n) / 12 + rng.uniform(0, 0.03, n), np.zeros(n))
    regular = Channel("regular", np.arange(n) / 10, np.zeros(n))
    slow = Channel("slow", np.arange(n) / 2, np.zeros(n))
    with pytest.raises(InvalidLogError, match=r"clock='regular' or rate="):
        on_clock([slow, jittery, regular])


@pytest.mark.parametrize("by", [{"clock": "slow"}, {"rate": 10.0}])
def test_a_channel_twice_as_fast_as_the_clock_is_named(by):
    slow = Channel("slow", np.arange(20) / 10, np.zeros(20))
    fast = Channel("fast", np.arange(100) / 50, np.zeros(100))
    with pytest.raises(InvalidLogError, match=r"fast 50 Hz.*clock='fast'.*Decimator.*'mean'"):
        on_clock([slow, fast], **by)
    twice = Channel("twice", np.arange(40) / 20, np.zeros(40))
    on_clock([slow, twice], **by)


@pytest.mark.parametrize("seed", range(10))
def test_the_mean_is_over_the_valid_samples_since_the_row_before(seed):
    rng = np.random.default_rng(seed)
    n = 200
    times = np.cumsum(rng.uniform(0.01, 0.03, n))
    fast = Channel("fast", times, rng.normal(size=n), rng.random(n) < 0.9)
    state = Channel("state", times, rng.integers(0, 5, n), kind="state")
    clock = Channel("clock", 0.3 + np.arange(30) / 10, np.zeros(30))
    flat = Channel("flat", times, np.full(n, 0.1))
    clocked = on_clock([clock, fast, state, flat], clock="clock", reduce="mean")
    for row, t in enumerate(clock.times):
        since = (times > t - 0.1 + 1e-9) & (times <= t + 1e-9)
        mean = fast.values[since & fast.valid].mean()
        assert clocked.columns["fast"][row] == pytest.approx(mean, rel=1e-12)
        assert clocked.columns["state"][row] == state.values[since][-1]
    np.testing.assert_array_equal(clocked.columns["flat"], 0.1)
    drawn = on_clock([clock, fast], clock="clock", reduce="mean", interpolate="linear")
    np.testing.assert_array_equal(drawn.columns["fast"], clocked.columns["fast"])
    assert drawn.lookahead == 0


def test_a_mean_begins_a_step_before_a_row_that_has_none_before_it():
    clock = Channel("clock", np.array([0.05, 0.15, 0.25, 5.05, 5.15]), np.zeros(5))
    fast = Channel("fast", np.arange(600) / 100, np.arange(600.0))
    column = on_clock([clock, fast], clock="clock", reduce="mean").columns["fast"]
    np.testing.assert_allclose(column, [2.5, 10.5, 20.5, 500.5, 510.5])


def test_lines_are_drawn_on_request_between_near_samples_only():
    clock = Channel("clock", np.arange(31) / 10, np.arange(31.0))
    stamps = np.array([0.05, 0.45, 0.85, 2.45, 2.85])
    slow = Channel("slow", stamps, 10 * stamps)
    held = on_clock([clock, slow], clock="clock")
    clocked = on_clock([clock, slow], clock="clock", interpolate=["slow"])
    drawn = (clock.times < 0.85) & (clock.times > 0.05) | (clock.times > 2.45) & (
        clock.times < 2.85
    )
    np.testing.assert_allclose(clocked.columns["slow"][drawn], 10 * clock.times[drawn])
    np.testing.assert_array_equal(clocked.columns["slow"][~drawn], held.columns["slow"][~drawn])
    assert clocked.lookahead == 4
    every = on_clock([clock, slow], clock="clock", interpolate="linear")
    np.testing.assert_array_equal(every.columns["slow"], clocked.columns["slow"])
    np.testing.assert_array_equal(every.columns["clock"], clock.values)


def test_a_sample_that_a_line_ends_at_is_used():
    clock = Channel("clock", np.arange(8) / 10, np.arange(8.0))
    slow = Channel("slow", np.array([0.05, 0.45, 0.85, 1.25]), np.arange(4.0))
    for interpolate, used in ((None, 2), (["slow"], 3)):
        counts = on_clock([clock, slow], clock="clock", interpolate=interpolate).report["slow"]
        assert (counts["used"], counts["left_out"]) == (used, 4 - used)


def test_only_what_is_continuous_is_interpolated():
    t = np.arange(400) / 100 + 0.003
    clock = Channel("clock", np.arange(400) / 100, np.zeros(400))
    only_held = [
        Channel("gear", t, np.arange(400) // 50 % 4 * 1.0, kind="state"),
        Channel("count", t, np.arange(400)),
        Channel("on", t, np.arange(400) % 2 == 0),
        Channel("mode", t, np.array(["a", "b"] * 200, dtype=object), kind="label"),
        Channel("theta_e", t, (40 * t) % (2 * np.pi)),
        Channel("theta_m", t + 3.0 * (t > 2), (40 * t + 2.0 * (t > 2)) % (2 * np.pi)),
    ]
    channels = [clock, Channel("x", t, np.sin(t)), *only_held]
    clocked = on_clock(channels, clock="clock", interpolate="linear")
    held = on_clock(channels, clock="clock")
    assert (clocked.columns["x"][1:] != held.columns["x"][1:]).any()
    for channel in only_held:
        drawn, expected = clocked.columns[channel.name], held.columns[channel.name]
        pd.testing.assert_series_equal(pd.Series(drawn), pd.Series(expected))
        with pytest.raises(InvalidParameterError, match=f"{channel.name!r} .*only held"):
            on_clock(channels, clock="clock", interpolate=[channel.name])
    for wrong in ("x", "cubic", ["nix"]):
        with pytest.raises(InvalidParameterError, match="interpolate"):
            on_clock(channels, clock="clock", interpolate=wrong)


def test_stamps_out_of_order_are_refused_with_their_place():
    times = np.array([0.0, 0.1, 0.1, 0.2])
    good = Channel("good", times, np.arange(4.0))
    with pytest.raises(InvalidLogError, match=r"'good', row 2, repeats .*duplicates=\"last\""):
        on_clock([good])
    with pytest.raises(InvalidLogError, match="'good', line 4, repeats"):
        on_clock([good], place=lambda channel, row: f"line {row + 2}")
    clocked = on_clock([good], duplicates="last")
    np.testing.assert_array_equal(clocked.columns["good"], [0, 2, 3])
    assert clocked.report["good"] == {
        "read": 4,
        "invalid": 0,
        "duplicate": 1,
        "used": 3,
        "left_out": 0,
    }
    back = Channel("back", np.array([0.0, 0.2, 0.1]), np.zeros(3))
    for duplicates in ("raise", "last"):
        with pytest.raises(InvalidLogError, match="'back', row 2, goes back in time"):
            on_clock([back], duplicates=duplicates)
    lost = Channel("lost", np.array([0.0, np.nan, 0.1]), np.zeros(3))
    with pytest.raises(InvalidLogError, match="'lost', row 1, has none"):
        on_clock([lost])


def test_what_is_no_channel_is_refused_by_name():
    t = np.arange(3.0)
    good = Channel("good", t, t)
    for wrong, message in [
        (Channel("bad", t, t, np.zeros(3, dtype=bool)), "'bad' must have a valid sample"),
        (Channel("bad", t, t[:2]), "'bad' must have one stamp a value"),
        (Channel("bad", t, t, kind="bytes"), "'bad' holds raw bytes"),
        (Channel("good", t, t), "'good' occurs more than once"),
    ]:
        with pytest.raises(InvalidLogError, match=message):
            on_clock([good, wrong])
    with pytest.raises(InvalidLogError, match="needs a valid sample"):
        on_clock([])
    with pytest.raises(InvalidLogError, match=r"'good\.age', which is a channel"):
        on_clock([good, Channel("good.age", t, t)], ages=True)


@pytest.mark.parametrize(
    "options",
    [
        {"clock": "nix"},
        {"clock": "x", "rate": 1.0},
        {"rate": 0.0},
        {"rate": np.nan},
        {"start": "last"},
        {"reduce": "max"},
        {"duplicates": "first"},
    ],
)
def test_what_is_no_choice_is_refused_by_name(options):
    with pytest.raises(InvalidParameterError, match=next(iter(options))):
        on_clock([Channel("x", np.arange(3.0), np.zeros(3))], **options)


def test_an_empty_channel_is_a_column_without_values():
    t = np.arange(3.0)
    channels = [
        Channel("x", t, t),
        Channel("none", np.empty(0), np.empty(0)),
        Channel("text", np.empty(0), np.empty(0, dtype=object), kind="label"),
    ]
    clocked = on_clock(channels)
    assert np.isnan(clocked.columns["none"]).all()
    assert list(clocked.columns["text"]) == [None] * 3


def test_columns_keep_their_dtype_and_never_another_value():
    rows = np.arange(4) / 10
    late = rows + 0.1
    big = 2**60 + np.arange(4)
    values = {
        "float32": np.arange(4, dtype=np.float32),
        "int16": np.arange(4, dtype=np.int16),
        "bool": np.array([True, False, True, True]),
        "int64": big,
        "nullable": pd.array([1, None, 3, 4], dtype="Int64"),
    }
    for name, kept in values.items():
        for times, n_missing in ((rows, 0), (late, 1)):
            channels = [Channel("clock", rows, rows), Channel(name, times, kept)]
            column = on_clock(channels, clock="clock").columns[name]
            assert len(column) == 4
            assert pd.isna(column).sum() == n_missing
            expected = [kept[0], kept[0], kept[2], kept[3]] if name == "nullable" else list(kept)
            assert list(column)[n_missing:] == expected[: 4 - n_missing]
            if n_missing == 0 or name in ("float32", "nullable"):
                assert column.dtype == kept.dtype
    assert on_clock(channels[:1]).columns["clock"] is not None


def test_codes_with_a_word_each_are_categories_and_others_stay_numbers():
    t = np.arange(4.0)
    codes = np.array([0, 2, 2, 0])
    words = {2: "drive", 0: "park", 1: "reverse"}
    gear = Channel("gear", t, codes, labels=words, kind="state")
    partial = Channel("partial", t, np.array([0, 2, 7, 0]), labels=words, kind="state")
    same = Channel("same", t, codes, labels={0: "off", 2: "off"}, kind="state")
    columns = on_clock([gear, partial, same]).columns
    assert list(columns["gear"]) == ["park", "drive", "drive", "park"]
    assert list(columns["gear"].cat.categories) == ["park", "reverse", "drive"]
    np.testing.assert_array_equal(columns["partial"], [0, 2, 7, 0])
    np.testing.assert_array_equal(columns["same"], codes)
    late = Channel("late", t + 1, codes, labels=words, kind="state")
    column = on_clock([gear, late], clock="gear").columns["late"]
    assert column.isna().tolist() == [True, False, False, False]


@pytest.mark.parametrize("decimals", [3, 6])
@pytest.mark.parametrize("rate", [30.0, 60.0, 3000.0])
def test_rounded_stamps_hold_no_state_a_row_late(rate, decimals):
    if 10.0**-decimals > 0.25 / rate:
        return
    n = 3000
    k = np.arange(n)
    fast = Channel("fast", np.round(k / rate, decimals), k.astype(float))
    state = Channel("state", np.round(k[1::3] / rate, decimals), k[1::3], kind="state")
    for by in ({"rate": rate}, {"clock": "fast"}):
        clocked = on_clock([fast, state], **by)
        np.testing.assert_array_equal(clocked.columns["fast"], k[: len(clocked.times)])
        np.testing.assert_array_equal(
            clocked.columns["state"][1:], ((k - 1) // 3 * 3 + 1)[1 : len(clocked.times)]
        )
