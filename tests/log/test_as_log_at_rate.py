"""as_log(rate=): what is held, for how long, and which rates and cycles are refused."""

import re

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import restarted_cycles


def jittery(rng, n, rate, share=0.1):
    return np.arange(n) / rate + rng.uniform(-share, share, n) / rate


def polled(rng, n=400):
    """A phone that polls: steps of two lengths, which no rounding explains."""
    steps = rng.uniform(0.05, 0.1) * np.array([1.0, rng.uniform(1.1, 1.45)])
    return np.round(np.concatenate([[0.0], np.cumsum(rng.choice(steps, n - 1))]), 3)


@pytest.mark.parametrize("seed", range(40))
def test_each_value_is_the_last_of_its_column_and_no_other(seed):
    rng = np.random.default_rng(seed)
    n = 300
    frame = pd.DataFrame({"c": np.repeat([3, 1, 2], 100)})
    frame["t"] = np.concatenate([jittery(rng, 100, 10.0, 0.3) for _ in range(3)])
    frame.loc[frame.index % 100 >= 50, "t"] += rng.choice([0.0, 2.0])
    frame["dense"] = rng.normal(size=n)
    frame["coolant"] = np.where(rng.random(n) < 0.15, rng.normal(size=n), np.nan)
    frame["t"] = frame["t"].round(3)
    frame["coolant"] = frame["coolant"].where(frame["c"] != seed % 4)  # none in one cycle
    frame["part"] = rng.normal(size=n)
    frame["part"] = frame["part"].where(frame["c"] != (seed + 1) % 4)
    frame["gear"] = rng.integers(0, 5, n)
    frame["on"] = rng.random(n) < 0.5
    log = sp.as_log(frame, cycle="c", time="t", rate=10.0, ages=True)
    assert list(sp.cycles(log)) == [3, 1, 2]
    for name in ("dense", "coolant", "part", "gear", "on"):
        recorded = frame.loc[frame[name].notna(), ["c", "t", name]]
        limit = max(3 * recorded.groupby("c")["t"].diff().median(), 0.1)
        for cycle, rows in log.groupby(level="cycle"):
            own = recorded[recorded["c"] == cycle]
            own = own.assign(stamp=own["t"])
            times = pd.DataFrame({"t": rows.index.get_level_values("time") + 1e-9})
            oracle = pd.merge_asof(times, own, on="t")
            age = times["t"] - oracle["stamp"]
            np.testing.assert_allclose(rows[f"{name}.age"], age, atol=1e-8)
            expected = oracle[name].astype(float).where(age <= limit + 1e-8)
            np.testing.assert_array_equal(rows[name].astype(float), expected)


@pytest.mark.parametrize("seed", range(50))
def test_no_row_knows_the_future(seed):
    rng = np.random.default_rng(seed)
    n = 120
    t = jittery(rng, n, 10.0, 0.3)
    frame = pd.DataFrame({"t": t, "x": rng.normal(size=n), "state": rng.integers(0, 9, n)})
    frame["slow"] = np.where(np.arange(n) % 5 == seed % 5, rng.normal(size=n), np.nan)
    log = sp.as_log(frame, time="t", rate=10.0)
    moment = rng.choice(t)
    frame.loc[t > moment, ["x", "slow", "state"]] += 100
    other = sp.as_log(frame, time="t", rate=10.0)
    known = log.index.get_level_values("time") <= moment
    pd.testing.assert_frame_equal(other[known], log[known], check_exact=True)


def sparse_frame():
    rows = np.arange(60)
    return pd.DataFrame(
        {
            "t": rows / 10,
            "speed": np.where(rows == 30, np.nan, rows * 1.0),
            "coolant": np.where((rows % 10 == 5) & (rows < 30), rows * 1.0, np.nan),
        }
    )


