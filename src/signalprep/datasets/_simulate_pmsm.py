"""Simulated drive cycles of a permanent-magnet synchronous machine, with the truth."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signalprep.datasets._drive_cycles import KINDS, drive_cycle
from signalprep.datasets._drive_step import ROWS, drive_loop
from signalprep.datasets._machine import PMSM
from signalprep.datasets._parameters import (
    check_count,
    check_generator,
    check_machine,
    check_network,
    check_number,
    check_numbers,
    check_switch,
)
from signalprep.datasets._sensors import SENSORS, Disturbances, measure
from signalprep.datasets._surroundings import link_voltage, temperatures
from signalprep.datasets._thermal_network import ThermalNetwork
from signalprep.datasets._units import with_units
from signalprep.errors import InvalidParameterError
from signalprep.log import as_log

Array = NDArray[np.float64]

FEWEST_SAMPLES = 20


class _Conditions(NamedTuple):
    name: str
    kind: str
    coolant: float
    ambient: float


def simulate_pmsm(
    n_cycles: int = 24,
    rate: float = 10.0,
    random_state: int | np.random.Generator | None = 0,
    *,
    kinds: Sequence[str] = KINDS,
    duration: tuple[float, float] = (480.0, 1200.0),
    coolant_temperatures: Sequence[float] = (25.0, 50.0, 75.0),
    ambient_temperatures: Sequence[float] = (5.0, 20.0, 35.0),
    machine: PMSM | None = None,
    thermal_network: ThermalNetwork | None = None,
    noise: float = 1.0,
    drift: float = 1.0,
    spike_rate: float = 2e-4,
    quantize: bool = True,
    gap: float = 20.0,
    truncate: float = 0.4,
    with_truth: bool = False,
) -> pd.DataFrame:
    """Simulate the log of a traction drive: what its controller measures, and the rotor's heat.

    Each cycle is a drive in a city, on a highway, in hills, or a series of operating points on a
    test bench. Torque is controlled with the least current (maximum torque per ampere) and, at the
    voltage limit, by field weakening; resistance and magnet flux follow the temperatures of a
    four-node thermal network that the losses heat. See `PMSM` and `ThermalNetwork` for equations
    and sources. Cycle k has kind ``kinds[k % len(kinds)]``, and the kinds meet the coolant and
    ambient temperatures in turn. Half of the cycles start warm from an earlier drive.

    The measured channels, all seen through sensor noise and the steps of a converter:

    ========== ======= ===========================================================================
    column     unit    what
    ========== ======= ===========================================================================
    i_d, i_q   A       currents, d axis on the magnet flux; slow offset drift, spikes
    u_d, u_q   V       voltages that the controller sets
    omega_m    rad/s   mechanical speed; spikes
    T_m        N m     air-gap torque as the controller estimates it (no torque sensor); drift
    T_coolant  °C      coolant at the inlet; drift, spikes
    T_ambient  °C      ambient
    u_dc       V       DC link voltage; drift, spikes
    T_pm       °C      rotor (magnet) temperature by telemetry: the target
    ========== ======= ===========================================================================

    Parameters
    ----------
    n_cycles : int, default=24
        Number of cycles, >= 1.
    rate : float, default=10.0
        Samples a second, Hz, > 0.
    random_state : int, numpy.random.Generator or None, default=0
        Seed; None draws a new log each time. A cycle does not depend on how many follow it, but
        for the place of `gap` and `truncate`.
    kinds : list or tuple of {"city", "highway", "hill", "bench"}, default=all four
        Kinds of drive cycles, used in turn.
    duration : (float, float), default=(480.0, 1200.0)
        Shortest and longest cycle, s.
    coolant_temperatures, ambient_temperatures : sequence of float
        Set values in °C, by default (25, 50, 75) and (5, 20, 35).
    machine : PMSM, default=None
        Parameters of the electric machine; None is ``PMSM()``.
    thermal_network : ThermalNetwork, default=None
        Parameters of the thermal network; None is ``ThermalNetwork()``.
    noise, drift : float, default=1.0
        Scale of the sensors' noise and offset drift, >= 0; 0 switches it off.
    spike_rate : float, default=2e-4
        Probability of a spike of one sample, for each sample of a channel that has spikes, in
        [0, 1].
    quantize : bool, default=True
        Whether readings have the steps of a converter.
    gap : float, default=20.0
        Seconds missing in the middle of one cycle (index ``n_cycles // 3``), >= 0; 0 leaves none
        out.
    truncate : float, default=0.4
        Share missing at the end of one cycle (index ``2 * n_cycles // 3``), in [0, 1).
    with_truth : bool, default=False
        Whether to append columns that no controller has: the true value of each channel
        (``i_d_true``, ...), the shaft torque ``T_shaft_true`` in N m, the other nodes
        ``T_yoke_true``, ``T_tooth_true``, ``T_winding_true`` in °C, the heat into each node
        ``P_yoke_true``, ``P_tooth_true``, ``P_winding_true``, ``P_pm_true`` in W, and for each
        channel a mask of the samples changed by a spike (``fault_i_d``, ...).

    Returns
    -------
    log : DataFrame
        A drive log. Cycles are named by number and kind, such as "cycle_01_city"; time is in
        seconds from the start of the cycle. 10 columns, or 38 with the truth. `signalprep.units`
        tells their units.

    Raises
    ------
    InvalidParameterError
        A parameter out of its range, or cycles too short to hold the gap or 20 samples.

    Notes
    -----
    Cost is linear in samples, about 1 µs to 30 µs each, the more the deeper the drive is held at
    its limits. The first call in a new environment compiles for some seconds.

    Examples
    --------
    >>> from signalprep.datasets import simulate_pmsm
    >>> log = simulate_pmsm(n_cycles=2, rate=1.0)
    >>> log.index.unique("cycle").tolist()
    ['cycle_01_city', 'cycle_02_highway']
    >>> list(log.columns[:4])
    ['i_d', 'i_q', 'u_d', 'u_q']
    """
    n_cycles = check_count("n_cycles", n_cycles)
    rate = check_number("rate", rate, above=0.0)
    disturbances = Disturbances(
        noise=check_number("noise", noise, least=0.0),
        drift=check_number("drift", drift, least=0.0),
        spike_rate=check_number("spike_rate", spike_rate, least=0.0, most=1.0),
        quantize=check_switch("quantize", quantize),
    )
    with_truth = check_switch("with_truth", with_truth)
    checked_machine = check_machine(PMSM() if machine is None else machine)
    network = check_network(ThermalNetwork() if thermal_network is None else thermal_network)
    plan = _plan(n_cycles, kinds, coolant_temperatures, ambient_temperatures)
    duration = _check_duration(duration, rate, gap, truncate)
    streams = check_generator(random_state).spawn(n_cycles)

    frames = {}
    for k, (conditions, stream) in enumerate(zip(plan, streams, strict=True)):
        length, driving, sensors = stream.spawn(3)
        time = np.arange(int(length.uniform(*duration) * rate)) / rate
        truth = _simulate_truth(conditions, time, checked_machine, network, driving)
        frame = _measure_all(truth, time, sensors, with_truth, disturbances)
        lost = truncate if k == 2 * n_cycles // 3 else 0.0
        missing = gap if k == n_cycles // 3 else 0.0
        frames[conditions.name] = _leave_out(frame, missing, lost)
    return with_units(as_log(pd.concat(frames, names=["cycle"])))


def _plan(
    n_cycles: int, kinds: Sequence[str], coolants: Sequence[float], ambients: Sequence[float]
) -> list[_Conditions]:
    """Return kind and temperatures of each cycle: the kinds in turn, meeting all temperatures."""
    known = isinstance(kinds, list | tuple) and all(kind in KINDS for kind in kinds)
    if not known or len(kinds) == 0:
        raise InvalidParameterError(
            f"kinds must be a list or tuple of names out of {KINDS}; got {kinds!r}"
        )
    coolants = check_numbers("coolant_temperatures", coolants, least=-40.0, most=120.0)
    ambients = check_numbers("ambient_temperatures", ambients, least=-40.0, most=60.0)
    digits = max(2, len(str(n_cycles)))
    plan = []
    for k in range(n_cycles):
        turn, place = divmod(k, len(kinds))
        coolant = coolants[(turn + place) % len(coolants)]
        ambient = ambients[(turn + place + turn // len(coolants)) % len(ambients)]
        plan.append(
            _Conditions(f"cycle_{k + 1:0{digits}d}_{kinds[place]}", kinds[place], coolant, ambient)
        )
    return plan


def _check_duration(
    duration: tuple[float, float], rate: float, gap: float, truncate: float
) -> tuple[float, float]:
    """Return the shortest and longest duration in s; what the faults leave must be a cycle."""
    gap = check_number("gap", gap, least=0.0)
    truncate = check_number("truncate", truncate, least=0.0, below=1.0)
    values = check_numbers("duration", duration, least=0.0, most=1e6)
    if len(values) != 2 or values[0] > values[1]:
        raise InvalidParameterError(f"duration must be (shortest, longest) in s; got {duration!r}")
    left = values[0] * (1.0 - truncate) - gap
    if left * rate < FEWEST_SAMPLES:
        raise InvalidParameterError(
            f"the shortest duration must leave {FEWEST_SAMPLES} samples at rate={rate:g} after "
            f"truncate={truncate:g} and gap={gap:g}; got duration={duration!r}"
        )
    return values[0], values[1]


def _simulate_truth(
    conditions: _Conditions,
    time: Array,
    machine: PMSM,
    network: ThermalNetwork,
    generator: np.random.Generator,
) -> dict[str, Array]:
    """Return every true signal of one cycle."""
    kind = conditions.kind
    driver, surroundings, supply = generator.spawn(3)
    omega_m, demand = drive_cycle(kind, time, driver)
    T_coolant, T_ambient, start = temperatures(
        kind, time, conditions.coolant, conditions.ambient, surroundings
    )
    u_dc = link_voltage(kind, omega_m * demand, supply)
    inputs = np.stack([demand, omega_m, u_dc, T_coolant, T_ambient])
    truth = dict(zip(ROWS, drive_loop(machine, network, inputs, start, time[1]), strict=True))
    surrounding = {"T_coolant": T_coolant, "T_ambient": T_ambient, "u_dc": u_dc}
    return truth | {"omega_m": omega_m} | surrounding


def _measure_all(
    truth: dict[str, Array],
    time: Array,
    generator: np.random.Generator,
    with_truth: bool,
    disturbances: Disturbances,
) -> pd.DataFrame:
    """Return one cycle as measured, and with the truth and the spike masks when asked for."""
    readings, faults = {}, {}
    for (name, sensor), stream in zip(SENSORS.items(), generator.spawn(len(SENSORS)), strict=True):
        readings[name], faults[f"fault_{name}"] = measure(
            sensor, truth[name], time, stream, disturbances
        )
    columns: dict[str, NDArray[np.generic]] = dict(readings)
    if with_truth:
        hidden = [name for name in truth if name not in SENSORS]
        columns |= {f"{name}_true": truth[name] for name in [*SENSORS, *hidden]}
        columns |= faults
    return pd.DataFrame(columns, index=pd.Index(time, name="time"))


def _leave_out(frame: pd.DataFrame, gap: float, truncate: float) -> pd.DataFrame:
    """Cut off the share ``truncate`` of the end, then ``gap`` seconds in the middle."""
    frame = frame.iloc[: len(frame) - int(truncate * len(frame))]
    if gap == 0.0:
        return frame
    time = frame.index.to_numpy()
    first = time[len(time) // 2] - 0.5 * gap
    missing = (time > first) & (time <= first + gap)
    missing[len(time) // 2] = True
    return frame[~missing]
