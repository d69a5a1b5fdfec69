"""The electric machine's parameters."""

from typing import NamedTuple


class PMSM(NamedTuple):
    r"""Parameters of an interior permanent-magnet synchronous machine.

    Amplitude-invariant dq quantities, d axis on the magnet flux. The machine is magnetically
    linear and in electrical steady state at every sample (electrical time constants of some
    milliseconds against samples of 100 ms), so with the electrical speed
    :math:`\omega_e = p\,\omega_m`

    .. math::

        u_d &= R\,i_d - \omega_e L_q i_q, \qquad
        u_q = R\,i_q + \omega_e (L_d i_d + \psi) \\
        T &= \tfrac{3}{2}\,p\,\bigl(\psi\,i_q + (L_d - L_q)\,i_d i_q\bigr) \\
        R &= R_{20}\,\bigl(1 + \alpha_R (T_{winding} - 20)\bigr), \qquad
        \psi = \psi_{20}\,\bigl(1 + \alpha_\psi (T_{pm} - 20)\bigr)

    The terminal power is copper loss plus air-gap power,
    :math:`\tfrac{3}{2}(u_d i_d + u_q i_q) = \tfrac{3}{2} R (i_d^2 + i_q^2) + T \omega_m`. Iron,
    rotor and friction losses are taken from the air-gap power before it reaches the shaft:

    .. math::

        P_{iron} &= (k_h |\omega_e| + k_e \omega_e^2)\,(\psi_d^2 + \psi_q^2) \\
        P_{rotor} &= \omega_e^2\,\bigl(k_0 + k_i (i_d^2 + i_q^2)\bigr) \\
        P_{friction} &= c_0 |\omega_m| + c_1 \omega_m^2

    The defaults are in the range of a traction machine of 270 N m and 105 kW (peak) at a DC link of
    350 V.

    Parameters
    ----------
    pole_pairs : int, default=4
        Number of pole pairs p.
    psi_20 : float, default=0.080
        Magnet flux linkage at 20 °C, V s.
    psi_coefficient : float, default=-1.1e-3
        Reversible temperature coefficient of the flux, 1/K (about -0.1 %/K for NdFeB).
    L_d, L_q : float, default=0.2e-3, 0.5e-3
        Inductances, H; L_d <= L_q.
    R_20 : float, default=0.012
        Phase resistance at 20 °C, ohm.
    R_coefficient : float, default=3.93e-3
        Temperature coefficient of the resistance, 1/K (copper).
    i_max : float, default=380.0
        Largest current amplitude, A.
    modulation : float, default=0.95
        Share of u_dc / sqrt(3) that the inverter may use as voltage amplitude.
    k_hysteresis, k_eddy : float, default=8.0, 0.010
        Stator iron loss, W s / (V s)^2 and W s^2 / (V s)^2.
    k_rotor_0, k_rotor_i : float, default=6e-6, 8e-10
        Eddy loss in magnets and rotor iron without and with load, W s^2 and W s^2 / A^2.
    c_friction_0, c_friction_1 : float, default=0.25, 2e-4
        Bearing and windage loss, N m and N m s.
    yoke_share : float, default=0.4
        Share of the stator iron loss that heats the yoke; the rest heats the teeth.
    friction_rotor_share : float, default=0.5
        Share of the friction loss that heats the rotor; the rest heats the yoke (housing).

    References
    ----------
    S. Morimoto, Y. Takeda, T. Hirasa, K. Taniguchi, "Expansion of operating limits for permanent
    magnet motor by current vector control considering inverter capacity", IEEE Transactions on
    Industry Applications 26(5), 1990, https://doi.org/10.1109/28.60058.
    G. Bertotti, "General properties of power losses in soft ferromagnetic materials", IEEE
    Transactions on Magnetics 24(1), 1988, https://doi.org/10.1109/20.43994.

    Examples
    --------
    >>> from signalprep.datasets import PMSM
    >>> PMSM(i_max=300.0).i_max
    300.0
    """

    pole_pairs: int = 4
    psi_20: float = 0.080
    psi_coefficient: float = -1.1e-3
    L_d: float = 0.2e-3
    L_q: float = 0.5e-3
    R_20: float = 0.012
    R_coefficient: float = 3.93e-3
    i_max: float = 380.0
    modulation: float = 0.95
    k_hysteresis: float = 8.0
    k_eddy: float = 0.010
    k_rotor_0: float = 6e-6
    k_rotor_i: float = 8e-10
    c_friction_0: float = 0.25
    c_friction_1: float = 2e-4
    yoke_share: float = 0.4
    friction_rotor_share: float = 0.5