def test_sparse_columns_are_held_in_their_rows_where_a_rate_is_given():
    frame = sparse_frame()
    untouched = sp.as_log(frame, time="t")
    pd.testing.assert_frame_equal(untouched, frame.set_index(untouched.index)[["speed", "coolant"]])
    log = sp.as_log(frame, time="t", rate=10.0)
    assert log.index.equals(untouched.index)
    pd.testing.assert_series_equal(log["speed"], untouched["speed"])
    held = np.full(60, np.nan)
    held[5:15], held[15:25], held[25:56] = 5.0, 15.0, 25.0
    np.testing.assert_array_equal(log["coolant"], held)
    longer = sp.as_log(frame, time="t", rate=10.0, hold={"coolant": None})
    assert longer["coolant"].notna().sum() == 55
    shorter = sp.as_log(frame, time="t", rate=10.0, hold="300ms")
    assert shorter["coolant"].notna().sum() == 12
    drawn = sp.as_log(frame, time="t", rate=10.0, interpolate=["coolant"])
    np.testing.assert_allclose(drawn["coolant"].iloc[5:26], np.arange(5.0, 26.0))
    assert drawn.attrs["lookahead"] == 10
    aged = sp.as_log(frame, time="t", rate=10.0, ages=True)
    np.testing.assert_allclose(
        aged["coolant.age"].iloc[5:35], np.r_[0:10, 0:10, 0:10] / 10, atol=1e-9
    )
    assert list(aged.columns) == ["speed", "speed.age", "coolant", "coolant.age"]


def test_no_line_is_drawn_from_one_cycle_to_the_next():
    frame = sparse_frame()
    alone = sp.as_log(frame, time="t", rate=10.0, interpolate=["coolant"])["coolant"].to_numpy()
    both = pd.concat([frame.assign(c=1), frame.assign(c=2)], ignore_index=True)
    for later in (0.0, 6.0):
        both.loc[60:, "t"] = frame["t"].to_numpy() + later
        log = sp.as_log(both, cycle="c", time="t", rate=10.0, interpolate=["coolant"])
        np.testing.assert_allclose(log["coolant"], np.r_[alone, alone])


def test_a_common_start_leaves_out_rows_before_all_are_known():
    frame = sparse_frame()
    both = pd.concat([frame.assign(c=1), frame.assign(c=2, coolant=np.nan)], ignore_index=True)
    log = sp.as_log(both, cycle="c", time="t", start="common")
    assert len(log.loc[1]) == 55
    assert len(log.loc[2]) == 60, "a column without values in a cycle does not count there"


@pytest.mark.parametrize("seed", range(20))
def test_the_rate_that_the_message_names_works(seed):
    rng = np.random.default_rng(seed)
    t = polled(rng)
    frame = pd.DataFrame({"t": t, "x": np.arange(len(t)) % 9})
    with pytest.raises(InvalidLogError, match="resamples") as caught:
        sp.as_log(frame, time="t")
    advised = float(re.search(r"rate=([\d.]+)\) resamples", str(caught.value))[1])
    log = sp.as_log(frame, time="t", rate=advised)
    assert sp.rate(log) == pytest.approx(advised, rel=1e-9)
    for wrong in (advised / 2, advised * 2):
        with pytest.raises(InvalidLogError, match="contradicts the time axis"):
            sp.as_log(frame, time="t", rate=wrong)


@pytest.mark.parametrize("hertz", [2.0, 4.0, 15.0, 20.0, 100.0])
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_a_cycle_at_another_rate_is_refused_by_name(hertz, share):
    rng = np.random.default_rng(0)
    parts = [("a", 3000, 10.0), ("b", 200, hertz), ("c", 3000, 10.0)]
    frame = pd.concat(
        [
            pd.DataFrame({"c": name, "t": jittery(rng, n, rate, share), "x": 0.0})
            for name, n, rate in parts
        ],
        ignore_index=True,
    )
    for rate in (None, 10.0):
        with pytest.raises(InvalidLogError, match=r"cycle 'b' "):
            sp.as_log(frame, cycle="c", time="t", rate=rate)


