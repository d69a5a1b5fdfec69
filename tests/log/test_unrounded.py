"""unrounded: rounded stamps back on their even grid, and only those."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import signalprep as sp
from signalprep.errors import InvalidLogError
from signalprep.log import sparse_channels, unrounded

RATES = [0.3, 3.0, 7.0, 9.5, 12.5, 29.97, 30.0, 40.0, 47.0, 59.94, 60.0, 120.0, 300.0, 1024.0]


def as_written(seconds, decimals, how):
    if how == "nearest":
        return np.round(seconds, decimals)
    return np.floor(seconds * 10.0**decimals + 1e-6) / 10.0**decimals


@settings(max_examples=300, deadline=None)
@given(
    rate=st.sampled_from(RATES) | st.floats(0.5, 5000.0),
    decimals=st.integers(0, 6),
    n=st.integers(20, 400),
    start=st.floats(0.0, 1000.0),
    gap=st.integers(0, 50),
    how=st.sampled_from(["nearest", "down"]),
)
def test_rounded_stamps_are_put_back_to_within_their_resolution(rate, decimals, n, start, gap, how):
    steps = 10.0**decimals / rate  # a whole number of them shows no rounding
    assume(steps > 2.05 and abs(steps - round(steps)) * (n // 2) > 1.0)
    true = start + (np.arange(n) + gap * (np.arange(n) >= n // 3)) / rate
    stamps = as_written(true, decimals, how)
    even = unrounded(stamps, np.array([0, n]))
    step = np.diff(stamps)
    inner = step[step < 1.5 * np.median(step) + 0.25 * 10.0**-decimals]
    if np.ptp(inner) < 0.5 * 10.0**-decimals:
        assert even is None, "even as it is"
        return
    assert even is not None
    assert np.abs(even - stamps).max() <= 0.5001 * 10.0**-decimals + 1e-9
    step = np.diff(even)
    step = step[step < 1.5 * np.median(step)]
    assert np.ptp(step) <= 1e-9
    assert np.median(step) * rate == pytest.approx(1.0, abs=3 * 10.0**-decimals * rate / (n // 2))


@pytest.mark.parametrize("rate", [3.0, 30.0, 60.0])
def test_a_whole_rate_is_exact(rate):
    n = 1000
    even = unrounded(np.round(np.arange(n) / rate, 3), np.array([0, n]))
    np.testing.assert_array_equal(even, np.arange(n) / rate)


@pytest.mark.parametrize("seed", range(50))
def test_jitter_is_no_rounding(seed):
    rng = np.random.default_rng(seed)
    n = 200
    for step in (
        rng.choice([0.09, 0.12], n),
        rng.choice([0.10, 0.11], n),
        np.round(rng.normal(0.1, 0.01, n), 2),
        np.round(rng.normal(0.1, 0.003, n), 6),
        rng.normal(0.1, 0.01, n),
    ):
        assert unrounded(np.round(np.cumsum(step), 9), np.array([0, n])) is None


@pytest.mark.parametrize(
    "seconds",
    [
        np.arange(100) / 10,
        np.arange(100) * 0.37,
        np.arange(100) / 3,
        np.array([0.05, 0.45, 0.85, 2.45, 2.85]),
        np.where(np.arange(100) == 50, 5.01, np.arange(100) / 10),  # one stamp is off
        np.array([0.0]),
    ],
)
def test_what_is_even_already_or_off_stays(seconds):
    assert unrounded(seconds, np.array([0, len(seconds)])) is None


def test_all_cycles_share_a_rate_and_each_stretch_has_its_start():
    k = np.concatenate([np.arange(50), 80 + np.arange(50), np.arange(70)])
    stamps = np.round(np.where(np.arange(170) < 100, 0.0, 7.01) + k / 30, 2)
    even = unrounded(stamps, np.array([0, 100, 170]))
    for begin, end in ((0, 50), (50, 100), (100, 170)):
        np.testing.assert_allclose(np.diff(even[begin:end]), 1 / 30, rtol=1e-9)
    other = np.concatenate([stamps[:100], np.round(np.arange(70) / 29, 2)])
    assert unrounded(other, np.array([0, 100, 170])) is None


@pytest.mark.parametrize("kind", ["seconds", "epoch", "timedelta", "datetime"])
def test_a_log_of_rounded_stamps_is_a_log_at_the_true_rate(kind):
    k = np.concatenate([np.arange(90), 120 + np.arange(60)])
    seconds = np.round(k / 30, 3)
    stamps = {
        "seconds": seconds,
        "epoch": 1.7e9 + seconds,
        "timedelta": pd.to_timedelta(seconds, unit="s"),
        "datetime": pd.Timestamp("2024-05-01", tz="Europe/Berlin")
        + pd.to_timedelta(seconds, unit="s"),
    }[kind]
    frame = pd.DataFrame({"t": stamps, "x": np.arange(150), "gear": k // 10 % 3})
    for rate in (None, 30.0):
        log = sp.as_log(frame, time="t", rate=rate)
        assert sp.rate(log) == pytest.approx(30.0, rel=1e-6)
        np.testing.assert_array_equal(sp.segments(log), [0, 90, 150])
        pd.testing.assert_frame_equal(log.reset_index(drop=True), frame[["x", "gear"]])
    with pytest.raises(InvalidLogError, match="25 Hz contradicts"):
        sp.as_log(frame, time="t", rate=25.0)


def test_a_regular_log_keeps_its_stamps_bit_for_bit():
    for seconds in (np.round(np.arange(3000) / 3000, 6), np.arange(100) * 0.1, np.arange(50) / 7):
        frame = pd.DataFrame({"t": seconds, "x": 0.0})
        index = sp.as_log(frame, time="t").index
        np.testing.assert_array_equal(index.get_level_values("time"), seconds)


def test_sparse_columns_are_those_with_blanks_between():
    n = 60
    rows = np.arange(n)
    frame = pd.DataFrame(
        {
            "dense": rows * 1.0,
            "half": np.where(rows % 2 == 0, 1.0, np.nan),
            "gaps": np.where(rows % 7 == 0, np.nan, 1.0),
            "late": np.where(rows < 50, np.nan, 1.0),
            "twice": np.where(rows % 40 == 0, 1.0, np.nan),
            "none": np.nan,
            "text": np.where(rows % 5 == 0, "on", None),
            "nullable": pd.array(rows, dtype="Int64"),
        }
    )
    frame["nullable"] = frame["nullable"].where(rows % 3 == 0)
    assert sparse_channels(frame) == ["half", "text", "nullable"]
    assert sparse_channels(frame, np.arange(0, n + 1, 5)) == ["half", "nullable"]
