"""group_near_duplicates: copies are found, other drives are not."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.model_selection._near_duplicates import _summed

TRIP_CHANNELS = ["Velocity", "Motor Torque", "Battery Voltage", "Battery Current", "SoC"]


@pytest.fixture(scope="module")
def drives():
    return sp.datasets.simulate_pmsm(n_cycles=12, rate=5.0, gap=0.0, random_state=0)


def copied(drive, kind, seed=0):
    """A drive recorded again, and how many rows later it starts."""
    rng = np.random.default_rng(seed)
    n, std = len(drive), drive.std().to_numpy()
    first, last = {"shifted": (n // 4 + 3, n), "cut": (n // 4 + 5, 3 * n // 4)}.get(kind, (0, n))
    again = drive.iloc[first:last]
    if kind == "rescaled":
        again = again * 1.02 + 0.3 * std
    if kind == "noisy":
        again = again + 0.05 * std * rng.normal(size=again.shape)
    return again, first


def with_copy(log, cycle, kind):
    again, first = copied(log.loc[cycle], kind)
    step = sp.log.sample_time(log)
    again = again.set_axis(np.arange(len(again)) * step, axis=0)
    return pd.concat([log, pd.concat({"again": again}, names=["cycle", "time"])]), first * step


def check_found(found, cycle, lag, log):
    assert list(found.pairs[["cycle", "other"]].itertuples(index=False, name=None)) == [
        (cycle, "again")
    ]
    pair = found.pairs.iloc[0]
    step = sp.log.sample_time(log)
    assert abs(pair["lag"] - lag) <= 2 * step
    assert pair["similarity"] > 0.9
    assert pair["overlap"] <= len(log.loc["again"]) * step + 1e-9
    assert found.groups["again"] == cycle
    assert found.groups.drop("again").is_unique


@pytest.mark.parametrize("kind", ["exact", "shifted", "cut", "rescaled", "noisy"])
@pytest.mark.parametrize("cycle", [1, 3])
def test_a_copy_is_found_with_its_lag(drives, cycle, kind):
    name = sp.cycles(drives)[cycle]
    log, lag = with_copy(drives, name, kind)
    check_found(sp.group_near_duplicates(log), name, lag, log)


@pytest.mark.parametrize("seed", range(3))
def test_simulated_drives_are_different(seed):
    log = sp.datasets.simulate_pmsm(n_cycles=16, rate=2.0, random_state=seed)
    found = sp.group_near_duplicates(log)
    assert found.pairs.empty
    assert found.groups.is_unique


@pytest.fixture(scope="module")
def trips(real_data):
    return sp.read_log(real_data("bmw_i3"), columns=TRIP_CHANNELS)


def test_recorded_trips_are_different(trips):
    found = sp.group_near_duplicates(trips)
    assert found.pairs.empty
    assert len(found.groups) == 31
    assert sp.group_near_duplicates(trips, columns=["Velocity"]).pairs.empty


@pytest.mark.parametrize("kind", ["shifted", "cut", "rescaled", "noisy"])
def test_copies_of_recorded_trips_are_found(trips, kind):
    log, lag = with_copy(trips, "TripA09", kind)
    check_found(sp.group_near_duplicates(log), "TripA09", lag, log)


def test_groups_join_what_is_linked(drives):
    first = sp.cycles(drives)[0]
    drive = drives.loc[first]
    copies = {"b": drive.iloc[200:], "c": drive.iloc[:-200] * 1.1}
    log = pd.concat([drives, pd.concat(copies, names=["cycle"])])
    found = sp.group_near_duplicates(log)
    assert found.groups["b"] == found.groups["c"] == first
    assert len(found.pairs) == 3
    rows = found.of_rows(log)
    assert rows.shape == (len(log),)
    assert len(np.unique(rows)) == 12


def test_the_groups_serve_every_splitter(drives):
    name = sp.cycles(drives)[2]
    log, _ = with_copy(drives, name, "shifted")
    found = sp.group_near_duplicates(log)
    cycle = log.index.get_level_values("cycle")
    for train, test in sp.CycleKFold(4, together=found.groups).split(log):
        assert (name in set(cycle[train])) == ("again" in set(cycle[train]))
        assert (name in set(cycle[test])) == ("again" in set(cycle[test]))
    by_rows = [t.tolist() for _, t in sp.CycleKFold(4).split(log, groups=found.of_rows(log))]
    by_cycles = [t.tolist() for _, t in sp.CycleKFold(4, together=found.groups).split(log)]
    assert by_rows == by_cycles


def test_of_rows_refuses_cycles_it_has_not_seen(drives, make_log):
    found = sp.group_near_duplicates(drives)
    with pytest.raises(InvalidLogError, match="that were compared; got 0"):
        found.of_rows(make_log())


def test_a_record_that_repeats_itself_is_no_evidence():
    rng = np.random.default_rng(0)
    time = np.arange(6000) / 100.0
    sines = [np.sin(2 * np.pi * (0.5 * time + phase)) for phase in rng.random(4)]
    frame = pd.DataFrame({"x": np.concatenate(sines) + 0.05 * rng.normal(size=24_000)})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(4), 6000), rate=100.0)
    assert sp.group_near_duplicates(log).pairs.empty


def test_cycles_that_cannot_be_told_are_named(make_log):
    log = make_log(lengths=(600, 30, 600))
    log.loc[2, "c0"] = 1.0
    log.loc[2, "c1"] = np.nan
    found = sp.group_near_duplicates(log)
    assert found.unjudged.tolist() == [1, 2]
    assert found.groups.tolist() == [0, 1, 2]


def test_missing_values_and_gaps_do_not_hide_a_copy(drives):
    name = sp.cycles(drives)[1]
    log, lag = with_copy(drives, name, "shifted")
    holed = log.copy()
    holed.iloc[::9, 2] = np.nan
    holed.loc["again", "T_pm"] = np.nan
    rows = np.flatnonzero(holed.index.get_level_values("cycle") == "again")
    holed = holed.drop(index=holed.index[rows[800:840]])
    check_found(sp.group_near_duplicates(holed), name, lag, log)


@pytest.mark.parametrize(("n_known", "counted"), [(10, True), (9, False), (1, False), (0, False)])
def test_a_channel_that_misses_more_than_half_is_left_out(n_known, counted):
    signal = np.full(20, np.nan)
    signal[2 : 2 + n_known] = 5.0
    sums = _summed(signal[None], np.arange(20), np.array([3.0]))
    np.testing.assert_array_equal(sums, [np.arange(21) * (2.0 if counted else 0.0)])
    placed = _summed(signal[None, 2 : 2 + max(n_known, 1)], np.arange(max(n_known, 1)), np.zeros(1))
    assert placed.any() == (n_known > 0), "gaps count as what is missing, nothing else does"


def test_pairs_tell_how_many_channels_have_enough_samples(drives):
    name = sp.cycles(drives)[1]
    log, _ = with_copy(drives, name, "exact")
    rows = np.flatnonzero(log.index.get_level_values("cycle") == "again")
    rows = np.random.default_rng(0).permutation(rows)
    for share, n_channels in [(0.49, 5), (0.51, 4)]:
        holed = log.copy()
        holed.iloc[rows[: int(share * len(rows))], 0] = np.nan
        found = sp.group_near_duplicates(holed, columns=list(log.columns[:5]))
        assert found.pairs["n_channels"].tolist() == [n_channels]


def test_text_columns_are_left_out_and_columns_chosen(drives):
    name = sp.cycles(drives)[1]
    log, lag = with_copy(drives, name, "cut")
    check_found(sp.group_near_duplicates(log.assign(kind="a")), name, lag, log)
    found = sp.group_near_duplicates(log, columns=["T_m", "omega_m"])
    assert found.pairs["n_channels"].tolist() == [2]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threshold": 0}, r"threshold must lie in \(0, 1\]; got 0"),
        ({"min_overlap": 1.5}, r"min_overlap must lie in \(0, 1\]; got 1.5"),
        ({"columns": ["speed"]}, "columns must name columns of the log .*got 'speed'"),
    ],
)
def test_wrong_parameters(drives, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.group_near_duplicates(drives, **parameters)


def test_data_that_cannot_be_compared(make_log):
    log = make_log(lengths=(100, 100))
    with pytest.raises(InvalidLogError, match="See as_log"):
        sp.group_near_duplicates(log.to_numpy())
    with pytest.raises(InvalidLogError, match="needs a column of numbers"):
        sp.group_near_duplicates(pd.DataFrame({"text": ["a"] * 200}, index=log.index))
    log.iloc[120, 1] = np.inf
    with pytest.raises(InvalidLogError, match="'c1' must hold finite.*cycle 1, row 20 of it"):
        sp.group_near_duplicates(log)


def stop_and_go(rng, n):
    """A short trip of ramps, cruises and stops of random length and height."""
    parts = [np.zeros(5)]
    while sum(map(len, parts)) < n:
        top = rng.uniform(15, 60)
        cruise = top + 0.3 * np.cumsum(rng.normal(size=rng.integers(5, 45)))
        up, down = rng.integers(6, 14, 2)
        parts += [np.linspace(0, top, up), cruise, np.linspace(top, 0, down), np.zeros(8)]
    v = np.concatenate(parts)[:n]
    a = np.gradient(v)
    power = 0.02 * v + 0.4 * v * a + 0.3 * rng.normal(size=n)
    i = power / 0.35 + 0.5 * rng.normal(size=n)
    return pd.DataFrame({"v": v, "a": a, "i": i, "soc": 80 - np.cumsum(power) / 4e3})


def trips_log(trips):
    log = pd.concat(trips, names=["cycle", "time"])
    return log.set_index(log.index.set_levels(log.index.levels[1].astype(float), level=1))


@pytest.mark.parametrize("n", [140, 280])
def test_short_independent_trips_are_different(n):
    rng = np.random.default_rng(n)
    log = trips_log({k: stop_and_go(rng, n + k) for k in range(24)})
    assert sp.group_near_duplicates(log).pairs.empty


def test_copies_of_short_trips_are_found_even_where_little_moves():
    rng = np.random.default_rng(0)
    trips = {f"trip {k}": stop_and_go(rng, 130) for k in range(12)}
    trips["same"] = trips["trip 3"]
    trips["cut"] = trips["trip 5"].iloc[20:100].reset_index(drop=True)
    pairs = sp.group_near_duplicates(trips_log(trips)).pairs
    found = dict(zip(pairs["cycle"], pairs["other"], strict=True))
    assert found == {"trip 3": "same", "trip 5": "cut"}
    assert pairs["same"].eq("drive").all()
    assert pairs.set_index("other")["lag"].to_dict() == {"same": 0.0, "cut": 20.0}


@pytest.mark.parametrize("white", [0.0, 0.5])
@pytest.mark.parametrize("shaped", [0.0, 0.3])
def test_laps_of_one_course_are_no_copies(white, shaped):
    rng = np.random.default_rng(1)
    course = stop_and_go(rng, 600)["v"].to_numpy()
    laps = {}
    for k in range(4):
        driver = np.convolve(rng.normal(size=640), np.ones(41) / 41, "valid")
        v = course * (1 + shaped * driver) + white * rng.normal(size=600)
        i = 0.5 * v + 8 * np.gradient(v) + rng.normal(size=600)
        soc = rng.uniform(60, 95) - np.cumsum(i) / 1e3
        laps[k] = pd.DataFrame({"v": v, "i": i, "soc": soc})
    pairs = sp.group_near_duplicates(trips_log(laps)).pairs
    assert len(pairs) > 0
    assert pairs["same"].eq("course").all()


def test_among_many_cycles_pairs_are_found_without_comparing_all():
    rng = np.random.default_rng(0)
    trips = {f"trip {k}": stop_and_go(rng, int(rng.integers(300, 500))) for k in range(110)}
    one = trips["trip 7"]
    trips["noisy"] = one + 0.03 * one.std().to_numpy() * rng.normal(size=one.shape)
    trips["late"] = 1.1 * trips["trip 20"].iloc[100:].reset_index(drop=True) + 3.0
    pairs = sp.group_near_duplicates(trips_log(trips)).pairs
    found = dict(zip(pairs["cycle"], pairs["other"], strict=True))
    assert found == {"trip 7": "noisy", "trip 20": "late"}
    assert pairs["same"].eq("drive").all()


@pytest.mark.parametrize(("noisy", "same"), [((0.0, 0.3), "drive"), ((0.3, 0.3), "course")])
def test_noise_in_one_is_a_copy_and_in_both_a_programme_run_again(noisy, same):
    rng = np.random.default_rng(1)
    steps = np.repeat(rng.uniform(0, 10, 40), 10)
    heat = [lfilter([1 / tau], [1, 1 / tau - 1], steps) for tau in (15, 30)]
    drive = pd.DataFrame({"load": steps, "winding": heat[0], "rotor": heat[1]})
    drive += 0.1 * rng.normal(size=drive.shape)
    runs = {k: drive + noise * rng.normal(size=drive.shape) for k, noise in enumerate(noisy)}
    found = sp.group_near_duplicates(pd.concat(runs, names=["cycle", "time"]))
    assert found.pairs["same"].tolist() == [same]
