import numpy as np
import pytest

from signalprep.datasets import PMSM, ThermalNetwork
from signalprep.datasets._drive_step import (
    ROWS,
    currents,
    drive_loop,
    losses,
    magnet_flux,
    mtpa_of_current,
    resistance,
    thermal_step,
    torque,
    voltages,
)

MACHINE = PMSM()
NETWORK = ThermalNetwork()
R_WARM = resistance(MACHINE, 80.0)
PSI_WARM = magnet_flux(MACHINE, 80.0)
U_MAX = 0.95 * 350.0 / np.sqrt(3.0)


def controlled(T_demand, omega_m, machine=MACHINE, u_max=U_MAX):
    """Return currents, their torque, and the amplitudes of current and voltage."""
    i_d, i_q = currents(machine, T_demand, omega_m, u_max, R_WARM, PSI_WARM)
    u_d, u_q = voltages(machine, i_d, i_q, omega_m, R_WARM, PSI_WARM)
    T_m = torque(machine, i_d, i_q, PSI_WARM)
    return i_d, i_q, T_m, np.hypot(i_d, i_q), np.hypot(u_d, u_q)


def conductances(network, omega_m):
    """Return K, and the conductances to coolant and to ambient, written down independently."""
    gap = network.G_tooth_pm + network.G_tooth_pm_omega * abs(omega_m)
    shaft = network.G_pm_ambient + network.G_pm_ambient_omega * abs(omega_m)
    between = np.zeros((4, 4))
    between[0, 1] = network.G_yoke_tooth
    between[1, 2] = network.G_tooth_winding
    between[0, 2] = network.G_yoke_winding
    between[1, 3] = gap
    between += between.T
    coolant = np.array([network.G_yoke_coolant, 0.0, 0.0, 0.0])
    ambient = np.array([network.G_yoke_ambient, 0.0, 0.0, shaft])
    return np.diag(between.sum(axis=1) + coolant + ambient) - between, coolant, ambient


def capacities(network):
    return np.array([network.C_yoke, network.C_tooth, network.C_winding, network.C_pm])


@pytest.mark.parametrize("omega_m", [0.0, 50.0, 300.0, 1100.0, -400.0])
@pytest.mark.parametrize("T_demand", [-150.0, 0.0, 30.0, 200.0])
def test_electrical_power_is_copper_loss_plus_air_gap_power(T_demand, omega_m):
    i_d, i_q, T_m, _, _ = controlled(T_demand, omega_m)
    u_d, u_q = voltages(MACHINE, i_d, i_q, omega_m, R_WARM, PSI_WARM)
    copper = losses(MACHINE, i_d, i_q, omega_m, R_WARM, PSI_WARM)[0]
    electrical = 1.5 * (u_d * i_d + u_q * i_q)
    scale = 1.5 * np.hypot(u_d, u_q) * np.hypot(i_d, i_q)
    assert electrical == pytest.approx(copper + T_m * omega_m, abs=1e-12 * max(scale, 1.0))


@pytest.mark.parametrize("amplitude", [20.0, 150.0, 380.0])
def test_mtpa_has_most_torque_of_all_current_angles(amplitude):
    i_d = mtpa_of_current(MACHINE, amplitude, PSI_WARM)
    best = torque(MACHINE, i_d, np.sqrt(amplitude**2 - i_d**2), PSI_WARM)
    angle = np.linspace(0.0, np.pi, 20_001)
    others = torque(MACHINE, amplitude * np.cos(angle), amplitude * np.sin(angle), PSI_WARM)
    assert best >= others.max()
    assert best == pytest.approx(others.max(), rel=1e-6)


@pytest.mark.parametrize("T_demand", [-200.0, -5.0, 5.0, 60.0, 200.0])
def test_below_the_voltage_limit_the_demand_is_met_with_the_least_current(T_demand):
    i_d, _, T_m, amplitude, voltage = controlled(T_demand, 100.0)
    assert T_m == pytest.approx(T_demand, rel=1e-12)
    assert voltage < U_MAX
    for other in (i_d - 1.0, i_d + 1.0):
        i_q = T_demand / torque(MACHINE, other, 1.0, PSI_WARM)
        assert np.hypot(other, i_q) > amplitude


