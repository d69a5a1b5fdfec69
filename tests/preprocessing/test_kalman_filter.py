import numpy as np
import pytest
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.structural import UnobservedComponents

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

LEVEL = {"process_variance": 0.1, "measurement_variance": 1.0}
TREND = {"model": "trend", "process_variance": (0.1, 0.01), "measurement_variance": 1.0}
SMOOTH_TREND = TREND | {"process_variance": (0.0, 0.02)}
every = pytest.mark.parametrize("parameters", [LEVEL, TREND, SMOOTH_TREND])


def peer(x, parameters):
    trend = parameters.get("model") == "trend"
    level = "local linear trend" if trend else "local level"
    variances = [parameters["measurement_variance"], *np.atleast_1d(parameters["process_variance"])]
    model = UnobservedComponents(np.asarray(x), level=level, use_exact_diffuse=True)
    return model, np.array(variances)


def random_walk(lengths, q, r, seed=0, rate=10.0, q_slope=0.0):
    rng = np.random.default_rng(seed)
    parts = []
    for k, n in enumerate(lengths):
        slope = np.sqrt(q_slope) * rng.normal(size=n).cumsum()
        level = (np.sqrt(q) * rng.normal(size=n) + slope).cumsum()
        parts.append((k, level + np.sqrt(r) * rng.normal(size=n)))
    cycle = np.concatenate([np.full(len(part), k) for k, part in parts])
    values = np.concatenate([part for _, part in parts])[:, np.newaxis]
    return sp.as_log(values, cycle=cycle, rate=rate)


@every
@pytest.mark.parametrize("missing", [False, True])
def test_equals_the_exact_filter_of_statsmodels(make_log, parameters, missing):
    log = make_log(lengths=(150, 90)).cumsum() + 100.0
    if missing:
        log.iloc[[20, 21, 22, 100, 151]] = np.nan
    out = sp.KalmanFilter(**parameters, nan_policy="omit").fit_transform(log)
    for cycle in (0, 1):
        model, variances = peer(log.loc[[cycle], "c0"], parameters)
        expected = model.filter(variances).filtered_state[0]
        np.testing.assert_allclose(out.loc[[cycle], "c0"], expected, rtol=0, atol=1e-6)


@every
@pytest.mark.parametrize("lag", [1, 6])
def test_fixed_lag_equals_the_smoother_of_statsmodels(make_log, parameters, lag):
    log = make_log(lengths=(60,), n_channels=1).cumsum()
    log.iloc[[10, 11]] = np.nan
    out = sp.KalmanFilter(**parameters, lag=lag, nan_policy="omit").fit_transform(log)
    for row in [*range(15), 30, 31, 52, 55, 58, 59]:
        model, variances = peer(log["c0"].iloc[: row + lag + 1], parameters)
        expected = model.smooth(variances).smoothed_state[0, row]
        assert out["c0"].iloc[row] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("parameters", [TREND, SMOOTH_TREND])
@pytest.mark.parametrize("missing", [False, True])
def test_slopes_equal_those_of_statsmodels(make_log, parameters, missing):
    log = make_log(lengths=(150, 90), rate=10.0).cumsum() + 100.0
    if missing:
        log.iloc[[20, 21, 22, 100, 151]] = np.nan
    step = sp.KalmanFilter(**parameters, add_slope=True, nan_policy="omit")
    out = step.fit_transform(log)
    assert list(out.columns) == ["c0", "c1", "c0_slope", "c1_slope"]
    for cycle in (0, 1):
        model, variances = peer(log.loc[[cycle], "c1"], parameters)
        expected = 10.0 * model.filter(variances).filtered_state[1]
        found = out.loc[[cycle], "c1_slope"].to_numpy()
        np.testing.assert_allclose(found[1:], expected[1:], rtol=0, atol=1e-5)
        assert found[0] == 0.0
    plain = step.set_params(add_slope=False).fit_transform(log)
    assert plain.equals(out[["c0", "c1"]])


@pytest.mark.parametrize("lag", [1, 6])
def test_smoothed_slopes_equal_those_of_statsmodels(make_log, lag):
    log = make_log(lengths=(60,), n_channels=1, rate=1.0).cumsum()
    log.iloc[[10, 11]] = np.nan
    step = sp.KalmanFilter(**TREND, lag=lag, add_slope=True, nan_policy="omit")
    out = step.fit_transform(log)
    for row in [*range(15), 30, 31, 52, 55, 58, 59]:
        model, variances = peer(log["c0"].iloc[: row + lag + 1], TREND)
        expected = model.smooth(variances).smoothed_state[1, row]
        assert out["c0_slope"].iloc[row] == pytest.approx(expected, abs=1e-5)


