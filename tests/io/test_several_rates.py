"""Files whose channels were sampled at several rates, or unevenly: one clock, nothing invented."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.io import read_log
from signalprep.log import as_log, cycles, rate, segments

N = 120
EVERY = {"speed": 1, "torque": 5, "temp": 10}


def samples(every=EVERY, n=N, seed=0):
    """For each channel its value in every row in which it was sampled."""
    rng = np.random.default_rng(seed)
    known = {name: np.arange(n) % step == step // 2 for name, step in every.items()}
    return {
        name: np.where(rows, rng.normal(size=n).round(3), np.nan) for name, rows in known.items()
    }


def table(path, columns, times=None, sep=","):
    """Rows with blanks where a channel has no sample."""
    n = len(next(iter(columns.values())))
    times = np.arange(n) / 10 if times is None else times
    frame = pd.DataFrame({"time": times} | columns)
    frame.to_csv(path, index=False, sep=sep, float_format="%.10g")
    return path


def held(values, limit_rows):
    """The last sample of every row, while it is fresh."""
    last = pd.Series(values).ffill(limit=limit_rows)
    return last.to_numpy()


@pytest.mark.parametrize("every", [EVERY, {"a": 1, "b": 2, "c": 3}, {"fast": 1, "slow": 25}])
@pytest.mark.parametrize("sep", [",", ";"])
def test_several_rates_are_refused_with_each_rate_and_what_goes_on(tmp_path, every, sep):
    columns = samples(every)
    path = table(tmp_path / "a.csv", columns, sep=sep)
    with pytest.raises(InvalidLogError, match="need one clock") as refused:
        read_log(path)
    said = str(refused.value)
    for name, step in every.items():
        assert re.search(rf"\b{name} {10 / step:.3g}", said), said
    clock = re.search(r"clock='(\w+)'", said)[1]
    hertz = float(re.search(r"rate=([\d.]+\d)", said)[1])
    for way in ({"clock": clock}, {"rate": hertz}):
        log = read_log(path, **way)
        assert len(log) == N
        for name, step in every.items():
            np.testing.assert_array_equal(log[name], held(columns[name], 3 * step))


@pytest.mark.parametrize(
    ("hold", "rows"),
    [
        ("auto", 30),
        (None, N),
        ("500ms", 5),
        (1.2, 12),
        ({"temp": "2s"}, 20),
        ({"torque": None}, 30),
    ],
)
def test_a_value_is_held_as_long_as_it_is_fresh(tmp_path, hold, rows):
    columns = samples()
    columns["temp"][60:100] = np.nan
    path = table(tmp_path / "a.csv", columns)
    for way in ({"clock": "speed"}, {"rate": 10.0}):
        log = read_log(path, hold=hold, **way)
        np.testing.assert_array_equal(log["temp"], held(columns["temp"], rows))


def test_ages_tell_how_old_each_value_is(tmp_path):
    columns = samples()
    log = read_log(table(tmp_path / "a.csv", columns), clock="speed", ages=True)
    rows = np.arange(N)
    for name, step in EVERY.items():
        last = pd.Series(np.where(np.isnan(columns[name]), np.nan, rows)).ffill()
        np.testing.assert_allclose(log[f"{name}.age"], (rows - last) / 10, atol=1e-9)
        assert log[f"{name}.age"].max() <= step / 10


@pytest.mark.parametrize(("start", "first"), [("first", 0), ("common", 5)])
@pytest.mark.parametrize("way", [{"clock": "speed"}, {"rate": 10.0}])
def test_the_start_is_the_first_row_or_the_first_that_is_whole(tmp_path, start, first, way):
    log = read_log(table(tmp_path / "a.csv", samples()), start=start, **way)
    assert log.index[0][1] == pytest.approx(first / 10)
    assert log.isna().any(axis=None) == (first == 0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("way", [{"clock": "speed"}, {"rate": 10.0}])
def test_no_row_knows_what_the_file_says_later(tmp_path, seed, way):
    columns = samples(seed=seed)
    log = read_log(table(tmp_path / "a.csv", columns), **way)
    row = int(np.random.default_rng(seed).integers(20, N))
    later = {
        name: np.where(np.arange(N) > row, -values, values) for name, values in columns.items()
    }
    other = read_log(table(tmp_path / "a.csv", later), **way)
    pd.testing.assert_frame_equal(other.iloc[: row + 1], log.iloc[: row + 1], check_exact=True)


def jittery(n=N, share=0.2, hertz=10.0, seed=0):
    rng = np.random.default_rng(seed)
    times = np.arange(n) / hertz + rng.uniform(-share, share, n) / hertz
    return (times - times.min()).round(4)


@pytest.mark.parametrize("every", [2, 3, 10, 25])
@pytest.mark.parametrize("seed", [0, 1])
def test_resampling_loses_no_sample_of_a_sparse_channel(tmp_path, every, seed):
    columns = samples({"i_d": 1, "T_coolant": every}, seed=seed)
    times = jittery(seed=seed)
    coolant = columns["T_coolant"][:-2]  # the last rows may come after the last of the grid
    recorded = set(coolant[~np.isnan(coolant)])
    path = table(tmp_path / "a.csv", columns, times)
    for log in (
        read_log(path, rate=10.0),
        as_log(pd.DataFrame({"t": times} | columns), time="t", rate=10.0),
    ):
        assert recorded <= set(log["T_coolant"].dropna()) <= set(columns["T_coolant"])
        assert log["T_coolant"].iloc[every + 1 :].notna().all()


STATES = {
    "gear": lambda k: np.where(k // 15 % 2, 4, 1),
    "contactor": lambda k: k // 20 % 2 == 1,
    "fault": lambda k: np.array([0, 17, 255])[k // 12 % 3],
    "signed": lambda k: np.array([-1, 1])[k // 9 % 2].astype(np.int8),
    "flag": lambda k: (k // 7 % 2).astype(float),
    "mode": lambda k: np.array(["park", "drive"], dtype=object)[k // 11 % 2],
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("interpolate", [None, "linear"])
def test_resampling_invents_no_state(tmp_path, state, interpolate):
    times, rows = jittery(), np.arange(N)
    values = STATES[state](rows)
    frame = pd.DataFrame({"time": times, "i_d": np.sin(times), "s": values})
    frame.to_csv(tmp_path / "a.csv", index=False)
    for log in (
        read_log(tmp_path / "a.csv", rate=10.0, interpolate=interpolate),
        as_log(frame, time="time", rate=10.0, interpolate=interpolate),
    ):
        found = log["s"]
        assert set(found.dropna()) == set(values.tolist())
        stamps = log.index.get_level_values("time").to_numpy()
        last = np.searchsorted(times, stamps + 1e-9, side="right") - 1
        known = found.notna().to_numpy()
        assert found[known].tolist() == values[last][known].tolist(), "none is a row late"


def test_a_line_is_drawn_by_name_and_its_look_into_the_future_is_told(tmp_path):
    columns = samples()
    columns["temp"] = np.where(np.isnan(columns["temp"]), np.nan, np.arange(N) / 4)
    path = table(tmp_path / "a.csv", columns)
    log = read_log(path, clock="speed", interpolate=["temp"])
    np.testing.assert_allclose(log["temp"].iloc[5:116], np.arange(5, 116) / 4)
    np.testing.assert_array_equal(log["torque"], held(columns["torque"], 15))
    assert sp.lookahead(log) == 10
    assert sp.lookahead(read_log(path, clock="speed")) == 0


@pytest.mark.parametrize("clock", ["temp", "torque"])
def test_a_clock_slower_than_a_channel_needs_a_mean(tmp_path, clock):
    columns = samples()
    path = table(tmp_path / "a.csv", columns)
    with pytest.raises(InvalidLogError, match=r"'speed'.*reduce=.mean"):
        read_log(path, clock=clock)
    log = read_log(path, clock=clock, reduce="mean")
    step = EVERY[clock]
    rows = np.flatnonzero(~np.isnan(columns[clock]))
    assert len(log) == len(rows)
    for k, row in list(enumerate(rows))[1:]:
        mean = columns["speed"][row - step + 1 : row + 1].mean()
        assert log["speed"].iloc[k] == pytest.approx(mean, abs=1e-12)
    np.testing.assert_array_equal(log[clock], columns[clock][rows])


def polled(steps, n=400, seed=0):
    """Stamps of a phone that polls: steps of a few lengths, as written with two decimals."""
    rng = np.random.default_rng(seed)
    return np.round(np.concatenate([[0.0], np.cumsum(rng.choice(steps, n - 1))]), 3)


@pytest.mark.parametrize("steps", [[0.09, 0.12], [0.09, 0.09, 0.12], [0.5, 0.65], [0.011, 0.014]])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_rate_that_is_advised_for_uneven_steps_works(tmp_path, steps, seed):
    times = polled(steps, seed=seed)
    path = table(tmp_path / "ride.csv", {"speed": np.arange(400) % 9 + 0.5}, times)
    with pytest.raises(InvalidLogError, match="resamples") as refused:
        read_log(path)
    advised = float(re.search(r"rate=([\d.]+)\) resamples", str(refused.value))[1])
    log = read_log(path, rate=advised)
    assert rate(log) == pytest.approx(advised, rel=1e-9)
    assert set(log["speed"].dropna()) <= set(np.arange(9) + 0.5)
    span = log.index[-1][1] - log.index[0][1]
    assert abs(span - times[-1]) <= 1 / advised


@pytest.mark.parametrize("hertz", [4.0, 5.0, 20.0, 50.0])
@pytest.mark.parametrize("share", [0.0, 0.1])
@pytest.mark.parametrize("options", [{"rate": 10.0}, {"rate": 10.0, "interpolate": "linear"}])
def test_a_file_at_another_rate_is_refused_by_the_name_of_its_cycle(
    tmp_path, hertz, share, options
):
    for name, n, own in (("a", 900, 10.0), ("b", 60, hertz), ("c", 900, 10.0)):
        times = jittery(n, share, own)
        table(tmp_path / f"{name}.csv", {"x": np.sin(2 * np.pi * 8 * times)}, times)
    with pytest.raises(InvalidLogError, match="cycle 'b'"):
        read_log(tmp_path, **options)


class TestStampsTwice:
    def test_the_last_row_of_a_stamp_is_taken_when_told(self, tmp_path):
        times = np.repeat(np.arange(N) / 10, 1 + (np.arange(N) % 40 == 7))
        values = np.arange(len(times)) % 50 + 0.5
        path = table(tmp_path / "a.csv", {"x": values}, times)
        with pytest.raises(InvalidLogError, match="repeats") as refused:
            read_log(path)
        assert 'duplicates="last"' in str(refused.value).replace("'", '"')
        log = read_log(path, duplicates="last")
        assert len(log) == N
        expected = pd.Series(values, index=times).groupby(level=0).last()
        np.testing.assert_array_equal(log["x"], expected)

    @pytest.mark.parametrize("n_parts", [2, 3])
    @pytest.mark.parametrize("first", [0.0, 0.1])
    def test_time_that_starts_anew_parts_cycles_when_told(self, tmp_path, n_parts, first):
        times = np.tile(np.arange(40) / 10 + first, n_parts)
        path = table(tmp_path / "a.csv", {"x": np.arange(len(times)) % 9 + 0.5}, times)
        with pytest.raises(InvalidLogError, match="goes back") as refused:
            read_log(path)
        assert "cycle" in str(refused.value)
        log = read_log(path, cycle="reset")
        assert len(cycles(log)) == n_parts
        assert segments(log).tolist() == [40 * k for k in range(n_parts + 1)]

    def test_several_rates_in_each_part(self, tmp_path):
        columns = samples({"speed": 1, "temp": 10}, n=60)
        parts = {name: np.tile(values, 2) for name, values in columns.items()}
        times = np.tile(np.arange(60) / 10, 2)
        path = table(tmp_path / "a.csv", parts, times)
        for way in ({"clock": "speed"}, {"rate": 10.0}):
            log = read_log(path, cycle="reset", **way)
            assert len(cycles(log)) == 2
            np.testing.assert_array_equal(log["temp"], np.tile(held(columns["temp"], 30), 2))


@pytest.mark.parametrize(
    "options",
    [
        {"clock": "nix"},
        {"clock": "speed", "rate": 10.0},
        {"rate": 10.0, "hold": "soon"},
        {"rate": 10.0, "hold": {"nix": 1.0}},
        {"clock": "speed", "interpolate": ["nix"]},
        {"clock": "speed", "start": "last"},
        {"clock": "temp", "reduce": "max"},
        {"duplicates": "first"},
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path, options):
    path = table(tmp_path / "a.csv", samples())
    with pytest.raises(InvalidParameterError, match=list(options)[-1] if len(options) < 3 else ""):
        read_log(path, **options)


def test_a_clock_glues_no_cycles(tmp_path):
    """Neither those of two files, nor the parts of one that another interrupts."""
    for name, start in (("a", 0), ("b", 10)):
        rows = "".join(f"7,{(start + k) / 10},{k},{k}.5\n" for k in range(10))
        (tmp_path / f"{name}.csv").write_text("id,t,n,x\n" + rows)
    with pytest.raises(InvalidLogError, match=r"b\.csv: cycle 7 is also in a\.csv"):
        read_log(tmp_path, cycle="id", clock="n")
    ids = [1] * 5 + [2] * 5 + [1] * 5
    rows = "".join(f"{cycle},{k / 10},{k}\n" for k, cycle in enumerate(ids))
    (tmp_path / "c.csv").write_text("id,t,n\n" + rows)
    with pytest.raises(InvalidLogError, match="cycle 1 starts again at row 10"):
        read_log(tmp_path / "c.csv", cycle="id", clock="n")


@pytest.fixture
def mixed(tmp_path):
    """A folder of three files at 10, 20 and 5 Hz, a slope each."""
    for k, hertz in enumerate((10, 20, 5)):
        times = np.arange(8 * hertz) / hertz
        table(tmp_path / f"trip{k}.csv", {"x": 3.0 * times}, times)
    return tmp_path


def test_files_at_several_rates_are_read_onto_the_slowest_as_the_message_says(mixed):
    for options in ({}, {"rate": 10.0}, {"rate": 7.0}):
        with pytest.raises(InvalidLogError) as refused:
            read_log(mixed, **options)
        assert "read_log(..., rate=5, reduce='mean') brings" in str(refused.value)
    log = read_log(mixed, rate=5.0, reduce="mean")
    assert rate(log) == 5.0
    assert log.groupby(level="cycle").size().tolist() == [40, 40, 40]
    seconds = log.index.get_level_values("time").to_numpy()
    mean = {"trip0": 0.05, "trip1": 0.075, "trip2": 0.0}  # of the samples since the row before
    late = log.index.get_level_values("cycle").map(mean).to_numpy()
    after = seconds > 0
    np.testing.assert_allclose(log["x"][after], 3.0 * (seconds - late)[after], atol=1e-9)


@pytest.mark.parametrize("hertz", [7.0, 10.0, 50.0])
def test_no_file_is_given_more_rows_than_it_has(mixed, hertz):
    with pytest.raises(InvalidLogError, match=r"reduce='mean' lowers a rate; rate=\d+ Hz is more"):
        read_log(mixed, rate=hertz, reduce="mean")


def test_a_rate_that_no_file_has_says_what_lowers_it(mixed):
    with pytest.raises(InvalidLogError, match=r"read_log\(..., rate=4, reduce='mean'\) lowers it"):
        read_log(mixed / "trip0.csv", rate=4.0)
    assert rate(read_log(mixed / "trip0.csv", rate=4.0, reduce="mean")) == 4.0
