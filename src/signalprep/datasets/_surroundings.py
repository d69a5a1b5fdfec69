"""What surrounds the machine in one cycle, and its temperatures at the start."""

import numpy as np
from numpy.typing import NDArray

from signalprep.datasets._drive_cycles import wander

Array = NDArray[np.float64]

COOLANT_TIME_CONSTANT = 240.0  # s, to warm up the loop
BATTERY_RESISTANCE = 0.08  # ohm
BATTERY_LOW, BATTERY_HIGH = 330.0, 390.0  # V, open circuit
SUPPLY_VOLTAGE = 350.0  # V, of the test bench


def temperatures(
    kind: str, time: Array, coolant: float, ambient: float, generator: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return coolant and ambient temperature in °C and the four nodes' at the start.

    A test bench conditions its coolant; a vehicle's loop starts somewhere between ambient and its
    set value and warms up. Half of the cycles start with the machine at coolant temperature, the
    others after earlier driving: stator a little and rotor clearly above it.
    """
    air, thermostat, start = generator.spawn(3)
    T_ambient = ambient + 0.7 * wander(time, 300.0, air)
    first = coolant if kind == "bench" else start.uniform(min(ambient, coolant), coolant)
    warm_up = (first - coolant) * np.exp(-time / COOLANT_TIME_CONSTANT)
    T_coolant = coolant + warm_up + 0.8 * wander(time, 60.0, thermostat)
    above = np.zeros(4)
    if start.random() < 0.5:
        above = np.array([2.0, 4.0, 5.0, start.uniform(5.0, 25.0)])
    return T_coolant, T_ambient, T_coolant[0] + above


def link_voltage(kind: str, power: Array, generator: np.random.Generator) -> Array:
    """Return the DC link voltage in V under the demanded mechanical power in W."""
    if kind == "bench":
        return np.full(len(power), SUPPLY_VOLTAGE)
    open_circuit = generator.uniform(BATTERY_LOW, BATTERY_HIGH)
    return open_circuit - BATTERY_RESISTANCE * power / open_circuit