def test_slopes_are_per_second_and_follow_the_chosen_channels(make_log):
    log = make_log(n_channels=3, rate=10.0)
    time = log.index.get_level_values("time").to_numpy()
    log["c2"] = 5.0 - 3.0 * time
    out = sp.KalmanFilter(**TREND, add_slope=True, columns=["c2", "c0"]).fit_transform(log)
    assert list(out.columns) == ["c0", "c1", "c2", "c2_slope", "c0_slope"]
    seen_twice = time > 0.05
    np.testing.assert_allclose(out["c2_slope"][seen_twice], -3.0, rtol=1e-9)
    per_sample = sp.KalmanFilter(**TREND, add_slope=True).fit_transform(log.to_numpy()[:60])
    np.testing.assert_allclose(10.0 * per_sample[:, 5], out["c2_slope"][:60], rtol=0, atol=1e-9)


def test_slopes_of_rows_that_are_missing():
    ramp = np.arange(60.0)[:, np.newaxis]
    ramp[[0, 40]] = np.nan
    marked = sp.KalmanFilter(**TREND, add_slope=True, nan_policy="propagate").fit_transform(ramp)
    np.testing.assert_array_equal(np.isnan(marked[:, 1]), np.isnan(ramp[:, 0]))
    kept = sp.KalmanFilter(**TREND, add_slope=True, nan_policy="omit").fit_transform(ramp)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(kept[:, 1])), [0])
    np.testing.assert_allclose(kept[2:, 1], 1.0, rtol=1e-9)


@pytest.mark.parametrize("lag", [0, 5])
def test_memory_holds_its_promise_for_slopes(lag):
    n = 250
    parameters = SMOOTH_TREND | {"lag": lag, "add_slope": True}
    step = sp.KalmanFilter(**parameters).fit(np.eye(n))
    weights = step.transform(np.eye(n))[:, n:]
    back = np.arange(n)[:, np.newaxis] - np.arange(n)
    past = np.where(back >= step.memory_, np.abs(weights), 0.0).sum(axis=1)
    assert past[-1] <= 1e-3 * np.abs(weights).sum(axis=1)[-1]
    assert step.memory_ > sp.KalmanFilter(**SMOOTH_TREND, lag=lag).fit(np.eye(n)).memory_ - 1


def test_steady_gain_has_a_closed_form():
    q, r = 0.1, 1.0
    step = sp.KalmanFilter(**LEVEL).fit(np.zeros((5, 2)))
    predicted = (q + np.sqrt(q**2 + 4 * q * r)) / 2
    np.testing.assert_allclose(step.gain_, predicted / (predicted + r), rtol=1e-12)
    np.testing.assert_array_equal(step.process_variance_, [q, q])
    np.testing.assert_array_equal(step.measurement_variance_, [r, r])


def test_steady_gain_of_a_trend_is_that_of_the_alpha_beta_filter():
    step = sp.KalmanFilter(**SMOOTH_TREND).fit(np.zeros((5, 1)))
    alpha, beta = step.gain_[0]
    assert step.gain_.shape == (1, 2)
    # Kalata's relation for white steps of the slope, at a noise of 1 and 0.02
    assert beta**2 / (1 - alpha) == pytest.approx(0.02, rel=1e-9)
    assert 1 - alpha > 0
    assert beta > 0


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_estimates_find_the_variances_of_a_level(scale):
    log = random_walk((700, 900, 4000), q=0.1, r=1.0) * scale + 1e6 * scale
    step = sp.KalmanFilter().fit(log)
    assert step.process_variance_[0] / scale**2 == pytest.approx(0.1, rel=0.3)
    assert step.measurement_variance_[0] / scale**2 == pytest.approx(1.0, rel=0.1)


def test_estimates_find_the_variances_of_a_trend():
    log = random_walk((2000, 3000), q=0.05, r=1.0, q_slope=0.002)
    step = sp.KalmanFilter("trend").fit(log)
    assert step.process_variance_[0, 1] == pytest.approx(0.002, rel=0.5)
    assert step.measurement_variance_[0] == pytest.approx(1.0, rel=0.15)
    smoothed = step.transform(log)["x0"] - sp.KalmanFilter("trend", lag=20).fit_transform(log)["x0"]
    assert smoothed.std() < 1.0


def test_estimates_are_the_most_likely_ones():
    log = random_walk((300,), q=0.2, r=0.5, seed=3)
    step = sp.KalmanFilter().fit(log)
    model, _ = peer(log["x0"], LEVEL)
    found = model.loglike([step.measurement_variance_[0], step.process_variance_[0]])
    fitted = model.fit(disp=False)
    assert found >= fitted.llf - 1e-4


