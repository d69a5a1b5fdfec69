"""The drive log: what makes one, and every way in which a frame may fail to be one."""

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import clock, cycle_bounds, is_log, sample_time, to_samples


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "trip": np.repeat(["a", "b"], [30, 20]),
            "t": np.concatenate([np.arange(30) / 10, np.arange(20) / 10]),
            "i_d": np.arange(50.0),
            "n": np.arange(50),
        }
    )


def test_cycle_and_time_go_from_columns_to_the_index(frame):
    log = sp.as_log(frame, cycle="trip", time="t")
    assert is_log(log)
    assert list(log.columns) == ["i_d", "n"]
    assert list(sp.cycles(log)) == ["a", "b"]
    assert sp.rate(log) == 10.0
    np.testing.assert_array_equal(cycle_bounds(log), [0, 30, 50])
    np.testing.assert_array_equal(sp.segments(log), [0, 30, 50])
    assert list(frame.columns) == ["trip", "t", "i_d", "n"], "the input stays as it was"


def test_a_log_is_returned_as_it_is(frame):
    log = sp.as_log(frame, cycle="trip", time="t")
    assert sp.as_log(log) is log


def test_time_from_rate_starts_anew_with_each_cycle(frame):
    log = sp.as_log(frame.drop(columns="t"), cycle="trip", rate=10.0)
    pd.testing.assert_frame_equal(log, sp.as_log(frame, cycle="trip", time="t"))


def test_cycle_may_be_an_array_or_absent(frame):
    ids = frame["trip"].to_numpy()
    log = sp.as_log(frame.drop(columns="trip"), cycle=ids, time="t")
    pd.testing.assert_frame_equal(log, sp.as_log(frame, cycle="trip", time="t"))
    assert list(sp.cycles(sp.as_log(frame[["i_d"]], rate=1.0))) == [0]


def test_an_array_is_one_recording():
    log = sp.as_log(np.zeros((5, 2)), rate=2.0)
    assert list(log.columns) == ["x0", "x1"]
    np.testing.assert_array_equal(sp.segments(log), [0, 5])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_datetimes_and_timedeltas_are_time(frame, unit):
    for start in (pd.Timestamp("2024-05-01"), pd.Timedelta(0)):
        stamps = start + pd.to_timedelta(frame["t"] * (10 if unit == "s" else 1), unit="s")
        log = sp.as_log(frame.assign(t=stamps), cycle="trip", time="t")
        assert sample_time(log) == pytest.approx(1.0 if unit == "s" else 0.1, rel=1e-12)
        np.testing.assert_array_equal(sp.segments(log), [0, 30, 50])


def test_a_gap_starts_a_new_segment(frame):
    frame.loc[10:29, "t"] += 5.0
    log = sp.as_log(frame, cycle="trip", time="t")
    np.testing.assert_array_equal(sp.segments(log), [0, 10, 30, 50])


def test_a_slice_keeps_gaps_and_borders(frame):
    log = sp.as_log(frame, cycle="trip", time="t")
    part = pd.concat([log.iloc[5:20], log.iloc[40:]])
    np.testing.assert_array_equal(sp.segments(part), [0, 15, 25])


@pytest.mark.parametrize("seed", range(20))
def test_the_sample_time_is_the_median_step(seed):
    """Whether all steps are alike, or the first is not like the others."""
    random = np.random.default_rng(seed)
    dt = random.choice([0.001, 0.1, 0.037, 1.0, 60.0])
    steps = dt * (1.0 + random.choice([0.0, 5e-7, 1e-3]) * random.uniform(-1, 1, 99))
    steps[0] *= random.choice([1.0, 1.0, 7.0, 1e-14])
    ids = np.repeat([3, 1], 50)
    time = np.concatenate([[0.0], steps.cumsum()])
    index = pd.MultiIndex.from_arrays([ids, time], names=["cycle", "time"])
    median = np.median(np.delete(np.diff(time), 49))
    whole = [1.0 / round(1.0 / median) if median < 1.0 else round(median)]
    expected = next((w for w in whole if abs(w / median - 1.0) < 1e-6), median)
    assert sample_time(index) == expected


