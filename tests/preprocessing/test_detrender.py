import numpy as np
import pandas as pd
import pytest
import scipy.signal
from statsmodels.nonparametric.smoothers_lowess import lowess

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

METHODS = {
    "constant": {},
    "linear": {"method": "linear"},
    "highpass": {"method": "highpass", "cutoff": 0.2},
    "savgol": {"method": "baseline", "window_length": 21},
    "lowess": {"method": "baseline", "baseline": "lowess", "frac": 0.4},
}
every = pytest.mark.parametrize("parameters", METHODS.values(), ids=METHODS.keys())


@pytest.fixture
def log(make_log):
    return make_log().cumsum() + 10.0


def by_cycle(log, function):
    parts = [np.apply_along_axis(function, 0, rows.to_numpy()) for _, rows in log.groupby("cycle")]
    return np.concatenate(parts)


def test_mean_and_line_equal_scipy(log):
    constant = by_cycle(log, lambda x: scipy.signal.detrend(x, type="constant"))
    np.testing.assert_allclose(sp.Detrender().fit_transform(log), constant, rtol=0, atol=1e-12)
    linear = by_cycle(log, scipy.signal.detrend)
    found = sp.Detrender("linear").fit_transform(log)
    np.testing.assert_allclose(found, linear, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("order", "cutoff"), [(1, 0.5), (2, 0.05), (4, 4.9)])
