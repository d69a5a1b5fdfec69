"""The thermal network's parameters."""

from typing import NamedTuple


class ThermalNetwork(NamedTuple):
    r"""Parameters of a four-node lumped-parameter thermal network of the machine.

    Nodes are yoke, tooth, winding and rotor with magnets (pm); coolant and ambient are boundaries.
    Each node i obeys

    .. math::

        C_i \frac{dT_i}{dt} = P_i + \sum_j G_{ij} (T_j - T_i)

    with the conductances below. Those of the rotor (air gap, and shaft with end shields) grow
    linearly with the magnitude of the speed. With the defaults the rotor has a time constant of
    about 10 min at full speed and 30 min at standstill, the winding one of about one minute.

    Parameters
    ----------
    C_yoke, C_tooth, C_winding, C_pm : float
        Heat capacities, J/K.
    G_yoke_coolant, G_yoke_ambient, G_yoke_tooth, G_tooth_winding, G_yoke_winding : float
        Conductances, W/K.
    G_tooth_pm, G_tooth_pm_omega : float
        Air gap at standstill, W/K, and its rise with speed, W s / (K rad).
    G_pm_ambient, G_pm_ambient_omega : float
        Rotor to ambient at standstill, W/K, and its rise with speed, W s / (K rad).

    References
    ----------
    O. Wallscheid, J. Böcker, "Global identification of a low-order lumped-parameter thermal
    network for permanent magnet synchronous motors", IEEE Transactions on Energy Conversion 31(1),
    2016, https://doi.org/10.1109/TEC.2015.2473673.

    Examples
    --------
    >>> from signalprep.datasets import ThermalNetwork
    >>> ThermalNetwork(C_pm=5000.0).C_pm
    5000.0
    """

    C_yoke: float = 6000.0
    C_tooth: float = 3000.0
    C_winding: float = 1900.0
    C_pm: float = 6000.0
    G_yoke_coolant: float = 90.0
    G_yoke_ambient: float = 3.0
    G_yoke_tooth: float = 80.0
    G_tooth_winding: float = 25.0
    G_yoke_winding: float = 8.0
    G_tooth_pm: float = 2.5
    G_tooth_pm_omega: float = 5e-3
    G_pm_ambient: float = 0.8
    G_pm_ambient_omega: float = 1e-3
