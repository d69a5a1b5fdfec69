"""SignedCodes gives back what a sender meant, and refuses what is no code."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


@pytest.fixture
def sent(make_log):
    """Whole numbers, as a sender means them."""
    return (make_log(lengths=(60, 45), n_channels=2) * 100).round()


@given(
    bits=st.integers(2, 53),
    shares=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20),
    lsb=st.sampled_from([None, 1.0, 0.1, 0.25, 3e-5, 360 / 65536]),
)
@example(bits=52, shares=[1 / 3], lsb=360 / 65536)  # the quotient rounds to another code
@settings(deadline=None)
def test_undoes_reading_as_unsigned(bits, shares, lsb):
    meant = np.array([int(share * 2**bits) - 2 ** (bits - 1) for share in shares], dtype=float)
    scale = 1.0 if lsb is None else lsb
    assume(bits < 53 or math.frexp(scale)[0] == 0.5)  # else two codes may be one double
    read = np.where(meant < 0, meant + 2.0**bits, meant) * scale
    step = sp.SignedCodes({0: bits}, lsb=None if lsb is None else {0: lsb})
    out = step.fit_transform(read[:, np.newaxis])
    np.testing.assert_array_equal(out[:, 0], meant * scale)
    np.testing.assert_array_equal(step.transform(out), out)


def test_other_channels_and_good_samples_are_left_bit_for_bit(sent):
    log = sent.assign(c2=np.pi * sent["c0"])
    log["c1"] = log["c1"].abs() * 0.1
    step = sp.SignedCodes({"c0": 16}, {"c1": 65535}, lsb={"c1": 0.1}).fit(log)
    pd.testing.assert_frame_equal(step.transform(log), log, check_exact=True)


def test_integers_and_float32(sent):
    read = sent.astype(np.int64) % 2**16
    step = sp.SignedCodes({"c0": 16, "c1": 16})
    pd.testing.assert_frame_equal(step.fit_transform(read.astype(np.uint16)), sent)
    single = step.fit_transform(read.astype(np.float32))
    pd.testing.assert_frame_equal(single, sent.astype(np.float32))


@pytest.mark.parametrize("value", [6553.5, np.float32(6553.5)])
def test_scaled_codes_may_have_been_rounded(value):
    x = np.array([0.1, 0.3, 0.1 + 0.2, value, 655.3], dtype=np.float64)[:, np.newaxis]
    step = sp.SignedCodes({0: 16}, lsb={0: 0.1}).fit(x)
    np.testing.assert_allclose(step.transform(x)[:, 0], [0.1, 0.3, 0.3, -0.1, 655.3], rtol=1e-12)


def with_gaps(sent):
    log = sent.abs()
    log.iloc[[0, 1, 30, 31, 32, 60, 80], 1] = 65535
    log.iloc[40, 1] = 65534
    return log


@pytest.mark.parametrize("codes", [65535, [65535, 65534], (65535, 65534, 7777)])
def test_flags_the_codes_it_was_told(sent, codes):
    log = with_gaps(sent)
    step = sp.SignedCodes(not_available={"c1": codes}, add_indicator=True).fit(log)
    expected = log["c1"].isin([codes] if isinstance(codes, int) else codes)
    flags = step.flag(log)
    pd.testing.assert_series_equal(flags["c1"], expected)
    assert not flags["c0"].any()
    out = step.transform(log)
    assert list(out) == ["c0", "c1", "c1_flagged"]
    np.testing.assert_array_equal(out["c1_flagged"], expected)
    pd.testing.assert_frame_equal(out[["c0", "c1"]][~expected], log[~expected], check_exact=True)


def test_actions(sent):
    log = with_gaps(sent)
    bad = (log["c1"] > 60_000).to_numpy()
    start = np.median(log["c1"][~bad])

    def out(action):
        step = sp.SignedCodes(not_available={"c1": [65535, 65534]}, action=action).fit(log)
        assert step.start_.tolist() == [start]
        return step, step.transform(log)["c1"].to_numpy()

    step, held = out("hold")
    x = log["c1"].to_numpy()
    assert held[[0, 1]].tolist() == [start, start], "nothing good yet"
    assert held[[30, 31, 32]].tolist() == [x[29]] * 3
    assert held[60] == start, "another cycle"
    assert held[80] == x[79]
    assert (step.lookahead_, step.memory_) == (0, 3)
    _, missing = out("nan")
    np.testing.assert_array_equal(np.isnan(missing), bad)
    step, drawn = out("interpolate")
    np.testing.assert_allclose(drawn[30:33], x[29] + (x[33] - x[29]) * np.array([1, 2, 3]) / 4)
    assert step.lookahead_ == 59
    _, kept = out("keep")
    np.testing.assert_array_equal(kept, x)


@pytest.mark.parametrize("code", [32768, -32768])
def test_codes_of_signed_channels_as_sent_or_as_read(sent, code):
    log = sent.copy()
    log.iloc[10, 0] = 32768
    log.iloc[20, 0] = -32768
    read = log.where(log >= 0, log + 65536).where(lambda x: x != 2 * 32768, -32768)
    read.iloc[20, 0] = -32768
    step = sp.SignedCodes({"c0": 16, "c1": 16}, {"c0": code}).fit(read)
    assert np.flatnonzero(step.flag(read)["c0"]).tolist() == [10, 20]
    out = step.transform(read)
    assert out.iloc[10, 0] == log.iloc[9, 0]
    pd.testing.assert_series_equal(out["c1"], log["c1"])


def test_missing_samples_stay_and_are_not_held(sent):
    log = with_gaps(sent)
    log.iloc[29, 1] = np.nan
    with pytest.raises(InvalidLogError, match="NaN: channel 'c1', cycle 0, row 29"):
        sp.SignedCodes({"c0": 16}).fit(log)
    step = sp.SignedCodes({"c0": 16}, {"c1": 65535}, nan_policy="omit").fit(log)
    out = step.transform(log)["c1"]
    assert np.isnan(out.iloc[29])
    assert out.iloc[30] == log["c1"].iloc[28]
    assert step.memory_ == 4


def test_a_channel_never_available_in_training(sent):
    log = sent.abs().assign(c1=65535.0)
    step = sp.SignedCodes(not_available={"c1": 65535}, nan_policy="omit").fit(log)
    assert np.isnan(step.transform(log)["c1"]).all()


def test_remembers_the_cycles_it_learned_from(sent):
    log = sent.abs()
    assert sp.SignedCodes({"c0": 16}).fit(log).cycles_.empty
    assert sp.SignedCodes(not_available={"c0": 9999}).fit(log).cycles_.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("value", "lsb", "message"),
    [
        (0.5, None, r"'c0' must hold whole codes; got 0\.5 at cycle 1, row 5 of it .*lsb={'c0'"),
        (12.34, {"c0": 0.1}, r"got 12\.34, which is 123\.4 times lsb=0\.1, at cycle 1, row 5"),
        (6553.6, {"c0": 0.1}, r"codes of 16 bits, -32768 to 65535; got code 65536, cycle 1, row 5"),
        (-32769, None, r"codes of 16 bits, -32768 to 65535; got code -32769, cycle 1, row 5 of it"),
        (1e300, None, r"codes of 16 bits.* got code 1e\+300"),
    ],
)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_is_no_code_is_refused_with_its_place(sent, value, lsb, message, n_jobs):
    log = sent.abs() * (0.1 if lsb else 1.0)
    step = sp.SignedCodes({"c0": 16, "c1": 16}, lsb=lsb and {"c0": 0.1, "c1": 0.1}, n_jobs=n_jobs)
    step.fit(log)
    log.iloc[65, 0] = value
    for refused in (step.fit, step.transform, step.flag):
        with pytest.raises(InvalidLogError, match=message):
            refused(log)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"bits": 16}, "bits must be a dict with channels as keys; got 16"),
        ({"bits": {"c9": 16}}, "bits must name channels of X .* got 'c9'"),
        ({"bits": {"c0": 1}}, "bits of channel 'c0' must be a whole number from 2 to 53; got 1"),
        ({"bits": {"c0": 64}}, "from 2 to 53; got 64"),
        ({"bits": {"c0": 16.0}}, r"from 2 to 53; got 16\.0"),
        ({"bits": {"c0": True}}, "from 2 to 53; got True"),
        ({"not_available": {"c0": 6553.5}}, r"a whole code or a list .*lsb=.* got 6553\.5"),
        ({"not_available": {"c0": []}}, r"'c0' must be a whole code or a list of them .* got \[\]"),
        ({"not_available": {"c0": "65535"}}, "must be a whole code .* got '65535'"),
        (
            {"bits": {"c0": 16}, "not_available": {"c0": 65536}},
            "not_available of channel 'c0' must be a code of 16 bits, -32768 to 65535; got 65536",
        ),
        ({"bits": {"c0": 16}, "lsb": {"c0": 0}}, "lsb of channel 'c0' .* above 0; got 0"),
        ({"bits": {"c0": 16}, "lsb": {"c0": np.inf}}, "must be a finite number above 0; got inf"),
        ({"bits": {"c0": 16}, "lsb": {"c1": 0.1}}, "lsb must name channels of bits .* got 'c1'"),
        ({"action": "clip"}, "action must be one of 'hold', 'nan', .* got 'clip'"),
        ({"nan_policy": "keep"}, "nan_policy must be one of"),
    ],
)
def test_parameters_out_of_range(sent, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.SignedCodes(**parameters).fit(sent.abs())