def test_highpass_equals_scipy(log, order, cutoff):
    sections = scipy.signal.butter(order, cutoff, "highpass", fs=10.0, output="sos")
    rest = scipy.signal.sosfilt_zi(sections)
    expected = by_cycle(log, lambda x: scipy.signal.sosfilt(sections, x, zi=rest * x[0])[0])
    step = sp.Detrender("highpass", cutoff=cutoff, order=order)
    np.testing.assert_allclose(step.fit_transform(log), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(step.sections_, sections, rtol=0, atol=1e-15)


def test_highpass_has_three_decibel_at_the_cutoff(log):
    step = sp.Detrender("highpass", cutoff=0.5).fit(log)
    for frequency, least, most in ((0.05, 0.0, 0.011), (0.5, 0.707, 0.7072), (4.0, 0.99, 1.001)):
        _, response = scipy.signal.sosfreqz(step.sections_, [frequency], fs=10.0)
        assert least <= abs(response[0]) <= most


def test_savgol_baseline_is_what_that_filter_takes_away(log):
    smooth = sp.SavitzkyGolayFilter("2.1s", 2, causal=False).fit_transform(log)
    step = sp.Detrender("baseline", window_length="2.1s")
    np.testing.assert_allclose(step.fit_transform(log), log - smooth, rtol=0, atol=1e-12)
    assert (step.window_, step.lookahead_, step.memory_) == (21, 20, 20)


def test_lowess_baseline_is_that_of_statsmodels(log):
    def rest(x):
        return x - lowess(x, np.arange(len(x)), frac=0.4, return_sorted=False)

    found = sp.Detrender("baseline", baseline="lowess", frac=0.4).fit_transform(log)
    np.testing.assert_allclose(found, by_cycle(log, rest), rtol=0, atol=1e-9)


def test_lowess_leaves_something(make_log):
    noise = make_log(lengths=(120,), n_channels=1)
    fewest = sp.Detrender("baseline", baseline="lowess", frac=4 / 120).fit_transform(noise)
    assert fewest.std().min() > 0.1
    step = sp.Detrender("baseline", baseline="lowess", frac=3 / 120)  # would leave 0
    with pytest.raises(InvalidParameterError, match=r"at least 4 samples; cycle 0 has .* 120"):
        step.fit(noise)


def test_long_lowess_is_drawn_between_points():
    rows = np.arange(5500.0)
    slow = np.sin(rows / 900)
    noise = np.random.default_rng(0).normal(0, 0.1, len(rows))
    array = (slow + noise)[:, np.newaxis]
    found = sp.Detrender("baseline", baseline="lowess", frac=0.1).fit_transform(array)[:, 0]
    peer = slow + noise - lowess(slow + noise, rows, frac=0.1, delta=55.0, return_sorted=False)
    np.testing.assert_allclose(found, peer, rtol=0, atol=0.01)


def test_lowess_keeps_what_happens_in_a_channel_at_rest():
    at_rest = np.zeros((400, 1))
    at_rest[300:, 0] = 5.0 + np.random.default_rng(0).normal(size=100)
    found = sp.Detrender("baseline", baseline="lowess", frac=0.2).fit_transform(at_rest)
    assert np.abs(found[300:]).max() > 1.0  # statsmodels alone: 0 everywhere
    assert np.abs(found[:150]).max() == 0.0


@every
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("value", [0.1, 1e6 + 0.1, 0.0])
def test_a_constant_gives_zero_from_the_first_row(log, parameters, dtype, value):
    constant = pd.DataFrame(dtype(value), index=log.index, columns=log.columns)
    out = sp.Detrender(**parameters).fit_transform(constant)
    assert (out == 0).all(axis=None)
    assert set(out.dtypes) == {np.dtype(dtype)}


@every
def test_a_small_signal_on_a_large_offset_keeps_its_digits(make_log, parameters):
    small = (make_log() * 1e-3 * 2**30).round() / 2**30  # so that the sum is exact
    step = sp.Detrender(**parameters)
    expected = step.fit_transform(small)
    found = step.fit_transform(small + 2.0**20)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@every
def test_what_is_left_has_no_trend(parameters):
    rows = np.arange(3000)
    fast = np.sin(2 * np.pi * rows / 5.0)
    slow = 100.0 + (rows / 1000.0 if parameters else 0.0)
    frame = sp.as_log((slow + fast)[:, np.newaxis], rate=10.0)
    left = sp.Detrender(**parameters).fit_transform(frame)["x0"].to_numpy()[1000:2000]
    assert abs(left.mean()) < 0.02
    assert np.corrcoef(left, fast[1000:2000])[0, 1] > 0.98


@every
def test_missing_samples(make_log, parameters):
    log = make_log(lengths=(200,), n_channels=1).cumsum()
    holed = log.copy()
    holed.iloc[[0, 90, 91]] = np.nan
    omit = sp.Detrender(**parameters, nan_policy="omit").fit_transform(holed)
    np.testing.assert_array_equal(omit.isna(), holed.isna())
    propagate = sp.Detrender(**parameters, nan_policy="propagate").fit_transform(holed)
    missing = propagate["c0"].isna().to_numpy()
    if parameters.get("method") == "highpass":
        np.testing.assert_array_equal(missing, holed["c0"].isna())
    elif "window_length" in parameters:
        # the first full window gives the first half window
        np.testing.assert_array_equal(np.flatnonzero(missing), [*range(11), *range(80, 102)])
    else:
        assert missing.all()
    empty = holed * np.nan
    assert sp.Detrender(**parameters, nan_policy="omit").fit_transform(empty).isna().all(axis=None)


def test_lines_go_through_the_numbers_that_are_there():
    line = 5.0 + 2.0 * np.arange(50.0)
    line[[3, 4, 40]] = np.nan
    step = sp.Detrender("linear", nan_policy="omit")
    assert np.nanmax(np.abs(step.fit_transform(line[:, np.newaxis]))) < 1e-12


def test_claims(log):
    for name, parameters in METHODS.items():
        step = sp.Detrender(**parameters).fit(log)
        claims = (step.lookahead_, step.memory_, step.delay_)
        if name == "highpass":
            assert claims == (0, step.memory_, 0)
        else:
            assert claims == ((20, 20, 0) if name == "savgol" else (79, 79, 0))


@pytest.mark.parametrize("order", [1, 2, 3, 6])
@pytest.mark.parametrize("cutoff", [0.4, 0.02, 0.002])
def test_memory_of_the_highpass_holds_its_promise(order, cutoff):
    n = 9000
    step = sp.Detrender("highpass", cutoff=cutoff, order=order).fit(np.zeros((n, 1)))
    impulse = np.zeros((n, 2))
    impulse[0, 0] = 1.0  # the first sample, on which the filter is at rest
    impulse[1, 1] = 1.0
    first, other = step.fit(impulse).transform(impulse).T
    older = np.abs(np.append(other[1:], 0.0)[: n - 1])
    past = np.cumsum(older[::-1])[::-1][step.memory_ :]
    weight = past[0] + np.abs(first[step.memory_ :]).max()
    assert weight <= 1e-3
    assert weight > 1e-5  # not far too long either


def test_arrays_have_a_rate_of_one(make_log):
    array = make_log(lengths=(80,), rate=1.0)
    frame = sp.Detrender("highpass", cutoff=0.1).fit_transform(array)
    out = sp.Detrender("highpass", cutoff=0.1).fit_transform(array.to_numpy())
    np.testing.assert_array_equal(out, frame)


def test_other_channels_pass_through(make_log):
    log = make_log(n_channels=3)
    out = sp.Detrender(columns=["c1"]).fit_transform(log)
    assert out[["c0", "c2"]].equals(log[["c0", "c2"]])
    assert out["c1"].equals(sp.Detrender().fit_transform(log)["c1"])


HIGHPASS = {"method": "highpass", "cutoff": 1.0}
SAVGOL = {"method": "baseline"}
LOWESS = {"method": "baseline", "baseline": "lowess"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "mean"}, r"method must be one of 'constant', .* got 'mean'"),
        ({"baseline": "spline"}, r"baseline must be one of 'savgol', 'lowess'; got 'spline'"),
        ({"method": "highpass"}, r"cutoff must be given in Hz for method='highpass'; got None"),
        (HIGHPASS | {"cutoff": 5.0}, r"between 0 and half the rate, 5 Hz; got 5\.0"),
        (HIGHPASS | {"cutoff": 0.0}, r"between 0 and half the rate, 5 Hz; got 0\.0"),
        (HIGHPASS | {"cutoff": "1"}, r"between 0 and half the rate, 5 Hz; got '1'"),
        (HIGHPASS | {"order": 0}, r"order must be a whole number from 1 to 10; got 0"),
        (HIGHPASS | {"order": 2.0}, r"order must be a whole number from 1 to 10; got 2\.0"),
        (SAVGOL, r"window_length must be given for method='baseline', baseline='savgol'"),
        (SAVGOL | {"window_length": 20}, r"odd and greater than polyorder=2; got 20"),
        (
            SAVGOL | {"window_length": 47},
            r"got 47 samples, cycle 1 has a segment of 45 .* row 60\. method='highpass' needs no",
        ),
        (LOWESS | {"frac": 0.0}, r"frac must lie in \(0, 1\]; got 0\.0"),
        (
            LOWESS | {"frac": 0.07},
            r"frac=0\.07 of every segment must be at least 4 samples; cycle 1 has .* 45 .* row 60",
        ),
    ],
)
def test_parameters_out_of_range(log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.Detrender(**parameters).fit(log)


def test_too_few_numbers_for_lowess(make_log):
    log = make_log()
    log.iloc[60:100, 1] = np.nan
    step = sp.Detrender(**LOWESS, frac=0.4, nan_policy="omit")
    message = r"frac=0\.4 of the numbers .* channel 'c1', cycle 1 has 5 in the segment .* row 60"
    with pytest.raises(InvalidLogError, match=message):
        step.fit_transform(log)


def test_cutoff_needs_the_rate(make_log):
    with pytest.raises(InvalidParameterError, match=r"cutoff=1\.0 needs the rate"):
        sp.Detrender(**HIGHPASS).fit(make_log(lengths=(1, 1)))
    log = make_log()
    step = sp.Detrender("highpass", cutoff=0.1).fit(log.reset_index(drop=True))
    with pytest.raises(InvalidLogError, match=r"data without time, .* sample time of 0\.1 s"):
        step.transform(log)