@pytest.mark.parametrize("interpolate", [None, "linear"])
def test_stamps_of_any_kind_are_resampled_alike(interpolate):
    rng = np.random.default_rng(0)
    t = np.round(jittery(rng, 80, 10.0, 0.3) + 1.0, 6)
    frame = pd.DataFrame({"t": t, "x": rng.normal(size=80)})
    log = sp.as_log(frame, time="t", rate=10.0, interpolate=interpolate)
    first = pd.Timestamp("2024-05-01", tz="Europe/Berlin")
    far = pd.Timestamp("2300-01-01").as_unit("us")
    for start in (first, far, pd.Timedelta(0)):
        stamps = start + pd.to_timedelta(t, unit="s").round("us").as_unit("us")
        other = sp.as_log(frame.assign(t=stamps), time="t", rate=10.0, interpolate=interpolate)
        seconds = (other.index.get_level_values("time") - start).total_seconds()
        np.testing.assert_allclose(seconds, log.index.get_level_values("time"), atol=1e-6)
        np.testing.assert_allclose(other["x"], log["x"], atol=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_short_cycles_of_a_log_that_jitters_much_have_its_rate(seed):
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.gamma(4.0, 0.025, 600))
    frame = pd.DataFrame({"c": np.arange(600) // 6, "t": t, "x": t})
    rate = 1.0 / np.median(np.diff(t))
    assert list(sp.cycles(sp.as_log(frame, cycle="c", time="t", rate=rate))) == list(range(100))


def test_a_log_without_any_value_is_not_resampled():
    t = jittery(np.random.default_rng(0), 50, 10.0)
    with pytest.raises(InvalidLogError, match="all are missing"):
        sp.as_log(pd.DataFrame({"t": t, "x": np.nan}), time="t", rate=10.0)


def test_time_that_starts_anew_makes_cycles_on_request():
    frame = pd.DataFrame({"t": np.r_[0:30, 0:20, 1:15] / 10, "x": np.arange(64.0)})
    with pytest.raises(InvalidLogError, match="goes back in time"):
        sp.as_log(frame, time="t")
    log = sp.as_log(frame, cycle="reset", time="t")
    assert list(sp.cycles(log)) == [0, 1, 2]
    np.testing.assert_array_equal(sp.segments(log), [0, 30, 50, 64])
    np.testing.assert_array_equal(log["x"], frame["x"])
    stamps = pd.Timestamp("2024-05-01") + pd.to_timedelta(frame["t"], unit="s")
    dated = sp.as_log(frame.assign(t=stamps), cycle="reset", time="t")
    np.testing.assert_array_equal(sp.segments(dated), [0, 30, 50, 64])
    own = sp.as_log(frame.iloc[:30].assign(reset=7), cycle="reset", time="t")
    assert list(sp.cycles(own)) == [7], "a column of that name comes first"
    back = frame.assign(t=np.r_[0:30, 12:32, 0:14] / 10)
    with pytest.raises(InvalidLogError, match=r"row 30 goes back from 2\.9 s to 1\.2 s"):
        sp.as_log(back, cycle="reset", time="t")
    with pytest.raises(InvalidParameterError, match="needs time="):
        sp.as_log(frame, cycle="reset", rate=10.0)
    with pytest.raises(InvalidLogError, match="time must be known"):
        sp.as_log(frame.assign(t=frame["t"].where(frame.index != 40)), cycle="reset", time="t")


def test_without_a_step_back_there_is_one_cycle():
    np.testing.assert_array_equal(restarted_cycles(np.arange(5.0)), np.zeros(5))


def test_rows_with_one_stamp_become_one_on_request():
    frame = pd.DataFrame(
        {
            "c": [1, 1, 1, 1, 2, 2],
            "t": [0.0, 0.1, 0.1, 0.2, 0.2, 0.3],
            "x": [0.0, 1.0, np.nan, 3.0, 4.0, 5.0],
            "y": [0, 1, 2, 3, 4, 5],
        }
    )
    with pytest.raises(InvalidLogError, match="repeats the time"):
        sp.as_log(frame, cycle="c", time="t")
    log = sp.as_log(frame, cycle="c", time="t", duplicates="last")
    assert log["x"].tolist() == [0, 1, 3, 4, 5], "what is missing does not replace a value"
    assert log["y"].tolist() == [0, 2, 3, 4, 5]
    assert log["y"].dtype == np.int64


@pytest.mark.parametrize(
    "options",
    [
        {"interpolate": "linear"},
        {"hold": "5s"},
        {"ages": True},
        {"rate": 10.0, "interpolate": ["nix"]},
        {"rate": 10.0, "hold": {"nix": 1.0}},
        {"rate": 10.0, "hold": "soon"},
        {"start": "later"},
        {"duplicates": "mean"},
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(options):
    name = "interpolate" if "interpolate" in options else list(options)[-1]
    with pytest.raises(InvalidParameterError, match=name):
        sp.as_log(sparse_frame(), time="t", **options)
    with pytest.raises(InvalidParameterError, match=name):
        sp.as_log(sparse_frame()[["t", "speed"]], time="t", **options)


def test_what_travels_with_the_frame_still_does():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"t": jittery(rng, 50, 10.0), "x": np.arange(50.0) + 0.5})
    frame.attrs["units"] = {"x": "A"}
    log = sp.as_log(frame, time="t", rate=10.0)
    assert log.attrs == {"units": {"x": "A"}}
    drawn = sp.as_log(frame, time="t", rate=10.0, interpolate="linear")
    assert drawn.attrs == {"units": {"x": "A"}, "lookahead": 2}
    assert frame.attrs == {"units": {"x": "A"}}
    again = sp.as_log(drawn, rate=10.0)
    assert again is drawn
