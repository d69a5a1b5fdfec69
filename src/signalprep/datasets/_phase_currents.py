"""Simulated phase currents at the sampling rate of a current controller."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signalprep.datasets._drive_step import currents, magnet_flux, resistance
from signalprep.datasets._machine import PMSM
from signalprep.datasets._parameters import check_generator, check_number, check_switch
from signalprep.datasets._units import with_units
from signalprep.errors import InvalidParameterError
from signalprep.log import as_log

Array = NDArray[np.float64]

PHASES = ("a", "b", "c")
SPEED = (30.0, 330.0)  # rad/s, at the start and at the end
TORQUE = (40.0, 150.0)  # N m, least and most
U_DC = 350.0  # V
WARM = 80.0  # °C, winding and magnets
HARMONICS = {5: 0.020, 7: 0.014, 11: 0.006, 13: 0.004}  # relative to the fundamental
OFFSET = 1.5  # A, standard deviation of the sensors' offsets
GAIN = 0.004  # standard deviation of the sensors' gains
NOISE = 0.5  # A
CURRENT_STEP = 0.25  # A
RESOLVER_STEPS = 4096
FEWEST_SAMPLES = 20


def simulate_phase_currents(
    rate: float = 10_000.0,
    duration: float = 2.0,
    random_state: int | np.random.Generator | None = 0,
    *,
    with_truth: bool = False,
) -> pd.DataFrame:
    r"""Simulate the three phase currents of a machine during a run-up.

    The default `PMSM`, warm, runs up from 30 to 330 rad/s while its torque swings twice between 40
    and 150 N m, along the line of maximum torque per ampere. The fundamental is

    .. math:: i_x = i_d \cos(\theta - \varphi_x) - i_q \sin(\theta - \varphi_x),
              \qquad \varphi_x = 0, \tfrac{2\pi}{3}, \tfrac{4\pi}{3}

    and carries harmonics 5, 7, 11 and 13, as dead time and slots make them. Each phase has a sensor
    with offset, gain error, noise and steps of 0.25 A, so the phase sum is not zero.

    Parameters
    ----------
    rate : float, default=10_000.0
        Samples a second, Hz, > 0. The last harmonic ends at 2.7 kHz: below 5.5 kHz it aliases.
    duration : float, default=2.0
        Length in s, > 0; at least 20 samples.
    random_state : int, numpy.random.Generator or None, default=0
        Seed of harmonics' phases and sensor errors; None draws new ones each time.
    with_truth : bool, default=False
        Whether to append ``i_a_true``, ``i_b_true``, ``i_c_true`` (with harmonics, before the
        sensors), ``theta_true`` and the fundamental's ``i_d_true``, ``i_q_true``.

    Returns
    -------
    log : DataFrame
        A drive log of one cycle "run_up" with ``i_a``, ``i_b``, ``i_c`` in A and the electrical
        angle ``theta`` in rad, in [0, 2 pi), read by a resolver with 4096 steps a turn.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range.

    Notes
    -----
    Cost is linear in samples, about 0.3 µs each.

    References
    ----------
    S. Morimoto, Y. Takeda, T. Hirasa, K. Taniguchi, "Expansion of operating limits for permanent
    magnet motor by current vector control considering inverter capacity", IEEE Transactions on
    Industry Applications 26(5), 1990, https://doi.org/10.1109/28.60058.

    Examples
    --------
    >>> from signalprep.datasets import simulate_phase_currents
    >>> log = simulate_phase_currents(duration=0.1)
    >>> log.shape
    (1000, 4)
    """
    rate = check_number("rate", rate, above=0.0)
    duration = check_number("duration", duration, above=0.0)
    with_truth = check_switch("with_truth", with_truth)
    n_samples = round(duration * rate)
    if n_samples < FEWEST_SAMPLES:
        raise InvalidParameterError(
            f"duration must hold at least {FEWEST_SAMPLES} samples at rate={rate:g}; got {duration}"
        )
    distortion, sensors, resolver = check_generator(random_state).spawn(3)
    time = np.arange(n_samples) / rate
    i_d, i_q = _current_vector(time, duration)
    turned = _angle(time, duration) + resolver.uniform(0.0, 2.0 * np.pi)
    true = _phases(i_d, i_q, turned, distortion)

    columns = {f"i_{x}": _sensed(true[x], sensors) for x in PHASES}
    steps = np.rint(turned * RESOLVER_STEPS / (2.0 * np.pi)) % RESOLVER_STEPS
    columns["theta"] = steps * (2.0 * np.pi / RESOLVER_STEPS)
    if with_truth:
        columns |= {f"i_{x}_true": true[x] for x in PHASES}
        columns |= {"theta_true": turned % (2.0 * np.pi), "i_d_true": i_d, "i_q_true": i_q}
    run_up = pd.concat({"run_up": pd.DataFrame(columns, pd.Index(time))}, names=["cycle", "time"])
    return with_units(as_log(run_up))


def _speed(time: Array, duration: float) -> Array:
    return SPEED[0] + (SPEED[1] - SPEED[0]) * time / duration


def _angle(time: Array, duration: float) -> Array:
    """Return the electrical angle turned since the start: the integral of the speed's ramp."""
    mean_speed = 0.5 * (SPEED[0] + _speed(time, duration))
    return PMSM().pole_pairs * mean_speed * time


def _current_vector(time: Array, duration: float) -> tuple[Array, Array]:
    """Return i_d and i_q along the run-up, controlled every hundredth of it."""
    machine = PMSM()
    knots = np.linspace(0.0, duration, 101)
    middle, swing = 0.5 * (TORQUE[1] + TORQUE[0]), 0.5 * (TORQUE[1] - TORQUE[0])
    torque = middle - swing * np.cos(4.0 * np.pi * knots / duration)
    u_max = machine.modulation * U_DC / np.sqrt(3.0)
    R, psi = resistance(machine, WARM), magnet_flux(machine, WARM)
    vector = [
        currents(machine, T_m, omega_m, u_max, R, psi)
        for T_m, omega_m in zip(torque, _speed(knots, duration), strict=True)
    ]
    i_d, i_q = np.transpose(vector)
    return np.interp(time, knots, i_d), np.interp(time, knots, i_q)


def _phases(
    i_d: Array, i_q: Array, theta: Array, generator: np.random.Generator
) -> dict[str, Array]:
    """Return the phase currents: inverse Park and Clarke, and harmonics of the vector."""
    amplitude, angle = np.hypot(i_d, i_q), np.arctan2(i_q, i_d)
    shifts = generator.uniform(0.0, 2.0 * np.pi, len(HARMONICS))
    phases = {}
    for x, behind in zip(PHASES, (0.0, 2.0 * np.pi / 3.0, 4.0 * np.pi / 3.0), strict=True):
        current = i_d * np.cos(theta - behind) - i_q * np.sin(theta - behind)
        for (order, share), shift in zip(HARMONICS.items(), shifts, strict=True):
            current += share * amplitude * np.cos(order * (theta + angle - behind) + shift)
        phases[x] = current
    return phases


def _sensed(current: Array, generator: np.random.Generator) -> Array:
    gain = 1.0 + GAIN * generator.standard_normal()
    reading = gain * current + OFFSET * generator.standard_normal()
    reading += NOISE * generator.standard_normal(len(current))
    return np.rint(reading / CURRENT_STEP) * CURRENT_STEP
