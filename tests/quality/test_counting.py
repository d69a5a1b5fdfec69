"""counting_channels: what only counts rows or tells the time, by its values."""

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.quality import counting_channels
from signalprep.quality._counting import counting_problems
from signalprep.quality._samples import samples

LENGTHS = (300, 221, 260)
RATE = 10.0


def log_of(make, dtype=None, lengths=LENGTHS, rate=RATE, start=0.0):
    """A log whose channel `make` gives cycle by cycle, from row, seconds, number of the cycle."""
    pieces, ids, stamps = [], [], []
    for cycle, n in enumerate(lengths):
        rows = np.arange(n)
        seconds = start + rows / rate
        pieces.append(np.asarray(make(rows, seconds, cycle)))
        ids += [f"c{cycle}"] * n
        stamps.append(seconds)
    values = pd.Series(np.concatenate(pieces))
    frame = pd.DataFrame({"x": values if dtype is None else values.astype(dtype), "cycle": ids})
    frame["t"] = np.concatenate(stamps)
    return sp.as_log(frame, cycle="cycle", time="t")


COUNTERS = {
    "row number": (lambda k, t, c: k, "counts rows"),
    "record number, on through the files": (lambda k, t, c: k + 1000 * c, "counts rows"),
    "every tenth record": (lambda k, t, c: 10 * k + 3, "counts rows, 10 each"),
    "rows that are left": (lambda k, t, c: len(k) - k, "counts rows"),
    "a second clock": (lambda k, t, c: t + 17.0, "tells the time in s"),
    "rounded to half a row": (lambda k, t, c: np.round(t + 0.02, 1), "tells the time in s"),
    "whole seconds": (lambda k, t, c: np.floor(t), "tells the time in s"),
    "milliseconds": (lambda k, t, c: np.round(t * 1e3), "tells the time in ms"),
    "microseconds": (lambda k, t, c: t * 1e6, "tells the time in µs"),
    "nanoseconds since 1970": (
        lambda k, t, c: 1_700_000_000_123_456_789 + c * 10**12 + k * 10**8,
        "tells the time in ns",
    ),
    "minutes": (lambda k, t, c: np.round(t / 60, 4), "tells the time in min"),
    "hours": (lambda k, t, c: t / 3600, "tells the time in h"),
    "days of a spreadsheet": (lambda k, t, c: 45000.25 + t / 86400, "tells the time in days"),
    "a clock that trembles": (
        lambda k, t, c: t + 0.02 * np.random.default_rng(c).random(len(t)),
        "tells the time in s",
    ),
    "time of a step": (
        lambda k, t, c: t - t[(k // 70) * 70],
        "tells the time in s and begins anew",
    ),
    "row of a step": (lambda k, t, c: k % 83, "counts rows and begins anew"),
    "counter of a message": (lambda k, t, c: (k + 5 * c) % 16, None),
    "slower message, held": (lambda k, t, c: (k // 5) % 16, "counts rows modulo 16"),
    "counter without 15": (lambda k, t, c: (3 * k) % 15, "counts rows modulo 15"),
    "eight bits": (lambda k, t, c: (7 * k + 90) % 256, "counts rows modulo 256"),
    "sixteen bits": (lambda k, t, c: (1000 * k) % 65536, "counts rows modulo 65536"),
    "a line in every cycle": (lambda k, t, c: 20 * c + 0.05 * k, "counts rows, 0.05 each"),
}


@pytest.mark.parametrize("name", COUNTERS)
def test_a_counter_is_found(name):
    make, words = COUNTERS[name]
    found = counting_channels(log_of(make))
    assert set(found) == {"x"}
    assert words is None or found["x"] == words


@pytest.mark.parametrize("dtype", ["float32", "int16", "UInt16", "Float64"])
def test_a_counter_is_found_in_every_type(dtype):
    assert counting_channels(log_of(lambda k, t, c: k, dtype)) == {"x": "counts rows"}
    assert counting_channels(log_of(lambda k, t, c: k % 200, dtype))
    if dtype.lower().startswith("float"):
        assert counting_channels(log_of(lambda k, t, c: t * 1e3, dtype))


SIGNALS = {
    "noise": lambda k, t, c: np.random.default_rng(c).normal(size=len(k)),
    "a random walk in steps": lambda k, t, c: (
        np.random.default_rng(c).integers(-1, 2, len(k)).cumsum()
    ),
    "a rising walk": lambda k, t, c: (
        np.random.default_rng(c).choice([1, 1, 1, -1], len(k)).cumsum()
    ),
    "warming up": lambda k, t, c: np.round(90 - 60 * np.exp(-t / (20 + c)), 1),
    "warming up, the same each time": lambda k, t, c: np.round(90 - 60 * np.exp(-t / 20), 1),
    "a ramp in some cycles": lambda k, t, c: 5.0 * t if c else np.full(len(k), 3.0),
    "a ramp in part of a cycle": lambda k, t, c: np.minimum(5.0 * t, 60.0),
    "ramps of different slopes": lambda k, t, c: (1 + c) * t,
    "a staircase": lambda k, t, c: 100.0 * (k // 100),
    "a staircase of ten": lambda k, t, c: 10.0 * (k // 25) + 2.0,
    "a gear": lambda k, t, c: np.clip(k // 60, 0, 3),
    "up and down": lambda k, t, c: np.abs(k % 100 - 50),
    "an angle at constant speed": lambda k, t, c: (3.3 * t) % (2 * np.pi),
    "an angle at several speeds": lambda k, t, c: ((3 + c) * t) % (2 * np.pi),
    "a counted distance": lambda k, t, c: np.floor(
        np.cumsum(np.random.default_rng(c).uniform(0, 2, len(k)))
    ),
    "a constant": lambda k, t, c: np.full(len(k), 4.0),
    "states": lambda k, t, c: np.random.default_rng(c).integers(0, 4, len(k)),
    "a pulse every ten rows": lambda k, t, c: (k % 10 == 0) * 1.0,
    "a switch": lambda k, t, c: k % 20 > 10,
}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_none(name):
    assert counting_channels(log_of(SIGNALS[name])) == {}


def test_a_unit_of_a_quantity_is_believed():
    log = log_of(lambda k, t, c: 10 * k)
    for unit, counts in (("rpm", False), ("degC", False), ("", True), ("-", True), ("ms", True)):
        log.attrs["units"] = {"x": unit}
        assert bool(counting_channels(log)) is counts


def test_gaps_and_missing_values_hide_no_counter():
    log = log_of(lambda k, t, c: k)
    kept = np.random.default_rng(0).random(len(log)) < 0.7
    assert counting_channels(log[kept]) == {"x": "tells the time, 10 a second"}
    log["x"] = log["x"].where(kept)
    assert counting_channels(log) == {"x": "counts rows"}


def test_a_gap_hides_no_counter_that_begins_anew():
    log = log_of(lambda k, t, c: (k // 3) % 16)
    kept = np.ones(len(log), dtype=bool)
    kept[100:131] = kept[400:405] = False
    assert counting_channels(log[kept]) == {"x": "counts rows modulo 16"}


def test_a_counter_is_a_finding():
    log = log_of(lambda k, t, c: k)
    (problem,) = counting_problems(samples(log, None, None, None), {})
    assert (problem.severity, problem.kind, problem.channel) == ("warning", "counter", "x")
    assert problem.text == "channel 'x': only counts rows, and is no measurement"
    assert not list(counting_problems(samples(log, None, None, None), {"x": "rpm"}))


def test_too_little_is_no_evidence():
    assert counting_channels(log_of(lambda k, t, c: k, lengths=(3, 4, 3))) == {}
    assert counting_channels(log_of(lambda k, t, c: k + 0.0, lengths=(12, 12))) != {}


@pytest.mark.parametrize("rate", [0.5, 1000.0, 20_000.0])
@pytest.mark.parametrize("start", [0.0, 1.7e9])
def test_rate_and_start_do_not_matter(rate, start):
    number = log_of(lambda k, t, c: k, rate=rate, start=start)
    assert counting_channels(number) == {"x": "counts rows"}
    clock = log_of(lambda k, t, c: np.round(1e3 * (k / rate), 3), rate=rate, start=start)
    assert set(counting_channels(clock)) == {"x"}


def test_no_channel_of_simulated_drives_is_a_counter():
    assert counting_channels(sp.datasets.simulate_pmsm(n_cycles=3, random_state=0)) == {}


def test_no_channel_of_real_drives_is_a_counter(real_data):
    log = sp.read_log(sorted(real_data("bmw_i3").glob("*.csv.gz"))[:4], check=False)
    assert counting_channels(log) == {}
