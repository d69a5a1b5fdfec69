"""Speed and torque demand over one drive cycle.

Cycles are drawn as knots in time, each quantity from a random stream of its own, so one seed gives
one cycle at every sample rate.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MASS = 1900.0  # kg, with the driver
DRAG_AREA = 0.65  # m^2, drag coefficient times frontal area
ROLLING = 0.010
WHEEL_RADIUS = 0.32  # m
GEAR_RATIO = 9.7
GEAR_EFFICIENCY = 0.96
GRAVITY = 9.81  # m/s^2
AIR_DENSITY = 1.2  # kg/m^3
ACCELERATING_POWER = 55e3  # W
T_REGENERATION = -100.0  # N m, the friction brakes do the rest
FASTEST_BENCH = 1150.0  # rad/s
LARGEST_BENCH_TORQUE = 200.0  # N m
LARGEST_BENCH_POWER = 65e3  # W


class Road(NamedTuple):
    """How a kind of road is driven: (least, most) of each quantity."""

    speed: tuple[float, float]  # m/s
    hold: tuple[float, float]  # s at one speed
    stop: tuple[float, float]  # s at standstill
    acceleration: tuple[float, float]  # m/s^2
    stop_probability: float
    grade: float  # standard deviation of the slope, 1
    sway: float  # standard deviation of the speed around its set value, m/s


ROADS = {
    "city": Road((5.0, 16.0), (8.0, 45.0), (5.0, 40.0), (0.7, 1.8), 0.6, 0.010, 0.4),
    "highway": Road((22.0, 38.0), (40.0, 180.0), (5.0, 20.0), (0.4, 1.3), 0.02, 0.012, 0.8),
    "hill": Road((9.0, 22.0), (20.0, 90.0), (5.0, 30.0), (0.5, 1.3), 0.12, 0.065, 0.4),
}
KINDS = (*ROADS, "bench")


def drive_cycle(kind: str, time: Array, generator: np.random.Generator) -> tuple[Array, Array]:
    """Return the speed in rad/s and the torque demand in N m at the given times in s."""
    if kind == "bench":
        return _bench(time, generator)
    return _on_road(ROADS[kind], time, generator)


def wander(time: Array, spacing: float, generator: np.random.Generator) -> Array:
    """Return slow noise of about unit size: normal values every ``spacing`` s, joined by lines."""
    knots = np.arange(int(time[-1] / spacing) + 2)
    values: Array = generator.standard_normal(len(knots))
    return np.interp(time, knots * spacing, values)


def _on_road(road: Road, time: Array, generator: np.random.Generator) -> tuple[Array, Array]:
    """Follow a speed profile with the vehicle's longitudinal dynamics."""
    choices, swaying, hills = generator.spawn(3)
    fine = np.arange(0.0, time[-1] + 5.0, 0.1)
    at, target = _speed_knots(road, fine[-1], choices)
    width = 25  # 2.5 s: what a driver's foot smooths
    speed = np.interp(fine, at, target)
    speed = speed + road.sway * wander(fine, 6.0, swaying) * speed / (speed + 4.0)
    padded = np.pad(speed, (width // 2, width // 2), mode="edge")
    speed = np.convolve(padded, np.full(width, 1.0 / width), mode="valid").clip(min=0.0)
    slope = np.arctan(road.grade * wander(fine, 45.0, hills))
    moving = speed > 0.05
    force = MASS * np.gradient(speed, fine) + 0.5 * AIR_DENSITY * DRAG_AREA * speed**2
    force += MASS * GRAVITY * (ROLLING * np.cos(slope) + np.sin(slope))
    at_wheel = np.where(moving, force, 0.0) * WHEEL_RADIUS / GEAR_RATIO
    demand = at_wheel * np.where(at_wheel > 0.0, 1.0 / GEAR_EFFICIENCY, GEAR_EFFICIENCY)
    regeneration = T_REGENERATION * np.clip((speed - 1.0) / 3.0, 0.0, 1.0)
    demand = np.maximum(demand, regeneration)
    omega_m = speed * GEAR_RATIO / WHEEL_RADIUS
    return np.interp(time, fine, omega_m), np.interp(time, fine, demand)


def _speed_knots(road: Road, end: float, generator: np.random.Generator) -> tuple[Array, Array]:
    """Return times in s and speeds in m/s between which the set speed is linear."""
    at, speed = [0.0, generator.uniform(*road.stop)], [0.0, 0.0]
    while at[-1] < end:
        stop = speed[-1] > 0.0 and generator.random() < road.stop_probability
        target = 0.0 if stop else generator.uniform(*road.speed)
        change = target - speed[-1]
        lasts = abs(change) / generator.uniform(*road.acceleration)
        if change > 0.0:
            lasts = max(lasts, 0.5 * MASS * (target**2 - speed[-1] ** 2) / ACCELERATING_POWER)
        held = generator.uniform(*(road.stop if stop else road.hold))
        at += [at[-1] + lasts, at[-1] + lasts + held]
        speed += [target, target]
    return np.array(at), np.array(speed)


def _bench(time: Array, generator: np.random.Generator) -> tuple[Array, Array]:
    """Step through operating points of speed and torque, with pauses without load."""
    at: list[float] = [0.0]
    speed: list[float] = [0.0]
    load: list[float] = [0.0]
    while at[-1] < time[-1]:
        omega = generator.uniform(0.0, FASTEST_BENCH)
        limit = min(LARGEST_BENCH_TORQUE, LARGEST_BENCH_POWER / max(omega, 1.0))
        share = generator.uniform(-0.6, 1.0) * (generator.random() > 0.15)
        ramp = generator.uniform(1.0, 5.0)
        held = generator.uniform(20.0, 120.0)
        at += [at[-1] + ramp, at[-1] + ramp + held]
        speed += [omega, omega]
        load += [share * limit, share * limit]
    return np.interp(time, at, speed), np.interp(time, at, load)
