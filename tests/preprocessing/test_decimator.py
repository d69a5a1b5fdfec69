import numpy as np
import pandas as pd
import pytest

import naive
import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


def response(taps, frequencies):
    """Gain in dB at frequencies given in cycles per sample."""
    rows = np.arange(len(taps))
    gain = np.abs(np.exp(-2j * np.pi * np.outer(frequencies, rows)) @ taps)
    return 20 * np.log10(gain)


@pytest.mark.parametrize("factor", [2, 3, 7, 10, 25, 50])
def test_pass_band_and_stop_band(factor):
    taps = sp.Decimator(factor).fit(np.zeros((10, 1))).taps_
    nyquist = 0.5 / factor
    assert np.abs(response(taps, np.linspace(0, 0.8 * nyquist, 500))).max() <= 0.05
    assert response(taps, np.linspace(nyquist, 0.5, 5000)).max() <= -80
    assert len(taps) % 2 == 1
    np.testing.assert_array_equal(taps, taps[::-1])


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("factor", [1, 2, 5])
def test_equals_its_slow_twin(make_log, causal, factor):
    log = make_log(lengths=(400, 300), n_channels=2)
    step = sp.Decimator(factor, causal=causal).fit(log)
    out = step.transform(log)
    for cycle, rows in log["c1"].groupby("cycle"):
        expected = naive.decimate(rows, factor, step.taps_, step.edges_, causal)
        np.testing.assert_allclose(out.loc[[cycle], "c1"], expected, rtol=0, atol=1e-12)


def test_keeps_every_nth_row_of_each_segment(make_log):
    log = make_log(lengths=(7, 4, 1), rate=10.0)
    step = sp.Decimator(3).fit(log)
    np.testing.assert_array_equal(step.kept_rows(log), [0, 3, 6, 7, 10, 11])
    out = step.transform(log)
    assert out.index.equals(log.index[[0, 3, 6, 7, 10, 11]])
    np.testing.assert_array_equal(step.kept_rows(log.iloc[7:11]), [0, 3])


def test_a_segment_starts_with_its_first_row(make_log):
    log = make_log(lengths=(20, 20))
    gapped = log.drop(log.index[8:11])
    step = sp.Decimator(4).fit(log)
    np.testing.assert_array_equal(step.kept_rows(gapped), [0, 4, 8, 12, 16, 17, 21, 25, 29, 33])


