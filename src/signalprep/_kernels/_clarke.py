"""The factors of a Clarke transform."""

import numpy as np


def clarke_factors(power_invariant: bool) -> tuple[float, float]:
    """Length of the space vector and of the zero component against amplitudes."""
    return (np.sqrt(1.5), np.sqrt(3.0)) if power_invariant else (1.0, 1.0)
