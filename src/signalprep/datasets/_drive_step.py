"""One sample of the drive, compiled: currents, losses, temperatures; and the loop over a cycle.

Everything compiled is in this one file, because a compiled function's cache follows its own file
only.
"""

import numpy as np
from numpy.typing import NDArray

from signalprep._kernels._njit import njit
from signalprep.datasets._machine import PMSM
from signalprep.datasets._thermal_network import ThermalNetwork

N_BISECTIONS = 52
N_NODES = 4
ROWS = (
    *("i_d", "i_q", "u_d", "u_q", "T_m", "T_shaft"),
    *("T_yoke", "T_tooth", "T_winding", "T_pm"),
    *("P_yoke", "P_tooth", "P_winding", "P_pm"),
)


@njit(cache=True, nogil=True)
def resistance(machine: PMSM, T_winding: float) -> float:
    return machine.R_20 * (1.0 + machine.R_coefficient * (T_winding - 20.0))


@njit(cache=True, nogil=True)
def magnet_flux(machine: PMSM, T_pm: float) -> float:
    return machine.psi_20 * (1.0 + machine.psi_coefficient * (T_pm - 20.0))


@njit(cache=True, nogil=True)
def torque(machine: PMSM, i_d: float, i_q: float, psi: float) -> float:
    return 1.5 * machine.pole_pairs * (psi + (machine.L_d - machine.L_q) * i_d) * i_q


@njit(cache=True, nogil=True)
def voltages(
    machine: PMSM, i_d: float, i_q: float, omega_m: float, R: float, psi: float
) -> tuple[float, float]:
    omega_e = machine.pole_pairs * omega_m
    u_d = R * i_d - omega_e * machine.L_q * i_q
    u_q = R * i_q + omega_e * (machine.L_d * i_d + psi)
    return u_d, u_q


@njit(cache=True, nogil=True)
def mtpa_of_current(machine: PMSM, amplitude: float, psi: float) -> float:
    """Return the i_d of most torque at one current amplitude (Morimoto et al. 1990)."""
    saliency = machine.L_q - machine.L_d
    root = np.sqrt(psi * psi + 8.0 * (saliency * amplitude) ** 2)
    return -2.0 * saliency * amplitude * amplitude / (psi + root)


@njit(cache=True, nogil=True)
def mtpa_of_torque(machine: PMSM, k: float, psi: float) -> float:
    """Return the i_d of least current on the curve i_q = k / (psi - saliency i_d).

    There d(i_d^2 + i_q^2)/d(i_d) = 0, that is i_d (psi - saliency i_d)^3 + k^2 saliency = 0, which
    rises with i_d for i_d <= 0.
    """
    saliency = machine.L_q - machine.L_d
    low, high = mtpa_of_current(machine, machine.i_max, psi), 0.0
    for _ in range(N_BISECTIONS):
        middle = 0.5 * (low + high)
        if middle * (psi - saliency * middle) ** 3 + k * k * saliency > 0.0:
            high = middle
        else:
            low = middle
    return high


@njit(cache=True, nogil=True)
def _current_limit(machine: PMSM, k: float, psi: float, i_d_mtpa: float) -> float:
    """Return the least i_d on the curve of constant torque that keeps |i| <= i_max."""
    saliency = machine.L_q - machine.L_d
    low, high = -machine.i_max, i_d_mtpa
    for _ in range(N_BISECTIONS):
        middle = 0.5 * (low + high)
        i_q = k / (psi - saliency * middle)
        if middle * middle + i_q * i_q > machine.i_max * machine.i_max:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True, nogil=True)
def _least_voltage(
    machine: PMSM, k: float, omega_m: float, R: float, psi: float, low: float, high: float
) -> float:
    """Return the i_d in [low, high] of least voltage on the curve of constant torque.

    On that curve |u|^2 = R^2 |i|^2 + omega_e^2 |psi_s|^2 + constant, which is convex in i_d, so
    its slope changes sign once.
    """
    saliency = machine.L_q - machine.L_d
    omega_e = machine.pole_pairs * omega_m
    for _ in range(N_BISECTIONS):
        middle = 0.5 * (low + high)
        i_q = k / (psi - saliency * middle)
        di_q = k * saliency / (psi - saliency * middle) ** 2
        u_d, u_q = voltages(machine, middle, i_q, omega_m, R, psi)
        slope = u_d * (R - omega_e * machine.L_q * di_q) + u_q * (R * di_q + omega_e * machine.L_d)
        if slope > 0.0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@njit(cache=True, nogil=True)
