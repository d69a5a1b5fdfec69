import numpy as np
import pandas as pd
import pytest

from signalprep.datasets import simulate_phase_currents
from signalprep.errors import InvalidParameterError
from signalprep.log import is_log, rate


@pytest.fixture(scope="module")
def log():
    return simulate_phase_currents(with_truth=True)


def park(log, phases, theta):
    """Return i_d and i_q, amplitude-invariant."""
    shifts = [0.0, 2.0 * np.pi / 3.0, 4.0 * np.pi / 3.0]
    pairs = list(zip(phases, shifts, strict=True))
    d = sum(log[name] * np.cos(log[theta] - shift) for name, shift in pairs)
    q = sum(-log[name] * np.sin(log[theta] - shift) for name, shift in pairs)
    return 2.0 / 3.0 * d, 2.0 / 3.0 * q


def test_two_seconds_at_ten_kilohertz():
    log = simulate_phase_currents()
    assert is_log(log)
    assert list(log.columns) == ["i_a", "i_b", "i_c", "theta"]
    assert len(log) == 20_000
    assert rate(log) == pytest.approx(10_000.0)


def test_truth_is_only_added(log):
    measured = simulate_phase_currents()
    pd.testing.assert_frame_equal(log[measured.columns], measured)


def test_the_angle_is_wrapped_and_accelerates(log):
    assert log.theta.between(0.0, 2.0 * np.pi, inclusive="left").all()
    assert (log.theta == 0.0).any()
    turned = np.unwrap(log.theta.to_numpy())
    speed = np.diff(turned[::500]) / 0.05 / 4.0
    assert (np.diff(speed) > 0.0).all()
    assert speed[0] == pytest.approx(33.75, abs=0.1)
    assert speed[-1] == pytest.approx(318.75, abs=0.1)
    apart = np.angle(np.exp(1j * (log.theta - log.theta_true)))
    assert np.abs(apart).max() <= np.pi / 4096 + 1e-9


def test_true_phases_sum_to_zero_and_measured_ones_do_not(log):
    true = log.i_a_true + log.i_b_true + log.i_c_true
    measured = log.i_a + log.i_b + log.i_c
    assert true.abs().max() < 1e-10
    assert abs(measured.mean()) > 0.3


def test_park_gives_back_the_vector_on_average(log):
    d, q = park(log, ["i_a_true", "i_b_true", "i_c_true"], "theta_true")
    assert (d - log.i_d_true).mean() == pytest.approx(0.0, abs=0.1)
    assert (q - log.i_q_true).mean() == pytest.approx(0.0, abs=0.1)
    amplitude = np.hypot(log.i_d_true, log.i_q_true)
    ripple = np.hypot(d - log.i_d_true, q - log.i_q_true) / amplitude
    assert ripple.max() <= 0.020 + 0.014 + 0.006 + 0.004 + 1e-9
    assert ripple.max() > 0.02


def test_harmonics_stand_at_orders_six_and_twelve_of_the_vector(log):
    d, q = park(log, ["i_a_true", "i_b_true", "i_c_true"], "theta_true")
    fundamental = log.i_d_true + 1j * log.i_q_true
    vector = (d + 1j * q) / fundamental - 1.0
    turned = log.theta_true + np.angle(fundamental)
    for order, share in {-6: 0.020, 6: 0.014, -12: 0.006, 12: 0.004}.items():
        part = (vector * np.exp(-1j * order * turned)).mean()
        assert abs(part) == pytest.approx(share, rel=0.05)


def test_sensors_err_by_offset_gain_noise_and_steps(log):
    for x in "abc":
        error = log[f"i_{x}"] - log[f"i_{x}_true"]
        gain, offset = np.polyfit(log[f"i_{x}_true"], error, 1)
        assert 0.0 < abs(gain) < 0.02
        assert 0.0 < abs(offset) < 6.0
        rest = error - gain * log[f"i_{x}_true"] - offset
        assert rest.std() == pytest.approx(np.hypot(0.5, 0.25 / np.sqrt(12.0)), rel=0.05)
        assert (log[f"i_{x}"] % 0.25 == 0.0).all()


def test_the_same_seed_gives_the_same_log():
    short = {"duration": 0.05}
    one = simulate_phase_currents(random_state=3, **short)
    pd.testing.assert_frame_equal(one, simulate_phase_currents(random_state=3, **short))
    assert not one.equals(simulate_phase_currents(random_state=4, **short))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rate": -1.0}, r"rate must be a finite number > 0; got -1.0"),
        ({"duration": 0.0}, r"duration must be a finite number > 0; got 0.0"),
        ({"duration": 1e-3}, r"duration must hold at least 20 samples at rate=10000; got 0.001"),
        ({"random_state": 1.5}, r"random_state must be an integer >= 0.*got 1.5"),
        ({"with_truth": "yes"}, r"with_truth must be True or False; got 'yes'"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        simulate_phase_currents(**parameters)