def test_the_rate_survives_rounded_time_stamps():
    t = np.round(1e5 + np.arange(1000) * 1e-3, 4)
    assert sp.rate(sp.as_log(pd.DataFrame({"t": t, "x": t}), time="t")) == 1000.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.iloc[:0], "at least one row"),
        (lambda f: f[["trip", "t"]], "at least one signal"),
        (lambda f: f.assign(trip=f["trip"].where(f.index != 7)), r"cycle id .* row 7 has none"),
        (lambda f: f.assign(trip=[1] * 25 + ["1"] * 25), "one type; found int, str"),
        (lambda f: f.assign(trip=["a", "b"] * 25), r"contiguous; cycle 'a' starts again at row 2"),
        (lambda f: f.assign(t=f["t"].where(f.index != 3)), r"time must be known; .*row 3"),
        (lambda f: f.assign(t=f["t"].where(f.index != 3, 0.2)), r"row 3 .* repeats the time"),
        (lambda f: f.assign(t=f["t"].where(f.index != 3, 0.15)), r"row 3 .* goes back in time"),
        (lambda f: f.sample(frac=1.0, random_state=0), "contiguous|goes back"),
        (lambda f: f.assign(t=f["t"].where(f.index != 3, 0.33)), r"jitter.*row 3 "),
        (lambda f: f.assign(t=f["t"].where(f["trip"] == "a", 2 * f["t"])), r"cycle 'b' .*0\.2 s"),
        (lambda f: f.assign(i_d=f["i_d"].astype(str)), "'i_d' holds numbers as text"),
        (lambda f: f.assign(t=f["t"].astype(str)), "time must be seconds"),
        (lambda f: f.set_axis(["trip", "t", "x", "x"], axis=1), "unique; 'x' occurs more"),
    ],
)
def test_what_is_no_log_is_refused_by_name(frame, change, message):
    with pytest.raises(InvalidLogError, match=message):
        sp.as_log(change(frame), cycle="trip", time="t")


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([1, 1, "1", "1"], "one type; found int, str"),
        (["a", "a", np.nan, np.nan], "row 2 has none"),
        (["a", "a", None, "b"], "row 2 has none"),
        ([1, 1, 2], r"one id a row \(4\); got 3"),
    ],
)
def test_ids_in_a_list_are_not_turned_into_text(ids, message):
    with pytest.raises(InvalidLogError, match=message):
        sp.as_log(np.zeros((4, 1)), cycle=ids, rate=1.0)


@pytest.mark.parametrize("row", [2, 4, 5])
@pytest.mark.parametrize(("value", "message"), [(np.nan, "known"), (np.inf, "finite")])
def test_every_reader_of_time_refuses_what_is_none(row, value, message):
    stamps = np.array([0.0, 1, 2, 3, 0, 0])
    stamps[row] = value
    index = pd.MultiIndex.from_arrays([[0, 0, 0, 0, 1, 2], stamps], names=["cycle", "time"])
    for read in (sp.segments, sample_time, sp.HampelFilter().fit):
        with pytest.raises(InvalidLogError, match=rf"time must be {message}; .*row {row} in all"):
            read(pd.DataFrame({"x": np.zeros(6)}, index=index))


def test_the_text_shown_is_the_number():
    with pytest.raises(InvalidLogError, match=r"numbers as text \('1\.5' at row 1\)"):
        sp.as_log(pd.DataFrame({"x": ["off", "1.5"]}), rate=1.0)


def test_text_that_is_no_number_stays(frame):
    log = sp.as_log(frame.assign(driver="anna"), cycle="trip", time="t")
    assert set(log["driver"]) == {"anna"}


def test_neither_time_nor_rate_is_an_error(frame):
    with pytest.raises(InvalidParameterError, match="time= .* or rate="):
        sp.as_log(frame, cycle="trip")
    with pytest.raises(InvalidParameterError, match="rate must be a positive number"):
        sp.as_log(frame, cycle="trip", rate=0.0)
    with pytest.raises(InvalidLogError, match="time='nix' must be a column"):
        sp.as_log(frame, time="nix")


def test_a_wrong_rate_is_found_against_time(frame):
    with pytest.raises(InvalidLogError, match="rate=5 Hz contradicts .* 10 Hz"):
        sp.as_log(frame, cycle="trip", time="t", rate=5.0)
    log = sp.as_log(frame, cycle="trip", time="t", rate=10.0)
    pd.testing.assert_frame_equal(log, sp.as_log(frame, cycle="trip", time="t"))


def jittery_frame():
    rng = np.random.default_rng(0)
    t = np.arange(2000) / 100 + rng.uniform(-0.004, 0.004, 2000)
    t[1000:] += 3.0
    frame = pd.DataFrame({"t": t, "x": np.sin(t), "step": np.arange(2000), "on": t > 5})
    frame["nullable"] = frame["x"].astype("Float64").where(frame.index != 700)
    frame["gear"] = pd.Categorical(np.where(t > 5, "2nd", "1st"))
    return frame