@pytest.mark.parametrize(
    ("T_demand", "omega_m"), [(0.0, 1100.0), (40.0, 900.0), (150.0, 420.0), (-60.0, 1000.0)]
)
def test_field_weakening_meets_the_demand_at_the_limit_with_the_least_current(T_demand, omega_m):
    _, _, T_m, amplitude, voltage = controlled(T_demand, omega_m)
    assert T_m == pytest.approx(T_demand, rel=1e-12, abs=1e-12)
    assert voltage == pytest.approx(U_MAX, rel=1e-9)
    i_d = np.linspace(-380.0, 0.0, 200_001)
    i_q = T_demand / torque(MACHINE, i_d, 1.0, PSI_WARM)
    u_d, u_q = voltages(MACHINE, i_d, i_q, omega_m, R_WARM, PSI_WARM)
    allowed = np.hypot(u_d, u_q) <= U_MAX
    assert amplitude == pytest.approx(np.hypot(i_d, i_q)[allowed].min(), abs=0.01)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("omega_m", [10.0, 250.0, 330.0, 600.0, 1150.0])
def test_an_impossible_demand_gives_the_most_torque_within_both_limits(omega_m, sign):
    _, _, T_m, amplitude, voltage = controlled(sign * 1000.0, omega_m)
    assert amplitude <= MACHINE.i_max * (1.0 + 1e-12)
    assert voltage <= U_MAX * (1.0 + 1e-12)
    i_d = np.linspace(-380.0, 0.0, 1501)[:, None]
    i_q = sign * np.linspace(0.0, 380.0, 1501)[None, :]
    u_d, u_q = voltages(MACHINE, i_d, i_q, omega_m, R_WARM, PSI_WARM)
    allowed = (np.hypot(u_d, u_q) <= U_MAX) & (np.hypot(i_d, i_q) <= MACHINE.i_max)
    most = (sign * torque(MACHINE, i_d, i_q, PSI_WARM))[allowed].max()
    assert sign * T_m >= most
    assert sign * T_m == pytest.approx(most, rel=0.01)


def test_limits_hold_over_random_demands():
    generator = np.random.default_rng(3)
    for T_demand, omega_m in generator.uniform([-300.0, -1190.0], [300.0, 1190.0], (500, 2)):
        _, _, T_m, amplitude, voltage = controlled(T_demand, omega_m)
        assert amplitude <= MACHINE.i_max * (1.0 + 1e-12)
        assert voltage <= U_MAX * (1.0 + 1e-12)
        assert abs(T_m) <= abs(T_demand) * (1.0 + 1e-12)


def test_without_saliency_the_d_current_is_zero_until_the_field_is_weakened():
    machine = PMSM(L_d=0.3e-3, L_q=0.3e-3)
    i_d, _, T_m, _, _ = controlled(50.0, 50.0, machine)
    assert (i_d, T_m) == (pytest.approx(0.0, abs=1e-9), pytest.approx(50.0))
    assert controlled(50.0, 900.0, machine)[0] < -50.0


def test_overspeed_gives_the_least_voltage_at_zero_torque():
    i_d, i_q, _, amplitude, voltage = controlled(50.0, 1100.0, u_max=1.0)
    assert i_q == 0.0
    assert amplitude <= MACHINE.i_max
    for other in (i_d - 1.0, i_d + 1.0):
        assert np.hypot(*voltages(MACHINE, other, 0.0, 1100.0, R_WARM, PSI_WARM)) > voltage > 1.0


def test_the_default_machine_is_the_one_its_documentation_names():
    psi, R = magnet_flux(MACHINE, 20.0), resistance(MACHINE, 20.0)
    u_max = 0.95 * 350.0 / np.sqrt(3.0)
    power = []
    for omega_m in np.linspace(1.0, 1190.0, 60):
        i_d, i_q = currents(MACHINE, 1000.0, omega_m, u_max, R, psi)
        power.append(torque(MACHINE, i_d, i_q, psi) * omega_m)
    assert power[0] == pytest.approx(270.0, rel=0.02)
    assert max(power) == pytest.approx(105e3, rel=0.03)


def test_temperature_raises_resistance_and_lowers_flux():
    assert resistance(MACHINE, 120.0) == pytest.approx(0.012 * (1.0 + 0.393))
    assert magnet_flux(MACHINE, 120.0) == pytest.approx(0.080 * (1.0 - 0.11))
    cold = currents(MACHINE, 100.0, 50.0, U_MAX, R_WARM, magnet_flux(MACHINE, 20.0))
    hot = currents(MACHINE, 100.0, 50.0, U_MAX, R_WARM, magnet_flux(MACHINE, 140.0))
    assert np.hypot(*hot) > np.hypot(*cold)


