"""Data with known truth: simulated drives."""

from signalprep.datasets._machine import PMSM
from signalprep.datasets._phase_currents import simulate_phase_currents
from signalprep.datasets._simulate_pmsm import simulate_pmsm
from signalprep.datasets._thermal_network import ThermalNetwork

__all__ = ["PMSM", "ThermalNetwork", "simulate_phase_currents", "simulate_pmsm"]
