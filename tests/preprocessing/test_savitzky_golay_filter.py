import numpy as np
import pandas as pd
import pytest
from scipy.signal import savgol_filter

import naive
import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

SCIPY_MODES = {
    "polynomial": "interp",
    "nearest": "nearest",
    "mirror": "mirror",
    "constant": "constant",
}


@pytest.mark.parametrize("edge", SCIPY_MODES)
@pytest.mark.parametrize(("window", "polyorder"), [(5, 0), (5, 2), (11, 3), (21, 4), (51, 3)])
@pytest.mark.parametrize("deriv", [0, 1, 2])
def test_equals_scipy_cycle_by_cycle(make_log, edge, window, polyorder, deriv):
    deriv = min(deriv, polyorder)
    log = make_log(lengths=(200, 51, 90), n_channels=3, rate=1.0) + 5.0
    out = sp.SavitzkyGolayFilter(
        window, polyorder, deriv=deriv, causal=False, edge=edge, fill_value=2.0
    ).fit_transform(log)
    for cycle in sp.cycles(log):
        expected = savgol_filter(
            log.loc[[cycle]], window, polyorder, deriv, axis=0, mode=SCIPY_MODES[edge], cval=2.0
        )
        np.testing.assert_allclose(out.loc[[cycle]], expected, rtol=0, atol=1e-12)


def test_edge_nan_gives_full_windows_only(make_log):
    log = make_log(lengths=(30, 40))
    inner = sp.SavitzkyGolayFilter(9, 2, causal=False).fit_transform(log)
    out = sp.SavitzkyGolayFilter(9, 2, causal=False, edge="nan").fit_transform(log)
    missing = out["c0"].isna().to_numpy()
    np.testing.assert_array_equal(
        np.flatnonzero(missing), [*range(4), *range(26, 34), *range(66, 70)]
    )
    np.testing.assert_array_equal(out[~missing], inner[~missing])


@pytest.mark.parametrize(("window", "polyorder", "deriv"), [(2, 1, 0), (8, 2, 0), (11, 3, 1)])
def test_causal_is_the_fit_at_the_newest_sample(make_log, window, polyorder, deriv):
    log = make_log(lengths=(50, 7), rate=20.0)
    out = sp.SavitzkyGolayFilter(window, polyorder, deriv=deriv).fit_transform(log)
    for cycle, rows in log["c0"].groupby("cycle"):
        expected = naive.savgol(rows, window, polyorder, deriv, 1 / 20.0)
        np.testing.assert_allclose(out.loc[[cycle], "c0"], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("causal", [True, False])
def test_a_polynomial_passes_and_its_derivative_is_in_seconds(causal):
    time = np.arange(100) / 50.0
    angle = 3.0 + 2.0 * time - 4.0 * time**2
    log = sp.as_log(np.column_stack([angle]), rate=50.0)
    value = sp.SavitzkyGolayFilter(9, 2, causal=causal).fit_transform(log)["x0"]
    speed = sp.SavitzkyGolayFilter(9, 2, deriv=1, causal=causal).fit_transform(log)["x0"]
    acceleration = sp.SavitzkyGolayFilter(9, 2, deriv=2, causal=causal).fit_transform(log)["x0"]
    full = slice(9, None)  # a causal window begins with lower orders
    np.testing.assert_allclose(value, angle, rtol=0, atol=1e-12)
    np.testing.assert_allclose(speed[full], (2.0 - 8.0 * time)[full], rtol=0, atol=1e-10)
    np.testing.assert_allclose(acceleration[full], -8.0, rtol=0, atol=1e-8)


@pytest.mark.parametrize("causal", [True, False])
def test_omit_fills_a_hole(make_log, causal):
    log = make_log(lengths=(40,), n_channels=1, rate=1.0)
    log.iloc[20:22] = np.nan
    step = sp.SavitzkyGolayFilter(9, 2, causal=causal, nan_policy="omit")
    expected = naive.savgol(log["c0"], 9, 2, causal=causal, omit=True)
    np.testing.assert_allclose(step.fit_transform(log)["c0"], expected, rtol=0, atol=1e-11)
    assert np.isfinite(expected).all()


def test_claims(make_log):
    log = make_log()

    def claims(**parameters):
        step = sp.SavitzkyGolayFilter(11, **parameters).fit(log)
        return step.lookahead_, step.memory_, step.delay_

    assert claims() == (0, 10, 0)
    assert claims(causal=False) == (10, 10, 0)  # the first row sees the whole first window
    assert claims(causal=False, edge="mirror") == (5, 5, 0)
    assert claims(causal=False, edge="nearest") == (5, 5, 0)


def test_durations(make_log):
    log = make_log(rate=10.0)
    assert sp.SavitzkyGolayFilter("1s").fit(log).window_ == 10
    assert sp.SavitzkyGolayFilter("1s", causal=False).fit(log).window_ == 11


def test_other_channels_pass_through(make_log):
    log = make_log(n_channels=3)
    out = sp.SavitzkyGolayFilter(columns=["c1"]).fit_transform(log)
    every = sp.SavitzkyGolayFilter().fit_transform(log)
    assert out[["c0", "c2"]].equals(log[["c0", "c2"]])
    assert out["c1"].equals(every["c1"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"window_length": 4, "causal": False},
            "window_length must be odd and greater than polyorder=3; got 4",
        ),
        (
            {"window_length": 3, "causal": False},
            "window_length must be odd and greater than polyorder=3; got 3",
        ),
        ({"window_length": 3}, "window_length must be greater than polyorder=3; got 3"),
        ({"polyorder": -1}, "polyorder must be a whole number of at least 0; got -1"),
        ({"polyorder": 2.0}, r"polyorder must be a whole number of at least 0; got 2\.0"),
        ({"window_length": 10_001}, "window_length must be at most 10000 samples"),
        ({"deriv": 4}, "deriv must not be greater than polyorder=3; got 4"),
        ({"deriv": -1}, "deriv must be a whole number of at least 0; got -1"),
        ({"edge": "wrap"}, "edge must be one of 'polynomial', .* got 'wrap'"),
        ({"fill_value": np.nan}, "fill_value must be a finite number; got nan"),
    ],
)
def test_parameters_out_of_range(make_log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.SavitzkyGolayFilter(**parameters).fit(make_log())


def test_a_derivative_needs_the_rate(make_log):
    with pytest.raises(InvalidParameterError, match=r"deriv=1 needs the rate"):
        sp.SavitzkyGolayFilter(deriv=1).fit(make_log(lengths=(1, 1)))


def test_a_derivative_per_sample_is_none_per_second(make_log):
    log = make_log()
    step = sp.SavitzkyGolayFilter(deriv=1).fit(log.reset_index(drop=True))
    with pytest.raises(InvalidLogError, match=r"derivative per sample; .* sample time of 0\.1 s"):
        step.transform(log)


@pytest.mark.parametrize("causal", [True, False])
def test_one_huge_sample_spoils_its_windows_only(make_log, causal):
    log = make_log(lengths=(200,), n_channels=1)
    spoilt = log.copy()
    spoilt.iloc[0] = 3e38
    step = sp.SavitzkyGolayFilter(causal=causal).fit(log)
    pd.testing.assert_frame_equal(
        step.transform(spoilt).iloc[11:], step.transform(log).iloc[11:], check_exact=True
    )