@pytest.mark.parametrize("omega_m", [0.0, 500.0, -1000.0])
def test_losses_follow_their_formulas(omega_m):
    copper, iron, rotor, friction = losses(MACHINE, -100.0, 200.0, omega_m, 0.01, 0.08)
    omega_e = 4.0 * abs(omega_m)
    assert copper == pytest.approx(1.5 * 0.01 * 50_000.0)
    flux = (0.08 - 0.02) ** 2 + 0.1**2
    assert iron == pytest.approx((8.0 * omega_e + 0.010 * omega_e**2) * flux)
    assert rotor == pytest.approx(omega_e**2 * (6e-6 + 8e-10 * 50_000.0))
    assert friction == pytest.approx(0.25 * abs(omega_m) + 2e-4 * omega_m**2)


@pytest.mark.parametrize("sample_time", [0.01, 1.0, 1e4])
def test_a_thermal_step_stores_what_flows_in(sample_time):
    old = np.array([60.0, 70.0, 110.0, 90.0])
    heat = np.array([300.0, 400.0, 900.0, 250.0])
    new = thermal_step(NETWORK, old, heat, 45.0, 15.0, 700.0, sample_time)
    _, coolant, ambient = conductances(NETWORK, 700.0)
    middle = 0.5 * (old + new)
    outward = coolant @ (middle - 45.0) + ambient @ (middle - 15.0)
    stored = capacities(NETWORK) @ (new - old) / sample_time
    assert stored == pytest.approx(heat.sum() - outward, rel=1e-9)


def test_thermal_steps_converge_to_the_exponential_of_the_system():
    K, coolant, ambient = conductances(NETWORK, 300.0)
    heat = np.array([100.0, 200.0, 800.0, 300.0])
    settled = np.linalg.solve(K, heat + 50.0 * coolant + 20.0 * ambient)
    rates, modes = np.linalg.eig(-K / capacities(NETWORK)[:, None])
    start = np.array([50.0, 50.0, 60.0, 90.0])
    exact = settled + modes @ (np.exp(rates * 600.0) * np.linalg.solve(modes, start - settled))
    errors = []
    for n_steps in (300, 600):
        state = start
        for _ in range(n_steps):
            state = thermal_step(NETWORK, state, heat, 50.0, 20.0, 300.0, 600.0 / n_steps)
        errors.append(np.abs(state - exact).max())
    assert errors[0] < 0.02
    assert errors[1] == pytest.approx(errors[0] / 4.0, rel=0.05)


def test_a_machine_in_equilibrium_stays_there():
    state = np.full(4, 21.3)
    assert (thermal_step(NETWORK, state, np.zeros(4), 21.3, 21.3, 800.0, 0.1) == state).all()


def test_time_constants_are_those_documented():
    def slowest(omega_m):
        K, _, _ = conductances(NETWORK, omega_m)
        return 1.0 / np.linalg.eigvals(K / capacities(NETWORK)[:, None]).real.min() / 60.0

    assert slowest(1190.0) == pytest.approx(10.0, rel=0.15)
    assert slowest(0.0) == pytest.approx(30.0, rel=0.15)
    assert 0.8 < NETWORK.C_winding / (NETWORK.G_tooth_winding + NETWORK.G_yoke_winding) / 60.0 < 1.2


def test_the_loop_is_the_step_repeated():
    n_samples = 50
    inputs = np.tile(np.array([[80.0], [400.0], [350.0], [45.0], [15.0]]), (1, n_samples))
    inputs[0] += np.arange(n_samples)
    start = np.array([50.0, 55.0, 60.0, 70.0])
    truth = dict(zip(ROWS, drive_loop(MACHINE, NETWORK, inputs, start, 0.5), strict=True))
    nodes = ("yoke", "tooth", "winding", "pm")
    state = start
    for n in range(n_samples):
        assert [truth[f"T_{node}"][n] for node in nodes] == state.tolist()
        heat = np.array([truth[f"P_{node}"][n] for node in nodes])
        state = thermal_step(NETWORK, state, heat, 45.0, 15.0, 400.0, 0.5)