def test_what_is_given_is_kept_and_the_rest_estimated():
    log = random_walk((900,), q=0.1, r=1.0)
    step = sp.KalmanFilter(measurement_variance=1.0).fit(log)
    assert step.measurement_variance_.tolist() == [1.0]
    assert step.process_variance_[0] == pytest.approx(0.1, rel=0.4)
    again = sp.KalmanFilter(measurement_variance=1.0).fit(log)
    assert again.process_variance_ == step.process_variance_


def test_noise_without_drift_still_forgets():
    log = random_walk((400,), q=0.0, r=1.0)
    step = sp.KalmanFilter().fit(log)
    assert 1e-6 <= step.process_variance_[0] < 0.05
    assert step.gain_[0] > 0


def test_missing_samples_and_short_segments_do_not_disturb_estimates():
    log = random_walk((700, 2, 3, 800), q=0.1, r=1.0)
    holed = log.mask(np.random.default_rng(1).random(log.shape) < 0.2)
    step = sp.KalmanFilter(nan_policy="omit").fit(holed)
    assert step.process_variance_[0] == pytest.approx(0.1, rel=0.4)
    assert step.transform(holed).notna().to_numpy()[10:700].all()


@pytest.mark.parametrize("size", [1e-160, 1e200])
@pytest.mark.parametrize("model", ["level", "trend"])
def test_steps_whose_square_is_no_number(model, size):
    log = random_walk((60,), q=0.1, r=1.0) * size
    with pytest.raises(InvalidLogError, match=r"channel 'x0' must have steps .* got steps of"):
        sp.KalmanFilter(model).fit(log)


def test_a_constant_channel_passes():
    log = random_walk((60, 60), q=0.1, r=1.0)
    log["still"] = 0.3
    for model in ("level", "trend"):
        step = sp.KalmanFilter(model).fit(log)
        assert step.constant_ == ["still"]
        assert step.measurement_variance_[1] == 0.0
        moving = log.assign(still=log["x0"])
        np.testing.assert_allclose(step.transform(moving)["still"], log["x0"], rtol=0, atol=1e-12)
        assert (step.transform(log)["still"] == 0.3).all()


def test_too_few_numbers_to_estimate_from(make_log):
    with pytest.raises(InvalidLogError, match=r"at least 4 numbers; channel 'c0' has none"):
        sp.KalmanFilter().fit(make_log(lengths=(3, 2, 3)))
    log = make_log()
    log["c1"] = np.nan
    with pytest.raises(InvalidLogError, match=r"channel 'c1' has none \(n_samples = 185\)"):
        sp.KalmanFilter(nan_policy="omit").fit(log)


def test_a_search_that_does_not_settle_is_told(monkeypatch):
    log = random_walk((60,), q=0.1, r=1.0)
    minimize = scipy.optimize.minimize

    def impatient(*args, **parameters):
        return minimize(*args, **parameters, options={"maxiter": 1})

    monkeypatch.setattr(scipy.optimize, "minimize", impatient)
    with pytest.warns(ConvergenceWarning, match=r"channel 'x0' did not converge"):
        step = sp.KalmanFilter().fit(log)
    assert np.isfinite(step.gain_).all()


@every
@pytest.mark.parametrize("lag", [0, 5])
def test_memory_holds_its_promise(parameters, lag):
    n = 250
    step = sp.KalmanFilter(**parameters, lag=lag).fit(np.zeros((n, 1)))
    weights = sp.KalmanFilter(**parameters, lag=lag).fit(np.eye(n)).transform(np.eye(n))
    rows = np.arange(n)
    older = rows[np.newaxis] <= rows[:, np.newaxis] - step.memory_
    past = np.where(older, np.abs(weights), 0.0).sum(axis=1)
    assert past[-1] <= 1e-3
    assert past.max() <= 1.5e-3  # a growing start weighs its first samples more
    younger = rows[np.newaxis] <= rows[:, np.newaxis] - step.memory_ + 1
    assert np.where(younger, np.abs(weights), 0.0).sum(axis=1)[-1] > 1e-3
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=0, atol=1e-12)


def test_slopes_need_a_trend_and_the_rate(make_log):
    with pytest.raises(InvalidParameterError, match=r"add_slope=True needs model='trend'; got mod"):
        sp.KalmanFilter(**LEVEL, add_slope=True).fit(make_log())
    step = sp.KalmanFilter(**TREND, add_slope=True)
    with pytest.raises(InvalidParameterError, match=r"add_slope=True needs the rate; every cycle"):
        step.fit(make_log(lengths=(1, 1)))
    log = make_log()
    with pytest.raises(InvalidLogError, match=r"data without time, .* sample time of 0\.1 s"):
        step.fit(log.reset_index(drop=True)).transform(log)
    with pytest.raises(InvalidParameterError, match=r"two channels named 'c0_slope'"):
        step.fit(log.set_axis(["c0", "c0_slope"], axis=1))