def _weakened(
    machine: PMSM, k: float, omega_m: float, R: float, psi: float, u_max: float
) -> tuple[float, bool]:
    """Return the i_d nearest to MTPA within the voltage limit, and whether there is one."""
    saliency = machine.L_q - machine.L_d
    right = mtpa_of_torque(machine, k, psi)
    u_d, u_q = voltages(machine, right, k / (psi - saliency * right), omega_m, R, psi)
    if u_d * u_d + u_q * u_q <= u_max * u_max:
        return right, True
    left = _least_voltage(
        machine, k, omega_m, R, psi, _current_limit(machine, k, psi, right), right
    )
    u_d, u_q = voltages(machine, left, k / (psi - saliency * left), omega_m, R, psi)
    if u_d * u_d + u_q * u_q > u_max * u_max:
        return left, False
    for _ in range(N_BISECTIONS):
        middle = 0.5 * (left + right)
        u_d, u_q = voltages(machine, middle, k / (psi - saliency * middle), omega_m, R, psi)
        if u_d * u_d + u_q * u_q > u_max * u_max:
            right = middle
        else:
            left = middle
    return left, True


@njit(cache=True, nogil=True)
def currents(
    machine: PMSM, T_demand: float, omega_m: float, u_max: float, R: float, psi: float
) -> tuple[float, float]:
    """Return (i_d, i_q) of least current for the torque nearest to the demand within the limits.

    Limits are |i| <= i_max and |u| <= u_max. Where not even zero torque fits under the voltage
    limit (overspeed), the point of least voltage at zero torque is returned.
    """
    saliency = machine.L_q - machine.L_d
    i_d = mtpa_of_current(machine, machine.i_max, psi)
    i_q = np.sqrt(machine.i_max * machine.i_max - i_d * i_d)
    T_max = torque(machine, i_d, i_q, psi)
    k = min(max(T_demand, -T_max), T_max) / (1.5 * machine.pole_pairs)
    i_d, feasible = _weakened(machine, k, omega_m, R, psi, u_max)
    if feasible:
        return i_d, k / (psi - saliency * i_d)
    low, high = 0.0, 1.0
    i_d, feasible = _weakened(machine, 0.0, omega_m, R, psi, u_max)
    if not feasible:
        return i_d, 0.0
    for _ in range(N_BISECTIONS):
        middle = 0.5 * (low + high)
        candidate, feasible = _weakened(machine, middle * k, omega_m, R, psi, u_max)
        if feasible:
            low, i_d = middle, candidate
        else:
            high = middle
    return i_d, low * k / (psi - saliency * i_d)


@njit(cache=True, nogil=True)
def losses(
    machine: PMSM, i_d: float, i_q: float, omega_m: float, R: float, psi: float
) -> tuple[float, float, float, float]:
    """Return the copper, stator iron, rotor and friction losses in W."""
    omega_e = abs(machine.pole_pairs * omega_m)
    current = i_d * i_d + i_q * i_q
    flux = (machine.L_d * i_d + psi) ** 2 + (machine.L_q * i_q) ** 2
    copper = 1.5 * R * current
    iron = (machine.k_hysteresis * omega_e + machine.k_eddy * omega_e**2) * flux
    rotor = omega_e**2 * (machine.k_rotor_0 + machine.k_rotor_i * current)
    friction = machine.c_friction_0 * abs(omega_m) + machine.c_friction_1 * omega_m**2
    return copper, iron, rotor, friction


