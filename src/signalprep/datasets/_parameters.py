"""Checks of what the simulations are asked for."""

import numbers
from collections.abc import Sequence

import numpy as np

from signalprep.datasets._machine import PMSM
from signalprep.datasets._thermal_network import ThermalNetwork
from signalprep.errors import InvalidParameterError

MAY_BE_ZERO = {
    "k_hysteresis",
    "k_eddy",
    "k_rotor_0",
    "k_rotor_i",
    "c_friction_0",
    "c_friction_1",
    "yoke_share",
    "friction_rotor_share",
    "R_coefficient",
}


def check_number(
    name: str,
    value: object,
    *,
    above: float = -np.inf,
    least: float = -np.inf,
    most: float = np.inf,
    below: float = np.inf,
) -> float:
    """Return the value as a finite float within the bounds."""
    bounds = {">": above, ">=": least, "<=": most, "<": below}
    expected = " and ".join(
        f"{sign} {bound:g}" for sign, bound in bounds.items() if abs(bound) < np.inf
    )
    wanted = f"{name} must be a finite number {expected}".rstrip()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InvalidParameterError(f"{wanted}; got {value!r}")
    number = float(value)
    if not (np.isfinite(number) and above < number < below and least <= number <= most):
        raise InvalidParameterError(f"{wanted}; got {value!r}")
    return number


def check_count(name: str, value: object) -> int:
    """Return the value as an int of at least one."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise InvalidParameterError(f"{name} must be an integer >= 1; got {value!r}")
    return int(value)


def check_switch(name: str, value: object) -> bool:
    """Return the value as a bool."""
    if not isinstance(value, bool | np.bool_):
        raise InvalidParameterError(f"{name} must be True or False; got {value!r}")
    return bool(value)


def check_numbers(
    name: str, values: Sequence[float], *, least: float, most: float
) -> tuple[float, ...]:
    """Return a sequence of numbers within the bounds, at least one."""
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray) or not len(values):
        raise InvalidParameterError(f"{name} must be a sequence of numbers; got {values!r}")
    return tuple(check_number(f"each of {name}", value, least=least, most=most) for value in values)


def check_generator(random_state: int | np.random.Generator | None) -> np.random.Generator:
    """Return a random generator for a seed, a generator or None."""
    if random_state is None or isinstance(random_state, np.random.Generator):
        return np.random.default_rng(random_state)
    is_seed = isinstance(random_state, numbers.Integral) and not isinstance(random_state, bool)
    if not is_seed or random_state < 0:
        raise InvalidParameterError(
            f"random_state must be an integer >= 0, a numpy Generator or None; got {random_state!r}"
        )
    return np.random.default_rng(int(random_state))


def check_machine(machine: PMSM) -> PMSM:
    """Return the machine with every parameter a number in its range."""
    if not isinstance(machine, PMSM):
        raise InvalidParameterError(f"machine must be a PMSM; got {machine!r}")
    pole_pairs = check_count("machine.pole_pairs", machine.pole_pairs)
    values = machine._asdict()
    del values["pole_pairs"]
    checked = {
        name: check_number(
            f"machine.{name}",
            value,
            above=-np.inf if name in MAY_BE_ZERO or name == "psi_coefficient" else 0.0,
            least=0.0 if name in MAY_BE_ZERO else -np.inf,
            most=1.0 if name.endswith("_share") or name == "modulation" else np.inf,
        )
        for name, value in values.items()
    }
    if machine.L_d > machine.L_q:
        raise InvalidParameterError(
            f"machine.L_d must not be greater than L_q={machine.L_q}; got {machine.L_d}"
        )
    return PMSM(pole_pairs, **checked)


def check_network(network: ThermalNetwork) -> ThermalNetwork:
    """Return the thermal network with every parameter a number in its range."""
    if not isinstance(network, ThermalNetwork):
        raise InvalidParameterError(f"thermal_network must be a ThermalNetwork; got {network!r}")
    return ThermalNetwork(
        **{
            name: check_number(
                f"thermal_network.{name}",
                value,
                above=0.0 if name.startswith("C_") else -np.inf,
                least=0.0 if name.startswith("G_") else -np.inf,
            )
            for name, value in network._asdict().items()
        }
    )