def test_a_lag_lowers_the_error():
    rng = np.random.default_rng(0)
    truth = (np.sqrt(0.05) * rng.normal(size=3000)).cumsum()
    array = (truth + rng.normal(size=3000))[:, np.newaxis]
    errors = []
    for lag in (0, 3, 12):
        step = sp.KalmanFilter(process_variance=0.05, measurement_variance=1.0, lag=lag)
        errors.append(np.std(step.fit_transform(array)[:, 0] - truth))
    assert errors[2] < errors[1] < errors[0] < 0.6


def test_claims(make_log):
    log = make_log(rate=10.0)
    step = sp.KalmanFilter(**LEVEL, lag="0.5s").fit(log)
    assert (step.lag_, step.lookahead_, step.delay_) == (5, 5, 0)
    still = sp.KalmanFilter(**LEVEL).fit(log)
    assert (still.lag_, still.lookahead_) == (0, 0)
    assert still.memory_ == int(np.ceil(np.log(1e-3) / np.log(1 - still.gain_[0])))


def test_variances_by_channel(make_log):
    log = make_log(n_channels=3)
    step = sp.KalmanFilter(
        process_variance={"c2": 0.5, "c0": 0.1}, measurement_variance=1.0, columns=["c0", "c2"]
    ).fit(log)
    np.testing.assert_array_equal(step.process_variance_, [0.1, 0.5])
    out = step.transform(log)
    assert out["c1"].equals(log["c1"])
    alone = sp.KalmanFilter(process_variance=0.5, measurement_variance=1.0).fit_transform(log)
    assert out["c2"].equals(alone["c2"])


def test_a_missing_row_is_predicted_or_missing(make_log):
    ramp = np.arange(60.0)
    holed = ramp.copy()
    holed[40:43] = np.nan
    predicted = sp.KalmanFilter(**TREND, nan_policy="omit").fit_transform(holed[:, np.newaxis])
    np.testing.assert_allclose(predicted[:, 0], ramp, rtol=0, atol=1e-9)
    marked = sp.KalmanFilter(**TREND, nan_policy="propagate").fit_transform(holed[:, np.newaxis])
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(marked)), [40, 41, 42])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "slope"}, r"model must be one of 'level', 'trend'; got 'slope'"),
        ({"lag": -1}, r"lag must be at least 1 sample; got -1"),
        ({"lag": 0.0}, r"lag must be a number of samples \(int\) or a duration .* got 0\.0"),
        ({"lag": False}, r"lag must be a number of samples .* got False"),
        ({"process_variance": 0.0}, r"process_variance must be a number > 0; got 0\.0"),
        ({"process_variance": (1.0, 2.0)}, r"process_variance must be a number > 0; got \(1\.0"),
        ({"process_variance": np.inf}, r"process_variance must be a number > 0; got inf"),
        ({"measurement_variance": "1"}, r"measurement_variance must be a number > 0; got '1'"),
        (
            {"model": "trend", "process_variance": 1.0},
            r"process_variance must be a pair: level >= 0, slope > 0; got 1\.0",
        ),
        (
            {"model": "trend", "process_variance": (1.0, 0.0)},
            r"must be a pair: level >= 0, slope > 0; got \(1\.0, 0\.0\)",
        ),
        (
            {"process_variance": {"c0": 1.0}},
            r"process_variance must name every filtered channel; 'c1' is missing",
        ),
        (
            {"measurement_variance": {"c0": 1.0, "c1": -1.0}},
            r"measurement_variance\['c1'\] must be a number > 0; got -1\.0",
        ),
        ({"measurement_variance": {"i_d": 1.0}}, r"must name channels of X .* got 'i_d'"),
        (
            {"process_variance": 1e-30, "measurement_variance": 1e30},
            r"within 1e-14 to 1e\+14 times measurement_variance; channel 'c0' has \[1e-30\]",
        ),
        (
            {
                "model": "trend",
                "process_variance": (1e12, 1e-12),
                "measurement_variance": 1.0,
            },
            r"too far apart for a filter that settles: channel 'c0' has \[1000000000000\.0,",
        ),
    ],
)
def test_parameters_out_of_range(make_log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        sp.KalmanFilter(**parameters).fit(make_log())
