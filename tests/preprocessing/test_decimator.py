import numpy as np
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