def test_jitter_is_resampled_on_request():
    frame = jittery_frame()
    with pytest.raises(InvalidLogError, match="jitter"):
        sp.as_log(frame, time="t")
    log = sp.as_log(frame, time="t", rate=100.0)
    assert len(sp.segments(log)) == 3, "the gap is not filled"
    seconds = log.index.get_level_values("time")
    row = np.searchsorted(frame["t"], seconds + 1e-9, side="right") - 1
    held = frame.drop(columns="t").iloc[row].ffill().set_axis(log.index)
    pd.testing.assert_frame_equal(log, held)
    assert (seconds - frame["t"].to_numpy()[row]).max() < 0.02
    assert log.attrs == {}


def test_lines_between_values_are_drawn_on_request():
    frame = jittery_frame()
    held = sp.as_log(frame, time="t", rate=100.0)
    log = sp.as_log(frame, time="t", rate=100.0, interpolate="linear")
    seconds = log.index.get_level_values("time")
    np.testing.assert_allclose(log["x"], np.sin(seconds), atol=5e-5)
    assert str(log["nullable"].dtype) == "Float64"
    np.testing.assert_allclose(log["nullable"].astype(float), np.sin(seconds), atol=2e-4)
    pd.testing.assert_frame_equal(log[["step", "on", "gear"]], held[["step", "on", "gear"]])
    longest = np.delete(np.diff(frame["t"]), 999).max()
    assert log.attrs["lookahead"] == np.ceil(longest * 100.0) == 2
    for name in ("step", "on", "gear"):
        with pytest.raises(InvalidParameterError, match=f"{name!r} .*only held"):
            sp.as_log(frame, time="t", rate=100.0, interpolate=[name])


def test_resampling_keeps_each_cycle_to_itself():
    rng = np.random.default_rng(1)
    t = np.concatenate([np.arange(200) / 10, np.arange(200) / 10])
    t += rng.uniform(-0.03, 0.03, 400)
    frame = pd.DataFrame({"c": np.repeat([1, 2], 200), "t": t, "x": np.repeat([0.0, 1.0], 200)})
    for interpolate in (None, "linear"):
        log = sp.as_log(frame, cycle="c", time="t", rate=10.0, interpolate=interpolate)
        assert set(log["x"]) == {0.0, 1.0}


def test_lengths_in_samples_and_as_durations():
    assert to_samples(7, None, "window_length") == 7
    assert to_samples("0.5s", 0.1, "window_length") == 5
    assert to_samples("10min", 0.1, "span") == 6000
    for bad in (0, -1, 1.5, True, "soon", "0.01s"):
        with pytest.raises(InvalidParameterError, match="window_length"):
            to_samples(bad, 0.1, "window_length")
    with pytest.raises(InvalidParameterError, match="needs a log with a time axis"):
        to_samples("1s", None, "window_length")


@pytest.mark.parametrize("hertz", [3.0, 49.0, 100_000.0, 300_000.0])
def test_a_whole_rate_is_whole(hertz):
    t = np.arange(200) / hertz
    assert sp.rate(sp.as_log(pd.DataFrame({"t": t, "x": t}), time="t")) == hertz


def test_the_rate_of_single_rows_is_unknown():
    log = sp.as_log(np.zeros((2, 1)), cycle=["a", "b"], rate=1.0)
    with pytest.raises(InvalidLogError, match="at least two rows"):
        sp.rate(log)
    np.testing.assert_array_equal(sp.segments(log), [0, 1, 2])


def test_a_frame_without_the_index_is_no_log(frame):
    with pytest.raises(InvalidLogError, match=r"indexed by .*cycle.*time"):
        sp.segments(frame)


@pytest.mark.parametrize(
    "seconds",
    [
        np.arange(12) / 10,
        np.r_[np.arange(6), np.arange(60, 66)] / 10,  # a gap
        np.round(np.arange(12) / 3.0, 3),  # a rate that takes a median
        np.arange(12) * 0.37,
    ],
)
def test_the_clock_is_sample_time_and_segments(seconds):
    frame = pd.DataFrame({"t": np.tile(seconds, 2), "x": 0.0})
    log = sp.as_log(frame, cycle=np.repeat([1, 2], 12), time="t")
    dt, bounds = clock(log.index)
    assert dt == sample_time(log)
    np.testing.assert_array_equal(bounds, sp.segments(log))


def test_single_rows_have_no_clock_but_segments():
    log = sp.as_log(pd.DataFrame({"x": [1.0, 2.0]}), cycle=[1, 2], rate=10.0)
    dt, bounds = clock(log.index)
    assert dt is None
    np.testing.assert_array_equal(bounds, [0, 1, 2])