def test_a_slow_wave_passes_and_an_alias_does_not():
    rate, factor = 1000.0, 10
    time = np.arange(20000) / rate
    slow, fast = np.sin(2 * np.pi * 7 * time), np.sin(2 * np.pi * 93 * time)  # alias at 7 Hz
    log = sp.as_log(np.column_stack([slow, fast]), rate=rate)
    for causal in (True, False):
        step = sp.Decimator(factor, causal=causal).fit(log)
        out = step.transform(log)
        assert sp.rate(out) == 100.0
        full = slice(len(step.taps_) // factor + 1, -(len(step.taps_) // factor + 1))
        delayed = np.sin(2 * np.pi * 7 * (time[::factor] - step.delay_ / rate))
        np.testing.assert_allclose(out["x0"].iloc[full], delayed[full], rtol=0, atol=1e-3)
        assert np.abs(out["x1"].iloc[full]).max() < 1.1e-4


def test_claims():
    x = np.zeros((500, 1))
    causal, zero_phase = sp.Decimator(4).fit(x), sp.Decimator(4, causal=False).fit(x)
    whole = len(causal.taps_) - 1
    assert (causal.lookahead_, causal.memory_, causal.delay_) == (0, whole, whole // 2)
    assert zero_phase.lookahead_ == zero_phase.memory_ == whole // 2
    assert zero_phase.delay_ == 0


@pytest.mark.parametrize("factor", [0, -2, 2.0, "2", None])
def test_factor_out_of_range(factor):
    with pytest.raises(InvalidParameterError, match="factor must be a whole number of at least 1"):
        sp.Decimator(factor).fit(np.zeros((10, 1)))


def test_omit_and_propagate(make_log):
    log = make_log(lengths=(300,), n_channels=1)
    log.iloc[150] = np.nan
    step = sp.Decimator(2, nan_policy="propagate").fit(log)
    missing = step.transform(log)["c0"].isna()
    assert missing.sum() == -(-len(step.taps_) // 2)
    omitted = sp.Decimator(2, nan_policy="omit").fit(log).transform(log)
    assert omitted.notna().all(axis=None)
    expected = naive.decimate(log["c0"], 2, step.taps_, step.edges_, True, omit=True)
    np.testing.assert_allclose(omitted["c0"], expected, rtol=0, atol=1e-12)


def test_a_wrapped_angle_is_refused_without_advice_that_does_not_apply():
    turning = np.mod(np.linspace(0, 60, 500), 2 * np.pi)[:, np.newaxis]
    with pytest.raises(InvalidLogError, match="use its sine and cosine$"):
        sp.Decimator(2).fit(turning)


@pytest.mark.parametrize(
    ("hertz", "rate", "up", "down"),
    [(10.0, "3Hz", 3, 10), (2.0, 1.5, 3, 4), (0.35, "0.1Hz", 2, 7), (1000.0, "441 Hz", 441, 1000)],
)
def test_rows_at_a_rate_stand_at_their_times(hertz, rate, up, down):
    lengths = (1, 2, 701)
    x = np.random.default_rng(0).normal(size=(sum(lengths), 1)).cumsum(axis=0)
    log = sp.as_log(x, cycle=np.repeat([0, 1, 2], lengths), rate=hertz)
    step = sp.Decimator(rate=rate).fit(log)
    assert (step.up_, step.down_) == (up, down)
    out = step.transform(log)
    new = hertz * up / down
    assert sp.rate(out) == pytest.approx(new, rel=1e-9)
    for cycle, length in enumerate(lengths):
        time = out.loc[cycle].index.to_numpy()
        np.testing.assert_allclose(time, np.arange(len(time)) / new, rtol=1e-13)
        assert time[-1] <= (length - 1) / hertz + 1e-9 < time[-1] + 1.0 / new
    behind = log.index[step.kept_rows(log)].get_level_values("time")
    late = behind - out.index.get_level_values("time")
    assert late.min() >= 0.0
    assert late.max() * hertz < 1.0


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_datetimes_between_rows(unit):
    stamps = pd.date_range("2024-01-01", periods=50, freq="1s").as_unit(unit)
    frame = pd.DataFrame({"time": stamps, "speed": np.arange(50.0)})
    log = sp.as_log(pd.concat([frame.iloc[:20], frame.iloc[23:]]), time="time")
    out = sp.Decimator(rate="0.75Hz").fit_transform(log)
    seconds = (out.index.get_level_values("time") - stamps[0]).total_seconds()
    expected = [*np.arange(15) / 0.75, *(23 + np.arange(20) / 0.75)]
    np.testing.assert_allclose(seconds, expected, atol=1e-9)
    assert len(sp.segments(out)) == 3


def test_a_rate_that_divides_that_of_the_log_is_a_factor(make_log):
    log = make_log(lengths=(300, 200), rate=10.0)
    expected = sp.Decimator(5).fit_transform(log)
    for rate in (2, 2.0, "2Hz", "0.002 kHz", 1 / 0.5):
        out = sp.Decimator(rate=rate).fit_transform(log)
        pd.testing.assert_frame_equal(out, expected, check_exact=True)
    same = sp.Decimator(rate="10Hz").fit_transform(log)
    pd.testing.assert_frame_equal(same, log, check_exact=True)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("hertz", "rate"), [(10.0, 3.0), (2.0, 1.5), (1000.0, "441Hz")])
def test_tones_pass_or_are_gone_at_any_rate(causal, hertz, rate):
    time = np.arange(8000) / hertz
    new = float(str(rate).removesuffix("Hz"))
    slow, fast = 0.39 * new, (0.51 * new + 0.5 * hertz) / 2  # of 0.5 * new, beyond that
    x = np.column_stack([np.sin(2 * np.pi * f * time) for f in (slow, fast, 0.49 * hertz)])
    step = sp.Decimator(rate=rate, causal=causal).fit(sp.as_log(x, rate=hertz))
    out = step.transform(sp.as_log(x, rate=hertz))
    full = slice(60, -60)
    then = out.index.get_level_values("time").to_numpy() - step.delay_ / hertz
    np.testing.assert_allclose(
        out["x0"].iloc[full], np.sin(2 * np.pi * slow * then)[full], rtol=0, atol=2e-4
    )
    assert np.abs(out[["x1", "x2"]].iloc[full]).max(axis=None) < 1e-4


def test_claims_at_a_rate_are_in_samples_of_the_log():
    log = sp.as_log(np.zeros((500, 1)), rate=10.0)
    causal = sp.Decimator(rate="3Hz").fit(log)
    zero_phase = sp.Decimator(rate="3Hz", causal=False).fit(log)
    whole = (len(causal.taps_) - 1) // 3
    assert (causal.lookahead_, causal.memory_, causal.delay_) == (0, whole, whole // 2)
    assert zero_phase.lookahead_ == zero_phase.memory_ == whole // 2
    assert 2 * (len(causal.taps_) // 6) == whole, "the middle of the filter is a sample"


def test_one_of_factor_and_rate(make_log):
    log = make_log()
    with pytest.raises(InvalidParameterError, match=r"factor=2 and rate='1Hz'. Give one"):
        sp.Decimator(2, rate="1Hz").fit(log)
    with pytest.raises(InvalidParameterError, match="needs a log with a time axis"):
        sp.Decimator(rate="1Hz").fit(log.to_numpy())
    with pytest.raises(InvalidParameterError, match="cannot be given more rows"):
        sp.Decimator(rate="20Hz").fit(log)
    with pytest.raises(InvalidParameterError, match="the filter of rate='3Hz' must not be longer"):
        sp.Decimator(rate="3Hz", causal=False).fit(log.iloc[:30])


@pytest.mark.parametrize("rate", [3.0, 9.0, 0.7])
def test_gaps_of_any_length_stay_gaps_at_any_rate(make_log, rate):
    log = make_log(lengths=(120, 60), rate=10.0)
    step = sp.Decimator(rate=rate).fit(log)
    before = len(step.transform(log.iloc[:43]))
    for missing in (1, 2, 3, 7, 13, 40):
        gapped = pd.concat([log.iloc[:43], log.iloc[43 + missing :]])
        slow = step.transform(gapped)
        assert sp.segments(slow).tolist()[:2] == [0, before]
        assert len(sp.segments(slow)) == len(sp.segments(gapped)) == 4