@njit(cache=True, nogil=True)
def _solve(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    """Solve in place by elimination; no pivots, the matrix is diagonally dominant."""
    for column in range(N_NODES):
        for row in range(column + 1, N_NODES):
            factor = matrix[row, column] / matrix[column, column]
            for rest in range(column, N_NODES):
                matrix[row, rest] -= factor * matrix[column, rest]
            right[row] -= factor * right[column]
    for row in range(N_NODES - 1, -1, -1):
        for rest in range(row + 1, N_NODES):
            right[row] -= matrix[row, rest] * right[rest]
        right[row] /= matrix[row, row]


@njit(cache=True, nogil=True)
def thermal_step(
    network: ThermalNetwork,
    temperature: NDArray[np.float64],
    heat: NDArray[np.float64],
    T_coolant: float,
    T_ambient: float,
    omega_m: float,
    sample_time: float,
) -> NDArray[np.float64]:
    """Return the node temperatures one sample later (yoke, tooth, winding, pm).

    Heat, boundaries and speed are held over the sample; the rule is the trapezoidal one, stable at
    every sample time. It solves (C / dt + K / 2) dT = P + G (T_boundary) - K T, so heat in less
    heat out at the mean of old and new temperatures is the heat stored, to rounding.
    """
    speed = abs(omega_m)
    gap = network.G_tooth_pm + network.G_tooth_pm_omega * speed
    shaft = network.G_pm_ambient + network.G_pm_ambient_omega * speed
    links = (
        (0, 1, network.G_yoke_tooth),
        (1, 2, network.G_tooth_winding),
        (0, 2, network.G_yoke_winding),
        (1, 3, gap),
    )
    matrix = np.zeros((N_NODES, N_NODES))
    flow = heat.copy()
    for i, j, conductance in links:
        passed = conductance * (temperature[j] - temperature[i])
        flow[i] += passed
        flow[j] -= passed
        matrix[i, i] += 0.5 * conductance
        matrix[j, j] += 0.5 * conductance
        matrix[i, j] -= 0.5 * conductance
        matrix[j, i] -= 0.5 * conductance
    flow[0] += network.G_yoke_coolant * (T_coolant - temperature[0])
    flow[0] += network.G_yoke_ambient * (T_ambient - temperature[0])
    flow[3] += shaft * (T_ambient - temperature[3])
    matrix[0, 0] += 0.5 * (network.G_yoke_coolant + network.G_yoke_ambient)
    matrix[3, 3] += 0.5 * shaft
    matrix[0, 0] += network.C_yoke / sample_time
    matrix[1, 1] += network.C_tooth / sample_time
    matrix[2, 2] += network.C_winding / sample_time
    matrix[3, 3] += network.C_pm / sample_time
    _solve(matrix, flow)
    return temperature + flow


@njit(cache=True, nogil=True)
def drive_loop(
    machine: PMSM,
    network: ThermalNetwork,
    demands: NDArray[np.float64],
    start: NDArray[np.float64],
    sample_time: float,
) -> NDArray[np.float64]:
    """Return the truth of one cycle, (len(ROWS), n).

    ``demands`` is (5, n): T_demand, omega_m, u_dc, T_coolant, T_ambient. Temperatures are those at
    the start of a sample; currents and heat follow from them and are held for the sample.
    """
    n_samples = demands.shape[1]
    truth = np.empty((len(ROWS), n_samples))
    temperature = start.copy()
    heat = np.empty(N_NODES)
    for n in range(n_samples):
        T_demand, omega_m, u_dc = demands[0, n], demands[1, n], demands[2, n]
        T_coolant, T_ambient = demands[3, n], demands[4, n]
        R = resistance(machine, temperature[2])
        psi = magnet_flux(machine, temperature[3])
        u_max = machine.modulation * u_dc / np.sqrt(3.0)
        i_d, i_q = currents(machine, T_demand, omega_m, u_max, R, psi)
        u_d, u_q = voltages(machine, i_d, i_q, omega_m, R, psi)
        T_m = torque(machine, i_d, i_q, psi)
        copper, iron, rotor, friction = losses(machine, i_d, i_q, omega_m, R, psi)
        drag = (iron + rotor + friction) / omega_m if omega_m != 0.0 else 0.0
        to_rotor = machine.friction_rotor_share * friction
        heat[0] = machine.yoke_share * iron + (friction - to_rotor)
        heat[1] = (1.0 - machine.yoke_share) * iron
        heat[2] = copper
        heat[3] = rotor + to_rotor
        truth[0, n], truth[1, n], truth[2, n], truth[3, n] = i_d, i_q, u_d, u_q
        truth[4, n], truth[5, n] = T_m, T_m - drag
        truth[6:10, n] = temperature
        truth[10:14, n] = heat
        temperature = thermal_step(
            network, temperature, heat, T_coolant, T_ambient, omega_m, sample_time
        )
    return truth
