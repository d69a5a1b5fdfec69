"""How well the rotor's temperature can be known from what a controller measures.

A Kalman filter that knows what no model has to be told: every parameter of the simulated machine
and of its thermal network, the noise and steps of each sensor, how offsets wander, and that a cycle
begins either at coolant temperature or 5 to 25 K above it (two filters, weighted by how well each
explains the measurements). What it still errs is due to sensors and start, so it is the floor for
models that learn from such logs, as far as an extended Kalman filter is the best estimate.

States: yoke, tooth, winding, rotor; offsets of i_d, i_q, T_m, coolant. Observed: u_d, u_q and T_m,
whose noise includes that of the currents and the speed that they are predicted from.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numba import njit

import signalprep as sp
from signalprep.datasets import PMSM, ThermalNetwork
from signalprep.datasets._drive_step import (
    losses,
    magnet_flux,
    resistance,
    thermal_step,
    torque,
    voltages,
)
from signalprep.datasets._sensors import SENSORS

MEASURED = ["i_d", "i_q", "u_d", "u_q", "omega_m", "T_m", "T_coolant", "T_ambient"]
OFFSETS = ["i_d", "i_q", "T_m", "T_coolant"]
N_STATES = 8
FADE = 200.0  # s: a line between knots 400 s apart forgets about as fast
ON_LINES = 2.0 / 3.0  # mean variance of a line between two knots of variance 1
SMALL = 0.1  # step of the numeric derivatives
SPIKE = 40.0  # squared distance beyond which a sample is a spike
COLD = (np.zeros(4), np.full(4, 0.3))  # above the coolant: mean, spread
WARM = (np.array([2.0, 4.0, 5.0, 15.0]), np.array([0.3, 0.3, 0.3, 20.0 / 12.0**0.5]))


@njit(cache=True)
def _move(machine, network, x, z, dt):
    """States one sample later."""
    i_d, i_q = z[0] - x[4], z[1] - x[5]
    R, psi = resistance(machine, x[2]), magnet_flux(machine, x[3])
    copper, iron, rotor, friction = losses(machine, i_d, i_q, z[4], R, psi)
    to_rotor = machine.friction_rotor_share * friction
    to_yoke = machine.yoke_share * iron + friction - to_rotor
    heat = np.array([to_yoke, (1.0 - machine.yoke_share) * iron, copper, rotor + to_rotor])
    after = x * np.exp(-dt / FADE)
    after[:4] = thermal_step(network, x[:4].copy(), heat, z[6] - x[7], z[7], z[4], dt)
    return after


@njit(cache=True)
def _observe(machine, x, z):
    i_d, i_q = z[0] - x[4], z[1] - x[5]
    R, psi = resistance(machine, x[2]), magnet_flux(machine, x[3])
    u_d, u_q = voltages(machine, i_d, i_q, z[4], R, psi)
    return np.array([u_d, u_q, torque(machine, i_d, i_q, psi) + x[6]])


@njit(cache=True)
def _track(machine, network, rows, dt, x, P, drift, noise):
    """Rotor temperature after each row, and how likely the rows so far are (logarithm)."""
    found, likely = np.empty(len(rows)), np.empty(len(rows))
    F, H, G = np.empty((N_STATES, N_STATES)), np.empty((3, N_STATES)), np.empty((3, 3))
    total = 0.0
    for k in range(len(rows)):
        z = rows[k]
        if k > 0:
            ahead = _move(machine, network, x, rows[k - 1], dt)
            for j in range(N_STATES):
                other = x.copy()
                other[j] += SMALL
                F[:, j] = (_move(machine, network, other, rows[k - 1], dt) - ahead) / SMALL
            x, P = ahead, F @ P @ F.T + np.diag(drift)
        wanted = _observe(machine, x, z)
        for j in range(N_STATES):
            other = x.copy()
            other[j] += SMALL
            H[:, j] = (_observe(machine, other, z) - wanted) / SMALL
        faster = z.copy()
        faster[4] += SMALL
        G[:, 0], G[:, 1] = -H[:, 4], -H[:, 5]
        G[:, 2] = (_observe(machine, x, faster) - wanted) / SMALL
        own = np.diag(np.array([noise[2], noise[3], noise[5]]))
        S = H @ P @ H.T + G @ np.diag(np.array([noise[0], noise[1], noise[4]])) @ G.T + own
        inverse = np.linalg.inv(S)
        rest = np.array([z[2], z[3], z[5]]) - wanted
        distance = rest @ inverse @ rest
        if distance < SPIKE:
            total -= 0.5 * (distance + np.log(np.linalg.det(S)))
            gain = P @ H.T @ inverse
            x = x + gain @ rest
            P = (np.eye(N_STATES) - gain @ H) @ P
            P = 0.5 * (P + P.T)
        found[k], likely[k] = x[3], total
    return found, likely


def rotor_temperature(log: pd.DataFrame) -> pd.Series:
    """The filter's estimate at each row of a simulated log (default machine and sensors)."""
    machine, network = PMSM(), ThermalNetwork()
    sensors = [SENSORS[name] for name in MEASURED]
    noise = np.array([sensor.noise**2 + sensor.step**2 / 12.0 for sensor in sensors])
    sizes = np.array([SENSORS[name].drift ** 2 * ON_LINES for name in OFFSETS])
    dt = 1.0 / sp.rate(log)
    drift = np.r_[np.full(4, 1e-6 * dt), sizes * -np.expm1(-2.0 * dt / FADE)]
    clean = sp.HampelFilter(7, min_scale=0.0).fit_transform(log[MEASURED])
    parts = []
    for _, rows in clean.groupby(level="cycle", sort=False):
        values = np.ascontiguousarray(rows.to_numpy())
        start = values[:10, 6].mean()
        tracks = []
        for above, spread in (COLD, WARM):
            x, P = np.r_[start + above, np.zeros(4)], np.diag(np.r_[spread**2, sizes])
            tracks.append(_track(machine, network, values, dt, x, P, drift, noise))
        (cold, cold_likely), (warm, warm_likely) = tracks
        weight = 1.0 / (1.0 + np.exp(np.clip(cold_likely - warm_likely, -500.0, 500.0)))
        parts.append(cold * (1.0 - weight) + warm * weight)
    return pd.Series(np.concatenate(parts), index=log.index, name="T_pm")
