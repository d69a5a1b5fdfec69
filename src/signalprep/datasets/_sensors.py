"""What sensors and converters make of a signal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from signalprep.datasets._drive_cycles import wander

Array = NDArray[np.float64]


class Sensor(NamedTuple):
    """One measured channel; everything in the unit of the signal."""

    noise: float  # standard deviation
    step: float  # of the ADC
    low: float  # of the ADC's range
    high: float
    drift: float = 0.0  # size of the slow offset
    spikes: bool = False  # whether disturbances reach it


class Disturbances(NamedTuple):
    """How much of each disturbance there is."""

    noise: float  # factor on the sensor's own
    drift: float  # factor on the sensor's own
    spike_rate: float  # probability of a spike at a sample
    quantize: bool  # whether readings have the converter's steps


SENSORS = {
    "i_d": Sensor(0.8, 0.25, -512.0, 511.75, drift=0.8, spikes=True),
    "i_q": Sensor(0.8, 0.25, -512.0, 511.75, drift=0.8, spikes=True),
    "u_d": Sensor(0.4, 0.25, -512.0, 511.75),
    "u_q": Sensor(0.4, 0.25, -512.0, 511.75),
    "omega_m": Sensor(0.15, 0.5, -2048.0, 2047.5, spikes=True),
    "T_m": Sensor(0.5, 0.25, -512.0, 511.75, drift=0.6),
    "T_coolant": Sensor(0.1, 0.1, -50.0, 205.0, drift=0.3, spikes=True),
    "T_ambient": Sensor(0.1, 0.5, -50.0, 205.0),
    "u_dc": Sensor(0.5, 0.25, 0.0, 1023.75, drift=0.5, spikes=True),
    "T_pm": Sensor(0.15, 0.1, -50.0, 205.0),
}


def measure(
    sensor: Sensor,
    signal: Array,
    time: Array,
    generator: np.random.Generator,
    disturbances: Disturbances,
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the reading and a mask of the samples that a spike changed.

    Noise, drift and spikes have random streams of their own, so that switching one off
    leaves the others as they were.
    """
    noisy, drifting, spiking = generator.spawn(3)
    clean = signal + disturbances.noise * sensor.noise * noisy.standard_normal(len(signal))
    clean = clean + disturbances.drift * sensor.drift * wander(time, 400.0, drifting)
    hit = spiking.random(len(signal)) < (disturbances.spike_rate if sensor.spikes else 0.0)
    size = spiking.uniform(0.1, 0.5, len(signal)) * (sensor.high - sensor.low)
    sign = spiking.choice([-1.0, 1.0], len(signal))
    spiked = _convert(sensor, clean + hit * sign * size, disturbances.quantize)
    reading = _convert(sensor, clean, disturbances.quantize)
    return spiked, spiked != reading


def _convert(sensor: Sensor, signal: Array, quantize: bool) -> Array:
    """Saturate and round to the converter's steps."""
    inside = np.clip(signal, sensor.low, sensor.high)
    if not quantize:
        return inside
    return np.round(np.rint(inside / sensor.step) * sensor.step, 6)
